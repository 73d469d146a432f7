//! Conditions: the one place that says what is not as it should be. All of them follow from stock
//! and mechanics.

use std::collections::BTreeSet;

use persotwin_link::Condition;
use persotwin_link::device::Hatch;
use persotwin_link::stock::StockName;

use crate::parts::{Pace, Part, Room};
use crate::printer::{Power, Printer};

/// A stock of which so many blanks or fewer are left is low (ours).
pub const MEDIA_LOW: u32 = 10;

/// A ribbon with so many panel sets or fewer is low (ours).
pub const RIBBON_LOW: u32 = 20;

/// After so many sides the head wants to be cleaned (ours).
pub const CLEANING_DUE: u32 = 1000;

/// What an action ran into, as long as its cause lasts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Met {
    /// The stock that a pick did not find.
    pub(crate) stock: Option<StockName>,
    /// A card could not leave the path.
    pub(crate) exit: bool,
}

impl Printer {
    /// What is not as it should be now.
    ///
    /// | condition | as long as |
    /// |---|---|
    /// | `media-empty` | no hopper has a blank, or a pick did not find its stock and there is none |
    /// | `media-low` | a stock has 1 to 10 blanks left |
    /// | `feed-jam`, `path-jam` | a card is stuck at the feeder, or further on |
    /// | `ribbon-missing`, `ribbon-broken`, `ribbon-wrong` | there is none, it is torn, or of another kind |
    /// | `ribbon-ended`, `ribbon-low` | nothing is left on the ribbon, or no more than 20 panel sets |
    /// | `cover-open`, `unlocked`, `door-open`, `paused` | it is |
    /// | `head-hot` | the head was too hot and has not cooled down yet |
    /// | `cleaning-due` | 1000 sides were printed since the last cleaning |
    /// | `reader-gone` | the chip reader does not answer |
    /// | `reject-full` | the reject bin holds as many cards as it can, or something else fills it |
    /// | `exit-blocked` | a card could not be presented and the exit is not free yet, or something that is no card lies there |
    /// | `bezel-stuck` | its mouth does not move |
    /// | `not-taken` | a card lies in the exit and nobody is expected to take it any more |
    /// | `power-off` | there is no power |
    ///
    /// What concerns one card only is the outcome of its action and no condition of the printer: `stripe-failed`, `print-spoiled`,
    /// a blank that did not feed, a chip. The limits are ours.
    pub fn conditions(&self) -> BTreeSet<Condition> {
        let parts = &self.parts;
        let single = [
            (Condition::CoverOpen, parts.cover == Hatch::Open),
            (Condition::Unlocked, parts.lock == Hatch::Open),
            (Condition::DoorOpen, parts.door == Hatch::Open),
            (Condition::Paused, parts.pace == Pace::Paused),
            (Condition::HeadHot, self.heat.is_resting()),
            (
                Condition::CleaningDue,
                self.counters.since_cleaning >= CLEANING_DUE,
            ),
            (Condition::ReaderGone, parts.reader == Part::Fails),
            (Condition::RejectFull, self.bin_is_full()),
            (
                Condition::ExitBlocked,
                parts.exit == Room::Blocked || (self.met.exit && self.exit.is_some()),
            ),
            (
                Condition::NotTaken,
                self.exit.is_some() && self.presenting.is_none(),
            ),
            (Condition::PowerOff, self.power == Power::Off),
        ];
        let single = single.into_iter().filter(|(_, holds)| *holds);
        single
            .map(|(condition, _)| condition)
            .chain(self.media())
            .chain(self.supply())
            .chain(self.jam())
            .chain(self.mouth_trouble())
            .collect()
    }

    /// What is to be said of the blanks.
    fn media(&self) -> impl Iterator<Item = Condition> {
        let low = self
            .hoppers
            .iter()
            .any(|hopper| (1..=MEDIA_LOW).contains(&self.blanks_of(hopper.stock())));
        let missing = self
            .met
            .stock
            .as_ref()
            .is_some_and(|stock| self.blanks_of(stock) == 0);
        let empty = self.hoppers.iter().all(|hopper| hopper.left() == 0);
        let empty = (empty || missing).then_some(Condition::MediaEmpty);
        empty.into_iter().chain(low.then_some(Condition::MediaLow))
    }

    /// What is to be said of the ribbon.
    fn supply(&self) -> Option<Condition> {
        let Some(spool) = &self.ribbon else {
            return Some(Condition::RibbonMissing);
        };
        if spool.is_torn() {
            Some(Condition::RibbonBroken)
        } else if spool.kind() != self.ribbons {
            Some(Condition::RibbonWrong)
        } else if spool.is_used_up() {
            Some(Condition::RibbonEnded)
        } else {
            (spool.sets() <= RIBBON_LOW).then_some(Condition::RibbonLow)
        }
    }

    /// Forgets what was met and is over, and tells which conditions came and went.
    pub(crate) fn settle(&mut self) {
        if self
            .met
            .stock
            .as_ref()
            .is_some_and(|stock| self.blanks_of(stock) > 0)
        {
            self.met.stock = None;
        }
        if self.exit.is_none() {
            self.met.exit = false;
        }
        let now = self.conditions();
        let before = std::mem::replace(&mut self.told, now);
        let cleared = before
            .difference(&self.told)
            .map(|c| crate::Fact::Cleared(*c));
        let raised = self
            .told
            .difference(&before)
            .map(|c| crate::Fact::Raised(*c));
        self.facts.extend(cleared.chain(raised));
    }
}
