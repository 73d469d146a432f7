//! From a stock's transport key to the keys of one chip.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::credentials::ChannelKeys;
use super::key_data::KeyData;
use crate::aes_key::AesKey;
use crate::tdes::TdesKey;

/// How the keys of a chip follow from the transport key of its stock.
///
/// As text `none`, `emv-cps`, `visa2`, `kdf3`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub enum Diversification {
    /// Not at all: every chip has the transport key itself, three times.
    None,
    /// Triple DES over bytes 4 to 9 of the key data (EMV CPS, documented); for SCP02.
    #[default]
    EmvCps,
    /// Triple DES over bytes 0, 1, 4, 5, 6, 7 of the key data (documented); for SCP02.
    Visa2,
    /// A key derivation function of AES over the whole key data (documented); for SCP03.
    Kdf3,
}

/// No diversification that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a diversification is none, emv-cps, visa2 or kdf3")]
pub struct DiversificationError;

impl Diversification {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::None, Self::EmvCps, Self::Visa2, Self::Kdf3];

    fn text(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::EmvCps => "emv-cps",
            Self::Visa2 => "visa2",
            Self::Kdf3 => "kdf3",
        }
    }
}

/// EMV CPS: bytes 4 to 9 of the key data enter.
pub fn emv_cps(master: &TdesKey, data: KeyData) -> ChannelKeys<TdesKey> {
    let [_, _, _, _, b4, b5, b6, b7, b8, b9] = data.0;
    tdes_diversified(master, [b4, b5, b6, b7, b8, b9])
}

/// VISA2: bytes 0, 1, 4, 5, 6 and 7 of the key data enter.
pub fn visa2(master: &TdesKey, data: KeyData) -> ChannelKeys<TdesKey> {
    let [b0, b1, _, _, b4, b5, b6, b7, _, _] = data.0;
    tdes_diversified(master, [b0, b1, b4, b5, b6, b7])
}

/// Six bytes, `F0` or `0F`, and the number of the key (1 for encipherment, 2 for MACs, 3 for
/// wrapping), enciphered under the transport key; the parity bits stay as they come, as they do in
/// published key sets.
fn tdes_diversified(master: &TdesKey, base: [u8; 6]) -> ChannelKeys<TdesKey> {
    let [c0, c1, c2, c3, c4, c5] = base;
    let half = |constant, number| master.encrypt_block([c0, c1, c2, c3, c4, c5, constant, number]);
    ChannelKeys::numbered(|number| TdesKey::from_halves(half(0xF0, number), half(0x0F, number)))
}

/// KDF3: counter mode of CMAC (SP 800-108) under the transport key over `00 00 00 k 00`, where k is
/// the number of the key, and the whole key data. The keys are as long as the transport key.
pub fn kdf3(master: &AesKey, data: KeyData) -> ChannelKeys<AesKey> {
    ChannelKeys::numbered(|number| {
        let label = [0, 0, 0, number, 0];
        master.derive_same_size(&|counter| [&[counter], &label[..], &data.0].concat())
    })
}

impl fmt::Display for Diversification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

impl FromStr for Diversification {
    type Err = DiversificationError;

    fn from_str(text: &str) -> Result<Self, DiversificationError> {
        let mut all = Self::ALL.into_iter();
        all.find(|by| by.text() == text).ok_or(DiversificationError)
    }
}

impl TryFrom<String> for Diversification {
    type Error = DiversificationError;

    fn try_from(text: String) -> Result<Self, DiversificationError> {
        text.parse()
    }
}

impl From<Diversification> for String {
    fn from(by: Diversification) -> Self {
        by.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: KeyData = KeyData([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

    /// `GlobalPlatformPro`, `TestPlaintextKeys.java`: check values for key data 00 to 09.
    #[test]
    fn triple_des_keys_of_globalplatformpro() {
        let master = TdesKey::from_hex("404142434445464748494A4B4C4D4E4F").unwrap();
        for (keys, expected) in [
            (emv_cps(&master, DATA), ["C33013", "6F4CA6", "BB8179"]),
            (visa2(&master, DATA), ["2BE598", "58DA38", "3C328E"]),
        ] {
            let kcvs = [keys.enc, keys.mac, keys.dek].map(|key| key.kcv().to_string());
            assert_eq!(kcvs, expected);
        }
    }

    /// The same, for KDF3 and the three sizes of AES.
    #[test]
    fn aes_keys_of_globalplatformpro() {
        let master = "404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F";
        for (digits, expected) in [
            (32, ["E79C05", "D1BD77", "3FDE8C"]),
            (48, ["1DE8EA", "47C00C", "C04D76"]),
            (64, ["2972D2", "036F94", "5D57B8"]),
        ] {
            let keys = kdf3(&AesKey::from_hex(&master[..digits]).unwrap(), DATA);
            let kcvs = [keys.enc, keys.mac, keys.dek].map(|key| key.kcv().to_string());
            assert_eq!(kcvs, expected);
        }
    }

    /// The same place, `testDiversification_KDF3_ExternalVector`: a whole key.
    #[test]
    fn a_whole_key_of_globalplatformpro() {
        let master = "8C72C72CF908411653018807950D82FBAD947562F0828A0B10B8B9606ABF3BCD";
        let data = KeyData([0xD9, 0xB1, 0xDE, 0x5D, 0x03, 0x62, 0xDE, 0xDC, 0xE4, 0xFB]);
        let keys = kdf3(&AesKey::from_hex(master).unwrap(), data);
        assert_eq!(
            hex::encode_upper(keys.enc.expose()),
            "9AAC5D0B3601F89438A0D9D0B6B256CFB47E6462DFA5228D3420C4AC7C224781"
        );
    }

    #[test]
    fn names_are_read_as_they_print() {
        for by in Diversification::ALL {
            assert_eq!(by.to_string().parse(), Ok(by));
        }
        assert_eq!("EMV".parse::<Diversification>(), Err(DiversificationError));
    }
}
