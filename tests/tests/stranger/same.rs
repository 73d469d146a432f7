//! The same request is one operation and one card: however often it comes, at once or later, and whatever becomes of D1 meanwhile.
//! Each time the JWE is another one, so no two bodies are alike.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Barrier};
use std::thread;

use persotwin_tests::stranger::{Answer, Order, Request, World, ask};
use serde_json::{Value, json};

/// What each of two contents was answered, by statuses and operations.
#[derive(Debug, Default, PartialEq)]
struct Answers {
    statuses: BTreeSet<u16>,
    operations: BTreeSet<String>,
}

impl Answers {
    fn add(&mut self, answer: &Answer) {
        self.statuses.insert(answer.status);
        self.operations
            .extend(answer.json()["operationId"].as_str().map(str::to_owned));
    }
}

/// 34 connections at once: 32 of one content, two of another under the same `issuerRequestId`, by content.
fn burst(world: &World, token: &str, contents: &[Order; 2]) -> [Answers; 2] {
    let barrier = Arc::new(Barrier::new(34));
    let callers = (0..34).map(|n| {
        let which = usize::from(n % 17 == 8);
        let request = world.request(&contents[which], token);
        let (address, barrier) = (world.d1(), Arc::clone(&barrier));
        let caller = thread::spawn(move || {
            barrier.wait();
            ask(address, &request)
        });
        (which, caller)
    });
    let mut answers = [Answers::default(), Answers::default()];
    for (which, caller) in callers.collect::<Vec<_>>() {
        answers[which].add(&caller.join().unwrap());
    }
    answers
}

/// Which blanks the printer has picked, and where its cards went.
fn counters(world: &World) -> Value {
    let (address, path) = world.at("/stations/KIOSK-PS-101/printer");
    ask(address, &Request::new("GET", &path)).json()["counters"].clone()
}

#[test]
fn by_32_connections_at_once_it_is_one_operation_and_one_card() {
    let world = World::ordinary();
    let token = world.token();
    let contents = [
        Order::good("1"),
        Order::good("1").with("encryptedData.exp", json!("2911")),
    ];
    let answers = burst(&world, &token, &contents);
    // Whichever content came first is the order, and nothing of the other one is.
    let first = usize::from(answers[1].statuses.contains(&202));
    let (winner, loser) = (&answers[first], &answers[1 - first]);
    assert_eq!(
        (&winner.statuses, winner.operations.len()),
        (&BTreeSet::from([202]), 1),
        "{answers:?}"
    );
    assert_eq!(
        *loser,
        Answers {
            statuses: BTreeSet::from([403]),
            operations: BTreeSet::new()
        }
    );
    let operation = winner.operations.first().unwrap();
    let again = burst(&world, &token, &contents);
    assert_eq!(again, answers, "while it is produced");
    let heard = world.backend.hear_out(operation);
    assert_eq!(
        heard.len(),
        3,
        "REQUESTED, READY and DONE once each: {heard:?}"
    );
    assert_eq!(burst(&world, &token, &contents), answers, "when it is done");
    // DONE is told when D1 has released the card; it comes out a moment later.
    world.until(|_| counters(&world)["presented"] == 1);
    assert_eq!(counters(&world)["picked"], 1);
    world.still_works();
    assert!(world.backend.heard().is_empty());
}

#[test]
fn each_other_content_under_a_known_id_is_refused() {
    let world = World::ordinary();
    let token = world.token();
    let good = Order::good("1");
    let first = world.place(&good, &token);
    assert_eq!(first.status, 202);
    let changed: BTreeMap<&str, Value> = BTreeMap::from([
        ("persoStation", json!("KIOSK-PS-102")),
        ("services.issuance", json!("RENEWAL")),
        ("services.delivery", json!("NO_SHIPMENT")),
        ("consumerId", json!("consumer-2")),
        ("cardDesign", json!({ "customLines": ["Credit"] })),
        ("paymentApplication.cvKeyIndex", json!("01")),
        ("encryptedData.pan", json!("4111111111111129")),
        ("encryptedData.name", json!("ALICE MARTIN-ROY")),
        ("encryptedData.cvv2", json!("987")),
    ]);
    for (name, value) in changed {
        let told = world.place(&good.clone().with(name, value), &token).told();
        assert_eq!(
            told, "403 - the issuerRequestId is known with other content",
            "{name}"
        );
    }
    let other_card = Order {
        card_id: "card-2".to_owned(),
        ..good.clone()
    };
    assert_eq!(world.place(&other_card, &token).status, 403);
    // Written in another way, but the same: members turned round, numbers for texts.
    let turned = good
        .clone()
        .with("paymentApplication.odaKeyIndex", json!(1))
        .with("cardDesign", Value::Null);
    for same in [good, turned] {
        let again = world.place(&same, &token);
        assert_eq!((again.status, again.json()), (202, first.json()));
    }
    // Another request for a card that is in production.
    let another = Order::good("1").with("issuerRequestId", json!("request-2"));
    assert_eq!(
        world.place(&another, &token).told(),
        "403 - the card is in production"
    );
    world.still_works();
}
