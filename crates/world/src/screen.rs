//! The screen of a kiosk: it shows how a customer's request stands, and asks the issuer by long poll.
//!
//! ```text
//! asks at once ──► shows ──► asks: unless it is still this ──┬─ another state ──────► shows it; the last word ends it
//!                                      ▲                     ├─ the same, or nothing ─┐
//!                                      └── a second after it asked last ──────────────┘
//! ```
//!
//! An issuer that knows nothing of long polls is asked each second. All ours.

use std::time::Duration;

use persotwin_kernel::event::{About, News};
use persotwin_link::Face;
use persotwin_link::kiosk::{CARD_REQUESTS, RequestState, RequestView};
use persotwin_wire::{Call, Host};

/// How long the issuer may keep a question until it has something new to show.
const LONG_POLL: Duration = Duration::from_secs(10);
/// How long the screen waits for an answer, beyond that.
const PATIENCE: Duration = Duration::from_secs(10);
/// How soon the screen asks again at the earliest.
const PAUSE: Duration = Duration::from_secs(1);

/// Shows how the request stands until there is nothing more to show.
pub(crate) async fn watch(host: &Host, request: &str) -> RequestState {
    let mut shown = None;
    loop {
        let asked = host.clock.now();
        let reply = host.wire.call(question(request, shown)).await;
        let view: Option<RequestView> = reply.ok().and_then(|reply| reply.json().ok());
        if let Some(view) = view
            && shown != Some(view.state)
        {
            shown = Some(view.state);
            show(host, request, view.state).await;
        }
        if let Some(state @ (RequestState::TakeYourCard | RequestState::Sorry)) = shown {
            return state;
        }
        host.clock.sleep_until(asked + PAUSE).await;
    }
}

/// How does the request stand? To be answered at once the first time, then as soon as something else is to be shown.
fn question(request: &str, shown: Option<RequestState>) -> Call {
    let path = format!("{CARD_REQUESTS}/{request}");
    let call = match shown {
        None => Call::get(Face::Kiosk, &path).patience(PATIENCE),
        Some(state) => {
            let (wait, state) = (LONG_POLL.as_secs(), state.word());
            let path = format!("{path}?wait={wait}&unless={state}");
            Call::get(Face::Kiosk, &path).patience(LONG_POLL + PATIENCE)
        }
    };
    call.about(About::request(request))
}

/// Shows a state.
pub(crate) async fn show(host: &Host, request: &str, state: RequestState) {
    host.pen
        .news(About::request(request), News::Screen { state })
        .await;
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::extract::RawQuery;
    use axum::routing::get;
    use axum::{Json, Router};
    use persotwin_kernel::{Ending, Journal, Limits, run_virtual};
    use persotwin_link::{Latencies, Machine};
    use persotwin_wire::{Ground, Medium, Seat};

    use super::*;

    /// The queries with which a screen asks an issuer that holds each question for so long and tells these states one after the other.
    fn asked(states: &'static [RequestState], holds: Duration) -> (Vec<String>, Duration) {
        let ending = run_virtual(Limits::default(), async |alarm| {
            let journal = Journal::new("2026-06-17T10:00:00Z".parse().unwrap());
            let latencies = Latencies::default();
            let ground = Ground::new(alarm, journal, 1, Medium::InProcess, latencies, None);
            ground.net().reserve(Machine::Issuer, 0).unwrap();
            let queries = Arc::new(Mutex::new(Vec::new()));
            let heard = Arc::clone(&queries);
            let mut issuer = Seat::new(&ground, Machine::Issuer, move |host: Host| {
                let heard = Arc::clone(&heard);
                async move {
                    let clock = host.clock.clone();
                    let answer = async move |RawQuery(query): RawQuery| {
                        clock.sleep(holds).await;
                        let mut heard = heard.lock().unwrap();
                        let state = states[heard.len()];
                        heard.push(query.unwrap_or_default());
                        let request_id = "r-1".to_owned();
                        Json(RequestView {
                            request_id,
                            state,
                            reason: None,
                        })
                    };
                    let path = format!("{CARD_REQUESTS}/{{id}}");
                    let router = Router::new().route(&path, get(answer));
                    host.wire.serve(router).await.unwrap();
                }
            });
            issuer.start().await;
            let kiosk = ground.host(Machine::Kiosk);
            kiosk.clock.sleep(PAUSE).await;
            let began = kiosk.clock.now();
            let last = watch(&kiosk, "r-1").await;
            assert_eq!(Some(&last), states.last());
            let queries = queries.lock().unwrap().clone();
            (queries, kiosk.clock.now().since(began))
        });
        match ending.unwrap() {
            Ending::Told(told) => told,
            Ending::Horizon => panic!("the horizon came first"),
            Ending::Trouble(trouble) => panic!("{trouble}"),
        }
    }

    #[test]
    fn it_says_what_it_shows_and_ends_with_the_last_word() {
        use RequestState::{Printing, TakeYourCard, Waiting};
        let (queries, took) = asked(&[Waiting, Printing, TakeYourCard], Duration::from_secs(5));
        assert_eq!(
            queries,
            ["", "wait=10&unless=waiting", "wait=10&unless=printing"]
        );
        assert_eq!(took.as_secs(), 15);
    }

    #[test]
    fn an_issuer_that_answers_at_once_is_asked_each_second() {
        use RequestState::{Sorry, Waiting};
        let states = &[Waiting, Waiting, Waiting, Waiting, Waiting, Sorry];
        let (queries, took) = asked(states, Duration::ZERO);
        assert_eq!((queries.len(), took.as_secs()), (6, 5));
    }
}
