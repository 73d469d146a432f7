//! What can be wrong with a side although the printer laid its panels.

use serde::{Deserialize, Serialize};

use crate::face::field::{Extent, Field};
use crate::progress::Progress;

/// A place on a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Spot {
    /// Thousandths of the card's length from its left edge.
    pub along: Progress,
    /// Thousandths of the card's height from its top.
    pub across: Progress,
}

/// How far something stands aside, in thousandths of the card's length: 1 to 1000, to the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Shift(u16);

/// No shift at all, or one of more than a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a shift is 1 to 1000 thousandths of the card's length")]
pub struct NotAShift;

impl Shift {
    /// What a card slips that a roller lets go for a moment: 6 mm (ours).
    pub const SLIP: Self = Self(70);

    /// In thousandths of the card's length.
    pub fn permille(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for Shift {
    type Error = NotAShift;

    fn try_from(permille: u16) -> Result<Self, NotAShift> {
        (1..=1000)
            .contains(&permille)
            .then_some(Self(permille))
            .ok_or(NotAShift)
    }
}

impl From<Shift> for u16 {
    fn from(shift: Shift) -> Self {
        shift.0
    }
}

/// Something physically wrong with a side. A panel that is not there is no flaw but shows in [`Laid`](crate::face::Laid).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, tag = "flaw")]
pub enum Flaw {
    /// The card slipped while this line was under the head: its lower half stands aside, and nobody reads it.
    ShiftedLine {
        /// Which line.
        line: Field,
        /// How far to the right.
        by: Shift,
    },
    /// A bare straight line from one place to another, down to the plastic.
    Scratch {
        /// One end.
        from: Spot,
        /// The other.
        to: Spot,
    },
    /// It is the other side's design: the blank lay upside down.
    WrongSide,
    /// A bare line along the whole card: an element of the head is dead, or dirt lies on it.
    DeadLine {
        /// Thousandths of the card's height from its top.
        across: Progress,
    },
}

impl Flaw {
    /// Whether it makes a field illegible.
    pub fn hits(&self, field: Field) -> bool {
        let room = field.extent();
        match self {
            Self::WrongSide => true,
            Self::ShiftedLine { line, .. } => *line == field,
            Self::Scratch { from, to } => room.is_crossed(*from, *to),
            Self::DeadLine { across } => (room.top..=room.bottom).contains(&across.permille()),
        }
    }
}

impl Extent {
    /// Whether a straight line from one place to another touches it.
    fn is_crossed(self, from: Spot, to: Spot) -> bool {
        // Whoever looks at it so finely that 64 points of the line miss a field may say that it was not hit.
        const STEPS: u32 = 64;
        let at = |a: Progress, b: Progress, step: u32| {
            let (a, b) = (u32::from(a.permille()), u32::from(b.permille()));
            (a * (STEPS - step) + b * step) / STEPS
        };
        let within =
            |low: u16, value: u32, high: u16| (u32::from(low)..=u32::from(high)).contains(&value);
        (0..=STEPS).any(|step| {
            within(self.left, at(from.along, to.along, step), self.right)
                && within(self.top, at(from.across, to.across, step), self.bottom)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(along: u16, across: u16) -> Spot {
        Spot {
            along: along.try_into().unwrap(),
            across: across.try_into().unwrap(),
        }
    }

    #[test]
    fn a_scratch_hits_what_it_crosses() {
        let scratch = Flaw::Scratch {
            from: spot(100, 100),
            to: spot(500, 700),
        };
        assert!(scratch.hits(Field::Pan) && scratch.hits(Field::Expiry));
        assert!(!scratch.hits(Field::Name));
    }

    #[test]
    fn a_dead_line_hits_what_stands_at_its_height() {
        let across = 600.try_into().unwrap();
        assert!(Flaw::DeadLine { across }.hits(Field::Pan));
        assert!(!Flaw::DeadLine { across }.hits(Field::Name));
    }

    #[test]
    fn flaws_are_plain_in_a_file() {
        let flaw = Flaw::ShiftedLine {
            line: Field::Pan,
            by: Shift::SLIP,
        };
        let json = serde_json::to_value(flaw).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"flaw": "shifted-line", "line": "pan", "by": 70})
        );
        assert_eq!(serde_json::from_value::<Flaw>(json).unwrap(), flaw);
        assert_eq!(Shift::try_from(0), Err(NotAShift));
        assert_eq!(Shift::try_from(1001), Err(NotAShift));
    }
}
