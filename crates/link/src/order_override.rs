//! What an issuer orders otherwise than it should, so that bad orders can be rehearsed (ours).
//!
//! A change names a documented field by its path, `services.issuance` or, inside `encryptedData`, `exp`, and says what is sent
//! instead. Changes of the encrypted part are made before encryption, so that D1 finds them behind a good JWE.

use std::fmt;

use persotwin_contract::jose::jwk::PublicJwk;
use serde_json::Value;

/// One field that is ordered otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderChange {
    /// In the clear body, or in the JSON that is encrypted.
    pub part: OrderPart,
    /// The names from the outermost to the field's own.
    pub path: Vec<String>,
    /// What happens to it.
    pub change: Change,
}

/// The two JSON documents of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderPart {
    /// The body of the request.
    Clear,
    /// The plaintext of `encryptedData`.
    Encrypted,
}

/// What happens to a field.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// It is not sent.
    Absent,
    /// It is sent with this value.
    Set(Value),
}

impl fmt::Debug for Change {
    /// Without the value, which may be a card number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "Absent",
            Self::Set(_) => "Set(..)",
        })
    }
}

/// How the card data of an order are sealed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Seal {
    /// As they should be.
    #[default]
    Proper,
    /// To a key that is not the one to use.
    ForKey(PublicJwk),
    /// Properly, and then a letter of the tag is another one.
    Tampered,
    /// Properly, and what is sealed is no JSON.
    NotJson,
}

impl Seal {
    /// What is sealed, instead of these card data.
    pub fn plaintext<'a>(&self, card_data: &'a [u8]) -> &'a [u8] {
        match self {
            Self::NotJson => b"these are no card data",
            Self::Proper | Self::ForKey(_) | Self::Tampered => card_data,
        }
    }

    /// To which key, instead of this one.
    pub const fn key<'a>(&'a self, proper: &'a PublicJwk) -> &'a PublicJwk {
        match self {
            Self::ForKey(other) => other,
            Self::Proper | Self::Tampered | Self::NotJson => proper,
        }
    }

    /// The JWE as it is sent.
    pub fn sent(&self, mut jwe: String) -> String {
        if *self == Self::Tampered
            && let Some(last) = jwe.pop()
            && let Some(letter) = jwe.pop()
        {
            // The last letter may hold no bit of the tag; the one before it holds six.
            jwe.push(if letter == 'A' { 'B' } else { 'A' });
            jwe.push(last);
        }
        jwe
    }
}

impl OrderChange {
    /// Makes the change in its document. Objects on the way to a field that is set are made, and take the place of what is none;
    /// a path without a name changes nothing.
    pub fn apply(&self, document: &mut Value) {
        let Some((field, way)) = self.path.split_last() else {
            return;
        };
        let mut at = document;
        for name in way {
            at = match &self.change {
                Change::Set(_) => member(at, name),
                Change::Absent => match at.get_mut(name.as_str()) {
                    Some(next) => next,
                    None => return,
                },
            };
        }
        match &self.change {
            Change::Set(value) => *member(at, field) = value.clone(),
            Change::Absent => drop(at.as_object_mut().and_then(|members| members.remove(field))),
        }
    }
}

/// A member of a value, which becomes an object if it is none.
fn member<'a>(value: &'a mut Value, name: &str) -> &'a mut Value {
    if !value.is_object() {
        *value = Value::Null;
    }
    // Indexing turns null into an object and makes the member.
    &mut value[name]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn changed(mut document: Value, path: &str, change: Change) -> Value {
        let path = path
            .split('.')
            .filter(|name| !name.is_empty())
            .map(str::to_owned);
        let change = OrderChange {
            part: OrderPart::Clear,
            path: path.collect(),
            change,
        };
        change.apply(&mut document);
        document
    }

    #[test]
    fn a_field_is_set_replaced_and_removed() {
        let order = json!({"persoStation": "A", "services": {"issuance": "CREATION"}});
        let set = |path, value| changed(order.clone(), path, Change::Set(value));
        assert_eq!(set("persoStation", json!(7))["persoStation"], 7);
        assert_eq!(
            set("services.issuance", json!("GIFT"))["services"],
            json!({"issuance": "GIFT"})
        );
        assert_eq!(
            set("cardDesign.memberId", json!("1"))["cardDesign"],
            json!({"memberId": "1"})
        );
        assert_eq!(
            set("persoStation.x", json!(1))["persoStation"],
            json!({"x": 1})
        );
        let without = |path| changed(order.clone(), path, Change::Absent);
        assert_eq!(without("services.issuance")["services"], json!({}));
        assert_eq!(without("services").get("services"), None);
        assert_eq!(without("nothing.here"), order);
        assert_eq!(without(""), order);
    }

    #[test]
    fn a_tampered_seal_differs_in_one_letter() {
        assert_eq!(Seal::Tampered.sent("abAc".to_owned()), "abBc");
        assert_eq!(Seal::Tampered.sent("abcd".to_owned()), "abAd");
        assert_eq!(Seal::Proper.sent("abcd".to_owned()), "abcd");
        assert_eq!(Seal::Tampered.sent("a".to_owned()), "");
        assert_eq!(Seal::Proper.plaintext(b"{}"), b"{}");
        assert_ne!(Seal::NotJson.plaintext(b"{}"), b"{}");
    }

    #[test]
    fn a_value_is_not_shown() {
        let change = Change::Set(json!("4111111111111111"));
        assert_eq!(format!("{change:?}"), "Set(..)");
    }
}
