//! The two JOSE families that D1 documents: ES256 signatures for assertions and tokens, and
//! ECDH-ES with A256GCM for `encryptedData`, both on P-256 and in compact form.
//!
//! Nothing here draws from the operating system: a caller hands in the generator, and signatures
//! are those of RFC 6979, so one seed gives the same bytes. Keys and signing are `p256`'s; key
//! agreement and verification, which draw nothing and take most of an order's time, are `aws-lc-rs`'s.
//! This serves a simulator with test keys; it is not meant to protect real card data.

use base64ct::{Base64UrlUnpadded, Encoding};

pub mod jwe;
pub mod jwk;
pub mod jws;

/// Why a JWS, JWE or JWK cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoseError {
    /// Not a compact serialisation.
    #[error("not {0} parts joined by dots")]
    Parts(usize),
    /// A part is not base64url without padding.
    #[error("{0} is not base64url without padding")]
    Base64(&'static str),
    /// A part has the wrong length.
    #[error("{0} has the wrong length")]
    Length(&'static str),
    /// The header is not a JSON object of the right types.
    #[error("the header is not a JSON object with members of the right type")]
    Header,
    /// A member that the contract requires is missing.
    #[error("the header has no {0}")]
    Missing(&'static str),
    /// A `kid` that is empty, too long, or not of visible characters.
    #[error("a kid must be 1 to 256 visible ASCII characters")]
    KeyId,
    /// `alg` is not the documented one.
    #[error("alg {0} is not supported")]
    Algorithm(String),
    /// `enc` is not the documented one.
    #[error("enc {0} is not supported")]
    Encryption(String),
    /// `zip` is present.
    #[error("zip is not supported")]
    Compression,
    /// `crit` is present.
    #[error("crit is not supported")]
    Critical,
    /// A key is not an EC key on P-256.
    #[error("the key is not of kty EC and crv P-256")]
    KeyType,
    /// A key's coordinates are not a point of the curve, or its parts do not belong together.
    #[error("the key is not a valid key of its curve")]
    InvalidKey,
    /// The `kid` names another key.
    #[error("the kid names another key")]
    OtherKey,
    /// The signature is not that of the key.
    #[error("the signature is wrong")]
    Signature,
    /// The content does not belong to the key, or was changed.
    #[error("the content cannot be decrypted")]
    Decryption,
}

fn decode(part: &str, what: &'static str) -> Result<Vec<u8>, JoseError> {
    Base64UrlUnpadded::decode_vec(part).map_err(|_| JoseError::Base64(what))
}

fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// The parts of a compact serialisation.
fn parts<const N: usize>(compact: &str) -> Result<[&str; N], JoseError> {
    let mut found = compact.split('.');
    let mut parts = [""; N];
    for part in &mut parts {
        *part = found.next().ok_or(JoseError::Parts(N))?;
    }
    if found.next().is_some() {
        Err(JoseError::Parts(N))
    } else {
        Ok(parts)
    }
}

/// A header's word, cut and cleaned, for an error text.
fn shown(word: &str) -> String {
    word.chars()
        .take(32)
        .map(|c| if c.is_ascii_graphic() { c } else { '?' })
        .collect()
}
