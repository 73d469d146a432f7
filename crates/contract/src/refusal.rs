//! Refusals of D1: status code and JSON body.
//!
//! Documented are the rows for 400 and 401, on an operation of the same OpenAPI file, and that 403
//! stands for authorisation and business constraints. The bodies of the other statuses are not
//! public: they carry `error`, a text, and no `errorCode` (ours).

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::CardId;
use crate::order::DistributionChannel;
use crate::rules::{ChangedRequest, UnauthorizedBody};
use crate::words::closed_words;

closed_words! {
    /// The documented values of `errorCode`.
    ErrorCode {
        /// A field does not have its documented form; also a missing one (inferred).
        FieldInvalidFormat = "FIELD_INVALID_FORMAT",
        /// The value is not permitted for the field.
        FieldInvalidValue = "FIELD_INVALID_VALUE",
        /// `encryptedData` cannot be decrypted.
        CryptoError = "CRYPTO_ERROR",
        /// What was decrypted is not JSON.
        ParsingError = "PARSING_ERROR",
        /// The access token is not valid.
        AuthorizerUnauthorized = "AUTHORIZER_UNAUTHORIZED",
    }
}

/// A field as the guides name it: `services.issuance`, `encryptedData.pan`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldName(Cow<'static, str>);

impl FieldName {
    /// A field known when this was written.
    pub const fn fixed(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A field named by the request. Longer names are cut at 64 characters; what could not be a
    /// member's name is replaced, and digits too where there are more than a name has, so that no
    /// secret and no noise comes back in an answer.
    pub fn given(prefix: &str, name: &str) -> Self {
        let digits = name.chars().filter(char::is_ascii_digit).count();
        let plain = |c: char| match c {
            '0'..='9' if digits <= 4 => c,
            'a'..='z' | 'A'..='Z' | '_' | '-' => c,
            _ => '?',
        };
        let name: String = name.chars().take(64).map(plain).collect();
        Self(Cow::Owned(format!("{prefix}{name}")))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Why D1 does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// 400 without further information (documented); here: the body is not a JSON object.
    BadRequest,
    /// 400 `FIELD_INVALID_FORMAT` and the first such field (documented).
    InvalidFormat(FieldName),
    /// 400 `FIELD_INVALID_VALUE` and the first such field (documented).
    InvalidValue(FieldName),
    /// 400 `CRYPTO_ERROR` (documented).
    Crypto,
    /// 400 `PARSING_ERROR` and the field (documented).
    Parsing,
    /// 401 without further information (documented); here: no bearer token was sent.
    NoToken,
    /// 401 `AUTHORIZER_UNAUTHORIZED` (documented); the switch says which members it has.
    InvalidToken(UnauthorizedBody),
    /// 403: a good token, but of another issuer than the path names (inferred).
    OtherIssuer,
    /// 403 for a business constraint (documented; which constraints is ours).
    Forbidden(Constraint),
    /// 409 instead of 403 for other content under a known request id (ours, by switch).
    Conflict,
    /// 404 (ours).
    NotFound(Missing),
    /// 405 (ours).
    MethodNotAllowed,
    /// 413: the body is above the limit (ours).
    TooLarge,
    /// 415: the body is not `application/json` (ours).
    UnsupportedMediaType,
    /// 429 (ours, by switch).
    TooManyRequests,
    /// 500 (documented for other operations of the portal).
    Internal,
    /// 503: a part that D1 needs is down (ours).
    Unavailable,
}

/// A business constraint that forbids an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    /// The channel is documented, but not part of this twin.
    ChannelNotServed(DistributionChannel),
    /// The card is in production, or nobody knows whether it was handed out.
    CardInProduction,
    /// The card exists, and the order is neither a replacement nor a renewal.
    CardExists,
    /// The same `issuerRequestId` came before with other content.
    RequestChanged,
}

/// What was not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// No such path.
    Path,
    /// No order for this card.
    Order(CardId),
    /// No such card, where cards must be registered first.
    Card(CardId),
}

impl Refusal {
    /// `FIELD_INVALID_FORMAT` for a field of this contract.
    pub const fn format(field: &'static str) -> Self {
        Self::InvalidFormat(FieldName::fixed(field))
    }

    /// `FIELD_INVALID_VALUE` for a field of this contract.
    pub const fn value(field: &'static str) -> Self {
        Self::InvalidValue(FieldName::fixed(field))
    }

