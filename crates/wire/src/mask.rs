//! What people may see of a body: everything but secrets, by the face that it went through.

use persotwin_link::Face;
use serde_json::Value;

/// Members that hold secrets, on whatever face.
const SECRET: [&str; 25] = [
    "access_token",
    "answer",
    "assertion",
    "client_secret",
    "command",
    "cvv",
    "cvv1",
    "cvv2",
    "dgis",
    "encodedName",
    "encryptedData",
    "encrypted_data",
    "exp",
    "expiry",
    "name",
    "pan",
    "pin",
    "pinBlock",
    "productionData",
    "pvv",
    "secondName",
    "track1",
    "track2",
    "track3",
    "d",
];

/// Longer bodies are none of ours: somebody makes them long to see what becomes of it, again and again.
const LONGEST: usize = 64 * 1024;

/// A body as journals, HAR files and pages show it: JSON and forms member by member with secrets replaced, anything else by its size,
/// and so what is longer than 64 KiB.
pub fn masked(face: &Face, content_type: Option<&str>, body: &[u8]) -> Option<Value> {
    let by_size = || Value::String(format!("({} bytes)", body.len()));
    if body.is_empty() {
        return None;
    }
    if body.len() > LONGEST {
        return Some(by_size());
    }
    let form = *face == Face::Token
        && content_type.is_some_and(|t| t.starts_with("application/x-www-form"));
    let value = if form {
        None
    } else {
        serde_json::from_slice::<Value>(body).ok()
    };
    Some(match value {
        Some(mut value) => {
            mask(&mut value);
            value
        }
        None if form => Value::String(mask_form(body)),
        None => by_size(),
    })
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                mask_member(name, value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::String(text) if looks_like_a_pan(text) => *text = hidden(text),
        Value::Number(number) if looks_like_a_pan(&number.to_string()) => {
            *value = Value::String(hidden(&number.to_string()));
        }
        _ => {}
    }
}

fn mask_member(name: &str, value: &mut Value) {
    match value {
        Value::String(text) if SECRET.contains(&name) => *text = hidden(text),
        Value::Array(items) if SECRET.contains(&name) => {
            *value = Value::String(format!("({} items)", items.len()));
        }
        other => mask(other),
    }
}

fn hidden(text: &str) -> String {
    format!("({} characters)", text.chars().count())
}

/// A text with every long run of digits replaced.
pub(crate) fn without_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut digits = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        shown.push_str(if digits.len() >= 12 {
            "(digits)"
        } else {
            &digits
        });
        digits.clear();
        shown.push(c);
    }
    shown.pop();
    shown
}

/// Twelve digits or more in a row, blanks and hyphens between them or not.
fn looks_like_a_pan(text: &str) -> bool {
    let mut run = 0;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => run += 1,
            b' ' | b'-' => {}
            _ => run = 0,
        }
        if run >= 12 {
            return true;
        }
    }
    false
}

fn mask_form(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mask_pair = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if SECRET.contains(&name) => format!("{name}={}", hidden(value)),
        _ => pair.to_owned(),
    };
    text.split('&').map(mask_pair).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(body: &str) -> String {
        masked(&Face::Orders, Some("application/json"), body.as_bytes())
            .unwrap()
            .to_string()
    }

    #[test]
    fn secrets_are_hidden_and_the_rest_is_seen() {
        assert_eq!(
            json(
                r#"{"persoStation":"KIOSK-PS-101","encryptedData":"ey.ab.c","trackData":{"track2":"x"}}"#
            ),
            r#"{"encryptedData":"(7 characters)","persoStation":"KIOSK-PS-101","trackData":{"track2":"(1 characters)"}}"#
        );
    }

    #[test]
    fn a_card_number_is_hidden_wherever_it_hides() {
        assert_eq!(
            json(r#"{"note":["4111 1111 1111 1111"]}"#),
            r#"{"note":["(19 characters)"]}"#
        );
        assert_eq!(
            json(r#"{"note":4111111111111111}"#),
            r#"{"note":"(16 characters)"}"#
        );
    }

    #[test]
    fn an_assertion_in_a_form_is_hidden() {
        let form = masked(
            &Face::Token,
            Some("application/x-www-form-urlencoded"),
            b"grant_type=g&assertion=abc",
        );
        assert_eq!(form.unwrap(), "grant_type=g&assertion=(3 characters)");
    }

    #[test]
    fn a_path_shows_no_card_number() {
        let path = "/physicalCards/4111111111111111/operations:production?x=4111111111111111";
        assert_eq!(
            without_numbers(path),
            "/physicalCards/(digits)/operations:production?x=(digits)"
        );
        assert_eq!(
            without_numbers("/cards/card-12345678901?from=0"),
            "/cards/card-12345678901?from=0"
        );
    }

    #[test]
    fn what_is_no_json_is_only_counted() {
        assert_eq!(json("4111111111111111 oops"), "\"(21 bytes)\"");
    }

    #[test]
    fn what_is_very_long_is_only_counted() {
        let of = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
        assert_eq!(json(&of(LONGEST)), of(LONGEST));
        assert_eq!(json(&of(LONGEST + 1)), "\"(65537 bytes)\"");
    }
}
