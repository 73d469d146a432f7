//! Parameters of faults and actions, taken from the file.

use persotwin_faults::entry::{Arguments, Param};
use persotwin_faults::value::{Kind, Parameter};

use crate::faults::Keys;
use crate::reader::{Reader, alternatives, shorten};

/// What is written beside a name.
pub(crate) struct Written<'r, 'n> {
    reader: &'r mut Reader,
    keys: &'r Keys<'n>,
}

impl<'r, 'n> Written<'r, 'n> {
    pub(crate) fn new(reader: &'r mut Reader, keys: &'r Keys<'n>) -> Self {
        Self { reader, keys }
    }
}

impl Arguments for Written<'_, '_> {
    fn take<T: Parameter>(&mut self, param: &'static Param) -> Option<T> {
        let Some((_, node)) = self.keys.get(&param.key()) else {
            return T::read(param.default?);
        };
        if param.kind == Kind::Span {
            self.reader.duration(node)?;
        }
        let text = self.reader.text(node, "a value")?;
        let value = T::read(text);
        if value.is_none() {
            if let Kind::Words(words) = param.kind {
                self.reader.not_a_word(node, text, &what(param), words);
            } else {
                let title = format!("`{}` is not {}", shorten(text), what(param));
                let label = format!("expected {}", expected(param.kind));
                let mistake = self.reader.mistake(&node.span, title, label);
                self.reader.report(mistake.note(param.doc));
            }
        }
        value
    }
}

fn what(param: &Param) -> String {
    format!("a value of `{}:`", param.key())
}

/// What belongs there, in words.
fn expected(kind: Kind) -> String {
    match kind {
        Kind::Span => "a number with its unit, like 90s".to_owned(),
        Kind::Count => "a whole number, like 50".to_owned(),
        Kind::FromOne => "a whole number from 1".to_owned(),
        Kind::Percent => "a share, like 50%".to_owned(),
        Kind::Text => "text".to_owned(),
        Kind::Words(words) => alternatives(words),
        Kind::SpanOr(word) => format!("a number with its unit, like 90s, or `{word}`"),
    }
}
