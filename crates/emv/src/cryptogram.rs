//! Application cryptograms of the chip and the issuer's answers (EMV Book 2 section 8).
//!
//! Two cryptogram versions of the scheme-neutral application: 10 and 18. Documented by published
//! implementations with vectors recomputed on hardware.

use std::fmt;

use crate::keys::cryptogram_session_key;
use crate::mac::{Padding, retail_mac};
use crate::tag::Tag;
use crate::tdes::{Block, TdesKey, xor};

/// How the chip computes its cryptogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CryptogramVersion {
    /// Version 10: the card's key itself, zero padding, over the verification results.
    Cvn10,
    /// Version 18: a session key, marker padding, over all of the issuer application data.
    #[default]
    Cvn18,
}

impl CryptogramVersion {
    /// The byte that stands for it in the issuer application data.
    pub fn byte(self) -> u8 {
        match self {
            Self::Cvn10 => 0x0A,
            Self::Cvn18 => 0x12,
        }
    }

    /// The version that a byte stands for.
    pub fn from_byte(byte: u8) -> Option<Self> {
        [Self::Cvn10, Self::Cvn18]
            .into_iter()
            .find(|version| version.byte() == byte)
    }
}

/// Issuer application data (tag 9F10) of 7 bytes: `06`, derivation key index, cryptogram version,
/// `03`, three bytes of [card verification results](crate::results).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuerApplicationData {
    /// Which of the issuer's master keys the card's keys come from.
    pub key_index: u8,
    /// How the cryptogram is computed.
    pub version: CryptogramVersion,
    /// Card verification results, without their length byte.
    pub results: [u8; 3],
}

/// Why bytes are not issuer application data of the known form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IadError {
    /// Not seven bytes with the length bytes `06` and `03` in their places.
    #[error("issuer application data of an unknown form")]
    Form,
    /// A cryptogram version other than 10 and 18.
    #[error("unknown cryptogram version {0}")]
    Version(u8),
}

impl IssuerApplicationData {
    /// The value of tag 9F10.
    pub fn to_bytes(self) -> [u8; 7] {
        let [a, b, c] = self.results;
        [0x06, self.key_index, self.version.byte(), 0x03, a, b, c]
    }

    /// Reads the value of tag 9F10.
    ///
    /// # Errors
    /// [`IadError::Form`], [`IadError::Version`].
    pub fn parse(bytes: &[u8]) -> Result<Self, IadError> {
        match *bytes {
            [0x06, key_index, version, 0x03, a, b, c] => {
                let known = CryptogramVersion::from_byte(version);
                let version = known.ok_or(IadError::Version(version))?;
                Ok(Self {
                    key_index,
                    version,
                    results: [a, b, c],
                })
            }
            _ => Err(IadError::Form),
        }
    }
}

/// What the terminal contributes, in the order in which it is computed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalData {
    /// Tag 9F02, packed decimal, in the smallest unit of the currency.
    pub amount: [u8; 6],
    /// Tag 9F03, packed decimal.
    pub amount_other: [u8; 6],
    /// Tag 9F1A, packed decimal.
    pub country: [u8; 2],
    /// Tag 95, terminal verification results.
    pub verification_results: [u8; 5],
    /// Tag 5F2A, packed decimal.
    pub currency: [u8; 2],
    /// Tag 9A, `YYMMDD` in packed decimal.
    pub date: [u8; 3],
    /// Tag 9C.
    pub transaction_type: u8,
    /// Tag 9F37.
    pub unpredictable_number: [u8; 4],
}

