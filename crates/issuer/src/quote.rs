//! Words of others that go into a journal: cut, cleaned, and without anything that could be a card number.

/// The most characters of a foreign text.
const LONGEST: usize = 160;
/// From so many digits in a row on, blanks and hyphens between them or not, a text may hold a card number.
const MANY_DIGITS: usize = 10;

/// The text as it may be shown.
pub(crate) fn quoted(text: &str) -> String {
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    let mut clean: Vec<char> = text.chars().take(LONGEST).map(shown).collect();
    let mut run = Vec::new();
    for at in 0..=clean.len() {
        match clean.get(at) {
            Some(c) if c.is_ascii_digit() => run.push(at),
            Some(' ' | '-') => {}
            _ => {
                if run.len() >= MANY_DIGITS {
                    run.iter().for_each(|&digit| clean[digit] = '*');
                }
                run.clear();
            }
        }
    }
    clean.into_iter().collect()
}

/// A word of D1's vocabulary that this issuer does not know, as it may be shown and kept: at most 64 letters, digits, `_` or `-`.
pub(crate) fn word(text: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
            c
        } else {
            '?'
        }
    };
    quoted(&text.chars().take(64).map(plain).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_and_numbers_are_not() {
        assert_eq!(quoted("services.issuance"), "services.issuance");
        assert_eq!(
            quoted("no order for card 271b-6e47"),
            "no order for card 271b-6e47"
        );
        assert_eq!(
            quoted("pan 4111 1111-11111111 bad"),
            "pan **** ****-******** bad"
        );
        assert_eq!(quoted("a\nb\u{7}"), "a b ");
        assert_eq!(quoted(&"é".repeat(500)).chars().count(), LONGEST);
        assert_eq!(word("CARD_PROD_ONGOING"), "CARD_PROD_ONGOING");
        assert_eq!(word("4111111111111111"), "****************");
        assert_eq!(word("a b\"é"), "a?b??");
    }
}
