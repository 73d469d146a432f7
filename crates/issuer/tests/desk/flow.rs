//! Nothing goes wrong.

use persotwin_issuer::CardPlan;
use persotwin_kernel::event::News;
use persotwin_link::Face;
use persotwin_link::kiosk::{CardEvent, CardRequest, RequestState, Service};
use persotwin_wire::{Fault, Strike};

use crate::d1::opened;
use crate::world::{Making, SECOND, request};

#[test]
fn a_card_is_asked_for_ordered_heard_of_and_taken() {
    Making::default().tell(|world| async move {
        let view = world.tap(&request("r-1", "alice")).await;
        assert_eq!(view.state, RequestState::Waiting);
        world.wait(SECOND).await;
        let came = world.d1.notes().came.clone();
        let [order] = came.as_slice() else {
            panic!("{came:?}")
        };
        let card = order.card.as_str();
        world.notify(card, "CARD_PROD_REQUESTED").await;
        assert_eq!(world.view("r-1").await.state, RequestState::Printing);
        world.notify(card, "CARD_PROD_READY").await;
        world.notify(card, "CARD_PROD_DONE").await;
        assert_eq!(world.view("r-1").await.state, RequestState::TakeYourCard);
        assert_eq!(world.seen("r-1", CardEvent::Taken).await, 204);
        assert_eq!(world.seen("r-1", CardEvent::Taken).await, 204);
        assert_eq!(world.seen("r-1", CardEvent::Captured).await, 409);
        assert_eq!(
            world.news(),
            [
                "requested",
                "ordering",
                "accepted",
                "heard CARD_PROD_REQUESTED by Notification",
                "heard CARD_PROD_READY by Notification",
                "heard CARD_PROD_DONE by Notification",
                "acted on CARD_PROD_DONE",
                "seen Taken",
            ]
        );
        // Nobody polls an order that has ended.
        world.wait(SECOND * 600).await;
        assert!(world.d1.notes().asked.is_empty());
    });
}

#[test]
fn the_order_is_one_that_d1_can_read_and_the_journal_knows_its_essence() {
    Making::default().tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        let order = world.d1.notes().came[0].body.clone();
        assert_eq!(order["distributionChannel"], "INSTANT");
        assert_eq!(order["persoStation"], "KIOSK-PS-101");
        assert_eq!(order["services"]["issuance"], "CREATION");
        assert_eq!(order["consumerId"], "alice");
        assert_eq!(order["paymentApplication"]["cvKeyIndex"], "01");
        let data = opened(&order);
        assert!(data.pan.reveal().starts_with("411111"));
        assert!(data.pan.check_digit_is_right());
        assert_eq!(data.exp.to_string(), "2906");
        let chance = &world.kiosk.chance;
        let number = chance.fingerprint(&[data.pan.reveal(), "2906"]);
        let name = chance.fingerprint(&["ALICE MARTIN"]);
        let essence = world.beliefs().into_iter().find_map(|(about, news)| {
            let News::Ordering { essence } = news else {
                return None;
            };
            assert_eq!(about.request.as_deref(), Some("r-1"));
            Some(essence)
        });
        let essence = essence.unwrap();
        assert_eq!((essence.number, essence.name), (number, Some(name)));
        for secret in [data.pan.reveal(), "2906", "MARTIN", "eyJ"] {
            assert!(!world.ledger().contains(secret), "{secret}");
            assert!(
                !world.ground.journal().to_string().contains(secret),
                "{secret}"
            );
        }
    });
}

#[test]
fn nothing_is_registered_twice() {
    Making::default().tell(|world| async move {
        world.ground.net().arm(Strike {
            from: None,
            to: Face::Kiosk,
            skip: 0,
            times: 1,
            fault: Fault::Twice,
        });
        world.tap(&request("r-1", "alice")).await;
        let again = world.tap(&request("r-1", "alice")).await;
        assert_eq!(again.request_id, "r-1");
        // Another screen, the same wish: it is known by both ids from now on.
        let other = world.tap(&request("r-2", "alice")).await;
        assert_eq!(other.request_id, "r-1");
        assert_eq!(world.view("r-2").await, world.view("r-1").await);
        assert_eq!(world.post(&request("r-2", "bob")).await.status(), 409);
        world.wait(SECOND).await;
        assert_eq!(world.d1.notes().came.len(), 1);
        let repeated = world
            .news()
            .iter()
            .filter(|news| *news == "request-repeated")
            .count();
        assert_eq!(repeated, 3);
        // When the card is made, a new wish is a new wish.
        world.notify(&world.card(), "CARD_PROD_DONE").await;
        world.tap(&request("r-3", "alice")).await;
        world.wait(SECOND).await;
        assert_eq!(world.d1.notes().came.len(), 2);
    });
}

#[test]
fn one_token_serves_all_until_shortly_before_its_end() {
    let mut making = Making::default();
    let plan = making.cards["alice"].clone();
    let names = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"];
    making.cards.extend(names.map(|name| (name, plan.clone())));
    making.tell(|world| async move {
        for name in names {
            world.tap_without_waiting(&request(&format!("r-{name}"), name));
        }
        world.wait(SECOND).await;
        assert_eq!(world.d1.notes().came.len(), 10);
        assert_eq!(world.d1.notes().token_requests, 1);
        world.wait(SECOND * 860).await;
        world.tap(&request("late", "alice")).await;
        world.wait(SECOND * 15).await;
        let tokens = world.d1.notes().token_requests;
        world.tap(&request("later", "bob")).await;
        world.wait(SECOND).await;
        assert_eq!((tokens, world.d1.notes().token_requests), (1, 2));
    });
}

#[test]
fn a_renewal_has_the_same_number_and_a_later_expiry() {
    let mut making = Making::default();
    let again = CardPlan {
        of: Some("alice".parse().unwrap()),
        ..making.cards["alice"].clone()
    };
    making.cards.insert("alice-renews", again.clone());
    making.cards.insert("alice-again", again);
    making.tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        world.notify(&world.card(), "CARD_PROD_DONE").await;
        for (name, service) in [
            ("alice-renews", Service::Renewal),
            ("alice-again", Service::Replacement),
        ] {
            let request = CardRequest {
                service,
                ..request(name, name)
            };
            world.tap(&request).await;
            world.wait(SECOND).await;
        }
        let came = world.d1.notes().came.clone();
        let cards: Vec<_> = came
            .iter()
            .map(|came| (came.card.clone(), opened(&came.body)))
            .collect();
        let [first, renewal, replacement] = cards.as_slice() else {
            panic!("{came:?}")
        };
        assert_eq!(renewal.1.pan, first.1.pan);
        assert_eq!(renewal.1.exp.to_string(), "3206");
        assert_eq!(renewal.1.sequence_number().to_string(), "01");
        assert_ne!(replacement.1.pan, first.1.pan);
        assert_eq!(replacement.1.exp, first.1.exp);
        assert_eq!(replacement.1.pan_sequence_number, None);
        assert_ne!(renewal.0, first.0);
        let issuances = came
            .iter()
            .map(|came| came.body["services"]["issuance"].clone());
        assert_eq!(
            issuances.collect::<Vec<_>>(),
            ["CREATION", "RENEWAL", "REPLACEMENT"]
        );
    });
}
