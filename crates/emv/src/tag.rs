//! Tags of BER-TLV data objects, and the names of those that a payment card uses.

use std::fmt;

/// A tag of one to three bytes, as it stands in the encoding (ISO/IEC 8825-1, documented).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u32);

/// Why bytes are not a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// The bytes end within the tag.
    #[error("tag cut short")]
    Truncated,
    /// More than three bytes, which EMV does not use.
    #[error("tag longer than three bytes")]
    TooLong,
    /// `00` or `FF` in the first place: filler, not a tag.
    #[error("filler byte in the place of a tag")]
    Filler,
    /// The number is not one tag and nothing else.
    #[error("not a tag")]
    NotATag,
}

/// What a tag's value holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Plain bytes.
    Primitive,
    /// More data objects.
    Constructed,
}

impl Tag {
    /// The tag of this number: `0x9F38` for `9F38`.
    ///
    /// # Errors
    /// A [`TagError`] if the bytes of the number are not exactly one tag.
    pub fn new(number: u32) -> Result<Self, TagError> {
        let bytes = number.to_be_bytes();
        let used = bytes
            .iter()
            .position(|byte| *byte != 0)
            .ok_or(TagError::Filler)?;
        match Self::read(&bytes[used..])? {
            (tag, []) => Ok(tag),
            _ => Err(TagError::NotATag),
        }
    }

    /// Reads a tag from the start of `bytes` and gives what follows it.
    ///
    /// # Errors
    /// [`TagError::Truncated`], [`TagError::TooLong`], [`TagError::Filler`].
    pub fn read(bytes: &[u8]) -> Result<(Self, &[u8]), TagError> {
        let (first, mut rest) = bytes.split_first().ok_or(TagError::Truncated)?;
        if matches!(first, 0x00 | 0xFF) {
            return Err(TagError::Filler);
        }
        let mut number = u32::from(*first);
        let mut more = first & 0x1F == 0x1F;
        while more {
            let (next, tail) = rest.split_first().ok_or(TagError::Truncated)?;
            if number > 0xFFFF {
                return Err(TagError::TooLong);
            }
            number = (number << 8) | u32::from(*next);
            rest = tail;
            more = next & 0x80 != 0;
        }
        Ok((Self(number), rest))
    }

    /// The tag as a number.
    pub fn number(self) -> u32 {
        self.0
    }

    /// Whether the value holds bytes or data objects: bit 6 of the first byte.
    pub fn form(self) -> Form {
        let first = self.bytes().next().unwrap_or_default();
        if first & 0x20 == 0 {
            Form::Primitive
        } else {
            Form::Constructed
        }
    }

    /// The bytes of the tag, one to three.
    pub fn bytes(self) -> impl Iterator<Item = u8> {
        self.0
            .to_be_bytes()
            .into_iter()
            .skip_while(|byte| *byte == 0)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({self})")
    }
}

/// Declares named tags, each with its name in words, and, for a test, the list of them.
macro_rules! tags {
    ($(#[doc = $words:literal] $name:ident = $number:literal;)*) => {
        impl Tag {
            $(#[doc = $words] pub const $name: Self = Self($number);)*

            /// Every tag that has a name here, in the order of the source.
            pub const NAMED: &[Self] = &[$(Self::$name),*];

            /// What the tag is for, in words, if it has a name here: `Application PAN`.
            pub fn words(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($words.trim_ascii().trim_end_matches('.')),)*
                    _ => None,
                }
            }
        }
    };
}

