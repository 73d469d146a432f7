use std::collections::BTreeMap;
use std::sync::Arc;

use persotwin_contract::rules::D1Rules;
use persotwin_link::tenant::{Tenant, test_key};
use proptest::prelude::*;

use super::*;
use crate::config::Config;
use crate::model::Entry;

fn setup(tenant: Tenant, cards: impl IntoIterator<Item = (&'static str, CardPlan)>) -> Setup {
    let cards = cards.into_iter();
    let cards: BTreeMap<_, _> = cards
        .map(|(name, plan)| (name.parse().unwrap(), plan))
        .collect();
    let key = test_key("d1-jwe-1").public().clone();
    Setup::new(Config::new(Arc::new(tenant), key, cards)).unwrap()
}

fn asked(card: &str, customer: &str, service: Service) -> Asked {
    Asked {
        request: card.parse().unwrap(),
        customer: customer.parse().unwrap(),
        station: "KIOSK-PS-101".parse().unwrap(),
        product: "VISA-CLASSIC".parse().unwrap(),
        service,
        card: card.parse().unwrap(),
        key: card.parse().unwrap(),
        at: "2026-06-30T23:30:00Z".parse().unwrap(),
        renews: None,
    }
}

fn data(setup: &Setup, book: &Book, asked: &Asked) -> CardData {
    let chance = Chance::new(1).of("issuer");
    let records = Records {
        setup,
        book,
        chance: &chance,
    };
    records.card_data(asked).unwrap()
}

#[test]
fn a_number_is_of_the_product_and_of_the_card_alone() {
    let mut tenant = Tenant::built_in();
    let product = tenant
        .products
        .get_mut(&"VISA-CLASSIC".parse().unwrap())
        .unwrap();
    product.pan_length = 19;
    let setup = setup(
        tenant,
        [("alice", CardPlan::of("A")), ("bob", CardPlan::of("B"))],
    );
    let of = |card, customer| {
        let asked = asked(card, customer, Service::New);
        data(&setup, &Book::default(), &asked)
    };
    let pan = of("card-1", "alice").pan;
    assert_eq!(pan.reveal().len(), 19);
    assert!(pan.reveal().starts_with("411111"));
    assert!(pan.check_digit_is_right());
    assert_eq!(of("card-1", "bob").pan, pan);
    assert_ne!(of("card-2", "alice").pan, pan);
}

#[test]
fn an_expiry_is_counted_from_the_month_of_the_wish() {
    let setup = setup(Tenant::built_in(), [("alice", CardPlan::of("A"))]);
    let asked = asked("card-1", "alice", Service::New);
    let first = data(&setup, &Book::default(), &asked);
    assert_eq!(first.exp.to_string(), "2906");
    assert_eq!(first.pan_sequence_number, None);
}

/// A book in which each card renews the one before.
fn chain(length: usize) -> (Book, Vec<Asked>) {
    let mut book = Book::default();
    let mut wishes: Vec<Asked> = Vec::new();
    for number in 0..length {
        let customer = if number == 0 { "alice" } else { "again" };
        let service = if number == 0 {
            Service::New
        } else {
            Service::Renewal
        };
        let renews = wishes.last().map(|asked| asked.card.clone());
        let wish = Asked {
            renews,
            ..asked(&format!("card-{number}"), customer, service)
        };
        book.apply(Entry::Requested(wish.clone()));
        wishes.push(wish);
    }
    (book, wishes)
}

#[test]
fn a_renewal_of_a_renewal_keeps_the_number_and_moves_on() {
    let again = CardPlan {
        of: Some("alice".parse().unwrap()),
        ..CardPlan::of("A")
    };
    let setup = setup(
        Tenant::built_in(),
        [("alice", CardPlan::of("A")), ("again", again)],
    );
    let (book, wishes) = chain(3);
    let cards: Vec<_> = wishes
        .iter()
        .map(|asked| data(&setup, &book, asked))
        .collect();
    let seen = |card: &CardData| {
        (
            card.exp.to_string(),
            card.sequence_number().to_string(),
            card.pan == cards[0].pan,
        )
    };
    let seen: Vec<_> = cards.iter().map(seen).collect();
    let expected = [("2906", "00"), ("3206", "01"), ("3506", "02")];
    for (seen, (exp, number)) in seen.iter().zip(expected) {
        assert_eq!(*seen, (exp.to_owned(), number.to_owned(), true));
    }
    // No year after 2099 can be written.
    let (book, wishes) = chain(40);
    let last = data(&setup, &book, wishes.last().unwrap());
    assert_eq!(last.exp.to_string(), "9912");
}

#[test]
fn a_card_of_long_ago_is_renewed_by_what_is_planned() {
    let old = CardPlan {
        pan: Some("4111111111111111".parse().unwrap()),
        ..CardPlan::of("A")
    };
    let renews = CardPlan {
        of: Some("alice".parse().unwrap()),
        ..CardPlan::of("A")
    };
    let own = CardPlan {
        pan: Some("4111111111111129".parse().unwrap()),
        pan_sequence_number: Some("07".parse().unwrap()),
        expires: Some("3001".parse().unwrap()),
        ..renews.clone()
    };
    let setup = setup(
        Tenant::built_in(),
        [("alice", old), ("renews", renews), ("own", own)],
    );
    let of = |customer, service| {
        data(
            &setup,
            &Book::default(),
            &asked("card-1", customer, service),
        )
    };
    let renewal = of("renews", Service::Renewal);
    assert_eq!(renewal.pan.reveal(), "4111111111111111");
    assert_eq!(renewal.sequence_number().number(), 1);
    let replacement = of("renews", Service::Replacement);
    assert_ne!(replacement.pan.reveal(), "4111111111111111");
    assert_eq!(replacement.pan_sequence_number, None);
    let own = of("own", Service::Renewal);
    assert_eq!(own.pan.reveal(), "4111111111111129");
    assert_eq!((own.sequence_number().number(), own.exp.year()), (7, 2030));
}

#[test]
fn a_ledger_that_runs_in_circles_is_no_trap() {
    let setup = setup(Tenant::built_in(), [("alice", CardPlan::of("A"))]);
    let mut book = Book::default();
    let renewing = |card: &str, old: &str| Asked {
        renews: Some(old.parse().unwrap()),
        ..asked(card, "alice", Service::Renewal)
    };
    let wishes = [
        renewing("card-1", "card-2"),
        renewing("card-2", "card-1"),
        renewing("card-1", "card-2"),
        renewing("card-3", "card-3"),
    ];
    for wish in &wishes {
        book.apply(Entry::Requested(wish.clone()));
    }
    for wish in &wishes {
        assert!(data(&setup, &book, wish).pan.check_digit_is_right());
    }
}

#[test]
fn names_are_printed_as_far_as_d1_takes_them() {
    use NameRule::{Embossing, Latin};
    let print = |name: &str, rule| {
        let (printed, encoded) = names(name, rule).unwrap();
        let encoded = encoded.map(|encoded| encoded.to_string());
        (printed.to_string(), encoded)
    };
    for (name, rule, printed, encoded) in [
        ("ALICE MARTIN", Embossing, "ALICE MARTIN", None),
        ("Alice Martin", Latin, "Alice Martin", None),
        (
            "SEÁN O'BRIEN",
            Embossing,
            "SEAN OBRIEN",
            Some("OBRIEN/SEAN"),
        ),
        ("SEÁN O'BRIEN", Latin, "SEÁN O'BRIEN", Some("OBRIEN/SEAN")),
        (
            "ÉLODIE LEFÈVRE",
            Latin,
            "ÉLODIE LEFÈVRE",
            Some("LEFEVRE/ELODIE"),
        ),
        (
            "MAXIMILIAN ALEXANDER BAUERS",
            Embossing,
            "MAXIMILIAN A BAUERS",
            Some("BAUERS/MAXIMILIAN A"),
        ),
    ] {
        let expected = (printed.to_owned(), encoded.map(str::to_owned));
        assert_eq!(print(name, rule), expected);
    }
    for name in ["山田花子", "R2 D2", "A&B"] {
        assert_eq!(
            names(name, Latin).unwrap_err(),
            NoCard::Obstacle(Obstacle::Name)
        );
    }
}

#[test]
fn a_customer_of_another_bank_has_no_card() {
    let setup = setup(Tenant::built_in(), []);
    let chance = Chance::new(1);
    let book = Book::default();
    let records = Records {
        setup: &setup,
        book: &book,
        chance: &chance,
    };
    let wish = asked("card-1", "mallory", Service::New);
    assert_eq!(records.card_data(&wish).unwrap_err(), NoCard::OfAnotherBank);
}

proptest! {
    /// Whatever the bank's customer is called, the order can be read by D1.
    #[test]
    fn every_name_that_prints_is_one_that_d1_reads(name in "[ -~À-ž]{0,40}") {
        for rule in [NameRule::Embossing, NameRule::Latin] {
            let rules = D1Rules { name: rule, ..D1Rules::default() };
            let tenant = Tenant { d1_rules: rules.clone(), ..Tenant::built_in() };
            let setup = setup(tenant, [("alice", CardPlan::of(name.clone()))]);
            let chance = Chance::new(1);
            let book = Book::default();
            let records = Records { setup: &setup, book: &book, chance: &chance };
            let Ok(data) = records.card_data(&asked("card-1", "alice", Service::New)) else {
                prop_assert!(PrintName::fold(&name).is_err());
                continue;
            };
            let today = jiff::civil::date(2026, 6, 30);
            let read = persotwin_contract::read::read_card_data(&data.to_plaintext(), &rules, today);
            prop_assert_eq!(read.unwrap().value, data);
        }
    }
}
