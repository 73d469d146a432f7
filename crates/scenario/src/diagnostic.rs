//! What is wrong, shown as a compiler shows it. Syntax mistakes, semantic mistakes and failed expectations all look alike.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::mask::mask;
use crate::source::{Position, Source};

/// Something in a file that is not as it should be.
///
/// Its texts never hold a card number or a key: [`render`] masks what looks like one, in the quoted file too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file.
    pub source: Arc<Source>,
    /// The bytes to underline.
    pub span: Range<usize>,
    /// What is wrong, a lowercase fragment.
    pub title: String,
    /// What stands beside the underlined text: what was expected there.
    pub label: String,
    /// What to write instead.
    pub help: Option<String>,
    /// What else one should know.
    pub notes: Vec<String>,
}

/// Whether the output goes to a terminal that shows colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text only.
    Plain,
    /// With terminal escape sequences.
    Color,
}

impl Diagnostic {
    /// A mistake with a label, and neither help nor notes.
    pub fn new(
        source: Arc<Source>,
        span: Range<usize>,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        Self {
            source,
            span,
            title: title.into(),
            label: label.into(),
            help: None,
            notes: Vec::new(),
        }
    }

    /// With help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With another note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Where the underlined text begins.
    pub fn position(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// The underlined text on one line; a list that is written one item a line becomes `[a, b]`.
    pub fn underlined(&self) -> String {
        let lines: Vec<&str> = self
            .source
            .slice(&self.span)
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        let items: Option<Vec<&str>> = lines.iter().map(|line| line.strip_prefix("- ")).collect();
        mask(&match items {
            Some(items) if !items.is_empty() => format!("[{}]", items.join(", ")),
            _ => lines.join(" "),
        })
    }

    /// `file:line:column: title`, for machines that want one line.
    pub fn one_line(&self) -> String {
        let Position { line, column } = self.position();
        mask(&format!(
            "{}:{line}:{column}: {}",
            self.source.path(),
            self.title
        ))
    }

    /// What is wrong with it, for programs: `what`, `expected`, `line`, `column`, and `help` and `notes` where there are some.
    pub fn to_json(&self) -> serde_json::Value {
        let Position { line, column } = self.position();
        let mut value = serde_json::json!({
            "what": mask(&self.title), "expected": mask(&self.label), "line": line, "column": column,
        });
        if let Some(help) = &self.help {
            value["help"] = mask(help).into();
        }
        if !self.notes.is_empty() {
            value["notes"] = self.notes.iter().map(|note| mask(note)).collect();
        }
        value
    }
}

/// All of them, in the given order, with a blank line between two.
pub fn render(diagnostics: &[Diagnostic], style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Color => Renderer::styled(),
    };
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{}", render_one(&renderer, diagnostic));
    }
    out
}

fn render_one(renderer: &Renderer, diagnostic: &Diagnostic) -> String {
    // A line break at the end gives a mistake at the very end of the file a place to be shown.
    let text = mask(diagnostic.source.text());
    let span = diagnostic.source.fit(&diagnostic.span);
    let label = mask(&diagnostic.label);
    let annotation = AnnotationKind::Primary.span(span);
    let annotation = if label.is_empty() {
        annotation
    } else {
        annotation.label(label)
    };
    let snippet = Snippet::source(text)
        .path(diagnostic.source.path())
        .annotation(annotation);
    let mut group: Group<'_> = Level::ERROR
        .primary_title(mask(&diagnostic.title))
        .element(snippet);
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(mask(note)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(mask(help)));
    }
    renderer.render(&[group])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Diagnostic {
        let source = Arc::new(Source::new("a.yaml", "name: x\npan: 4111111111111112\n"));
        Diagnostic::new(
            source,
            13..29,
            "the check digit of 4111111111111112 is wrong",
            "expected another digit",
        )
        .note("a PAN ends in a check digit")
        .help("leave `pan:` away")
    }

    #[test]
    fn it_looks_like_a_compiler_and_masks_card_numbers() {
        let expected = "\
error: the check digit of 411111******1112 is wrong
 --> a.yaml:2:6
  |
2 | pan: 411111******1112
  |      ^^^^^^^^^^^^^^^^ expected another digit
  |
  = note: a PAN ends in a check digit
  = help: leave `pan:` away
";
        assert_eq!(render(&[sample()], Style::Plain), expected);
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let colored = render(&[sample()], Style::Color);
        assert!(colored.contains("\u{1b}["));
        assert!(!colored.contains("1111111"));
    }

    #[test]
    fn the_underlined_text_is_one_line_and_masked() {
        assert_eq!(sample().underlined(), "411111******1112");
        for (text, line) in [
            ("taken", "taken"),
            ("[a,\n  b]", "[a, b]"),
            ("- a\n    - b\n", "[a, b]"),
            ("", ""),
        ] {
            let source = Arc::new(Source::new("a.yaml", text));
            let diagnostic = Diagnostic::new(source, 0..text.len(), "x", "y");
            assert_eq!(diagnostic.underlined(), line);
        }
    }

    #[test]
    fn one_line_names_the_place() {
        assert_eq!(
            sample().one_line(),
            "a.yaml:2:6: the check digit of 411111******1112 is wrong"
        );
    }
}
