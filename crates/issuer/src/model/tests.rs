use persotwin_contract::ids::OperationId;
use persotwin_contract::notification::ProductionStatus;
use persotwin_link::kiosk::{CardEvent, RequestState, Service};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::order::Cause;
use super::*;

fn request(customer: &str) -> CardRequest {
    CardRequest {
        request_id: "r-1".to_owned(),
        customer: customer.parse().unwrap(),
        perso_station: "KIOSK-PS-101".parse().unwrap(),
        product: "VISA-CLASSIC".parse().unwrap(),
        service: Service::New,
    }
}

fn asked(number: u32, request: &CardRequest) -> Asked {
    Asked {
        request: format!("r-{number}").parse().unwrap(),
        customer: request.customer.clone(),
        station: request.perso_station.clone(),
        product: request.product.clone(),
        service: request.service,
        card: format!("card-{number}").parse().unwrap(),
        key: format!("key-{number}").parse().unwrap(),
        at: "2026-06-17T10:00:00Z".parse().unwrap(),
        renews: None,
    }
}

fn order() -> Order {
    Order::new(asked(1, &request("alice")))
}

fn op(name: &str) -> OperationId {
    name.parse().unwrap()
}

fn heard(status: ProductionStatus) -> Fact {
    Fact::Heard {
        operation: op("op-1"),
        status,
    }
}

const ACCEPTED: Fact = Fact::Accepted { operation: None };

fn after(facts: impl IntoIterator<Item = Fact>) -> Order {
    let mut order = order();
    for fact in facts {
        order.apply(fact);
    }
    order
}

#[test]
fn the_happy_path() {
    use ProductionStatus::{CardProdDone, CardProdReady, CardProdRequested};
    let mut order = order();
    let path = [
        (Fact::Ordered, Stage::Ordered, RequestState::Waiting),
        (ACCEPTED, Stage::Accepted, RequestState::Waiting),
        (
            heard(CardProdRequested),
            Stage::Requested,
            RequestState::Printing,
        ),
        (heard(CardProdReady), Stage::Ready, RequestState::Printing),
        (heard(CardProdDone), Stage::Done, RequestState::TakeYourCard),
    ];
    for (fact, stage, screen) in path {
        assert_eq!(order.to_act_on(), None);
        order.apply(fact);
        assert_eq!((order.stage(), order.view().state), (stage, screen));
    }
    assert_eq!(order.operation(), Some(&op("op-1")));
    assert_eq!(order.to_act_on(), Some(&(op("op-1"), CardProdDone)));
    order.apply(Fact::ActedOn {
        status: CardProdDone,
    });
    assert_eq!(order.to_act_on(), None);
}

#[test]
fn each_failure_says_sorry_with_a_sentence_of_its_own() {
    use ProductionStatus::{CardProdCanceled, CardProdException, DataException};
    let name = Fact::NotOrdered {
        why: Obstacle::Name,
    };
    let cases = [
        (vec![name], Stage::NotOrdered(Obstacle::Name)),
        (
            vec![Fact::Ordered, Fact::Refused { status: 400 }],
            Stage::Refused,
        ),
        (vec![Fact::Ordered, Fact::GaveUp], Stage::GaveUp),
        (
            vec![Fact::Ordered, heard(DataException)],
            Stage::Failed(Cause::Data),
        ),
        (
            vec![Fact::Ordered, heard(CardProdException)],
            Stage::Failed(Cause::Production),
        ),
        (
            vec![Fact::Ordered, heard(CardProdCanceled)],
            Stage::Canceled,
        ),
    ];
    let mut sentences = std::collections::BTreeSet::new();
    for (facts, stage) in cases {
        let order = after(facts);
        assert_eq!(order.stage(), stage);
        assert!(!stage.is_open());
        let view = order.view();
        assert_eq!(view.state, RequestState::Sorry, "{stage:?}");
        assert!(sentences.insert(view.reason.unwrap()), "{stage:?}");
    }
}

