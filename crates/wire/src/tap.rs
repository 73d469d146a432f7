//! A listener on the wire: whole exchanges with masked bodies, for HAR files.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use jiff::Timestamp;
use persotwin_kernel::event::Exchange;
use persotwin_link::{Face, Machine};
use serde_json::Value;

use crate::mask::masked;

/// One exchange as it was heard.
#[derive(Debug, Clone)]
pub struct Tapped {
    /// Its number in the journal.
    pub exchange: u64,
    /// The caller.
    pub from: Machine,
    /// The face called.
    pub to: Face,
    /// When it was sent, world time.
    pub sent: Timestamp,
    /// From sent to answered or failed.
    pub took: Duration,
    /// What was asked.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// Request headers, secrets masked.
    pub request_headers: Vec<(String, String)>,
    /// Request body, secrets masked, and its true size.
    pub request_body: Option<Value>,
    /// True size of the request body.
    pub request_bytes: usize,
    /// The answer, if one came.
    pub answer: Option<TappedAnswer>,
}

/// An answer as it was heard.
#[derive(Debug, Clone)]
pub struct TappedAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body, secrets masked.
    pub body: Option<Value>,
    /// True size.
    pub bytes: usize,
}

/// A recorder of exchanges.
#[derive(Debug, Clone, Default)]
pub struct Tap(Arc<Mutex<Vec<Tapped>>>);

impl Tap {
    /// All that was heard since it was last asked, by exchange.
    pub fn take(&self) -> Vec<Tapped> {
        let mut heard = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        heard.sort_by_key(|tapped| tapped.exchange);
        heard
    }

    pub(crate) fn hear(
        &self,
        exchange: &Exchange,
        (sent, took): (Timestamp, Duration),
        request: &Request<Bytes>,
        answer: Option<&Response<Bytes>>,
    ) {
        let face = &exchange.to;
        let tapped = Tapped {
            exchange: exchange.exchange,
            from: exchange.from.clone(),
            to: face.clone(),
            sent,
            took,
            method: exchange.method.clone(),
            path: exchange.path.clone(),
            request_headers: headers(request.headers()),
            request_body: masked(face, content_type(request.headers()), request.body()),
            request_bytes: request.body().len(),
            answer: answer.map(|answer| TappedAnswer {
                status: answer.status().as_u16(),
                headers: headers(answer.headers()),
                body: masked(face, content_type(answer.headers()), answer.body()),
                bytes: answer.body().len(),
            }),
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(tapped);
    }
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(http::header::CONTENT_TYPE)?.to_str().ok()
}

/// Headers as people may see them: no port, no credentials.
fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let show = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let text = match *name {
            http::header::AUTHORIZATION => "(secret)".to_owned(),
            http::header::HOST => "127.0.0.1".to_owned(),
            _ => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        };
        (name.to_string(), text)
    };
    headers.iter().map(show).collect()
}
