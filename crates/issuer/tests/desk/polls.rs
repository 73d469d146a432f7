//! A kiosk waits at the issuer until there is something new to show.

use std::time::Duration;

use persotwin_kernel::Moment;
use persotwin_link::Face;
use persotwin_link::kiosk::{CARD_REQUESTS, CardEvent, RequestState, RequestView};
use persotwin_wire::Call;

use crate::world::{Making, SECOND, World, request};

impl World {
    /// Asks with this query; the state that is answered, and how long it took.
    async fn poll(&self, query: &str) -> (RequestState, Duration) {
        let asked: Moment = self.kiosk.clock.now();
        let call = Call::get(Face::Kiosk, &format!("{CARD_REQUESTS}/r-1{query}"));
        let reply = self.kiosk.wire.call(call.patience(SECOND * 100)).await;
        let view: RequestView = reply.unwrap().json().unwrap();
        (view.state, self.kiosk.clock.now().since(asked))
    }

    /// D1 tells this of the only card after a while.
    fn tell_later(&self, after: Duration, status: &'static str) {
        let (host, card) = (self.d1_host.clone(), self.card());
        let told = crate::world::update(&card, status);
        let body = serde_json::json!({ "operations": [told] });
        self.d1_host.life.spawn(async move {
            host.clock.sleep(after).await;
            let call = Call::post(Face::Notifications, crate::world::NOTIFICATIONS);
            host.wire.call(call.json(&body)).await.unwrap();
        });
    }
}

/// Latencies there and back are a few milliseconds.
fn is_about(found: Duration, wanted: Duration) -> bool {
    (wanted..wanted + Duration::from_millis(200)).contains(&found)
}

#[test]
fn a_poll_is_answered_when_the_state_is_another_one() {
    Making::default().tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        world.tell_later(SECOND * 7, "CARD_PROD_REQUESTED");
        // That the data are ready changes nothing on a screen.
        world.tell_later(SECOND * 9, "CARD_PROD_READY");
        world.tell_later(SECOND * 20, "CARD_PROD_DONE");
        let (state, took) = world.poll("?wait=60&unless=waiting").await;
        assert_eq!(state, RequestState::Printing);
        assert!(is_about(took, SECOND * 7), "{took:?}");
        let (state, took) = world.poll("?wait=60&unless=printing").await;
        assert_eq!(state, RequestState::TakeYourCard);
        assert!(is_about(took, SECOND * 13), "{took:?}");
        let (captured, polled) = tokio::join!(
            world.seen("r-1", CardEvent::Captured),
            world.poll("?wait=60&unless=take-your-card"),
        );
        assert_eq!((captured, polled.0), (204, RequestState::Sorry));
        assert!(is_about(polled.1, Duration::ZERO), "{polled:?}");
    });
}

#[test]
fn a_poll_is_answered_at_once_where_nothing_is_to_be_waited_for() {
    Making::default().tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        for query in [
            "",
            "?wait=0",
            "?unless=waiting",
            "?wait=60",
            "?wait=60&unless=sorry",
        ] {
            let (state, took) = world.poll(query).await;
            assert_eq!(state, RequestState::Waiting, "{query}");
            assert!(is_about(took, Duration::ZERO), "{query} {took:?}");
        }
    });
}

#[test]
fn a_poll_is_answered_at_the_latest_when_its_wait_is_over_which_is_a_minute_at_most() {
    Making::default().tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        for (query, wanted) in [("3", 3), ("60", 60), ("3600", 60)] {
            let (state, took) = world.poll(&format!("?wait={query}&unless=waiting")).await;
            assert_eq!(state, RequestState::Waiting);
            assert!(is_about(took, SECOND * wanted), "{query} {took:?}");
        }
    });
}

#[test]
fn several_polls_of_one_request_are_all_answered() {
    Making::default().tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        world.tell_later(SECOND * 5, "CARD_PROD_REQUESTED");
        let poll = || world.poll("?wait=30&unless=waiting");
        let (one, other) = tokio::join!(poll(), poll());
        for (state, took) in [one, other] {
            assert_eq!(state, RequestState::Printing);
            assert!(is_about(took, SECOND * 5), "{took:?}");
        }
    });
}

#[test]
fn an_issuer_that_crashes_ends_its_polls_and_goes_on_answering() {
    Making::default().tell(|mut world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        let wire = world.kiosk.wire.clone();
        let path = format!("{CARD_REQUESTS}/r-1?wait=60&unless=waiting");
        let call = Call::get(Face::Kiosk, &path).patience(SECOND * 100);
        let asked = world.kiosk.clock.now();
        let poll = async move { wire.call(call).await.is_err() };
        let crash = async {
            world.wait(SECOND * 5).await;
            world.issuer.crash().await;
        };
        let (failed, ()) = tokio::join!(poll, crash);
        let took = world.kiosk.clock.now().since(asked);
        assert!(failed && is_about(took, SECOND * 5), "{took:?}");
        world.issuer.start().await;
        world.tell_later(SECOND * 5, "CARD_PROD_REQUESTED");
        let (state, took) = world.poll("?wait=60&unless=waiting").await;
        assert_eq!(state, RequestState::Printing);
        assert!(is_about(took, SECOND * 5), "{took:?}");
    });
}
