//! The printer: what lies where, and the one action that moves the path.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_chip::{Chip, Profile};
use persotwin_contract::ids::PersoStation;
use persotwin_link::device::{ActionRequest, Counters, Outcome};
use persotwin_link::stock::{Load, Ribbon, StockName};
use persotwin_link::timings::Timings;
use persotwin_link::{Condition, CustomerName, PathStation, Serial};

use crate::action::{ActionId, Begun, Completed, Memory, Movement, Refusal, Running};
use crate::blank::Blank;
use crate::conditions::Met;
use crate::face::Side;
use crate::fact::Fact;
use crate::hopper::Hopper;
use crate::mechanics::Ended;
use crate::ribbon::Spool;

/// How cards leave the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// A mouth that waits a while and can take the card back.
    Bezel,
    /// A tray: it waits for ever, and cannot take the card back.
    Tray,
}

/// What a printer is built from.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// The station it stands in: part of every serial number.
    pub station: PersoStation,
    /// How cards leave it.
    pub exit: Exit,
    /// What lies in its hoppers, from number 1.
    pub hoppers: Vec<Load>,
    /// The chips of each stock; [`Profile::generic`] where nothing is said.
    pub chips: BTreeMap<StockName, Profile>,
    /// The ribbon.
    pub ribbon: Ribbon,
    /// How many cards the reject bin holds.
    pub reject_bin: u32,
    /// The movements' times.
    pub timings: Timings,
}

/// A card printer and every blank that was ever loaded into it, wherever it is now.
#[derive(Debug, Clone)]
pub struct Printer {
    pub(crate) exit_kind: Exit,
    pub(crate) timings: Timings,
    pub(crate) power: Power,
    pub(crate) hoppers: Vec<Hopper>,
    pub(crate) path: Option<OnPath>,
    pub(crate) exit: Option<Blank>,
    pub(crate) hands: Vec<(CustomerName, Blank)>,
    pub(crate) bin: Vec<Blank>,
    pub(crate) bin_capacity: u32,
    pub(crate) emptied: Vec<Blank>,
    pub(crate) loaded: u64,
    pub(crate) ribbon: Spool,
    pub(crate) counters: Counters,
    pub(crate) running: Option<Running>,
    pub(crate) presenting: Option<Running>,
    pub(crate) memory: Memory,
    pub(crate) met: Met,
    pub(crate) told: BTreeSet<Condition>,
    pub(crate) facts: Vec<Fact>,
}

/// Whether there is power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Power {
    On,
    Off,
}

/// The card on the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OnPath {
    pub(crate) blank: Blank,
    pub(crate) at: PathStation,
    /// The side under the print head.
    pub(crate) up: Side,
}

/// An action that is not the one that moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such action is moving")]
pub struct NotRunning;

/// There is no chip under the contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no card is under the contacts")]
pub struct NoContact;

impl Printer {
    /// A printer with power, its path and exit free.
    pub fn new(setup: Setup) -> Self {
        let Setup {
            station,
            exit,
            hoppers,
            chips,
            ribbon,
            reject_bin,
            timings,
        } = setup;
        // A hopper beyond number 255 would have no number and does not exist.
        let numbered = (1..=u8::MAX).zip(&hoppers).map(|(number, load)| {
            let profile = chips
                .get(&load.stock)
                .cloned()
                .unwrap_or_else(Profile::generic);
            Hopper::new(station.clone(), number, load, profile)
        });
        let hoppers: Vec<Hopper> = numbered.collect();
        let loaded = hoppers.iter().map(|hopper| u64::from(hopper.left())).sum();
        let mut printer = Self {
            exit_kind: exit,
            timings,
            power: Power::On,
            hoppers,
            path: None,
            exit: None,
            hands: Vec::new(),
            bin: Vec::new(),
            bin_capacity: reject_bin,
            emptied: Vec::new(),
            loaded,
            ribbon: Spool::new(ribbon),
            counters: Counters::default(),
            running: None,
            presenting: None,
            memory: Memory::default(),
            met: Met::default(),
            told: BTreeSet::new(),
            facts: Vec::new(),
        };
        printer.settle();
        printer
    }

