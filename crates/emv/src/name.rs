//! Names as track 1 and the chip carry them (ISO/IEC 7813).

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// An encoded cardholder name: 2 to 26 characters of the alphabet of track 1, as in
/// `MARTIN/ALICE`. `Debug` shows the length only.
///
/// All of the track's characters are taken but `%`, `^` and `?`, which delimit. That includes the
/// apostrophe, which the standard reserves but real cards carry (ours).
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct EncodedName(String);

/// Why a text is not an encoded name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not 2 to 26 characters.
    #[error("encoded name of {found} characters, not 2 to 26")]
    Length {
        /// The number of characters found.
        found: usize,
    },
    /// A character that a name on track 1 cannot have.
    #[error("character {position} of the name cannot be encoded")]
    Character {
        /// Position of the first such character, from 0.
        position: usize,
    },
}

impl EncodedName {
    /// The most characters.
    pub const MAX_LEN: usize = 26;

    /// Parses a name that is already encoded.
    ///
    /// # Errors
    /// Every [`NameError`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if let Some(position) = text.chars().position(|c| !is_encodable(c)) {
            return Err(NameError::Character { position });
        }
        match text.len() {
            2..=Self::MAX_LEN => Ok(Self(text.to_owned())),
            found => Err(NameError::Length { found }),
        }
    }

    /// Encodes a printed name (ours): the last word is the surname and goes first, letters become
    /// capitals without accents, apostrophes vanish, and what is beyond 26 characters is cut.
    ///
    /// `Zoé O'Hara` becomes `OHARA/ZOE`; a single word gets a stroke behind it.
    ///
    /// # Errors
    /// [`NameError::Character`] for a character that has no Latin letters here,
    /// [`NameError::Length`] if nothing is left.
    pub fn from_printed(name: &str) -> Result<Self, NameError> {
        let mut plain = String::new();
        for (position, letter) in name.chars().enumerate() {
            plain.push_str(&transliterate(letter).ok_or(NameError::Character { position })?);
        }
        let mut words: Vec<&str> = plain.split_ascii_whitespace().collect();
        let surname = words.pop().unwrap_or_default();
        let mut encoded = format!("{surname}/{}", words.join(" "));
        encoded.truncate(Self::MAX_LEN);
        let text = encoded.trim_end().to_owned();
        encoded.zeroize();
        plain.zeroize();
        if text == "/" {
            Err(NameError::Length { found: 0 })
        } else {
            Self::parse(&text)
        }
    }

    /// The text. It is personal data: never log it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EncodedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodedName(length {})", self.0.len())
    }
}

/// The characters of track 1 without its delimiters.
fn is_encodable(c: char) -> bool {
    matches!(c, ' '..='_') && !matches!(c, '%' | '^' | '?')
}

/// The plain capitals for a character of a printed name; nothing for an apostrophe.
fn transliterate(c: char) -> Option<String> {
    let plain = match c {
        'a'..='z' => return Some(c.to_ascii_uppercase().to_string()),
        'A'..='Z' | '0'..='9' | ' ' | '-' | '.' => return Some(c.to_string()),
        '\'' | '\u{2018}' | '\u{2019}' | '`' => "",
        '/' | ',' => " ",
        other => return latin(other).map(str::to_owned),
    };
    Some(plain.to_owned())
}

/// Latin letters with marks, as the chip of a Western European, Nordic, Baltic, Polish, Czech,
/// Romanian or Turkish card writes them (ours).
fn latin(c: char) -> Option<&'static str> {
    let upper = c.to_uppercase().next().unwrap_or(c);
    Some(match upper {
        'À'..='Ã' | 'Ā' | 'Ă' | 'Ą' => "A",
        'Ä' | 'Æ' => "AE",
        'Å' => "AA",
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'Ď' | 'Đ' | 'Ð' => "D",
        'È'..='Ë' | 'Ē' | 'Ė' | 'Ę' | 'Ě' => "E",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'Ì'..='Ï' | 'Ī' | 'Į' | 'İ' | 'I' => "I",
        'Ķ' => "K",
        'Ł' | 'Ļ' | 'Ľ' | 'Ĺ' => "L",
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' => "N",
        'Ò'..='Õ' | 'Ō' | 'Ő' => "O",
        'Ö' | 'Ø' | 'Œ' => "OE",
        'Ŕ' | 'Ř' => "R",
        'Ś' | 'Ş' | 'Š' | 'Ș' => "S",
        // The capital of the sharp s is two letters, of which the first is an S.
        'S' | 'ẞ' => "SS",
        'Ţ' | 'Ť' | 'Ț' => "T",
        'Þ' => "TH",
        'Ù'..='Û' | 'Ū' | 'Ů' | 'Ű' | 'Ų' => "U",
        'Ü' => "UE",
        'Ý' | 'Ÿ' => "Y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn printed(name: &str) -> String {
        EncodedName::from_printed(name).unwrap().as_str().to_owned()
    }

    #[test]
    fn printed_names_are_encoded() {
        assert_eq!(printed("ALICE MARTIN"), "MARTIN/ALICE");
        assert_eq!(printed("Zoé O'Hara"), "OHARA/ZOE");
        assert_eq!(printed("Jürgen Groß"), "GROSS/JUERGEN");
        assert_eq!(printed("  J. R.  Ødegård "), "OEDEGAARD/J. R.");
        assert_eq!(printed("CHER"), "CHER/");
    }

    #[test]
    fn a_name_of_27_characters_is_cut() {
        let name = "MAXIMILIANA KONSTANTINOPOLI";
        assert_eq!(name.len(), 27);
        assert_eq!(printed(name), "KONSTANTINOPOLI/MAXIMILIAN");
    }

    #[test]
    fn what_cannot_be_encoded() {
        let wrong = |text| EncodedName::parse(text).unwrap_err();
        assert_eq!(wrong("A^B"), NameError::Character { position: 1 });
        assert_eq!(wrong("alice"), NameError::Character { position: 0 });
        assert_eq!(wrong("A"), NameError::Length { found: 1 });
        assert_eq!(wrong(&"A".repeat(27)), NameError::Length { found: 27 });
        assert!(EncodedName::parse("O'HARA/ZOE").is_ok());
        let han = EncodedName::from_printed("A 中").unwrap_err();
        assert_eq!(han, NameError::Character { position: 2 });
        assert_eq!(
            EncodedName::from_printed("  "),
            Err(NameError::Length { found: 0 })
        );
    }

    #[test]
    fn a_name_does_not_print() {
        let name = EncodedName::parse("MARTIN/ALICE").unwrap();
        assert_eq!(format!("{name:?}"), "EncodedName(length 12)");
    }

    proptest! {
        #[test]
        fn any_text_is_encoded_or_refused(name in ".{0,60}") {
            if let Ok(encoded) = EncodedName::from_printed(&name) {
                prop_assert_eq!(EncodedName::parse(encoded.as_str()), Ok(encoded));
            }
        }
    }
}
