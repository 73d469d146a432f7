//! The agent's face for D1, and one path for operators. It parses, hands over and answers; it decides nothing.

use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use axum::{Json, Router};
use http::StatusCode;
use persotwin_contract::ids::OperationId;
use persotwin_link::jobs::Job;
use serde::Deserialize;

use crate::machine::{Agent, Refusal};

/// The longest body: a job with many groupings is a tenth of it.
const MAX_BODY: usize = 256 * 1024;

type Desk = State<Arc<Agent>>;

/// The station and the id in a path, if they are text.
type Ids = Result<Path<(String, String)>, PathRejection>;

pub(crate) fn router(agent: Arc<Agent>) -> Router {
    Router::new()
        .route("/agent/v1/{station}/jobs/{job}", put(take).delete(withdraw))
        .route("/agent/v1/{station}/loads/{load}", put(declare))
        .fallback(async || NOT_FOUND)
        .method_not_allowed_fallback(async || METHOD)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(agent)
}

/// An error answer: `{"error": "sentence"}`.
#[derive(Debug, Clone)]
struct Refused(StatusCode, &'static str);

const NOT_FOUND: Refused = Refused(StatusCode::NOT_FOUND, "There is nothing here.");
const METHOD: Refused = Refused(
    StatusCode::METHOD_NOT_ALLOWED,
    "This method is not for this path.",
);
const OTHER_STATION: Refused = Refused(
    StatusCode::FORBIDDEN,
    "This is the agent of another station.",
);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(status, sentence) = self;
        (status, Json(serde_json::json!({ "error": sentence }))).into_response()
    }
}

impl From<PathRejection> for Refused {
    fn from(_: PathRejection) -> Self {
        NOT_FOUND
    }
}

impl From<JsonRejection> for Refused {
    fn from(rejection: JsonRejection) -> Self {
        match rejection.status() {
            status @ StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Self(status, "The body must be application/json.")
            }
            status @ StatusCode::PAYLOAD_TOO_LARGE => Self(status, "The body is too large."),
            _ => Self(
                StatusCode::BAD_REQUEST,
                "The body is not what this path expects.",
            ),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Other => Self(
                StatusCode::CONFLICT,
                "Another content has this id, or it was withdrawn.",
            ),
            Refusal::Begun => Self(StatusCode::CONFLICT, "The job has begun."),
            Refusal::Full => Self(StatusCode::SERVICE_UNAVAILABLE, "The queue is full."),
            Refusal::Ledger => Self(
                StatusCode::SERVICE_UNAVAILABLE,
                "The agent can write nothing down.",
            ),
        }
    }
}

fn check_station(agent: &Agent, station: &str) -> Result<(), Refused> {
    (agent.config.station.id.as_str() == station)
        .then_some(())
        .ok_or(OTHER_STATION)
}

async fn take(
    State(agent): Desk,
    ids: Ids,
    body: Result<Json<Job>, JsonRejection>,
) -> Result<StatusCode, Refused> {
    let Path((station, id)) = ids?;
    check_station(&agent, &station)?;
    let id: OperationId = id.parse().map_err(|_| NOT_FOUND)?;
    let Json(job) = body?;
    check_station(&agent, job.perso_station.as_str())?;
    agent.take(id, job).await?;
    Ok(StatusCode::ACCEPTED)
}

async fn withdraw(State(agent): Desk, ids: Ids) -> Result<StatusCode, Refused> {
    let Path((station, id)) = ids?;
    check_station(&agent, &station)?;
    let id: OperationId = id.parse().map_err(|_| NOT_FOUND)?;
    agent.withdraw(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an operator put into the hoppers, for the inventory book.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Load {
    blanks: u32,
}

async fn declare(
    State(agent): Desk,
    ids: Ids,
    body: Result<Json<Load>, JsonRejection>,
) -> Result<StatusCode, Refused> {
    let Path((station, load)) = ids?;
    check_station(&agent, &station)?;
    let Json(Load { blanks }) = body?;
    agent.declare(load, blanks).await?;
    Ok(StatusCode::NO_CONTENT)
}
