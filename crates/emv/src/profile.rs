//! What a product's chip application is, whoever holds the card: the configuration.
//!
//! The application is scheme-neutral: neither of the schemes' licensed applications. Defaults are
//! those of a card that a third-party kernel took through a whole transaction, where they are not
//! marked as ours.

use std::fmt;

use crate::afl::Aip;
use crate::aid::Aid;
use crate::digits::{Digits, DigitsError};

/// The application label (tag 50): 1 to 16 letters, digits and spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationLabel(String);

/// Why a text is not a label or a language preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Not as many characters as it must have.
    #[error("{found} characters, not {min} to {max}")]
    Length {
        /// The number of characters found.
        found: usize,
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
    },
    /// A character that it cannot have.
    #[error("character {position} is not allowed")]
    Character {
        /// Position of the first such character, from 0.
        position: usize,
    },
}

fn checked(
    text: &str,
    min: usize,
    max: usize,
    allowed: impl Fn(char) -> bool,
) -> Result<String, LabelError> {
    if let Some(position) = text.chars().position(|c| !allowed(c)) {
        return Err(LabelError::Character { position });
    }
    match text.len() {
        found if (min..=max).contains(&found) => Ok(text.to_owned()),
        found => Err(LabelError::Length { found, min, max }),
    }
}

impl ApplicationLabel {
    /// Parses a label.
    ///
    /// # Errors
    /// Every [`LabelError`].
    pub fn parse(text: &str) -> Result<Self, LabelError> {
        checked(text, 1, 16, |c| c.is_ascii_alphanumeric() || c == ' ').map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The language preference (tag 5F2D): one to four ISO 639-1 codes without anything between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Languages(String);

impl Languages {
    /// English.
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// Parses the codes, as in `ende`.
    ///
    /// # Errors
    /// Every [`LabelError`]; an odd number of letters counts as a wrong length.
    pub fn parse(text: &str) -> Result<Self, LabelError> {
        let codes = checked(text, 2, 8, |c| c.is_ascii_lowercase())?;
        if codes.len() % 2 == 0 {
            Ok(Self(codes))
        } else {
            Err(LabelError::Length {
                found: codes.len(),
                min: 2,
                max: 8,
            })
        }
    }

    /// The codes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A country (ISO 3166-1) or currency (ISO 4217) by its three digits, as the chip holds it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NumericCode([u8; 2]);

impl NumericCode {
    /// Parses three digits: `840`.
    ///
    /// # Errors
    /// A [`DigitsError`]: wrong character or length.
    pub fn parse(text: &str) -> Result<Self, DigitsError> {
        let digits = Digits::parse_len(text, 3, 3)?;
        Ok(Self(crate::bcd::pack_array(
            [0].into_iter().chain(digits.values()),
        )))
    }

    /// Two bytes of packed decimal.
    pub fn to_bcd(self) -> [u8; 2] {
        self.0
    }
}

impl fmt::Debug for NumericCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NumericCode({})", hex::encode(self.0))
    }
}

/// What the terminal is to do when its verification results have a bit of these set (tags 9F0D,
/// 9F0E, 9F0F).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionCodes {
    /// Refuse if it cannot go online.
    pub default: [u8; 5],
    /// Refuse at once.
    pub denial: [u8; 5],
    /// Go online.
    pub online: [u8; 5],
}

impl ActionCodes {
    /// Every finding leads online, none to refusal at once (ours).
    pub const ONLINE: Self = Self {
        default: Self::ALL_FINDINGS,
        denial: [0; 5],
        online: Self::ALL_FINDINGS,
    };

    /// Every bit of the verification results that has a meaning.
    const ALL_FINDINGS: [u8; 5] = [0xFC, 0xF8, 0xFC, 0xF8, 0xF0];
}

/// One rule of the cardholder verification method list: method and condition.
pub type CvmRule = [u8; 2];

