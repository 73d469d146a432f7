//! Keys on P-256 as JSON Web Keys, always with a `kid`: D1 selects keys by it (documented).

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use p256::ecdsa::SigningKey;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey};
use rand::CryptoRng;
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::jwe::Agreeing;
use super::{JoseError, decode, encode};

/// The name of a key, 1 to 256 visible ASCII characters (ours; the documented example has 43).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Arc<str>);

impl KeyId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyId {
    type Err = JoseError;

    fn from_str(text: &str) -> Result<Self, JoseError> {
        let fits = (1..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(JoseError::KeyId)
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({})", self.0)
    }
}

impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// The members of a JWK on the wire; others, such as `use` and `alg`, are ignored.
#[derive(Serialize, Deserialize)]
pub(super) struct Wire {
    kty: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<KeyId>,
    crv: String,
    x: String,
    y: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    d: Option<Scalar>,
}

/// The private member of a JWK, wiped when dropped.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
struct Scalar(String);

impl Wire {
    pub(super) fn of(key: &PublicKey) -> Self {
        let point = key.to_sec1_point(false);
        let coordinate = |bytes: Option<&p256::FieldBytes>| encode(bytes.map_or(&[], |b| &b[..]));
        Self {
            kty: "EC".to_owned(),
            kid: None,
            crv: "P-256".to_owned(),
            x: coordinate(point.x()),
            y: coordinate(point.y()),
            d: None,
        }
    }

    pub(super) fn key(&self) -> Result<PublicKey, JoseError> {
        if self.kty != "EC" || self.crv != "P-256" {
            return Err(JoseError::KeyType);
        }
        let mut point = [0x04; 65];
        for (part, what, place) in [(&self.x, "x", 1..33), (&self.y, "y", 33..65)] {
            let bytes = decode(part, what)?;
            let place = &mut point[place];
            if bytes.len() != place.len() {
                return Err(JoseError::Length(what));
            }
            place.copy_from_slice(&bytes);
        }
        PublicKey::from_sec1_bytes(&point).map_err(|_| JoseError::InvalidKey)
    }
}

/// A public key with its name.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicJwk {
    kid: KeyId,
    key: PublicKey,
}

impl PublicJwk {
    /// The key's name.
    pub const fn kid(&self) -> &KeyId {
        &self.kid
    }

    pub(super) const fn key(&self) -> &PublicKey {
        &self.key
    }
}

impl fmt::Debug for PublicJwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicJwk({})", self.kid)
    }
}

impl Serialize for PublicJwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire {
            kid: Some(self.kid.clone()),
            ..Wire::of(&self.key)
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PublicJwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        let key = wire.key().map_err(de::Error::custom)?;
        let kid = wire.kid.ok_or_else(|| de::Error::missing_field("kid"))?;
        Ok(Self { kid, key })
    }
}

/// A private key with its name. It shows its name only, and is serialised only by
/// [`PrivateJwk::to_json`].
#[derive(Clone)]
pub struct PrivateJwk {
    public: PublicJwk,
    private: Arc<Private>,
}

/// What a private key is used as.
struct Private {
    secret: SecretKey,
    signing: SigningKey,
    /// Made when it is first needed.
    agreeing: OnceLock<Agreeing>,
}

impl PrivateJwk {
    /// A new key from the caller's generator.
    pub fn generate<R: CryptoRng + ?Sized>(kid: KeyId, rng: &mut R) -> Self {
        Self::new(kid, generate_secret(rng))
    }

    fn new(kid: KeyId, secret: SecretKey) -> Self {
        let public = PublicJwk {
            kid,
            key: secret.public_key(),
        };
        let private = Private {
            signing: SigningKey::from(&secret),
            secret,
            agreeing: OnceLock::new(),
        };
        Self {
            public,
            private: Arc::new(private),
        }
    }

    /// The public half.
    pub const fn public(&self) -> &PublicJwk {
        &self.public
    }

    /// The key's name.
    pub const fn kid(&self) -> &KeyId {
        &self.public.kid
    }

    pub(super) fn agreeing(&self) -> Result<&Agreeing, JoseError> {
        let private = &*self.private;
        if let Some(made) = private.agreeing.get() {
            return Ok(made);
        }
        let made = Agreeing::of(&private.secret)?;
        Ok(private.agreeing.get_or_init(|| made))
    }

    pub(super) fn signing_key(&self) -> &SigningKey {
        &self.private.signing
    }

