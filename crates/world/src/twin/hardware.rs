//! How the hardware of the world moves: speed, pause, single steps.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use persotwin_kernel::Pace;
use persotwin_wire::Refused;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Twin, refuse};

/// The slowest and the fastest that anybody may ask for.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.001..=1_000_000.0;
/// As many movements may be told to begin at once.
const MOST_MOVEMENTS: u32 = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Speed {
    times: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    movements: u32,
}

pub(super) async fn state(State(twin): State<Twin>) -> Json<Value> {
    Json(shown(&twin.pace))
}

pub(super) async fn pause(State(twin): State<Twin>) -> Json<Value> {
    twin.pace.pause();
    Json(shown(&twin.pace))
}

pub(super) async fn resume(State(twin): State<Twin>) -> Json<Value> {
    twin.pace.resume();
    Json(shown(&twin.pace))
}

pub(super) async fn step(
    State(twin): State<Twin>,
    body: Result<Json<Step>, JsonRejection>,
) -> Result<Response, Refused> {
    let Json(Step { movements }) = body?;
    if !(1..=MOST_MOVEMENTS).contains(&movements) {
        let sentence = "`movements` is a number from 1 to 10000";
        return Ok(refuse(StatusCode::BAD_REQUEST, sentence));
    }
    Ok(match twin.pace.step(movements) {
        Ok(()) => Json(shown(&twin.pace)).into_response(),
        Err(error) => Refused::telling(StatusCode::CONFLICT, error.to_string()).into_response(),
    })
}

pub(super) async fn speed(
    State(twin): State<Twin>,
    body: Result<Json<Speed>, JsonRejection>,
) -> Result<Response, Refused> {
    let Json(Speed { times }) = body?;
    if !SPEEDS.contains(&times) {
        let sentence = "`times` is a number from 0.001 to 1000000";
        return Ok(refuse(StatusCode::BAD_REQUEST, sentence));
    }
    twin.pace.set(times);
    Ok(Json(shown(&twin.pace)).into_response())
}

fn shown(pace: &Pace) -> Value {
    let waiting: Vec<Value> = pace
        .waiting()
        .iter()
        .map(|waiting| {
            let takes = u64::try_from(waiting.takes.as_millis()).unwrap_or(u64::MAX);
            json!({ "machine": waiting.machine, "takesMs": takes })
        })
        .collect();
    let moves = if pace.is_paused() {
        "when-told"
    } else {
        "by-itself"
    };
    json!({ "moves": moves, "times": pace.factor(), "waiting": waiting })
}
