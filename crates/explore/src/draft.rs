//! A scenario as values: what is drawn from a seed, shrunk, and written into a file.
//!
//! The text is the one way into a world: a draft is written, the text is read as any file is, and what was read lives. So the file
//! that `explore --show` prints tells the same story.

use std::fmt::Write;
use std::io;
use std::path::Path;

use persotwin_faults::{Behaviour, Law};
use persotwin_scenario::{Diagnostic, Plan};

use crate::value::{Settings, Value, scalar};

/// A scenario, part by part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The title.
    pub name: String,
    /// The story.
    pub about: String,
    /// Where all chance comes from.
    pub seed: u64,
    /// Protections that are switched off.
    pub behaviour: Vec<Behaviour>,
    /// What holds for the whole world: `horizon`, `d1_rules`, `d1`, `issuer`, `link-latency`, `products`, …
    pub settings: Settings,
    /// By station.
    pub stations: Settings,
    /// By customer.
    pub customers: Settings,
    /// By branch.
    pub staff: Settings,
    /// Each with its `id`.
    pub faults: Vec<Settings>,
    /// What operators and staff do.
    pub operator: Vec<Settings>,
    /// What the last line says to whoever reads the file; nothing to the world.
    pub hint: Option<String>,
}

/// Laws that a fault can break by itself, whatever machines do about it; which breaches those are, the laws know.
fn breaks(fault: &Settings) -> &'static [Law] {
    let fault = fault.text("fault").and_then(persotwin_faults::entry);
    fault.map_or(&[], |entry| entry.breaks)
}

impl Draft {
    /// Nobody wants a card, and nothing goes wrong.
    pub fn empty(seed: u64) -> Self {
        Self {
            name: format!("A world of seed {seed}"),
            about: String::new(),
            seed,
            behaviour: Vec::new(),
            settings: Settings::new(),
            stations: Settings::new(),
            customers: Settings::new(),
            staff: Settings::new(),
            faults: Vec::new(),
            operator: Vec::new(),
            hint: None,
        }
    }

    /// The file.
    pub fn to_text(&self) -> String {
        let mut text = String::from("persotwin: 1\n");
        let mut line = |key: &str, value: &str| {
            // A string takes all that is written.
            let _ = writeln!(text, "{key}: {value}");
        };
        line("name", &scalar(&self.name));
        if !self.about.is_empty() {
            line("about", &prose(&self.about));
        }
        line("seed", &self.seed.to_string());
        if !self.behaviour.is_empty() {
            let words = self.behaviour.iter().map(|one| Value::of(one.word()));
            line("behaviour", &Value::List(words.collect()).to_string());
        }
        for (key, value) in self.settings.iter() {
            line(key, &value.to_string());
        }
        named(&mut text, "stations", &self.stations);
        named(&mut text, "customers", &self.customers);
        named(&mut text, "staff", &self.staff);
        listed(&mut text, "faults", &self.faults);
        listed(&mut text, "operator", &self.operator);
        let allowed = self.allowed();
        if !allowed.is_empty() {
            let _ = writeln!(text, "expect: {allowed}");
        }
        if let Some(hint) = &self.hint {
            let _ = writeln!(text, "# {hint}");
        }
        text
    }

    /// What is no finding in such a world. Orders may end in doubt where cards go out at once or `CARD_PROD_DONE` waits for the customer;
    /// a law may break that a fault itself breaks.
    pub(crate) fn allowed(&self) -> Settings {
        let mut allowed = Settings::new();
        let at_once = self.stations.mentions("at-once");
        let rules = self.settings.get("d1_rules");
        let waits = rules.is_some_and(|rules| rules.mentions("taken"));
        if at_once || waits {
            allowed.set("in-doubt", "any");
        }
        let laws: Settings = self
            .faults
            .iter()
            .flat_map(breaks)
            .map(|law| (law.to_string(), Value::from("may-break")))
            .collect();
        if !laws.is_empty() {
            allowed.set("laws", laws);
        }
        allowed
    }

    /// What its file says when it is read.
    ///
    /// # Errors
    /// The mistakes of the file: a draft can say what no world can be.
    pub fn plan(&self) -> Result<Plan, Vec<Diagnostic>> {
        let none = |_: &Path| Err(io::ErrorKind::NotFound.into());
        persotwin_scenario::parse("explored.yaml", &self.to_text(), &none)
    }

    /// How many lines its file has.
    pub fn lines(&self) -> usize {
        self.to_text().lines().count()
    }

    /// The ids of faults.
    pub fn fault_ids(&self) -> impl Iterator<Item = &str> {
        self.faults.iter().filter_map(|fault| fault.text("id"))
    }

