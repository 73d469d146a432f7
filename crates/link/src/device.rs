//! Step 5: the agent and its hardware. Ours: one printer face and one chip reader face of one hardware machine.
//!
//! An action carries an id, is accepted at once, and its outcome is asked by long poll; the same id gives the same outcome.
//!
//! | call | answer |
//! |---|---|
//! | `PUT /printer/v1/{persoStation}/actions/{actionId}` with an [`ActionRequest`] | 202, once or again; 409 for another content, or when the movement is impossible now; 412 for a pick after another count |
//! | `GET /printer/v1/{persoStation}/actions/{actionId}?wait=SECONDS` | 200 and an [`Outcome`]; 404; waits at most 60 s for another one than running |
//! | the same with `&until=exit` | the same, but running also as soon as the presented card lies in the exit |
//! | `GET /printer/v1/{persoStation}` | 200 and a [`PrinterStatus`], each condition with severity, IPP keyword and code |
//! | `POST /chip/v1/{persoStation}/power` with a [`Power`] | 200 and an [`Atr`]; 409 when no card is under the contacts |
//! | `POST /chip/v1/{persoStation}/apdus` with a [`Command`] | 200 and an [`Answer`]; 409 when the chip has no power |

use persotwin_contract::ids::OperationId;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::condition::Condition;
use crate::jobs::Layout;
use crate::place::{PathStation, Serial};
use crate::stock::{RibbonKind, StockName};

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
        /// Only while the printer counts so many picks, as [`Counters::picked`] says: a call that comes late, or a second time to a printer
        /// that lost its memory, picks nothing then. Whoever leaves it away takes what comes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counted: Option<u32>,
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
    /// Look at both sides of the card with the camera.
    Check,
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
    /// What is not as it should be; on the wire each with severity, IPP keyword and code.
    #[serde(with = "told")]
    pub conditions: Vec<Condition>,
    /// What the sensors say.
    pub sensors: Sensors,
    /// The card on the path, and where.
    pub path: Option<CardAt>,
    /// The card in the exit.
    pub exit: Option<Serial>,
    /// Counters that survive power loss.
    pub counters: Counters,
    /// The ribbon; none if there is none in the printer.
    pub ribbon: Option<RibbonLeft>,
    /// The jobs whose cards lie in the machine, then those that were finished lately. Lost with power, but for the first.
    pub jobs: Vec<JobAt>,
}

impl PrinterStatus {
    /// Panel sets left on the ribbon.
    pub fn panel_sets(&self) -> u32 {
        self.ribbon.map_or(0, |ribbon| ribbon.panel_sets)
    }
}

/// Conditions as the status tells them.
mod told {
    use persotwin_contract::production::ProductionCode;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::condition::{Condition, Severity};

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Told {
        condition: Condition,
        severity: Severity,
        ipp: &'static str,
        code: Option<&'static str>,
    }

    #[derive(Deserialize)]
    struct Heard {
        condition: Condition,
    }

    pub(super) fn serialize<S: Serializer>(
        conditions: &[Condition],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let told = |condition: &Condition| Told {
            condition: *condition,
            severity: condition.severity(),
            ipp: condition.ipp(),
            code: condition.code().map(ProductionCode::as_str),
        };
        serializer.collect_seq(conditions.iter().map(told))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Condition>, D::Error> {
        let heard = Vec::<Heard>::deserialize(deserializer)?;
        Ok(heard.into_iter().map(|it| it.condition).collect())
    }
}

/// What the sensors say. A sensor sees what is there, not what should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sensors {
    /// The cover.
    pub cover: Hatch,
    /// The lock.
    pub lock: Hatch,
    /// The door of the output.
    pub door: Hatch,
    /// The hoppers, from number 1.
    pub hoppers: Vec<Level>,
    /// The reject bin.
    pub reject_bin: Level,
    /// The mouth or tray.
    pub exit: Mouth,
    /// The print head, in whole degrees Celsius.
    pub head: u32,
}

/// Something that opens and closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hatch {
    /// Closed.
    #[default]
    Closed,
    /// Open.
    Open,
}

/// How full something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Nothing is in it.
    Empty,
    /// Few are in it.
    NearEmpty,
    /// Something is in it.
    Filled,
    /// Nothing more goes in.
    Full,
}

/// What the sensor of the exit sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mouth {
    /// Nothing.
    Clear,
    /// A card.
    Card,
    /// Something that is no card.
    Object,
}

/// What is left on a ribbon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RibbonLeft {
    /// Which panels a set has.
    pub kind: RibbonKind,
    /// Sets of which nothing was used.
    pub panel_sets: u32,
}

/// A job, by the label of its actions, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobAt {
    /// Which.
    pub job: OperationId,
    /// How it stands.
    pub state: JobState,
}

/// The states of IPP's `job-state` that a job can have in a card printer, which takes one action after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// Its card is on the path or in the exit.
    Processing,
    /// The same, and the printer waits for help.
    ProcessingStopped,
    /// Somebody took its card.
    Completed,
    /// Its card went to the reject bin.
    Aborted,
}

impl JobState {
    /// IPP's number (RFC 8011).
    pub fn ipp(self) -> u8 {
        match self {
            Self::Processing => 5,
            Self::ProcessingStopped => 6,
            Self::Aborted => 8,
            Self::Completed => 9,
        }
    }
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
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// Blanks picked.
    pub picked: u32,
    /// Cards presented.
    pub presented: u32,
    /// Cards taken out of the exit.
    pub taken: u32,
    /// Cards moved to the reject bin.
    pub rejected: u32,
    /// Sides printed, or begun.
    pub printed: u32,
    /// Stripes written, or begun.
    pub encoded: u32,
    /// Cleanings of the head.
    pub cleanings: u32,
    /// Sides printed since the last of them.
    pub since_cleaning: u32,
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
