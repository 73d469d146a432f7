//! A file that writes every key, and what the plan says then.

use std::io;
use std::path::Path;

use crate::common::{mistakes, plan};
use jiff::SignedDuration;
use persotwin_contract::notification::ProductionStatus;
use persotwin_contract::refusal::ErrorCode;
use persotwin_contract::rules::{DoneWhen, NameRule};
use persotwin_emv::cryptogram::CryptogramVersion;
use persotwin_emv::keys::MasterKeyOption;
use persotwin_emv::oda::Method;
use persotwin_link::kiosk::Service;
use persotwin_link::product::PinRule;
use persotwin_link::setup::{Kind, Present};
use persotwin_link::stage::Work;
use persotwin_link::tenant::AssertionKeys;
use persotwin_link::{Latency, Machine, Span};
use persotwin_scenario::{
    CardEnd, Change, OfCustomer, OrderPart, Ordering, Refused, Since, StationCount, Style, Taking,
    Taps, Wanted, parse, parse_tenant, render,
};

const EVERYTHING: &str = include_str!("everything.yaml");
const TENANT: &str = include_str!("tenant.yaml");

fn span(text: &str) -> Span {
    text.parse().expect("a duration")
}

#[test]
fn stations_are_as_written() {
    let plan = plan(EVERYTHING);
    let [branch, kiosk] = plan.stations.values().collect::<Vec<_>>()[..] else {
        panic!("two stations")
    };
    assert_eq!(
        (branch.kind, branch.present),
        (Kind::Branch, Present::ByStaff)
    );
    assert_eq!(branch.hoppers.len(), 2);
    assert_eq!(
        (
            branch.hoppers[1].stock.to_string().as_str(),
            branch.hoppers[1].blanks
        ),
        ("gold", 7)
    );
    assert_eq!(branch.declared, 12);
    assert_eq!(plan.staff[&branch.id].looks_for, span("8s"));
    assert_eq!(
        plan.staff[&branch.id]
            .rejects
            .iter()
            .copied()
            .collect::<Vec<_>>(),
        [2]
    );
    assert_eq!(kiosk.zone.iana_name(), Some("Europe/Paris"));
    assert_eq!(
        (kiosk.declared, kiosk.ribbon.panel_sets, kiosk.reject_bin),
        (49, 3, 2)
    );
    assert_eq!(kiosk.timings.print_front, span("26s"));
    assert_eq!(
        kiosk.timings.print_back,
        span("6s"),
        "what is not written keeps its default"
    );
    assert_eq!(kiosk.present, Present::AtOnce);
    assert_eq!(kiosk.sequence, [Work::Stripe, Work::Chip, Work::Print]);
    assert_eq!((kiosk.hold_limit, kiosk.attempts), (span("15s"), 3));
}

#[test]
fn customers_are_as_written() {
    let plan = plan(EVERYTHING);
    let [alice, bob, again, carol] = plan.customers.as_slice() else {
        panic!("four customers")
    };
    assert_eq!(alice.cardholder, "SEAN O'BRIEN");
    assert_eq!(alice.pan.as_ref().unwrap().reveal(), "4222222222222");
    assert_eq!(alice.expires.unwrap().to_string(), "2906");
    assert_eq!(alice.pan_sequence_number.unwrap().to_string(), "01");
    assert_eq!(alice.consumer.as_ref().unwrap().as_str(), "c-1");
    assert_eq!((alice.arrives, alice.taps), (span("1m 30s"), Taps::Twice));
    assert_eq!(alice.takes, Taking::WalksAway(span("1s")));
    assert_eq!(
        bob.orders,
        Ordering::InApp {
            fetches_at: span("5m")
        }
    );
    assert_eq!(
        (bob.takes, bob.product.as_str()),
        (Taking::Never, "VISA-GOLD")
    );
    assert_eq!(bob.pin.as_ref().unwrap().as_str(), "0815");
    assert_eq!(
        (again.service, again.of.as_ref()),
        (Service::Replacement, Some(&bob.name))
    );
    assert_eq!(
        (&again.product, &again.cardholder),
        (&bob.product, &bob.cardholder),
        "inherited"
    );
    let changes: Vec<_> = carol
        .order
        .iter()
        .map(|change| (change.part, change.path.join("."), change.change.clone()))
        .collect();
    let set = |value: serde_json::Value| Change::Set(value);
    assert_eq!(
        changes,
        [
            (
                OrderPart::Clear,
                "persoStation".into(),
                set("KIOSK-PS-999".into())
            ),
            (OrderPart::Encrypted, "exp".into(), set("0612".into())),
            (OrderPart::Clear, "services".into(), Change::Absent),
            (
                OrderPart::Clear,
                "services.pinMailer".into(),
                set(true.into())
            ),
            (
                OrderPart::Clear,
                "paymentApplication.odaKeyIndex".into(),
                set("01".into())
            ),
            (OrderPart::Clear, "services.priority".into(), set(7.into())),
            (
                OrderPart::Clear,
                "x-extra".into(),
                set(serde_json::json!({ "a": ["1", null] }))
            ),
        ]
    );
}

