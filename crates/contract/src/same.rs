//! When two requests are the same request (ours).
//!
//! The documentation asks issuers to repeat a request under the same `issuerRequestId` and does not
//! say what D1 compares. Here: same issuer, `issuerRequestId`, card, clear members and *decrypted*
//! data, whatever the bytes of the JWE, because a careful client encrypts anew for each attempt.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::card::CardData;
use crate::ids::{CardId, IssuerId};
use crate::order::{ClearOrder, EncryptedData};

/// A keyed digest of all that makes two requests the same. It stands in ledgers in place of the
/// data; the key keeps a card number from being guessed from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestDigest([u8; 32]);

impl RequestDigest {
    /// Digests one request; `None` for the data, where they could not be read.
    pub fn of(
        key: &[u8; 32],
        issuer: &IssuerId,
        card: &CardId,
        order: &ClearOrder,
        data: Option<&CardData>,
    ) -> Self {
        // The JWE differs at each attempt and is left out, unless it is all there is.
        let mut clear = order.clone();
        if let (Some(_), Ok(nothing)) = (data, "-".parse::<EncryptedData>()) {
            clear.encrypted_data = nothing;
        }
        let plaintext = data.map(CardData::to_plaintext).unwrap_or_default();
        let parts: [&[u8]; 4] = [
            issuer.as_str().as_bytes(),
            card.as_str().as_bytes(),
            &clear.to_body(),
            &plaintext,
        ];
        Self(keyed(key, &parts))
    }

    /// The digest's bytes, as a ledger keeps them.
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// A digest that a ledger kept.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for RequestDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, ..] = self.0;
        write!(f, "RequestDigest({first:02x}{second:02x}…)")
    }
}

/// A keyed digest of card number and sequence number: two chips with the same have the same keys. The key keeps a card number from
/// being guessed from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumberDigest([u8; 16]);

impl NumberDigest {
    /// Digests the two numbers of a card.
    pub fn of(key: &[u8; 32], data: &CardData) -> Self {
        let sequence = data.sequence_number().to_string();
        let parts: [&[u8]; 3] = [b"number", data.pan.reveal().as_bytes(), sequence.as_bytes()];
        let [digest @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = keyed(key, &parts);
        Self(digest)
    }

    /// The digest's bytes, as a ledger keeps them.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// A digest that a ledger kept.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for NumberDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, ..] = self.0;
        write!(f, "NumberDigest({first:02x}{second:02x}…)")
    }
}

/// HMAC with SHA-256 over the parts, each with its length before it.
fn keyed(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // A key shorter than the hash's block is padded by zeros: that is HMAC's own rule.
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&(*block).into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
