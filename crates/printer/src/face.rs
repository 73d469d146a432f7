//! What is printed on one side of a card, as data: which field, how much of it.
//!
//! The head prints along the card's length, from the left edge to the right, so a print that stops
//! half way shows the left half of everything (ours; printers differ). Where the fields stand is
//! ours too, and only used to tell how much of each can be read.

use std::fmt;

use persotwin_link::jobs::Layout;
use serde::{Deserialize, Serialize};

use crate::progress::Progress;

/// A side of the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The side with the chip.
    Front,
    /// The side with the stripe.
    Back,
}

impl Side {
    /// The other one.
    #[must_use]
    pub fn turned(self) -> Self {
        match self {
            Self::Front => Self::Back,
            Self::Back => Self::Front,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Front => "front",
            Self::Back => "back",
        })
    }
}

/// A printed side: what was to be printed, and how much of it was. `Debug` shows no field.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Face {
    /// What was to be printed; which fields are on this side is in [`Face::fields`].
    layout: Layout,
    /// How much was printed, in thousandths of the card's length.
    printed: Progress,
}

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

impl Field {
    /// From where to where it reaches, in thousandths of the card's length from the left.
    fn extent(self) -> (u16, u16) {
        match self {
            Self::Artwork => (0, 1000),
            Self::Pan => (80, 920),
            Self::Expiry => (420, 560),
            Self::Name | Self::SecondName | Self::CustomLine(_) => (80, 700),
            Self::Cvv2 => (780, 880),
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
    /// How much of it is there.
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

impl Face {
    /// A side that was printed so far.
    pub fn new(layout: Layout, printed: Progress) -> Self {
        Self { layout, printed }
    }

    /// What was to be printed.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// How much of the side was printed.
    pub fn printed(&self) -> Progress {
        self.printed
    }

    /// The fields of this side, each with how much of it is there. A field without text is not
    /// printed.
    pub fn fields(&self, side: Side) -> Vec<PrintedField<'_>> {
        let layout = &self.layout;
        let mut fields = vec![(Field::Artwork, layout.artwork.as_str())];
        match side {
            Side::Front => {
                fields.push((Field::Pan, &layout.pan));
                fields.push((Field::Expiry, &layout.expiry));
                fields.push((Field::Name, &layout.name));
                fields.extend(
                    layout
                        .second_name
                        .as_deref()
                        .map(|name| (Field::SecondName, name)),
                );
                let lines = layout.custom_lines.iter().enumerate();
                fields.extend(lines.map(|(n, line)| (Field::CustomLine(n), line.as_str())));
            }
            Side::Back => fields.push((Field::Cvv2, &layout.cvv2)),
        }
        let printed = |(field, text): (Field, _)| {
            let (start, end) = field.extent();
            PrintedField {
                field,
                text,
                printed: self.printed.within(start, end),
            }
        };
        fields
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(printed)
            .collect()
    }

    /// Whether everything was printed.
    pub fn is_whole(&self) -> bool {
        self.printed == Progress::WHOLE
    }
}

impl fmt::Debug for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Face({}, {} permille)",
            self.layout.artwork,
            self.printed.permille()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::layout;

    #[test]
    fn a_half_printed_front_shows_half_a_number_and_no_verification_value() {
        let face = Face::new(layout(), Progress::try_from(500).unwrap());
        let fields = face.fields(Side::Front);
        let part = |field| {
            fields
                .iter()
                .find(|f| f.field == field)
                .map(|f| f.printed.permille())
        };
        assert_eq!(part(Field::Pan), Some(500));
        assert_eq!(part(Field::Expiry), Some(571));
        assert_eq!(part(Field::Artwork), Some(500));
        assert_eq!(part(Field::SecondName), None);
        assert_eq!(part(Field::Cvv2), None);
        assert!(!face.is_whole());
    }

    #[test]
    fn the_back_carries_the_verification_value() {
        let face = Face::new(layout(), Progress::WHOLE);
        let fields = face.fields(Side::Back);
        assert_eq!(fields.len(), 2);
        assert_eq!((fields[1].field, fields[1].text), (Field::Cvv2, "123"));
        assert_eq!(fields[1].printed, Progress::WHOLE);
        let shown = format!("{face:?} {fields:?}");
        assert!(!shown.contains("4111") && !shown.contains("123"), "{shown}");
    }
}
