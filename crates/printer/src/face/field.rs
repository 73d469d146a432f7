//! What stands on a side, and where.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::progress::Progress;

/// A field of a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The picture of the product.
    Artwork,
    /// The card number in groups.
    Pan,
    /// `MM/YY`.
    Expiry,
    /// The cardholder's name.
    Name,
    /// The second line of the name.
    SecondName,
    /// An extra line, from 0.
    CustomLine(usize),
    /// The three digits on the back.
    Cvv2,
}

/// Where something stands: thousandths of the card's length from its left edge, and of its height from the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Where it begins.
    pub left: u16,
    /// Where it ends.
    pub right: u16,
    /// Its upper edge.
    pub top: u16,
    /// Its lower edge.
    pub bottom: u16,
}

impl Field {
    /// The room that it has (ours): what a print that stops half way shows of it, and which scratches hit it, follows from this.
    pub fn extent(self) -> Extent {
        let (left, right, top, bottom) = match self {
            Self::Artwork => (0, 1000, 0, 1000),
            Self::Pan => (80, 920, 520, 650),
            Self::Expiry => (420, 560, 680, 760),
            Self::Name => (80, 700, 790, 860),
            Self::SecondName => (80, 700, 870, 940),
            Self::CustomLine(_) => (380, 900, 80, 300),
            Self::Cvv2 => (780, 880, 480, 580),
        };
        Extent {
            left,
            right,
            top,
            bottom,
        }
    }
}

/// A field as it stands on the card.
#[derive(Clone, PartialEq, Eq)]
pub struct PrintedField<'a> {
    /// Which.
    pub field: Field,
    /// What it says when it is whole; for artwork, its name.
    pub text: &'a str,
    /// How much of it is there: of a text, its black; of artwork, all panels together.
    pub printed: Progress,
}

impl fmt::Debug for PrintedField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PrintedField({:?}, {} permille)",
            self.field,
            self.printed.permille()
        )
    }
}
