//! Values of the scenario language as they stand in a file, and how they are written.

use std::fmt::{self, Write};

/// A value of the language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A word, a number with its unit, a text.
    Scalar(String),
    /// Several, in their order.
    List(Vec<Value>),
    /// Keys with values, in their order.
    Map(Settings),
}

/// Keys with values, in their order; a key stands in it once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings(Vec<(String, Value)>);

impl Value {
    /// A scalar of whatever can be told.
    pub fn of(value: impl fmt::Display) -> Self {
        Self::Scalar(value.to_string())
    }

    /// Its text, if it is a scalar.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Scalar(text) => Some(text),
            Self::List(_) | Self::Map(_) => None,
        }
    }

    /// Whether a scalar anywhere in it has this text, or names it as the station of a machine or a link.
    pub fn mentions(&self, name: &str) -> bool {
        match self {
            Self::Scalar(text) => text == name || text.split(['/', ' ']).any(|part| part == name),
            Self::List(items) => items.iter().any(|item| item.mentions(name)),
            Self::Map(settings) => settings.mentions(name),
        }
    }
}

impl Settings {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a key, at its old place or at the end.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        let value = value.into();
        match self.get_mut(key) {
            Some(old) => *old = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    /// The same with a key set.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.set(key, value);
        self
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0
            .iter_mut()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// The text of a key's scalar.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) {
        self.0.retain(|(name, _)| name != key);
    }

    /// Keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    /// How many keys.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a value in it mentions a name: see [`Value::mentions`].
    pub fn mentions(&self, name: &str) -> bool {
        self.0.iter().any(|(_, value)| value.mentions(name))
    }
}

impl From<Settings> for Value {
    fn from(settings: Settings) -> Self {
        Self::Map(settings)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Scalar(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Scalar(text)
    }
}

impl From<u32> for Value {
    fn from(count: u32) -> Self {
        Self::of(count)
    }
}

impl From<persotwin_link::Span> for Value {
    fn from(span: persotwin_link::Span) -> Self {
        Self::of(span)
    }
}

impl FromIterator<(String, Value)> for Settings {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(all: I) -> Self {
        let mut settings = Self::new();
        for (key, value) in all {
            settings.set(&key, value);
        }
        settings
    }
}

/// On one line, as flow style has it: `{ at: 30s }`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(text) => f.write_str(&scalar(text)),
            Self::List(items) => {
                f.write_str("[")?;
                for (n, item) in items.iter().enumerate() {
                    let comma = if n == 0 { "" } else { ", " };
                    write!(f, "{comma}{item}")?;
                }
                f.write_str("]")
            }
            Self::Map(settings) => write!(f, "{settings}"),
        }
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("{}");
        }
        f.write_str("{ ")?;
        for (n, (key, value)) in self.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{key}: {value}")?;
        }
        f.write_str(" }")
    }
}

/// A scalar as YAML reads it back: bare where that is safe, else in double quotes.
pub fn scalar(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b" ._/%+-".contains(&b);
    let first = text.bytes().next();
    let last = text.bytes().last();
    let safe = first.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'/')
        && last.is_some_and(|b| b != b' ')
        && text.bytes().all(plain);
    if safe {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                // A string takes all that is written.
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_and_lists_stand_on_one_line() {
        let when = Settings::new().with("at", "30s");
        let item = Settings::new()
            .with("fault", "late")
            .with("when", when)
            .with("list", Value::List(vec!["a".into(), "b".into()]));
        assert_eq!(
            item.to_string(),
            "{ fault: late, when: { at: 30s }, list: [a, b] }"
        );
        assert_eq!(Settings::new().to_string(), "{}");
    }

    #[test]
    fn what_yaml_would_misread_is_quoted() {
        for (text, written) in [
            ("KIOSK-PS-101", "KIOSK-PS-101"),
            ("d1.orders poll", "d1.orders poll"),
            ("https://login.example/", "\"https://login.example/\""),
            ("", "\"\""),
            ("-5", "\"-5\""),
            ("a: b", "\"a: b\""),
            ("say \"so\"", "\"say \\\"so\\\"\""),
            ("trailing ", "\"trailing \""),
        ] {
            assert_eq!(scalar(text), written);
        }
    }

    #[test]
    fn a_name_is_found_in_machines_and_links() {
        let item = Settings::new().with("machine", "agent/KIOSK-1");
        assert!(item.mentions("KIOSK-1"));
        assert!(!item.mentions("KIOSK"));
        let when = Settings::new().with("when", Settings::new().with("customer", "alice"));
        assert!(when.mentions("alice"));
    }
}
