//! The protocols and their options: the byte `i` of a card.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::level::SecurityLevel;

/// A secure channel protocol with the option that a chip implements.
///
/// As text `scp02-i55`, `scp03-i70`. The options (documented):
///
/// | text | card challenge | answers may be |
/// |---|---|---|
/// | `scp02-i15`, `scp02-i35` | random | plain; `35` also with a MAC |
/// | `scp02-i55`, `scp02-i75` | computable | plain; `75` also with a MAC |
/// | `scp03-i00`, `-i20`, `-i60` | random | plain; `20` also with a MAC; `60` also enciphered |
/// | `scp03-i10`, `-i30`, `-i70` | computable, with a counter | the same |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Protocol {
    /// Triple DES.
    Scp02(Scp02Option),
    /// AES, with MACs and challenges of 8 bytes (S8).
    Scp03(Scp03Option),
}

/// The option `i` of SCP02: three keys, explicit opening, the chaining value of command MACs
/// enciphered, MACs over the command as it is sent (all ours: what payment cards use).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Scp02Option {
    /// `15`: random card challenge.
    I15,
    /// `35`: random card challenge, answers may carry a MAC.
    I35,
    /// `55`: computable card challenge.
    #[default]
    I55,
    /// `75`: computable card challenge, answers may carry a MAC.
    I75,
}

/// The option `i` of SCP03.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scp03Option {
    /// Where the card challenge comes from.
    pub challenge: Challenge,
    /// The best that answers can have.
    pub responses: ResponseProtection,
}

/// Where a card challenge comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Challenge {
    /// Drawn.
    Random,
    /// Computed from a counter, a key and the name of the selected application, so that a host
    /// can tell it beforehand.
    Computable,
}

/// What protects answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResponseProtection {
    /// Nothing.
    None,
    /// A MAC.
    Mac,
    /// A MAC, and the data is enciphered.
    MacAndCipher,
}

/// No protocol that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a protocol is scp02-i15, -i35, -i55 or -i75, or scp03-i00, -i10, -i20, -i30, -i60 or -i70"
)]
pub struct ProtocolError;

impl Scp02Option {
    /// Every option.
    pub const ALL: [Self; 4] = [Self::I15, Self::I35, Self::I55, Self::I75];

    /// The byte `i`, which shows in the card's recognition data and not in INITIALIZE UPDATE.
    pub fn byte(self) -> u8 {
        match self {
            Self::I15 => 0x15,
            Self::I35 => 0x35,
            Self::I55 => 0x55,
            Self::I75 => 0x75,
        }
    }

    /// Where the card challenge comes from.
    pub fn challenge(self) -> Challenge {
        match self {
            Self::I15 | Self::I35 => Challenge::Random,
            Self::I55 | Self::I75 => Challenge::Computable,
        }
    }

    /// The best that answers can have.
    pub fn responses(self) -> ResponseProtection {
        match self {
            Self::I15 | Self::I55 => ResponseProtection::None,
            Self::I35 | Self::I75 => ResponseProtection::Mac,
        }
    }
}

impl Scp03Option {
    /// `70`: everything.
    pub const I70: Self = Self {
        challenge: Challenge::Computable,
        responses: ResponseProtection::MacAndCipher,
    };

    /// Every option.
    pub fn all() -> impl Iterator<Item = Self> {
        use ResponseProtection::{Mac, MacAndCipher, None};
        [Challenge::Random, Challenge::Computable]
            .into_iter()
            .flat_map(|challenge| {
                [None, Mac, MacAndCipher].map(|responses| Self {
                    challenge,
                    responses,
                })
            })
    }

    /// The byte `i`, which the answer of INITIALIZE UPDATE shows.
    pub fn byte(self) -> u8 {
        let challenge = match self.challenge {
            Challenge::Random => 0x00,
            Challenge::Computable => 0x10,
        };
        let responses = match self.responses {
            ResponseProtection::None => 0x00,
            ResponseProtection::Mac => 0x20,
            ResponseProtection::MacAndCipher => 0x60,
        };
        challenge | responses
    }
}

impl Default for Scp03Option {
    fn default() -> Self {
        Self::I70
    }
}

impl Protocol {
    /// Every protocol with every option.
    pub fn all() -> impl Iterator<Item = Self> {
        let scp02 = Scp02Option::ALL.into_iter().map(Self::Scp02);
        scp02.chain(Scp03Option::all().map(Self::Scp03))
    }

    /// The protocol's number: 2 or 3.
    pub fn number(self) -> u8 {
        match self {
            Self::Scp02(_) => 2,
            Self::Scp03(_) => 3,
        }
    }

    /// The option byte `i`.
    pub fn option(self) -> u8 {
        match self {
            Self::Scp02(option) => option.byte(),
            Self::Scp03(option) => option.byte(),
        }
    }

    /// Where the card challenge comes from.
    pub fn challenge(self) -> Challenge {
        match self {
            Self::Scp02(option) => option.challenge(),
            Self::Scp03(option) => option.challenge,
        }
    }

    /// The best that answers can have.
    pub fn responses(self) -> ResponseProtection {
        match self {
            Self::Scp02(option) => option.responses(),
            Self::Scp03(option) => option.responses,
        }
    }

    /// Whether a session of this level is possible.
    pub fn allows(self, level: SecurityLevel) -> bool {
        level.responses() <= self.responses()
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scp{:02}-i{:02X}", self.number(), self.option())
    }
}

impl FromStr for Protocol {
    type Err = ProtocolError;

    fn from_str(text: &str) -> Result<Self, ProtocolError> {
        let mut all = Self::all();
        all.find(|protocol| protocol.to_string() == text)
            .ok_or(ProtocolError)
    }
}

impl TryFrom<String> for Protocol {
    type Error = ProtocolError;

    fn try_from(text: String) -> Result<Self, ProtocolError> {
        text.parse()
    }
}

impl From<Protocol> for String {
    fn from(protocol: Protocol) -> Self {
        protocol.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_protocol_reads_as_it_prints() {
        let all: Vec<String> = Protocol::all().map(|p| p.to_string()).collect();
        assert_eq!(
            all.join(" "),
            "scp02-i15 scp02-i35 scp02-i55 scp02-i75 \
             scp03-i00 scp03-i20 scp03-i60 scp03-i10 scp03-i30 scp03-i70"
        );
        for text in all {
            assert_eq!(text.parse::<Protocol>().unwrap().to_string(), text);
        }
        for wrong in ["scp02", "scp02-i70", "SCP03-i70", "scp03-i40", "scp03-70"] {
            assert_eq!(wrong.parse::<Protocol>(), Err(ProtocolError), "{wrong}");
        }
    }

    #[test]
    fn options_bound_the_levels() {
        let levels = |text: &str| {
            let protocol: Protocol = text.parse().unwrap();
            let all = SecurityLevel::ALL.iter();
            all.filter(|level| protocol.allows(**level))
                .map(SecurityLevel::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(levels("scp02-i55"), "00 01 03");
        assert_eq!(levels("scp02-i75"), "00 01 03 11 13");
        assert_eq!(levels("scp03-i10"), "00 01 03");
        assert_eq!(levels("scp03-i30"), "00 01 03 11 13");
        assert_eq!(levels("scp03-i60"), "00 01 03 11 13 33");
    }
}
