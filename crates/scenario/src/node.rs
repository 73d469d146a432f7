//! The raw tree of a file: every key and every value with its place, nothing judged yet.
//!
//! Scalars are text. Whether `0612` is a number is decided by whoever asks for one.

use std::ops::Range;

use crate::grammar::canonical;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

/// What stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Nothing at all, as in `alice:`.
    Empty,
    /// Some text.
    Scalar(String, Quoting),
    /// `[a, b]`, or one per line.
    List(Vec<Node>),
    /// `{ a: b }`, or one per line; the same key may occur twice here.
    Map(Vec<Entry>),
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoting {
    /// As it is.
    Plain,
    /// In quotes, or as a block of text.
    Quoted,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: Key,
    pub(crate) value: Node,
}

/// The text of a key and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
}

impl Node {
    /// What it is, with an article, for sentences.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Empty => "nothing",
            Value::Scalar(..) => "a value",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

impl Node {
    /// A key and what stands behind it, when this is a mapping that has it.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        let Value::Map(entries) = &self.value else {
            return None;
        };
        entries.iter().find(|entry| entry.key.text == key)
    }

    /// What stands behind a key, when this is a mapping that has it.
    pub(crate) fn child(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Whether this is a mapping whose first key is that one.
    pub(crate) fn begins_with(&self, key: &str) -> bool {
        match &self.value {
            Value::Map(entries) => entries
                .first()
                .is_some_and(|entry| canonical(&entry.key.text) == key),
            _ => false,
        }
    }

    /// Whether this is a mapping with that key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.child(key).is_some()
    }
}
