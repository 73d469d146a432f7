//! Time: exact to the millisecond, and where each instant of a story comes from.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

use std::time::Duration;

use persotwin_contract::notification::ProductionStatus;
use persotwin_kernel::Moment;
use persotwin_kernel::event::{Belief, Event, News, Physical};
use persotwin_link::timings::Timings;
use persotwin_link::{Machine, Place};
use persotwin_scenario::Plan;
use persotwin_tests::{read, told};
use persotwin_world::{Told, WireKind};

const WIRES: [WireKind; 2] = [WireKind::InProcess, WireKind::Loopback];

/// A story of one customer, with these lines besides.
fn plan(lines: &str) -> Plan {
    read(
        "one.yaml",
        &format!("persotwin: 1\nname: One customer\ncustomers: {{ alice: {{}} }}\n{lines}"),
    )
}

fn print_front(seconds: u64) -> Plan {
    plan(&format!(
        "stations: {{ KIOSK-PS-101: {{ timings: {{ print-front: {seconds}s }} }} }}\n"
    ))
}

/// When a machine first wrote news of this kind.
fn when(told: &Told, machine: &Machine, wanted: impl Fn(&News) -> bool) -> Moment {
    let is_it = |event: &Event| matches!(event, Event::Order(Belief { news, .. }) if wanted(news));
    let record = told
        .records
        .iter()
        .find(|record| record.machine == *machine && is_it(&record.event));
    record.expect("it is in the journal").moment
}

fn done_at_d1(told: &Told) -> Moment {
    let done = |news: &News| {
        matches!(
            news,
            News::StatusIs {
                status: ProductionStatus::CardProdDone,
                ..
            }
        )
    };
    when(told, &Machine::D1, done)
}

fn done_at_issuer(told: &Told) -> Moment {
    let done = |news: &News| {
        matches!(
            news,
            News::Heard {
                status: ProductionStatus::CardProdDone,
                ..
            }
        )
    };
    when(told, &Machine::Issuer, done)
}

fn moved_to(told: &Told, wanted: impl Fn(&Place) -> bool) -> Moment {
    let is_it = |event: &Event| match event {
        Event::Card(truth) => matches!(&truth.what, Physical::Moved { to, .. } if wanted(to)),
        _ => false,
    };
    told.records
        .iter()
        .find(|record| is_it(&record.event))
        .expect("it moved there")
        .moment
}

/// How long after the world's start.
fn millis(moment: Moment) -> u64 {
    u64::try_from(moment.since(Moment::START).as_millis()).unwrap()
}

#[test]
fn more_seconds_of_printing_move_done_by_exactly_as_many() {
    for wire in WIRES {
        let plain = told(&print_front(16), wire);
        // 40 s: another poll of the screen; 60 and 100 s: past the printer's long poll and the issuer's own question.
        for more in [1, 10, 40, 60, 100, 300] {
            let slower = told(&print_front(16 + more), wire);
            assert!(slower.is_ok());
            let moved = |at: fn(&Told) -> Moment| at(&slower).since(at(&plain));
            let wanted = Duration::from_secs(more);
            assert_eq!(moved(done_at_d1), wanted, "{more} s more, {}", wire.word());
            assert_eq!(
                moved(done_at_issuer),
                wanted,
                "{more} s more, {}",
                wire.word()
            );
            let in_hand = |told: &Told| moved_to(told, |to| matches!(to, Place::Hand(_)));
            assert_eq!(moved(in_hand), wanted, "{more} s more, {}", wire.word());
        }
    }
}

#[test]
fn without_latency_a_story_can_be_computed() {
    for wire in WIRES {
        let told = told(
            &plan("link-latency: none\nd1: { preparation: 700ms }\n"),
            wire,
        );
        assert!(told.is_ok());
        let times = Timings::default();
        let sum = |spans: &[persotwin_link::Span]| {
            spans
                .iter()
                .map(|span| u64::try_from(span.get().as_millis()).unwrap())
                .sum::<u64>()
        };
        let commands = told.records.iter().filter(|record| match &record.event {
            Event::Card(truth) => matches!(truth.what, Physical::Apdu { .. }),
            _ => false,
        });
        let apdus = u64::try_from(commands.count()).unwrap() * sum(&[times.apdu]);
        let made = sum(&[
            times.feed,
            times.move_to_chip,
            times.chip_reset,
            times.stripe,
        ]) + apdus
            + sum(&[times.print_front, times.flip, times.print_back, times.check]);
        let done = 700 + made;
        assert_eq!(millis(done_at_d1(&told)), done, "{}", wire.word());
        assert_eq!(millis(done_at_issuer(&told)), done, "{}", wire.word());
        let exit = moved_to(&told, |to| *to == Place::Exit);
        assert_eq!(
            millis(exit),
            done + sum(&[times.present]),
            "{}",
            wire.word()
        );
        let hand = moved_to(&told, |to| matches!(to, Place::Hand(_)));
        assert_eq!(
            millis(hand),
            millis(exit) + 4000,
            "alice takes it after four seconds"
        );
    }
}

