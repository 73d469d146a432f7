//! A title and a story in two sentences for a world that went wrong.

use persotwin_faults::entry;

use crate::draft::Draft;
use crate::life::{Lived, Wrong};

/// Writes title and story into a draft.
pub(crate) fn tell(draft: &mut Draft, lived: &Lived, wrong: &Wrong) {
    let faults: Vec<&str> = draft
        .faults
        .iter()
        .filter_map(|fault| fault.text("fault"))
        .collect();
    let after = if faults.is_empty() {
        "nothing that went wrong before".to_owned()
    } else {
        faults.join(" and ")
    };
    draft.name = match wrong {
        Wrong::Law(law) => format!("Broken {law} after {after}"),
        Wrong::NeverEnds => format!("No end after {after}"),
        Wrong::Fails(_) => format!("A machine fails after {after}"),
    };
    draft.about = format!("{} {}", what_happens(&faults), what_follows(lived, wrong));
}

/// The faults, each by the catalogue's sentence, as one sentence.
fn what_happens(faults: &[&str]) -> String {
    let sentences = faults.iter().filter_map(|name| entry(name));
    let parts: Vec<&str> = sentences
        .map(|entry| entry.sentence().trim_end_matches('.'))
        .collect();
    match parts.split_first() {
        None => "Nothing goes wrong by itself.".to_owned(),
        Some((first, [])) => format!("{first}."),
        Some((first, others)) => {
            let others: Vec<String> = others.iter().map(|part| lower(part)).collect();
            format!("{first}, and {}.", others.join(", and "))
        }
    }
}

fn what_follows(lived: &Lived, wrong: &Wrong) -> String {
    let breach = lived.told.iter().flat_map(|told| &told.breaches);
    let how = breach
        .filter(|breach| Wrong::Law(breach.law.to_owned()) == *wrong)
        .map(|breach| breach.how.clone())
        .next();
    let how = how.or_else(|| lived.finding.as_ref().map(|finding| finding.how.clone()));
    match how {
        Some(how) => format!("Then {how}."),
        None => "Then it is as if nothing had been.".to_owned(),
    }
}

/// With a small first letter, unless the word is a name like D1's.
fn lower(sentence: &str) -> String {
    let mut chars = sentence.chars();
    let (first, second) = (chars.next(), sentence.chars().nth(1));
    match (first, second) {
        (Some(first), Some(second)) if !second.is_ascii_digit() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => sentence.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_tells_what_happens() {
        assert_eq!(
            what_happens(&["cover-opens", "twice"]),
            "Somebody opens the cover: whatever moves stops, and the message arrives twice."
        );
        assert_eq!(what_happens(&[]), "Nothing goes wrong by itself.");
        assert_eq!(lower("D1 rests"), "D1 rests");
    }
}
