//! Signatures of the card: signed dynamic application data, tag 9F4B (EMV Book 2 tables 15 to 22,
//! documented).
//!
//! ```text
//! 6A | 05 | 01 hash | length | dynamic data | BB … | SHA-1 | BC
//! dynamic data with DDA:  length, dynamic number
//!              with CDA:  length, dynamic number, 9F27, 9F26, SHA-1 of the transaction
//! ```
//!
//! The hash goes over everything from the format to the filler, then what the terminal gave: the
//! answer to the list of tag 9F49 with DDA, the unpredictable number with CDA.

use super::certificate::{FILLER, HASH, HEADER, SHA_1, TRAILER, hash, open};
use super::fault::{Check, Fault};
use super::rsa::{PrivateKey, PublicKey};
use crate::tdes::Block;

const FORMAT: u8 = 0x05;

/// What the card signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DynamicData {
    /// The card's dynamic number (tag 9F4C), 2 to 8 bytes.
    pub number: Vec<u8>,
    /// With CDA: the cryptogram that goes with it.
    pub combined: Option<Combined>,
}

/// The part of the dynamic data that only CDA has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Combined {
    /// Tag 9F27.
    pub information: u8,
    /// Tag 9F26.
    pub cryptogram: Block,
    /// See [`transaction_hash`].
    pub transaction: [u8; HASH],
}

impl DynamicData {
    /// The bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let length = u8::try_from(self.number.len()).unwrap_or(u8::MAX);
        let mut bytes = vec![length];
        bytes.extend_from_slice(&self.number);
        if let Some(combined) = &self.combined {
            bytes.push(combined.information);
            bytes.extend(combined.cryptogram);
            bytes.extend(combined.transaction);
        }
        bytes
    }

    /// Reads the bytes. What follows the number is the part of CDA where it is long enough for it,
    /// else it is for somebody else (documented: a scheme may add data).
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first()?;
        let (number, rest) = rest.split_at_checked(usize::from(*length))?;
        let combined = || {
            let (information, rest) = rest.split_first()?;
            let (cryptogram, rest) = rest.split_first_chunk()?;
            let (transaction, _) = rest.split_first_chunk()?;
            Some(Combined {
                information: *information,
                cryptogram: *cryptogram,
                transaction: *transaction,
            })
        };
        (2..=8).contains(&number.len()).then(|| Self {
            number: number.to_vec(),
            combined: combined(),
        })
    }
}

/// Signs dynamic data together with what the terminal gave.
///
/// # Errors
/// [`Check::Lengths`] where the key is too short for the data.
pub fn sign(key: &PrivateKey, data: &DynamicData, terminal: &[u8]) -> Result<Vec<u8>, Fault> {
    let data = data.to_bytes();
    let whole = key.modulus().len();
    let length = u8::try_from(data.len()).map_err(|_| Fault::Signature(Check::Lengths))?;
    let mut fields = [&[FORMAT, SHA_1, length][..], &data].concat();
    if fields.len() + HASH + 2 > whole {
        return Err(Fault::Signature(Check::Lengths));
    }
    fields.resize(whole - HASH - 2, FILLER);
    let hash = hash(&[&fields, terminal]);
    let block = [&[HEADER][..], &fields, &hash, &[TRAILER]].concat();
    key.sign(&block).ok_or(Fault::Signature(Check::Length))
}

/// The dynamic data that a card signed together with what the terminal gave.
///
/// # Errors
/// [`Fault::Signature`].
pub fn recover(key: &PublicKey, signature: &[u8], terminal: &[u8]) -> Result<DynamicData, Fault> {
    recover_checked(key, signature, terminal).map_err(Fault::Signature)
}

fn recover_checked(
    key: &PublicKey,
    signature: &[u8],
    terminal: &[u8],
) -> Result<DynamicData, Check> {
    let block = key.recover(signature).ok_or(Check::Length)?;
    let (fields, signed_hash) = open(&block, FORMAT)?;
    let ([_, hash_by, length], rest) = fields.split_first_chunk().ok_or(Check::Lengths)?;
    if *hash_by != SHA_1 {
        return Err(Check::Algorithm);
    }
    let data = rest.get(..usize::from(*length)).ok_or(Check::Lengths)?;
    if hash(&[fields, terminal]) != *signed_hash {
        return Err(Check::Hash);
    }
    DynamicData::parse(data).ok_or(Check::Field)
}

/// What a combined signature says of the whole transaction: SHA-1 over the terminal's answers to the
/// lists of tags 9F38 and 8C, with the second GENERATE AC also of 8D, and over the card's answer
/// without the signature, tags and lengths included.
pub fn transaction_hash(lists: &[&[u8]], answer: &[u8]) -> [u8; HASH] {
    let mut parts = lists.to_vec();
    parts.push(answer);
    hash(&parts)
}