#[test]
fn a_card_that_nobody_takes_is_drawn_back_when_the_bezel_says_so() {
    let story = "link-latency: none\nstations: { KIOSK-PS-101: { timings: { bezel: 47s } } }\n";
    let text =
        format!("persotwin: 1\nname: Nobody\ncustomers: {{ alice: {{ takes: never }} }}\n{story}");
    let told = told(&read("nobody.yaml", &text), WireKind::InProcess);
    let exit = moved_to(&told, |to| *to == Place::Exit);
    let bin = moved_to(&told, |to| *to == Place::RejectBin);
    assert_eq!(
        millis(bin) - millis(exit),
        47_000 + 2_000,
        "47 s of patience, and 2 s to the bin"
    );
}

/// What the first card says of its expiry: on its front, and on its stripe.
fn expiry(told: &Told) -> (String, String) {
    let (_, card) = &told.cards[0];
    let card = serde_json::to_value(card).unwrap();
    let front = card["front"]["layout"]["expiry"]
        .as_str()
        .unwrap()
        .to_owned();
    let track = card["stripe"]["track2"]["text"].as_str().unwrap();
    let stripe = track.split_once('=').unwrap().1[..4].to_owned();
    (front, stripe)
}

#[test]
fn a_world_that_starts_on_another_day_makes_cards_of_another_expiry() {
    let expiry_of = |start: &str| {
        let told = told(&plan(&format!("starts: {start}\n")), WireKind::InProcess);
        assert!(told.is_ok());
        assert!(
            told.records[0].at.to_string().starts_with(start),
            "{}",
            told.records[0].at
        );
        expiry(&told)
    };
    assert_eq!(
        expiry_of("2026-06-17"),
        ("06/29".to_owned(), "2906".to_owned())
    );
    assert_eq!(
        expiry_of("2027-12-31"),
        ("12/30".to_owned(), "3012".to_owned())
    );
    assert_eq!(
        expiry_of("2028-02-29"),
        ("02/31".to_owned(), "3102".to_owned())
    );
}

/// The effective date on the chip, as D1 takes it from the station's own day: tag 5F25 in the records.
fn effective(told: &Told) -> String {
    let (_, card) = &told.cards[0];
    let card = serde_json::to_value(card).unwrap();
    let records = card["chip"]["applications"][0]["groupings"]["0201"]
        .as_str()
        .unwrap();
    let at = records.find("5F2503").expect("an effective date");
    records[at + 6..at + 12].to_owned()
}

#[test]
fn a_card_is_of_its_stations_own_day() {
    let effective_in = |zone: &str| {
        let lines = format!(
            "starts: 2026-06-17T22:30:00Z\nstations: {{ KIOSK-PS-101: {{ zone: {zone} }} }}\n"
        );
        let told = told(&plan(&lines), WireKind::InProcess);
        assert!(told.is_ok());
        effective(&told)
    };
    assert_eq!(effective_in("UTC"), "260617");
    assert_eq!(
        effective_in("Europe/Paris"),
        "260618",
        "half past midnight in summer"
    );
    assert_eq!(effective_in("America/New_York"), "260617");
    assert_eq!(effective_in("Pacific/Auckland"), "260618");
}

/// How D1 answered the issuer's first order or token request, if it did not take it.
fn refused(told: &Told) -> Option<u16> {
    told.records.iter().find_map(|record| match &record.event {
        Event::Order(Belief {
            news: News::Refused { status, .. },
            ..
        }) => Some(*status),
        _ => None,
    })
}

#[test]
fn an_issuer_whose_clock_is_wrong_signs_assertions_that_d1_does_not_take() {
    // An assertion lives five minutes; D1 takes none whose end is past, and none whose end is more than fifteen minutes away, and forgives
    // a minute.
    for (clock, wanted) in [
        ("5m 50s behind", None),
        ("6m 10s behind", Some(400)),
        ("10m 50s ahead", None),
        ("11m 10s ahead", Some(400)),
        ("20m ahead", Some(400)),
    ] {
        let told = told(
            &plan(&format!("clocks: {{ issuer: {clock} }}\n")),
            WireKind::InProcess,
        );
        assert!(told.is_ok(), "{clock}: {:#?}", told.breaches);
        assert_eq!(refused(&told), wanted, "{clock}");
        assert_eq!(told.cards.len(), usize::from(wanted.is_none()), "{clock}");
    }
}

#[test]
fn machines_whose_clocks_disagree_make_the_same_card_at_the_same_time() {
    let plain = told(&plan(""), WireKind::InProcess);
    for clocks in [
        "agent/KIOSK-PS-101: 40m behind",
        "agent/KIOSK-PS-101: 3d ahead",
        "issuer: 4m behind",
        "d1: 4m ahead",
    ] {
        let told = told(
            &plan(&format!("clocks: {{ {clocks} }}\n")),
            WireKind::InProcess,
        );
        assert!(told.is_ok());
        assert_eq!(done_at_issuer(&told), done_at_issuer(&plain), "{clocks}");
        assert_eq!(expiry(&told), expiry(&plain), "{clocks}");
    }
}
