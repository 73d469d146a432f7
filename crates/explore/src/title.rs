//! A title and a story in two sentences for a world that went wrong.

use persotwin_faults::entry;

use crate::draft::Draft;
use crate::life::{Lived, Wrong};
use crate::value::{Settings, Value};

/// Writes title and story into a draft.
pub(crate) fn tell(draft: &mut Draft, lived: &Lived, wrong: &Wrong) {
    let faults: Vec<&str> = draft
        .faults
        .iter()
        .filter_map(|fault| fault.text("fault"))
        .collect();
    draft.name = name(wrong, &faults);
    draft.about = format!("{} {}", what_happens(&faults), what_follows(lived, wrong));
}

/// What is wrong, and after what.
fn name(wrong: &Wrong, faults: &[&str]) -> String {
    let after = if faults.is_empty() {
        "without any fault".to_owned()
    } else {
        format!("after {}", faults.join(" and "))
    };
    match wrong {
        Wrong::Law { law, .. } => format!("Broken {law} {after}"),
        Wrong::NeverEnds => format!("No end {after}"),
        Wrong::Fails(_) => format!("A machine fails {after}"),
    }
}

/// A naive machine is to break laws: a copy of the file that stays says which it breaks until its story has come to its end.
pub(crate) fn hint(draft: &mut Draft, law: &str, whole: &Lived) {
    let mut expect = draft.allowed();
    let instead = if expect.is_empty() {
        "with this line"
    } else {
        "with this line in place of the one before"
    };
    let mut laws = match expect.get("laws") {
        Some(Value::Map(laws)) => laws.clone(),
        _ => Settings::new(),
    };
    for law in whole.laws().chain([law]) {
        laws.set(law, "broken");
    }
    expect.set("laws", laws);
    draft.hint = Some(format!(
        "For a library of scenarios, {instead}: expect: {expect}"
    ));
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
    let finding = lived.finding_of(wrong).or(lived.finding.as_ref());
    match finding {
        Some(finding) => format!("Then {}.", finding.how),
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
    fn the_title_says_what_is_wrong_and_after_what() {
        assert_eq!(name(&Wrong::NeverEnds, &[]), "No end without any fault");
        let law = Wrong::Law {
            law: "one-card".to_owned(),
            manner: String::new(),
        };
        assert_eq!(
            name(&law, &["crash", "twice"]),
            "Broken one-card after crash and twice"
        );
    }

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
