//! Parameters' values: what a type is called, what it looks like, and how it is read from text.

use std::fmt;
use std::num::NonZeroU32;

use persotwin_link::Span;

/// What a parameter's value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `90s`.
    Span,
    /// A whole number.
    Count,
    /// A whole number, and not 0.
    FromOne,
    /// `50%`.
    Percent,
    /// Any text.
    Text,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A duration, or this word.
    SpanOr(&'static str),
}

/// A type that a parameter can have.
pub trait Parameter: Sized {
    /// What its values look like.
    const KIND: Kind;

    /// Reads a value.
    fn read(text: &str) -> Option<Self>;
}

impl Parameter for Span {
    const KIND: Kind = Kind::Span;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Parameter for u32 {
    const KIND: Kind = Kind::Count;

    fn read(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| digits)
    }
}

impl Parameter for NonZeroU32 {
    const KIND: Kind = Kind::FromOne;

    fn read(text: &str) -> Option<Self> {
        u32::read(text).and_then(Self::new)
    }
}

impl Parameter for String {
    const KIND: Kind = Kind::Text;

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// A share, from 0 to 100 percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u8);

impl Percent {
    /// Nothing of it.
    pub const NONE: Self = Self(0);
    /// All of it.
    pub const ALL: Self = Self(100);

    /// From 0 to 100.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl Parameter for Percent {
    const KIND: Kind = Kind::Percent;

    fn read(text: &str) -> Option<Self> {
        let digits = text.strip_suffix('%')?;
        let plain = digits.bytes().all(|b| b.is_ascii_digit());
        let share = digits.parse().ok().filter(|share| *share <= 100 && plain)?;
        Some(Self(share))
    }
}

/// When a machine that went down comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// After so long.
    After(Span),
    /// Not in this story.
    Never,
}

impl Parameter for Back {
    const KIND: Kind = Kind::SpanOr("never");

    fn read(text: &str) -> Option<Self> {
        if text == "never" {
            return Some(Self::Never);
        }
        Span::read(text).map(Self::After)
    }
}

/// Nothing, or a value.
impl Parameter for Option<Span> {
    const KIND: Kind = Kind::SpanOr("none");

    fn read(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(None);
        }
        Span::read(text).map(Some)
    }
}

/// Makes an enum of words a parameter.
macro_rules! word_parameters {
    ($($name:ty),+ $(,)?) => {
        $(impl Parameter for $name {
            const KIND: Kind = Kind::Words(Self::WORDS);

            fn read(text: &str) -> Option<Self> {
                Self::of(text)
            }
        })+
    };
}

words! {
    /// Whether the handler did its work.
    Effect {
        /// The message never reached the handler.
        None = "none",
        /// The handler did its work, and only its answer is lost.
        Done = "done",
    }
}

words! {
    /// Which half of an exchange.
    Half {
        /// What the caller sent.
        Request = "request",
        /// What the callee answered.
        Answer = "answer",
    }
}

words! {
    /// Which directions of a link.
    Ways {
        /// Only from caller to callee.
        OneWay = "one-way",
        /// Whatever the two machines say to each other.
        Both = "both",
    }
}

words! {
    /// A direction on the clock.
    Direction {
        /// Later than it is.
        Ahead = "ahead",
        /// Earlier than it is.
        Behind = "behind",
    }
}

words! {
    /// A layer that a ribbon lays on a side.
    Film {
        /// Y.
        Yellow = "yellow",
        /// M.
        Magenta = "magenta",
        /// C.
        Cyan = "cyan",
        /// K, in which all text is printed.
        Black = "black",
        /// O, the clear layer that protects the others.
        Overlay = "overlay",
    }
}

words! {
    /// Until when a head does badly.
    Until {
        /// The next time it does well.
        Once = "once",
        /// Until somebody cleans it.
        Cleaned = "cleaned",
    }
}

words! {
    /// How a print is spoiled.
    Blemish {
        /// A bare line along the whole card: an element of the head is dead.
        DeadLine = "dead-line",
        /// The card slipped, and a line of text stands aside.
        ShiftedLine = "shifted-line",
        /// The black panel did not touch the card: there is no text on it.
        NoBlack = "no-black",
    }
}

words! {
    /// What counters say.
    Miscount {
        /// They start from nothing.
        Lost = "lost",
        /// A blank more was picked than really was.
        Picked = "one-picked-more",
        /// A card more was taken than really was.
        Taken = "one-taken-more",
    }
}

words! {
    /// What preparation needs and does not find.
    Lack {
        /// A key in the vault.
        Key = "key",
        /// The template of the product's data.
        Template = "template",
        /// A picture of the card's design.
        Image = "image",
    }
}

word_parameters!(
    Effect, Half, Ways, Direction, Film, Until, Blemish, Miscount, Lack
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_with_their_units() {
        assert_eq!(Percent::read("50%").map(Percent::get), Some(50));
        for wrong in ["50", "101%", "-1%", "%", "1.5%", "+5%"] {
            assert_eq!(Percent::read(wrong), None, "{wrong}");
        }
        assert_eq!(Back::read("never"), Some(Back::Never));
        assert_eq!(Back::read("3s"), Some(Back::After(Span::from_secs(3))));
        assert_eq!(Back::read("3"), None);
        assert_eq!(<Option<Span>>::read("none"), Some(None));
        assert_eq!(u32::read("+5"), None);
        assert_eq!(Ways::read("both"), Some(Ways::Both));
    }
}
