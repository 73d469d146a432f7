//! D1's routes, all at one origin: parse, hand over, answer. Nothing is decided here.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use persotwin_contract::ids::{OperationId, PersoStation};
use persotwin_contract::media::MediaType;
use persotwin_contract::order::Accepted;
use persotwin_contract::path;
use persotwin_contract::refusal::{ErrorBody, Missing, Refusal};
use persotwin_contract::token::TokenRefusal;
use persotwin_contract::token::access::issue_access_token;
use persotwin_contract::token::assertion::verify_assertion;
use persotwin_contract::token::request::{TokenResponse, read_token_request};
use persotwin_link::jobs::Report;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::door::DoorError;
use crate::intake::Asking;
use crate::machine::D1;

/// The largest body that is read (ours).
const BODY_LIMIT: usize = 256 * 1024;

/// How much of a larger body is still taken off the wire, so that its sender hears the answer (ours).
const DRAIN_LIMIT: usize = 16 * 1024 * 1024;

/// Where an accepted order's remarks stand (ours): what was let through and may not have been meant.
const REMARK: HeaderName = HeaderName::from_static("x-persotwin-remark");

type Shared = State<Arc<D1>>;

/// The station in the path of an agent's call.
type Named = Result<Path<String>, PathRejection>;

/// All of D1's faces.
pub(crate) fn router(d1: Arc<D1>) -> Router {
    let orders = post(produce);
    let statuses = get(production_status);
    let mut router = Router::new()
        .route(path::TOKEN, post(token))
        .route(path::PRODUCTION, orders.clone())
        .route(&lower_card(path::PRODUCTION), orders)
        .route("/stations/v1/{persoStation}/enrolment", post(enrolment))
        .route("/stations/v1/{persoStation}/heartbeats", post(heartbeat))
        .route(
            "/stations/v1/{persoStation}/jobs/{jobId}/reports",
            post(report),
        );
    // As the API has it, as a guide prints it, and the two mixtures.
    for template in [path::PRODUCTION_STATUS, path::PRODUCTION_STATUS_LOWER] {
        router = router.route(template, statuses.clone());
    }
    let mixed = [
        lower_card(path::PRODUCTION_STATUS),
        path::PRODUCTION_STATUS.replace("productionStatus", "productionstatus"),
    ];
    for template in mixed {
        router = router.route(&template, statuses.clone());
    }
    router
        .fallback(|| async { refused(&Refusal::NotFound(Missing::Path)) })
        .method_not_allowed_fallback(|| async { refused(&Refusal::MethodNotAllowed) })
        .with_state(d1)
}

fn lower_card(template: &str) -> String {
    template.replace("physicalCards", "physicalcards")
}

async fn token(State(d1): Shared, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Some(form) = text(&head.headers, &header::CONTENT_TYPE).and_then(|t| MediaType::of(&t))
    else {
        let sentence = "the body must be a form or application/json";
        return error(StatusCode::UNSUPPORTED_MEDIA_TYPE, sentence);
    };
    match read_body(&head.headers, body).await {
        Ok(body) => match grant(&d1, form, &body) {
            Ok(token) => uncached(json(StatusCode::OK, &token)),
            Err(refusal) => uncached(bytes(refusal.status(), refusal.body())),
        },
        Err(refusal) => refused(&refusal),
    }
}

fn grant(d1: &D1, form: MediaType, body: &[u8]) -> Result<TokenResponse, TokenRefusal> {
    let assertion = read_token_request(form, body)?;
    let tenant = &d1.config.tenant;
    let now = d1.host.calendar.now();
    let issuer = verify_assertion(&assertion, now, |issuer, kid| {
        let mut keys = tenant.assertion_keys.public().into_iter();
        keys.find(|key| *issuer == tenant.issuer && key.kid() == kid)
    })?;
    Ok(issue_access_token(d1.config.keys.token(), &issuer, now))
}

async fn produce(
    State(d1): Shared,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let asking = match asking(path, request).await {
        Ok(asking) => asking,
        Err(refusal) => return refused(&refusal),
    };
    match d1.order(asking).await {
        Ok(taken) => {
            let accepted = Accepted {
                operation_id: Some(taken.operation),
            };
            let mut response = json(StatusCode::ACCEPTED, &accepted);
            for remark in taken.remarks {
                if let Ok(remark) = HeaderValue::from_str(&remark.to_string()) {
                    response.headers_mut().append(REMARK, remark);
                }
            }
            response
        }
        Err(refusal) => refused(&refusal),
    }
}

async fn production_status(
    State(d1): Shared,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let answer = match asking(path, request).await {
        Ok(asking) => d1.production_status(&asking).await,
        Err(refusal) => Err(refusal),
    };
    match answer {
        Ok(operations) => bytes(200, operations.to_body()),
        Err(refusal) => refused(&refusal),
    }
}

