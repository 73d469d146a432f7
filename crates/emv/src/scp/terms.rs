//! On what terms the chips of a stock are opened.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::credentials::{ChannelKeys, Credentials};
use super::diversify::{Diversification, emv_cps, kdf3, visa2};
use super::key_data::{KeyData, KeyVersion};
use super::level::SecurityLevel;
use super::protocol::{Protocol, Scp02Option, Scp03Option};
use crate::aes_key::AesKey;
use crate::kcv::{Kcv, KeyError};
use crate::tdes::TdesKey;

/// What a stock's maker tells whoever personalises it: protocol, transport key and its version, how
/// a chip's keys follow from it, and the least level at which chips take data.
///
/// A key of the wrong kind, a diversification of the other protocol and a level that the option
/// does not have cannot be in it. `Debug` shows the key's check value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    suite: Suite,
    key_version: KeyVersion,
    level: SecurityLevel,
}

/// A transport key with what fits it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Suite {
    Scp02(Scp02Option, TdesKey, TdesDiversification),
    Scp03(Scp03Option, AesKey, AesDiversification),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TdesDiversification {
    None,
    EmvCps,
    Visa2,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AesDiversification {
    None,
    Kdf3,
}

/// [`Terms`] as text, for files and messages. It holds the transport key: `Debug` does not show it,
/// and it is wiped when dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TermsText {
    /// Protocol and option.
    #[zeroize(skip)]
    pub protocol: Protocol,
    /// Hexadecimal: 32 digits for SCP02; 32, 48 or 64 for SCP03.
    pub transport_key: String,
    /// How a chip's keys follow from it.
    #[zeroize(skip)]
    pub diversification: Diversification,
    /// The version of the chips' keys.
    #[zeroize(skip)]
    #[serde(default)]
    pub key_version: KeyVersion,
    /// The least level at which chips take data, and the one to open them with.
    #[zeroize(skip)]
    pub level: SecurityLevel,
}

/// Why terms do not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// The transport key.
    #[error("transport key of {protocol}: {error}")]
    Key {
        /// The protocol.
        protocol: Protocol,
        /// What is wrong with the key.
        error: KeyError,
    },
    /// A diversification of the other cipher.
    #[error("diversification {by} is not one of {protocol}")]
    Diversification {
        /// The protocol.
        protocol: Protocol,
        /// The diversification.
        by: Diversification,
    },
    /// A level that the option does not have.
    #[error("{protocol} has no security level {level}")]
    Level {
        /// The protocol.
        protocol: Protocol,
        /// The level.
        level: SecurityLevel,
    },
}

impl Terms {
    /// Protocol and option.
    pub fn protocol(&self) -> Protocol {
        match &self.suite {
            Suite::Scp02(option, ..) => Protocol::Scp02(*option),
            Suite::Scp03(option, ..) => Protocol::Scp03(*option),
        }
    }

    /// The version of the chips' keys.
    pub fn key_version(&self) -> KeyVersion {
        self.key_version
    }

    /// The least level at which chips take data, and the one to open them with.
    pub fn level(&self) -> SecurityLevel {
        self.level
    }

    /// The check value of the transport key, which may be shown.
    pub fn check_value(&self) -> Kcv {
        match &self.suite {
            Suite::Scp02(_, key, _) => key.kcv(),
            Suite::Scp03(_, key, _) => key.kcv(),
        }
    }

    /// The keys of the chip with this key data.
    pub fn credentials(&self, data: KeyData) -> Credentials {
        match &self.suite {
            Suite::Scp02(option, key, by) => {
                let keys = match by {
                    TdesDiversification::None => ChannelKeys::same(key.clone()),
                    TdesDiversification::EmvCps => emv_cps(key, data),
                    TdesDiversification::Visa2 => visa2(key, data),
                };
                Credentials::Scp02(*option, keys)
            }
            Suite::Scp03(option, key, by) => {
                let keys = match by {
                    AesDiversification::None => ChannelKeys::same(key.clone()),
                    AesDiversification::Kdf3 => kdf3(key, data),
                };
                Credentials::Scp03(*option, keys)
            }
        }
    }
}

impl TryFrom<&TermsText> for Terms {
    type Error = TermsError;

