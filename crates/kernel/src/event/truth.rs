//! Blanks and cards, as they really are.

use std::collections::BTreeSet;

use persotwin_link::device::PrinterState;
use persotwin_link::stock::StockName;
use persotwin_link::{Place, Serial};
use serde::Serialize;

use super::{About, Content, Defect, Essence};

/// A blank or a card, as it really is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Truth {
    /// The job on whose behalf it happened, by the label of the printer's action.
    #[serde(flatten)]
    pub about: About,
    /// What happened.
    #[serde(flatten)]
    pub what: Physical,
}

/// What happens to plastic.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(
    tag = "what",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum Physical {
    /// Blanks were put into a hopper.
    Loaded {
        /// Which hopper, from 1.
        hopper: u8,
        /// Which blanks.
        stock: StockName,
        /// How many.
        count: u32,
    },
    /// A blank or card moved.
    Moved {
        /// Which.
        serial: Serial,
        /// From where.
        from: Place,
        /// To where.
        to: Place,
    },
    /// The printer changed its state.
    Printer {
        /// Idle, processing or stopped.
        state: PrinterState,
    },
    /// The chip in the reader woke up.
    ChipReset {
        /// Of which card.
        serial: Serial,
    },
    /// A command and its answer, secrets masked.
    Apdu {
        /// Of which card.
        serial: Serial,
        /// The command, hexadecimal, secrets as `**`.
        command: String,
        /// The answer, hexadecimal, secrets as `**`.
        answer: String,
    },
    /// Keys of a card lie on the chip for the first time: from here on it is live, personalised or not.
    KeysLoaded {
        /// Of which card.
        serial: Serial,
    },
    /// The chip is personalised.
    Personalised {
        /// Of which card.
        serial: Serial,
        /// What is on it.
        essence: Essence,
    },
    /// The stripe was written.
    Encoded {
        /// Of which card.
        serial: Serial,
        /// What is on it.
        essence: Essence,
    },
    /// A side was printed.
    Printed {
        /// Of which card.
        serial: Serial,
        /// Which side.
        side: CardSide,
        /// What can be read on it; none for a side that shows no number.
        #[serde(skip_serializing_if = "Option::is_none")]
        essence: Option<Essence>,
    },
    /// When all was quiet, a copy of the finished card was read and paid with, its stripe and its print were read. From the world, not
    /// from hardware: machines know nothing of it.
    Examined {
        /// Which card.
        serial: Serial,
        /// What is wrong with it; nothing for a good card.
        defects: BTreeSet<Defect>,
        /// What can be read of it.
        content: Content,
    },
}

/// A side of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardSide {
    /// With chip and number.
    Front,
    /// With stripe and signature panel.
    Back,
}