#[test]
fn a_status_before_the_answer_counts_and_the_answer_changes_nothing() {
    let early = after([Fact::Ordered, heard(ProductionStatus::CardProdReady)]);
    assert_eq!(early.stage(), Stage::Ready);
    for late in [ACCEPTED, Fact::Refused { status: 403 }, Fact::GaveUp] {
        let mut order = early.clone();
        order.apply(late);
        assert_eq!(order.stage(), Stage::Ready);
    }
}

#[test]
fn a_status_after_sorry_counts() {
    for sorry in [Fact::GaveUp, Fact::Refused { status: 403 }] {
        let order = after([
            Fact::Ordered,
            sorry,
            heard(ProductionStatus::CardProdRequested),
        ]);
        assert_eq!(order.stage(), Stage::Requested);
        assert_eq!(order.view().reason, None);
    }
}

#[test]
fn a_new_word_shows_that_d1_has_the_order_and_nothing_more() {
    let word = ProductionStatus::Unknown("CARD_PROD_ONGOING".to_owned());
    let order = after([Fact::Ordered, heard(word.clone())]);
    assert_eq!(order.stage(), Stage::Accepted);
    assert_eq!(order.weigh(&op("op-1"), &word), Hearing::Again);
    let order = after([Fact::Ordered, heard(ProductionStatus::CardProdReady)]);
    assert_eq!(order.weigh(&op("op-1"), &word), Hearing::News);
    assert_eq!(
        after([
            Fact::Ordered,
            heard(ProductionStatus::CardProdReady),
            heard(word.clone())
        ])
        .stage(),
        Stage::Ready
    );
    let done = after([Fact::Ordered, heard(ProductionStatus::CardProdDone)]);
    assert_eq!(done.weigh(&op("op-1"), &word), Hearing::Again);
}

#[test]
fn the_first_of_two_outcomes_stays() {
    let order = after([
        Fact::Ordered,
        heard(ProductionStatus::CardProdException),
        heard(ProductionStatus::CardProdDone),
    ]);
    assert_eq!(order.stage(), Stage::Failed(Cause::Production));
    assert_eq!(
        order.to_act_on(),
        Some(&(op("op-1"), ProductionStatus::CardProdException))
    );
    // Not even as another operation.
    let other = order.weigh(&op("op-2"), &ProductionStatus::CardProdDone);
    assert_eq!(other, Hearing::Again);
}

#[test]
fn a_captured_card_is_nothing_to_take() {
    let state = CardEvent::Captured;
    let order = after([
        heard(ProductionStatus::CardProdDone),
        Fact::CardSeen { state },
        Fact::CardSeen {
            state: CardEvent::Taken,
        },
    ]);
    assert_eq!(order.seen(), Some(CardEvent::Captured));
    assert_eq!(order.view().state, RequestState::Sorry);
}

#[test]
fn a_second_tap_is_nothing_new_while_a_card_is_on_its_way() {
    let mut book = Book::default();
    let alice = request("alice");
    let id = |text: &str| text.parse::<RequestId>().unwrap();
    assert_eq!(book.tap(&id("r-1"), &alice), Tap::New);
    let first = asked(1, &alice);
    let card = first.card.clone();
    book.apply(Entry::Requested(first));
    let waiting = order().view();
    assert_eq!(
        book.tap(&id("r-1"), &alice),
        Tap::Again(card.clone(), waiting.clone())
    );
    assert_eq!(
        book.tap(&id("r-2"), &alice),
        Tap::Second(card.clone(), waiting.clone())
    );
    book.apply(Entry::AlsoKnownAs {
        card: card.clone(),
        request: id("r-2"),
    });
    assert_eq!(
        book.tap(&id("r-2"), &alice),
        Tap::Again(card.clone(), waiting.clone())
    );
    assert_eq!(book.tap(&id("r-1"), &request("bob")), Tap::Contradicts);
    assert_eq!(book.tap(&id("r-3"), &request("bob")), Tap::New);
    let elsewhere = CardRequest {
        perso_station: "KIOSK-PS-102".parse().unwrap(),
        ..alice.clone()
    };
    assert_eq!(book.tap(&id("r-3"), &elsewhere), Tap::New);
    book.apply(Entry::Of {
        card: card.clone(),
        fact: heard(ProductionStatus::CardProdException),
    });
    let sorry = after([heard(ProductionStatus::CardProdException)]).view();
    assert_eq!(book.tap(&id("r-1"), &alice), Tap::Again(card, sorry));
    assert_eq!(book.tap(&id("r-3"), &alice), Tap::New);
}