    /// The private JWK as JSON text: a secret in the clear, wiped when dropped.
    pub fn to_json(&self) -> Zeroizing<String> {
        let wire = Wire {
            kid: Some(self.kid().clone()),
            d: Some(Scalar(encode(
                &Zeroizing::new(self.private.secret.to_bytes())[..],
            ))),
            ..Wire::of(&self.public.key)
        };
        Zeroizing::new(serde_json::to_string(&wire).unwrap_or_default())
    }
}

impl fmt::Debug for PrivateJwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateJwk({}, ..)", self.kid())
    }
}

impl<'de> Deserialize<'de> for PrivateJwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        let public = wire.key().map_err(de::Error::custom)?;
        let kid = wire.kid.ok_or_else(|| de::Error::missing_field("kid"))?;
        let d = wire.d.ok_or_else(|| de::Error::missing_field("d"))?;
        let d = decode(&d.0, "d")
            .map(Zeroizing::new)
            .map_err(de::Error::custom)?;
        let private = match SecretKey::from_slice(&d) {
            Ok(secret) if d.len() == 32 => Self::new(kid, secret),
            _ => return Err(de::Error::custom(JoseError::InvalidKey)),
        };
        if private.public.key == public {
            Ok(private)
        } else {
            Err(de::Error::custom(JoseError::InvalidKey))
        }
    }
}

/// A secret scalar: draws 32 bytes until they are one, which is nearly always at once.
pub(super) fn generate_secret<R: CryptoRng + ?Sized>(rng: &mut R) -> SecretKey {
    let mut bytes = Zeroizing::new([0; 32]);
    loop {
        rng.fill_bytes(&mut bytes[..]);
        if let Ok(secret) = SecretKey::from_slice(&bytes[..]) {
            return secret;
        }
    }
}

/// `{"keys": […]}`: several keys may be active at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwkSet {
    /// The keys; a key of another kind is an error, not passed over.
    pub keys: Vec<PublicJwk>,
}

impl JwkSet {
    /// The key of that name.
    pub fn find(&self, kid: &KeyId) -> Option<&PublicJwk> {
        self.keys.iter().find(|key| key.kid == *kid)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    /// The key of RFC 7515, appendix A.3.
    const RFC_7515: &str = r#"{"kty":"EC","kid":"a3","crv":"P-256",
        "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

    #[test]
    fn a_published_private_key_reads_and_writes() {
        let key: PrivateJwk = serde_json::from_str(RFC_7515).unwrap();
        let json = key.to_json();
        assert!(json.contains("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"));
        let again: PrivateJwk = serde_json::from_str(&json).unwrap();
        assert_eq!(again.public(), key.public());
        let public = serde_json::to_string(key.public()).unwrap();
        assert!(!public.contains("\"d\""));
        assert_eq!(
            format!("{key:?} {:?}", key.public()),
            "PrivateJwk(a3, ..) PublicJwk(a3)"
        );
    }

    #[test]
    fn keys_that_are_not_whole_are_refused() {
        let change = |from: &str, to: &str| {
            let json = RFC_7515.replace(from, to);
            assert_ne!(json, RFC_7515);
            serde_json::from_str::<PrivateJwk>(&json)
                .unwrap_err()
                .to_string()
        };
        assert!(change("\"EC\"", "\"RSA\"").contains("P-256"));
        assert!(change("P-256", "P-384").contains("P-256"));
        assert!(change("\"kid\":\"a3\",", "").contains("kid"));
        assert!(change("f83O", "f83P").contains("valid key"));
        assert!(change("f83OJ3D2", "").contains("x has the wrong length"));
        assert!(change("jpsQ", "jpsR").contains("valid key"));
        assert!(change("jpsQnnGQ", "").contains("valid key"));
        assert!(change("\"y\":\"x", "\"y\":\"=").contains("base64url"));
    }

    #[test]
    fn a_seed_gives_one_key() {
        let make = |seed| {
            let kid = "k".parse().unwrap();
            PrivateJwk::generate(kid, &mut ChaCha8Rng::seed_from_u64(seed)).to_json()
        };
        assert_eq!(make(7), make(7));
        assert_ne!(make(7), make(8));
    }

    #[test]
    fn sets_find_by_name_and_name_the_key_they_cannot_use() {
        let key: PrivateJwk = serde_json::from_str(RFC_7515).unwrap();
        let set = JwkSet {
            keys: vec![key.public().clone()],
        };
        assert!(set.find(&"a3".parse().unwrap()).is_some());
        assert!(set.find(&"a4".parse().unwrap()).is_none());
        let rsa = r#"{"keys":[{"kty":"RSA","kid":"r","n":"AQAB","e":"AQAB"}]}"#;
        assert!(serde_json::from_str::<JwkSet>(rsa).is_err());
    }
}
