//! What really happened in the printer, for a journal: blanks, cards, ribbon, conditions.

use persotwin_contract::ids::OperationId;
use persotwin_link::{Condition, Place, Serial};

use crate::environment::TroubleId;
use crate::face::Side;
use crate::progress::Progress;

/// Something that happened to the hardware, in the order of happening. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A blank or card lies somewhere else.
    Moved {
        /// Which.
        serial: Serial,
        /// Where it was.
        from: Place,
        /// Where it is.
        to: Place,
        /// The job that picked it.
        job: Option<OperationId>,
    },
    /// The stripe was written, or written in part.
    Encoded {
        /// Which card.
        serial: Serial,
        /// How much of it.
        written: Progress,
    },
    /// A side was printed, or printed in part.
    Printed {
        /// Which card.
        serial: Serial,
        /// Which side.
        side: Side,
        /// How much of it.
        printed: Progress,
    },
    /// An operator put blanks into a hopper.
    Refilled {
        /// Which hopper, from 1.
        hopper: u8,
        /// How many blanks.
        blanks: u32,
    },
    /// An operator put in another ribbon.
    RibbonChanged {
        /// Panel sets on it.
        panel_sets: u32,
    },
    /// The cards of the reject bin were taken out.
    BinEmptied {
        /// Which.
        serials: Vec<Serial>,
    },
    /// A trouble that was handed in has struck.
    Struck(TroubleId),
    /// Something is not as it should be.
    Raised(Condition),
    /// It is as it should be again.
    Cleared(Condition),
}