tags! {
    /// Application identifier, in a directory entry.
    AID_IN_DIRECTORY = 0x4F;
    /// Application label.
    APPLICATION_LABEL = 0x50;
    /// Track 2 equivalent data.
    TRACK_2_EQUIVALENT = 0x57;
    /// Application PAN.
    PAN = 0x5A;
    /// Cardholder name.
    CARDHOLDER_NAME = 0x5F20;
    /// Application expiration date.
    EXPIRATION_DATE = 0x5F24;
    /// Application effective date.
    EFFECTIVE_DATE = 0x5F25;
    /// Issuer country code.
    ISSUER_COUNTRY = 0x5F28;
    /// Transaction currency code.
    TRANSACTION_CURRENCY = 0x5F2A;
    /// Language preference.
    LANGUAGE_PREFERENCE = 0x5F2D;
    /// Service code.
    SERVICE_CODE = 0x5F30;
    /// PAN sequence number.
    PAN_SEQUENCE = 0x5F34;
    /// Directory entry.
    DIRECTORY_ENTRY = 0x61;
    /// File control information template.
    FCI = 0x6F;
    /// Record template.
    RECORD = 0x70;
    /// Answer template, format 2.
    ANSWER_FORMAT_2 = 0x77;
    /// Answer template, format 1.
    ANSWER_FORMAT_1 = 0x80;
    /// Application interchange profile.
    INTERCHANGE_PROFILE = 0x82;
    /// Command template.
    COMMAND_TEMPLATE = 0x83;
    /// Name of the dedicated file: the application identifier.
    DF_NAME = 0x84;
    /// Application priority indicator.
    PRIORITY = 0x87;
    /// Short file identifier of the directory.
    DIRECTORY_SFI = 0x88;
    /// Authorisation response code.
    RESPONSE_CODE = 0x8A;
    /// First card risk data object list.
    CDOL1 = 0x8C;
    /// Second card risk data object list.
    CDOL2 = 0x8D;
    /// Cardholder verification method list.
    CVM_LIST = 0x8E;
    /// Certification authority public key index.
    AUTHORITY_INDEX = 0x8F;
    /// Issuer public key certificate.
    ISSUER_CERTIFICATE = 0x90;
    /// Issuer authentication data.
    ISSUER_AUTHENTICATION = 0x91;
    /// Issuer public key remainder.
    ISSUER_REMAINDER = 0x92;
    /// Application file locator.
    FILE_LOCATOR = 0x94;
    /// Terminal verification results.
    TERMINAL_VERIFICATION = 0x95;
    /// Transaction date.
    TRANSACTION_DATE = 0x9A;
    /// Transaction type.
    TRANSACTION_TYPE = 0x9C;
    /// Proprietary template of the file control information.
    FCI_PROPRIETARY = 0xA5;
    /// Amount, authorised.
    AMOUNT = 0x9F02;
    /// Amount, other.
    AMOUNT_OTHER = 0x9F03;
    /// Application usage control.
    USAGE_CONTROL = 0x9F07;
    /// Application version number.
    APPLICATION_VERSION = 0x9F08;
    /// Issuer action code, default.
    ACTION_CODE_DEFAULT = 0x9F0D;
    /// Issuer action code, denial.
    ACTION_CODE_DENIAL = 0x9F0E;
    /// Issuer action code, online.
    ACTION_CODE_ONLINE = 0x9F0F;
    /// Issuer application data.
    ISSUER_APPLICATION_DATA = 0x9F10;
    /// Issuer code table index.
    CODE_TABLE = 0x9F11;
    /// Application preferred name.
    PREFERRED_NAME = 0x9F12;
    /// Last online transaction counter.
    LAST_ONLINE_COUNTER = 0x9F13;
    /// PIN try counter.
    PIN_TRY_COUNTER = 0x9F17;
    /// Terminal country code.
    TERMINAL_COUNTRY = 0x9F1A;
    /// Track 1 discretionary data.
    TRACK_1_DISCRETIONARY = 0x9F1F;
    /// Payment account reference.
    PAYMENT_ACCOUNT_REFERENCE = 0x9F24;
    /// Application cryptogram.
    CRYPTOGRAM = 0x9F26;
    /// Cryptogram information data.
    CRYPTOGRAM_INFORMATION = 0x9F27;
    /// Issuer public key exponent.
    ISSUER_EXPONENT = 0x9F32;
    /// Terminal capabilities.
    TERMINAL_CAPABILITIES = 0x9F33;
    /// Cardholder verification results.
    CVM_RESULTS = 0x9F34;
    /// Terminal type.
    TERMINAL_TYPE = 0x9F35;
    /// Application transaction counter.
    TRANSACTION_COUNTER = 0x9F36;
    /// Unpredictable number.
    UNPREDICTABLE_NUMBER = 0x9F37;
    /// Processing options data object list.
    PDOL = 0x9F38;
    /// Application currency code.
    APPLICATION_CURRENCY = 0x9F42;
    /// Card public key certificate.
    CARD_CERTIFICATE = 0x9F46;
    /// Card public key exponent.
    CARD_EXPONENT = 0x9F47;
    /// Card public key remainder.
    CARD_REMAINDER = 0x9F48;
    /// Dynamic data object list.
    DYNAMIC_LIST = 0x9F49;
    /// Static data authentication tag list.
    STATIC_TAGS = 0x9F4A;
    /// Signed dynamic application data.
    SIGNED_DYNAMIC_DATA = 0x9F4B;
    /// Issuer discretionary template of the file control information.
    ISSUER_DISCRETIONARY = 0xBF0C;
    /// Object identifier.
    OBJECT_IDENTIFIER = 0x06;
    /// GlobalPlatform version.
    PLATFORM_VERSION = 0x60;
    /// GlobalPlatform identification scheme.
    IDENTIFICATION_SCHEME = 0x63;
    /// Secure channel protocol and option.
    CHANNEL_PROTOCOL = 0x64;
    /// Card recognition data.
    RECOGNITION_DATA = 0x66;
    /// Content of the card recognition data.
    RECOGNITION_CONTENT = 0x73;
    /// One key: number, version, kind, length.
    KEY_INFORMATION_ENTRY = 0xC0;
    /// Key data, for diversification.
    KEY_DATA = 0xCF;
    /// Key information.
    KEY_INFORMATION = 0xE0;
    /// Longest data of a command.
    MAX_COMMAND_DATA = 0x9F65;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_tag_is_one_tag() {
        for tag in Tag::NAMED {
            assert_eq!(Tag::new(tag.number()), Ok(*tag), "{tag}");
            assert!(tag.words().is_some_and(|words| !words.is_empty()), "{tag}");
        }
        assert_eq!(Tag::PAN.words(), Some("Application PAN"));
        assert_eq!(Tag::new(0xDF01).unwrap().words(), None);
    }

    #[test]
    fn tags_of_one_to_three_bytes_are_read() {
        assert_eq!(Tag::read(&[0x5A, 0x08]).unwrap(), (Tag::PAN, &[0x08][..]));
        assert_eq!(Tag::read(&[0x9F, 0x38]).unwrap().0, Tag::PDOL);
        assert_eq!(
            Tag::read(&[0xDF, 0x81, 0x05]).unwrap().0.to_string(),
            "DF8105"
        );
        assert_eq!(Tag::read(&[0xDF, 0x81, 0x85, 0x01]), Err(TagError::TooLong));
        assert_eq!(Tag::read(&[0x9F]), Err(TagError::Truncated));
        assert_eq!(Tag::read(&[]), Err(TagError::Truncated));
        assert_eq!(Tag::read(&[0x00]), Err(TagError::Filler));
    }

    #[test]
    fn a_number_must_be_one_tag() {
        assert_eq!(Tag::new(0), Err(TagError::Filler));
        assert_eq!(Tag::new(0x5A08), Err(TagError::NotATag));
        assert_eq!(Tag::new(0x9F), Err(TagError::Truncated));
    }

    #[test]
    fn the_form_is_in_the_first_byte() {
        assert_eq!(Tag::RECORD.form(), Form::Constructed);
        assert_eq!(Tag::ISSUER_DISCRETIONARY.form(), Form::Constructed);
        assert_eq!(Tag::PAN.form(), Form::Primitive);
    }
}
