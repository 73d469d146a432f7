//! Where a machine answers: an accept loop on hyper, with an axum router behind it.
//!
//! Everything here belongs to the machine's [`Life`]: the loop, the connections, and **each request in a task of its own**. Otherwise
//! a handler that crashes its machine would still answer, and a caller that hangs up would undo what its message has begun.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{HeaderValue, Request, Response, Uri, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use percent_encoding::percent_decode_str;
use persotwin_kernel::{Calendar, Life};
use tokio::sync::oneshot;
use tower::ServiceExt;

use crate::ambush::Heard;
use crate::io::{Io, Listener};
use crate::witness::Witness;

/// How long a stranger may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);

/// A machine's door: what stands behind it, and whom it is open to.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub(crate) router: Router,
    pub(crate) life: Life,
    pub(crate) calendar: Calendar,
    /// Notices what strangers say, where strangers can come.
    pub(crate) witness: Option<Witness>,
}

/// Accepts connections for as long as the life runs.
pub(crate) async fn accept(mut listener: Listener, door: Door) {
    loop {
        match listener.accept().await {
            Ok((io, peer)) => door.life.spawn(connection(io, peer, door.clone())),
            // One connection that broke before it began, or no descriptor left: give others a turn and go on.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

async fn connection(io: Io, peer: Option<SocketAddr>, mut door: Door) {
    let mut builder = http1::Builder::new();
    builder.auto_date_header(false);
    if door.witness.is_some() {
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT);
    }
    // What our own machines say, the net writes down.
    door.witness = door.witness.filter(|witness| !witness.knows(peer));
    let service = service_fn(move |request| answer(request, door.clone()));
    // Its end, good or bad, is the caller's to notice.
    let _ = builder.serve_connection(TokioIo::new(io), service).await;
}

/// The machine did not live to answer.
#[derive(Debug, thiserror::Error)]
#[error("the machine did not answer")]
struct Silent;

async fn answer(request: Request<Incoming>, door: Door) -> Result<Response<Body>, Silent> {
    let (mut tell, told) = oneshot::channel();
    let life = door.life.clone();
    life.spawn(async move {
        let request = normalised(request.map(Body::new));
        let watched = door
            .witness
            .as_ref()
            .and_then(|witness| witness.notices(&request));
        let heard = match watched {
            Some(watched) => watched.answered_by(door.router, request).await,
            None => match door.router.oneshot(request).await {
                Ok(response) => Heard::Answer(response),
                Err(never) => match never {},
            },
        };
        let mut response = match heard {
            Heard::Answer(response) => response,
            Heard::Silence => return tell.closed().await,
            Heard::End => return,
        };
        if let Ok(date) = HeaderValue::from_str(&http_date(&door.calendar)) {
            response.headers_mut().insert(header::DATE, date);
        }
        door.life.alive().await;
        // Nobody listens any more if the caller hung up; the work is done all the same.
        let _: Result<(), Response<Body>> = tell.send(response);
    });
    told.await.map_err(|_| Silent)
}

/// Client stacks may percent-encode the colon of `operations:production`; routers match the raw path.
fn normalised(mut request: Request<Body>) -> Request<Body> {
    let path = request.uri().path();
    if !path.contains("%3A") && !path.contains("%3a") {
        return request;
    }
    let colon = |part: &str| {
        percent_decode_str(part)
            .decode_utf8()
            .is_ok_and(|text| text == ":")
    };
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        let code = escape.get(..3).unwrap_or(escape);
        plain.push_str(if colon(code) { ":" } else { code });
        rest = &escape[code.len()..];
    }
    plain.push_str(rest);
    if let Some(query) = request.uri().query() {
        plain.push('?');
        plain.push_str(query);
    }
    if let Ok(uri) = plain.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    request
}

/// The world's date as HTTP writes it (RFC 9110, IMF-fixdate).
fn http_date(calendar: &Calendar) -> String {
    jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&calendar.now())
        .unwrap_or_default()
}
