//! `d1_rules:`: where the public documentation leaves room, the switches of the contract.

use persotwin_contract::rules::D1Rules;
use serde_json::{Map, Value};

use crate::grammar::{Field, Section, Shape};
use crate::node::Node;
use crate::reader::Reader;

/// A switch: its default word first.
const fn switch(name: &'static str, words: &'static [&'static str], doc: &'static str) -> Field {
    Field::default(name, Shape::Word(words), words[0], doc)
}

pub(crate) static D1_RULES: Section = Section {
    name: "`d1_rules:`",
    doc: "Where D1's public documentation leaves room, the rule is a switch.",
    fields: &[
        switch(
            "card_data_checks",
            &["at-order", "in-preparation"],
            "When the decrypted card data are checked.",
        ),
        switch(
            "track_data",
            &["either", "encrypted-only", "clear-only"],
            "Where `trackData` may stand.",
        ),
        switch(
            "missing_channel",
            &["refuse", "thales"],
            "What an order without `distributionChannel` is.",
        ),
        switch(
            "unknown_members",
            &["lenient", "strict"],
            "What happens to members that no document lists.",
        ),
        switch(
            "issuer_request_id",
            &["both", "operation", "details"],
            "Where notifications carry `issuerRequestId`.",
        ),
        switch(
            "error_codes",
            &["codes", "absent"],
            "What `errorCode` of a failed production holds.",
        ),
        switch(
            "changed_request",
            &["forbidden", "conflict"],
            "The answer to a known `issuerRequestId` with other content.",
        ),
        switch(
            "unknown_card",
            &["accept", "not-found"],
            "Whether a card must be registered before it is ordered.",
        ),
        switch(
            "canceled_status",
            &["failed", "successful"],
            "The operation's status when production was cancelled.",
        ),
        switch(
            "name",
            &["embossing", "latin"],
            "The alphabet of printed names.",
        ),
        switch(
            "pan_check_digit",
            &["check", "ignore"],
            "Whether the card number's check digit is checked.",
        ),
        switch(
            "card_product_id",
            &["required", "optional"],
            "Whether `cardProductId` must be present.",
        ),
        switch(
            "done_when",
            &["released", "taken"],
            "What `CARD_PROD_DONE` waits for.",
        ),
        switch(
            "unauthorized_body",
            &["with-code", "message-only"],
            "The body of a 401 for a token that is not valid.",
        ),
        Field::default(
            "rate_limit",
            Shape::Any(&[Shape::Word(&["off"]), Shape::Count]),
            "off",
            "Orders per second and issuer before D1 answers 429.",
        ),
    ],
};

/// Reads `d1_rules:` over the present rules.
pub(crate) fn read(reader: &mut Reader, node: &Node, rules: &mut D1Rules) {
    let fields = reader.fields(node, &D1_RULES);
    let mut written = match serde_json::to_value(&*rules) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    for field in D1_RULES.fields {
        let Some(node) = fields.get(field.name) else {
            continue;
        };
        let value = match field.shape {
            Shape::Word(words) => reader.text(node, "a word").and_then(|text| {
                let known = words.contains(&text);
                if !known {
                    reader.not_a_word(node, text, &format!("a value of `{}:`", field.name), words);
                }
                known.then(|| Value::from(text))
            }),
            _ => rate_limit(reader, node),
        };
        if let Some(value) = value {
            written.insert(field.name.to_owned(), value);
        }
    }
    if let Ok(read) = serde_json::from_value(Value::Object(written)) {
        *rules = read;
    }
}

fn rate_limit(reader: &mut Reader, node: &Node) -> Option<Value> {
    match reader.text(node, "a rate")? {
        "off" => Some(Value::Null),
        _ => reader.count(node, 1..=u32::MAX).map(Value::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_of_the_contract_has_its_words_and_its_default_here() {
        let rules = serde_json::to_value(D1Rules::default()).unwrap();
        let rules = rules.as_object().unwrap();
        assert_eq!(rules.len(), D1_RULES.fields.len());
        for field in D1_RULES.fields {
            let Shape::Word(words) = field.shape else {
                continue;
            };
            assert_eq!(rules[field.name], words[0]);
            for word in words {
                let one = serde_json::json!({ field.name: word });
                assert!(
                    serde_json::from_value::<D1Rules>(one).is_ok(),
                    "{}: {word}",
                    field.name
                );
            }
            let other = serde_json::json!({ field.name: "other" });
            let error = serde_json::from_value::<D1Rules>(other)
                .unwrap_err()
                .to_string();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
            assert_eq!(error.matches('`').count() / 2 - 1, words.len(), "{error}");
        }
    }
}
