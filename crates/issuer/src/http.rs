//! The issuer's routes: its own kiosk face, and the three that D1 documents for an issuer.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use persotwin_contract::media::MediaType;
use persotwin_contract::notification::Operations;
use persotwin_contract::path;
use persotwin_contract::token::outbound::read_client_request;
use persotwin_contract::token::{TokenErrorCode, TokenRefusal};
use persotwin_link::kiosk::{CARD_REQUESTS, CardEvent, CardRequest, RequestState};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::machine::{Desk, LedgerFull, SeenError, TapError};

/// The largest body that is read.
const BODY_LIMIT: usize = 256 * 1024;

/// The longest poll, in seconds.
const MAX_WAIT: u64 = 60;

/// All routes of the issuer. D1's token operation is there only if the tenant has outbound OAuth.
pub(crate) fn router(desk: Arc<Desk>) -> Router {
    let mut router = Router::new()
        .route(CARD_REQUESTS, post(tap))
        .route(&format!("{CARD_REQUESTS}/{{requestId}}"), get(view))
        .route(&format!("{CARD_REQUESTS}/{{requestId}}/card"), post(seen))
        .route(path::NOTIFY_CARDS, post(notified))
        .route(path::CARD_PIN, get(pin));
    if desk.setup.door.is_some() {
        router = router.route(path::OUTBOUND_TOKEN, post(token));
    }
    router
        .fallback(|| async { Problem::NoPath })
        .method_not_allowed_fallback(|| async { Problem::Method })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(desk)
}

/// Why a request is not answered as it wished.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("no such path")]
    NoPath,
    #[error("this method is not for this path")]
    Method,
    #[error("the body cannot be read")]
    Unread,
    #[error("the body is larger than {BODY_LIMIT} bytes")]
    TooLarge,
    #[error("the body must be {}", .0.as_str())]
    MediaType(MediaType),
    #[error("the body is not what belongs here, at line {line} column {column}")]
    Content { line: usize, column: usize },
    #[error("{0}")]
    NoNotification(#[from] persotwin_contract::notification::InvalidNotification),
    #[error("the query is wait=SECONDS and unless=STATE")]
    Query,
    #[error("a bearer token of this issuer is missing, or it has ended")]
    NoToken,
    #[error("there is no issuer of this id here")]
    OtherIssuer,
    #[error("there is no card of this id here that has a PIN")]
    NoPin,
    #[error(transparent)]
    Tap(#[from] TapError),
    #[error(transparent)]
    Seen(#[from] SeenError),
    #[error(transparent)]
    LedgerFull(#[from] LedgerFull),
}

impl Problem {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Unread
            | Self::Content { .. }
            | Self::NoNotification(_)
            | Self::Query
            | Self::Tap(TapError::Id(_)) => StatusCode::BAD_REQUEST,
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::NoPath | Self::OtherIssuer | Self::NoPin | Self::Seen(SeenError::NoRequest) => {
                StatusCode::NOT_FOUND
            }
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Tap(TapError::Contradicts) | Self::Seen(SeenError::Contradicts) => {
                StatusCode::CONFLICT
            }
            Self::LedgerFull(_)
            | Self::Tap(TapError::LedgerFull)
            | Self::Seen(SeenError::LedgerFull) => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Tap(TapError::Customer | TapError::Product) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = axum::Json(json!({ "error": self.to_string() }));
        let mut response = (self.status(), body).into_response();
        if let Self::NoToken = self {
            let scheme = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

type Desks = State<Arc<Desk>>;
type Body = Result<Bytes, BytesRejection>;
type Id = Result<Path<String>, PathRejection>;

async fn tap(State(desk): Desks, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let request: CardRequest = read(&headers, body)?;
    let view = desk.tap(&request).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(view)).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Poll {
    #[serde(default)]
    wait: u64,
    unless: Option<RequestState>,
}

async fn view(
    State(desk): Desks,
    id: Id,
    query: Result<Query<Poll>, QueryRejection>,
) -> Result<Response, Problem> {
    let Path(id) = id.map_err(|_| SeenError::NoRequest)?;
    let Query(Poll { wait, unless }) = query.map_err(|_| Problem::Query)?;
    let wait = Duration::from_secs(wait.min(MAX_WAIT));
    let view = desk.view(&id, unless, wait).await;
    Ok(axum::Json(view.ok_or(SeenError::NoRequest)?).into_response())
}

async fn seen(
    State(desk): Desks,
    id: Id,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let event: CardEvent = read(&headers, body)?;
    let Path(id) = id.map_err(|_| SeenError::NoRequest)?;
    desk.seen(&id, event).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn notified(
    State(desk): Desks,
    issuer: Id,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let issuer = issuer.map_err(|_| Problem::OtherIssuer)?;
    admit(&desk, &headers, &issuer)?;
    let body = bytes_of(&headers, body, MediaType::Json)?;
    let told = Operations::read(&body)?;
    desk.hear_all(&told.operations).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The PIN of a card, for D1 alone (documented; the members of the answer are ours).
async fn pin(
    State(desk): Desks,
    ids: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path((issuer, card)) = ids.map_err(|_| Problem::OtherIssuer)?;
    admit(&desk, &headers, &issuer)?;
    let card = card.parse().map_err(|_| Problem::NoPin)?;
    let answer = desk.pin(&card).await.ok_or(Problem::NoPin)?;
    Ok(axum::Json(answer).into_response())
}

/// Whether D1 may have what it asks for: it has a token where it needs one, and means this issuer.
fn admit(desk: &Desk, headers: &HeaderMap, issuer: &str) -> Result<(), Problem> {
    let now = desk.host.calendar.now();
    if let Some(door) = &desk.setup.door
        && !door.knows(authorization(headers), now, &desk.host.chance)
    {
        return Err(Problem::NoToken);
    }
    let ours = issuer == desk.setup.issuer.as_str();
    ours.then_some(()).ok_or(Problem::OtherIssuer)
}

async fn token(State(desk): Desks, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let Some(door) = &desk.setup.door else {
        return Err(Problem::NoPath);
    };
    let body = bytes_of(&headers, body, MediaType::Form)?;
    let (now, chance) = (desk.host.calendar.now(), &desk.host.chance);
    let token = read_client_request(&body)
        .and_then(|scope| door.admit(authorization(&headers), scope, now, chance));
    let mut response = match token {
        Ok(token) => axum::Json(token).into_response(),
        Err(refusal) => refused(&refusal),
    };
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    Ok(response)
}

/// 400 as documented, with the body of RFC 6749.
fn refused(refusal: &TokenRefusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let json = [(header::CONTENT_TYPE, MediaType::Json.as_str())];
    let mut response = (status, json, refusal.body()).into_response();
    if refusal.code() == TokenErrorCode::InvalidClient {
        let scheme = HeaderValue::from_static("Basic");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()
}

/// The body, if it is of this type.
fn bytes_of(headers: &HeaderMap, body: Body, media: MediaType) -> Result<Bytes, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    if content_type.and_then(MediaType::of) != Some(media) {
        return Err(Problem::MediaType(media));
    }
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge,
        _ => Problem::Unread,
    })
}

/// A JSON body. The error says where it is wrong, and repeats nothing of it.
fn read<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Problem> {
    let body = bytes_of(headers, body, MediaType::Json)?;
    serde_json::from_slice(&body).map_err(|error| Problem::Content {
        line: error.line(),
        column: error.column(),
    })
}