#[test]
fn who_renews_whose_card_is_a_matter_of_time_and_not_of_the_order_in_the_file() {
    let plan = plan(
        "persotwin: 1\nname: x\ncustomers:\n  third: { arrives: 20m, service: renewal, of: second }\n  second: { arrives: 10m, service: renewal, of: first }\n  first: { cardholder: ANN LEE, product: MASTERCARD-DEBIT }\n",
    );
    let names: Vec<_> = plan.customers.iter().map(|c| c.name.as_ref()).collect();
    assert_eq!(names, ["third", "second", "first"]);
    let [third, second, first] = plan.customers.as_slice() else {
        panic!("three customers")
    };
    assert_eq!(third.of.as_ref(), Some(&second.name));
    assert_eq!(third.cardholder, "ANN LEE", "inherited twice");
    assert_eq!(third.product, first.product);
}

#[test]
fn the_world_is_as_written() {
    let plan = plan(EVERYTHING);
    assert_eq!(plan.starts.to_string(), "2026-12-31T23:59:00Z");
    assert_eq!((plan.seed, plan.horizon), (u64::MAX, span("30m")));
    assert_eq!(
        plan.link_latency.internet,
        Latency {
            base: span("40ms"),
            jitter: span("10ms")
        }
    );
    assert_eq!(
        plan.link_latency.branch,
        Latency {
            base: span("60ms"),
            jitter: Span::ZERO
        }
    );
    assert_eq!(plan.clocks[&Machine::Issuer], SignedDuration::from_mins(-5));
    assert_eq!(
        plan.clocks[&Machine::Agent("KIOSK-PS-101".parse().unwrap())],
        SignedDuration::from_secs(2)
    );
    assert_eq!(plan.tenant.issuer.as_str(), "OTHERBANK1");
    assert_eq!(plan.tenant.d1_rules.done_when, DoneWhen::Taken);
    assert_eq!(plan.tenant.d1_rules.name, NameRule::Latin);
    assert_eq!(plan.tenant.d1_timing.preparation, span("2s"));
    assert_eq!(plan.tenant.issuer_timing.poll_after, span("45s"));
    let gold = &plan.tenant.products[&"VISA-GOLD".parse().unwrap()];
    assert_eq!(
        (gold.config.as_str(), gold.pan_length, gold.bin.as_str()),
        ("VISA-GOLD", 19, "411112")
    );
    assert_eq!(gold.aid, "A0000000031010", "like VISA-CLASSIC");
    assert_eq!(
        (gold.pin, gold.cryptogram, gold.master_key),
        (
            PinRule::InOrder,
            CryptogramVersion::Cvn10,
            MasterKeyOption::B
        )
    );
    assert_eq!(gold.oda, Some(Method::Cda));
    assert_eq!(plan.tenant.d1_timing.pin_limit, span("45s"));
    let changed = &plan.tenant.products[&"MASTERCARD-DEBIT".parse().unwrap()];
    assert_eq!(
        (changed.config.as_str(), changed.years),
        ("MASTERCARD-DEBIT", 5)
    );
}

