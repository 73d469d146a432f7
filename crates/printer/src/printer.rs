//! The printer: what lies where, and the one action that moves the path.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use persotwin_chip::Profile;
use persotwin_contract::ids::PersoStation;
use persotwin_link::device::{Action, ActionRequest, Counters, Outcome};
use persotwin_link::setup::{HeadLimits, Leftover};
use persotwin_link::stock::{Coercivity, Load, Panel, Ribbon, RibbonKind, StockName};
use persotwin_link::timings::Timings;
use persotwin_link::{Condition, CustomerName, PathStation, Serial, Stage};

use crate::action::{ActionId, Begun, Completed, Memory, Movement, Refusal, Running};
use crate::blank::Blank;
use crate::conditions::Met;
use crate::environment::Mishap;
use crate::environment::armed::{Due, Waiting};
use crate::face::Side;
use crate::fact::Fact;
use crate::finished::Finished;
use crate::heat::Heat;
use crate::hopper::{Chips, Hopper, Lies};
use crate::mechanics::Ended;
use crate::parts::{Parts, Room};
use crate::progress::Progress;
use crate::ribbon::Spool;

/// How cards leave the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// A mouth that waits a while and can take the card back.
    Bezel,
    /// A tray: it waits for ever, and cannot take the card back.
    Tray,
}

/// Whether counters outlive a loss of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counting {
    /// They do.
    #[default]
    Lasting,
    /// They start from nothing each time. No careful maker builds that.
    Volatile,
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
    /// The chips of each stock. A plan describes every one; a hopper of another stock has [`Profile::generic`] ones.
    pub chips: BTreeMap<StockName, Profile>,
    /// The ribbon; the printer is set up for ribbons of its kind.
    pub ribbon: Ribbon,
    /// The temperatures of the print head.
    pub head: HeadLimits,
    /// For which stripes the encoder is set.
    pub encoder: Coercivity,
    /// What a bezel does by itself with a card that nobody took.
    pub leftover: Leftover,
    /// How many cards the reject bin holds.
    pub reject_bin: u32,
    /// The movements' times.
    pub timings: Timings,
    /// Whether its counters outlive a loss of power.
    pub counting: Counting,
}

/// A card printer and every blank that was ever loaded into it, wherever it is now.
#[derive(Debug, Clone)]
pub struct Printer {
    pub(crate) exit_kind: Exit,
    pub(crate) timings: Timings,
    pub(crate) power: Power,
    pub(crate) hoppers: Vec<Hopper>,
    pub(crate) path: Option<OnPath>,
    /// A blank that a double feed brought, at the feeder behind the card.
    pub(crate) behind: Option<(Blank, Lies)>,
    pub(crate) exit: Option<Blank>,
    pub(crate) hands: Vec<(CustomerName, Blank)>,
    pub(crate) bin: Vec<Blank>,
    pub(crate) bin_capacity: u32,
    pub(crate) emptied: Vec<Blank>,
    pub(crate) loaded: u64,
    /// The kind of ribbon that it is set up for.
    pub(crate) ribbons: RibbonKind,
    pub(crate) ribbon: Option<Spool>,
    pub(crate) heat: Heat,
    pub(crate) encoder: Coercivity,
    pub(crate) leftover: Leftover,
    pub(crate) chips: Chips,
    pub(crate) parts: Parts,
    pub(crate) armed: Waiting,
    pub(crate) finished: Finished,
    pub(crate) counters: Counters,
    pub(crate) counting: Counting,
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
    /// The side that the mechanics take to be under the print head.
    pub(crate) up: Side,
    /// Whether it is.
    pub(crate) lies: Lies,
}

impl OnPath {
    /// A blank that has just left its hopper.
    pub(crate) fn fed(blank: Blank, lies: Lies) -> Self {
        Self {
            blank,
            at: PathStation::Feeder,
            up: Side::Front,
            lies,
        }
    }

    /// The side that is really under the print head.
    pub(crate) fn really_up(&self) -> Side {
        self.lies.really(self.up)
    }
}

/// An action that is not the one that moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such action is moving")]
pub struct NotRunning;

