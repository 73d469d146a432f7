//! The parts of the machine, as they are now.

use persotwin_link::device::Hatch;

use crate::environment::Lasting;

/// Doors, switches, heads and contacts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) cover: Hatch,
    pub(crate) lock: Hatch,
    /// Of the output.
    pub(crate) door: Hatch,
    pub(crate) pace: Pace,
    /// The rollers of the path, with the card between them.
    pub(crate) path: Part,
    pub(crate) bezel: Part,
    /// Something that is no card lies in the exit.
    pub(crate) exit: Room,
    /// Something that is no card fills the bin.
    pub(crate) bin: Room,
    pub(crate) writing: Head,
    pub(crate) reading: Head,
    pub(crate) camera: Part,
    pub(crate) contacts: Part,
    pub(crate) reader: Part,
}

/// Whether the printer takes up new movements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Pace {
    #[default]
    Working,
    Paused,
}

/// Whether a part does what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Part {
    #[default]
    Works,
    Fails,
}

/// Whether something strange lies in a place for cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Room {
    #[default]
    Free,
    Blocked,
}

/// A head of the stripe encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Head {
    #[default]
    Good,
    Bad(Lasting),
}

impl Head {
    /// Uses it once; whether it did well.
    pub(crate) fn is_good_this_time(&mut self) -> bool {
        let good = *self == Self::Good;
        if *self == Self::Bad(Lasting::Once) {
            *self = Self::Good;
        }
        good
    }
}