#[test]
fn stocks_are_as_written_over_those_that_there_are() {
    let plan = plan(EVERYTHING);
    let stock = |name: &str| &plan.tenant.stocks[&name.parse().unwrap()];
    let told = |name: &str| {
        let terms = &stock(name).terms;
        let (protocol, level) = (terms.protocol(), terms.level());
        format!("{protocol} {level} {}", terms.key_version())
    };
    assert_eq!(told("gold"), "scp03-i70 33 30");
    assert_eq!(stock("gold").delivered, stock("gold").terms);
    assert_eq!(told("gold-next"), "scp03-i70 33 30", "like gold");
    let delivered = &stock("gold-next").delivered;
    assert_eq!(delivered.key_version().to_string(), "31");
    let agreed = stock("gold-next").terms.check_value();
    assert_ne!(delivered.check_value(), agreed);
    let aids = |name: &str| {
        let aids = stock(name).applications(&name.parse().unwrap(), &plan.tenant.products);
        aids.len()
    };
    assert_eq!((aids("gold"), aids("gold-next")), (1, 2));
    assert_eq!(told("generic-dual"), "scp02-i55 01 01", "changed");
    assert_eq!(told("secure-dual-128"), "scp03-i70 33 01", "untouched");
}

#[test]
fn expectations_keep_their_places() {
    let plan = plan(EVERYTHING);
    let told: Vec<_> = plan
        .expectations
        .iter()
        .map(|expectation| {
            (
                plan.source.slice(&expectation.span),
                expectation.wanted.to_string(),
            )
        })
        .collect();
    assert_eq!(
        told[0],
        ("captured", "expect.customers.alice.card".to_owned())
    );
    assert!(
        told.is_sorted_by_key(|_| 0) && told.len() == 19,
        "{told:#?}"
    );
    let wanted: Vec<&Wanted> = plan
        .expectations
        .iter()
        .map(|expectation| &expectation.wanted)
        .collect();
    let carol = plan.customers[3].name.clone();
    let of_carol = |wanted| Wanted::Customer(carol.clone(), wanted);
    assert!(
        wanted.contains(&&of_carol(OfCustomer::Refused(Refused::Code(
            ErrorCode::FieldInvalidValue,
            Some("persoStation".into())
        ))))
    );
    assert!(wanted.contains(&&of_carol(OfCustomer::Within(span("10s"), Since::Order))));
    assert!(wanted.contains(&&of_carol(OfCustomer::Card(CardEnd::None))));
    let kiosk = "KIOSK-PS-101".parse().unwrap();
    assert!(wanted.contains(&&Wanted::Station(kiosk, StationCount::BlanksLeft, 48)));
    assert!(wanted.contains(&&Wanted::OrdersRefused(1)));
    let knows = wanted.iter().find_map(|wanted| match wanted {
        Wanted::Customer(_, OfCustomer::IssuerKnows(statuses)) => Some(statuses),
        _ => None,
    });
    assert_eq!(knows.unwrap().last(), Some(&ProductionStatus::CardProdDone));
}

#[test]
fn hyphens_and_underscores_are_one() {
    let text = |key| {
        format!(
            "persotwin: 1\nname: x\ncustomers: {{ a: {{}} }}\nstations: {{ K: {{ {key}: 9s }} }}\n"
        )
    };
    for key in ["hold-limit", "hold_limit"] {
        assert_eq!(
            plan(&text(key))
                .stations
                .values()
                .next()
                .unwrap()
                .hold_limit,
            span("9s")
        );
    }
    let both = "persotwin: 1\nname: x\ncustomers: { a: {} }\nd1_rules: {}\nd1-rules: {}\n";
    assert_eq!(mistakes(both)[0].title, "`d1-rules` is written twice");
}

#[test]
fn a_date_alone_is_ten_o_clock() {
    let plan = plan("persotwin: 1\nname: x\nstarts: 2026-06-17\ncustomers: { a: }\n");
    assert_eq!(plan.starts.to_string(), "2026-06-17T10:00:00Z");
}

