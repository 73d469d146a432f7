//! ES256 signatures in compact form (RFC 7515, RFC 7518 section 3.4), deterministic (RFC 6979).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use p256::ecdsa::Signature;
use p256::ecdsa::signature::Signer;
use p256::elliptic_curve::sec1::ToSec1Point;
use serde::{Deserialize, Serialize};

use super::jwk::{KeyId, PrivateJwk, PublicJwk};
use super::{JoseError, decode, encode, parts, shown};

#[derive(Serialize)]
struct HeaderOut<'a> {
    alg: &'static str,
    typ: &'a str,
    kid: &'a KeyId,
}

#[derive(Deserialize)]
struct HeaderIn {
    alg: Option<String>,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

/// Signs a payload; `typ` goes into the header, such as `JWT`.
pub fn sign(key: &PrivateJwk, typ: &str, payload: &[u8]) -> String {
    let header = crate::json::write(&HeaderOut {
        alg: "ES256",
        typ,
        kid: key.kid(),
    });
    let input = format!("{}.{}", encode(&header), encode(payload));
    let signature: Signature = key.signing_key().sign(input.as_bytes());
    format!("{input}.{}", encode(&signature.to_bytes()))
}

/// A signed payload whose signature has not been looked at yet.
#[derive(Debug, Clone)]
pub struct Jws {
    kid: KeyId,
    input: String,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl Jws {
    /// Takes a compact serialisation apart. Only ES256 with a `kid` is taken.
    pub fn parse(compact: &str) -> Result<Self, JoseError> {
        let [header, payload, signature] = parts(compact)?;
        let input = format!("{header}.{payload}");
        let header: HeaderIn = serde_json::from_slice(&decode(header, "the header")?)
            .map_err(|_| JoseError::Header)?;
        match header.alg.as_deref() {
            Some("ES256") => {}
            Some(other) => return Err(JoseError::Algorithm(shown(other))),
            None => return Err(JoseError::Missing("alg")),
        }
        if header.crit.is_some() {
            return Err(JoseError::Critical);
        }
        let kid = header.kid.ok_or(JoseError::Missing("kid"))?.parse()?;
        let payload = decode(payload, "the payload")?;
        let signature = decode(signature, "the signature")?;
        if signature.len() != 64 {
            return Err(JoseError::Length("the signature"));
        }
        Ok(Self {
            kid,
            input,
            payload,
            signature,
        })
    }

    /// The key that is said to have signed.
    pub const fn kid(&self) -> &KeyId {
        &self.kid
    }

    /// The payload as it is claimed, for finding out whose key to ask for. Not to be believed
    /// before [`Jws::verify`].
    pub fn unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload, if this key signed it.
    pub fn verify(self, key: &PublicJwk) -> Result<Vec<u8>, JoseError> {
        if self.kid != *key.kid() {
            return Err(JoseError::OtherKey);
        }
        let point = key.key().to_sec1_point(false);
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .verify(self.input.as_bytes(), &self.signature)
            .map_err(|_| JoseError::Signature)?;
        Ok(self.payload)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    fn key() -> PrivateJwk {
        PrivateJwk::generate("sig-1".parse().unwrap(), &mut ChaCha8Rng::seed_from_u64(1))
    }

    fn with_header(header: &str) -> String {
        let signed = sign(&key(), "JWT", b"{}");
        let rest = signed.split_once('.').unwrap().1;
        format!("{}.{rest}", encode(header.as_bytes()))
    }

    #[test]
    fn the_published_signature_verifies() {
        // RFC 7515, appendix A.3: its header has no kid, so the parts are checked one level lower.
        let key: PublicJwk = serde_json::from_str(
            r#"{"kty":"EC","kid":"a3","crv":"P-256",
                "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
        )
        .unwrap();
        let compact = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
                       Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmX\
                       FCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        assert_eq!(Jws::parse(compact).unwrap_err(), JoseError::Missing("kid"));
        let [header, payload, signature] = parts(compact).unwrap();
        let signature = decode(signature, "the signature").unwrap();
        let jws = Jws {
            kid: "a3".parse().unwrap(),
            input: format!("{header}.{payload}"),
            payload: decode(payload, "the payload").unwrap(),
            signature,
        };
        assert!(jws.verify(&key).unwrap().starts_with(b"{\"iss\":\"joe\""));
    }

    #[test]
    fn signatures_are_those_of_rfc_6979() {
        // RFC 6979, appendix A.2.5, P-256 with SHA-256, message "sample".
        use p256::elliptic_curve::sec1::ToSec1Point;
        let secret =
            hex::decode("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
        let secret = p256::SecretKey::from_slice(&secret.unwrap()).unwrap();
        let point = secret.public_key().to_sec1_point(false);
        let wire = format!(
            r#"{{"kty":"EC","kid":"rfc","crv":"P-256","x":"{}","y":"{}","d":"{}"}}"#,
            encode(&point.x().unwrap()[..]),
            encode(&point.y().unwrap()[..]),
            encode(&secret.to_bytes()[..])
        );
        let key: PrivateJwk = serde_json::from_str(&wire).unwrap();
        let signature: Signature = key.signing_key().sign(b"sample");
        assert_eq!(
            hex::encode_upper(signature.to_bytes()),
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
             F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
        );
    }

    #[test]
    fn other_algorithms_are_refused_by_name() {
        let refused = |header| Jws::parse(&with_header(header)).unwrap_err();
        assert_eq!(
            refused(r#"{"alg":"none","kid":"sig-1"}"#),
            JoseError::Algorithm("none".to_owned())
        );
        assert_eq!(
            refused(r#"{"alg":"HS256","kid":"sig-1"}"#),
            JoseError::Algorithm("HS256".to_owned())
        );
        assert_eq!(refused(r#"{"kid":"sig-1"}"#), JoseError::Missing("alg"));
        assert_eq!(refused(r#"{"alg":"ES256"}"#), JoseError::Missing("kid"));
        assert_eq!(refused(r#"{"alg":"ES256","kid":""}"#), JoseError::KeyId);
        assert_eq!(
            refused(r#"{"alg":"ES256","kid":"sig-1","crit":["b64"]}"#),
            JoseError::Critical
        );
        assert_eq!(refused("[]"), JoseError::Header);
        assert_eq!(
            refused(r#"{"alg":"ES256","alg":"none","kid":"k"}"#),
            JoseError::Header
        );
    }

    #[test]
    fn another_key_is_refused() {
        let jws = Jws::parse(&sign(&key(), "JWT", b"{}")).unwrap();
        let rng = &mut ChaCha8Rng::seed_from_u64(2);
        let named_alike = PrivateJwk::generate("sig-1".parse().unwrap(), rng);
        let named_else = PrivateJwk::generate("sig-2".parse().unwrap(), rng);
        assert_eq!(
            jws.clone().verify(named_alike.public()),
            Err(JoseError::Signature)
        );
        assert_eq!(jws.verify(named_else.public()), Err(JoseError::OtherKey));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_signed_verifies_and_changed_it_does_not(
            payload in proptest::collection::vec(any::<u8>(), 0..200),
            at in any::<prop::sample::Index>(),
            with in "[A-Za-z0-9_-]",
        ) {
            let compact = sign(&key(), "JWT", &payload);
            let verify = |text: &str| Jws::parse(text)?.verify(key().public());
            prop_assert_eq!(verify(&compact).unwrap(), payload);
            let at = at.index(compact.len());
            let mut changed = compact.clone();
            changed.replace_range(at..=at, &with);
            prop_assume!(changed != compact);
            prop_assert!(verify(&changed).is_err());
        }

        #[test]
        fn parsing_never_panics(text in "\\PC{0,200}") {
            let _ = Jws::parse(&text);
        }
    }
}
