//! Faults and actions at the control face: they join the story, are listed, and are taken back.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, Path, State as Of};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use persotwin_faults::FaultId;
use persotwin_kernel::Moment;
use persotwin_scenario::{Diagnostic, Underway};
use persotwin_wire::Refused;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Twin;
use crate::director::{CannotClear, Declared, Part, State};

/// No entry is longer than that.
const LONGEST: usize = 64 * 1024;
/// How long an answer waits for what comes of something that happens now.
const SOON: Duration = Duration::from_secs(30);

/// Which of the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Faults,
    Actions,
}

impl Kind {
    const fn of(part: &Part) -> Self {
        match part {
            Part::Fault(_) => Self::Faults,
            Part::Action(_) => Self::Actions,
        }
    }

    /// The key of its name, as in a file.
    const fn key(self) -> &'static str {
        match self {
            Self::Faults => "fault",
            Self::Actions => "does",
        }
    }
}

/// The calls of the control face that are about them.
pub(super) fn routes() -> Router<Twin> {
    Router::new()
        .route(
            "/twin/v1/faults",
            get(async |twin| list(twin, Kind::Faults))
                .post(async |twin, body| join(twin, body, Kind::Faults).await),
        )
        .route(
            "/twin/v1/faults/{id}",
            delete(async |twin, id| clear(twin, id, Kind::Faults).await),
        )
        .route(
            "/twin/v1/actions",
            get(async |twin| list(twin, Kind::Actions))
                .post(async |twin, body| join(twin, body, Kind::Actions).await),
        )
        .route(
            "/twin/v1/actions/{id}",
            delete(async |twin, id| clear(twin, id, Kind::Actions).await),
        )
        .layer(DefaultBodyLimit::max(LONGEST))
}

fn list(Of(twin): Of<Twin>, kind: Kind) -> Json<Value> {
    let all = twin.director.means().book.all();
    let own = all
        .iter()
        .filter(|declared| Kind::of(&declared.part) == kind);
    Json(own.map(|declared| shown(&twin, declared)).collect())
}

fn shown(twin: &Twin, declared: &Declared) -> Value {
    let Declared { part, state, times } = declared;
    let kind = Kind::of(part);
    let mut value = json!({
        "id": part.id(), kind.key(): part.name(), "on": part.on(), "state": word(twin, declared), "times": times,
    });
    if let State::Missed(why) = state {
        value["why"] = why.as_str().into();
    }
    value
}

/// A fault of messages is over when its trap is: nothing else tells.
fn word(twin: &Twin, declared: &Declared) -> &'static str {
    let means = twin.director.means();
    let spent = declared.state == State::Struck
        && declared.part.strikes_messages()
        && !means.hands.is_armed(declared.part.id());
    if spent {
        State::Over.word()
    } else {
        declared.state.word()
    }
}

type Entry = Result<Json<Box<RawValue>>, JsonRejection>;

async fn join(Of(twin): Of<Twin>, body: Entry, kind: Kind) -> Result<Response, Refused> {
    let Json(entry) = body?;
    let means = twin.director.means();
    let ids = means.book.ids();
    let story = Underway {
        stations: &twin.stations,
        customers: &means.customers,
        stocks: &means.stocks,
        ids: &ids,
        now: means.host.clock.now().since(Moment::START).into(),
    };
    let read = match kind {
        Kind::Faults => story
            .fault(entry.get())
            .map(|planned| Part::Fault(Arc::new(planned))),
        Kind::Actions => story
            .action(entry.get())
            .map(|planned| Part::Action(Arc::new(planned))),
    };
    let part = match read {
        Ok(part) => part,
        Err(mistakes) => return Ok(mistaken(&mistakes)),
    };
    let full = |error: crate::director::Full| conflict(error.to_string());
    twin.director.join(part.clone()).map_err(full)?;
    let decided = twin.director.decided(&part);
    let decided = means.host.clock.within(SOON, decided).await;
    if let Ok(Some(State::Missed(why))) = decided {
        // As if it had never been asked for: its id is free.
        means.book.forget(part.id());
        return Err(conflict(why));
    }
    let declared = means.book.of(part.id());
    let declared = declared.map(|declared| shown(&twin, &declared));
    Ok((StatusCode::CREATED, Json(declared)).into_response())
}

/// Every mistake of an entry; the first one in a sentence.
fn mistaken(mistakes: &[Diagnostic]) -> Response {
    let all: Vec<Value> = mistakes.iter().map(Diagnostic::to_json).collect();
    let first = all.first();
    let said = |key: &str| first.and_then(|first| first[key].as_str());
    let what = said("what").unwrap_or("this is no entry");
    let sentence = match said("help").or_else(|| said("expected")) {
        Some(more) => format!("{what}: {more}"),
        None => what.to_owned(),
    };
    let body = json!({ "error": sentence, "mistakes": all });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

async fn clear(
    Of(twin): Of<Twin>,
    id: Result<Path<String>, PathRejection>,
    kind: Kind,
) -> Result<StatusCode, Refused> {
    const UNKNOWN: Refused = Refused::new(StatusCode::NOT_FOUND, "there is nothing of this id");
    let id: FaultId = id?.0.parse().map_err(|_| UNKNOWN)?;
    let book = &twin.director.means().book;
    let declared = book.of(&id).ok_or(UNKNOWN)?;
    if Kind::of(&declared.part) != kind {
        return Err(UNKNOWN);
    }
    match twin.director.clear(&id).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(CannotClear::Unknown) => Err(UNKNOWN),
        Err(error) => Err(conflict(error.to_string())),
    }
}

fn conflict(why: String) -> Refused {
    Refused::telling(StatusCode::CONFLICT, why)
}
