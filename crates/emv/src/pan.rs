//! Card numbers and the sequence number that tells cards of one number apart.

use std::fmt;

use crate::digits::{Digits, DigitsError};
use crate::luhn;

/// A primary account number: 10 to 19 digits (ISO/IEC 7812-1; the range D1 documents).
///
/// The check digit is a separate question, because published test vectors ignore it:
/// [`Pan::parse_checked`] asks it, [`Pan::parse`] does not. `Debug` and `Display` mask:
/// `411111******1111`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pan(Digits);

/// Why a text is not a card number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PanError {
    /// Not 10 to 19 decimal digits.
    #[error("card number: {0}")]
    Digits(#[from] DigitsError),
    /// The last digit is not the check digit of the others.
    #[error("card number: wrong check digit")]
    CheckDigit,
}

impl Pan {
    /// The fewest digits.
    pub const MIN_LEN: usize = 10;
    /// The most digits.
    pub const MAX_LEN: usize = 19;

    /// Parses a card number, whatever its check digit.
    ///
    /// # Errors
    /// [`PanError::Digits`].
    pub fn parse(text: &str) -> Result<Self, PanError> {
        Ok(Self(Digits::parse_len(text, Self::MIN_LEN, Self::MAX_LEN)?))
    }

    /// Parses a card number whose check digit must be right.
    ///
    /// # Errors
    /// [`PanError::Digits`], then [`PanError::CheckDigit`].
    pub fn parse_checked(text: &str) -> Result<Self, PanError> {
        let pan = Self::parse(text)?;
        if luhn::is_valid(&pan.0) {
            Ok(pan)
        } else {
            Err(PanError::CheckDigit)
        }
    }

    /// The digits in the clear: never log them.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The digit string.
    pub fn digits(&self) -> &Digits {
        &self.0
    }

    /// The last four digits, which may be shown.
    pub fn last_four(&self) -> &str {
        &self.as_str()[self.0.len() - 4..]
    }

    /// The first six and last four digits with stars between, or, below 13 digits, where that
    /// would hide too little, the last four only.
    pub fn masked(&self) -> String {
        let len = self.0.len();
        let shown = if len < 13 { "" } else { &self.as_str()[..6] };
        let stars = "*".repeat(len - shown.len() - 4);
        format!("{shown}{stars}{}", self.last_four())
    }

    /// Up to `count` digits at the right, without the check digit.
    pub(crate) fn right_without_check_digit(&self, count: usize) -> &str {
        let body = &self.as_str()[..self.0.len() - 1];
        &body[body.len().saturating_sub(count)..]
    }
}

impl fmt::Debug for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Display for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// The PAN sequence number, 00 to 99 (tag 5F34); 00 by default (documented for D1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PanSequence(u8);

impl PanSequence {
    /// From a number below 100.
    pub fn new(number: u8) -> Option<Self> {
        (number < 100).then_some(Self(number))
    }

    /// Parses one or two digits: `0`, `00`, `01`.
    ///
    /// # Errors
    /// A [`DigitsError`]: wrong character or length.
    pub fn parse(text: &str) -> Result<Self, DigitsError> {
        let digits = Digits::parse_len(text, 1, 2)?;
        Ok(Self(
            digits.values().fold(0, |number, digit| number * 10 + digit),
        ))
    }

    /// The number, 0 to 99.
    pub fn number(self) -> u8 {
        self.0
    }

    /// The two digits, each 0 to 9.
    pub fn two_digits(self) -> [u8; 2] {
        [self.0 / 10, self.0 % 10]
    }

    /// One byte of packed decimal, as tag 5F34 holds it.
    pub fn to_bcd(self) -> u8 {
        let [tens, ones] = self.two_digits();
        (tens << 4) | ones
    }

    /// Reads the byte of tag 5F34.
    pub fn from_bcd(byte: u8) -> Option<Self> {
        let (tens, ones) = (byte >> 4, byte & 0x0F);
        (tens < 10 && ones < 10).then_some(Self(tens * 10 + ones))
    }
}

impl fmt::Display for PanSequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_masks() {
        let pan = Pan::parse("4111111111111111").unwrap();
        assert_eq!(
            format!("{pan:?} {pan}"),
            "411111******1111 411111******1111"
        );
        assert_eq!(
            Pan::parse("123456789012").unwrap().to_string(),
            "********9012"
        );
    }

    #[test]
    fn the_check_digit_is_asked_only_when_wanted() {
        assert!(Pan::parse("4111111111111112").is_ok());
        assert_eq!(
            Pan::parse_checked("4111111111111112"),
            Err(PanError::CheckDigit)
        );
        assert!(Pan::parse_checked("4111111111111111").is_ok());
    }

    #[test]
    fn nineteen_digits_are_the_most() {
        assert!(Pan::parse("1234567890123456789").is_ok());
        assert!(Pan::parse("12345678901234567890").is_err());
        assert!(Pan::parse("123456789").is_err());
    }

    #[test]
    fn the_sequence_number_is_packed_decimal() {
        let psn = PanSequence::parse("45").unwrap();
        assert_eq!((psn.to_bcd(), psn.to_string()), (0x45, "45".to_owned()));
        assert_eq!(PanSequence::from_bcd(0x45), Some(psn));
        assert_eq!(PanSequence::from_bcd(0x4A), None);
        assert_eq!(PanSequence::new(100), None);
    }
}