/// The configuration of a product's application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationProfile {
    /// Tag 84.
    pub aid: Aid,
    /// Tag 50.
    pub label: ApplicationLabel,
    /// Tag 87.
    pub priority: u8,
    /// Tag 5F2D.
    pub languages: Languages,
    /// Tag 9F38, tags and lengths; empty for none.
    pub pdol: Vec<u8>,
    /// Tag 82.
    pub interchange_profile: Aip,
    /// Tag 5F28.
    pub issuer_country: NumericCode,
    /// Tag 9F42.
    pub currency: NumericCode,
    /// Tag 9F07.
    pub usage_control: [u8; 2],
    /// Tag 9F08.
    pub version: [u8; 2],
    /// Tag 8C, tags and lengths.
    pub cdol1: Vec<u8>,
    /// Tag 8D, tags and lengths.
    pub cdol2: Vec<u8>,
    /// Tag 8E, without the amounts. With a PIN in the chip, [`OFFLINE_PIN`] goes first by itself.
    pub cvm_rules: Vec<CvmRule>,
    /// Tags 9F0D, 9F0E, 9F0F.
    pub action_codes: ActionCodes,
}

/// The rule that is put first when the chip has a PIN: plain PIN checked by the chip, else the
/// next rule.
pub const OFFLINE_PIN: CvmRule = [0x41, 0x03];

/// Online PIN, signature, no verification.
pub const DEFAULT_CVM_RULES: [CvmRule; 3] = [[0x42, 0x03], [0x1E, 0x03], [0x1F, 0x03]];

/// The terminal data that the cryptogram is computed over: 29 bytes, see
/// [`TerminalData`](crate::cryptogram::TerminalData).
pub const DEFAULT_CDOL1: &[u8] =
    b"\x9F\x02\x06\x9F\x03\x06\x9F\x1A\x02\x95\x05\x5F\x2A\x02\x9A\x03\x9C\x01\x9F\x37\x04";

/// The issuer's response code, then as [`DEFAULT_CDOL1`].
pub const DEFAULT_CDOL2: &[u8] =
    b"\x8A\x02\x9F\x02\x06\x9F\x03\x06\x9F\x1A\x02\x95\x05\x5F\x2A\x02\x9A\x03\x9C\x01\x9F\x37\x04";

/// The terminal's country.
pub const DEFAULT_PDOL: &[u8] = b"\x9F\x1A\x02";

impl ApplicationProfile {
    /// A profile of these with the defaults for everything else.
    pub fn new(
        aid: Aid,
        label: ApplicationLabel,
        issuer_country: NumericCode,
        currency: NumericCode,
    ) -> Self {
        Self {
            aid,
            label,
            priority: 1,
            languages: Languages::english(),
            pdol: DEFAULT_PDOL.to_vec(),
            interchange_profile: Aip::NO_ODA,
            issuer_country,
            currency,
            usage_control: [0xFF, 0x80],
            version: [0x00, 0x02],
            cdol1: DEFAULT_CDOL1.to_vec(),
            cdol2: DEFAULT_CDOL2.to_vec(),
            cvm_rules: DEFAULT_CVM_RULES.to_vec(),
            action_codes: ActionCodes::ONLINE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_languages() {
        assert_eq!(
            ApplicationLabel::parse("TWIN DEBIT").unwrap().as_str(),
            "TWIN DEBIT"
        );
        assert_eq!(
            ApplicationLabel::parse("A_B"),
            Err(LabelError::Character { position: 1 })
        );
        let length = |found, min, max| LabelError::Length { found, min, max };
        assert_eq!(ApplicationLabel::parse(""), Err(length(0, 1, 16)));
        assert_eq!(
            ApplicationLabel::parse(&"A".repeat(17)),
            Err(length(17, 1, 16))
        );
        assert_eq!(Languages::parse("ende").unwrap().as_str(), "ende");
        assert_eq!(Languages::parse("end"), Err(length(3, 2, 8)));
    }

    #[test]
    fn a_numeric_code_is_packed_with_a_zero_before_it() {
        assert_eq!(NumericCode::parse("840").unwrap().to_bcd(), [0x08, 0x40]);
        assert!(NumericCode::parse("0840").is_err());
    }
}
