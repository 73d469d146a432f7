//! D1's access token: a JWT (documented) that D1 signs with a key of its own, ES256 (ours, as are
//! its claims). It lives 15 minutes, to be used again until then (documented).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::de::Deserializer;
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::request::TokenResponse;
use super::{LIFE, NumericDate, SCOPE};
use crate::ids::IssuerId;
use crate::jose::jwk::{JwkSet, PrivateJwk};
use crate::jose::jws::{Jws, sign};
use crate::refusal::Refusal;
use crate::rules::UnauthorizedBody;

/// Who signs.
const SIGNER: &str = "https://d1.twin/authz/v1";

/// A bearer token; shown as stars. It serialises in the clear, being part of a token answer.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(Zeroizing<String>);

impl AccessToken {
    /// A token, whatever it is made of.
    pub fn new(token: String) -> Self {
        Self(Zeroizing::new(token))
    }

    /// The token itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The value of an `Authorization` header.
    pub fn to_header(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("Bearer {}", *self.0))
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(***)")
    }
}

impl Serialize for AccessToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AccessToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: IssuerId,
    iat: NumericDate,
    exp: NumericDate,
    scope: String,
}

/// A token for an issuer, from `now` for 15 minutes.
pub fn issue_access_token(key: &PrivateJwk, issuer: &IssuerId, now: Timestamp) -> TokenResponse {
    let claims = Claims {
        iss: SIGNER.to_owned(),
        sub: issuer.clone(),
        iat: NumericDate::of(now),
        exp: NumericDate::after(now, LIFE),
        scope: SCOPE.to_owned(),
    };
    TokenResponse {
        access_token: AccessToken::new(sign(key, "at+jwt", &crate::json::write(&claims))),
        expires_in: LIFE.as_secs().unsigned_abs(),
        scope: Some(SCOPE.to_owned()),
        token_type: "Bearer".to_owned(),
    }
}

/// Who may come in with a bearer token. A token is used again and again, so its signature is verified once; whether it is over, every
/// time.
pub struct Bearers {
    keys: JwkSet,
    /// What verified tokens claim, by their digest.
    known: Mutex<BTreeMap<[u8; 32], Claims>>,
}

impl Bearers {
    /// Takes tokens that one of these keys has signed.
    pub fn of(keys: JwkSet) -> Self {
        Self {
            keys,
            known: Mutex::default(),
        }
    }

    /// Whose token an `Authorization` header carries. No header, or one of another scheme, is a plain
    /// 401; a token that does not hold is [`Refusal::InvalidToken`]. There is no skew: one clock
    /// writes and reads `exp`.
    pub fn verify(
        &self,
        authorization: Option<&str>,
        now: Timestamp,
        body: UnauthorizedBody,
    ) -> Result<IssuerId, Refusal> {
        let token = authorization.and_then(bearer).ok_or(Refusal::NoToken)?;
        self.issuer(token, NumericDate::of(now))
            .ok_or(Refusal::InvalidToken(body))
    }

    fn issuer(&self, token: &str, now: NumericDate) -> Option<IssuerId> {
        let digest = Sha256::digest(token).into();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, claims| claims.exp > now);
        if let Some(claims) = known.get(&digest) {
            return Some(claims.sub.clone());
        }
        let claims = claims(token, &self.keys)?;
        let issuer = (claims.exp > now).then(|| claims.sub.clone())?;
        known.insert(digest, claims);
        Some(issuer)
    }
}

/// The token of a `Bearer` header; the scheme's case does not matter (RFC 9110).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("Bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

fn claims(token: &str, keys: &JwkSet) -> Option<Claims> {
    let jws = Jws::parse(token).ok()?;
    let key = keys.find(jws.kid())?;
    let claims: Claims = serde_json::from_slice(&jws.verify(key).ok()?).ok()?;
    (claims.iss == SIGNER).then_some(claims)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;
    use crate::token::assertion::sign_assertion;

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn key(kid: &str, seed: u64) -> PrivateJwk {
        PrivateJwk::generate(kid.parse().unwrap(), &mut ChaCha8Rng::seed_from_u64(seed))
    }

    fn issuer() -> IssuerId {
        "TWINBANK01".parse().unwrap()
    }

    fn check(header: Option<&str>, at: Timestamp) -> Result<IssuerId, Refusal> {
        bearers().verify(header, at, UnauthorizedBody::WithCode)
    }

    fn bearers() -> Bearers {
        Bearers::of(JwkSet {
            keys: vec![key("d1", 1).public().clone()],
        })
    }

    fn refused() -> Refusal {
        Refusal::InvalidToken(UnauthorizedBody::WithCode)
    }

    #[test]
    fn a_token_says_whose_it_is_for_15_minutes() {
        let token = issue_access_token(&key("d1", 1), &issuer(), now());
        assert_eq!(token.expires_in, 900);
        let header = token.access_token.to_header();
        assert_eq!(check(Some(&header), now()), Ok(issuer()));
        let last = now() + SignedDuration::from_secs(899);
        assert_eq!(check(Some(&header), last), Ok(issuer()));
        let over = now() + SignedDuration::from_secs(900);
        assert_eq!(check(Some(&header), over), Err(refused()));
        assert_eq!(
            check(Some(&header.replace("Bearer", "bearer")), now()),
            Ok(issuer())
        );
    }

    #[test]
    fn a_token_that_is_known_is_over_when_it_is_over() {
        let bearers = bearers();
        let check = |header: &str, at| {
            let at = now() + SignedDuration::from_secs(at);
            bearers.verify(Some(header), at, UnauthorizedBody::WithCode)
        };
        let token = issue_access_token(&key("d1", 1), &issuer(), now());
        let header = token.access_token.to_header();
        let changed = header.replacen(".ey", ".eY", 1);
        for (at, is_good) in [(0, true), (899, true), (900, false), (899, true)] {
            let known = check(&header, at);
            assert_eq!(known, is_good.then(issuer).ok_or(refused()), "{at}");
            assert_eq!(check(&changed, at), Err(refused()), "{at}");
        }
    }

    #[test]
    fn no_token_is_told_from_a_bad_one() {
        assert_eq!(check(None, now()), Err(Refusal::NoToken));
        for header in ["", "Bearer", "Bearer ", "Basic YTpi"] {
            assert_eq!(
                check(Some(header), now()),
                Err(Refusal::NoToken),
                "{header}"
            );
        }
        assert_eq!(check(Some("Bearer x.y.z"), now()), Err(refused()));
    }

    #[test]
    fn forged_tokens_are_refused() {
        let by = |key: &PrivateJwk| {
            let token = issue_access_token(key, &issuer(), now());
            check(Some(&token.access_token.to_header()), now())
        };
        assert_eq!(by(&key("d1", 2)), Err(refused()));
        assert_eq!(by(&key("d2", 1)), Err(refused()));
        let assertion = sign_assertion(&key("d1", 1), &issuer(), now(), LIFE, None);
        assert_eq!(
            check(Some(&format!("Bearer {assertion}")), now()),
            Err(refused())
        );
    }

    #[test]
    fn a_token_does_not_show() {
        let token = issue_access_token(&key("d1", 1), &issuer(), now());
        assert!(!format!("{token:?}").contains("ey"));
    }
}
