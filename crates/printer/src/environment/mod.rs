//! What the world does to the printer: things that go wrong, and what operators do about them.
//!
//! A [`Trouble`] is a [`Mishap`] and [`When`] it strikes. Whoever tells a story hands it in with [`Printer::suffer`]; the printer
//! does not know a fault by its name in a story, only what is torn, open, dirty or stuck. So a mishap has the consequences that
//! follow from it, and it lasts until a [`Repair`] ends it.
//!
//! ```text
//!   suffer ──▶ armed ── the n-th movement of that stage begins ──▶ due ── it has come so far ──▶ struck ── repair ──▶ as before
//!     │          └─ withdraw ─▶ forgotten                           │                              ▲
//!     └─ Now, and nothing need move for it ─────────────────────────┼──────────────────────────────┘
//!                                                                   └─ power goes first ─▶ armed again
//! ```
//!
//! | room | holds |
//! |---|---|
//! | `mod.rs` | when something strikes, and the printer that suffers it |
//! | [`mishap`] | what can go wrong |
//! | [`repair`] | what operators do |
//! | `armed` | what has not struck yet |
//! | `effect` | what each mishap does |

pub(crate) mod armed;
#[cfg(test)]
mod card_tests;
mod effect;
pub mod mishap;
pub mod repair;
#[cfg(test)]
mod tests;

use std::num::NonZeroU32;

use persotwin_link::Stage;
use persotwin_link::stock::StockName;

pub use mishap::{ChipDefect, Lasting, Mishap, Slip, Spoil};
pub use repair::{CannotMend, Repair};

use crate::environment::armed::Armed;
use crate::fact::Fact;
use crate::printer::Printer;
use crate::progress::Progress;

/// When a mishap strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At once, in the midst of a movement if there is one. What needs something to move, like a jam, strikes in the movement in
    /// progress if that is of its kind, else half way through the next one. What is settled when a movement begins, like how many
    /// blanks are fed, always waits for the next.
    Now,
    /// In a movement that begins after this was said.
    During {
        /// The stage that it belongs to. A card that is held does not move: [`Stage::Hold`] has no movement.
        stage: Stage,
        /// In which of them: 1 is the next.
        nth: NonZeroU32,
        /// When it has come so far.
        progress: Progress,
    },
}

impl When {
    /// In the next movement of a stage, when it has come so far.
    pub fn next(stage: Stage, progress: Progress) -> Self {
        Self::During {
            stage,
            nth: NonZeroU32::MIN,
            progress,
        }
    }
}

/// Something that goes wrong, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What.
    pub what: Mishap,
    /// When.
    pub when: When,
}

/// By which a trouble is told from others, in [`Fact::Struck`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TroubleId(pub(crate) u32);

/// A mishap that cannot strike then or there. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Nothing of the kind can happen in that stage.
    #[error("{what} cannot happen in stage {stage}")]
    Stage {
        /// What.
        what: &'static str,
        /// In which stage.
        stage: Stage,
    },
    /// The printer has no hopper of that number.
    #[error("there is no hopper {0}")]
    NoSuchHopper(u8),
    /// Nobody said what the chips of that stock are.
    #[error("nobody knows stock {0}")]
    NoSuchStock(StockName),
}

impl Printer {
    /// Something goes wrong, now or later. `done` is how far the movement in progress has come; [`Progress::NONE`] if nothing moves.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn suffer(&mut self, trouble: Trouble, done: Progress) -> Result<TroubleId, Unfit> {
        let Trouble { what, when } = trouble;
        self.check_fit(&what, when)?;
        let id = self.armed.next_id();
        let armed = match when {
            When::Now if what.stages().is_none() => {
                self.strike_now(id, &what, done);
                return Ok(id);
            }
            When::Now if self.is_in_midst_of(&what) => {
                self.strike_in_midst(id, what, done);
                return Ok(id);
            }
            When::Now => Armed::next(id, what),
            When::During {
                stage,
                nth,
                progress,
            } => Armed::nth(id, what, stage, nth, progress),
        };
        self.armed.push(armed);
        Ok(id)
    }

    /// Takes back what has not struck yet; whether it had not.
    pub fn withdraw(&mut self, id: TroubleId) -> bool {
        self.armed.withdraw(id)
    }

    /// Takes back all that has not struck yet and is not about to.
    pub fn withdraw_all(&mut self) {
        self.armed.withdraw_all();
    }

    fn check_fit(&self, what: &Mishap, when: When) -> Result<(), Unfit> {
        if let When::During { stage, .. } = when {
            let fits = match what.stages() {
                Some(stages) => stages.contains(&stage),
                None => stage != Stage::Hold,
            };
            if !fits {
                let what = what.name();
                return Err(Unfit::Stage { what, stage });
            }
        }
        match what.hopper() {
            Some(number) if self.hopper(number).is_none() => {
                return Err(Unfit::NoSuchHopper(number));
            }
            _ => {}
        }
        match what {
            Mishap::OtherBlanks { stock, .. } if self.profile_of(stock).is_none() => {
                Err(Unfit::NoSuchStock(stock.clone()))
            }
            _ => Ok(()),
        }
    }

    fn strike_now(&mut self, id: TroubleId, what: &Mishap, done: Progress) {
        let running = self
            .running
            .take_if(|running| what.stops(running.movement.stage).is_some());
        match running {
            None => self.apply(id, what),
            Some(mut running) => {
                let at = running.reached(done);
                self.armed.again(running.not_before(at));
                self.break_off(&running, at, (id, what.clone()));
            }
        }
        self.settle();
    }

    /// Whether what moves is of the kind in which this strikes, and it is not too late for it.
    fn is_in_midst_of(&self, what: &Mishap) -> bool {
        let settled = matches!(
            what,
            Mishap::FeedFails | Mishap::DoubleFeed | Mishap::RibbonEnds { .. }
        );
        let stages = what.stages().unwrap_or_default();
        let running = self.running.as_ref();
        !settled && running.is_some_and(|running| stages.contains(&running.movement.stage))
    }

    fn strike_in_midst(&mut self, id: TroubleId, what: Mishap, done: Progress) {
        match &mut self.running {
            Some(running) if what.stops(running.movement.stage).is_none() => {
                let at = running.reached(done);
                running.due.push(armed::Due { id, what, at });
            }
            _ => self.strike_now(id, &what, done),
        }
    }

    pub(crate) fn tell_struck(&mut self, id: TroubleId) {
        self.facts.push(Fact::Struck(id));
    }
}
