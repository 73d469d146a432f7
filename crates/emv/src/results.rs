//! Card verification results: what a chip tells its issuer about this transaction and the last.
//!
//! Three bytes within the issuer application data (tag 9F10). The layout is that of the
//! application data form `06 DKI CVN 03`, as public descriptions have it: inferred.
//!
//! ```text
//! byte 1  b8 b7 second cryptogram   b6 b5 first cryptogram   b4 … b1 findings
//! byte 2  b8 … b1 findings
//! byte 3  b8 … b5 script commands of the last transaction   b4 … b1 findings
//! ```

use std::fmt;

use crate::authorisation::CryptogramType;

/// Card verification results, without their length byte.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct CardResults(pub [u8; 3]);

/// Something that the results tell: one bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// The issuer's answer of this transaction was forged.
    IssuerAuthenticationFailed,
    /// The chip compared a PIN.
    PinCompared,
    /// The last PIN that the chip compared was wrong.
    PinWrong,
    /// The terminal wanted to go online and could not.
    UnableToGoOnline,
    /// An earlier transaction asked for the issuer and did not hear it.
    LastOnlineUnfinished,
    /// No PIN may be tried any more.
    PinTriesExceeded,
    /// More transactions without the issuer than the card's limit.
    LimitExceeded,
    /// The chip has never heard from its issuer.
    NewCard,
    /// The issuer's answer of an earlier transaction was forged.
    LastIssuerAuthenticationFailed,
    /// The terminal was online and brought no answer that could be checked.
    IssuerAuthenticationMissing,
    /// A script command of an earlier transaction failed.
    ScriptFailed,
}

impl Finding {
    /// Every finding.
    pub const ALL: [Self; 11] = [
        Self::IssuerAuthenticationFailed,
        Self::PinCompared,
        Self::PinWrong,
        Self::UnableToGoOnline,
        Self::LastOnlineUnfinished,
        Self::PinTriesExceeded,
        Self::LimitExceeded,
        Self::NewCard,
        Self::LastIssuerAuthenticationFailed,
        Self::IssuerAuthenticationMissing,
        Self::ScriptFailed,
    ];

    /// Byte from 0, and bit.
    const fn place(self) -> (usize, u8) {
        match self {
            Self::IssuerAuthenticationFailed => (0, 0x08),
            Self::PinCompared => (0, 0x04),
            Self::PinWrong => (0, 0x02),
            Self::UnableToGoOnline => (0, 0x01),
            Self::LastOnlineUnfinished => (1, 0x80),
            Self::PinTriesExceeded => (1, 0x40),
            Self::LimitExceeded => (1, 0x20),
            Self::NewCard => (1, 0x10),
            Self::LastIssuerAuthenticationFailed => (1, 0x08),
            Self::IssuerAuthenticationMissing => (1, 0x04),
            Self::ScriptFailed => (2, 0x08),
        }
    }
}

impl CardResults {
    /// Of the first cryptogram; a second has not been asked for.
    pub fn first(kind: CryptogramType) -> Self {
        Self([0x80 | (kind.bits() >> 2), 0, 0])
    }

    /// Of the second cryptogram, after a first that was a request.
    pub fn second(kind: CryptogramType) -> Self {
        Self([kind.bits() | (CryptogramType::Request.bits() >> 2), 0, 0])
    }

    /// With one finding more.
    #[must_use]
    pub fn with(mut self, finding: Finding) -> Self {
        let (byte, bit) = finding.place();
        self.0[byte] |= bit;
        self
    }

    /// What either tells.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|byte| self.0[byte] | other.0[byte]))
    }

    /// With the number of script commands of the last transaction, 15 for more.
    #[must_use]
    pub fn with_scripts(mut self, commands: u8) -> Self {
        self.0[2] = (self.0[2] & 0x0F) | (commands.min(15) << 4);
        self
    }

    /// Whether the results tell it.
    pub fn has(self, finding: Finding) -> bool {
        let (byte, bit) = finding.place();
        self.0[byte] & bit != 0
    }

    /// How many script commands the last transaction had.
    pub fn scripts(self) -> u8 {
        self.0[2] >> 4
    }
}

impl fmt::Debug for CardResults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardResults({}", hex::encode_upper(self.0))?;
        let mut told = Finding::ALL.into_iter().filter(|it| self.has(*it));
        told.try_for_each(|finding| write!(f, " {finding:?}"))?;
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The results in the vectors of pyemv for version 18: `A0 B8 00`.
    #[test]
    fn results_of_a_published_vector() {
        let results = CardResults::first(CryptogramType::Request)
            .with(Finding::LastOnlineUnfinished)
            .with(Finding::LimitExceeded)
            .with(Finding::NewCard)
            .with(Finding::LastIssuerAuthenticationFailed);
        assert_eq!(results.0, [0xA0, 0xB8, 0x00]);
        assert!(format!("{results:?}").starts_with("CardResults(A0B800 LastOnlineUnfinished"));
    }

    #[test]
    fn both_cryptograms_have_their_bits() {
        use CryptogramType::{Approval, Refusal, Request};
        assert_eq!(CardResults::first(Refusal).0, [0x80, 0, 0]);
        assert_eq!(CardResults::first(Approval).0, [0x90, 0, 0]);
        assert_eq!(CardResults::second(Refusal).0, [0x20, 0, 0]);
        assert_eq!(CardResults::second(Approval).0, [0x60, 0, 0]);
        assert_eq!(CardResults::second(Request).0, [0xA0, 0, 0]);
    }

    #[test]
    fn each_finding_has_a_bit_of_its_own() {
        for finding in Finding::ALL {
            let results = CardResults::default().with(finding);
            let told: Vec<_> = Finding::ALL
                .into_iter()
                .filter(|it| results.has(*it))
                .collect();
            assert_eq!(told, [finding]);
        }
    }

    #[test]
    fn script_commands_are_counted_to_fifteen() {
        let results = CardResults::default().with(Finding::ScriptFailed);
        assert_eq!(results.with_scripts(2).0, [0, 0, 0x28]);
        assert_eq!(results.with_scripts(200).scripts(), 15);
    }
}