    fn try_from(text: &TermsText) -> Result<Self, TermsError> {
        let (protocol, by, level) = (text.protocol, text.diversification, text.level);
        if !protocol.allows(level) {
            return Err(TermsError::Level { protocol, level });
        }
        let key = |error| TermsError::Key { protocol, error };
        let misfit = TermsError::Diversification { protocol, by };
        let suite = match protocol {
            Protocol::Scp02(option) => {
                let by = match by {
                    Diversification::None => TdesDiversification::None,
                    Diversification::EmvCps => TdesDiversification::EmvCps,
                    Diversification::Visa2 => TdesDiversification::Visa2,
                    Diversification::Kdf3 => return Err(misfit),
                };
                Suite::Scp02(
                    option,
                    TdesKey::from_hex(&text.transport_key).map_err(key)?,
                    by,
                )
            }
            Protocol::Scp03(option) => {
                let by = match by {
                    Diversification::None => AesDiversification::None,
                    Diversification::Kdf3 => AesDiversification::Kdf3,
                    Diversification::EmvCps | Diversification::Visa2 => return Err(misfit),
                };
                Suite::Scp03(
                    option,
                    AesKey::from_hex(&text.transport_key).map_err(key)?,
                    by,
                )
            }
        };
        Ok(Self {
            suite,
            key_version: text.key_version,
            level,
        })
    }
}

impl TryFrom<TermsText> for Terms {
    type Error = TermsError;

    fn try_from(text: TermsText) -> Result<Self, TermsError> {
        Self::try_from(&text)
    }
}

impl From<&Terms> for TermsText {
    fn from(terms: &Terms) -> Self {
        let (transport_key, diversification) = match &terms.suite {
            Suite::Scp02(_, key, by) => {
                let by = match by {
                    TdesDiversification::None => Diversification::None,
                    TdesDiversification::EmvCps => Diversification::EmvCps,
                    TdesDiversification::Visa2 => Diversification::Visa2,
                };
                (hex::encode_upper(key.expose()), by)
            }
            Suite::Scp03(_, key, by) => {
                let by = match by {
                    AesDiversification::None => Diversification::None,
                    AesDiversification::Kdf3 => Diversification::Kdf3,
                };
                (hex::encode_upper(key.expose()), by)
            }
        };
        Self {
            protocol: terms.protocol(),
            transport_key,
            diversification,
            key_version: terms.key_version,
            level: terms.level,
        }
    }
}

impl Serialize for Terms {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        TermsText::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Terms {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = TermsText::deserialize(deserializer)?;
        Self::try_from(&text).map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for TermsText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "TermsText({}, {}, key version {}, level {})",
            self.protocol, self.diversification, self.key_version, self.level
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "404142434445464748494A4B4C4D4E4F";

    fn terms(protocol: &str, key: &str, by: &str, level: &str) -> Result<Terms, String> {
        let json = format!(
            r#"{{"protocol":"{protocol}","transport-key":"{key}","diversification":"{by}",
                "key-version":"30","level":"{level}"}}"#
        );
        serde_json::from_str(&json).map_err(|error| error.to_string())
    }

    #[test]
    fn what_fits_together_is_read_and_written() {
        for (protocol, by) in [
            ("scp02-i75", "emv-cps"),
            ("scp03-i70", "kdf3"),
            ("scp03-i30", "none"),
        ] {
            let terms = terms(protocol, KEY, by, "13").unwrap();
            let json = serde_json::to_string(&terms).unwrap();
            assert_eq!(serde_json::from_str::<Terms>(&json).unwrap(), terms);
            assert_eq!(terms.key_version().number(), 0x30);
        }
    }

    #[test]
    fn what_does_not_fit_is_said_without_the_key() {
        for (protocol, key, by, level, error) in [
            (
                "scp02-i55",
                KEY,
                "emv-cps",
                "11",
                "scp02-i55 has no security level 11",
            ),
            (
                "scp02-i75",
                KEY,
                "emv-cps",
                "33",
                "scp02-i75 has no security level 33",
            ),
            (
                "scp02-i75",
                KEY,
                "kdf3",
                "01",
                "diversification kdf3 is not one of scp02-i75",
            ),
            (
                "scp03-i70",
                KEY,
                "visa2",
                "01",
                "diversification visa2 is not one of scp03-i70",
            ),
            (
                "scp03-i70",
                "4041",
                "kdf3",
                "01",
                "transport key of scp03-i70: a key of 2 bytes",
            ),
            (
                "scp02-i75",
                "zz",
                "none",
                "01",
                "transport key of scp02-i75: a key that is not hexadecimal",
            ),
        ] {
            let found = terms(protocol, key, by, level).unwrap_err();
            assert!(found.starts_with(error), "{found}");
        }
    }

    #[test]
    fn keys_do_not_print() {
        let terms = terms("scp03-i70", KEY, "kdf3", "33").unwrap();
        assert!(!format!("{terms:?} {:?}", TermsText::from(&terms)).contains("4041"));
        assert_eq!(terms.check_value().to_string(), "504A77");
    }
}
