//! YAML text to a tree with places. The only module that knows the YAML library, behind one function, [`read`].

use std::ops::Range;
use std::sync::Arc;

use serde_saphyr::granit_parser::{
    ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span,
};

use crate::diagnostic::Diagnostic;
use crate::node::{Entry, Key, Node, Quoting, Value};
use crate::source::Source;

/// Deeper than any scenario, far from the depth that a stack minds.
const DEPTH: usize = 32;

/// The tree of the file's one document, or why it cannot be read.
pub(crate) fn read(source: &Arc<Source>) -> Result<Node, Diagnostic> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    let parser = Parser::new_from_str_with_options(source.text(), options);
    let mut builder = Builder {
        source,
        open: Vec::new(),
        root: None,
    };
    for next in parser {
        let (event, span) = next.map_err(|error| builder.syntax(&error))?;
        builder.take(event, &span)?;
    }
    Ok(builder.root.unwrap_or(Node {
        span: 0..0,
        value: Value::Empty,
    }))
}

struct Builder<'a> {
    source: &'a Arc<Source>,
    open: Vec<Open>,
    root: Option<Node>,
}

/// A collection whose end has not been seen.
enum Open {
    List {
        start: usize,
        items: Vec<Node>,
    },
    Map {
        start: usize,
        entries: Vec<Entry>,
        key: Option<Key>,
    },
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Diagnostic> {
        let range = span.byte_range().unwrap_or_default();
        if event.tag().is_some() {
            return Err(foreign(
                self.source,
                range,
                "a tag",
                "say what it is by its key",
            ));
        }
        match event {
            Event::Scalar(text, style, _, _) => {
                let quoting = match style {
                    ScalarStyle::Plain => Quoting::Plain,
                    _ => Quoting::Quoted,
                };
                let value = match (text.as_ref(), quoting) {
                    ("" | "~" | "null", Quoting::Plain) => Value::Empty,
                    _ => Value::Scalar(text.into_owned(), quoting),
                };
                self.finish(Node {
                    span: self.trim(range),
                    value,
                })
            }
            Event::SequenceStart(..) => self.open(
                Open::List {
                    start: range.start,
                    items: Vec::new(),
                },
                range,
            ),
            Event::MappingStart(..) => self.open(
                Open::Map {
                    start: range.start,
                    entries: Vec::new(),
                    key: None,
                },
                range,
            ),
            Event::SequenceEnd | Event::MappingEnd => self.close(&range),
            Event::Alias(_) => Err(foreign(
                self.source,
                range,
                "an alias",
                "write the value out",
            )),
            Event::DocumentStart(..) if self.root.is_some() => Err(foreign(
                self.source,
                range,
                "a second document",
                "one file holds one document",
            )),
            _ => Ok(()),
        }
    }

    fn open(&mut self, open: Open, range: Range<usize>) -> Result<(), Diagnostic> {
        if self.open.len() >= DEPTH {
            return Err(foreign(
                self.source,
                range,
                "such deep nesting",
                "nothing here lies deeper than a few levels",
            ));
        }
        self.open.push(open);
        Ok(())
    }

    fn close(&mut self, range: &Range<usize>) -> Result<(), Diagnostic> {
        let node = match self.open.pop() {
            Some(Open::List { start, items }) => Node {
                span: self.trim(start..range.end),
                value: Value::List(items),
            },
            Some(Open::Map { start, entries, .. }) => Node {
                span: self.trim(start..range.end),
                value: Value::Map(entries),
            },
            None => return Ok(()),
        };
        self.finish(node)
    }

