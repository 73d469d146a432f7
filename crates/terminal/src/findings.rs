//! Terminal verification results (tag 95): what a terminal noticed, a bit each (EMV Book 3 annex C5, documented).

use std::fmt;

/// Something that the terminal noticed. Those that this terminal never notices are not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Finding {
    /// No offline data authentication took place.
    NoDataAuthentication,
    /// A data object that the card needs is missing.
    CardDataMissing,
    /// Dynamic data authentication failed.
    DynamicFailed,
    /// Combined dynamic authentication failed.
    CombinedFailed,
    /// Application versions of card and terminal differ.
    OtherVersion,
    /// The application has expired.
    Expired,
    /// The application is not effective yet.
    NotYetEffective,
    /// The card does not allow this kind of payment here.
    ServiceNotAllowed,
    /// The cardholder could not be verified.
    CardholderNotVerified,
    /// The list has a method that the terminal does not know.
    UnknownMethod,
    /// No tries are left for the PIN.
    PinTriesExceeded,
    /// A PIN was asked for and not entered.
    PinNotEntered,
    /// A PIN was entered for the issuer to check.
    OnlinePinEntered,
    /// The amount is not below the floor limit.
    FloorLimitExceeded,
    /// The card did not believe the issuer's answer.
    IssuerNotAuthenticated,
    /// A script of the issuer was refused behind the second GENERATE AC.
    ScriptFailed,
}

impl Finding {
    /// Byte from 0, and bit.
    fn place(self) -> (usize, u8) {
        match self {
            Self::NoDataAuthentication => (0, 0x80),
            Self::CardDataMissing => (0, 0x20),
            Self::DynamicFailed => (0, 0x08),
            Self::CombinedFailed => (0, 0x04),
            Self::OtherVersion => (1, 0x80),
            Self::Expired => (1, 0x40),
            Self::NotYetEffective => (1, 0x20),
            Self::ServiceNotAllowed => (1, 0x10),
            Self::CardholderNotVerified => (2, 0x80),
            Self::UnknownMethod => (2, 0x40),
            Self::PinTriesExceeded => (2, 0x20),
            Self::PinNotEntered => (2, 0x08),
            Self::OnlinePinEntered => (2, 0x04),
            Self::FloorLimitExceeded => (3, 0x80),
            Self::IssuerNotAuthenticated => (4, 0x40),
            Self::ScriptFailed => (4, 0x10),
        }
    }
}

/// The value of tag 95.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Findings([u8; 5]);

impl Findings {
    /// Notes one.
    pub fn note(&mut self, finding: Finding) {
        let (byte, bit) = finding.place();
        self.0[byte] |= bit;
    }

    /// Whether it is noted.
    pub fn has(self, finding: Finding) -> bool {
        let (byte, bit) = finding.place();
        self.0[byte] & bit != 0
    }

    /// The five bytes.
    pub fn bytes(self) -> [u8; 5] {
        self.0
    }

    /// Whether any is noted that an action code names.
    pub fn meets(self, action_code: [u8; 5]) -> bool {
        self.0
            .iter()
            .zip(action_code)
            .any(|(found, code)| found & code != 0)
    }
}

impl fmt::Debug for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Findings(")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))?;
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_bit() {
        let mut findings = Findings::default();
        findings.note(Finding::NoDataAuthentication);
        findings.note(Finding::OnlinePinEntered);
        findings.note(Finding::FloorLimitExceeded);
        // The results that go with the vectors of a hardware module say the same.
        assert_eq!(findings.bytes(), [0x80, 0x00, 0x04, 0x80, 0x00]);
        assert!(findings.has(Finding::OnlinePinEntered) && !findings.has(Finding::Expired));
        assert!(findings.meets([0x80, 0, 0, 0, 0]) && !findings.meets([0x7F, 0xFF, 0xFB, 0x7F, 0]));
    }
}