#[test]
fn several_stations_must_be_chosen_from() {
    let text = "persotwin: 1\nname: x\nstations: { A: , B: { kind: branch } }\ncustomers:\n  a: {}\n  b: { station: B }\n";
    let found = mistakes(text);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].title, "it is not said at which station");
    assert_eq!(found[0].notes, ["there are several: A, B"]);
}

#[test]
fn a_tenant_has_a_file_of_its_own() {
    let file = parse_tenant("tenant.yaml", TENANT)
        .unwrap_or_else(|mistakes| panic!("{}", render(&mistakes, Style::Plain)));
    assert_eq!(file.tenant.issuer.as_str(), "REALBANK01");
    let AssertionKeys::Public(keys) = &file.tenant.assertion_keys else {
        panic!("public keys")
    };
    assert_eq!(keys[0].kid().as_str(), "issuer-1");
    assert_eq!(file.issuer_url.as_deref(), Some("http://127.0.0.1:8080"));
    assert_eq!(file.tenant.master_keys.len(), 2);
    assert_eq!(file.tenant.outbound_oauth.as_ref().unwrap().client, "d1");
    assert_eq!(file.tenant.products.len(), 3);
    assert_eq!(file.stations.len(), 1);
}

#[test]
fn a_scenario_names_a_tenants_file_and_changes_what_it_needs() {
    let load = |path: &Path| {
        assert_eq!(path, Path::new("scenarios/journeys/../tenant.yaml"));
        Ok(TENANT.to_owned())
    };
    let text = "persotwin: 1\nname: x\ntenant: ../tenant.yaml\nstations:\n  BRANCH-PS-7: { blanks: 9 }\ncustomers: { a: {} }\n";
    let plan = parse("scenarios/journeys/a.yaml", text, &load)
        .unwrap_or_else(|mistakes| panic!("{}", render(&mistakes, Style::Plain)));
    assert_eq!(plan.tenant.issuer.as_str(), "REALBANK01");
    let station = plan.stations.values().next().unwrap();
    assert_eq!(
        (station.id.as_str(), station.kind),
        ("BRANCH-PS-7", Kind::Branch),
        "of the tenant"
    );
    assert_eq!(
        (station.hoppers[0].blanks, station.attempts),
        (9, 4),
        "one of the scenario, one of the tenant"
    );
    assert_eq!(plan.customers[0].station, station.id);
}

#[test]
fn mistakes_in_a_tenants_file_are_shown_in_that_file() {
    let load = |_: &Path| io::Result::Ok("persotwin-tenant: 1\nissuer: SHORT\n".to_owned());
    let found = parse(
        "a.yaml",
        "persotwin: 1\nname: x\ntenant: t.yaml\ncustomers: { a: { arives: 0s } }\n",
        &load,
    )
    .unwrap_err();
    let places: Vec<String> = found
        .iter()
        .map(persotwin_scenario::Diagnostic::one_line)
        .collect();
    assert_eq!(
        places,
        [
            "t.yaml:2:9: `SHORT` is not an issuer id",
            "a.yaml:4:19: a customer has no `arives:`"
        ]
    );
}

#[test]
fn a_tenants_mistakes_show_no_secret() {
    let text = "persotwin-tenant: 1
issuer-keys: { keys: [{ kty: EC, crv: P-256, kid: a, x: a, y: b, d: 0123456789012345678901234567890123456789abc }] }
master-keys: { \"01\": { imk-ac: 0123456789ABCDEFFEDCBA98765432, imk-smi: 1, imk-smc: 2, cvk: 3, pvk: 4 } }
outbound-oauth: { client: c, secret: hunter2, skope: x }
";
    let found = parse_tenant("t.yaml", text).unwrap_err();
    let shown = render(&found, Style::Plain);
    assert!(
        shown.contains("this is a private key") && shown.contains("did you mean `scope`?"),
        "{shown}"
    );
    for secret in ["hunter2", "789abc", "FEDCBA98"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_plan_printed_for_debugging_shows_no_card_number() {
    let shown = format!("{:?}", plan(EVERYTHING));
    assert!(shown.contains("422222***2222"));
    assert!(!shown.contains("4222222222222"), "a card number");
}
