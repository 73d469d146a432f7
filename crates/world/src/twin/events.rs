//! The journal as it is written, as server-sent events.

use std::convert::Infallible;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use persotwin_kernel::{Reader, Record};

use super::{From, Twin, refuse};

/// A browser that comes back says here what it has heard last.
const LAST: &str = "last-event-id";

/// From the record that is asked for; after the one that a returning client heard last; else from now on.
pub(super) async fn events(
    State(twin): State<Twin>,
    headers: HeaderMap,
    query: Result<Query<Wanted>, QueryRejection>,
) -> Response {
    let Ok(Query(Wanted { from })) = query else {
        return refuse(StatusCode::BAD_REQUEST, From::WRONG);
    };
    let last = headers.get(LAST).map(|last| {
        let number = last.to_str().ok().and_then(|last| last.parse::<u64>().ok());
        number.map(|number| number.saturating_add(1))
    });
    let from = match last {
        Some(None) => {
            let sentence = "`Last-Event-ID` is the number of a record";
            return refuse(StatusCode::BAD_REQUEST, sentence);
        }
        Some(next) => next,
        None => from,
    };
    let from = from.unwrap_or_else(|| twin.journal.len());
    let records = records(twin.journal.reader_from(from));
    Sse::new(records).into_response()
}

#[derive(serde::Deserialize)]
pub(super) struct Wanted {
    from: Option<u64>,
}

fn records(reader: Reader) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(reader, async |mut reader| {
        let record = reader.next().await;
        Some((Ok(event(&record)), reader))
    })
}

/// One record: its number as id, and the line of the journal as data.
fn event(record: &Record) -> Event {
    // A record is plain data: it always becomes JSON.
    let line = serde_json::to_string(record).unwrap_or_default();
    Event::default().id(record.seq.to_string()).data(line)
}
