//! Discretionary data of a track and the patterns that fill it.
//!
//! A pattern is digits and tokens with strokes between: `000000|cvv|000000`. The tokens `cvv` and
//! `pvv` stand for the verification values (documented for D1); the rest is taken as it is.

use std::fmt;

use crate::cvv::Cvv;
use crate::digits::{Digits, DigitsError};
use crate::pvv::Pvv;

/// A pattern of discretionary data. It holds no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct DiscretionaryPattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Digits(Digits),
    Cvv,
    Pvv,
}

/// A value that a pattern may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// The card verification value.
    Cvv,
    /// The PIN verification value.
    Pvv,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cvv => "cvv",
            Self::Pvv => "pvv",
        })
    }
}

/// Why a pattern cannot be read or filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A part is neither digits nor a token.
    #[error("part {part} of the pattern is neither digits nor cvv nor pvv")]
    Part {
        /// The part, from 0.
        part: usize,
    },
    /// The pattern is longer than any track.
    #[error("pattern too long")]
    TooLong,
    /// The pattern asks for a value that is not there.
    #[error("the pattern asks for {0}, which is not known")]
    Missing(Token),
}

impl DiscretionaryPattern {
    /// Parses a pattern; the empty text is the empty pattern.
    ///
    /// # Errors
    /// [`PatternError::Part`], [`PatternError::TooLong`].
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let parts = text.split('|').enumerate().map(|(part, text)| match text {
            "cvv" => Ok(Part::Cvv),
            "pvv" => Ok(Part::Pvv),
            "" => Err(PatternError::Part { part }),
            digits => match Digits::parse(digits) {
                Ok(digits) => Ok(Part::Digits(digits)),
                Err(DigitsError::NotADigit { .. }) => Err(PatternError::Part { part }),
                Err(_) => Err(PatternError::TooLong),
            },
        });
        let pattern = Self(parts.collect::<Result<_, _>>()?);
        if pattern.len() > Digits::MAX_LEN {
            Err(PatternError::TooLong)
        } else {
            Ok(pattern)
        }
    }

    /// How many digits the filled pattern has.
    pub fn len(&self) -> usize {
        self.0
            .iter()
            .map(|part| match part {
                Part::Digits(digits) => digits.len(),
                Part::Cvv => 3,
                Part::Pvv => 4,
            })
            .sum()
    }

    /// Whether the filled pattern has no digits.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the pattern asks for the value.
    pub fn wants(&self, token: Token) -> bool {
        self.0.iter().any(|part| {
            matches!(
                (part, token),
                (Part::Cvv, Token::Cvv) | (Part::Pvv, Token::Pvv)
            )
        })
    }

    /// The digits with the values in the place of the tokens.
    ///
    /// # Errors
    /// [`PatternError::Missing`], [`PatternError::TooLong`].
    pub fn fill(&self, cvv: Option<&Cvv>, pvv: Option<&Pvv>) -> Result<Digits, PatternError> {
        let mut filled = zeroize::Zeroizing::new(String::with_capacity(self.len()));
        for part in &self.0 {
            filled.push_str(match part {
                Part::Digits(digits) => digits.as_str(),
                Part::Cvv => cvv.ok_or(PatternError::Missing(Token::Cvv))?.as_str(),
                Part::Pvv => pvv.ok_or(PatternError::Missing(Token::Pvv))?.as_str(),
            });
        }
        Digits::parse(&filled).map_err(|_| PatternError::TooLong)
    }
}

impl fmt::Display for DiscretionaryPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            let stroke = if index == 0 { "" } else { "|" };
            let text = match part {
                Part::Digits(digits) => digits.as_str(),
                Part::Cvv => "cvv",
                Part::Pvv => "pvv",
            };
            write!(f, "{stroke}{text}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for DiscretionaryPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DiscretionaryPattern({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_replaced() {
        let cvv = Cvv::parse("561").unwrap();
        let pvv = Pvv::parse("8523").unwrap();
        let pattern = DiscretionaryPattern::parse("000000|cvv|000000").unwrap();
        assert_eq!(
            pattern.fill(Some(&cvv), None).unwrap().as_str(),
            "000000561000000"
        );
        assert_eq!(
            (pattern.len(), pattern.to_string().as_str()),
            (15, "000000|cvv|000000")
        );
        let pattern = DiscretionaryPattern::parse("1|pvv|cvv").unwrap();
        assert_eq!(
            pattern.fill(Some(&cvv), Some(&pvv)).unwrap().as_str(),
            "18523561"
        );
        assert!(pattern.wants(Token::Pvv));
        assert_eq!(
            pattern.fill(Some(&cvv), None),
            Err(PatternError::Missing(Token::Pvv))
        );
    }

    #[test]
    fn wrong_patterns() {
        let wrong = |text: &str| DiscretionaryPattern::parse(text).unwrap_err();
        assert_eq!(wrong("00|CVV"), PatternError::Part { part: 1 });
        assert_eq!(wrong("00||cvv"), PatternError::Part { part: 1 });
        assert_eq!(wrong("|"), PatternError::Part { part: 0 });
        assert_eq!(wrong(&"0".repeat(129)), PatternError::TooLong);
        assert_eq!(
            wrong("cvv|".repeat(50).trim_end_matches('|')),
            PatternError::TooLong
        );
        assert!(DiscretionaryPattern::parse("").unwrap().is_empty());
    }
}
