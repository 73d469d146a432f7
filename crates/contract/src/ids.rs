//! Identifiers: each type holds only text that its rule allows.
//!
//! All of them are made of letters, digits, `_` and `-`; they differ in length. An error never
//! repeats the refused text, which may be a card number that somebody put into the wrong field.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Text that is not a valid identifier of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {min} to {max} letters, digits, `_` or `-`")]
pub struct InvalidId {
    what: &'static str,
    min: usize,
    max: usize,
}

fn check(text: &str, what: &'static str, min: usize, max: usize) -> Result<(), InvalidId> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (min..=max).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(())
    } else {
        Err(InvalidId { what, min, max })
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident: $min:literal ..= $max:literal, $what:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The greatest length, in characters.
            pub const MAX: usize = $max;

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                check(text, $what, $min, $max)?;
                Ok(Self(text.into()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidId;

            fn try_from(text: &str) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )+};
}

ids! {
    /// An issuer at D1: exactly ten characters (documented); which characters is inferred from the
    /// other identifiers.
    IssuerId: 10 ..= 10, "issuer id";
    /// The technical id of a card, chosen by the issuer: 1 to 48 (documented). Never a PAN.
    CardId: 1 ..= 48, "card id";
    /// One order's operation at D1: 1 to 64 (documented).
    OperationId: 1 ..= 64, "operation id";
    /// A personalisation station, fixed at onboarding, such as `KIOSK-PS-101`. The documentation
    /// gives no length: 1 to 64 is ours. What counts is that the station is enrolled.
    PersoStation: 1 ..= 64, "perso station";
    /// `x-correlation-id`: 1 to 64 (documented); for logging only.
    CorrelationId: 1 ..= 64, "correlation id";
    /// A card product, fixed at onboarding: 1 to 48 (documented on Create card).
    CardProductId: 1 ..= 48, "card product id";
    /// A customer at the issuer: 1 to 64 (documented on Create card).
    ConsumerId: 1 ..= 64, "consumer id";
    /// The issuer's own id of an order, its idempotency key (documented); 1 to 64 is ours.
    IssuerRequestId: 1 ..= 64, "issuer request id";
    /// `paymentApplication.config`, an EMV configuration of onboarding; 1 to 64 is ours.
    ConfigName: 1 ..= 64, "payment application configuration";
    /// An option of `services` such as `NO_SHIPMENT`; 1 to 64 is ours.
    ServiceOption: 1 ..= 64, "service option";
    /// A picture known to D1 (`cardDesign.cardImage`, `cardDesign.images`); 1 to 64 is ours.
    ImageId: 1 ..= 64, "image id";
}

/// Chooses one of the issuer's keys at D1 (`paymentApplication.…KeyIndex`).
///
/// The documentation gives no type. The twin takes text (1 to 64 characters) and whole numbers from
/// 0 to 99, and holds all-digit text in one form, so that `1`, `"1"` and `"01"` choose the same key
/// (ours). It is written as text: `"01"`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyIndex(Arc<str>);

impl KeyIndex {
    /// The index of a whole number; `None` above 99.
    pub fn from_number(number: u64) -> Option<Self> {
        (number <= 99).then(|| Self(format!("{number:02}").into()))
    }

    /// The index as it is written, at least two digits when it is a number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyIndex {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        check(text, "key index", 1, 64)?;
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            let digits = text.trim_start_matches('0');
            return Ok(Self(format!("{digits:0>2}").into()));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for KeyIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for KeyIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyIndex({})", self.0)
    }
}

impl Serialize for KeyIndex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for KeyIndex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrNumber;

        impl Visitor<'_> for TextOrNumber {
            type Value = KeyIndex;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key index: text, or a number from 0 to 99")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<KeyIndex, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<KeyIndex, E> {
                KeyIndex::from_number(number).ok_or_else(|| E::custom("a key index is at most 99"))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<KeyIndex, E> {
                let number = u64::try_from(number).map_err(E::custom)?;
                self.visit_u64(number)
            }
        }

        deserializer.deserialize_any(TextOrNumber)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_are_those_of_the_contract() {
        assert!("TWINBANK01".parse::<IssuerId>().is_ok());
        assert!("TWINBANK0".parse::<IssuerId>().is_err());
        assert!("TWINBANK012".parse::<IssuerId>().is_err());
        assert!("c".repeat(48).parse::<CardId>().is_ok());
        assert!("c".repeat(49).parse::<CardId>().is_err());
        assert!("o".repeat(64).parse::<OperationId>().is_ok());
        assert!("o".repeat(65).parse::<OperationId>().is_err());
        assert!("".parse::<CardId>().is_err());
    }

    #[test]
    fn only_word_characters_and_hyphens() {
        assert!("271b-6e47-8ec3_7f3f".parse::<CardId>().is_ok());
        for bad in ["a b", "a.b", "a/b", "é", "a\n", "a%3A"] {
            assert!(bad.parse::<CardId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_error_does_not_repeat_the_text() {
        let error = "4111 1111 1111 1111".parse::<CardId>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("1111"));
    }

    #[test]
    fn key_indexes_are_text_or_small_numbers() {
        for json in ["1", "\"1\"", "\"01\"", "\"001\""] {
            let index: KeyIndex = serde_json::from_str(json).unwrap();
            assert_eq!(index.as_str(), "01", "{json}");
        }
        let zero: KeyIndex = serde_json::from_str("0").unwrap();
        assert_eq!(zero.as_str(), "00");
        let named: KeyIndex = serde_json::from_str("\"IMK-A\"").unwrap();
        assert_eq!(serde_json::to_string(&named).unwrap(), "\"IMK-A\"");
        for json in ["100", "-1", "1.5", "true", "\"\"", "\"a b\"", "null"] {
            assert!(serde_json::from_str::<KeyIndex>(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn ids_round_trip_through_json(text in "[A-Za-z0-9_-]{1,48}") {
            let id: CardId = text.parse().unwrap();
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(&serde_json::from_str::<CardId>(&json).unwrap(), &id);
            prop_assert_eq!(id.to_string(), text);
        }

        #[test]
        fn key_index_text_is_a_fixed_point(text in "[A-Za-z0-9_-]{1,64}") {
            let once: KeyIndex = text.parse().unwrap();
            let twice: KeyIndex = once.as_str().parse().unwrap();
            prop_assert_eq!(once, twice);
        }
    }
}
