//! The control face, `/twin/v1` on a port of its own: what the twin knows of its world, and what operators do to it. All ours.
//!
//! Read the journal, stations, cards, and D1's lists; break something and repair it; cancel an order. It answers JSON only, on loopback
//! only, to a `Host` that is loopback too and to no page of another origin, so that no browser gets at it for somebody else; and it is
//! never mixed into the documented faces.
//!
//! Faults and actions are read by the grammar of scenarios, so names, parameters and mistakes are the same as in a file. Without an
//! instant, they happen now.
//!
//! | call | answer |
//! |---|---|
//! | `GET /twin/v1/journal?from=N` | at most 1,000 records from that one on, and where to go on |
//! | `GET /twin/v1/events?from=N` | the same as server-sent events, as they are written; without `from`, from now on |
//! | `GET /twin/v1/stations` | each station: the printer's own status, and where its blanks lie |
//! | `GET /twin/v1/cards` | each card that left its hopper: serial number, place, operation, customer, and the reader it is in |
//! | `GET /twin/v1/cards/for-destruction` | by station, the serial numbers that its agent has listed: cards with keys that are in no hand and never may be |
//! | `POST /twin/v1/cards/{serial number}/insert` with `{"reader": "127.0.0.1:35963"}` | 204: a card that somebody holds is in that reader, which is on loopback; 404, 409 with the reason, 502 when no reader listens there |
//! | `POST /twin/v1/cards/{serial number}/remove` | 204: it is in the hand again; 404, 409 when it is in no reader |
//! | `GET /twin/v1/orders/in-doubt` | orders whose card nobody knows about |
//! | `GET /twin/v1/orders/done-not-in-hand` | finished cards that are in nobody's hand, as D1 has heard |
//! | `GET /twin/v1/dead-letters` | notifications that D1 will not try again |
//! | `POST /twin/v1/orders/{operationId}/cancel` | 204; 404 for an unknown order, 409 with the reason when it is too late |
//! | `POST /twin/v1/faults` with an entry of `faults:` as JSON | 201: its `id` and `state`; 400 with every mistake, 409 with the reason when it cannot strike |
//! | `GET /twin/v1/faults` | every fault of the story and of this face, with its state: `waiting`, `armed`, `struck`, `missed`, `over`, `cleared` |
//! | `DELETE /twin/v1/faults/{id}` | 204: it does not strike any more, or is mended; 404, 409 when only an action mends it, or nothing |
//! | `POST /twin/v1/actions` with an entry of `operator:` as JSON | 201: its `id` and `state`; 400 with every mistake, 409 with the reason when it cannot be done |
//! | `GET /twin/v1/actions` | every action of the story and of this face, with its state: `waiting`, `done`, `missed`, `cleared` |
//! | `DELETE /twin/v1/actions/{id}` | 204: it will not be done; 404, 409 |
//! | `GET /twin/v1/hardware` | whether movements begin by themselves or when told, at which speed, and which of them wait |
//! | `POST /twin/v1/hardware/pause`, `/resume` | movements wait to be told from now on; or begin by themselves again |
//! | `POST /twin/v1/hardware/step` with `{"movements": N}` | the next movements begin; 409 when the hardware is not paused |
//! | `PUT /twin/v1/hardware/speed` with `{"times": X}` | so many times as fast, for every movement that begins from now on |

mod declared;
mod destruction;
mod events;
mod hardware;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use persotwin_contract::ids::{OperationId, PersoStation};
use persotwin_d1::{CancelError, Desk, Listed};
use persotwin_kernel::{Journal, Pace};
use persotwin_link::setup::Station;
use persotwin_station::Physical;
use persotwin_wire::{Refused, Wire};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::director::Director;
use crate::readers::{self, Readers};

/// How many records one answer holds at most.
const PAGE: usize = 1000;

