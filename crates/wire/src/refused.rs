//! Error answers of our own faces: `{"error": "sentence"}`, in the same words at every door. What D1 documents has its own.

use std::borrow::Cow;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

/// Why a request of one of our own faces is not answered as it wished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(StatusCode, Cow<'static, str>);

impl Refused {
    /// Nothing is at this path.
    pub const NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND, "no such path");
    /// Something is there, but not for this method.
    pub const METHOD: Self = Self::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "this method is not for this path",
    );

    /// A refusal that is always the same.
    pub const fn new(status: StatusCode, sentence: &'static str) -> Self {
        Self(status, Cow::Borrowed(sentence))
    }

    /// A refusal that tells something of the request. Never a secret.
    pub fn telling(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self(status, Cow::Owned(sentence.into()))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(status, sentence) = self;
        (status, Json(json!({ "error": sentence }))).into_response()
    }
}

impl From<PathRejection> for Refused {
    fn from(_: PathRejection) -> Self {
        Self::NOT_FOUND
    }
}

impl From<JsonRejection> for Refused {
    fn from(rejection: JsonRejection) -> Self {
        match rejection.status() {
            status @ StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Self::new(status, "the body must be application/json")
            }
            status @ StatusCode::PAYLOAD_TOO_LARGE => Self::new(status, "the body is too large"),
            _ => Self::new(
                StatusCode::BAD_REQUEST,
                "the body is not what this path expects",
            ),
        }
    }
}
