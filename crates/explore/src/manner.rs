//! In which manner a law is broken, whoever broke it with whatever.
//!
//! Two breaches of one law can have nothing to do with each other. What they say differs in names, serial numbers and counts, too, so a
//! manner is the sentence without these: "the book of … says … picked, the count says …".

/// Stands for what may differ.
const ANY: &str = "…";
/// A name with a digit that is nobody's own.
const D1: &str = "D1";

/// The manner of a breach that says this, in a world in which these names are somebody's own.
pub(crate) fn manner(how: &str, names: &[String]) -> String {
    let mut counted = false;
    let words = how.split(' ').map(|word| {
        let one = if counted {
            single(word)
        } else {
            word.to_owned()
        };
        counted = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
        bare(&one, names)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What was counted, as one of it: whether it was one, two or none makes no other manner.
fn single(word: &str) -> String {
    let core = word.trim_end_matches(|c: char| !c.is_alphanumeric());
    let is_plural = core.len() > 3 && !core.ends_with("ss");
    match core.strip_suffix('s') {
        Some(one) if is_plural => format!("{one}{}", &word[core.len()..]),
        _ => word.to_owned(),
    }
}

/// A word, without what may differ; what stands around it stays.
fn bare(word: &str, names: &[String]) -> String {
    let is_mark = |c: char| !c.is_alphanumeric();
    let core = word.trim_matches(is_mark);
    let core = core.strip_suffix("'s").unwrap_or(core);
    let differs = core != D1
        && (core.bytes().any(|b| b.is_ascii_digit()) || names.iter().any(|name| name == core));
    if differs {
        word.replacen(core, ANY, 1)
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_differ_is_left_away_and_all_else_stays() {
        let names = ["alice".to_owned(), "BRANCH-1".to_owned()];
        for (how, wanted) in [
            (
                "the book of KIOSK-1 says 3 picked, the count says 10",
                "the book of … says … picked, the count says …",
            ),
            (
                "S-00017 is the card of alice and in the hand of visitor",
                "… is the card of … and in the hand of visitor",
            ),
            (
                "D1 says CARD_PROD_DONE, and the issuer heard otherwise",
                "D1 says CARD_PROD_DONE, and the issuer heard otherwise",
            ),
            (
                "BRANCH-1 has used 1 blank, and 1 pass",
                "… has used … blank, and … pass",
            ),
            (
                "BRANCH-1 has used 12 blanks, and 2 was",
                "… has used … blank, and … was",
            ),
            ("8e1f-22: BRANCH-1's job (alice)", "…: …'s job (…)"),
        ] {
            assert_eq!(manner(how, &names), wanted);
        }
    }
}
