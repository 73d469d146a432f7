//! The cardholder's name: as it is printed, and as it is encoded on track 1 and in the chip.
//!
//! The documentation gives the printed name's alphabet only on Create card: `[a-zA-Z. -]{0,26}`.
//! Holding it against physical issuance too is inferred, so there is a switch
//! ([`NameRule`]): `embossing` keeps that pattern; `latin` (ours) also
//! takes what a card printer can draw, letters with marks and apostrophes, still 26 at most.
//!
//! An issuer whose customers are called O'BRIEN or ÉLODIE brings a name into the narrow alphabet
//! with [`PrintName::fold`]: marks fall away, the apostrophe too (as in machine-readable
//! passports), and what is longer than 26 is shortened by turning middle names into initials.

use std::fmt;
use std::str::FromStr;

use crate::rules::NameRule;

/// The most characters of a printed or encoded name.
pub const LONGEST_NAME: usize = 26;

/// A name that cannot be used as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// More than 26 characters.
    #[error("a name has at most {LONGEST_NAME} characters")]
    TooLong,
    /// A character outside the alphabet.
    #[error("a name has a character outside its alphabet")]
    Alphabet,
    /// An encoded name of fewer than two characters.
    #[error("an encoded name has at least 2 characters")]
    TooShort,
}

/// A name as it is printed on the card, 0 to 26 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrintName(String);

impl PrintName {
    /// Takes a name as it is, if the rule allows each of its characters.
    pub fn new(text: &str, rule: NameRule) -> Result<Self, InvalidName> {
        let allowed: fn(char) -> bool = match rule {
            NameRule::Embossing => is_embossable,
            NameRule::Latin => {
                |c| is_embossable(c) || matches!(c, '\'' | '\u{2019}') || is_marked(c)
            }
        };
        if !text.chars().all(allowed) {
            return Err(InvalidName::Alphabet);
        }
        if text.chars().count() > LONGEST_NAME {
            return Err(InvalidName::TooLong);
        }
        Ok(Self(text.to_owned()))
    }

    /// Brings any name of Latin letters into the narrow alphabet and into 26 characters:
    /// `Élodie O’Brien` gives `Elodie OBrien`. Letters of other scripts are an error, because
    /// only the issuer knows how its customer spells them.
    pub fn fold(text: &str) -> Result<Self, InvalidName> {
        let mut folded = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\'' | '\u{2019}' => {}
                c if is_embossable(c) => folded.push(c),
                c => folded.push_str(without_mark(c).ok_or(InvalidName::Alphabet)?),
            }
        }
        Ok(Self(shorten(&folded)))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PrintName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A name in the form of ISO/IEC 7813, `SURNAME/GIVEN`: 2 to 26 of the track 1 characters that may
/// carry data (`A`–`Z`, `0`–`9`, space, `$ ( ) - . /`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EncodedName(String);

impl EncodedName {
    /// Derives the encoded form of a printed name (ours): the last word becomes the surname, marks
    /// and apostrophes fall away, all is in capitals. A blank name gives ` /`, as EMV cards have
    /// it whose holder is not named.
    pub fn derive(name: &PrintName) -> Self {
        let mut upper = String::with_capacity(name.0.len());
        for c in name.0.chars() {
            match without_mark(c) {
                None if is_embossable(c) => upper.push(c.to_ascii_uppercase()),
                plain => upper.push_str(&plain.unwrap_or_default().to_ascii_uppercase()),
            }
        }
        let mut words: Vec<&str> = upper.split_whitespace().collect();
        let encoded = match words.pop() {
            None => " /".to_owned(),
            Some(surname) => format!("{surname}/{}", words.join(" ")),
        };
        Self(
            encoded
                .chars()
                .take(LONGEST_NAME)
                .collect::<String>()
                .trim_end()
                .to_owned(),
        )
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EncodedName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let allowed =
            |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || " $().-/".contains(c);
        match text.chars().count() {
            _ if !text.chars().all(allowed) => Err(InvalidName::Alphabet),
            0 | 1 => Err(InvalidName::TooShort),
            2..=LONGEST_NAME => Ok(Self(text.to_owned())),
            _ => Err(InvalidName::TooLong),
        }
    }
}

impl fmt::Display for EncodedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Turns the middle words into initials from the right until the name fits, then the first word,
/// which people answer to; what is still too long is cut. Takes ASCII only.
fn shorten(name: &str) -> String {
    if name.len() <= LONGEST_NAME {
        return name.to_owned();
    }
    let mut words: Vec<&str> = name.split_whitespace().collect();
    let last = words.len().saturating_sub(1);
    for at in (1..last).rev().chain(0..last.min(1)) {
        if words.join(" ").len() <= LONGEST_NAME {
            break;
        }
        words[at] = &words[at][..1];
    }
    let mut short = words.join(" ");
    short.truncate(LONGEST_NAME);
    short.trim_end().to_owned()
}

const fn is_embossable(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '.' | ' ' | '-')
}

/// Letters with marks of the Latin-1 and Latin Extended-A blocks, and the four of Romanian.
const fn is_marked(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{17f}' | '\u{218}'..='\u{21b}') && !matches!(c, '×' | '÷')
}

