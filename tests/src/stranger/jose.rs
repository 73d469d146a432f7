//! The stranger's own JOSE: signs and encrypts whatever header it is told to, so that a wrong header is the only thing wrong.

use std::sync::atomic::{AtomicU64, Ordering};

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm, Nonce};
use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey};
use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// base64url without padding.
pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    Base64UrlUnpadded::encode_string(bytes.as_ref())
}

/// And back.
pub fn unb64(text: &str) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(text).unwrap()
}

/// Fresh chance at each call of a process, the same in each process.
fn chance() -> ChaCha8Rng {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    ChaCha8Rng::seed_from_u64(CALLS.fetch_add(1, Ordering::Relaxed))
}

/// A private key.
#[derive(Clone)]
pub struct Key {
    secret: SecretKey,
    /// Its name.
    pub kid: String,
}

impl Key {
    /// Any key under a name.
    pub fn fresh(kid: &str) -> Self {
        let mut bytes = [0; 32];
        chance().fill_bytes(&mut bytes);
        // Nearly every 32 bytes are a scalar.
        Self {
            secret: SecretKey::from_slice(&bytes).unwrap(),
            kid: kid.to_owned(),
        }
    }

    /// From a private JWK.
    pub fn of(jwk: &Value) -> Self {
        let secret = SecretKey::from_slice(&unb64(jwk["d"].as_str().unwrap())).unwrap();
        Self {
            secret,
            kid: jwk["kid"].as_str().unwrap().to_owned(),
        }
    }

    /// Its public half as a JWK.
    pub fn public(&self) -> Value {
        let mut jwk = coordinates(&self.secret.public_key());
        jwk["kid"] = json!(self.kid);
        jwk
    }

    /// Header and claims, signed with ES256 whatever the header says.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let input = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
        let signature: Signature = SigningKey::from(&self.secret).sign(input.as_bytes());
        format!("{input}.{}", b64(signature.to_bytes()))
    }

    /// The header that belongs to this key.
    pub fn header(&self) -> Value {
        json!({ "alg": "ES256", "typ": "JWT", "kid": self.kid })
    }
}

fn coordinates(key: &PublicKey) -> Value {
    let point = key.to_sec1_point(false);
    let bytes = point.as_bytes();
    json!({ "kty": "EC", "crv": "P-256", "x": b64(&bytes[1..33]), "y": b64(&bytes[33..65]) })
}

/// A JWE to be made: to whom, and under which header; `epk` is added.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// The public JWK that it is really encrypted to.
    pub to: Value,
    /// The protected header.
    pub header: Value,
}

impl Envelope {
    /// As D1 documents it.
    pub fn good(to: &Value) -> Self {
        Self {
            to: to.clone(),
            header: json!({ "alg": "ECDH-ES", "enc": "A256GCM", "kid": to["kid"] }),
        }
    }

    /// The same with another member in the header; `null` leaves it out.
    #[must_use]
    pub fn with(mut self, member: &str, value: Value) -> Self {
        if value.is_null() {
            self.header.as_object_mut().unwrap().remove(member);
        } else {
            self.header[member] = value;
        }
        self
    }

    /// Encrypts by ECDH-ES, by A128GCM if the header says so and else by A256GCM.
    pub fn seal(&self, plaintext: &[u8]) -> String {
        let ephemeral = Key::fresh("ephemeral").secret;
        let mut header = self.header.clone();
        if header.get("epk").is_none() {
            header["epk"] = coordinates(&ephemeral.public_key());
        }
        let header = b64(header.to_string());
        let short = self.header["enc"] == "A128GCM";
        let key = self.agree(
            &ephemeral,
            if short {
                ("A128GCM", 128)
            } else {
                ("A256GCM", 256)
            },
        );
        let mut nonce = [0; 12];
        chance().fill_bytes(&mut nonce);
        let payload = Payload {
            msg: plaintext,
            aad: header.as_bytes(),
        };
        let sealed = if short {
            Aes128Gcm::new_from_slice(&key[..16])
                .unwrap()
                .encrypt(&Nonce::from(nonce), payload)
        } else {
            Aes256Gcm::new_from_slice(&key)
                .unwrap()
                .encrypt(&Nonce::from(nonce), payload)
        };
        let sealed = sealed.unwrap();
        let (content, tag) = sealed.split_at(plaintext.len());
        format!("{header}..{}.{}.{}", b64(nonce), b64(content), b64(tag))
    }

    /// RFC 7518 section 4.6: the agreed secret through one round of the Concat KDF.
    fn agree(&self, ephemeral: &SecretKey, (enc, bits): (&str, u32)) -> [u8; 32] {
        let mut point = vec![4];
        point.extend(unb64(self.to["x"].as_str().unwrap()));
        point.extend(unb64(self.to["y"].as_str().unwrap()));
        let shared = ephemeral.diffie_hellman(&PublicKey::from_sec1_bytes(&point).unwrap());
        let mut hash = Sha256::new();
        hash.update(1_u32.to_be_bytes());
        hash.update(shared.raw_secret_bytes());
        hash.update(u32::try_from(enc.len()).unwrap().to_be_bytes());
        hash.update(enc);
        hash.update([0; 8]);
        hash.update(bits.to_be_bytes());
        hash.finalize().into()
    }
}
