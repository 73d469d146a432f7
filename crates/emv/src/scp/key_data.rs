//! Which keys: the chip's key data and the version of its keys.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::bytes::first;

/// What a chip says of itself to whoever must find its keys, 10 bytes: the identifier of the
/// master key (6), the serial number of the chip (4) (documented).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyData(pub [u8; 10]);

impl KeyData {
    /// From its two parts; of the chip's serial number these are the last four bytes.
    pub fn new(master_key: MasterKeyId, serial: [u8; 4]) -> Self {
        let mut bytes = [0; 10];
        bytes[..6].copy_from_slice(&master_key.0);
        bytes[6..].copy_from_slice(&serial);
        Self(bytes)
    }

    /// Which master key the chip's keys follow from.
    pub fn master_key(self) -> MasterKeyId {
        MasterKeyId(first(&self.0))
    }
}

impl fmt::Display for KeyData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode_upper(self.0))
    }
}

/// The identifier of a master key, 6 bytes: the issuer's number filled up with `F` (inferred).
///
/// As text up to 12 decimal digits, e.g. `423456`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct MasterKeyId([u8; 6]);

/// No identifier of a master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the identifier of a master key has 1 to 12 decimal digits")]
pub struct MasterKeyIdError;

impl fmt::Display for MasterKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(hex::encode_upper(self.0).trim_end_matches('F'))
    }
}

impl FromStr for MasterKeyId {
    type Err = MasterKeyIdError;

    fn from_str(text: &str) -> Result<Self, MasterKeyIdError> {
        let digits = (1..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let filled = digits
            .then(|| hex::decode(format!("{text:F<12}")))
            .and_then(Result::ok);
        filled
            .map(|bytes| Self(first(&bytes)))
            .ok_or(MasterKeyIdError)
    }
}

impl TryFrom<String> for MasterKeyId {
    type Error = MasterKeyIdError;

    fn try_from(text: String) -> Result<Self, MasterKeyIdError> {
        text.parse()
    }
}

impl From<MasterKeyId> for String {
    fn from(id: MasterKeyId) -> Self {
        id.to_string()
    }
}

/// The version number of a chip's set of keys: `01` to `7F`, or `FF` for the keys that it left its
/// factory with (documented; `FF` inferred). As text two hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyVersion(u8);

/// No key version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key version is two hexadecimal digits, 01 to 7F or FF")]
pub struct KeyVersionError;

impl KeyVersion {
    /// P1 of INITIALIZE UPDATE that asks for whatever version the chip has.
    pub const ANY: u8 = 0x00;

    /// The version of this number.
    ///
    /// # Errors
    /// [`KeyVersionError`].
    pub fn new(number: u8) -> Result<Self, KeyVersionError> {
        match number {
            0x01..=0x7F | 0xFF => Ok(Self(number)),
            _ => Err(KeyVersionError),
        }
    }

    /// The number.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl Default for KeyVersion {
    fn default() -> Self {
        Self(1)
    }
}

impl fmt::Display for KeyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.0)
    }
}

impl FromStr for KeyVersion {
    type Err = KeyVersionError;

    fn from_str(text: &str) -> Result<Self, KeyVersionError> {
        match hex::decode(text).as_deref() {
            Ok([number]) => Self::new(*number),
            _ => Err(KeyVersionError),
        }
    }
}

impl TryFrom<String> for KeyVersion {
    type Error = KeyVersionError;

    fn try_from(text: String) -> Result<Self, KeyVersionError> {
        text.parse()
    }
}

impl From<KeyVersion> for String {
    fn from(version: KeyVersion) -> Self {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_data_is_made_of_two_parts() {
        let id: MasterKeyId = "423456".parse().unwrap();
        let data = KeyData::new(id, [0, 1, 2, 3]);
        assert_eq!(data.to_string(), "423456FFFFFF00010203");
        assert_eq!(data.master_key().to_string(), "423456");
        let odd: MasterKeyId = "12345".parse().unwrap();
        assert_eq!(odd.to_string(), "12345");
        for wrong in ["", "42345F", "1234567890123"] {
            assert_eq!(wrong.parse::<MasterKeyId>(), Err(MasterKeyIdError));
        }
    }

    #[test]
    fn versions_are_two_digits() {
        for text in ["01", "30", "7F", "FF"] {
            assert_eq!(text.parse::<KeyVersion>().unwrap().to_string(), text);
        }
        for wrong in ["", "1", "00", "80", "FE", "001", "0x1"] {
            assert_eq!(wrong.parse::<KeyVersion>(), Err(KeyVersionError), "{wrong}");
        }
    }
}
