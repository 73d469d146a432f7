//! Reads the raw tree and collects every mistake on the way: a wrong value never hides the next one.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use persotwin_link::Span;

use crate::diagnostic::Diagnostic;
use crate::grammar::{Presence, Section, canonical};
use crate::nearest::nearest;
use crate::node::{Key, Node, Value};
use crate::source::Source;

/// What was read so far of one file, as mistakes.
#[derive(Debug)]
pub(crate) struct Reader {
    source: Arc<Source>,
    mistakes: Vec<Diagnostic>,
}

/// A section's keys with their values.
#[derive(Debug)]
pub(crate) struct Fields<'n> {
    section: &'static Section,
    by_name: BTreeMap<&'static str, (&'n Key, &'n Node)>,
}

impl<'n> Fields<'n> {
    /// What stands behind a key of the section.
    pub(crate) fn get(&self, name: &str) -> Option<&'n Node> {
        debug_assert!(
            self.section.field(name).is_some(),
            "{} has no {name}",
            self.section.name
        );
        self.by_name.get(name).map(|(_, node)| *node)
    }

    /// Where the key itself stands.
    pub(crate) fn key(&self, name: &str) -> Option<&'n Key> {
        self.by_name.get(name).map(|(key, _)| *key)
    }
}

impl Reader {
    pub(crate) fn new(source: &Arc<Source>) -> Self {
        Self {
            source: Arc::clone(source),
            mistakes: Vec::new(),
        }
    }

    pub(crate) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The mistakes, in the order of the text.
    pub(crate) fn into_mistakes(mut self) -> Vec<Diagnostic> {
        self.mistakes
            .sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        self.mistakes
    }

    /// Notes a mistake.
    pub(crate) fn report(&mut self, mistake: Diagnostic) {
        self.mistakes.push(mistake);
    }

    /// Mistakes of another file, or of the YAML itself.
    pub(crate) fn adopt(&mut self, mistakes: Vec<Diagnostic>) {
        self.mistakes.extend(mistakes);
    }

    /// A mistake of this file, to be completed and reported.
    pub(crate) fn mistake(
        &self,
        span: &Range<usize>,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::new(Arc::clone(&self.source), span.clone(), title, label)
    }

    /// The value is not what belongs there.
    pub(crate) fn wrong(&mut self, node: &Node, what: &str, expected: impl Display) {
        let title = match &node.value {
            Value::Scalar(text, _) => format!("`{}` is not {what}", shorten(text)),
            Value::Empty => format!("{what} is missing"),
            Value::List(_) | Value::Map(_) => format!("{} is not {what}", node.kind()),
        };
        let mistake = self.mistake(&node.span, title, format!("expected {expected}"));
        self.report(mistake);
    }

    /// Two things that exclude each other.
    pub(crate) fn conflict(
        &mut self,
        span: &Range<usize>,
        title: impl Into<String>,
        label: impl Into<String>,
        help: &str,
    ) {
        let mistake = self.mistake(span, title, label).help(help);
        self.report(mistake);
    }

    /// A mapping with the keys of a section; nothing at all counts as an empty one.
    pub(crate) fn fields<'n>(&mut self, node: &'n Node, section: &'static Section) -> Fields<'n> {
        let mut by_name = BTreeMap::new();
        let mut meant = Vec::new();
        for (key, value) in self.entries(node, section.name) {
            match section.field(&key.text) {
                Some(field) => {
                    by_name.insert(field.name, (key, value));
                }
                None => meant.extend(self.unknown_key(key, section)),
            }
        }
        let is_mapping = matches!(node.value, Value::Map(_) | Value::Empty);
        let required = section
            .fields
            .iter()
            .filter(|field| field.presence == Presence::Required);
        for field in required.filter(|_| is_mapping) {
            // A misspelt key is one mistake, not two.
            if !by_name.contains_key(field.name) && !meant.contains(&field.name) {
                let title = format!("{} needs `{}:`", section.name, field.name);
                let start = node.span.start..node.span.start;
                let mistake =
                    self.mistake(&start, title, format!("`{}:` is missing here", field.name));
                self.report(mistake.note(field.doc));
            }
        }
        Fields { section, by_name }
    }

    /// A mapping with keys of the writer's choice. Of a key that is written twice, the first one counts.
    pub(crate) fn entries<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(&'n Key, &'n Node)> {
        let entries = match &node.value {
            Value::Map(entries) => entries.as_slice(),
            Value::Empty => &[],
            _ => {
                self.wrong(node, what, "a mapping: keys, each with a colon and a value");
                &[]
            }
        };
        let mut first: BTreeMap<String, &Key> = BTreeMap::new();
        let mut unique = Vec::new();
        for entry in entries {
            if let Some(earlier) = first.get(&canonical(&entry.key.text)) {
                let line = self.source.position(earlier.span.start).line;
                let title = format!("`{}` is written twice", shorten(&entry.key.text));
                let mistake = self
                    .mistake(
                        &entry.key.span,
                        title,
                        format!("first written on line {line}"),
                    )
                    .help("remove one of the two");
                self.report(mistake);
            } else {
                first.insert(canonical(&entry.key.text), &entry.key);
                unique.push((&entry.key, &entry.value));
            }
        }
        unique
    }

