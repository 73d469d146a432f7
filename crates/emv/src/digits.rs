//! Decimal digit strings: the alphabet of everything that identifies a card.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A string of decimal digits, possibly empty, at most [`Digits::MAX_LEN`] long.
///
/// It may hold a secret, so `Debug` shows the length only and the memory is wiped on drop.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Zeroize, ZeroizeOnDrop)]
pub struct Digits(String);

/// Why a text is not a digit string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DigitsError {
    /// The character at this position (from 0) is not one of `0` to `9`.
    #[error("character {position} is not a decimal digit")]
    NotADigit {
        /// Position of the first wrong character, counted in characters from 0.
        position: usize,
    },
    /// More digits than the type holds.
    #[error("more than {max} digits")]
    TooLong {
        /// The greatest allowed number of digits.
        max: usize,
    },
    /// Fewer digits than the type needs.
    #[error("fewer than {min} digits")]
    TooShort {
        /// The least allowed number of digits.
        min: usize,
    },
}

impl Digits {
    /// The longest digit string: more than any field of any track holds (ours).
    pub const MAX_LEN: usize = 128;

    /// Parses ASCII digits.
    ///
    /// # Errors
    /// [`DigitsError::NotADigit`] and [`DigitsError::TooLong`].
    pub fn parse(text: &str) -> Result<Self, DigitsError> {
        Self::parse_len(text, 0, Self::MAX_LEN)
    }

    /// Parses between `min` and `max` ASCII digits.
    ///
    /// # Errors
    /// Every [`DigitsError`]; a wrong character is reported before a wrong length.
    pub fn parse_len(text: &str, min: usize, max: usize) -> Result<Self, DigitsError> {
        if let Some(position) = text.chars().position(|c| !c.is_ascii_digit()) {
            return Err(DigitsError::NotADigit { position });
        }
        let max = max.min(Self::MAX_LEN);
        match text.len() {
            len if len > max => Err(DigitsError::TooLong { max }),
            len if len < min => Err(DigitsError::TooShort { min }),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The string of these numbers, each 0 to 9; what is not a digit, or too much, is left out.
    pub(crate) fn from_values(values: impl Iterator<Item = u8>) -> Self {
        let digits = values.filter_map(|value| char::from_digit(u32::from(value), 10));
        Self(digits.take(Self::MAX_LEN).collect())
    }

    /// The digits as text. What is returned may be secret: never log it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Number of digits.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no digit.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The digits as numbers from 0 to 9, left to right.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = u8> + '_ {
        self.0.bytes().map(|b| b - b'0')
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digits(length {})", self.0.len())
    }
}

/// Declares a secret of a fixed range of digits, whose `Debug` shows nothing of it.
macro_rules! secret_digits {
    ($(#[$doc:meta])* $name:ident, $min:literal ..= $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name($crate::digits::Digits);

        impl $name {
            /// Parses the digits.
            ///
            /// # Errors
            /// A [`DigitsError`](crate::digits::DigitsError): wrong character or length.
            pub fn parse(text: &str) -> Result<Self, $crate::digits::DigitsError> {
                $crate::digits::Digits::parse_len(text, $min, $max).map(Self)
            }

            /// The digits as text. What is returned is secret: never log it.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The digit string.
            pub fn digits(&self) -> &$crate::digits::Digits {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
    };
}
pub(crate) use secret_digits;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ascii_digits_are_digits() {
        assert_eq!(Digits::parse("0123").unwrap().as_str(), "0123");
        assert_eq!(Digits::parse("").unwrap().len(), 0);
        assert_eq!(
            Digits::parse("12a"),
            Err(DigitsError::NotADigit { position: 2 })
        );
        assert_eq!(
            Digits::parse("\u{0661}"),
            Err(DigitsError::NotADigit { position: 0 })
        );
        assert_eq!(
            Digits::parse("-1"),
            Err(DigitsError::NotADigit { position: 0 })
        );
    }

    #[test]
    fn lengths_are_bounded_on_both_sides() {
        assert_eq!(
            Digits::parse_len("123", 4, 6),
            Err(DigitsError::TooShort { min: 4 })
        );
        assert_eq!(
            Digits::parse_len("1234567", 4, 6),
            Err(DigitsError::TooLong { max: 6 })
        );
        assert!(Digits::parse(&"1".repeat(Digits::MAX_LEN)).is_ok());
        assert!(Digits::parse(&"1".repeat(Digits::MAX_LEN + 1)).is_err());
    }

    #[test]
    fn debug_shows_the_length_only() {
        assert_eq!(
            format!("{:?}", Digits::parse("4111").unwrap()),
            "Digits(length 4)"
        );
    }
}
