//! Makes a world that goes wrong small, as long as it goes wrong in the same way.
//!
//! Delta debugging over the scenario's values: whatever can be left away is left away, in large pieces first, then what is left is
//! made simple, pass after pass until nothing changes any more or the budget is used up. A candidate that is no scenario counts as one
//! that does not go wrong, and so does one whose story is longer than that of the world that was drawn.
//!
//! | pass | tries |
//! |---|---|
//! | `cast` | without customers, stations; everybody at one station |
//! | `items` | without faults and actions, several at once and one by one |
//! | `keys` | without what has a default |
//! | `values` | rounder and smaller times and counts |
//! | `tidy` | plain names, the first seed; nothing written that goes without saying |

mod cast;
mod items;
mod keys;
mod tidy;
mod values;

use std::cell::Cell;

use serde::{Deserialize, Serialize};

use crate::draft::Draft;
use crate::life::{MOST_EVENTS, Wrong, live, live_on, live_within};
use crate::title;

/// How much may be lived for one world that is shrunk.
const BUDGET: Budget = Budget {
    lives: 2000,
    events: 2_000_000,
};

/// How many events a candidate may see in any case; else as many as the world that was drawn.
const FEW_EVENTS: u64 = 1000;

/// How much may be lived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    pub(crate) lives: usize,
    pub(crate) events: u64,
}

impl Budget {
    const fn is_used_up(self) -> bool {
        self.lives == 0 || self.events == 0
    }

    /// What is left after a life.
    const fn without(self, life: Trial) -> Self {
        Self {
            lives: self.lives.saturating_sub(1),
            events: self.events.saturating_sub(life.events),
        }
    }
}

/// What came of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trial {
    /// Whether it went wrong in the way that is looked for.
    pub(crate) is_wrong: bool,
    /// How many events it took to see that.
    pub(crate) events: u64,
}

/// Why nobody went on making a world smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// Nothing more can be left away or made simpler.
    Smallest,
    /// Time was up, or somebody interrupted it.
    Stopped,
    /// As much lived for it as may.
    UsedUp,
}

impl Left {
    /// The same, unless it goes without saying.
    pub(crate) fn of_large(self) -> Option<Self> {
        (self != Self::Smallest).then_some(self)
    }

    /// What is to be said of it: ", not fully shrunk: …"; nothing of the smallest.
    pub fn remark(self) -> &'static str {
        match self {
            Self::Smallest => "",
            Self::Stopped => ", not fully shrunk: it was interrupted, or time was up",
            Self::UsedUp => ", not fully shrunk: as many attempts as there are to be",
        }
    }
}

/// What became of a world that was shrunk.
#[derive(Debug, Clone)]
pub struct Shrunk {
    /// What is left, with its story.
    pub draft: Draft,
    /// Whether it is as small as can be.
    pub left: Left,
    /// How many worlds lived for it.
    pub lives: usize,
    /// How many records the journal had, and has.
    pub events: (usize, usize),
    /// How many lines the file had, and has.
    pub lines: (usize, usize),
}

/// Shrinks a world that goes wrong in this way; as it is, when it does not. Once `go_on` says no, what is left then is the result.
pub fn shrink(draft: &Draft, wrong: &Wrong, go_on: &dyn Fn() -> bool) -> Shrunk {
    let before = live(draft).map_or(0, |lived| lived.events());
    let at_most = match wrong {
        // Only a long story shows that there is no end.
        Wrong::NeverEnds => MOST_EVENTS,
        Wrong::Law { .. } | Wrong::Fails(_) => FEW_EVENTS.max(before as u64),
    };
    let (lives, was_stopped) = (Cell::new(0), Cell::new(false));
    let tries = |draft: &Draft| {
        let nothing = Trial {
            is_wrong: false,
            events: 0,
        };
        if was_stopped.get() || !go_on() {
            was_stopped.set(true);
            return nothing;
        }
        lives.set(lives.get() + 1);
        live_within(draft, at_most).map_or(nothing, |lived| Trial {
            is_wrong: lived.finding_of(wrong).is_some(),
            events: lived.told.map_or(at_most, |told| told.records.len() as u64),
        })
    };
    let mut search = Search::new(draft.clone(), BUDGET, &tries);
    search.settle();
    let left = match (was_stopped.get(), search.left.is_used_up()) {
        (true, _) => Left::Stopped,
        (false, true) => Left::UsedUp,
        (false, false) => Left::Smallest,
    };
    let last = live(&search.best).ok();
    let mut draft_left = search.best;
    if let Some(lived) = &last {
        tidy::what_happened(&mut draft_left, lived);
        title::tell(&mut draft_left, lived, wrong);
    }
    if !draft.behaviour.is_empty()
        && let Wrong::Law { law, .. } = wrong
        && let Ok(whole) = live_on(&draft_left, MOST_EVENTS)
    {
        title::hint(&mut draft_left, law, &whole);
    }
    Shrunk {
        events: (before, last.map_or(0, |lived| lived.events())),
        lines: (draft.lines(), draft_left.lines()),
        draft: draft_left,
        left,
        lives: lives.get(),
    }
}

/// A search for a smaller world.
pub(crate) struct Search<'a> {
    /// The smallest so far.
    pub(crate) best: Draft,
    left: Budget,
    lives: &'a dyn Fn(&Draft) -> Trial,
}

impl<'a> Search<'a> {
    pub(crate) fn new(best: Draft, budget: Budget, lives: &'a dyn Fn(&Draft) -> Trial) -> Self {
        Self {
            best,
            left: budget,
            lives,
        }
    }

    /// Takes a candidate if it goes wrong too; whether it did.
    pub(crate) fn tries(&mut self, candidate: Draft) -> bool {
        if candidate == self.best || self.left.is_used_up() {
            return false;
        }
        let trial = (self.lives)(&candidate);
        self.left = self.left.without(trial);
        if trial.is_wrong {
            self.best = candidate;
        }
        trial.is_wrong
    }

    /// All passes, until none of them changes anything.
    pub(crate) fn settle(&mut self) {
        loop {
            let before = self.best.clone();
            items::shrink(self);
            cast::shrink(self);
            keys::shrink(self);
            values::shrink(self);
            tidy::shrink(self);
            if self.best == before || self.left.is_used_up() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
