//! ECDH-ES direct key agreement with A256GCM in compact form (RFC 7516, RFC 7518 sections 4.6 and
//! 5.3), as D1 documents for `encryptedData`.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use aws_lc_rs::agreement::{self, ECDH_P256, UnparsedPublicKey};
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey};
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::jwk::{KeyId, PrivateJwk, PublicJwk, Wire, generate_secret};
use super::{JoseError, decode, encode, parts, shown};

#[derive(Serialize)]
struct HeaderOut<'a> {
    alg: &'static str,
    enc: &'static str,
    kid: &'a KeyId,
    epk: Wire,
}

#[derive(Deserialize)]
struct HeaderIn {
    alg: Option<String>,
    enc: Option<String>,
    kid: Option<String>,
    epk: Option<serde_json::Value>,
    apu: Option<String>,
    apv: Option<String>,
    zip: Option<serde_json::Value>,
    crit: Option<serde_json::Value>,
}

/// Encrypts to a recipient. The ephemeral key and the nonce come from `rng`, in this order, so one
/// seed gives the same bytes.
pub fn encrypt<R: CryptoRng + ?Sized>(
    plaintext: &[u8],
    recipient: &PublicJwk,
    rng: &mut R,
) -> Result<String, JoseError> {
    let ephemeral = Agreeing::of(&generate_secret(rng))?;
    let mut nonce = [0; 12];
    rng.fill_bytes(&mut nonce);
    let header = encode(&crate::json::write(&HeaderOut {
        alg: "ECDH-ES",
        enc: "A256GCM",
        kid: recipient.kid(),
        epk: Wire::of(&ephemeral.public()?),
    }));
    let payload = Payload {
        msg: plaintext,
        aad: header.as_bytes(),
    };
    let sealed = ephemeral
        .cipher(recipient.key(), &[], &[])?
        .encrypt(&Nonce::from(nonce), payload)
        .map_err(|_| JoseError::Length("the plaintext"))?;
    let (content, tag) = sealed.split_at(plaintext.len());
    Ok(format!(
        "{header}..{}.{}.{}",
        encode(&nonce),
        encode(content),
        encode(tag)
    ))
}

/// An encrypted text that has not been opened yet.
#[derive(Debug, Clone)]
pub struct Jwe {
    kid: KeyId,
    header: String,
    ephemeral: PublicKey,
    apu: Vec<u8>,
    apv: Vec<u8>,
    nonce: [u8; 12],
    sealed: Vec<u8>,
}

impl Jwe {
    /// Takes a compact serialisation apart. Only the documented algorithms with a `kid` are taken.
    pub fn parse(compact: &str) -> Result<Self, JoseError> {
        let [header_part, key, nonce, content, tag] = parts(compact)?;
        let header: HeaderIn = serde_json::from_slice(&decode(header_part, "the header")?)
            .map_err(|_| JoseError::Header)?;
        check_algorithms(&header)?;
        let kid = header.kid.ok_or(JoseError::Missing("kid"))?.parse()?;
        let epk = header.epk.ok_or(JoseError::Missing("epk"))?;
        let ephemeral = Wire::deserialize(epk)
            .map_err(|_| JoseError::Header)?
            .key()?;
        if !key.is_empty() {
            return Err(JoseError::Length("the encrypted key"));
        }
        let nonce = decode(nonce, "the nonce")?;
        let tag = decode(tag, "the tag")?;
        if tag.len() != 16 {
            return Err(JoseError::Length("the tag"));
        }
        let mut sealed = decode(content, "the content")?;
        sealed.extend_from_slice(&tag);
        Ok(Self {
            kid,
            header: header_part.to_owned(),
            ephemeral,
            apu: decode(header.apu.as_deref().unwrap_or_default(), "apu")?,
            apv: decode(header.apv.as_deref().unwrap_or_default(), "apv")?,
            nonce: nonce
                .try_into()
                .map_err(|_| JoseError::Length("the nonce"))?,
            sealed,
        })
    }

    /// The key that it is meant for.
    pub const fn kid(&self) -> &KeyId {
        &self.kid
    }

    /// What is inside, wiped when dropped.
    pub fn decrypt(&self, key: &PrivateJwk) -> Result<Zeroizing<Vec<u8>>, JoseError> {
        if self.kid != *key.kid() {
            return Err(JoseError::OtherKey);
        }
        let payload = Payload {
            msg: &self.sealed,
            aad: self.header.as_bytes(),
        };
        key.agreeing()?
            .cipher(&self.ephemeral, &self.apu, &self.apv)?
            .decrypt(&Nonce::from(self.nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| JoseError::Decryption)
    }
}

fn check_algorithms(header: &HeaderIn) -> Result<(), JoseError> {
    match header.alg.as_deref() {
        Some("ECDH-ES") => {}
        Some(other) => return Err(JoseError::Algorithm(shown(other))),
        None => return Err(JoseError::Missing("alg")),
    }
    match header.enc.as_deref() {
        Some("A256GCM") => {}
        Some(other) => return Err(JoseError::Encryption(shown(other))),
        None => return Err(JoseError::Missing("enc")),
    }
    if header.zip.is_some() {
        return Err(JoseError::Compression);
    }
    if header.crit.is_some() {
        return Err(JoseError::Critical);
    }
    Ok(())
}

/// A secret that agrees on a key with another's public one. Its multiplications are where the time of an order goes, so they are done
/// by the faster of our two libraries; it draws nothing.
pub(super) struct Agreeing(agreement::PrivateKey);

impl Agreeing {
    pub(super) fn of(secret: &SecretKey) -> Result<Self, JoseError> {
        agreement::PrivateKey::from_private_key(&ECDH_P256, &secret.to_bytes())
            .map(Self)
            .map_err(|_| JoseError::InvalidKey)
    }

    /// The public half.
    fn public(&self) -> Result<PublicKey, JoseError> {
        let point = self.0.compute_public_key();
        let point = point.map_err(|_| JoseError::InvalidKey)?;
        PublicKey::from_sec1_bytes(point.as_ref()).map_err(|_| JoseError::InvalidKey)
    }

    /// The content cipher that both agree on.
    fn cipher(&self, other: &PublicKey, apu: &[u8], apv: &[u8]) -> Result<Aes256Gcm, JoseError> {
        self.agree(other, |shared| {
            let key = concat_kdf(shared, b"A256GCM", apu, apv, 256);
            Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
        })
    }

    /// What comes of the secret that both share.
    fn agree<T>(&self, other: &PublicKey, derive: impl FnOnce(&[u8]) -> T) -> Result<T, JoseError> {
        let other = UnparsedPublicKey::new(&ECDH_P256, other.to_sec1_point(false));
        agreement::agree(&self.0, other, JoseError::InvalidKey, |shared| {
            Ok(derive(shared))
        })
    }
}

/// The Concat KDF of RFC 7518 section 4.6.2 for up to 256 bits, of which a caller takes as many as
/// it asked for: one round of SHA-256 over counter, shared secret, algorithm, both parties, length.
fn concat_kdf(z: &[u8], alg: &[u8], apu: &[u8], apv: &[u8], bits: u32) -> Zeroizing<[u8; 32]> {
    let mut hash = Sha256::new();
    hash.update(1u32.to_be_bytes());
    hash.update(z);
    for part in [alg, apu, apv] {
        // Headers are far below 4 GiB.
        hash.update(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.update(bits.to_be_bytes());
    Zeroizing::new(hash.finalize().into())
}

#[cfg(test)]
mod tests;
