//! What the agent writes into its ledger. No card data: those stay inside their JWE.

use persotwin_contract::ids::OperationId;
use persotwin_contract::production::ProductionCode;
use persotwin_link::jobs::{CaptureCause, Decision, Job};
use persotwin_link::{Condition, Serial};
use serde::{Deserialize, Serialize};

/// One fact of the agent's life. The tag is its version: another shape gets another tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
pub(crate) enum Entry {
    /// A job was taken.
    Taken { id: OperationId, job: Job },
    /// A job is not wanted any more, and never will be.
    Withdrawn { id: OperationId },
    /// A blank is about to be picked; so many had left the hoppers before, as the printer counts.
    #[serde(rename = "picking-2")]
    Picking { id: OperationId, counted: u32 },
    /// A blank left the hopper for this job that nobody ever saw: only the printer's counter tells.
    BlankLost { id: OperationId },
    /// The printer says that no blank left the hopper.
    NotFed { id: OperationId },
    /// This blank was picked.
    Picked { id: OperationId, serial: Serial },
    /// Data are about to be sent to the chip: from here on keys may lie on it.
    Loading { id: OperationId },
    /// The blank is of no use any more.
    Spoiled {
        id: OperationId,
        serial: Serial,
        condition: Condition,
    },
    /// A card was found of which nobody knows how far it had come, or one was not found where it should be.
    LostTrack {
        id: Option<OperationId>,
        serial: Serial,
    },
    /// The card is made and verified, and held inside.
    Finished { id: OperationId },
    /// The card is about to be presented.
    Presenting { id: OperationId },
    /// Nobody knows whether the card was given out, and another one is begun. No careful agent does that.
    BegunAgain { id: OperationId, serial: Serial },
    /// The card lies in the exit.
    Presented { id: OperationId },
    /// The card is about to go to the reject bin.
    Capturing { id: OperationId, end: End },
    /// The job is over.
    Over { id: OperationId, end: End },
    /// D1 has answered a report.
    Answered {
        id: OperationId,
        sequence: u32,
        decision: Decision,
    },
    /// D1 will never listen to a report. As far as this agent is concerned, it decided "capture".
    Unwanted { id: OperationId, sequence: u32 },
    /// D1 has another report under this number: an earlier life told it, and the ledger lost that. It goes out under the next one.
    Spent { id: OperationId, sequence: u32 },
    /// An operator declared blanks.
    Declared { load: String, blanks: u32 },
}

impl Entry {
    /// The job that it is about.
    pub(crate) fn id(&self) -> Option<&OperationId> {
        match self {
            Self::Taken { id, .. }
            | Self::Withdrawn { id }
            | Self::Picking { id, .. }
            | Self::BlankLost { id }
            | Self::NotFed { id }
            | Self::Picked { id, .. }
            | Self::Loading { id }
            | Self::Spoiled { id, .. }
            | Self::Finished { id }
            | Self::Presenting { id }
            | Self::BegunAgain { id, .. }
            | Self::Presented { id }
            | Self::Capturing { id, .. }
            | Self::Over { id, .. }
            | Self::Answered { id, .. }
            | Self::Unwanted { id, .. }
            | Self::Spent { id, .. } => Some(id),
            Self::LostTrack { id, .. } => id.as_ref(),
            Self::Declared { .. } => None,
        }
    }
}

/// How a job ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum End {
    /// Somebody took the card.
    Given,
    /// The finished card went to the reject bin.
    Captured(CaptureCause),
    /// There is no card.
    Failed(ProductionCode),
}
