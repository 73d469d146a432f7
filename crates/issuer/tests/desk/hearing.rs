//! Notifications as they really come: early, twice, out of order, with news in them; and polls where none come.

use std::time::Duration;

use persotwin_kernel::event::News;
use persotwin_link::kiosk::{CardEvent, RequestState};
use persotwin_link::{Face, Span};
use persotwin_wire::{Fault, Strike};
use serde_json::json;

use crate::d1::Answer;
use crate::world::{Making, SECOND, World, request, update};

#[test]
fn d1_may_speak_before_it_answers() {
    let slow = Answer::Accept(Duration::from_secs(5));
    Making::with([slow]).tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        world.notify(&world.card(), "CARD_PROD_REQUESTED").await;
        assert_eq!(world.view("r-1").await.state, RequestState::Printing);
        world.wait(SECOND * 10).await;
        assert_eq!(
            world.news(),
            [
                "requested",
                "ordering",
                "heard CARD_PROD_REQUESTED by Notification",
                "accepted",
            ]
        );
    });
}

#[test]
fn a_notification_ends_the_repeating() {
    let busy = Answer::Status(503, json!({}), Some("60"));
    Making::with([busy]).tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        // It had the order all the same.
        world.notify(&world.card(), "CARD_PROD_READY").await;
        world.wait(SECOND * 70).await;
        assert_eq!(world.d1.notes().came.len(), 1);
        assert_eq!(
            world.news().last().unwrap(),
            "heard CARD_PROD_READY by Notification"
        );
    });
}

async fn ordered(world: &World) -> String {
    world.tap(&request("r-1", "alice")).await;
    world.wait(SECOND).await;
    world.card()
}

#[test]
fn one_body_may_tell_much_in_any_order_and_again() {
    Making::default().tell(|world| async move {
        let card = ordered(&world).await;
        let mut suspended = update(&card, "CARD_PROD_READY");
        suspended["operation"] = json!("SUSPEND");
        let mut bare = update(&card, "CARD_PROD_READY");
        bare.as_object_mut().unwrap().remove("details");
        let mut new_word = update(&card, "CARD_PROD_ONGOING");
        new_word["details"]["dueDate"] = json!("soon");
        new_word["whatever"] = json!([1, {}]);
        let body = json!({"operations": [
            suspended, bare, new_word, update("card-of-somebody", "CARD_PROD_DONE"),
            update(&card, "CARD_PROD_READY"), update(&card, "CARD_PROD_REQUESTED"),
            update(&card, "CARD_PROD_DONE"), update(&card, "CARD_PROD_READY"),
        ], "batch": 7});
        world.ground.net().arm(Strike {
            from: None,
            to: Face::Notifications,
            skip: 0,
            times: 1,
            fault: Fault::Twice,
        });
        assert_eq!(world.notify_body(&body).await.status(), 204);
        world.wait(SECOND).await;
        let first = [
            "heard CARD_PROD_ONGOING by Notification",
            "heard CARD_PROD_READY by Notification",
            "heard again CARD_PROD_REQUESTED",
            "heard CARD_PROD_DONE by Notification",
            "acted on CARD_PROD_DONE",
            "heard again CARD_PROD_READY",
        ];
        let second = [
            "heard again CARD_PROD_ONGOING",
            "heard again CARD_PROD_READY",
            "heard again CARD_PROD_REQUESTED",
            "heard again CARD_PROD_DONE",
            "heard again CARD_PROD_READY",
        ];
        assert_eq!(world.news()[3..], [&first[..], &second[..]].concat());
        // What is heard again is no new line in the ledger: requested, ordered, accepted, three heard, acted on.
        assert_eq!(world.issuer.store().entries().len(), 7);
    });
}

#[test]
fn a_failure_keeps_its_code_and_an_outcome_never_changes() {
    Making::default().tell(|world| async move {
        let card = ordered(&world).await;
        world.notify(&card, "CARD_PROD_EXCEPTION").await;
        world.notify(&card, "CARD_PROD_DONE").await;
        let codes: Vec<_> = world
            .beliefs()
            .into_iter()
            .filter_map(|(about, news)| match news {
                News::Heard { code, .. } => Some((about.operation.unwrap().to_string(), code)),
                _ => None,
            })
            .collect();
        let code = Some("PRD_FEEDER_EMPTY".to_owned());
        assert_eq!(codes, [(format!("op-{card}"), code)]);
        let view = world.view("r-1").await;
        assert_eq!(view.state, RequestState::Sorry);
        let acted = world
            .news()
            .iter()
            .filter(|news| news.starts_with("acted"))
            .count();
        assert_eq!(acted, 1);
    });
}

#[test]
fn after_silence_the_issuer_asks_until_it_knows() {
    let mut making = Making::default();
    making.tenant.issuer_timing.poll_after = Span::from_secs(30);
    making.tell(|world| async move {
        let card = ordered(&world).await;
        // No order, says D1 to the first question, and nonsense to the second; both are no answer.
        world.wait(SECOND * 35).await;
        let answer = |body| drop(world.d1.notes().statuses.insert(card.clone(), body));
        answer(json!({"operations": 7}));
        world.wait(SECOND * 30).await;
        answer(json!({"operations": [update(&card, "CARD_PROD_READY"), update("other", "CARD_PROD_DONE")]}));
        world.wait(SECOND * 30).await;
        assert_eq!(world.d1.notes().asked.len(), 3);
        // A notification is no silence.
        world.wait(SECOND * 20).await;
        world.notify(&card, "CARD_PROD_NEW_WORD").await;
        world.wait(SECOND * 20).await;
        assert_eq!(world.d1.notes().asked.len(), 3);
        answer(json!({"operations": [update(&card, "CARD_PROD_DONE")]}));
        world.wait(SECOND * 600).await;
        assert_eq!(world.d1.notes().asked.len(), 4);
        assert_eq!(
            world.news()[3..],
            [
                "heard CARD_PROD_READY by Poll",
                "heard CARD_PROD_NEW_WORD by Notification",
                "heard CARD_PROD_DONE by Poll",
                "acted on CARD_PROD_DONE",
            ]
        );
    });
}

#[test]
fn a_captured_card_is_told_to_the_customer() {
    Making::default().tell(|world| async move {
        let card = ordered(&world).await;
        // The kiosk may see the card before the issuer has heard of it.
        assert_eq!(world.seen("r-1", CardEvent::Captured).await, 204);
        world.notify(&card, "CARD_PROD_DONE").await;
        let view = world.view("r-1").await;
        assert_eq!(view.state, RequestState::Sorry);
        assert!(view.reason.unwrap().contains("kept it"));
        assert_eq!(world.seen("r-9", CardEvent::Taken).await, 404);
    });
}
