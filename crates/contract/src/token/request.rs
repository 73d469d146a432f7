//! The token request and its answer, at D1's token operation.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::access::AccessToken;
use super::{TokenErrorCode, TokenRefusal, seconds};
use crate::json::Json;
use crate::media::MediaType;

/// The documented `grant_type`, of RFC 7523.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The body that asks for a token, as a form (the more common of the two documented forms).
pub fn write_token_request(assertion: &str) -> String {
    write_form(&[("grant_type", GRANT_TYPE), ("assertion", assertion)])
}

/// The assertion in a token request.
pub fn read_token_request(form: MediaType, body: &[u8]) -> Result<Zeroizing<String>, TokenRefusal> {
    let mut members = read_members(form, body)?;
    match members.take("grant_type")?.as_deref().map(String::as_str) {
        Some(GRANT_TYPE) => {}
        Some(_) => {
            let code = TokenErrorCode::UnsupportedGrantType;
            return Err(TokenRefusal::new(
                code,
                format!("grant_type must be {GRANT_TYPE}"),
            ));
        }
        None => return Err(TokenRefusal::request("grant_type is missing")),
    }
    members
        .take("assertion")?
        .ok_or_else(|| TokenRefusal::request("assertion is missing"))
}

/// D1's answer: the token, how long it lives, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenResponse {
    /// The token.
    pub access_token: AccessToken,
    /// Its life in seconds, a number (documented); text is understood.
    #[serde(deserialize_with = "seconds::read")]
    pub expires_in: u64,
    /// What it may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// `Bearer`.
    pub token_type: String,
}

/// Writes `application/x-www-form-urlencoded`.
pub(super) fn write_form(members: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
    pairs.join("&")
}

/// The members of a token request, from either form.
pub(super) struct Members(Vec<(String, Zeroizing<String>)>);

impl Members {
    /// A member that may come once (RFC 6749 section 3.2).
    pub(super) fn take(&mut self, name: &str) -> Result<Option<Zeroizing<String>>, TokenRefusal> {
        let mut found = self.0.extract_if(.., |(member, _)| member == name);
        let first = found.next();
        if found.next().is_some() {
            return Err(TokenRefusal::request(format!(
                "{name} comes more than once"
            )));
        }
        Ok(first
            .map(|(_, value)| value)
            .filter(|value| !value.is_empty()))
    }
}

pub(super) fn read_members(form: MediaType, body: &[u8]) -> Result<Members, TokenRefusal> {
    match form {
        MediaType::Json => read_json(body),
        MediaType::Form => read_form(body),
    }
}

fn read_json(body: &[u8]) -> Result<Members, TokenRefusal> {
    let Some(Json::Object(object)) = Json::parse(body) else {
        return Err(TokenRefusal::request("the body is not a JSON object"));
    };
    if object.doubled.is_some() {
        return Err(TokenRefusal::request("a member comes more than once"));
    }
    // Members of another type than text are none that are asked for.
    let texts = object
        .by_name
        .into_iter()
        .filter_map(|(name, value)| match value {
            Json::Text(text) => Some((name, text)),
            _ => None,
        });
    Ok(Members(texts.collect()))
}

fn read_form(body: &[u8]) -> Result<Members, TokenRefusal> {
    let decode = |part: &str| -> Option<Zeroizing<String>> {
        let spaced = Zeroizing::new(part.replace('+', " "));
        let text = percent_decode_str(&spaced).decode_utf8().ok()?;
        Some(Zeroizing::new(text.into_owned()))
    };
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decode(name)?.to_string(), decode(value)?))
    };
    std::str::from_utf8(body)
        .ok()
        .and_then(|text| {
            text.split('&')
                .filter(|part| !part.is_empty())
                .map(pair)
                .collect()
        })
        .map(Members)
        .ok_or_else(|| TokenRefusal::request("the body is not a form in UTF-8"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(form: MediaType, body: &str) -> Result<String, TokenErrorCode> {
        read_token_request(form, body.as_bytes())
            .map(|assertion| assertion.to_string())
            .map_err(|refusal| refusal.code())
    }

    #[test]
    fn both_documented_forms_are_read() {
        assert_eq!(
            read(MediaType::Form, &write_token_request("a.b-c.d_e")).unwrap(),
            "a.b-c.d_e"
        );
        let encoded = "assertion=a.b.c&grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&x=1";
        assert_eq!(read(MediaType::Form, encoded).unwrap(), "a.b.c");
        let json = format!(r#"{{"grant_type":"{GRANT_TYPE}","assertion":"a.b.c","more":[1]}}"#);
        assert_eq!(read(MediaType::Json, &json).unwrap(), "a.b.c");
    }

    #[test]
    fn requests_that_are_not_whole_are_refused() {
        use TokenErrorCode::{InvalidRequest, UnsupportedGrantType};
        let form = |body: &str| read(MediaType::Form, body).unwrap_err();
        assert_eq!(form(""), InvalidRequest);
        assert_eq!(form("assertion=a.b.c"), InvalidRequest);
        assert_eq!(
            form("grant_type=client_credentials&assertion=a"),
            UnsupportedGrantType
        );
        let grant = write_form(&[("grant_type", GRANT_TYPE)]);
        assert_eq!(form(&grant), InvalidRequest);
        assert_eq!(form(&format!("{grant}&assertion=")), InvalidRequest);
        assert_eq!(
            form(&format!("{grant}&assertion=a&assertion=b")),
            InvalidRequest
        );
        assert_eq!(form(&format!("{grant}&assertion=%FF")), InvalidRequest);
        let json = |body: &str| read(MediaType::Json, body).unwrap_err();
        assert_eq!(json("[]"), InvalidRequest);
        assert_eq!(json("{"), InvalidRequest);
        assert_eq!(
            json(&format!(r#"{{"grant_type":"{GRANT_TYPE}","assertion":7}}"#)),
            InvalidRequest
        );
        assert_eq!(
            json(r#"{"grant_type":"a","grant_type":"b"}"#),
            InvalidRequest
        );
    }

    #[test]
    fn a_life_is_a_number_and_text_is_understood() {
        let read = |expires_in: &str| {
            let json = format!(
                r#"{{"access_token":"t","expires_in":{expires_in},"token_type":"Bearer","new":1}}"#
            );
            serde_json::from_str::<TokenResponse>(&json).map(|token| token.expires_in)
        };
        assert_eq!(read("900").unwrap(), 900);
        assert_eq!(read("\"900\"").unwrap(), 900);
        assert!(read("\"soon\"").is_err());
    }

    proptest! {
        #[test]
        fn forms_round_trip(value in "\\PC{1,60}") {
            let body = write_form(&[("assertion", &value), ("grant_type", GRANT_TYPE)]);
            prop_assert_eq!(read(MediaType::Form, &body).unwrap(), value);
        }

        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_token_request(MediaType::Form, &body);
            let _ = read_token_request(MediaType::Json, &body);
        }
    }
}