/// What the control face looks at.
#[derive(Debug, Clone)]
pub(crate) struct Twin {
    pub(crate) journal: Journal,
    pub(crate) physicals: BTreeMap<PersoStation, Physical>,
    pub(crate) desk: Desk,
    pub(crate) readers: Readers,
    pub(crate) pace: Pace,
    pub(crate) wire: Wire,
    pub(crate) director: Director,
    pub(crate) stations: Arc<BTreeMap<PersoStation, Station>>,
}

/// Its routes.
pub(crate) fn router(twin: Twin) -> Router {
    Router::new()
        .route("/twin/v1/journal", get(journal))
        .route("/twin/v1/events", get(events::events))
        .route("/twin/v1/stations", get(stations))
        .route("/twin/v1/cards", get(cards))
        .route("/twin/v1/cards/for-destruction", get(destruction::list))
        .route("/twin/v1/orders/in-doubt", get(in_doubt))
        .route("/twin/v1/orders/done-not-in-hand", get(done_not_in_hand))
        .route("/twin/v1/dead-letters", get(dead_letters))
        .route("/twin/v1/orders/{operation}/cancel", post(cancel))
        .merge(readers::routes())
        .merge(declared::routes())
        .route("/twin/v1/hardware", get(hardware::state))
        .route("/twin/v1/hardware/pause", post(hardware::pause))
        .route("/twin/v1/hardware/resume", post(hardware::resume))
        .route("/twin/v1/hardware/step", post(hardware::step))
        .route("/twin/v1/hardware/speed", put(hardware::speed))
        .fallback(async || Refused::NOT_FOUND)
        .method_not_allowed_fallback(async || Refused::METHOD)
        .layer(from_fn(only_loopback))
        .with_state(twin)
}

fn refuse(status: StatusCode, error: &'static str) -> Response {
    Refused::new(status, error).into_response()
}

async fn only_loopback(request: Request, next: Next) -> Response {
    match stranger(request.headers()) {
        Some(why) => refuse(StatusCode::FORBIDDEN, why),
        None => next.run(request).await,
    }
}

/// Why a request is none of this computer's own. A page of a browser may reach 127.0.0.1 under a name of its own, or call it from
/// another site; `Host` and `Origin` tell.
fn stranger(headers: &HeaderMap) -> Option<&'static str> {
    let said = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = said(header::HOST).unwrap_or_default();
    let port = |rest: &str| rest.is_empty() || rest.starts_with(':');
    let mut names = ["127.0.0.1", "localhost", "[::1]"].into_iter();
    if !names.any(|name| host.strip_prefix(name).is_some_and(port)) {
        return Some("the control face answers to 127.0.0.1 and localhost only");
    }
    let elsewhere = said(header::ORIGIN)
        .is_some_and(|origin| origin.strip_prefix("http://").is_none_or(|own| own != host));
    elsewhere.then_some("the control face answers to no page of another origin")
}

#[derive(Deserialize)]
struct From {
    #[serde(default)]
    from: u64,
}

impl From {
    const WRONG: &str = "`from` is the number of a record";
}

async fn journal(State(twin): State<Twin>, query: Result<Query<From>, QueryRejection>) -> Response {
    let Ok(Query(From { from })) = query else {
        return refuse(StatusCode::BAD_REQUEST, From::WRONG);
    };
    let mut reader = twin.journal.reader_from(from);
    let records: Vec<Value> = std::iter::from_fn(|| reader.try_next())
        .take(PAGE)
        .map(|record| serde_json::to_value(&*record).unwrap_or_default())
        .collect();
    let last = records.last().and_then(|record| record["seq"].as_u64());
    Json(json!({ "next": last.map_or(from, |last| last + 1), "records": records })).into_response()
}

async fn stations(State(twin): State<Twin>) -> Json<Value> {
    let station = |(id, physical): (&PersoStation, &Physical)| {
        let census = physical.census();
        let blanks = json!({
            "hoppers": census.hoppers, "path": census.path, "exit": census.exit,
            "hands": census.hands, "rejected": census.rejected, "loaded": census.loaded,
        });
        (
            id.to_string(),
            json!({ "printer": physical.status(), "blanks": blanks }),
        )
    };
    Json(Value::Object(twin.physicals.iter().map(station).collect()))
}

