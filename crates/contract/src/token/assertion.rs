//! The assertion of RFC 7523: a JWT that an issuer signs to get a token.
//!
//! Documented: ES256 only; `kid` required; `iss` and `sub` are the issuer id; `exp` at most 15
//! minutes ahead; `aud` optional. Ours: a skew of 60 seconds, any `aud` is accepted, `nbf` is heeded
//! and `iat` is not, an assertion may be used more than once while it lives.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{LIFE, NumericDate, SKEW, TokenRefusal};
use crate::ids::IssuerId;
use crate::jose::jwk::{KeyId, PrivateJwk, PublicJwk};
use crate::jose::jws::{Jws, sign};

#[derive(Serialize)]
struct ClaimsOut<'a> {
    iss: &'a IssuerId,
    sub: &'a IssuerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    iat: NumericDate,
    exp: NumericDate,
}

#[derive(Deserialize)]
struct ClaimsIn {
    iss: Option<String>,
    sub: Option<String>,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
}

/// Signs an assertion that holds from `now` for `life`.
pub fn sign_assertion(
    key: &PrivateJwk,
    issuer: &IssuerId,
    now: Timestamp,
    life: SignedDuration,
    audience: Option<&str>,
) -> String {
    let claims = ClaimsOut {
        iss: issuer,
        sub: issuer,
        aud: audience,
        iat: NumericDate::of(now),
        exp: NumericDate::after(now, life),
    };
    sign(key, "JWT", &crate::json::write(&claims))
}

/// Whose assertion this is. `keys` gives the key that the issuer provisioned under that name.
pub fn verify_assertion(
    assertion: &str,
    now: Timestamp,
    keys: impl FnOnce(&IssuerId, &KeyId) -> Option<PublicJwk>,
) -> Result<IssuerId, TokenRefusal> {
    let jws = Jws::parse(assertion).map_err(|error| TokenRefusal::grant(error.to_string()))?;
    let claims: ClaimsIn = serde_json::from_slice(jws.unverified_payload())
        .map_err(|_| TokenRefusal::grant("the claims are not a JSON object of the right types"))?;
    let issuer: IssuerId = claims
        .iss
        .as_deref()
        .and_then(|iss| iss.parse().ok())
        .ok_or_else(|| TokenRefusal::grant("iss is not an issuer id"))?;
    if claims.sub.as_deref() != Some(issuer.as_str()) {
        return Err(TokenRefusal::grant("sub is not the issuer id"));
    }
    let key = keys(&issuer, jws.kid())
        .ok_or_else(|| TokenRefusal::grant("no key of this issuer has this kid"))?;
    jws.verify(&key)
        .map_err(|error| TokenRefusal::grant(error.to_string()))?;
    check_life(&claims, now)?;
    Ok(issuer)
}

fn check_life(claims: &ClaimsIn, now: Timestamp) -> Result<(), TokenRefusal> {
    let exp = claims
        .exp
        .ok_or_else(|| TokenRefusal::grant("exp is missing"))?;
    if exp <= NumericDate::after(now, -SKEW) {
        return Err(TokenRefusal::grant("the assertion has expired"));
    }
    if exp > NumericDate::after(now, LIFE + SKEW) {
        return Err(TokenRefusal::grant("exp is more than 15 minutes ahead"));
    }
    if claims
        .nbf
        .is_some_and(|nbf| nbf > NumericDate::after(now, SKEW))
    {
        return Err(TokenRefusal::grant("the assertion does not hold yet"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    fn key(kid: &str, seed: u64) -> PrivateJwk {
        PrivateJwk::generate(kid.parse().unwrap(), &mut ChaCha8Rng::seed_from_u64(seed))
    }

    fn issuer() -> IssuerId {
        "TWINBANK01".parse().unwrap()
    }

    fn verify(assertion: &str) -> Result<IssuerId, String> {
        verify_assertion(assertion, now(), |of, kid| {
            (*of == issuer() && kid.as_str() == "a-1").then(|| key("a-1", 1).public().clone())
        })
        .map_err(|refusal| {
            assert_eq!(refusal.code(), super::super::TokenErrorCode::InvalidGrant);
            refusal.to_string()
        })
    }

    fn claims(claims: &serde_json::Value) -> Result<IssuerId, String> {
        verify(&sign(&key("a-1", 1), "JWT", claims.to_string().as_bytes()))
    }

    fn with(name: &str, value: impl Into<serde_json::Value>) -> Result<IssuerId, String> {
        let mut all =
            serde_json::json!({"iss": "TWINBANK01", "sub": "TWINBANK01", "exp": NOW + 900});
        all[name] = value.into();
        claims(&all)
    }

    #[test]
    fn a_good_assertion_names_its_issuer() {
        for audience in [None, Some("https://api.d1.thalescloud.io")] {
            let signed = sign_assertion(&key("a-1", 1), &issuer(), now(), LIFE, audience);
            assert_eq!(verify(&signed).unwrap(), issuer());
        }
        assert!(with("aud", serde_json::json!(["a", "b"])).is_ok());
    }

    #[test]
    fn exp_is_at_most_15_minutes_ahead_and_not_past_give_or_take_a_minute() {
        assert!(with("exp", NOW + 960).is_ok());
        assert!(with("exp", NOW + 961).unwrap_err().contains("15 minutes"));
        assert!(with("exp", NOW - 59).is_ok());
        assert!(with("exp", NOW - 60).unwrap_err().contains("expired"));
        assert!(with("exp", 1.0e30).unwrap_err().contains("right types"));
        assert!(with("exp", "soon").unwrap_err().contains("right types"));
        assert!(
            with("exp", serde_json::Value::Null)
                .unwrap_err()
                .contains("missing")
        );
        assert!(with("nbf", NOW + 61).unwrap_err().contains("yet"));
    }

    #[test]
    fn issuer_and_subject_are_the_issuer() {
        assert!(with("iss", "TOOSHORT").unwrap_err().contains("iss"));
        assert!(with("sub", "OTHERBANK1").unwrap_err().contains("sub"));
        assert!(
            claims(&serde_json::json!({"exp": NOW + 900}))
                .unwrap_err()
                .contains("iss")
        );
        assert!(
            claims(&serde_json::json!("text"))
                .unwrap_err()
                .contains("claims")
        );
    }

    #[test]
    fn the_key_is_the_issuers_own() {
        let by = |key: &PrivateJwk, issuer: &IssuerId| {
            verify(&sign_assertion(key, issuer, now(), LIFE, None)).unwrap_err()
        };
        assert!(by(&key("a-1", 2), &issuer()).contains("signature"));
        assert!(by(&key("a-2", 1), &issuer()).contains("kid"));
        assert!(by(&key("a-1", 1), &"OTHERBANK1".parse().unwrap()).contains("kid"));
        assert!(verify("not.a.jwt").is_err());
    }
}
