//! Text as it may stand in SVG.

use std::fmt::{self, Write};

/// Text from outside, with XML's marks escaped. What XML 1.0 cannot hold at all becomes U+FFFD.
#[derive(Clone, Copy)]
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&apos;")?,
                // Line ends and tabulators are valid XML, and no text of one line.
                '\u{FFFE}' | '\u{FFFF}' => f.write_char(char::REPLACEMENT_CHARACTER)?,
                c if c.is_control() => f.write_char(char::REPLACEMENT_CHARACTER)?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_escaped_and_nothing_else_changes() {
        let shown = |text| Escaped(text).to_string();
        assert_eq!(shown("É. O'BRIEN"), "É. O&apos;BRIEN");
        assert_eq!(shown("</text><script>"), "&lt;/text&gt;&lt;script&gt;");
        assert_eq!(shown("A&B \"C\""), "A&amp;B &quot;C&quot;");
        assert_eq!(
            shown("a\u{0}b\u{1b}c\u{ffff}"),
            "a\u{fffd}b\u{fffd}c\u{fffd}"
        );
    }
}
