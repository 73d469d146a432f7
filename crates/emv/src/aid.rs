//! Application identifiers (ISO/IEC 7816-5, documented).

use std::fmt;

/// An application identifier: 5 to 16 bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Aid(Vec<u8>);

/// Why bytes or text are not an application identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AidError {
    /// The text is not hexadecimal.
    #[error("application identifier is not hexadecimal")]
    NotHex,
    /// Not 5 to 16 bytes.
    #[error("application identifier of {found} bytes, not 5 to 16")]
    Length {
        /// The length found, in bytes.
        found: usize,
    },
}

impl Aid {
    /// The identifier of these bytes.
    ///
    /// # Errors
    /// [`AidError::Length`].
    pub fn new(bytes: &[u8]) -> Result<Self, AidError> {
        if (5..=16).contains(&bytes.len()) {
            Ok(Self(bytes.to_vec()))
        } else {
            Err(AidError::Length { found: bytes.len() })
        }
    }

    /// Parses hexadecimal digits.
    ///
    /// # Errors
    /// [`AidError::NotHex`], [`AidError::Length`].
    pub fn parse(text: &str) -> Result<Self, AidError> {
        Self::new(&hex::decode(text).map_err(|_| AidError::NotHex)?)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether a SELECT by the partial name `name` finds this application.
    pub fn is_selected_by(&self, name: &[u8]) -> bool {
        !name.is_empty() && self.0.starts_with(name)
    }
}

impl fmt::Display for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode_upper(&self.0))
    }
}

impl fmt::Debug for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aid({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_to_sixteen_bytes() {
        let aid = Aid::parse("A0000000031010").unwrap();
        assert_eq!(aid.to_string(), "A0000000031010");
        assert_eq!(Aid::parse("A0000000"), Err(AidError::Length { found: 4 }));
        assert_eq!(Aid::new(&[0; 17]), Err(AidError::Length { found: 17 }));
        assert_eq!(Aid::parse("visa"), Err(AidError::NotHex));
    }

    #[test]
    fn a_partial_name_selects() {
        let aid = Aid::parse("A0000000031010").unwrap();
        assert!(aid.is_selected_by(&[0xA0, 0, 0, 0, 3]));
        assert!(!aid.is_selected_by(&[0xA0, 0, 0, 0, 4]));
        assert!(!aid.is_selected_by(&[]));
    }
}
