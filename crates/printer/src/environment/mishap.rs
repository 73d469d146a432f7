//! What can go wrong with paper-thin plastic, film, doors and contacts.

use std::fmt;

use persotwin_link::stock::{Panel, Ribbon, StockName};
use persotwin_link::{Condition, Stage};
use serde::{Deserialize, Serialize};

use crate::face::Flaw;

/// Something that goes wrong. Each says what it does, until what, and what people see (ours throughout).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mishap {
    /// The roller slips: no blank leaves the hopper, and `feed-jam` is reported once. The next pick may do.
    FeedFails,
    /// Two blanks leave the hopper together: `feed-jam`. The second lies behind the first, and comes to light when that has gone.
    DoubleFeed,
    /// The card in motion jams where it is: `feed-jam` at the feeder, `path-jam` elsewhere, and nothing moves it any more.
    /// Until [`Repair::ClearJam`](crate::Repair::ClearJam).
    CardJams,
    /// The film tears: a print stops, `ribbon-broken`. Until another ribbon is put in.
    RibbonTears,
    /// Somebody takes the ribbon out: `ribbon-missing`. Until one is put in.
    RibbonTaken,
    /// Somebody puts in another ribbon; of another kind than the printer is set up for, it is `ribbon-wrong`. Until the right one is.
    RibbonSwapped(Ribbon),
    /// The film ends where this panel of a side should begin: `ribbon-ended`. Until another ribbon is put in.
    RibbonEnds {
        /// The first panel that is not there.
        at: Panel,
    },
    /// Somebody opens the cover: whatever moves stops, `cover-open`. Until [`Repair::CloseCover`](crate::Repair::CloseCover).
    CoverOpens,
    /// Somebody opens the lock: whatever moves stops, `unlocked`. Until [`Repair::Lock`](crate::Repair::Lock).
    LockOpens,
    /// Somebody opens the door of the output: cards can neither leave nor be rejected, `door-open`. Until
    /// [`Repair::CloseDoor`](crate::Repair::CloseDoor).
    DoorOpens,
    /// Somebody pauses the printer: what moves comes to its end, nothing new begins, `paused`. Until
    /// [`Repair::Resume`](crate::Repair::Resume).
    Pauses,
    /// The head gets far too hot: a print stops, the next waits, `head-hot`. Until it has cooled down by itself.
    HeadOverheats,
    /// Something that is no card fills the reject bin: `reject-full`. Until it is emptied.
    BinFills,
    /// Something that is no card sticks in the exit: `exit-blocked`. Until [`Repair::ClearExit`](crate::Repair::ClearExit).
    ExitBlocks,
    /// The mouth of a bezel does not move: no card goes out and none is drawn in, `bezel-stuck`; one that lies there can be taken.
    /// Until [`Repair::FreeBezel`](crate::Repair::FreeBezel). A tray has no mouth.
    BezelSticks,
    /// The encoder writes too weakly: the stripe does not read back, `stripe-failed`.
    StripeWritesWeakly(Lasting),
    /// The encoder writes well but reads something else: the action is done, and what was read back is wrong.
    StripeReadsWrong(Lasting),
    /// A side is printed, but badly. Nobody says so before somebody looks.
    PrintSpoils(Spoil),
    /// The camera of the final check passes everything. Until it is cleaned.
    CameraBlind,
    /// The top blanks of a hopper are of another stock than its label says. Until
    /// [`Repair::PutBlanksRight`](crate::Repair::PutBlanksRight).
    OtherBlanks {
        /// Which hopper, from 1.
        hopper: u8,
        /// What they are.
        stock: StockName,
        /// How many.
        count: u32,
    },
    /// The top blanks of a hopper lie upside down: contacts and heads find no chip and no stripe, and what is printed is on the
    /// wrong side. Until [`Repair::PutBlanksRight`](crate::Repair::PutBlanksRight).
    BlanksUpsideDown {
        /// Which hopper, from 1.
        hopper: u8,
        /// How many.
        count: u32,
    },
    /// Somebody takes the last card out of the reject bin and puts it on top of a hopper. Nothing happens with an empty bin.
    CardFedAgain {
        /// Which hopper, from 1.
        hopper: u8,
    },
    /// The counters say something that never happened.
    CountersSlip(Slip),
    /// The chip of the card that comes under the contacts has a defect. It never goes away.
    ChipDefect(ChipDefect),
    /// The contacts are dirty: no chip answers. Until they are cleaned.
    ContactsDirty,
    /// The chip reader does not answer: `reader-gone`. Until [`Repair::ReplaceReader`](crate::Repair::ReplaceReader), or the power
    /// was off and on.
    ReaderGone,
}

/// Whether something goes wrong again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// The next time it is well.
    Once,
    /// Until the heads are cleaned.
    UntilCleaned,
}

/// How a print is spoiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoil {
    /// With something that can be seen.
    Flaw(Flaw),
    /// A panel's film did not touch the card.
    MissingPanel(Panel),
}

