//! A stranger's order: JSON, no types of the product.

use serde_json::{Value, json};

use super::jose::Envelope;

/// An order: the clear body without `encryptedData`, and what shall stand in that.
#[derive(Debug, Clone)]
pub struct Order {
    /// In the path.
    pub card_id: String,
    /// The body; an `encryptedData` in it is sent as it is.
    pub clear: Value,
    /// The card's data, sealed afresh each time the order is placed.
    pub card: Value,
}

impl Order {
    /// A good order for a VISA-CLASSIC at KIOSK-PS-101.
    pub fn good(name: &str) -> Self {
        Self {
            card_id: format!("card-{name}"),
            clear: json!({
                "distributionChannel": "INSTANT",
                "persoStation": "KIOSK-PS-101",
                "services": { "issuance": "CREATION" },
                "paymentApplication": { "config": "VISA-CLASSIC", "odaKeyIndex": "01", "derivationKeyIndex": "01" },
                "cardProductId": "VISA-CLASSIC",
                "consumerId": "consumer-1",
                "issuerRequestId": format!("request-{name}"),
            }),
            card: json!({ "pan": "4111111111111111", "exp": "2912", "name": "ALICE MARTIN" }),
        }
    }

    /// With another member, by its documented name: `services.issuance`, `encryptedData.pan`.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        let (target, name) = match name.strip_prefix("encryptedData.") {
            Some(inside) => (&mut self.card, inside),
            None => (&mut self.clear, name),
        };
        let (parents, last) = name.rsplit_once('.').unwrap_or(("", name));
        let mut at = target;
        for parent in parents.split('.').filter(|parent| !parent.is_empty()) {
            at = &mut at[parent];
            if at.is_null() {
                *at = json!({});
            }
        }
        at[last] = value;
        self
    }

    /// Without a member.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        let (target, name) = match name.strip_prefix("encryptedData.") {
            Some(inside) => (&mut self.card, inside),
            None => (&mut self.clear, name),
        };
        let (parent, last) = name.rsplit_once('.').unwrap_or(("", name));
        let at = if parent.is_empty() {
            target
        } else {
            &mut target[parent]
        };
        at.as_object_mut().unwrap().remove(last).unwrap();
        self
    }

    /// The body as it goes out, freshly sealed unless it brings its own `encryptedData`.
    pub fn sealed_to(&self, jwe_key: &Value) -> Value {
        let mut body = self.clear.clone();
        if body.get("encryptedData").is_none() {
            body["encryptedData"] =
                json!(Envelope::good(jwe_key).seal(self.card.to_string().as_bytes()));
        }
        body
    }

    /// The texts of the card's data: none of them may come back.
    pub fn secrets(&self) -> Vec<String> {
        fn texts(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::String(text) => found.push(text.clone()),
                Value::Number(number) => found.push(number.to_string()),
                Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
                Value::Object(members) => members.values().for_each(|member| texts(member, found)),
                Value::Null | Value::Bool(_) => {}
            }
        }
        let mut found = Vec::new();
        texts(&self.card, &mut found);
        texts(&self.clear["trackData"], &mut found);
        found.retain(|text| text.len() > 2);
        found
    }
}

/// A text of this many characters that every id allows.
pub fn long(length: usize) -> String {
    "a".repeat(length)
}

/// A card number that begins with these digits, has this length and its right check digit.
pub fn pan(begin: &str, length: usize) -> String {
    let body = format!("{begin:0<width$}", width = length - 1);
    let doubled = body.bytes().rev().enumerate().map(|(at, digit)| {
        let digit = u32::from(digit - b'0');
        if at % 2 == 0 {
            digit * 2 / 10 + digit * 2 % 10
        } else {
            digit
        }
    });
    format!("{body}{}", (10 - doubled.sum::<u32>() % 10) % 10)
}
