//! What a machine says to another, and what it reads of the answer.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, header};
use persotwin_kernel::event::About;
use persotwin_link::Face;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How long a caller waits for an answer when it does not say.
const PATIENCE: Duration = Duration::from_secs(10);

/// A call to a face, built piece by piece.
#[derive(Debug, Clone)]
pub struct Call {
    pub(crate) face: Face,
    pub(crate) about: About,
    pub(crate) patience: Duration,
    pub(crate) request: Request<Bytes>,
}

impl Call {
    /// A call with any method. The path must be a valid one: letters, digits and `-._~:/?=&%`.
    pub fn new(method: Method, face: Face, path: &str) -> Self {
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = method;
        if let Ok(uri) = path.parse() {
            *request.uri_mut() = uri;
        }
        Self {
            face,
            about: About::nothing(),
            patience: PATIENCE,
            request,
        }
    }

    /// GET.
    pub fn get(face: Face, path: &str) -> Self {
        Self::new(Method::GET, face, path)
    }

    /// POST.
    pub fn post(face: Face, path: &str) -> Self {
        Self::new(Method::POST, face, path)
    }

    /// PUT.
    pub fn put(face: Face, path: &str) -> Self {
        Self::new(Method::PUT, face, path)
    }

    /// Says what it is about, for journals and for chance that is keyed by order.
    #[must_use]
    pub fn about(self, about: About) -> Self {
        Self { about, ..self }
    }

    /// How long the caller waits.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// A JSON body.
    #[must_use]
    pub fn json<T: Serialize>(self, body: &T) -> Self {
        // The wire types are plain structs with string keys, which always encode.
        let bytes = serde_json::to_vec(body).unwrap_or_default();
        self.body("application/json", bytes)
    }

    /// Any body.
    #[must_use]
    pub fn body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        *self.request.body_mut() = body.into();
        self.header(header::CONTENT_TYPE, content_type)
    }

    /// A header; left out if its value cannot stand in one.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.request.headers_mut().insert(name, value);
        }
        self
    }

    /// The request itself, for a server that is not on the net.
    pub fn into_request(self) -> Request<Bytes> {
        self.request
    }

    /// `Authorization: Bearer …`.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header(header::AUTHORIZATION, &format!("Bearer {token}"))
    }
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Reply(pub(crate) Response<Bytes>);

/// An answer whose body is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer's body is not the expected JSON")]
pub struct ReadError;

impl Reply {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        self.0.status().is_success()
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        self.0.body()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().get(name)?.to_str().ok()
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ReadError> {
        serde_json::from_slice(self.0.body()).map_err(|_| ReadError)
    }
}