    /// Reports the key; gives the name that was probably meant.
    fn unknown_key(&mut self, key: &Key, section: &'static Section) -> Option<&'static str> {
        let names = || section.fields.iter().map(|field| field.name);
        let title = format!("{} has no `{}:`", section.name, shorten(&key.text));
        let mistake = self.mistake(&key.span, title, "unknown key");
        let meant = nearest(&key.text, names());
        self.report(match meant {
            Some(name) => mistake.help(format!("did you mean `{name}`?")),
            None => mistake.note(format!(
                "known keys: {}",
                names().collect::<Vec<_>>().join(", ")
            )),
        });
        meant
    }

    /// A name that nobody has.
    pub(crate) fn unknown_name(
        &mut self,
        span: &Range<usize>,
        what: &str,
        name: &str,
        known: &[String],
    ) {
        let title = format!("there is no {what} `{}`", shorten(name));
        let mistake = self.mistake(span, title, format!("unknown {what}"));
        let mistake = match nearest(name, known.iter().map(String::as_str)) {
            Some(name) => mistake.help(format!("did you mean `{name}`?")),
            None if known.is_empty() => mistake.note(format!("this file has no {what}")),
            None => mistake.note(format!("known: {}", known.join(", "))),
        };
        self.report(mistake);
    }

    /// The items of a list.
    pub(crate) fn items<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        if let Value::List(items) = &node.value {
            return items;
        }
        self.wrong(node, what, "a list, like `[a, b]`");
        &[]
    }

    /// The text of a scalar, as it is written.
    pub(crate) fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        if let Value::Scalar(text, _) = &node.value {
            return Some(text);
        }
        self.wrong(node, what, what);
        None
    }

    /// A value that its type can read from text.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(
        &mut self,
        node: &Node,
        what: &str,
    ) -> Option<T> {
        let text = self.text(node, what)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                let title = format!("`{}` is not {what}", shorten(text));
                let mistake = self.mistake(&node.span, title, error.to_string());
                self.report(mistake);
                None
            }
        }
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(
        &mut self,
        node: &Node,
        what: &str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let text = self.text(node, what)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.not_a_word(node, text, what, &names);
        None
    }

    /// The text is none of the words.
    pub(crate) fn not_a_word(&mut self, node: &Node, text: &str, what: &str, words: &[&str]) {
        let title = format!("`{}` is not {what}", shorten(text));
        let mistake = self.mistake(
            &node.span,
            title,
            format!("expected {}", alternatives(words)),
        );
        let mistake = match nearest(text, words.iter().copied()) {
            Some(word) => mistake.help(format!("did you mean `{word}`?")),
            None => mistake,
        };
        self.report(mistake);
    }

    /// A whole number within bounds.
    pub(crate) fn count(
        &mut self,
        node: &Node,
        range: std::ops::RangeInclusive<u32>,
    ) -> Option<u32> {
        let text = self.text(node, "a count")?;
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let value = text
            .parse::<u32>()
            .ok()
            .filter(|value| digits && range.contains(value));
        if value.is_none() {
            let (least, most) = (range.start(), range.end());
            let expected = match (*least, *most) {
                (0, u32::MAX) => "a whole number, like 50".to_owned(),
                (least, u32::MAX) => format!("a whole number of at least {least}"),
                (least, most) => format!("a whole number from {least} to {most}"),
            };
            self.wrong(node, "a count", expected);
        }
        value
    }

    /// A length of time with its unit.
    pub(crate) fn duration(&mut self, node: &Node) -> Option<Span> {
        const EXPECTED: &str = "a number with its unit, like 90s, 1m 30s, 250ms or 2h";
        let text = self.text(node, "a duration")?;
        if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
            let mistake = self
                .mistake(
                    &node.span,
                    format!("`{}` has no unit", shorten(text)),
                    format!("expected {EXPECTED}"),
                )
                .help(format!("did you mean `{}s`?", shorten(text)));
            self.report(mistake);
            return None;
        }
        let plain = text
            .chars()
            .all(|c| c.is_ascii_digit() || "dhms. ".contains(c));
        let span = text.parse().ok().filter(|_| plain);
        if span.is_none() {
            self.wrong(node, "a duration", EXPECTED);
        }
        span
    }
}

/// `a`, `a or b`, `a, b or c`, each in back quotes.
pub(crate) fn alternatives(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// Enough of a text to recognise it, on one line.
pub(crate) fn shorten(text: &str) -> String {
    let text = crate::mask::mask(text);
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(41)
        .collect();
    if line.chars().count() <= 40 {
        return line;
    }
    line.chars().take(37).chain("...".chars()).collect()
}