/// How counters are wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// All of them start from nothing.
    Lost,
    /// So many blanks are said to have been picked that never were.
    Picked(u32),
    /// So many cards are said to have been taken that never were.
    Taken(u32),
}

/// What is wrong with a chip; in a card file its name is under `defect`, beside its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "defect", rename_all = "kebab-case")]
pub enum ChipDefect {
    /// It never answers.
    Mute,
    /// It takes so many times as long, for everything.
    Slow {
        /// How many times; 0 is as 1.
        times: u32,
    },
    /// From the n-th STORE DATA on its memory fails, status 6581; 0 is as 1.
    MemoryFails {
        /// Which is the first.
        at: u32,
    },
    /// It answers to reset like another product's.
    WrongAtr,
    /// What it says at reset is no answer to reset.
    NoAtr,
    /// Its issuer locked it: it selects nothing, status 6A81.
    Locked,
    /// Its sequence counter is at its end: it opens no channel any more, status 6985.
    CounterExhausted,
    /// It answers the opening of a channel with a cryptogram that no key explains.
    WrongCryptogram,
    /// Its application takes no data: it was personalised before, status 6985.
    Closed,
    /// It refuses the n-th STORE DATA, status 6A80: a key whose check value is wrong, a PIN in a format that it does not know; 0 is as 1.
    RefusesData {
        /// Which.
        at: u32,
    },
    /// After the n-th command it answers no more.
    FallsSilent {
        /// Which is the last that it answers.
        after: u32,
    },
    /// A cell of its memory is bad: a record reads otherwise than it was stored.
    ReadsWrong,
}

impl fmt::Display for ChipDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mute => f.write_str("it never answers"),
            Self::Slow { times } => write!(f, "it takes {times} times as long"),
            Self::MemoryFails { at } => {
                write!(f, "from STORE DATA {at} on its memory fails")
            }
            Self::WrongAtr => f.write_str("its ATR is another product's"),
            Self::NoAtr => f.write_str("what it says at reset is no ATR"),
            Self::Locked => f.write_str("its issuer locked it"),
            Self::CounterExhausted => f.write_str("its sequence counter is at its end"),
            Self::WrongCryptogram => f.write_str("it proves its keys with a wrong cryptogram"),
            Self::Closed => f.write_str("it takes no data any more"),
            Self::RefusesData { at } => write!(f, "it refuses STORE DATA {at}"),
            Self::FallsSilent { after } => write!(f, "it answers no more after command {after}"),
            Self::ReadsWrong => f.write_str("a record reads otherwise than it was stored"),
        }
    }
}

impl ChipDefect {
    /// What it answers at reset instead of its own.
    pub(crate) fn reset(self) -> Option<&'static [u8]> {
        match self {
            // T=0, and two historical bytes (ours).
            Self::WrongAtr => Some(&[0x3B, 0x02, 0x14, 0x50]),
            Self::NoAtr => Some(&[0x00, 0xFF]),
            _ => None,
        }
    }

    /// The status with which it refuses a command, when it has had so many STORE DATA, this one included.
    pub(crate) fn refuses(self, instruction: u8, stored: u32) -> Option<[u8; 2]> {
        let refused = match (self, instruction) {
            (Self::MemoryFails { at }, STORE_DATA) if stored >= at => MEMORY_FAILURE,
            (Self::RefusesData { at }, STORE_DATA) if stored >= at => WRONG_DATA,
            (Self::Closed, STORE_DATA) | (Self::CounterExhausted, INITIALIZE_UPDATE) => NOT_NOW,
            (Self::Locked, SELECT) => LOCKED,
            _ => return None,
        };
        Some(refused)
    }

    /// What it makes of an answer to a command.
    pub(crate) fn distort(self, instruction: u8, answer: &mut [u8]) {
        // The last byte of the data: before the status word, there where an answer has data.
        let last = answer.len().checked_sub(3);
        let byte = last.and_then(|last| answer.get_mut(last));
        match (self, instruction, byte) {
            (Self::ReadsWrong, READ_RECORD, Some(byte))
            | (Self::WrongCryptogram, INITIALIZE_UPDATE, Some(byte)) => *byte ^= 0x01,
            _ => {}
        }
    }
}

pub(crate) const STORE_DATA: u8 = 0xE2;
const SELECT: u8 = 0xA4;
const READ_RECORD: u8 = 0xB2;
const INITIALIZE_UPDATE: u8 = 0x50;
/// ISO/IEC 7816-4.
const MEMORY_FAILURE: [u8; 2] = [0x65, 0x81];
const WRONG_DATA: [u8; 2] = [0x6A, 0x80];
const LOCKED: [u8; 2] = [0x6A, 0x81];
const NOT_NOW: [u8; 2] = [0x69, 0x85];

const PICK: &[Stage] = &[Stage::Pick];
const PRINTS: &[Stage] = &[Stage::PrintFront, Stage::PrintBack];