    /// The names of whoever and whatever is somebody's own in it.
    pub fn names(&self) -> Vec<String> {
        let all = [&self.customers, &self.stations, &self.staff];
        all.into_iter().flat_map(names).collect()
    }

    /// The same without whatever mentions a name: faults, actions and customers that hang on what is taken away.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut draft = self.clone();
        draft.customers.remove(name);
        draft.stations.remove(name);
        draft.staff.remove(name);
        // What an item is, and what it is called itself, mentions nobody.
        let own = |key: &str| matches!(key, "fault" | "does" | "id");
        let hangs = |item: &Settings| {
            let mut others = item.iter().filter(|(key, _)| !own(key));
            others.any(|(_, value)| value.mentions(name))
        };
        let gone: Vec<String> = draft
            .faults
            .iter()
            .filter(|fault| hangs(fault))
            .filter_map(|fault| fault.text("id").map(str::to_owned))
            .collect();
        draft.faults.retain(|fault| !hangs(fault));
        draft.operator.retain(|action| !hangs(action));
        let customers: Vec<String> = draft
            .customers
            .iter()
            .filter(|(_, customer)| customer.mentions(name))
            .map(|(customer, _)| customer.to_owned())
            .collect();
        gone.into_iter()
            .chain(customers)
            .fold(draft, |draft, name| draft.without(&name))
    }
}

/// A text of several sentences, which needs no quotes as long as nothing in it looks like YAML.
fn prose(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b" ._/%+-,'()".contains(&b);
    let safe = text.bytes().all(plain)
        && text
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric());
    if safe { text.to_owned() } else { scalar(text) }
}

fn named(text: &mut String, section: &str, all: &Settings) {
    if all.is_empty() {
        return;
    }
    let _ = writeln!(text, "{section}:");
    for (name, value) in all.iter() {
        let _ = writeln!(text, "  {name}: {value}");
    }
}

fn listed(text: &mut String, section: &str, all: &[Settings]) {
    if all.is_empty() {
        return;
    }
    let _ = writeln!(text, "{section}:");
    for item in all {
        let _ = writeln!(text, "  - {item}");
    }
}

/// The names of a section.
pub(crate) fn names(section: &Settings) -> Vec<String> {
    section.keys().map(str::to_owned).collect()
}

/// The map of a named entry, to change it.
pub(crate) fn entry<'a>(section: &'a mut Settings, name: &str) -> Option<&'a mut Settings> {
    match section.get_mut(name) {
        Some(Value::Map(settings)) => Some(settings),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        let mut draft = Draft::empty(7);
        draft.settings.set("horizon", "12h");
        draft
            .stations
            .set("KIOSK-1", Settings::new().with("blanks", 5));
        draft.stations.set("KIOSK-2", Settings::new());
        for (name, station) in [("alice", "KIOSK-1"), ("bob", "KIOSK-2")] {
            draft
                .customers
                .set(name, Settings::new().with("station", station));
        }
        let at = Settings::new().with("at", "30s");
        let fault = Settings::new()
            .with("fault", "cover-opens")
            .with("id", "cover-opens")
            .with("station", "KIOSK-2")
            .with("when", at)
            .with("may-miss", "true");
        draft.faults.push(fault);
        let action = Settings::new()
            .with("does", "close-cover")
            .with("station", "KIOSK-2")
            .with("after", "cover-opens");
        draft.operator.push(action);
        draft
    }

    #[test]
    fn what_is_written_is_read() {
        let plan = draft().plan().unwrap();
        assert_eq!(plan.seed, 7);
        assert_eq!(plan.customers.len(), 2);
        assert_eq!(plan.faults[0].fault.name(), "cover-opens");
        assert_eq!(plan.actions.len(), 1);
    }

    #[test]
    fn with_a_station_goes_what_hangs_on_it() {
        let left = draft().without("KIOSK-2");
        assert_eq!(names(&left.stations), ["KIOSK-1"]);
        assert_eq!(names(&left.customers), ["alice"]);
        assert!(left.faults.is_empty() && left.operator.is_empty());
        assert!(left.plan().is_ok());
    }

    #[test]
    fn a_title_and_a_story_that_look_like_yaml_are_quoted() {
        let mut draft = draft();
        draft.name = "A: b".to_owned();
        draft.about = "One thing: another. # Not a comment.".to_owned();
        let plan = draft.plan().unwrap();
        assert_eq!(plan.name, draft.name);
        assert_eq!(plan.about.as_deref(), Some(draft.about.as_str()));
    }
}
