//! How text for people looks: its width, its colours, where its lines break.

/// How text for people looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether there are colours.
    pub color: Color,
    /// How many characters a line may have; below 40 counts as 40.
    pub width: usize,
}

/// Whether the reader is a terminal that shows colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    /// Text only.
    #[default]
    Plain,
    /// With terminal escape sequences.
    Ansi,
}

impl Default for Style {
    /// Plain, 80 characters wide.
    fn default() -> Self {
        Self {
            color: Color::Plain,
            width: 80,
        }
    }
}

/// What a piece of text is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// A title or a name.
    Title,
    /// The number of a step.
    Step,
    /// Times and what goes without saying.
    Quiet,
    /// As everybody wishes.
    Good,
    /// Something is in the way.
    Trouble,
    /// It went wrong.
    Bad,
}

impl Tone {
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Title => Some("1"),
            Self::Step => Some("1;36"),
            Self::Quiet => Some("2"),
            Self::Good => Some("32"),
            Self::Trouble => Some("33"),
            Self::Bad => Some("1;31"),
        }
    }
}

impl Style {
    /// The width that is really used.
    pub(crate) fn columns(&self) -> usize {
        self.width.max(40)
    }

    /// A text in its colour. Padding belongs before: escape sequences have no width.
    pub(crate) fn paint(&self, tone: Tone, text: &str) -> String {
        match (self.color, tone.code()) {
            (Color::Ansi, Some(code)) if !text.trim().is_empty() => {
                format!("\x1b[{code}m{text}\x1b[0m")
            }
            _ => text.to_owned(),
        }
    }
}

/// A text in lines of at most `width` characters, broken between words; a longer word is broken inside.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for (index, part) in letters.chunks(width).enumerate() {
            let last = lines.last_mut().map_or(0, |line| line.chars().count());
            let gap = usize::from(last > 0 && index == 0);
            match lines.last_mut() {
                Some(line) if last + gap + part.len() <= width => {
                    line.push_str(&" ".repeat(gap));
                    line.extend(part);
                }
                _ => lines.push(part.iter().collect()),
            }
        }
    }
    lines
}

/// Printable text on one line: names come from scenario files, and escape sequences in them are nobody's wish.
pub(crate) fn tame(text: &str) -> String {
    let tame = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(tame).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(
            wrapped("onetwothree four", 4),
            ["onet", "woth", "ree", "four"]
        );
        assert_eq!(wrapped("", 10), [""]);
    }

    #[test]
    fn colours_come_only_when_asked() {
        let ansi = Style {
            color: Color::Ansi,
            width: 80,
        };
        assert_eq!(ansi.paint(Tone::Good, "ok"), "\x1b[32mok\x1b[0m");
        assert_eq!(ansi.paint(Tone::Plain, "ok"), "ok");
        assert_eq!(Style::default().paint(Tone::Bad, "no"), "no");
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_no_letter_is_lost(text in "\\PC{0,200}", width in 1_usize..60) {
            let lines = wrapped(&text, width);
            prop_assert!(lines.iter().all(|line| line.chars().count() <= width));
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