    /// Asks for an action. The same id with the same content never acts twice.
    ///
    /// # Errors
    /// A [`Refusal`] when it cannot be begun now; nothing has changed then.
    pub fn begin(&mut self, id: &ActionId, request: &ActionRequest) -> Result<Begun, Refusal> {
        if self.power == Power::Off {
            return Err(Refusal::NoPower);
        }
        if let Some(outcome) = self.memory.recall(id, request)? {
            return Ok(Begun::Stands(outcome));
        }
        if let Some(running) = &self.running {
            return Err(Refusal::Busy(running.id.clone()));
        }
        self.check_possible(request)?;
        let begun = if let Some(condition) = self.obstacle(&request.action) {
            let serial = self.subject(request).map(|blank| blank.serial().clone());
            let outcome = Outcome::Failed { condition, serial };
            self.memory.note(id, request, outcome.clone());
            Begun::Stands(outcome)
        } else {
            self.start(request);
            self.memory.note(id, request, Outcome::Running);
            self.running = Some(Running {
                id: id.clone(),
                request: request.clone(),
            });
            Begun::Moving(Movement::of(&request.action, &self.timings))
        };
        self.settle();
        Ok(begun)
    }

    /// Ends the movement of an action, when its time is over.
    ///
    /// # Errors
    /// [`NotRunning`] when it is not the one that moves.
    pub fn complete(&mut self, id: &ActionId) -> Result<Completed, NotRunning> {
        let running = self
            .running
            .take_if(|running| running.id == *id)
            .ok_or(NotRunning)?;
        let completed = match self.finish(&running) {
            Ended::Finished(outcome) => {
                self.memory.note(id, &running.request, outcome.clone());
                Completed::Finished(outcome)
            }
            Ended::AtExit => {
                self.presenting = Some(running);
                let patience = match self.exit_kind {
                    Exit::Bezel => Some(self.timings.bezel.get()),
                    Exit::Tray => None,
                };
                Completed::AtExit { patience }
            }
        };
        self.settle();
        Ok(completed)
    }

    /// How an action stands; none for an id that the printer does not know.
    pub fn outcome(&self, id: &ActionId) -> Option<&Outcome> {
        self.memory.outcome(id)
    }

    /// The chip under the contacts.
    ///
    /// # Errors
    /// [`NoContact`] when no card lies there, one is on its way, or there is no power.
    pub fn chip(&mut self) -> Result<&mut Chip, NoContact> {
        let resting = self.power == Power::On && self.running.is_none();
        let card = self
            .path
            .as_mut()
            .filter(|card| card.at == PathStation::ChipContact);
        card.filter(|_| resting)
            .map(|card| &mut card.blank.chip)
            .ok_or(NoContact)
    }

    pub(crate) fn bin_is_full(&self) -> bool {
        u32::try_from(self.bin.len()).is_ok_and(|cards| cards >= self.bin_capacity)
    }

    /// The hoppers with their numbers.
    pub(crate) fn numbered_hoppers(&self) -> impl Iterator<Item = (u8, &Hopper)> {
        (1..=u8::MAX).zip(&self.hoppers)
    }

    /// Blanks of a stock in all hoppers.
    pub fn blanks_of(&self, stock: &StockName) -> u32 {
        let hoppers = self.hoppers.iter().filter(|hopper| hopper.stock() == stock);
        hoppers.map(Hopper::left).fold(0, u32::saturating_add)
    }

    pub(crate) fn end_presentation(&mut self, outcome: Outcome) {
        if let Some(presenting) = self.presenting.take() {
            self.memory
                .note(&presenting.id, &presenting.request, outcome);
        }
    }

    /// What happened since this was last asked, in order.
    pub fn take_facts(&mut self) -> Vec<Fact> {
        std::mem::take(&mut self.facts)
    }

    /// The action that moves the path.
    pub fn moving(&self) -> Option<&ActionId> {
        self.running.as_ref().map(|running| &running.id)
    }

    /// The action that waits for somebody to take the card in the exit, and the card.
    pub fn presenting(&self) -> Option<(&ActionId, &Serial)> {
        Some((&self.presenting.as_ref()?.id, self.exit.as_ref()?.serial()))
    }
}
