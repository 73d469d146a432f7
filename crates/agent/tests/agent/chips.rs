//! Chips that are not what they should be, and channels of every kind.

use persotwin_contract::production::ProductionCode;
use persotwin_kernel::event::News;
use persotwin_link::card_stock::TermsChange;
use persotwin_link::chip_failure::{ChipFailure, StatusWord};
use persotwin_link::jobs::{Decision, JobStatus};
use persotwin_link::stock::StockName;
use persotwin_link::tenant::Tenant;
use persotwin_wire::{Fault, Lost, Strike};

use super::stage::{Stage, config, kiosk, told, told_of};

/// INITIALIZE UPDATE, EXTERNAL AUTHENTICATE, STORE DATA.
const UPDATE: u8 = 0x50;
const AUTHENTICATE: u8 = 0x82;
const STORE: u8 = 0xE2;

fn sent(stage: &Stage, instruction: u8) -> usize {
    let commands = stage.steel.commands.lock().unwrap();
    commands.iter().filter(|it| it[1] == instruction).count()
}

fn failures(stage: &Stage) -> Vec<ChipFailure> {
    let news = stage.news().into_iter();
    news.filter_map(|news| match news {
        News::ChipFailed { why, .. } => Some(why),
        _ => None,
    })
    .collect()
}

fn is_listed(stage: &Stage) -> bool {
    let listed = |news: &News| matches!(news, News::ForDestruction { .. });
    stage.news().iter().any(listed)
}

/// The built-in tenant, whose generic blanks were delivered otherwise than agreed.
fn delivered(change: &TermsChange) -> Tenant {
    let mut tenant = Tenant::built_in();
    let stock = tenant.stocks.get_mut(&StockName::default()).unwrap();
    stock.delivered = change.of(&stock.terms).unwrap();
    tenant
}

#[test]
fn a_card_is_made_through_each_kind_of_channel() {
    for (name, channel) in [
        ("generic-dual", "scp02-i55 03 01"),
        ("generic-dual-i75", "scp02-i75 13 01"),
        ("secure-dual-128", "scp03-i70 33 01"),
        ("secure-dual-192", "scp03-i70 33 01"),
        ("secure-dual-256", "scp03-i70 33 01"),
    ] {
        let stock: StockName = name.parse().unwrap();
        let mut station = kiosk();
        station.hoppers[0].stock = stock.clone();
        told(config(station), Decision::Release, |stage| async move {
            stage.order_of("a", stock).await;
            let serial = stage.take().await;
            assert_eq!(stage.until_over("a").await, JobStatus::Taken);
            assert!(stage.news().iter().any(|news| match news {
                News::ChipOpened {
                    protocol,
                    level,
                    key_version,
                    ..
                } => format!("{protocol} {level} {key_version}") == channel,
                _ => false,
            }));
            let groupings = ["0101", "9102", "9104", "8000", "9000"];
            let loaded = News::ChipLoaded {
                serial,
                groupings: groupings.map(str::to_owned).to_vec(),
            };
            assert!(stage.news().contains(&loaded));
            assert_eq!(failures(&stage), []);
            let commands = stage.steel.commands.lock().unwrap();
            let keys = hex::decode("11223344006677881122334455007788").unwrap();
            let shows_keys = |it: &Vec<u8>| it.windows(keys.len()).any(|part| part == keys);
            assert!(!commands.iter().any(shows_keys), "{name}");
        });
    }
}

#[test]
fn a_chip_that_does_not_know_the_keys_gets_no_data_and_no_second_chance() {
    let next = TermsChange {
        transport_key: Some("202122232425262728292A2B2C2D2E2F".to_owned()),
        ..TermsChange::default()
    };
    let tenant = delivered(&next);
    told_of(
        &tenant,
        config(kiosk()),
        Decision::Release,
        |stage| async move {
            stage.order("a").await;
            let code = ProductionCode::PrdSmartcard;
            assert_eq!(stage.until_over("a").await, JobStatus::Failed { code });
            assert_eq!(failures(&stage), [ChipFailure::WrongKeys; 2]);
            assert_eq!(sent(&stage, UPDATE), 2, "once on each of two blanks");
            assert_eq!((sent(&stage, AUTHENTICATE), sent(&stage, STORE)), (0, 0));
            assert!(!is_listed(&stage), "no key of a card was ever sent");
            stage.check_book();
        },
    );
}

#[test]
fn a_chip_of_another_key_version_is_none_of_the_stock() {
    let next = TermsChange {
        key_version: Some("02".parse().unwrap()),
        ..TermsChange::default()
    };
    let tenant = delivered(&next);
    told_of(
        &tenant,
        config(kiosk()),
        Decision::Release,
        |stage| async move {
            stage.order("a").await;
            stage.until_over("a").await;
            assert_eq!(failures(&stage), [ChipFailure::OtherTerms; 2]);
        },
    );
}

#[test]
fn an_answer_that_somebody_changed_ends_the_work_on_a_chip() {
    // The answers to power, SELECT, INITIALIZE UPDATE, EXTERNAL AUTHENTICATE and the first STORE DATA, one after the other.
    for (skip, answer, why) in [
        (0, r#"{"atr":"FFFF"}"#, ChipFailure::StrangeReset),
        (0, r#"{"atr":""}"#, ChipFailure::StrangeReset),
        (1, r#"{"answer":"6A82"}"#, ChipFailure::NoApplication),
        (1, r#"{"answer":"6283"}"#, ChipFailure::Locked),
        (1, r#"{"answer":""}"#, ChipFailure::Mute),
        (2, r#"{"answer":"6985"}"#, ChipFailure::Personalised),
        (2, r#"{"answer":"6983"}"#, ChipFailure::Locked),
        (2, r#"{"answer":"009000"}"#, ChipFailure::Garbled),
        (3, r#"{"answer":"6300"}"#, ChipFailure::NotBelieved),
        (
            4,
            r#"{"answer":"6A80"}"#,
            ChipFailure::Refused {
                status: StatusWord([0x6A, 0x80]),
            },
        ),
    ] {
        let mut station = kiosk();
        station.attempts = 1;
        told(config(station), Decision::Release, |stage| async move {
            stage.ground.net().arm(Strike {
                from: None,
                to: super::roads::chip(),
                skip,
                times: 1,
                fault: answers(answer),
            });
            stage.order("a").await;
            stage.until_over("a").await;
            assert_eq!(failures(&stage), [why], "{answer} at {skip}");
            assert_eq!(is_listed(&stage), skip == 4, "{answer} at {skip}");
        });
    }
}

fn answers(body: &'static str) -> Fault {
    let answer = http::Response::new(body.into());
    Fault::After(Lost::Answer(Box::new(answer)))
}

#[test]
fn a_stock_that_the_sam_does_not_know_is_a_matter_of_set_up() {
    let mut config = config(kiosk());
    config.sam = persotwin_agent::Sam::default();
    told(config, Decision::Release, |stage| async move {
        stage.order("a").await;
        let code = ProductionCode::PrtSetupError;
        assert_eq!(stage.until_over("a").await, JobStatus::Failed { code });
        assert!(stage.steel.commands.lock().unwrap().is_empty());
    });
}
