//! Orders that are otherwise than they should be, and names that no card can carry.

use persotwin_issuer::CardPlan;
use persotwin_kernel::event::News;
use persotwin_link::kiosk::RequestState;
use persotwin_link::order_override::{Change, OrderChange, OrderPart};
use serde_json::{Value, json};

use crate::d1::plaintext;
use crate::world::{Making, SECOND, World, request};

fn change(part: OrderPart, path: &str, change: Change) -> OrderChange {
    let path = path.split('.').map(str::to_owned).collect();
    OrderChange { part, path, change }
}

/// The order of alice with these changes.
fn ordered<T>(changes: Vec<OrderChange>, look: impl FnOnce(&World, &Value) -> T) -> T {
    let mut making = Making::default();
    let plan = CardPlan {
        order: changes,
        ..CardPlan::of("ALICE MARTIN")
    };
    making.cards.insert("alice", plan);
    making.tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        let body = world.d1.notes().came[0].body.clone();
        look(&world, &body)
    })
}

#[test]
fn clear_fields_are_sent_as_the_plan_wants_them() {
    use OrderPart::Clear;
    let changes = vec![
        change(Clear, "persoStation", Change::Set(json!("KIOSK-PS-999"))),
        change(Clear, "services.issuance", Change::Absent),
        change(
            Clear,
            "paymentApplication.odaKeyIndex",
            Change::Set(json!(99)),
        ),
        change(Clear, "x-new", Change::Set(json!({"a": 1}))),
    ];
    ordered(changes, |_, body| {
        assert_eq!(body["persoStation"], "KIOSK-PS-999");
        assert_eq!(body["services"], json!({}));
        assert_eq!(body["paymentApplication"]["odaKeyIndex"], 99);
        assert_eq!(body["x-new"], json!({"a": 1}));
        assert_eq!(plaintext(body)["name"], "ALICE MARTIN");
    });
    let raw = vec![change(
        Clear,
        "encryptedData",
        Change::Set(json!("bm90.LmEuandl")),
    )];
    ordered(raw, |_, body| {
        assert_eq!(body["encryptedData"], "bm90.LmEuandl");
    });
    let none = vec![change(Clear, "encryptedData", Change::Absent)];
    ordered(none, |_, body| assert_eq!(body.get("encryptedData"), None));
}

#[test]
fn encrypted_fields_are_changed_before_they_are_encrypted_and_count_as_what_was_ordered() {
    use OrderPart::Encrypted;
    let changes = vec![
        change(Encrypted, "pan", Change::Set(json!("4111110000000162"))),
        change(Encrypted, "exp", Change::Set(json!("1229"))),
        change(Encrypted, "name", Change::Absent),
    ];
    ordered(changes, |world, body| {
        let sent = plaintext(body);
        assert_eq!(sent, json!({"pan": "4111110000000162", "exp": "1229"}));
        let chance = &world.kiosk.chance;
        let number = chance.fingerprint(&["4111110000000162", "1229"]);
        let told = world.beliefs().into_iter().any(
            |(_, news)| matches!(news, News::Ordering { essence } if essence.number == number),
        );
        assert!(told);
        let everything = world.ledger() + &world.ground.journal().to_string();
        assert!(!everything.contains("4111110000000162"));
    });
}

#[test]
fn even_what_is_too_long_for_the_contract_is_sent() {
    let long = Change::Set(json!("A".repeat(9000)));
    let changes = vec![change(OrderPart::Encrypted, "name", long)];
    ordered(changes, |_, body| {
        assert!(body["encryptedData"].as_str().unwrap().len() > 8192);
        assert_eq!(plaintext(body)["name"].as_str().unwrap().len(), 9000);
    });
}

#[test]
fn a_plan_decides_over_number_expiry_and_ids() {
    let mut making = Making::default();
    let plan = CardPlan {
        consumer: Some("C-77".parse().unwrap()),
        pan: Some("4111111111119".parse().unwrap()),
        expires: Some("3001".parse().unwrap()),
        pan_sequence_number: Some("03".parse().unwrap()),
        ..CardPlan::of("ALICE MARTIN")
    };
    making.cards.insert("alice", plan);
    making.tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        let body = world.d1.notes().came[0].body.clone();
        assert_eq!(body["consumerId"], "C-77");
        let sent = plaintext(&body);
        assert_eq!(sent["pan"], "4111111111119");
        assert_eq!(sent["exp"], "3001");
        assert_eq!(sent["panSequenceNumber"], "03");
    });
}

#[test]
fn a_name_of_another_script_is_no_order() {
    let mut making = Making::default();
    making.cards.insert("alice", CardPlan::of("山田花子"));
    making.tell(|mut world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        assert_eq!(world.news(), ["requested", "not-ordered"]);
        assert!(world.d1.notes().came.is_empty());
        let view = world.view("r-1").await;
        assert_eq!(view.state, RequestState::Sorry);
        assert!(view.reason.unwrap().contains("name"));
        // It stays so, and is said once.
        world.issuer.start().await;
        world.wait(SECOND).await;
        assert_eq!(world.news(), ["requested", "not-ordered"]);
    });
}
