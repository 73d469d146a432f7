//! A D1 that answers as it is told, and remembers what it was sent.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::civil::Date;
use persotwin_contract::card::CardData;
use persotwin_contract::jose::jwe::Jwe;
use persotwin_contract::jose::jwk::PrivateJwk;
use persotwin_contract::media::MediaType;
use persotwin_contract::path;
use persotwin_contract::read::{read_card_data, read_order};
use persotwin_contract::rules::D1Rules;
use persotwin_contract::token::assertion::verify_assertion;
use persotwin_contract::token::request::read_token_request;
use persotwin_link::tenant::{Tenant, test_key};
use persotwin_wire::Host;
use serde_json::{Value, json};

/// What D1 does with an order.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// 202, so much later.
    Accept(Duration),
    /// Another status, with a body and perhaps `Retry-After`.
    Status(u16, Value, Option<&'static str>),
}

/// An order as it came.
#[derive(Debug, Clone)]
pub(crate) struct Came {
    pub(crate) card: String,
    pub(crate) at: Duration,
    pub(crate) body: Value,
}

#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// How the next orders are answered; then all are accepted at once.
    pub(crate) answers: VecDeque<Answer>,
    pub(crate) came: Vec<Came>,
    /// How the next token requests are answered; then all get a token.
    pub(crate) token_answers: VecDeque<u16>,
    /// How many tokens were given.
    pub(crate) tokens: u32,
    pub(crate) token_requests: u32,
    /// Tokens up to this one are not taken any more.
    pub(crate) revoked: u32,
    /// What `productionStatus` answers; 404 else.
    pub(crate) statuses: BTreeMap<String, Value>,
    pub(crate) asked: Vec<Duration>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct D1(Arc<Mutex<Notes>>);

impl D1 {
    pub(crate) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap()
    }

    pub(crate) fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        let d1 = Self::default();
        d1.notes().answers.extend(answers);
        d1
    }

    pub(crate) async fn serve(self, host: Host) {
        let router = Router::new()
            .route(path::TOKEN, post(token))
            .route(path::PRODUCTION, post(order))
            .route(path::PRODUCTION_STATUS, get(status))
            .with_state((self, host.clone()));
        host.wire.serve(router).await.unwrap();
    }
}

pub(crate) fn jwe_key() -> PrivateJwk {
    test_key("d1-jwe-1")
}

/// What D1 reads in an order, by the rules of the contract.
pub(crate) fn opened(body: &Value) -> CardData {
    let rules = D1Rules::default();
    let order = read_order(body.to_string().as_bytes(), &rules)
        .unwrap()
        .value;
    let jwe = Jwe::parse(order.encrypted_data.as_str()).unwrap();
    let plaintext = jwe.decrypt(&jwe_key()).unwrap();
    let today = Date::constant(2026, 6, 17);
    read_card_data(&plaintext, &rules, today).unwrap().value
}

/// What lies in the JWE, whatever it is.
pub(crate) fn plaintext(body: &Value) -> Value {
    let jwe = Jwe::parse(body["encryptedData"].as_str().unwrap()).unwrap();
    serde_json::from_slice(&jwe.decrypt(&jwe_key()).unwrap()).unwrap()
}

type Here = State<(D1, Host)>;

async fn token(State((d1, host)): Here, headers: HeaderMap, body: Bytes) -> Response {
    let media = MediaType::of(headers["content-type"].to_str().unwrap()).unwrap();
    let assertion = read_token_request(media, &body).unwrap();
    let keys = Tenant::built_in().assertion_keys.public();
    verify_assertion(&assertion, host.calendar.now(), |_, kid| {
        keys.iter().find(|key| key.kid() == kid).cloned()
    })
    .unwrap();
    let mut notes = d1.notes();
    notes.token_requests += 1;
    if let Some(status) = notes.token_answers.pop_front() {
        let body = Json(json!({"error": "invalid_grant"}));
        return (StatusCode::from_u16(status).unwrap(), body).into_response();
    }
    notes.tokens += 1;
    let token = format!("token-{}", notes.tokens);
    Json(json!({"access_token": token, "expires_in": 900, "token_type": "Bearer", "new": 1}))
        .into_response()
}

/// Whether the token is the newest and not revoked.
fn is_welcome(d1: &D1, headers: &HeaderMap) -> bool {
    let bearer = headers["authorization"].to_str().unwrap();
    let number = bearer.strip_prefix("Bearer token-");
    let notes = d1.notes();
    number.is_some_and(|number| number.parse::<u32>().unwrap() > notes.revoked)
}

async fn order(
    State((d1, host)): Here,
    Path((_, card)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_welcome(&d1, &headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let answer = {
        let mut notes = d1.notes();
        notes.came.push(Came {
            card: card.clone(),
            at: host.clock.now().since_start(),
            body: serde_json::from_slice(&body).unwrap(),
        });
        notes.answers.pop_front()
    };
    match answer.unwrap_or(Answer::Accept(Duration::ZERO)) {
        Answer::Accept(after) => {
            host.clock.sleep(after).await;
            let body = json!({"operationId": format!("op-{card}"), "new": {}});
            (StatusCode::ACCEPTED, Json(body)).into_response()
        }
        Answer::Status(status, body, rest) => {
            let status = StatusCode::from_u16(status).unwrap();
            let mut response = (status, Json(body)).into_response();
            if let Some(rest) = rest {
                response
                    .headers_mut()
                    .insert("retry-after", rest.parse().unwrap());
            }
            response
        }
    }
}

async fn status(
    State((d1, host)): Here,
    Path((_, card)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if !is_welcome(&d1, &headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mut notes = d1.notes();
    notes.asked.push(host.clock.now().since_start());
    match notes.statuses.get(&card) {
        Some(body) => Json(body.clone()).into_response(),
        None => (StatusCode::NOT_FOUND, Json(json!({"error": "no order"}))).into_response(),
    }
}