    /// The refusal of other content under a known `issuerRequestId`.
    pub const fn changed_request(rule: ChangedRequest) -> Self {
        match rule {
            ChangedRequest::Forbidden => Self::Forbidden(Constraint::RequestChanged),
            ChangedRequest::Conflict => Self::Conflict,
        }
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::BadRequest
            | Self::InvalidFormat(_)
            | Self::InvalidValue(_)
            | Self::Crypto
            | Self::Parsing => 400,
            Self::NoToken | Self::InvalidToken(_) => 401,
            Self::OtherIssuer | Self::Forbidden(_) => 403,
            Self::NotFound(_) => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::TooManyRequests => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// `errorCode`, where one is documented.
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::InvalidFormat(_) => Some(ErrorCode::FieldInvalidFormat),
            Self::InvalidValue(_) => Some(ErrorCode::FieldInvalidValue),
            Self::Crypto => Some(ErrorCode::CryptoError),
            Self::Parsing => Some(ErrorCode::ParsingError),
            Self::InvalidToken(UnauthorizedBody::WithCode) => {
                Some(ErrorCode::AuthorizerUnauthorized)
            }
            _ => None,
        }
    }

    /// `error`: the first field in error for the field errors, else a short text.
    pub fn error(&self) -> Option<Cow<'_, str>> {
        let text = match self {
            Self::BadRequest | Self::Crypto | Self::NoToken => return None,
            Self::InvalidFormat(field) | Self::InvalidValue(field) => field.as_str(),
            Self::Parsing => "encryptedData",
            Self::InvalidToken(_) => "Unauthorized",
            Self::OtherIssuer => "the access token belongs to another issuer",
            Self::Forbidden(constraint) => return Some(constraint.told()),
            Self::NotFound(missing) => return Some(missing.told()),
            Self::MethodNotAllowed => "method not allowed",
            Self::Conflict => "the issuerRequestId is known with other content",
            Self::TooLarge => "the body is too large",
            Self::UnsupportedMediaType => "the body must be application/json",
            Self::TooManyRequests => "too many requests",
            Self::Internal => "Internal Server Error",
            Self::Unavailable => "Service Unavailable",
        };
        Some(text.into())
    }

    /// The JSON body, `{}` where no member is documented.
    pub fn body(&self) -> Vec<u8> {
        let body = ErrorBody {
            error_code: self.code().map(|code| code.as_str().to_owned()),
            error: self.error().map(Cow::into_owned),
        };
        // Two optional strings always serialise.
        serde_json::to_vec(&body).unwrap_or_else(|_| b"{}".to_vec())
    }
}

impl Constraint {
    fn told(self) -> Cow<'static, str> {
        match self {
            Self::ChannelNotServed(channel) => {
                format!("distributionChannel {channel} is not part of this twin").into()
            }
            Self::CardInProduction => "the card is in production".into(),
            Self::CardExists => "the card was produced: order a REPLACEMENT or a RENEWAL".into(),
            Self::RequestChanged => "the issuerRequestId is known with other content".into(),
        }
    }
}

impl Missing {
    fn told(&self) -> Cow<'static, str> {
        match self {
            Self::Path => "no such path".into(),
            Self::Order(card) => format!("no order for card {card}").into(),
            Self::Card(card) => format!("no card {card}").into(),
        }
    }
}

impl fmt::Display for Refusal {
    /// `400 FIELD_INVALID_FORMAT: services.issuance`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status())?;
        if let Some(code) = self.code() {
            write!(f, " {code}")?;
        }
        match self.error() {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}

/// An error body as a client reads it: both members may be absent, others are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ErrorBody {
    /// A machine-readable code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The field in error, or a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(refusal: &Refusal) -> String {
        String::from_utf8(refusal.body()).unwrap()
    }

    #[test]
    fn the_documented_rows() {
        let rows = [
            (Refusal::BadRequest, 400, "{}"),
            (
                Refusal::format("services.issuance"),
                400,
                r#"{"errorCode":"FIELD_INVALID_FORMAT","error":"services.issuance"}"#,
            ),
            (
                Refusal::value("persoStation"),
                400,
                r#"{"errorCode":"FIELD_INVALID_VALUE","error":"persoStation"}"#,
            ),
            (Refusal::Crypto, 400, r#"{"errorCode":"CRYPTO_ERROR"}"#),
            (
                Refusal::Parsing,
                400,
                r#"{"errorCode":"PARSING_ERROR","error":"encryptedData"}"#,
            ),
            (Refusal::NoToken, 401, "{}"),
            (
                Refusal::InvalidToken(UnauthorizedBody::WithCode),
                401,
                r#"{"errorCode":"AUTHORIZER_UNAUTHORIZED","error":"Unauthorized"}"#,
            ),
            (
                Refusal::InvalidToken(UnauthorizedBody::MessageOnly),
                401,
                r#"{"error":"Unauthorized"}"#,
            ),
        ];
        for (refusal, status, expected) in rows {
            assert_eq!(refusal.status(), status);
            assert_eq!(body(&refusal), expected);
        }
    }

    #[test]
    fn undocumented_statuses_carry_a_text_and_no_code() {
        let card: CardId = "card-1".parse().unwrap();
        for (refusal, status) in [
            (Refusal::OtherIssuer, 403),
            (Refusal::Forbidden(Constraint::CardInProduction), 403),
            (Refusal::changed_request(ChangedRequest::Forbidden), 403),
            (Refusal::changed_request(ChangedRequest::Conflict), 409),
            (Refusal::NotFound(Missing::Order(card)), 404),
            (Refusal::MethodNotAllowed, 405),
            (Refusal::TooLarge, 413),
            (Refusal::UnsupportedMediaType, 415),
            (Refusal::TooManyRequests, 429),
            (Refusal::Internal, 500),
            (Refusal::Unavailable, 503),
        ] {
            assert_eq!(refusal.status(), status);
            let body: ErrorBody = serde_json::from_slice(&refusal.body()).unwrap();
            assert!(
                body.error_code.is_none() && body.error.is_some(),
                "{refusal}"
            );
        }
    }

    #[test]
    fn a_given_name_comes_back_without_digits_and_cut() {
        let name = FieldName::given("services.", "4111111111111111");
        assert!(!name.as_str().contains('1'));
        assert_eq!(
            FieldName::given("encryptedData.", "cvv1").as_str(),
            "encryptedData.cvv1"
        );
        assert!(FieldName::given("", &"x".repeat(500)).as_str().len() <= 64);
    }
}
