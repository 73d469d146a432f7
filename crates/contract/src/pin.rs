//! The issuer's answer when D1 fetches the PIN of a card (`GET …/cards/{cardId}/pin` at the issuer).
//!
//! The operation, a type of PIN block beside it, and a PIN block in JSON inside a JWE are documented,
//! and so is ISO 9564 format 0. The names of the members are not public: those here are ours.

use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::jose::JoseError;
use crate::jose::jwe::{Jwe, encrypt};
use crate::jose::jwk::{KeyId, PrivateJwk, PublicJwk};
use crate::secret::PinBlock;
use crate::words::closed_words;

closed_words! {
    /// What kind of PIN block travels.
    PinBlockType {
        /// ISO 9564-1 format 0: PIN and card number combined. D1 takes no other.
        Format0 = "ISO_9564_FORMAT_0",
    }
}

/// The body of the answer: which kind of block, and the block for nobody but D1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PinAnswer {
    /// The kind of block.
    pub pin_block_type: PinBlockType,
    /// A compact JWE to D1's key; inside is `{"pinBlock": "16 hexadecimal digits"}`.
    pub encrypted_data: String,
}

/// An answer without a PIN block that D1 could open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer holds no PIN block for D1")]
pub struct NoPinBlock;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContentOut<'a> {
    pin_block: &'a str,
}

#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase")]
struct ContentIn {
    pin_block: String,
}

impl PinAnswer {
    /// The answer with this block, encrypted to D1's key.
    pub fn seal<R: CryptoRng + ?Sized>(
        block: &PinBlock,
        recipient: &PublicJwk,
        rng: &mut R,
    ) -> Result<Self, JoseError> {
        let content = ContentOut {
            pin_block: block.reveal(),
        };
        let plaintext = Zeroizing::new(crate::json::write(&content));
        Ok(Self {
            pin_block_type: PinBlockType::Format0,
            encrypted_data: encrypt(&plaintext, recipient, rng)?,
        })
    }

    /// The block, opened with the key that the JWE's `kid` names.
    pub fn open<'a>(
        &self,
        keys: impl FnOnce(&KeyId) -> Option<&'a PrivateJwk>,
    ) -> Result<PinBlock, NoPinBlock> {
        let jwe = Jwe::parse(&self.encrypted_data).map_err(|_| NoPinBlock)?;
        let key = keys(jwe.kid()).ok_or(NoPinBlock)?;
        let plaintext = jwe.decrypt(key).map_err(|_| NoPinBlock)?;
        let content: ContentIn = serde_json::from_slice(&plaintext).map_err(|_| NoPinBlock)?;
        content.pin_block.parse().map_err(|_| NoPinBlock)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    fn key(kid: &str) -> PrivateJwk {
        PrivateJwk::generate(kid.parse().unwrap(), &mut ChaCha8Rng::seed_from_u64(1))
    }

    fn sealed(content: &str) -> PinAnswer {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        PinAnswer {
            pin_block_type: PinBlockType::Format0,
            encrypted_data: encrypt(content.as_bytes(), key("d1").public(), &mut rng).unwrap(),
        }
    }

    #[test]
    fn a_block_travels_for_d1_alone() {
        let (d1, block) = (key("d1"), "041261AAAAEDCBA9".parse::<PinBlock>().unwrap());
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let answer = PinAnswer::seal(&block, d1.public(), &mut rng).unwrap();
        let json = serde_json::to_string(&answer).unwrap();
        assert!(json.starts_with(r#"{"pinBlockType":"ISO_9564_FORMAT_0","encryptedData":"ey"#));
        assert!(!json.contains("0412") && !format!("{answer:?}").contains("0412"));
        let answer: PinAnswer = serde_json::from_str(&json).unwrap();
        assert_eq!(answer.open(|_| Some(&d1)), Ok(block));
        assert_eq!(answer.open(|_| None), Err(NoPinBlock));
    }

    #[test]
    fn what_holds_no_block_of_format_0_is_none() {
        let d1 = key("d1");
        for content in [
            "",
            "{}",
            r#"{"pinBlock":"241234FFFFFFFFFF"}"#,
            r#"{"pinBlock":1234}"#,
        ] {
            assert_eq!(
                sealed(content).open(|_| Some(&d1)),
                Err(NoPinBlock),
                "{content}"
            );
        }
        let other = r#"{"pinBlockType":"ISO_9564_FORMAT_4","encryptedData":"x"}"#;
        assert!(serde_json::from_str::<PinAnswer>(other).is_err());
    }
}