impl TerminalData {
    /// Collects the data by their tags; `None` if one is missing or has another length.
    pub fn collect<'a>(find: impl Fn(Tag) -> Option<&'a [u8]>) -> Option<Self> {
        let [transaction_type] = value(&find, Tag::TRANSACTION_TYPE)?;
        Some(Self {
            amount: value(&find, Tag::AMOUNT)?,
            amount_other: value(&find, Tag::AMOUNT_OTHER)?,
            country: value(&find, Tag::TERMINAL_COUNTRY)?,
            verification_results: value(&find, Tag::TERMINAL_VERIFICATION)?,
            currency: value(&find, Tag::TRANSACTION_CURRENCY)?,
            date: value(&find, Tag::TRANSACTION_DATE)?,
            transaction_type,
            unpredictable_number: value(&find, Tag::UNPREDICTABLE_NUMBER)?,
        })
    }

    /// The 29 bytes that the first data object list of the application asks for.
    pub fn to_bytes(self) -> Vec<u8> {
        let kind = [self.transaction_type];
        let parts: [&[u8]; 8] = [
            &self.amount,
            &self.amount_other,
            &self.country,
            &self.verification_results,
            &self.currency,
            &self.date,
            &kind,
            &self.unpredictable_number,
        ];
        parts.concat()
    }
}

fn value<'a, const N: usize>(find: impl Fn(Tag) -> Option<&'a [u8]>, tag: Tag) -> Option<[u8; N]> {
    find(tag)?.try_into().ok()
}

/// A cryptogram as the application computes it: request (ARQC), approval (TC) or refusal (AAC)
/// differ only in the verification results.
///
/// `terminal` is what the terminal sent for the data object list; `interchange_profile` is tag 82
/// and `atc` tag 9F36.
pub fn application_cryptogram(
    card_key: &TdesKey,
    terminal: &[u8],
    interchange_profile: [u8; 2],
    atc: [u8; 2],
    issuer_data: IssuerApplicationData,
) -> Block {
    let issuer_bytes = issuer_data.to_bytes();
    let common: [&[u8]; 3] = [terminal, &interchange_profile, &atc];
    let mut data = common.concat();
    match issuer_data.version {
        CryptogramVersion::Cvn10 => {
            data.extend_from_slice(&issuer_bytes[3..]);
            generate(card_key, Padding::Zeros, &data)
        }
        CryptogramVersion::Cvn18 => {
            data.extend_from_slice(&issuer_bytes);
            generate(
                &cryptogram_session_key(card_key, atc),
                Padding::Marker,
                &data,
            )
        }
    }
}

/// The bare computation: a retail MAC over `data` under `key`.
pub fn generate(key: &TdesKey, padding: Padding, data: &[u8]) -> Block {
    retail_mac(key, padding, data)
}

/// The issuer's answer by method 1, 8 bytes: cryptogram combined with the response code,
/// enciphered. Under which key (card's or session's) is the application's choice.
pub fn response_method_1(key: &TdesKey, cryptogram: Block, response_code: [u8; 2]) -> Block {
    let [a, b] = response_code;
    key.encrypt_block(xor(cryptogram, [a, b, 0, 0, 0, 0, 0, 0]))
}

/// Up to 8 bytes that an issuer adds to its answer by method 2.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct ProprietaryData {
    bytes: [u8; 8],
    len: usize,
}

impl ProprietaryData {
    /// Up to 8 bytes; `None` for more.
    pub fn new(data: &[u8]) -> Option<Self> {
        let mut bytes = [0; 8];
        bytes.get_mut(..data.len())?.copy_from_slice(data);
        Some(Self {
            bytes,
            len: data.len(),
        })
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl fmt::Debug for ProprietaryData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProprietaryData({})", hex::encode(self.as_slice()))
    }
}

/// The issuer's answer by method 2: the first 4 bytes of a MAC over cryptogram, card status
/// update and proprietary data.
pub fn response_method_2(
    session_key: &TdesKey,
    cryptogram: Block,
    card_status_update: [u8; 4],
    proprietary: &ProprietaryData,
) -> [u8; 4] {
    let parts: [&[u8]; 3] = [&cryptogram, &card_status_update, proprietary.as_slice()];
    let [a, b, c, d, ..] = retail_mac(session_key, Padding::Marker, &parts.concat());
    [a, b, c, d]
}

#[cfg(test)]
#[path = "cryptogram_tests.rs"]
mod tests;
