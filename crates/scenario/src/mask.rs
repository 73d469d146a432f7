//! Diagnostics quote the file, and a file may hold card numbers and keys: they are masked before anything is shown.
//!
//! Masking keeps every byte's place, so that what is underlined stays underlined.

/// Digits in a row, with single blanks or hyphens between them, that may be a card number.
const CARD_NUMBER: usize = 12;
/// Hexadecimal digits in a row that may be a key.
const KEY: usize = 24;
/// What keeps its first six and last four digits.
const SHOWN: (usize, usize) = (6, 4);
/// The private member of a JWK is longer than this.
const PRIVATE: usize = 40;
/// Keys whose values are nobody's business.
const SECRET_KEYS: [&str; 16] = [
    "secret",
    "pin",
    "cvv1",
    "cvv2",
    "pvv",
    "track1",
    "track2",
    "track3",
    "imk-ac",
    "imk-smi",
    "imk-smc",
    "cvk",
    "pvk",
    "pinBlock",
    "transport-key",
    "d",
];

/// The same text without secrets: `4111111111111111` becomes `411111******1111`.
pub(crate) fn mask(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    mask_values_of_secret_keys(text, &mut bytes);
    mask_runs(
        &mut bytes,
        |b| b.is_ascii_hexdigit(),
        |_| false,
        KEY,
        (0, 0),
    );
    mask_runs(
        &mut bytes,
        |b| b.is_ascii_digit(),
        |b| b == b' ' || b == b'-',
        CARD_NUMBER,
        SHOWN,
    );
    String::from_utf8(bytes).unwrap_or_default()
}

fn mask_runs(
    bytes: &mut [u8],
    counts: impl Fn(u8) -> bool,
    joins: impl Fn(u8) -> bool,
    least: usize,
    (head, tail): (usize, usize),
) {
    let mut at = 0;
    while at < bytes.len() {
        let mut run = Vec::new();
        let mut next = at;
        while next < bytes.len() {
            if counts(bytes[next]) {
                run.push(next);
            } else if run.is_empty()
                || !joins(bytes[next])
                || !bytes.get(next + 1).is_some_and(|b| counts(*b))
            {
                break;
            }
            next += 1;
        }
        if run.len() >= least {
            for index in &run[head..run.len() - tail] {
                bytes[*index] = b'*';
            }
        }
        at = next.max(at + 1);
    }
}

fn mask_values_of_secret_keys(text: &str, bytes: &mut [u8]) {
    for key in SECRET_KEYS {
        for (at, _) in text.match_indices(key) {
            let inside_a_word =
                text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_');
            let rest = &text[at + key.len()..];
            let Some(value) = rest.trim_start_matches(['"', '\'']).strip_prefix(':') else {
                continue;
            };
            let start = text.len() - value.len();
            let length = value.find(['\n', ',', '}']).unwrap_or(value.len());
            let written = value[..length].trim();
            let is_harmless = match key {
                "d" => written.len() < PRIVATE,
                // `pin: fetched` says where a PIN comes from, and is none.
                "pin" => !written.contains(|c: char| c.is_ascii_digit()),
                _ => false,
            };
            if inside_a_word || is_harmless {
                continue;
            }
            for byte in &mut bytes[start..start + length] {
                if !byte.is_ascii_whitespace() {
                    *byte = b'*';
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn card_numbers_keep_their_ends_only() {
        for (text, masked) in [
            ("pan: 4111111111111111", "pan: 411111******1111"),
            (
                "pan: \"4111 1111 1111 1111\"",
                "pan: \"4111 11** **** 1111\"",
            ),
            ("4222222222222", "422222***2222"),
            (
                "starts: 2026-06-17T10:00:00Z",
                "starts: 2026-06-17T10:00:00Z",
            ),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn keys_and_secrets_vanish() {
        assert_eq!(
            mask("imk-ac: 0123456789ABCDEFFEDCBA9876543210"),
            format!("imk-ac: {}", "*".repeat(32))
        );
        assert_eq!(
            mask("{ secret: hunter2, scope: a }"),
            "{ secret: *******, scope: a }"
        );
        assert_eq!(
            mask(&format!("kid: a, d: {}", "x".repeat(43))),
            format!("kid: a, d: {}", "*".repeat(43))
        );
        assert_eq!(
            mask("{ pin: fetched, stock: a }\npin: 0815"),
            "{ pin: fetched, stock: a }\npin: ****"
        );
        assert_eq!(
            mask("d: { arrives: 0s }\nkind: kiosk"),
            "d: { arrives: 0s }\nkind: kiosk"
        );
        assert_eq!(
            mask("encryptedData.cvv2: \"123\""),
            "encryptedData.cvv2: *****"
        );
    }

    proptest! {
        #[test]
        fn every_byte_keeps_its_place(text in "\\PC*") {
            prop_assert_eq!(mask(&text).len(), text.len());
        }
    }
}
