//! Security levels: what protects commands and answers in a session.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::protocol::ResponseProtection;

/// The security level that EXTERNAL AUTHENTICATE asks for in P1 (documented).
///
/// As text two hexadecimal digits, e.g. `33`. Levels that protect answers and leave commands
/// unprotected are not here: nobody personalises with them (ours).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub enum SecurityLevel {
    /// `00`: both ends are known to each other, nothing that follows is protected.
    Authenticated,
    /// `01`: commands carry a MAC.
    #[default]
    CommandMac,
    /// `03`: commands carry a MAC and their data is enciphered.
    CommandMacAndCipher,
    /// `11`: commands and answers carry a MAC.
    Macs,
    /// `13`: commands and answers carry a MAC, command data is enciphered.
    MacsAndCommandCipher,
    /// `33`: everything carries a MAC and is enciphered; SCP03 only.
    Full,
}

/// No security level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a security level is one of 00, 01, 03, 11, 13 and 33")]
pub struct LevelError;

impl SecurityLevel {
    /// Every level, in the order of their bytes.
    pub const ALL: [Self; 6] = [
        Self::Authenticated,
        Self::CommandMac,
        Self::CommandMacAndCipher,
        Self::Macs,
        Self::MacsAndCommandCipher,
        Self::Full,
    ];

    /// P1 of EXTERNAL AUTHENTICATE.
    pub fn byte(self) -> u8 {
        match self {
            Self::Authenticated => 0x00,
            Self::CommandMac => 0x01,
            Self::CommandMacAndCipher => 0x03,
            Self::Macs => 0x11,
            Self::MacsAndCommandCipher => 0x13,
            Self::Full => 0x33,
        }
    }

    /// The level of P1.
    ///
    /// # Errors
    /// [`LevelError`] for a byte that is none of them.
    pub fn from_byte(byte: u8) -> Result<Self, LevelError> {
        let mut all = Self::ALL.into_iter();
        all.find(|level| level.byte() == byte).ok_or(LevelError)
    }

    /// Whether everything that `least` protects is protected.
    pub fn covers(self, least: Self) -> bool {
        self.byte() & least.byte() == least.byte()
    }

    /// Whether commands carry a MAC.
    pub fn has_command_mac(self) -> bool {
        self != Self::Authenticated
    }

    /// Whether the data of commands is enciphered.
    pub fn has_command_cipher(self) -> bool {
        self.covers(Self::CommandMacAndCipher)
    }

    /// What protects answers.
    pub fn responses(self) -> ResponseProtection {
        match self {
            Self::Authenticated | Self::CommandMac | Self::CommandMacAndCipher => {
                ResponseProtection::None
            }
            Self::Macs | Self::MacsAndCommandCipher => ResponseProtection::Mac,
            Self::Full => ResponseProtection::MacAndCipher,
        }
    }
}

impl fmt::Display for SecurityLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.byte())
    }
}

impl FromStr for SecurityLevel {
    type Err = LevelError;

    fn from_str(text: &str) -> Result<Self, LevelError> {
        let mut all = Self::ALL.into_iter();
        all.find(|level| level.to_string() == text)
            .ok_or(LevelError)
    }
}

impl TryFrom<String> for SecurityLevel {
    type Error = LevelError;

    fn try_from(text: String) -> Result<Self, LevelError> {
        text.parse()
    }
}

impl From<SecurityLevel> for String {
    fn from(level: SecurityLevel) -> Self {
        level.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_byte_say_the_same() {
        for level in SecurityLevel::ALL {
            assert_eq!(level.to_string().parse(), Ok(level));
            assert_eq!(SecurityLevel::from_byte(level.byte()), Ok(level));
        }
        for wrong in ["", "1", "001", "10", "30", "3 3", "FF"] {
            assert_eq!(wrong.parse::<SecurityLevel>(), Err(LevelError), "{wrong:?}");
        }
        let bytes: Vec<u8> = (0..=u8::MAX)
            .filter(|byte| SecurityLevel::from_byte(*byte).is_ok())
            .collect();
        assert_eq!(bytes, [0x00, 0x01, 0x03, 0x11, 0x13, 0x33]);
    }

    #[test]
    fn a_level_covers_those_whose_protections_it_has() {
        use SecurityLevel::{CommandMac, CommandMacAndCipher, Full, Macs};
        assert!(SecurityLevel::ALL.iter().all(|level| Full.covers(*level)));
        assert!(CommandMacAndCipher.covers(CommandMac) && Macs.covers(CommandMac));
        assert!(!CommandMacAndCipher.covers(Macs) && !Macs.covers(CommandMacAndCipher));
        assert!(!SecurityLevel::Authenticated.has_command_mac());
        assert!(!Macs.has_command_cipher() && Full.has_command_cipher());
    }
}