impl Mishap {
    /// As it is written in errors.
    pub fn name(&self) -> &'static str {
        match self {
            Self::FeedFails => "feed-fails",
            Self::DoubleFeed => "double-feed",
            Self::CardJams => "card-jams",
            Self::RibbonTears => "ribbon-tears",
            Self::RibbonTaken => "ribbon-taken",
            Self::RibbonSwapped(_) => "ribbon-swapped",
            Self::RibbonEnds { .. } => "ribbon-ends",
            Self::CoverOpens => "cover-opens",
            Self::LockOpens => "lock-opens",
            Self::DoorOpens => "door-opens",
            Self::Pauses => "pauses",
            Self::HeadOverheats => "head-overheats",
            Self::BinFills => "bin-fills",
            Self::ExitBlocks => "exit-blocks",
            Self::BezelSticks => "bezel-sticks",
            Self::StripeWritesWeakly(_) => "stripe-writes-weakly",
            Self::StripeReadsWrong(_) => "stripe-reads-wrong",
            Self::PrintSpoils(_) => "print-spoils",
            Self::CameraBlind => "camera-blind",
            Self::OtherBlanks { .. } => "other-blanks",
            Self::BlanksUpsideDown { .. } => "blanks-upside-down",
            Self::CardFedAgain { .. } => "card-fed-again",
            Self::CountersSlip(_) => "counters-slip",
            Self::ChipDefect(_) => "chip-defect",
            Self::ContactsDirty => "contacts-dirty",
            Self::ReaderGone => "reader-gone",
        }
    }

    /// The stages in whose movements alone it can strike; none for what can happen at any time, whether something moves or not.
    pub fn stages(&self) -> Option<&'static [Stage]> {
        match self {
            Self::FeedFails | Self::DoubleFeed => Some(PICK),
            Self::CardJams => Some(&Stage::MOVEMENTS),
            Self::RibbonTears | Self::RibbonEnds { .. } | Self::PrintSpoils(_) => Some(PRINTS),
            Self::StripeWritesWeakly(_) | Self::StripeReadsWrong(_) => Some(&[Stage::Stripe]),
            Self::ChipDefect(_) => Some(&[Stage::Chip]),
            Self::RibbonTaken
            | Self::RibbonSwapped(_)
            | Self::CoverOpens
            | Self::LockOpens
            | Self::DoorOpens
            | Self::Pauses
            | Self::HeadOverheats
            | Self::BinFills
            | Self::ExitBlocks
            | Self::BezelSticks
            | Self::CameraBlind
            | Self::OtherBlanks { .. }
            | Self::BlanksUpsideDown { .. }
            | Self::CardFedAgain { .. }
            | Self::CountersSlip(_)
            | Self::ContactsDirty
            | Self::ReaderGone => None,
        }
    }

    /// The hopper that it concerns.
    pub(crate) fn hopper(&self) -> Option<u8> {
        match self {
            Self::OtherBlanks { hopper, .. }
            | Self::BlanksUpsideDown { hopper, .. }
            | Self::CardFedAgain { hopper } => Some(*hopper),
            _ => None,
        }
    }

    /// With what a movement ends that it strikes; none where the movement goes on.
    pub(crate) fn stops(&self, stage: Stage) -> Option<Condition> {
        let prints = PRINTS.contains(&stage);
        let when = |stops: bool, condition| stops.then_some(condition);
        match self {
            Self::FeedFails | Self::DoubleFeed => Some(Condition::FeedJam),
            Self::CardJams if stage == Stage::Pick => Some(Condition::FeedJam),
            Self::CardJams => Some(Condition::PathJam),
            Self::RibbonTears => Some(Condition::RibbonBroken),
            Self::RibbonEnds { .. } => Some(Condition::RibbonEnded),
            Self::RibbonTaken => when(prints, Condition::RibbonMissing),
            Self::RibbonSwapped(_) => when(prints, Condition::RibbonWrong),
            Self::CoverOpens => Some(Condition::CoverOpen),
            Self::LockOpens => Some(Condition::Unlocked),
            Self::DoorOpens => when(
                matches!(stage, Stage::Present | Stage::Reject),
                Condition::DoorOpen,
            ),
            Self::HeadOverheats => when(prints, Condition::HeadHot),
            Self::BinFills => when(stage == Stage::Reject, Condition::RejectFull),
            Self::ExitBlocks => when(stage == Stage::Present, Condition::ExitBlocked),
            Self::BezelSticks => when(stage == Stage::Present, Condition::BezelStuck),
            Self::Pauses
            | Self::StripeWritesWeakly(_)
            | Self::StripeReadsWrong(_)
            | Self::PrintSpoils(_)
            | Self::CameraBlind
            | Self::OtherBlanks { .. }
            | Self::BlanksUpsideDown { .. }
            | Self::CardFedAgain { .. }
            | Self::CountersSlip(_)
            | Self::ChipDefect(_)
            | Self::ContactsDirty
            | Self::ReaderGone => None,
        }
    }
}