fn without_mark(c: char) -> Option<&'static str> {
    Some(match c {
        'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => "A",
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'Æ' => "AE",
        'æ' => "ae",
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'Ď' | 'Đ' | 'Ð' => "D",
        'ď' | 'đ' | 'ð' => "d",
        'È'..='Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' => "E",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'Ĥ' | 'Ħ' => "H",
        'ĥ' | 'ħ' => "h",
        'Ì'..='Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' => "I",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'Ĳ' => "IJ",
        'ĳ' => "ij",
        'Ĵ' => "J",
        'ĵ' => "j",
        'Ķ' => "K",
        'ķ' | 'ĸ' => "k",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ŀ' | 'Ł' => "L",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' | 'Ŋ' => "N",
        'ñ' | 'ń' | 'ņ' | 'ň' | 'ŉ' | 'ŋ' => "n",
        'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ŏ' | 'Ő' => "O",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'Œ' => "OE",
        'œ' => "oe",
        'Ŕ' | 'Ŗ' | 'Ř' => "R",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => "S",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' | 'ſ' => "s",
        'ß' => "ss",
        'Ţ' | 'Ť' | 'Ŧ' | 'Ț' => "T",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'Þ' => "TH",
        'þ' => "th",
        'Ù'..='Ü' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' => "U",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'Ŵ' => "W",
        'ŵ' => "w",
        'Ý' | 'Ŷ' | 'Ÿ' => "Y",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_embossing_alphabet_has_no_apostrophe_no_mark_and_26_places() {
        let take = |text: &str| PrintName::new(text, NameRule::Embossing);
        assert!(take("ALICE MARTIN-DUPONT JR.").is_ok());
        assert!(take("").is_ok());
        assert_eq!(take("SEAN O'BRIEN"), Err(InvalidName::Alphabet));
        assert_eq!(take("ÉLODIE"), Err(InvalidName::Alphabet));
        assert_eq!(take("R2 D2"), Err(InvalidName::Alphabet));
        assert!(take(&"A".repeat(26)).is_ok());
        assert_eq!(take(&"A".repeat(27)), Err(InvalidName::TooLong));
    }

    #[test]
    fn the_latin_alphabet_takes_names_as_people_write_them() {
        let take = |text: &str| PrintName::new(text, NameRule::Latin);
        assert_eq!(take("ÉLODIE O’BRIEN").unwrap().as_str(), "ÉLODIE O’BRIEN");
        assert!(take("Łukasz Żółć").is_ok());
        assert!(
            take(&"É".repeat(26)).is_ok(),
            "counted in characters, not bytes"
        );
        assert_eq!(take(&"É".repeat(27)), Err(InvalidName::TooLong));
        assert_eq!(take("山田"), Err(InvalidName::Alphabet));
        assert_eq!(take("A×B"), Err(InvalidName::Alphabet));
    }

    #[test]
    fn folding_keeps_names_recognisable() {
        let fold = |text| PrintName::fold(text).unwrap().0;
        assert_eq!(fold("Élodie O’Brien"), "Elodie OBrien");
        assert_eq!(fold("SEAN O'BRIEN"), "SEAN OBRIEN");
        assert_eq!(fold("Jürgen Groß"), "Jurgen Gross");
        assert_eq!(
            fold("MAXIMILIAN ANTON SCHREIBER"),
            "MAXIMILIAN ANTON SCHREIBER"
        );
        assert_eq!(
            fold("MAXIMILIANE ANTON SCHREIBER"),
            "MAXIMILIANE A SCHREIBER"
        );
        assert_eq!(fold("ALEXANDRIA-MAXIMILIANE OLSEN"), "A OLSEN");
        assert_eq!(PrintName::fold("山田"), Err(InvalidName::Alphabet));
    }

    #[test]
    fn a_name_is_encoded_surname_first() {
        let encode = |text| EncodedName::derive(&PrintName::new(text, NameRule::Latin).unwrap()).0;
        assert_eq!(encode("Alice Martin"), "MARTIN/ALICE");
        assert_eq!(encode("Élodie Anne O’Brien"), "OBRIEN/ELODIE ANNE");
        assert_eq!(encode("Cher"), "CHER/");
        assert_eq!(encode("  "), " /");
        assert_eq!(encode("'"), " /");
    }

    #[test]
    fn encoded_names_are_of_iso_7813() {
        assert!("MARTIN/ALICE.MS".parse::<EncodedName>().is_ok());
        for bad in ["martin/alice", "O'BRIEN/SEAN", "A^B", "A%", "A?", "É/"] {
            assert_eq!(
                bad.parse::<EncodedName>(),
                Err(InvalidName::Alphabet),
                "{bad}"
            );
        }
        assert_eq!("A".parse::<EncodedName>(), Err(InvalidName::TooShort));
        assert_eq!(
            "A".repeat(27).parse::<EncodedName>(),
            Err(InvalidName::TooLong)
        );
    }

    proptest! {
        #[test]
        fn what_fold_returns_embosses_and_what_prints_encodes(text in "[ -~À-ſ]{0,60}") {
            if let Ok(folded) = PrintName::fold(&text) {
                prop_assert!(PrintName::new(folded.as_str(), NameRule::Embossing).is_ok());
            }
            if let Ok(name) = PrintName::new(&text, NameRule::Latin) {
                prop_assert!(EncodedName::derive(&name).as_str().parse::<EncodedName>().is_ok());
            }
        }
    }
}
