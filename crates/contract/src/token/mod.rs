//! Access tokens, both ways.
//!
//! Inbound (documented): an issuer signs an [`assertion`] with ES256, posts it to D1's token
//! operation ([`request`]), and gets an [`access`] token for 15 minutes. Outbound (documented as
//! optional): D1 gets a token from the issuer by client credentials ([`outbound`]).

pub mod access;
pub mod assertion;
pub mod outbound;
pub mod request;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::words::closed_words;

/// The longest life of an assertion and the life of an access token (documented).
pub const LIFE: SignedDuration = SignedDuration::from_mins(15);

/// How far an issuer's clock may be off (ours).
pub const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// The scope of an access token (documented as an example).
pub const SCOPE: &str = "d1-api:account:full d1-api:consumer:read";

closed_words! {
    /// `error` of a refused token request, from RFC 6749 section 5.2. That D1 answers 400 is
    /// documented; that its body is of the RFC is ours.
    TokenErrorCode {
        /// The request is not well formed.
        InvalidRequest = "invalid_request",
        /// The assertion does not hold.
        InvalidGrant = "invalid_grant",
        /// The client is not known, or its secret is wrong.
        InvalidClient = "invalid_client",
        /// Another grant than the documented one.
        UnsupportedGrantType = "unsupported_grant_type",
    }
}

/// Why there is no token. The status is 400, the only other one that the documentation lists.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {reason}")]
pub struct TokenRefusal {
    code: TokenErrorCode,
    reason: String,
}

impl TokenRefusal {
    pub(crate) fn new(code: TokenErrorCode, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }

    pub(crate) fn grant(reason: impl Into<String>) -> Self {
        Self::new(TokenErrorCode::InvalidGrant, reason)
    }

    pub(crate) fn request(reason: impl Into<String>) -> Self {
        Self::new(TokenErrorCode::InvalidRequest, reason)
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        400
    }

    /// `error`.
    pub const fn code(&self) -> TokenErrorCode {
        self.code
    }

    /// `{"error": …, "error_description": …}`.
    pub fn body(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Body<'a> {
            error: TokenErrorCode,
            error_description: &'a str,
        }
        crate::json::write(&Body {
            error: self.code,
            error_description: &self.reason,
        })
    }
}

/// Seconds since 1970 as a JWT writes them (RFC 7519 `NumericDate`), a fraction cut away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "i64")]
struct NumericDate(i64);

impl TryFrom<f64> for NumericDate {
    type Error = &'static str;

    fn try_from(seconds: f64) -> Result<Self, Self::Error> {
        // Below 2^53 every whole number is exact; the years end long before.
        if (0.0..9e15).contains(&seconds) {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "in range, the fraction is cut"
            )]
            Ok(Self(seconds as i64))
        } else {
            Err("not a date in seconds since 1970")
        }
    }
}

impl From<NumericDate> for i64 {
    fn from(date: NumericDate) -> Self {
        date.0
    }
}

impl NumericDate {
    fn of(instant: Timestamp) -> Self {
        Self(instant.as_second())
    }

    fn after(instant: Timestamp, by: SignedDuration) -> Self {
        Self(instant.as_second().saturating_add(by.as_secs()))
    }
}

/// `expires_in`, which D1 writes as a number and an issuer as text (both documented); read as either.
mod seconds {
    use serde::Deserialize;
    use serde::de::{self, Deserializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u64),
        Text(String),
    }

    pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        match Either::deserialize(deserializer)? {
            Either::Number(seconds) => Ok(seconds),
            Either::Text(text) => text.parse().map_err(de::Error::custom),
        }
    }
}