async fn asking(
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<Asking, Refusal> {
    let (head, body) = request.into_parts();
    // The body is taken off the wire whatever comes of it, so that the answer is heard.
    let body = read_body(&head.headers, body).await;
    let Ok(Path((issuer, card))) = path else {
        return Err(Refusal::BadRequest);
    };
    Ok(Asking {
        authorization: text(&head.headers, &header::AUTHORIZATION),
        correlation: text(&head.headers, &HeaderName::from_static("x-correlation-id")),
        content_type: text(&head.headers, &header::CONTENT_TYPE),
        issuer,
        card,
        body,
    })
}

async fn enrolment(State(d1): Shared, station: Named, request: Request) -> Response {
    answer_agent(station, request, async |station, enrolment| {
        d1.enrol(station, enrolment).await?;
        Ok(json(StatusCode::OK, &serde_json::json!({})))
    })
    .await
}

async fn heartbeat(State(d1): Shared, station: Named, request: Request) -> Response {
    answer_agent(station, request, async |station, beat| {
        d1.heartbeat(&station, beat).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}

async fn report(
    State(d1): Shared,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let (station, job) = match path {
        Ok(Path((station, job))) => (Ok(Path(station)), job.parse::<OperationId>().ok()),
        Err(rejection) => (Err(rejection), None),
    };
    answer_agent(station, request, async |station, report: Report| {
        let job = job.ok_or(DoorError::NoJob)?;
        let reply = d1.report(&station, &job, &report).await?;
        Ok(json(StatusCode::OK, &reply))
    })
    .await
}

/// Reads an agent's message, hands it over, and turns an error into its answer.
async fn answer_agent<T: DeserializeOwned>(
    station: Named,
    request: Request,
    handle: impl AsyncFnOnce(PersoStation, T) -> Result<Response, DoorError>,
) -> Response {
    let (head, body) = request.into_parts();
    let body = match read_body(&head.headers, body).await {
        Ok(body) => body,
        Err(refusal) => return refused(&refusal),
    };
    let media = text(&head.headers, &header::CONTENT_TYPE).and_then(|t| MediaType::of(&t));
    if media != Some(MediaType::Json) {
        return refused(&Refusal::UnsupportedMediaType);
    }
    let Some(station) = station.ok().and_then(|Path(text)| text.parse().ok()) else {
        return error(StatusCode::FORBIDDEN, &DoorError::Unregistered.to_string());
    };
    let Ok(message) = serde_json::from_slice(&body) else {
        return error(
            StatusCode::BAD_REQUEST,
            "the body is not what this call takes",
        );
    };
    match handle(station, message).await {
        Ok(response) => response,
        Err(why) => error(status_of(why), &why.to_string()),
    }
}

const fn status_of(error: DoorError) -> StatusCode {
    match error {
        DoorError::Unregistered | DoorError::NotEnrolled => StatusCode::FORBIDDEN,
        DoorError::NoJob | DoorError::Revoked => StatusCode::GONE,
        DoorError::NotOffered => StatusCode::TOO_EARLY,
        DoorError::Changed => StatusCode::CONFLICT,
        DoorError::Ledger => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Reads a body up to its limit. A longer one is refused, but first taken off the wire, within reason.
async fn read_body(headers: &HeaderMap, mut body: Body) -> Result<Bytes, Refusal> {
    let told = text(headers, &header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    if headers.contains_key(header::EXPECT) && told.is_some_and(|length: usize| length > BODY_LIMIT)
    {
        // The sender waits for leave to send it.
        return Err(Refusal::TooLarge);
    }
    let (mut read, mut seen) = (BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(Refusal::BadRequest);
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        seen += data.len();
        if seen <= BODY_LIMIT {
            read.extend_from_slice(&data);
        } else if seen > DRAIN_LIMIT {
            break;
        }
    }
    if seen > BODY_LIMIT {
        return Err(Refusal::TooLarge);
    }
    Ok(read.freeze())
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn refused(refusal: &Refusal) -> Response {
    let mut response = bytes(refusal.status(), refusal.body());
    if *refusal == Refusal::TooManyRequests {
        let second = HeaderValue::from_static("1");
        response.headers_mut().insert(header::RETRY_AFTER, second);
    }
    response
}

fn error(status: StatusCode, sentence: &str) -> Response {
    let body = ErrorBody {
        error_code: None,
        error: Some(sentence.to_owned()),
    };
    json(status, &body)
}

fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    // The bodies are plain structs, which always encode.
    bytes(
        status.as_u16(),
        serde_json::to_vec(body).unwrap_or_default(),
    )
}

fn bytes(status: u16, body: Vec<u8>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = [(header::CONTENT_TYPE, "application/json")];
    (status, json, body).into_response()
}

/// A token answer must not be kept by anybody on the way (RFC 6749).
fn uncached(mut response: Response) -> Response {
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    response
}
