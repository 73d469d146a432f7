//! D1 cannot be reached, or does not want to.

use std::collections::BTreeSet;
use std::time::Duration;

use persotwin_kernel::event::Failure;
use persotwin_link::kiosk::RequestState;
use persotwin_link::{Face, Span};
use persotwin_wire::{Fault, Lost, Strike};
use serde_json::json;

use crate::d1::{Answer, opened};
use crate::world::{Making, SECOND, World, request};

fn status(status: u16) -> Answer {
    Answer::Status(status, json!({}), None)
}

fn strike(fault: Fault, times: u32) -> Strike {
    Strike {
        from: None,
        to: Face::Orders,
        skip: 0,
        times,
        fault,
    }
}

/// When the attempts arrived at D1, in seconds and a bit.
fn attempts(world: &World) -> Vec<f64> {
    let notes = world.d1.notes();
    notes
        .came
        .iter()
        .map(|came| came.at.as_secs_f64())
        .collect()
}

#[test]
fn an_order_is_repeated_under_the_same_id_with_a_fresh_jwe() {
    Making::with([status(500), status(503), status(502)]).tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND * 30).await;
        let came = world.d1.notes().came.clone();
        assert_eq!(came.len(), 4);
        let keys: BTreeSet<_> = came
            .iter()
            .map(|came| came.body["issuerRequestId"].as_str())
            .collect();
        assert_eq!(keys.len(), 1);
        let sealed: BTreeSet<_> = came
            .iter()
            .map(|came| came.body["encryptedData"].as_str())
            .collect();
        assert_eq!(sealed.len(), 4);
        let data: Vec<_> = came.iter().map(|came| opened(&came.body)).collect();
        assert!(data.iter().all(|other| *other == data[0]));
        assert_eq!(world.news(), ["requested", "ordering", "accepted"]);
        // 1 s, 2 s, 4 s, each shortened by chance to between half and the whole, and two ways on the wire.
        let at = attempts(&world);
        for (n, longest) in [1.0, 2.0, 4.0].into_iter().enumerate() {
            let pause = at[n + 1] - at[n];
            assert!((longest / 2.0..longest + 0.1).contains(&pause), "{pause}");
        }
    });
}

#[test]
fn silence_a_broken_connection_and_a_lost_answer_are_repeated_too() {
    let after = Fault::After(Lost::Failure(Failure::Closed));
    let before = Fault::Before(Lost::Failure(Failure::Refused));
    let silence = Fault::Before(Lost::Failure(Failure::TimedOut));
    Making::default().tell(|world| async move {
        for fault in [after, before, silence] {
            world.ground.net().arm(strike(fault, 1));
        }
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND * 60).await;
        // One came whose answer was lost; the last was answered.
        assert_eq!(attempts(&world).len(), 2);
        assert_eq!(world.news(), ["requested", "ordering", "accepted"]);
    });
}

#[test]
fn d1_may_say_when_to_come_back() {
    let busy = |rest| Answer::Status(429, json!({}), Some(rest));
    Making::with([busy("20"), busy("tomorrow")]).tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND * 60).await;
        let at = attempts(&world);
        assert_eq!(at.len(), 3);
        assert!((20.0..20.1).contains(&(at[1] - at[0])), "{at:?}");
        assert!((1.0..2.1).contains(&(at[2] - at[1])), "{at:?}");
    });
}

#[test]
fn other_refusals_are_never_repeated() {
    for code in [400, 401, 403, 404, 405, 408, 409, 413, 415, 301] {
        let body = json!({"errorCode": "FIELD_INVALID_VALUE", "error": "persoStation"});
        let answer = Answer::Status(code, body, None);
        Making::with([answer.clone(), answer]).tell(|world| async move {
            world.tap(&request("r-1", "alice")).await;
            world.wait(SECOND * 600).await;
            let refused =
                format!(r#"refused {code} Some("FIELD_INVALID_VALUE") Some("persoStation")"#);
            assert_eq!(world.news(), ["requested", "ordering", &refused]);
            // A 401 is asked once more with a new token.
            assert_eq!(attempts(&world).len(), if code == 401 { 2 } else { 1 });
            assert!(world.d1.notes().asked.is_empty());
            let view = world.view("r-1").await;
            assert_eq!(view.state, RequestState::Sorry);
            assert!(view.reason.unwrap().ends_with('.'));
        });
    }
}

#[test]
fn whoever_gives_up_says_sorry_and_still_listens() {
    Making::default().tell(|world| async move {
        let gone = Fault::Before(Lost::Failure(Failure::Refused));
        world.ground.net().arm(strike(gone, 8));
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND * 130).await;
        assert_eq!(world.news(), ["requested", "ordering", "gave-up"]);
        assert_eq!(world.view("r-1").await.state, RequestState::Sorry);
        let card = world.beliefs()[0].0.card.clone().unwrap();
        world.notify(card.as_str(), "CARD_PROD_REQUESTED").await;
        assert_eq!(world.view("r-1").await.state, RequestState::Printing);
        world.notify(card.as_str(), "CARD_PROD_DONE").await;
        assert_eq!(world.view("r-1").await.state, RequestState::TakeYourCard);
        assert!(attempts(&world).is_empty());
    });
}