impl Printer {
    /// A printer with power, its path and exit free.
    pub fn new(setup: Setup) -> Self {
        let Setup {
            station,
            exit,
            hoppers,
            chips,
            ribbon,
            head,
            encoder,
            leftover,
            reject_bin,
            timings,
            counting,
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
            behind: None,
            exit: None,
            hands: Vec::new(),
            bin: Vec::new(),
            bin_capacity: reject_bin,
            emptied: Vec::new(),
            loaded,
            ribbons: ribbon.kind,
            ribbon: Some(Spool::new(ribbon)),
            heat: Heat::new(head),
            encoder,
            leftover,
            chips,
            parts: Parts::default(),
            armed: Waiting::default(),
            finished: Finished::default(),
            counters: Counters::default(),
            counting,
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
        let begun = if let Some(condition) = self.obstacle(request) {
            let serial = self.subject(request).map(|blank| blank.serial().clone());
            let outcome = Outcome::Failed { condition, serial };
            self.memory.note(id, request, outcome.clone());
            Begun::Stands(outcome)
        } else {
            let running = self.set_going(id, request);
            self.start(&running);
            self.memory.note(id, request, Outcome::Running);
            let movement = running.movement;
            self.running = Some(running);
            Begun::Moving(movement)
        };
        self.settle();
        Ok(begun)
    }

    /// The movement that begins, with what will strike in it.
    fn set_going(&mut self, id: &ActionId, request: &ActionRequest) -> Running {
        let mut movement = Movement::of(&request.action, &self.timings);
        let stage = movement.stage;
        let mut due = self.armed.strike_in(stage);
        for due in &mut due {
            if let Mishap::RibbonEnds { at } = due.what {
                due.at = self.end_of_film(&request.action, at);
            }
        }
        due.sort_by_key(|due| due.at);
        let stops = |due: &Due| due.what.stops(stage).is_some();
        let after = due
            .iter()
            .position(stops)
            .map_or(due.len(), |stop| stop + 1);
        let missed = due.split_off(after);
        self.armed
            .again(missed.into_iter().map(|due| (stage, due)).collect());
        let stop = due.pop_if(|due| stops(due));
        if let Some(stop) = &stop {
            movement.duration = stop.at.of_time(movement.duration);
        }
        if matches!(stage, Stage::PrintFront | Stage::PrintBack) {
            movement.cooling = self.heat.rest();
        }
        Running {
            id: id.clone(),
            request: request.clone(),
            movement,
            stop,
            due,
        }
    }

    /// How far a print comes on a film that ends where a panel should begin; not at all if that side has no such panel.
    fn end_of_film(&self, action: &Action, at: Panel) -> Progress {
        let side = match action {
            Action::PrintBack(_) => Side::Back,
            _ => Side::Front,
        };
        let panels = self
            .ribbon
            .as_ref()
            .map_or(&[][..], |spool| spool.panels(side));
        let before = panels.iter().position(|panel| *panel == at).unwrap_or(0);
        Progress::of_count(before, panels.len())
    }

    /// Ends the movement of an action, when its time is over.
    ///
    /// # Errors
    /// [`NotRunning`] when it is not the one that moves.
    pub fn complete(&mut self, id: &ActionId) -> Result<Completed, NotRunning> {
        let mut running = self
            .running
            .take_if(|running| running.id == *id)
            .ok_or(NotRunning)?;
        if !running.movement.cooling.is_zero() {
            self.heat.rested();
        }
        let completed = if let Some(stop) = running.stop.take() {
            Completed::Finished(self.break_off(&running, stop.at, (stop.id, stop.what)))
        } else {
            self.strike_all(&running.due);
            match self.finish(&running) {
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
            }
        };
        self.draw_up();
        self.settle();
        Ok(completed)
    }

    /// How an action stands; none for an id that the printer does not know.
    pub fn outcome(&self, id: &ActionId) -> Option<&Outcome> {
        self.memory.outcome(id)
    }

    /// Time passes, and the head cools. `now` is counted from the beginning of the world; it never goes back.
    pub fn pass_to(&mut self, now: Duration) {
        self.heat.pass_to(now);
        self.settle();
    }

    /// The head has cooled as long as the movement said that begins now.
    pub fn cooled(&mut self) {
        self.heat.rested();
        self.settle();
    }

    /// How long the head must cool until it prints again; no time for one that is ready.
    pub fn rest(&self) -> Duration {
        self.heat.rest()
    }

    pub(crate) fn bin_is_full(&self) -> bool {
        self.parts.bin == Room::Blocked
            || u32::try_from(self.bin.len()).is_ok_and(|cards| cards >= self.bin_capacity)
    }

    pub(crate) fn hopper(&self, number: u8) -> Option<&Hopper> {
        self.hoppers.get(usize::from(number).checked_sub(1)?)
    }

    pub(crate) fn hopper_mut(&mut self, number: u8) -> Option<&mut Hopper> {
        self.hoppers.get_mut(usize::from(number).checked_sub(1)?)
    }

    /// The chips of a stock, if anybody said what they are.
    pub(crate) fn profile_of(&self, stock: &StockName) -> Option<Profile> {
        self.chips.get(stock).cloned()
    }

    /// Which stripe blanks of a stock have: that of a hopper whose label names it.
    pub(crate) fn stripe_of(&self, stock: &StockName) -> Coercivity {
        let mut hoppers = self.hoppers.iter();
        hoppers
            .find(|hopper| hopper.stock() == stock)
            .map(Hopper::stripe)
            .unwrap_or_default()
    }

    pub(crate) fn put_in(&mut self, ribbon: Ribbon) {
        self.ribbon = Some(Spool::new(ribbon));
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
