//! The reference of the language, `LANGUAGE.md`, written from the same description that the reader and the schema use.

use std::fmt::Write as _;

use crate::faults::tables;
use crate::grammar::{Field, Presence, Section, Shape};
use crate::order::ORDER;
use crate::scenario::SCENARIO;
use crate::tenant::TENANT;

/// The reference as Markdown.
pub fn reference() -> String {
    let mut page = Page {
        text: GROUND_RULES.to_owned(),
        done: Vec::new(),
        waiting: Vec::new(),
    };
    for (title, section) in [
        ("A scenario's file", &SCENARIO),
        ("A tenant's file", &TENANT),
    ] {
        let _ = writeln!(page.text, "## {title}\n");
        page.waiting.push(section);
        while !page.waiting.is_empty() {
            let section = page.waiting.remove(0);
            page.section(section);
        }
    }
    page.text.push_str(&tables::all());
    page.text.trim_end().to_owned() + "\n"
}

/// What holds everywhere, before the sections.
const GROUND_RULES: &str = "\
## What holds everywhere

The language is ours, version 1, and is written in YAML: one document per file, without anchors, aliases and tags.

- A duration has a unit: `250ms`, `90s`, `1m 30s`, `4m`, `2h`, `30d`.
- Digits are read from the text, whatever YAML makes of them: `01` and `\"01\"` are the same, `0612` stays `0612`.
- A key may be written with `_` for `-`. It may be written once.
- `alice:` with nothing behind it is `alice: {}`.
- All mistakes of a file are shown at once, each with its line, its column, what was expected and the nearest known name.
- Card numbers and keys are masked wherever a file is quoted: `411111******1111`.

Each customer asks for one card. What a scenario expects is judged when the story has ended; an expectation that cannot come
true, because the file itself says otherwise, is a mistake of the file.

";

struct Page {
    text: String,
    done: Vec<&'static str>,
    waiting: Vec<&'static Section>,
}

impl Page {
    fn section(&mut self, section: &'static Section) {
        if self.done.contains(&section.name) {
            return;
        }
        self.done.push(section.name);
        let mut name = section.name.to_owned();
        name[..1].make_ascii_uppercase();
        let _ = writeln!(self.text, "### {name}\n\n{}\n", section.doc);
        let _ = writeln!(
            self.text,
            "| key | value | without it | meaning |\n|---|---|---|---|"
        );
        for field in section.fields {
            self.field(field);
        }
        self.text.push('\n');
    }

    fn field(&mut self, field: &Field) {
        let without = match field.presence {
            Presence::Required => "a mistake".to_owned(),
            Presence::Optional => "-".to_owned(),
            Presence::Default(text) => format!("`{text}`"),
        };
        let line = format!(
            "| `{}` | {} | {without} | {} |",
            field.name,
            told(&field.shape),
            field.doc
        );
        // A bar inside a cell would end it.
        let cells = line
            .replace("`000000|cvv|000000`", "`000000\\|cvv\\|000000`")
            .replace("`|`", "`\\|`");
        let _ = writeln!(self.text, "{cells}");
        self.wait_for(&field.shape);
    }

    fn wait_for(&mut self, shape: &Shape) {
        match shape {
            Shape::Section(section) => self.waiting.push(section),
            Shape::Catalogue(section) => self.waiting.push(section()),
            Shape::List(shape) | Shape::Names { value: shape, .. } => self.wait_for(shape),
            Shape::Any(shapes) => shapes.iter().for_each(|shape| self.wait_for(shape)),
            Shape::Text
            | Shape::Form(..)
            | Shape::Count
            | Shape::Duration
            | Shape::Word(_)
            | Shape::Json => {}
        }
    }
}

/// A shape in words.
fn told(shape: &Shape) -> String {
    match shape {
        Shape::Text => "text".to_owned(),
        Shape::Form(what, _) => (*what).to_owned(),
        Shape::Count => "a whole number".to_owned(),
        Shape::Duration => "a duration".to_owned(),
        Shape::Word(words) => words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", "),
        Shape::Section(section) if std::ptr::eq(*section, &raw const ORDER) => {
            "fields and values".to_owned()
        }
        Shape::Section(section) => format!("{}, see below", section.name),
        Shape::Catalogue(section) => format!("{}, see below", section().name),
        Shape::List(item) => format!("a list of: {}", told(item)),
        Shape::Names { what, value, .. } => format!("by {what}: {}", told(value)),
        Shape::Any(shapes) => shapes.iter().map(told).collect::<Vec<_>>().join("; or "),
        Shape::Json => "any value, or `absent`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/LANGUAGE.md");
        if std::env::var_os("PERSOTWIN_WRITE_REFERENCE").is_some() {
            std::fs::write(path, reference()).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap();
        assert!(
            written == reference(),
            "write LANGUAGE.md anew: PERSOTWIN_WRITE_REFERENCE=1 cargo test -p persotwin-scenario"
        );
    }
}