#[test]
fn a_renewal_is_of_the_newest_card_that_was_made_or_is_on_its_way() {
    let mut book = Book::default();
    let alice = request("alice");
    for number in 1..=3 {
        book.apply(Entry::Requested(asked(number, &alice)));
    }
    let latest = |book: &Book| book.latest(&alice.customer).unwrap().asked().card.clone();
    assert_eq!(latest(&book).as_str(), "card-3");
    for (number, status) in [
        (1, ProductionStatus::CardProdDone),
        (2, ProductionStatus::CardProdDone),
        (3, ProductionStatus::CardProdException),
    ] {
        let card = format!("card-{number}").parse().unwrap();
        let fact = heard(status);
        book.apply(Entry::Of { card, fact });
    }
    assert_eq!(latest(&book).as_str(), "card-2");
    // A card that failed is none.
    let mut book = Book::default();
    book.apply(Entry::Requested(asked(1, &alice)));
    book.apply(Entry::Of {
        card: "card-1".parse().unwrap(),
        fact: heard(ProductionStatus::CardProdException),
    });
    assert_eq!(book.latest(&alice.customer), None);
}

#[test]
fn request_ids_can_stand_in_a_path() {
    for good in ["r-1", "7f3a.b_c:d~e", &"r".repeat(64)] {
        assert!(good.parse::<RequestId>().is_ok(), "{good}");
    }
    for bad in ["", "a/b", "a b", "é", "a%2Fb", &"r".repeat(65)] {
        assert!(bad.parse::<RequestId>().is_err(), "{bad}");
    }
}

/// What D1 may tell of one order, from the first word to the last.
fn legal_history() -> impl Strategy<Value = Vec<ProductionStatus>> {
    use ProductionStatus::{
        CardProdCanceled, CardProdDone, CardProdException, CardProdReady, CardProdRequested,
        DataException,
    };
    select(vec![
        vec![CardProdRequested, CardProdReady, CardProdDone],
        vec![CardProdRequested, CardProdReady, CardProdException],
        vec![CardProdRequested, CardProdReady, CardProdCanceled],
        vec![CardProdRequested, DataException],
        vec![CardProdRequested, CardProdCanceled],
    ])
}

/// A history as it may arrive: each message once at least, in any order, unknown words among them, and whatever the issuer's own
/// calls bring anywhere between.
fn arrival() -> impl Strategy<Value = (ProductionStatus, Vec<Fact>)> {
    let own = prop_oneof![
        Just(ACCEPTED),
        Just(Fact::Accepted {
            operation: Some(op("op-1"))
        }),
        Just(Fact::Refused { status: 403 }),
        Just(Fact::GaveUp),
        Just(heard(ProductionStatus::Unknown("NEW_WORD".to_owned()))),
    ];
    let parts = (
        legal_history(),
        prop::collection::vec(any::<Index>(), 0..6),
        prop::collection::vec(own, 0..4),
    );
    parts.prop_flat_map(|(history, again, own)| {
        let outcome = history.last().unwrap().clone();
        let repeated = again.iter().map(|at| at.get(&history).clone());
        let told = history.iter().cloned().chain(repeated).map(heard);
        let facts: Vec<Fact> = told.chain(own).collect();
        (Just(outcome), Just(facts).prop_shuffle())
    })
}