async fn cards(State(twin): State<Twin>) -> Json<Value> {
    let mut cards = Vec::new();
    for (id, physical) in &twin.physicals {
        for (card, place) in physical.cards() {
            let customer = card.job().and_then(|job| twin.journal.customer_of(job));
            cards.push(json!({
                "station": id, "serial": card.serial(), "place": place.to_string(),
                "operationId": card.job(), "customer": customer, "personalised": card.is_live(),
                "reader": twin.readers.of(card.serial()),
            }));
        }
    }
    Json(Value::Array(cards))
}

async fn in_doubt(State(twin): State<Twin>) -> Json<Value> {
    Json(twin.desk.in_doubt().await.iter().map(listed).collect())
}

async fn done_not_in_hand(State(twin): State<Twin>) -> Json<Value> {
    let with_reason = |(order, why): &(Listed, persotwin_d1::NotInHand)| {
        let mut value = listed(order);
        value["why"] = Value::String(match why {
            persotwin_d1::NotInHand::Unheard => "released, and nothing was heard since".to_owned(),
            persotwin_d1::NotInHand::Captured(cause) => {
                let cause = serde_json::to_value(cause).unwrap_or_default();
                format!("captured: {}", cause.as_str().unwrap_or_default())
            }
            persotwin_d1::NotInHand::Failed => "the agent gave up after the release".to_owned(),
        });
        value
    };
    Json(
        twin.desk
            .done_not_in_hand()
            .await
            .iter()
            .map(with_reason)
            .collect(),
    )
}

async fn dead_letters(State(twin): State<Twin>) -> Json<Value> {
    let letter = |dead: &persotwin_d1::DeadLetter| {
        let mut value = listed(&dead.order);
        value["status"] = Value::String(dead.status.to_string());
        value["answer"] = json!(dead.answer);
        value
    };
    Json(twin.desk.dead_letters().await.iter().map(letter).collect())
}

fn listed(order: &Listed) -> Value {
    json!({ "operationId": order.operation, "cardId": order.card, "persoStation": order.station })
}

async fn cancel(State(twin): State<Twin>, Path(operation): Path<String>) -> Response {
    let Ok(operation) = operation.parse::<OperationId>() else {
        return refuse(StatusCode::BAD_REQUEST, "that is no operation id");
    };
    match twin.desk.cancel(&operation).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => {
            let status = match error {
                CancelError::Unknown => StatusCode::NOT_FOUND,
                CancelError::Decided | CancelError::MayBeOut => StatusCode::CONFLICT,
                CancelError::Down => StatusCode::SERVICE_UNAVAILABLE,
            };
            Refused::telling(status, error.to_string()).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(said: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = said.iter();
        pairs
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn only_this_computer_and_no_page_of_another_site_gets_in() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:8080",
            "localhost:1",
            "[::1]",
            "[::1]:80",
        ] {
            assert_eq!(stranger(&headers(&[("host", host)])), None, "{host}");
        }
        for host in [
            "",
            "twin.example",
            "127.0.0.1.example",
            "localhost.example:80",
            "[::2]",
            "10.0.0.1:80",
        ] {
            assert!(stranger(&headers(&[("host", host)])).is_some(), "{host}");
        }
        assert!(stranger(&HeaderMap::new()).is_some());
        let from = |origin| headers(&[("host", "127.0.0.1:80"), ("origin", origin)]);
        assert_eq!(stranger(&from("http://127.0.0.1:80")), None);
        for origin in [
            "null",
            "http://127.0.0.1:81",
            "https://127.0.0.1:80",
            "http://evil.example",
        ] {
            assert!(stranger(&from(origin)).is_some(), "{origin}");
        }
    }
}