    /// A node is whole: it goes where it belongs.
    fn finish(&mut self, node: Node) -> Result<(), Diagnostic> {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, .. }) => match key.take() {
                Some(key) => entries.push(Entry {
                    value: placed(node, &key),
                    key,
                }),
                None => *key = Some(as_key(self.source, node)?),
            },
        }
        Ok(())
    }

    /// Block collections end where the next thing begins: without the blanks, comments and line breaks between.
    fn trim(&self, range: Range<usize>) -> Range<usize> {
        let mut text = self.source.slice(&range);
        loop {
            text = text.trim_end();
            let line_start = text.rfind('\n').map_or(0, |at| at + 1);
            if line_start == 0 || !text[line_start..].trim_start().starts_with('#') {
                break;
            }
            text = &text[..line_start];
        }
        range.start..range.start + text.len()
    }

    fn syntax(&self, error: &ScanError) -> Diagnostic {
        let start = error.marker().byte_offset().unwrap_or_default();
        let rest = self.source.text().get(start..).unwrap_or_default();
        let length = rest.lines().next().unwrap_or_default().trim_end().len();
        let mistake = Diagnostic::new(
            Arc::clone(self.source),
            start..start + length,
            "this is not YAML",
            error.info().to_lowercase(),
        );
        match hint(error.kind()) {
            Some(hint) => mistake.help(hint),
            None => mistake,
        }
    }
}

/// What people most often meant.
fn hint(kind: &ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::MappingValueNotAllowed => Some("text with a colon in it is written in quotes"),
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation => Some("indent with blanks"),
        ErrorKind::ExpectedFlowMappingSeparator => {
            Some("look for a missing `}` or comma before this")
        }
        ErrorKind::ExpectedFlowSequenceSeparator => {
            Some("look for a missing `]` or comma before this")
        }
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation => {
            Some("keys of one mapping begin in the same column")
        }
        _ => None,
    }
}

/// Nothing stands nowhere: what is said of it is said of its key.
fn placed(mut node: Node, key: &Key) -> Node {
    if node.value == Value::Empty && node.span.is_empty() {
        node.span = key.span.clone();
    }
    node
}

fn as_key(source: &Arc<Source>, node: Node) -> Result<Key, Diagnostic> {
    match node.value {
        Value::Scalar(text, _) => Ok(Key {
            text,
            span: node.span,
        }),
        _ => Err(foreign(
            source,
            node.span,
            "a key that is no word",
            "a key is a word, followed by a colon",
        )),
    }
}

fn foreign(source: &Arc<Source>, span: Range<usize>, what: &str, label: &str) -> Diagnostic {
    Diagnostic::new(
        Arc::clone(source),
        span,
        format!("{what} is not part of this language"),
        label,
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn source(text: &str) -> Arc<Source> {
        Arc::new(Source::new("a.yaml", text))
    }

    #[test]
    fn keys_and_values_keep_their_places_and_their_digits() {
        let source = source("a: 0612\nb:\n  - \"01\"\n  - { c: ~ }\n# end\nd:\n");
        let node = read(&source).unwrap();
        let Value::Map(entries) = &node.value else {
            panic!("{node:?}")
        };
        assert_eq!(source.slice(&entries[0].key.span), "a");
        assert_eq!(
            entries[0].value.value,
            Value::Scalar("0612".into(), Quoting::Plain)
        );
        assert_eq!(
            source.slice(&entries[1].value.span),
            "- \"01\"\n  - { c: ~ }"
        );
        let Value::List(items) = &entries[1].value.value else {
            panic!("{node:?}")
        };
        assert_eq!(source.slice(&items[0].span), "\"01\"");
        assert_eq!(items[0].value, Value::Scalar("01".into(), Quoting::Quoted));
        assert_eq!(source.slice(&items[1].span), "{ c: ~ }");
        assert_eq!(entries[2].value.value, Value::Empty);
    }

    #[test]
    fn what_the_language_lacks_is_refused_by_name() {
        for (text, title) in [
            ("a: &x 1\nb: *x\n", "an alias is not part of this language"),
            ("a: !t 1\n", "a tag is not part of this language"),
            (
                "a: 1\n---\nb: 2\n",
                "a second document is not part of this language",
            ),
            (
                "[a]: 1\n",
                "a key that is no word is not part of this language",
            ),
            (
                &format!("{}{}", "[".repeat(40), "]".repeat(40)),
                "such deep nesting is not part of this language",
            ),
            ("a: [1, 2\n", "this is not YAML"),
            ("a: b: c\n", "this is not YAML"),
        ] {
            assert_eq!(read(&source(text)).unwrap_err().title, title, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[a-z0-9 :\\-\\[\\]{}#&*!|>'\"%@`,?~\n\té]{0,60}") {
            let _ = read(&source(&text));
        }
    }
}
