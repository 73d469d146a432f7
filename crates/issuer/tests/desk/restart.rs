//! The issuer crashes, and goes on alike.

use std::collections::BTreeSet;
use std::time::Duration;

use persotwin_kernel::Store;
use persotwin_link::Face;
use persotwin_link::kiosk::RequestState;
use persotwin_wire::Call;
use serde_json::json;

use crate::d1::{Answer, opened};
use crate::world::{Making, NOTIFICATIONS, SECOND, World, request, update};

/// Crashes the issuer at an instant of a story in which D1 is slow and notifies until it is heard, and tells what came of it.
async fn crashed_at(mut world: World, crash: Duration) -> World {
    world.tap_without_waiting(&request("r-1", "alice"));
    let (d1, host) = (world.d1.clone(), world.d1_host.clone());
    host.clone().life.spawn(async move {
        host.clock.sleep(Duration::from_millis(400)).await;
        for status in ["CARD_PROD_REQUESTED", "CARD_PROD_READY", "CARD_PROD_DONE"] {
            loop {
                let card = d1.notes().came.first().map(|came| came.card.clone());
                let Some(card) = card else {
                    host.clock.sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let body = json!({"operations": [update(&card, status)]});
                let call = Call::post(Face::Notifications, NOTIFICATIONS).json(&body);
                let answer = host.wire.call(call).await;
                if answer.is_ok_and(|reply| reply.status() == 204) {
                    break;
                }
                host.clock.sleep(Duration::from_millis(50)).await;
            }
        }
    });
    world.wait(crash).await;
    world.issuer.crash().await;
    world.wait(Duration::from_millis(70)).await;
    world.issuer.start().await;
    world.wait(SECOND).await;
    // The kiosk asks again, because it may have heard no answer.
    world.tap(&request("r-1", "alice")).await;
    world.wait(SECOND * 10).await;
    world
}

#[test]
fn whenever_it_crashes_there_is_one_order_one_card_and_one_act() {
    let slow = Answer::Accept(Duration::from_millis(200));
    let mut attempts = BTreeSet::new();
    for millis in (0..700).step_by(7) {
        Making::with(vec![slow.clone(); 3]).tell(|world| async {
            let world = crashed_at(world, Duration::from_millis(millis)).await;
            let came = world.d1.notes().came.clone();
            attempts.insert(came.len());
            let data: Vec<_> = came.iter().map(|came| opened(&came.body)).collect();
            assert!(data.iter().all(|other| *other == data[0]), "at {millis}");
            let ids: BTreeSet<_> = came
                .iter()
                .map(|came| (&came.card, came.body["issuerRequestId"].as_str()))
                .collect();
            assert_eq!(ids.len(), 1, "at {millis}");
            assert_eq!(world.view("r-1").await.state, RequestState::TakeYourCard);
            let news = world.news();
            for once in ["requested", "ordering", "acted on CARD_PROD_DONE"] {
                let times = news.iter().filter(|news| *news == once).count();
                assert_eq!(times, 1, "{once} at {millis}: {news:?}");
            }
        });
    }
    // The crashes did strike where something was under way.
    assert_eq!(attempts, BTreeSet::from([1, 2]));
}

#[test]
fn an_outcome_that_was_heard_and_not_acted_on_is_acted_on_by_the_next_life() {
    Making::default().tell(|mut world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        world.notify(&world.card(), "CARD_PROD_DONE").await;
        world.issuer.crash().await;
        // As if the crash had come between the two lines.
        let mut entries = world.issuer.store().entries();
        let acted = String::from_utf8(entries.pop().unwrap()).unwrap();
        assert!(acted.contains("acted-on"), "{acted}");
        let store = Store::from_entries(entries);
        world.restart_with(store).await;
        assert_eq!(world.news().last().unwrap(), "acted on CARD_PROD_DONE");
        assert!(world.ledger().ends_with(&acted));
    });
}

#[test]
fn an_open_order_is_followed_on_by_the_next_life() {
    Making::default().tell(|mut world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        world.issuer.start().await;
        world.wait(SECOND * 100).await;
        assert_eq!(world.d1.notes().came.len(), 1);
        assert_eq!(world.d1.notes().asked.len(), 1);
    });
}

#[test]
fn a_refusal_after_a_crash_leaves_open_whether_d1_heard_the_order_before() {
    let slow = Answer::Accept(Duration::from_millis(200));
    let refuses = Answer::Status(400, json!({}), None);
    Making::with([slow, refuses]).tell(|mut world| async move {
        world.tap_without_waiting(&request("r-1", "alice"));
        world.wait(Duration::from_millis(100)).await;
        world.issuer.start().await;
        world.wait(SECOND * 600).await;
        assert_eq!(world.d1.notes().came.len(), 2);
        assert!(!world.d1.notes().asked.is_empty());
    });
}

#[test]
fn one_seed_is_one_story() {
    let tell = |seed| {
        let slow = Answer::Accept(Duration::from_millis(200));
        let making = Making {
            seed,
            ..Making::with([Answer::Status(503, json!({}), None), slow])
        };
        making.tell(|world| async {
            let world = crashed_at(world, Duration::from_millis(300)).await;
            world.ground.journal().to_string()
        })
    };
    assert_eq!(tell(5), tell(5));
    assert_ne!(tell(5), tell(6));
}

#[test]
fn it_may_crash_after_any_line_of_its_ledger() {
    let lines = Making::default().tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.tap(&request("r-2", "alice")).await;
        world.wait(SECOND).await;
        for status in ["CARD_PROD_REQUESTED", "CARD_PROD_READY", "CARD_PROD_DONE"] {
            world.notify(&world.card(), status).await;
        }
        world.issuer.store().entries()
    });
    assert_eq!(lines.len(), 8);
    for written in 0..=lines.len() {
        let store = Store::from_entries(lines[..written].to_vec());
        let expected = String::from_utf8(lines.concat()).unwrap();
        Making::default().tell(|mut world| async move {
            world.restart_with(store).await;
            // Nobody heard an answer, so everybody says it again.
            for id in ["r-1", "r-2"] {
                world.tap(&request(id, "alice")).await;
            }
            world.wait(SECOND).await;
            let card = world.beliefs()[0].0.card.clone().unwrap();
            assert!(expected.contains(card.as_str()));
            for status in ["CARD_PROD_REQUESTED", "CARD_PROD_READY", "CARD_PROD_DONE"] {
                world.notify(card.as_str(), status).await;
            }
            assert_eq!(world.view("r-2").await.state, RequestState::TakeYourCard);
            let ledger = world.ledger();
            for once in ["requested", "acted-on", "accepted", "CARD_PROD_READY"] {
                let once = format!("\"{once}\"");
                assert_eq!(ledger.matches(&once).count(), 1, "{once} after {written}");
            }
        });
    }
}
