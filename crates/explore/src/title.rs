//! A title and a story in two sentences for a world that went wrong.

use std::fmt;

use persotwin_faults::{Behaviour, entry};

use crate::draft::Draft;
use crate::life::{Lived, Wrong};
use crate::value::{Settings, Value};

/// Writes title and story into a draft.
pub(crate) fn tell(draft: &mut Draft, lived: &Lived, wrong: &Wrong) {
    let causes = Causes::of(draft);
    draft.name = name(wrong, &causes);
    draft.about = format!("{causes} {}", what_follows(lived, wrong));
}

/// What a draft has that a world in which all is well has not.
#[derive(Debug, Default)]
struct Causes {
    /// Faults by name, and how many there are.
    faults: Vec<(String, usize)>,
    /// What operators do, and how many times.
    actions: Vec<(String, usize)>,
    /// What is set otherwise than usual: "d1: { patience: 0s }".
    settings: Vec<String>,
    /// Which protections are missing.
    behaviour: Vec<Behaviour>,
}

impl Causes {
    fn of(draft: &Draft) -> Self {
        let settings = draft.settings.iter().filter(|(key, _)| *key != "horizon");
        Self {
            faults: counted(&draft.faults, "fault"),
            actions: counted(&draft.operator, "does"),
            settings: settings
                .map(|(key, value)| format!("{key}: {value}"))
                .collect(),
            behaviour: draft.behaviour.clone(),
        }
    }
}

/// Each word once, where it comes first, and how many there are.
fn counted(all: &[Settings], key: &str) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for word in all.iter().filter_map(|one| one.text(key)) {
        match counts.iter_mut().find(|(other, _)| other == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word.to_owned(), 1)),
        }
    }
    counts
}

/// "restart", "restart (3 times)".
fn times((what, count): &(String, usize)) -> String {
    match count {
        1 => what.clone(),
        count => format!("{what} ({count} times)"),
    }
}

fn joined(all: &[(String, usize)]) -> String {
    all.iter().map(times).collect::<Vec<_>>().join(" and ")
}

/// What is wrong, and after what.
fn name(wrong: &Wrong, causes: &Causes) -> String {
    let after = match causes {
        Causes { faults, .. } if !faults.is_empty() => format!("after {}", joined(faults)),
        Causes { actions, .. } if !actions.is_empty() => format!("after {}", joined(actions)),
        Causes { settings, .. } if !settings.is_empty() => "by settings alone".to_owned(),
        _ => "without any fault".to_owned(),
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

impl fmt::Display for Causes {
    /// Which protections are missing; then in a sentence the faults, by the catalogue's words, what operators do, and what is set otherwise.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentences = self.faults.iter().filter_map(|(name, count)| {
            let sentence = entry(name)?.sentence().trim_end_matches('.').to_owned();
            Some(times(&(sentence, *count)))
        });
        let mut parts: Vec<String> = sentences.collect();
        if !self.actions.is_empty() {
            parts.push(format!("Operators act: {}", joined(&self.actions)));
        }
        for behaviour in &self.behaviour {
            write!(f, "{} ", behaviour.sentence())?;
        }
        match parts.split_first() {
            Some((first, others)) => {
                f.write_str(first)?;
                for other in others {
                    write!(f, ", and {}", lower(other))?;
                }
            }
            None if self.behaviour.is_empty() => f.write_str("Nothing goes wrong by itself")?,
            None => f.write_str("Nothing else goes wrong by itself")?,
        }
        if !self.settings.is_empty() {
            write!(f, ", with {}", self.settings.join(", "))?;
        }
        f.write_str(".")
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

    fn causes(faults: &[&str], does: &[&str]) -> Causes {
        let all = |key: &str, words: &[&str]| -> Vec<Settings> {
            let one = |word: &&str| Settings::new().with(key, *word);
            words.iter().map(one).collect()
        };
        let mut draft = Draft::empty(1);
        draft.settings.set("horizon", "3d");
        draft.faults = all("fault", faults);
        draft.operator = all("does", does);
        Causes::of(&draft)
    }

    #[test]
    fn the_title_says_what_is_wrong_and_after_what() {
        let nothing = causes(&[], &[]);
        assert_eq!(
            name(&Wrong::NeverEnds, &nothing),
            "No end without any fault"
        );
        let law = Wrong::Law {
            law: "one-card".to_owned(),
            manner: String::new(),
        };
        assert_eq!(
            name(&law, &causes(&["crash", "twice", "crash"], &["restart"])),
            "Broken one-card after crash (2 times) and twice"
        );
        assert_eq!(
            name(&law, &causes(&[], &["test-print"])),
            "Broken one-card after test-print"
        );
    }

    #[test]
    fn the_story_tells_what_happens() {
        assert_eq!(
            causes(&["cover-opens", "twice"], &["test-print"]).to_string(),
            "Somebody opens the cover: whatever moves stops, and the message arrives twice, and operators act: test-print."
        );
        assert_eq!(
            causes(&[], &[]).to_string(),
            "Nothing goes wrong by itself."
        );
        assert_eq!(lower("D1 rests"), "D1 rests");
    }

    #[test]
    fn settings_are_told_where_nothing_else_is_to_blame() {
        let mut draft = Draft::empty(1);
        let patience = Settings::new().with("patience", "0s");
        draft.settings.set("d1", patience);
        let causes = Causes::of(&draft);
        assert_eq!(
            causes.to_string(),
            "Nothing goes wrong by itself, with d1: { patience: 0s }."
        );
        assert_eq!(name(&Wrong::NeverEnds, &causes), "No end by settings alone");
    }
}
