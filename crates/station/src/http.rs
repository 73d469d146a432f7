//! The two faces of the hardware over HTTP. It parses, hands over and answers; it decides nothing.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use persotwin_link::device::{ActionRequest, Answer, Atr, Command, Power};
use persotwin_printer::action::NotAnActionId;
use persotwin_printer::{ActionId, NoContact, Refusal};
use persotwin_wire::Refused;
use serde::Deserialize;

use crate::machine::{Electronics, NoAnswer, Until};

/// The longest body: a layout with its custom lines is far below.
const MAX_BODY: usize = 64 * 1024;

/// The longest poll.
const MAX_WAIT: u64 = 60;

type Hardware = State<Arc<Electronics>>;

/// What stands in a path, if it is text.
type Ids<T> = Result<Path<T>, PathRejection>;

pub(crate) fn router(electronics: Arc<Electronics>) -> Router {
    Router::new()
        .route("/printer/v1/{station}", get(status))
        .route(
            "/printer/v1/{station}/actions/{action}",
            put(begin).get(poll),
        )
        .route("/chip/v1/{station}/power", post(power))
        .route("/chip/v1/{station}/apdus", post(transmit))
        .fallback(async || Refused::NOT_FOUND)
        .method_not_allowed_fallback(async || Refused::METHOD)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(electronics)
}

const NO_ACTION: Refused = Refused::new(StatusCode::NOT_FOUND, "the printer knows no such action");
const QUERY: Refused = Refused::new(
    StatusCode::BAD_REQUEST,
    "the query is wait=SECONDS and until=exit",
);

/// The face belongs to one station; another one's path leads nowhere.
fn check_station(electronics: &Electronics, station: &str) -> Result<(), Refused> {
    if electronics.physical.id().as_str() == station {
        Ok(())
    } else {
        Err(Refused::NOT_FOUND)
    }
}

async fn status(State(electronics): Hardware, station: Ids<String>) -> Result<Response, Refused> {
    let Path(station) = station?;
    check_station(&electronics, &station)?;
    Ok(Json(electronics.status().await).into_response())
}

async fn begin(
    State(electronics): Hardware,
    ids: Ids<(String, String)>,
    body: Result<Json<ActionRequest>, JsonRejection>,
) -> Result<Response, Refused> {
    let Path((station, action)) = ids?;
    check_station(&electronics, &station)?;
    let id: ActionId = action.parse().map_err(|error: NotAnActionId| {
        Refused::telling(StatusCode::BAD_REQUEST, error.to_string())
    })?;
    let Json(request) = body?;
    electronics.begin(&id, &request).await.map_err(|refusal| {
        let status = match refusal {
            Refusal::OtherCount(_) => StatusCode::PRECONDITION_FAILED,
            _ => StatusCode::CONFLICT,
        };
        Refused::telling(status, refusal.to_string())
    })?;
    Ok((StatusCode::ACCEPTED, Json(serde_json::json!({}))).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Poll {
    #[serde(default)]
    wait: u64,
    until: Option<Place>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Place {
    Exit,
}

async fn poll(
    State(electronics): Hardware,
    ids: Ids<(String, String)>,
    query: Result<Query<Poll>, QueryRejection>,
) -> Result<Response, Refused> {
    let Path((station, action)) = ids?;
    check_station(&electronics, &station)?;
    let Query(Poll { wait, until }) = query.map_err(|_| QUERY)?;
    let id: ActionId = action.parse().map_err(|_| NO_ACTION)?;
    let until = until.map_or(Until::Finished, |Place::Exit| Until::Exit);
    let wait = Duration::from_secs(wait.min(MAX_WAIT));
    match electronics.poll(&id, until, wait).await {
        Some(outcome) => Ok(Json(outcome).into_response()),
        None => Err(NO_ACTION),
    }
}

async fn power(
    State(electronics): Hardware,
    station: Ids<String>,
    body: Result<Json<Power>, JsonRejection>,
) -> Result<Response, Refused> {
    let Path(station) = station?;
    check_station(&electronics, &station)?;
    let Json(power) = body?;
    let atr = match power {
        Power::On => electronics.chip_on().await,
        Power::Off => electronics.chip_off().await.map(|()| Vec::new()),
    };
    let atr = atr.map_err(|none| no_answer(none.into()))?;
    Ok(Json(Atr { atr }).into_response())
}

async fn transmit(
    State(electronics): Hardware,
    station: Ids<String>,
    body: Result<Json<Command>, JsonRejection>,
) -> Result<Response, Refused> {
    let Path(station) = station?;
    check_station(&electronics, &station)?;
    let Json(command) = body?;
    let answer = electronics.transmit(&command.command).await;
    let answer = answer.map_err(no_answer)?;
    Ok(Json(Answer { answer }).into_response())
}

fn no_answer(why: NoAnswer) -> Refused {
    let sentence = match why {
        NoAnswer::NoContact(NoContact::NoCard) => "no card is under the contacts",
        NoAnswer::NoContact(NoContact::NoReader) => "the chip reader does not answer",
        NoAnswer::NoContact(NoContact::Mute) => "the chip does not answer",
        NoAnswer::NoPower => "the chip has no power",
    };
    Refused::new(StatusCode::CONFLICT, sentence)
}