#[test]
fn whoever_gave_up_asks_a_few_times_and_then_leaves_it() {
    let mut making = Making::with(vec![status(500); 3]);
    making.tenant.issuer_timing.attempts = 3;
    making.tenant.issuer_timing.poll_after = Span::from_secs(60);
    making.tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND * 3600 * 24).await;
        assert_eq!(world.d1.notes().asked.len(), 10);
        assert_eq!(world.news(), ["requested", "ordering", "gave-up"]);
    });
}

#[test]
fn of_what_d1_accepted_once_it_goes_on_asking_ever_less_often() {
    let mut making = Making::with([Answer::Accept(Duration::ZERO), status(404)]);
    making.tenant.issuer_timing.poll_after = Span::from_secs(60);
    making.tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        let asked = || world.d1.notes().asked.len();
        // Twice it hears that there is no order, and orders again in vain; then pauses double up to a quarter of an hour.
        world
            .wait(SECOND * 60 * (2 + 1 + 2 + 4 + 8) + SECOND * 5)
            .await;
        assert_eq!(asked(), 2 + 4);
        world.wait(SECOND * 60 * (24 * 60 + 5)).await;
        assert_eq!(asked(), 2 + 4 + 24 * 4);
    });
}

#[test]
fn a_token_that_is_not_taken_any_more_is_renewed_once() {
    Making::default().tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        world.d1.notes().revoked = 1;
        world.tap(&request("r-2", "bob")).await;
        world.wait(SECOND).await;
        assert_eq!(world.d1.notes().came.len(), 2);
        assert_eq!(world.d1.notes().tokens, 2);
        world.d1.notes().revoked = u32::MAX;
        let again = request("r-3", "bob");
        let bobs = world.d1.notes().came[1].card.clone();
        world.notify(&bobs, "CARD_PROD_DONE").await;
        world.tap(&again).await;
        world.wait(SECOND * 20).await;
        assert_eq!(world.d1.notes().tokens, 3);
        assert_eq!(world.news().last().unwrap(), "refused 401 None None");
    });
}

#[test]
fn no_token_means_no_order_and_passes_like_any_trouble() {
    let d1 = crate::d1::D1::default();
    d1.notes().token_answers.extend([503, 500]);
    let making = Making {
        d1,
        ..Making::default()
    };
    making.tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND * 20).await;
        assert_eq!(world.d1.notes().token_requests, 3);
        assert_eq!(world.news(), ["requested", "ordering", "accepted"]);
        world.notify(&world.card(), "CARD_PROD_DONE").await;
        world.wait(SECOND * 900).await;
        world.d1.notes().token_answers.push_back(400);
        world.tap(&request("r-2", "bob")).await;
        world.wait(SECOND * 10).await;
        let news = world.news();
        let refused = r#"refused 400 None Some("invalid_grant")"#;
        assert!(news.iter().any(|news| news == refused), "{news:?}");
    });
}

#[test]
fn many_orders_share_the_wait_for_a_silent_token_door() {
    let mut making = Making::default();
    let plan = making.cards["alice"].clone();
    let names: Vec<&str> = (0..40).map(|n| &*format!("c{n}").leak()).collect();
    making
        .cards
        .extend(names.iter().map(|name| (*name, plan.clone())));
    making.tell(|world| async move {
        let silence = Fault::Before(Lost::Failure(Failure::TimedOut));
        world.ground.net().arm(Strike {
            to: Face::Token,
            ..strike(silence, u32::MAX)
        });
        for name in names {
            world.tap_without_waiting(&request(name, name));
        }
        // Eight patiences of 10 s and at most 91 s of pauses for all of them, not for one after the other.
        world.wait(Duration::from_mins(3)).await;
        let gave_up = world
            .news()
            .iter()
            .filter(|news| *news == "gave-up")
            .count();
        assert_eq!(gave_up, 40);
    });
}
