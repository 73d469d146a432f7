//! The token that D1 fetches from an issuer before it notifies: client credentials (RFC 6749
//! section 4.4.2) with HTTP Basic. Documented, and optional: part of the tenant's configuration.

use std::fmt;

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize, Serializer};
use zeroize::Zeroizing;

use super::access::AccessToken;
use super::request::{read_members, write_form};
use super::{TokenErrorCode, TokenRefusal, seconds};
use crate::dates::WireTime;
use crate::media::MediaType;

/// The documented grant.
pub const GRANT_TYPE: &str = "client_credentials";

/// What D1 shows the issuer: visible ASCII both, and no colon in the id.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Parts")]
pub struct ClientCredentials {
    client_id: String,
    secret: Zeroizing<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    client_id: String,
    client_secret: String,
}

/// Credentials that HTTP Basic cannot carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("client id and secret must be visible ASCII, the id without a colon")]
pub struct InvalidCredentials;

impl TryFrom<Parts> for ClientCredentials {
    type Error = InvalidCredentials;

    fn try_from(parts: Parts) -> Result<Self, InvalidCredentials> {
        Self::new(parts.client_id, parts.client_secret)
    }
}

impl ClientCredentials {
    /// Takes both parts, if HTTP Basic can carry them.
    pub fn new(client_id: String, secret: String) -> Result<Self, InvalidCredentials> {
        let secret = Zeroizing::new(secret);
        let visible = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        if visible(&client_id) && visible(&secret) && !client_id.contains(':') {
            Ok(Self { client_id, secret })
        } else {
            Err(InvalidCredentials)
        }
    }

    /// The value of the `Authorization` header.
    pub fn to_header(&self) -> Zeroizing<String> {
        let pair = Zeroizing::new(format!("{}:{}", self.client_id, *self.secret));
        Zeroizing::new(format!("Basic {}", Base64::encode_string(pair.as_bytes())))
    }

    /// Whether an `Authorization` header carries these credentials.
    pub fn check(&self, authorization: Option<&str>) -> Result<(), TokenRefusal> {
        let given = authorization.map(str::trim);
        if given == Some(self.to_header().as_str()) {
            Ok(())
        } else {
            Err(TokenRefusal::new(
                TokenErrorCode::InvalidClient,
                "unknown client or wrong secret",
            ))
        }
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCredentials({}, ***)", self.client_id)
    }
}

/// The body with which D1 asks.
pub fn write_client_request(scope: Option<&str>) -> String {
    match scope {
        Some(scope) => write_form(&[("grant_type", GRANT_TYPE), ("scope", scope)]),
        None => write_form(&[("grant_type", GRANT_TYPE)]),
    }
}

/// The scope that D1 asks for.
pub fn read_client_request(body: &[u8]) -> Result<Option<String>, TokenRefusal> {
    let mut members = read_members(MediaType::Form, body)?;
    match members.take("grant_type")?.as_deref().map(String::as_str) {
        Some(GRANT_TYPE) => Ok(members.take("scope")?.map(|scope| scope.to_string())),
        Some(_) => {
            let code = TokenErrorCode::UnsupportedGrantType;
            Err(TokenRefusal::new(
                code,
                format!("grant_type must be {GRANT_TYPE}"),
            ))
        }
        None => Err(TokenRefusal::request("grant_type is missing")),
    }
}

/// The issuer's answer. `expires_in` is text here (documented); a number is understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundToken {
    /// The token.
    pub access_token: AccessToken,
    /// `Bearer`.
    pub token_type: String,
    /// Its life in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<Seconds>,
    /// What it may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<WireTime>,
}

/// Seconds that are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct Seconds(#[serde(deserialize_with = "seconds::read")] pub u64);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> ClientCredentials {
        ClientCredentials::new("Aladdin".to_owned(), "open-sesame".to_owned()).unwrap()
    }

    #[test]
    fn credentials_travel_as_basic() {
        assert_eq!(
            *credentials().to_header(),
            "Basic QWxhZGRpbjpvcGVuLXNlc2FtZQ=="
        );
        assert!(
            credentials()
                .check(Some("Basic QWxhZGRpbjpvcGVuLXNlc2FtZQ=="))
                .is_ok()
        );
        for wrong in [
            None,
            Some(""),
            Some("Basic QWxhZGRpbjpvcGVu"),
            Some("Bearer x"),
        ] {
            let refusal = credentials().check(wrong).unwrap_err();
            assert_eq!(refusal.code(), TokenErrorCode::InvalidClient);
        }
        assert!(!format!("{:?}", credentials()).contains("sesame"));
    }

    #[test]
    fn credentials_that_basic_cannot_carry_are_refused() {
        for (id, secret) in [("a:b", "c"), ("", "c"), ("a", ""), ("a", "é"), ("a b", "c")] {
            assert!(ClientCredentials::new(id.to_owned(), secret.to_owned()).is_err());
        }
        let typo = r#"{"client_id":"a","client_secret":"b","clientid":"c"}"#;
        assert!(serde_json::from_str::<ClientCredentials>(typo).is_err());
    }

    #[test]
    fn the_request_round_trips() {
        let read = |body: &str| read_client_request(body.as_bytes());
        assert_eq!(read(&write_client_request(None)).unwrap(), None);
        assert_eq!(
            read(&write_client_request(Some("a b"))).unwrap().as_deref(),
            Some("a b")
        );
        assert_eq!(
            read("scope=a").unwrap_err().code(),
            TokenErrorCode::InvalidRequest
        );
        let other = read("grant_type=password").unwrap_err();
        assert_eq!(other.code(), TokenErrorCode::UnsupportedGrantType);
    }

    #[test]
    fn the_life_is_text_and_a_number_is_understood() {
        let read = |json: &str| serde_json::from_str::<OutboundToken>(json).unwrap();
        let text = read(r#"{"access_token":"t","token_type":"Bearer","expires_in":"300"}"#);
        let number = read(r#"{"access_token":"t","token_type":"Bearer","expires_in":300}"#);
        assert_eq!(text, number);
        assert!(
            serde_json::to_string(&number)
                .unwrap()
                .contains(r#""expires_in":"300""#)
        );
        let bare = read(r#"{"access_token":"t","token_type":"Bearer"}"#);
        assert_eq!(bare.expires_in, None);
    }
}
