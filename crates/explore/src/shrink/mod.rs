//! Makes a world that goes wrong small, as long as it goes wrong in the same way.
//!
//! Delta debugging over the scenario's values: whatever can be left away is left away, in large pieces first, then what is left is
//! made simple, pass after pass until nothing changes any more or the budget is used up. A candidate that is no scenario counts as one
//! that does not go wrong.
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

use crate::draft::Draft;
use crate::life::{Wrong, live};
use crate::title;

/// How many worlds may live for one that is shrunk.
pub const BUDGET: usize = 2000;

/// What became of a world that was shrunk.
#[derive(Debug, Clone)]
pub struct Shrunk {
    /// What is left, with its story.
    pub draft: Draft,
    /// How many worlds lived for it.
    pub lives: usize,
    /// How many records the journal had, and has.
    pub events: (usize, usize),
    /// How many lines the file had, and has.
    pub lines: (usize, usize),
}

/// Shrinks a world that goes wrong in this way; as it is, when it does not. It goes no further once `go_on` says no.
pub fn shrink(draft: &Draft, wrong: &Wrong, go_on: &dyn Fn() -> bool) -> Shrunk {
    let goes_wrong =
        |draft: &Draft| go_on() && live(draft).is_ok_and(|lived| lived.finding_of(wrong).is_some());
    let mut search = Search::new(draft.clone(), BUDGET, &goes_wrong);
    search.settle();
    let lives = search.lives;
    let last = live(&search.best).ok();
    let mut draft_left = search.best;
    if let Some(lived) = &last {
        tidy::what_happened(&mut draft_left, lived);
        title::tell(&mut draft_left, lived, wrong);
    }
    let before = live(draft).map_or(0, |lived| lived.events());
    Shrunk {
        events: (before, last.map_or(0, |lived| lived.events())),
        lines: (draft.lines(), draft_left.lines()),
        draft: draft_left,
        lives,
    }
}

/// A search for a smaller world.
pub(crate) struct Search<'a> {
    /// The smallest so far.
    pub(crate) best: Draft,
    lives: usize,
    budget: usize,
    goes_wrong: &'a dyn Fn(&Draft) -> bool,
}

impl<'a> Search<'a> {
    pub(crate) fn new(best: Draft, budget: usize, goes_wrong: &'a dyn Fn(&Draft) -> bool) -> Self {
        Self {
            best,
            lives: 0,
            budget,
            goes_wrong,
        }
    }

    /// Takes a candidate if it goes wrong too; whether it did.
    pub(crate) fn tries(&mut self, candidate: Draft) -> bool {
        if candidate == self.best || self.lives >= self.budget {
            return false;
        }
        self.lives += 1;
        let taken = (self.goes_wrong)(&candidate);
        if taken {
            self.best = candidate;
        }
        taken
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
            if self.best == before || self.lives >= self.budget {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
