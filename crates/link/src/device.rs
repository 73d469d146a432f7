//! Step 5: the agent and its hardware. Ours: one printer face and one chip reader face of one hardware machine.
//!
//! An action carries an id, is accepted at once, and its outcome is asked by long poll; the same id gives the same outcome.
//!
//! | call | answer |
//! |---|---|
//! | `PUT /printer/v1/{persoStation}/actions/{actionId}` with an [`ActionRequest`] | 202, once or again; 409 for another content, or when the movement is impossible now |
//! | `GET /printer/v1/{persoStation}/actions/{actionId}?wait=SECONDS` | 200 and an [`Outcome`]; 404; waits at most 60 s for another one than running |
//! | the same with `&until=exit` | the same, but running also as soon as the presented card lies in the exit |
//! | `GET /printer/v1/{persoStation}` | 200 and a [`PrinterStatus`] |
//! | `POST /chip/v1/{persoStation}/power` with a [`Power`] | 200 and an [`Atr`]; 409 when no card is under the contacts |
//! | `POST /chip/v1/{persoStation}/apdus` with a [`Command`] | 200 and an [`Answer`]; 409 when the chip has no power |

use persotwin_contract::ids::OperationId;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::condition::Condition;
use crate::jobs::Layout;
use crate::place::{PathStation, Serial};
use crate::stock::StockName;

/// Something the printer shall do for a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionRequest {
    /// The job that it is for, as the label of a print job.
    pub job: OperationId,
    /// What to do.
    #[serde(flatten)]
    pub action: Action,
}

/// A movement of the card, or work on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "action")]
pub enum Action {
    /// A blank of this stock onto the path.
    Pick {
        /// Which blank.
        stock: StockName,
    },
    /// The card under the chip contacts.
    MoveToChip,
    /// Write and verify the stripe.
    EncodeStripe(Tracks),
    /// Print the front.
    PrintFront(Layout),
    /// Turn the card over.
    Flip,
    /// Print the back.
    PrintBack(Layout),
    /// Move the card to the exit and wait until it is taken, taken back, or the bezel's time is over.
    Present,
    /// Move the card, from wherever it is on the path or in the exit, to the reject bin.
    Reject,
}

/// The three tracks without sentinels and LRC.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase")]
pub struct Tracks {
    /// Track 1.
    pub track1: String,
    /// Track 2.
    pub track2: String,
    /// Track 3, if used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track3: Option<String>,
}

impl std::fmt::Debug for Tracks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tracks(..)")
    }
}

/// How an action stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome {
    /// Not finished.
    Running,
    /// Finished as asked.
    Done {
        /// The card that it was done to.
        serial: Serial,
        /// What was read back, for an encoded stripe.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        read_back: Option<Tracks>,
    },
    /// The presented card was taken out of the exit.
    Taken {
        /// The card.
        serial: Serial,
    },
    /// The presented card was not taken in time, and lies in the exit still.
    NotTaken {
        /// The card.
        serial: Serial,
    },
    /// It could not be done.
    Failed {
        /// Why.
        condition: Condition,
        /// The card it concerns, when one was on the path.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        serial: Option<Serial>,
    },
}

/// What the printer says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PrinterStatus {
    /// Idle, busy or stopped.
    pub state: PrinterState,
    /// What is not as it should be.
    pub conditions: Vec<Condition>,
    /// The card on the path, and where.
    pub path: Option<CardAt>,
    /// The card in the exit.
    pub exit: Option<Serial>,
    /// Counters that survive power loss.
    pub counters: Counters,
    /// Panel sets left on the ribbon.
    pub panel_sets: u32,
}

/// IPP's three states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrinterState {
    /// Nothing to do.
    Idle,
    /// At work.
    Processing,
    /// Waiting for help.
    Stopped,
}

/// A card and its place on the path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardAt {
    /// Which card.
    pub serial: Serial,
    /// Where.
    pub at: PathStation,
}

/// What the printer counted since it was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counters {
    /// Blanks picked.
    pub picked: u32,
    /// Cards presented.
    pub presented: u32,
    /// Cards taken out of the exit.
    pub taken: u32,
    /// Cards moved to the reject bin.
    pub rejected: u32,
}

/// Chip power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "power")]
pub enum Power {
    /// On, or reset when it is on.
    On,
    /// Off.
    Off,
}

/// The answer to reset; empty after power off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Atr {
    /// The bytes.
    #[serde(with = "hex")]
    pub atr: Vec<u8>,
}

/// A command APDU.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Command {
    /// The bytes.
    #[serde(with = "hex")]
    pub command: Vec<u8>,
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Command({} bytes)", self.command.len())
    }
}

/// A response APDU.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Answer {
    /// Data and the two status bytes.
    #[serde(with = "hex")]
    pub answer: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({} bytes)", self.answer.len())
    }
}
