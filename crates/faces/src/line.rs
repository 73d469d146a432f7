//! One line of text.

use std::fmt;

use crate::markup::Escaped;
use crate::typeface::{Typeface, Typefaces};

/// A line of text, placed. Lengths are in millimetres.
#[derive(Clone)]
pub(crate) struct Line<'a> {
    pub(crate) text: &'a str,
    pub(crate) typeface: Typeface,
    /// The size of the type.
    pub(crate) size: f64,
    /// What is added behind each character.
    pub(crate) tracking: f64,
    /// Where its baseline begins, or ends.
    pub(crate) at: (f64, f64),
    pub(crate) anchor: Anchor,
}

/// Which end of a line lies where it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    End,
}

impl Line<'_> {
    /// The same line, made smaller until it is at most so wide.
    pub(crate) fn within(mut self, width: f64, typefaces: &Typefaces) -> Self {
        let count = f64::from(u32::try_from(self.text.chars().count()).unwrap_or(u32::MAX));
        let own = typefaces.width(self.typeface, self.text) * self.size + count * self.tracking;
        if own > width {
            let share = width / own;
            self.size *= share;
            self.tracking *= share;
        }
        self
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            text,
            typeface,
            size,
            tracking,
            at: (x, y),
            anchor,
        } = self;
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::End => r#" text-anchor="end""#,
        };
        writeln!(
            f,
            r#"<text xml:space="preserve" x="{x:.3}" y="{y:.3}" {typeface} font-size="{size:.3}" letter-spacing="{tracking:.3}"{anchor}>{}</text>"#,
            Escaped(text)
        )
    }
}

impl Line<'_> {
    /// The height of the middle of its capitals.
    pub(crate) fn middle(&self) -> f64 {
        // Capitals of all our typefaces are about 0.71 high at size 1.
        self.at.1 - self.size * 0.355
    }
}
