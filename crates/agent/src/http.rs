//! The agent's face for D1, and two paths for operators. It parses, hands over and answers; it decides nothing.

use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::routing::{get, put};
use axum::{Json, Router};
use http::StatusCode;
use persotwin_contract::ids::OperationId;
use persotwin_link::Serial;
use persotwin_link::jobs::Job;
use persotwin_wire::Refused;
use serde::{Deserialize, Serialize};

use crate::machine::{Agent, Refusal};
use crate::model::Fate;

/// The longest body: a job with many groupings is a tenth of it.
const MAX_BODY: usize = 256 * 1024;

type Desk = State<Arc<Agent>>;

/// The station and the id in a path, if they are text.
type Ids = Result<Path<(String, String)>, PathRejection>;

pub(crate) fn router(agent: Arc<Agent>) -> Router {
    Router::new()
        .route("/agent/v1/{station}/jobs/{job}", put(take).delete(withdraw))
        .route("/agent/v1/{station}/loads/{load}", put(declare))
        .route("/agent/v1/{station}/for-destruction", get(for_destruction))
        .fallback(async || Refused::NOT_FOUND)
        .method_not_allowed_fallback(async || Refused::METHOD)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(agent)
}

const OTHER_STATION: Refused = Refused::new(
    StatusCode::FORBIDDEN,
    "this is the agent of another station",
);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let (status, sentence) = match refusal {
            Refusal::Other => (
                StatusCode::CONFLICT,
                "another content has this id, or it was withdrawn",
            ),
            Refusal::Begun => (StatusCode::CONFLICT, "the job has begun"),
            Refusal::Full => (StatusCode::SERVICE_UNAVAILABLE, "the queue is full"),
            Refusal::Ledger => (
                StatusCode::SERVICE_UNAVAILABLE,
                "the agent can write nothing down",
            ),
        };
        Self::new(status, sentence)
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
    let id: OperationId = id.parse().map_err(|_| Refused::NOT_FOUND)?;
    let Json(job) = body?;
    check_station(&agent, job.perso_station.as_str())?;
    agent.take(id, job).await?;
    Ok(StatusCode::ACCEPTED)
}

async fn withdraw(State(agent): Desk, ids: Ids) -> Result<StatusCode, Refused> {
    let Path((station, id)) = ids?;
    check_station(&agent, &station)?;
    let id: OperationId = id.parse().map_err(|_| Refused::NOT_FOUND)?;
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

/// The cards that operators shall destroy, by serial number.
#[derive(Debug, Serialize)]
struct ForDestruction {
    cards: Vec<Listed>,
}

#[derive(Debug, Serialize)]
struct Listed {
    serial: Serial,
    /// `spoiled` while it was made, or `captured` when it was finished.
    fate: &'static str,
}

async fn for_destruction(
    State(agent): Desk,
    station: Result<Path<String>, PathRejection>,
) -> Result<Json<ForDestruction>, Refused> {
    let Path(station) = station?;
    check_station(&agent, &station)?;
    let desk = agent.desk.lock().await;
    let listed = |(serial, fate): (&Serial, Fate)| Listed {
        serial: serial.clone(),
        fate: match fate {
            Fate::Captured => "captured",
            Fate::Spoiled | Fate::Inside | Fate::Given => "spoiled",
        },
    };
    let cards = desk.for_destruction().map(listed).collect();
    Ok(Json(ForDestruction { cards }))
}
