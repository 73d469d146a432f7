//! What is printed on one side of a card, as data: how much of each panel, which field, and what is wrong with it.
//!
//! A print is one pass for each panel of the ribbon, and each pass lays its panel along the card's length, from the left edge to
//! the right (ours; printers differ). So a print that stops in its third pass shows yellow and magenta everywhere, cyan on the left
//! part, and no text at all: text is black, and black comes fourth.
//!
//! | room | holds |
//! |---|---|
//! | [`laid`] | how much of each panel |
//! | [`field`] | what stands where |
//! | [`flaw`] | shifted lines, scratches, dead lines |

pub mod field;
pub mod flaw;
pub mod laid;

use std::collections::BTreeSet;
use std::fmt;

use persotwin_link::jobs::Layout;
use persotwin_link::stock::{Panel, RibbonKind};
use serde::{Deserialize, Serialize};

pub use field::{Extent, Field, PrintedField};
pub use flaw::{Flaw, Shift, Spot};
pub use laid::Laid;

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

    /// The panels that a ribbon lays on it.
    pub fn panels(self, ribbon: RibbonKind) -> &'static [Panel] {
        match self {
            Self::Front => ribbon.front(),
            Self::Back => ribbon.back(),
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

/// A printed side: what was to be printed, how much of it was, and what spoils it. `Debug` shows no field.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Face {
    /// What was to be printed; which fields are on this side is in [`Face::fields`].
    layout: Layout,
    /// How much of each panel was laid.
    panels: Laid,
    /// What is wrong with it, in no particular order.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    flaws: BTreeSet<Flaw>,
}

impl Face {
    /// A side without flaws.
    pub fn new(layout: Layout, panels: Laid) -> Self {
        Self {
            layout,
            panels,
            flaws: BTreeSet::new(),
        }
    }

    /// The same with a flaw more.
    #[must_use]
    pub fn with(mut self, flaw: Flaw) -> Self {
        self.flaws.insert(flaw);
        self
    }

    /// What was to be printed.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// How much of each panel was laid.
    pub fn panels(&self) -> &Laid {
        &self.panels
    }

    /// What is wrong with it.
    pub fn flaws(&self) -> impl Iterator<Item = &Flaw> {
        self.flaws.iter()
    }

    /// How much of the whole print was done, all panels together.
    pub fn printed(&self) -> Progress {
        self.panels.progress()
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
        fields
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(field, text)| PrintedField {
                field,
                text,
                printed: self.printed_of(field),
            })
            .collect()
    }

    fn printed_of(&self, field: Field) -> Progress {
        let room = field.extent();
        match field {
            Field::Artwork => self.printed(),
            Field::Pan
            | Field::Expiry
            | Field::Name
            | Field::SecondName
            | Field::CustomLine(_)
            | Field::Cvv2 => self.panels.of(Panel::Black).within(room.left, room.right),
        }
    }

    /// The text of a field of this side, if somebody who looks at the card can read it: it is
    /// wholly there, and no flaw hits it.
    pub fn legible(&self, side: Side, field: Field) -> Option<&str> {
        let clear = !self.flaws.iter().any(|flaw| flaw.hits(field));
        let mut fields = self.fields(side).into_iter();
        let whole = |it: &PrintedField<'_>| it.field == field && it.printed == Progress::WHOLE;
        clear
            .then(|| fields.find(whole).map(|it| it.text))
            .flatten()
    }

    /// Whether everything was printed, and nothing is wrong with it.
    pub fn is_good(&self) -> bool {
        self.panels.is_whole() && self.flaws.is_empty()
    }
}

impl fmt::Debug for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Face")
            .field("artwork", &self.layout.artwork)
            .field("panels", &self.panels)
            .field("flaws", &self.flaws)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::layout;

    fn front(permille: u16) -> Face {
        let progress = Progress::try_from(permille).unwrap();
        Face::new(layout(), Laid::so_far(&Panel::ALL, progress))
    }

    #[test]
    fn a_print_that_stops_in_its_fourth_pass_shows_half_a_number() {
        let face = front(700);
        let fields = face.fields(Side::Front);
        let part = |field| {
            fields
                .iter()
                .find(|f| f.field == field)
                .map(|f| f.printed.permille())
        };
        assert_eq!(part(Field::Pan), Some(500));
        assert_eq!(part(Field::Expiry), Some(571));
        assert_eq!(part(Field::Artwork), Some(700));
        assert_eq!(part(Field::SecondName), None);
        assert_eq!(part(Field::Cvv2), None);
        assert!(!face.is_good());
    }

    #[test]
    fn a_print_that_stops_before_black_shows_no_text() {
        let face = front(599);
        assert_eq!(face.panels().of(Panel::Cyan).permille(), 995);
        assert_eq!(face.legible(Side::Front, Field::Pan), None);
        assert!(face.fields(Side::Front)[1].printed == Progress::NONE);
    }

    #[test]
    fn what_no_flaw_hits_can_be_read() {
        let line = Field::Pan;
        let by = Shift::SLIP;
        let face = front(1000).with(Flaw::ShiftedLine { line, by });
        assert_eq!(face.legible(Side::Front, Field::Pan), None);
        assert_eq!(face.legible(Side::Front, Field::Name), Some("ALICE MARTIN"));
        assert!(!face.is_good() && face.panels().is_whole());
        // The overlay is missing: text stands, but the card is not good.
        let bare = front(800);
        assert!(bare.legible(Side::Front, Field::Pan).is_some() && !bare.is_good());
    }

    #[test]
    fn the_back_carries_the_verification_value() {
        let back = Side::Back.panels(RibbonKind::Ymckok);
        let face = Face::new(layout(), Laid::whole(back));
        let fields = face.fields(Side::Back);
        assert_eq!(fields.len(), 2);
        assert_eq!((fields[1].field, fields[1].text), (Field::Cvv2, "123"));
        assert_eq!(fields[1].printed, Progress::WHOLE);
        assert_eq!(face.legible(Side::Back, Field::Cvv2), Some("123"));
        assert_eq!(face.legible(Side::Front, Field::Cvv2), None);
        let shown = format!("{face:?} {fields:?}");
        assert!(!shown.contains("4111") && !shown.contains("123"), "{shown}");
    }

    #[test]
    fn a_face_goes_to_a_file_and_back() {
        let across = Progress::try_from(300).unwrap();
        let face = front(500).with(Flaw::DeadLine { across });
        let json = serde_json::to_value(&face).unwrap();
        assert_eq!(json["panels"]["cyan"], 500);
        assert_eq!(json["flaws"][0]["flaw"], "dead-line");
        assert_eq!(serde_json::from_value::<Face>(json).unwrap(), face);
    }
}