/// Any fact, sensible or not.
fn any_fact() -> impl Strategy<Value = Fact> {
    let status = prop_oneof![
        select(ProductionStatus::KNOWN.to_vec()),
        "[A-Z_]{1,12}".prop_map(ProductionStatus::Unknown),
    ];
    let operation = select(vec![op("op-1"), op("op-2")]);
    prop_oneof![
        Just(Fact::Ordered),
        Just(Fact::GaveUp),
        Just(Fact::NotOrdered {
            why: Obstacle::Name
        }),
        (400_u16..500).prop_map(|status| Fact::Refused { status }),
        prop::option::of(operation.clone()).prop_map(|operation| Fact::Accepted { operation }),
        (operation, status.clone())
            .prop_map(|(operation, status)| Fact::Heard { operation, status }),
        status.prop_map(|status| Fact::ActedOn { status }),
        select(vec![CardEvent::Taken, CardEvent::Captured])
            .prop_map(|state| Fact::CardSeen { state }),
    ]
}

/// Plays facts as the machine does: what is no news is not taken in, and an outcome is acted on as soon as it is there.
fn play(facts: &[Fact]) -> (Order, u32) {
    let (mut order, mut acted) = (after([Fact::Ordered]), 0);
    for fact in facts {
        let before = order.clone();
        match fact {
            Fact::Heard { operation, status }
                if order.weigh(operation, status) == Hearing::Again => {}
            other => order.apply(other.clone()),
        }
        assert!(!before.stage().is_final() || before.stage() == order.stage());
        if let Some((_, status)) = order.to_act_on().cloned() {
            acted += 1;
            order.apply(Fact::ActedOn { status });
        }
    }
    (order, acted)
}

proptest! {
    #[test]
    fn any_order_and_repetition_ends_alike_and_is_acted_on_once((outcome, facts) in arrival()) {
        let (order, acted) = play(&facts);
        let (expected, _) = play(&[heard(outcome)]);
        prop_assert_eq!(order.stage(), expected.stage());
        prop_assert_eq!(order.view(), expected.view());
        prop_assert_eq!(acted, 1);
    }

    #[test]
    fn nothing_moves_back_whatever_is_told(facts in prop::collection::vec(any_fact(), 0..40)) {
        let mut order = order();
        for fact in facts {
            let before = order.stage();
            order.apply(fact);
            prop_assert!(!before.is_final() || before == order.stage());
            let known = matches!(before, Stage::Accepted | Stage::Requested | Stage::Ready);
            let unsure = matches!(
                order.stage(),
                Stage::Asked | Stage::Ordered | Stage::Refused | Stage::GaveUp | Stage::NotOrdered(_)
            );
            prop_assert!(!(known && unsure));
            prop_assert_eq!(order.to_act_on().is_some() && !order.stage().is_final(), false);
        }
    }

    #[test]
    fn the_ledger_gives_the_same_book_again(facts in prop::collection::vec(any_fact(), 0..20)) {
        let first = asked(1, &request("alice"));
        let card = first.card.clone();
        let again = Entry::AlsoKnownAs { card: card.clone(), request: "r-2".parse().unwrap() };
        let told = facts.into_iter().map(|fact| Entry::Of { card: card.clone(), fact });
        let entries: Vec<Entry> = [Entry::Requested(first), again].into_iter().chain(told).collect();
        let lines: Vec<String> = entries
            .iter()
            .map(|entry| serde_json::to_string(&Page::One(entry.clone())).unwrap())
            .collect();
        let read = lines.iter().map(|line| {
            let Page::One(entry) = serde_json::from_str(line).unwrap();
            entry
        });
        prop_assert_eq!(Book::replay(read), Book::replay(entries));
    }
}

#[test]
fn what_d1_accepted_once_is_asked_for_although_d1_refuses_it_now() {
    let accepted = Fact::Accepted {
        operation: Some("op-1".parse().unwrap()),
    };
    let refused = || Fact::Refused { status: 404 };
    let at_once = after([Fact::Ordered, refused()]);
    assert_eq!(at_once.stage(), Stage::Refused);
    let mut order = after([Fact::Ordered, accepted, Fact::Forgotten, refused()]);
    assert_eq!(order.stage(), Stage::GaveUp);
    order.apply(heard(ProductionStatus::CardProdCanceled));
    assert_eq!(order.stage(), Stage::Canceled);
}
