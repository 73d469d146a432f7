//! PINs: none, brought by the order, or fetched from the issuer while the card is prepared.

use persotwin_contract::secret::PinBlock;
use persotwin_link::product::PinRule;
use persotwin_link::tenant::ClientCredentials;
use serde_json::{Value, json};

use crate::doubles::{Wish, World, told_in};
use crate::order::Order;

/// PIN 1234 of card 4111111111111111, format 0.
const BLOCK: &str = "041225EEEEEEEEEE";

fn block(text: &str) -> PinBlock {
    text.parse().unwrap()
}

fn wish(rule: PinRule) -> Wish {
    let mut wish = Wish::default();
    for product in wish.tenant.products.values_mut() {
        product.pin = rule;
    }
    wish
}

fn has_pin(world: &World) -> bool {
    let data = world.production_data();
    data.dgis.iter().any(|dgi| dgi == "801008241234FFFFFFFFFF")
}

/// How an order of a fetched PIN ends when the issuer answers like this, and how often it was asked.
fn fetched(answers: Vec<u16>, pin_block: Option<PinBlock>) -> ((String, Option<String>), usize) {
    told_in(wish(PinRule::Fetched), |world| async move {
        world.tells_pin(answers, pin_block);
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(100).await;
        let asked = world.issuer.lock().unwrap().asked.len();
        (world.status("card-1").await, asked)
    })
}

fn failed(code: &str) -> (String, Option<String>) {
    ("DATA_EXCEPTION".to_owned(), Some(code.to_owned()))
}

fn done() -> (String, Option<String>) {
    ("CARD_PROD_DONE".to_owned(), None)
}

#[test]
fn an_order_brings_a_pin_exactly_where_the_product_says_so() {
    for (rule, given, refusal) in [
        (PinRule::None, json!(BLOCK), Some("FIELD_INVALID_VALUE")),
        (PinRule::Fetched, json!(BLOCK), Some("FIELD_INVALID_VALUE")),
        (PinRule::InOrder, Value::Null, Some("FIELD_INVALID_FORMAT")),
        (
            PinRule::InOrder,
            json!("0000000000000000"),
            Some("FIELD_INVALID_VALUE"),
        ),
        (PinRule::InOrder, json!(BLOCK), None),
        (PinRule::None, Value::Null, None),
    ] {
        told_in(wish(rule), |world| async move {
            let token = world.token().await;
            let body =
                Order::good().changed_inside(&world, |data| data["pinBlock"] = given.clone());
            let reply = world.post(&token, "card-1", body).await.unwrap();
            let Some(code) = refusal else {
                assert_eq!(reply.status(), 202);
                world.sleep(60).await;
                return assert_eq!(has_pin(&world), rule == PinRule::InOrder);
            };
            let answer: Value = reply.json().unwrap();
            assert_eq!(reply.status(), 400, "{rule:?} {given}");
            assert_eq!(answer["errorCode"], code);
            assert_eq!(answer["error"], "encryptedData.pinBlock");
        });
    }
}

#[test]
fn a_fetched_pin_goes_into_the_chip_and_nowhere_else() {
    told_in(wish(PinRule::Fetched), |world| async move {
        world.tells_pin(vec![], Some(block(BLOCK)));
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(60).await;
        assert!(has_pin(&world));
        assert_eq!(world.issuer.lock().unwrap().asked, ["card-1 "]);
        let entries = world.d1.store().entries();
        let ledger: Vec<String> = entries
            .into_iter()
            .map(|entry| String::from_utf8(entry).unwrap())
            .collect();
        for text in [ledger.join("\n"), world.ground.journal().to_string()] {
            assert!(!text.contains(BLOCK) && !text.contains("241234FF"));
        }
    });
}

#[test]
fn a_restarted_d1_fetches_the_pin_again_for_it_has_kept_none() {
    let mut wish = wish(PinRule::Fetched);
    wish.agent.answers = [503, 503, 503, 503].into();
    told_in(wish, |mut world| async move {
        world.tells_pin(vec![], Some(block(BLOCK)));
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(3).await;
        world.d1.crash().await;
        world.d1.start().await;
        world.sleep(100).await;
        assert_eq!(world.issuer.lock().unwrap().asked.len(), 2);
        let agent = world.agent.lock().unwrap();
        let jobs = agent.jobs.values().next().unwrap();
        assert!(jobs.len() > 1);
        assert!(
            jobs.iter().all(|job| *job == jobs[0]),
            "the same PIN makes the same job"
        );
    });
}

#[test]
fn an_answer_that_may_change_is_asked_for_again() {
    for answers in [vec![503], vec![500, 429, 408], vec![401]] {
        let asked = answers.len() + 1;
        assert_eq!(fetched(answers, Some(block(BLOCK))), (done(), asked));
    }
    let (status, asked) = fetched(vec![500; 100], Some(block(BLOCK)));
    assert_eq!(status, failed("DP_NOT_AVAILABLE"));
    assert!((3..20).contains(&asked), "{asked} times within 30 seconds");
}

#[test]
fn a_pin_that_will_never_come_ends_the_preparation_at_once() {
    for answer in [400, 403, 404, 410] {
        let told = fetched(vec![answer], Some(block(BLOCK)));
        assert_eq!(told, (failed("DP_DATA_REFUSED"), 1), "{answer}");
    }
    // No body that D1 understands; a block of another card's number.
    assert_eq!(fetched(vec![], None), (failed("DP_DATA_REFUSED"), 1));
    let another = Some(block("0000000000000000"));
    assert_eq!(fetched(vec![], another), (failed("DP_DATA_REFUSED"), 1));
}

#[test]
fn an_issuer_that_does_not_answer_ends_it_when_the_time_is_over() {
    told_in(wish(PinRule::Fetched), |mut world| async move {
        world.order("card-1", Order::good().body(&world)).await;
        world.issuer_seat.crash().await;
        world.sleep(60).await;
        assert_eq!(world.status("card-1").await, failed("DP_TIMEOUT"));
    });
}

#[test]
fn the_token_of_the_notifications_opens_the_pin_door_too() {
    let mut wish = wish(PinRule::Fetched);
    wish.tenant.outbound_oauth = Some(ClientCredentials {
        client: "d1".to_owned(),
        secret: "open-sesame".to_owned(),
        scope: None,
    });
    told_in(wish, |world| async move {
        world.tells_pin(vec![401], Some(block(BLOCK)));
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(60).await;
        let asked = world.issuer.lock().unwrap().asked.clone();
        assert_eq!(asked, ["card-1 Bearer token-1", "card-1 Bearer token-2"]);
    });
}
