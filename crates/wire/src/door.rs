//! Where a machine answers: an accept loop on hyper, with an axum router behind it.
//!
//! Everything here belongs to the machine's [`Life`]: the loop, the connections, and **each request in a task of its own**. Otherwise
//! a handler that crashes its machine would still answer, and a caller that hangs up would undo what its message has begun.

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

use crate::io::{Io, Listener};

/// How long a stranger may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);

/// Whom a door is open to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpenTo {
    /// Only machines of this world.
    World,
    /// Strangers too.
    Strangers,
}

/// Accepts connections for as long as the life runs.
pub(crate) async fn accept(
    mut listener: Listener,
    router: Router,
    life: Life,
    calendar: Calendar,
    open: OpenTo,
) {
    loop {
        match listener.accept().await {
            Ok(io) => life.spawn(connection(
                io,
                router.clone(),
                life.clone(),
                calendar.clone(),
                open,
            )),
            // One connection that broke before it began, or no descriptor left: give others a turn and go on.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

async fn connection(io: Io, router: Router, life: Life, calendar: Calendar, open: OpenTo) {
    let mut builder = http1::Builder::new();
    builder.auto_date_header(false);
    if open == OpenTo::Strangers {
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT);
    }
    let service =
        service_fn(move |request| answer(request, router.clone(), life.clone(), calendar.clone()));
    // Its end, good or bad, is the caller's to notice.
    let _ = builder.serve_connection(TokioIo::new(io), service).await;
}

/// The machine did not live to answer.
#[derive(Debug, thiserror::Error)]
#[error("the machine did not answer")]
struct Silent;

async fn answer(
    request: Request<Incoming>,
    router: Router,
    life: Life,
    calendar: Calendar,
) -> Result<Response<Body>, Silent> {
    let (tell, told) = oneshot::channel();
    let alive = life.clone();
    life.spawn(async move {
        let request = normalised(request.map(Body::new));
        let mut response = match router.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        if let Ok(date) = HeaderValue::from_str(&http_date(&calendar)) {
            response.headers_mut().insert(header::DATE, date);
        }
        alive.alive().await;
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
