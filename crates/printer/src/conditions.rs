//! Conditions: the one place that says what is not as it should be, and what stands in the way of
//! an action. All of them follow from stock and mechanics.

use std::collections::BTreeSet;

use persotwin_link::Condition;
use persotwin_link::condition::Severity;
use persotwin_link::device::{Action, CardAt, PrinterState, PrinterStatus};
use persotwin_link::stock::StockName;

use crate::face::Side;
use crate::printer::{Power, Printer};

/// A stock of which so many blanks or fewer are left is low (ours).
pub const MEDIA_LOW: u32 = 10;

/// A ribbon with so many panel sets or fewer is low (ours).
pub const RIBBON_LOW: u32 = 20;

/// What an action ran into, as long as its cause lasts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Met {
    /// The stock that a pick did not find.
    stock: Option<StockName>,
    /// A card could not leave the path.
    exit: bool,
}

impl Printer {
    /// What is not as it should be now.
    ///
    /// | condition | as long as |
    /// |---|---|
    /// | `media-empty` | no hopper has a blank, or a pick did not find its stock and there is none |
    /// | `media-low` | a stock has 1 to 10 blanks left |
    /// | `ribbon-ended`, `ribbon-low` | nothing is left on the ribbon, or no more than 20 panel sets |
    /// | `reject-full` | the reject bin holds as many cards as it can |
    /// | `exit-blocked` | a card could not be presented and the exit is not free yet |
    /// | `not-taken` | a card lies in the exit and nobody is expected to take it any more |
    /// | `power-off` | there is no power |
    ///
    /// The limits are ours.
    pub fn conditions(&self) -> BTreeSet<Condition> {
        let stocks: BTreeSet<&StockName> = self
            .hoppers
            .iter()
            .map(crate::hopper::Hopper::stock)
            .collect();
        let low = |stock: &&StockName| (1..=MEDIA_LOW).contains(&self.blanks_of(stock));
        let missing = self
            .met
            .stock
            .as_ref()
            .is_some_and(|stock| self.blanks_of(stock) == 0);
        let empty = self.hoppers.iter().all(|hopper| hopper.left() == 0);
        let sets = self.ribbon.sets();
        [
            (Condition::MediaEmpty, empty || missing),
            (Condition::MediaLow, stocks.iter().any(low)),
            (Condition::RibbonEnded, self.ribbon.is_used_up()),
            (
                Condition::RibbonLow,
                sets <= RIBBON_LOW && !self.ribbon.is_used_up(),
            ),
            (Condition::RejectFull, self.bin_is_full()),
            (Condition::ExitBlocked, self.met.exit && self.exit.is_some()),
            (
                Condition::NotTaken,
                self.exit.is_some() && self.presenting.is_none(),
            ),
            (Condition::PowerOff, self.power == Power::Off),
        ]
        .into_iter()
        .filter_map(|(condition, holds)| holds.then_some(condition))
        .collect()
    }

    /// What makes an action vain before it moves anything; it is remembered as met.
    pub(crate) fn obstacle(&mut self, action: &Action) -> Option<Condition> {
        match action {
            Action::Pick { stock } if self.blanks_of(stock) == 0 => {
                self.met.stock = Some(stock.clone());
                Some(Condition::MediaEmpty)
            }
            Action::PrintFront(_) if !self.ribbon.has(Side::Front) => Some(Condition::RibbonEnded),
            Action::PrintBack(_) if !self.ribbon.has(Side::Back) => Some(Condition::RibbonEnded),
            Action::Present if self.exit.is_some() => {
                self.met.exit = true;
                Some(Condition::ExitBlocked)
            }
            Action::Reject if self.bin_is_full() => Some(Condition::RejectFull),
            Action::Pick { .. }
            | Action::MoveToChip
            | Action::EncodeStripe(_)
            | Action::PrintFront(_)
            | Action::Flip
            | Action::PrintBack(_)
            | Action::Present
            | Action::Reject => None,
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

    /// What the printer says of itself. A printer without power says nothing: that the driver
    /// keeps silent then is its own matter.
    pub fn status(&self) -> PrinterStatus {
        let conditions = self.conditions();
        let stops = |condition: &Condition| condition.severity() != Severity::Warning;
        let state = if self.running.is_some() {
            PrinterState::Processing
        } else if conditions.iter().any(stops) {
            PrinterState::Stopped
        } else if self.presenting.is_some() {
            PrinterState::Processing
        } else {
            PrinterState::Idle
        };
        PrinterStatus {
            state,
            conditions: conditions.into_iter().collect(),
            path: self.path.as_ref().map(|card| CardAt {
                serial: card.blank.serial().clone(),
                at: card.at,
            }),
            exit: self.exit.as_ref().map(|blank| blank.serial().clone()),
            counters: self.counters,
            panel_sets: self.ribbon.sets(),
        }
    }
}
