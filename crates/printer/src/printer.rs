//! The printer: what lies where, and the one action that moves the path.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_chip::{Chip, Profile};
use persotwin_contract::ids::PersoStation;
use persotwin_link::device::{Action, ActionRequest, Counters, Outcome, Tracks};
use persotwin_link::stock::{Load, Ribbon, StockName};
use persotwin_link::timings::Timings;
use persotwin_link::{Condition, CustomerName, PathStation, Place, Serial};

use crate::action::{ActionId, Begun, Completed, Memory, Movement, Refusal, Running};
use crate::blank::Blank;
use crate::conditions::Met;
use crate::face::{Face, Side};
use crate::fact::Fact;
use crate::hopper::Hopper;
use crate::progress::Progress;

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
    pub(crate) ribbon: Ribbon,
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

/// Where the card lies that shall be rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rejectable {
    OnPath,
    InExit,
}

/// How a movement ended.
enum Ended {
    /// With the action.
    Finished(Outcome),
    /// With the card in the exit.
    AtExit,
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
        let loaded = hoppers.iter().map(|load| u64::from(load.blanks)).sum();
        // Hoppers beyond number 255 have no number and do not exist.
        let hoppers = (1..=u8::MAX).zip(&hoppers).map(|(number, load)| {
            let profile = chips
                .get(&load.stock)
                .cloned()
                .unwrap_or_else(Profile::generic);
            Hopper::new(station.clone(), number, load, profile)
        });
        let mut printer = Self {
            exit_kind: exit,
            timings,
            power: Power::On,
            hoppers: hoppers.collect(),
            path: None,
            exit: None,
            hands: Vec::new(),
            bin: Vec::new(),
            bin_capacity: reject_bin,
            emptied: Vec::new(),
            loaded,
            ribbon,
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

    /// Whether the mechanics can do that with the card that lies there.
    fn check_possible(&self, request: &ActionRequest) -> Result<(), Refusal> {
        let card = self.path.as_ref();
        match &request.action {
            Action::Pick { .. } if card.is_some() => Err(Refusal::PathOccupied),
            Action::Pick { .. } => Ok(()),
            Action::MoveToChip | Action::EncodeStripe(_) | Action::Flip | Action::Present => {
                card.map(|_| ()).ok_or(Refusal::NoCard)
            }
            Action::PrintFront(_) => self.check_printable(Side::Front),
            Action::PrintBack(_) => self.check_printable(Side::Back),
            Action::Reject => self.check_rejectable(request),
        }
    }

    fn check_rejectable(&self, request: &ActionRequest) -> Result<(), Refusal> {
        match self.place_to_reject(request) {
            None => Err(Refusal::NoCard),
            Some(Rejectable::OnPath) => Ok(()),
            Some(Rejectable::InExit) => match (&self.presenting, self.exit_kind) {
                _ if self.path.is_some() => Err(Refusal::PathOccupied),
                (Some(_), Exit::Tray) => Err(Refusal::TrayHolds),
                (Some(_), Exit::Bezel) | (None, _) => Ok(()),
            },
        }
    }

    /// Which card a Reject means: that of its job, else the one on the path, else the one in the
    /// exit.
    fn place_to_reject(&self, request: &ActionRequest) -> Option<Rejectable> {
        let of_job = |blank: &Blank| blank.job() == Some(&request.job);
        let path = self.path.as_ref().map(|card| of_job(&card.blank));
        let exit = self.exit.as_ref().map(of_job);
        match (path, exit) {
            (None, None) => None,
            (None | Some(false), Some(true)) | (None, Some(false)) => Some(Rejectable::InExit),
            (Some(_), _) => Some(Rejectable::OnPath),
        }
    }

    fn check_printable(&self, side: Side) -> Result<(), Refusal> {
        let card = self.path.as_ref().ok_or(Refusal::NoCard)?;
        if card.up != side {
            return Err(Refusal::WrongSide);
        }
        if card.blank.face(side).is_some() {
            Err(Refusal::AlreadyPrinted)
        } else {
            Ok(())
        }
    }

    /// The card that an action would be done to.
    fn subject(&self, request: &ActionRequest) -> Option<&Blank> {
        let rejects = request.action == Action::Reject;
        match self.place_to_reject(request) {
            Some(Rejectable::InExit) if rejects => self.exit.as_ref(),
            _ => self.path.as_ref().map(|card| &card.blank),
        }
    }

    /// What happens at the first instant of a movement: the card is gripped, the ribbon winds.
    fn start(&mut self, request: &ActionRequest) {
        if let Some(card) = &mut self.path {
            // Whatever moves the card lifts the contacts first.
            card.blank.chip.power_off();
        }
        match &request.action {
            Action::Pick { stock } => self.feed(stock, request),
            Action::EncodeStripe(_) => self.shift(PathStation::StripeEncoder),
            Action::PrintFront(_) | Action::PrintBack(_) => {
                self.shift(PathStation::PrintHead);
                self.ribbon.panel_sets = self.ribbon.panel_sets.saturating_sub(1);
            }
            Action::Flip => self.shift(PathStation::Flipper),
            Action::Reject => {
                if self.place_to_reject(request) == Some(Rejectable::InExit) {
                    self.pull_back();
                }
            }
            Action::MoveToChip | Action::Present => {}
        }
    }

    fn feed(&mut self, stock: &StockName, request: &ActionRequest) {
        let mut hoppers = (1..).zip(&mut self.hoppers);
        let picked = hoppers
            .find(|(_, hopper)| hopper.stock() == stock && hopper.left() > 0)
            .and_then(|(number, hopper)| Some((number, hopper.pick()?)));
        let Some((number, mut blank)) = picked else {
            return;
        };
        blank.job = Some(request.job.clone());
        let at = PathStation::Feeder;
        self.counters.picked += 1;
        self.tell_move(&blank, Place::Hopper(number), Place::Path(at));
        self.path = Some(OnPath {
            blank,
            at,
            up: Side::Front,
        });
    }

    /// Moves the card along the path.
    fn shift(&mut self, to: PathStation) {
        let Some(card) = &mut self.path else { return };
        let from = std::mem::replace(&mut card.at, to);
        if from != to {
            let fact = moved(&card.blank, Place::Path(from), Place::Path(to));
            self.facts.push(fact);
        }
    }

    /// Draws the card in the exit back onto the path. The wait for somebody to take it is over.
    fn pull_back(&mut self) {
        let Some(blank) = self.exit.take() else {
            return;
        };
        self.end_presentation(Outcome::NotTaken {
            serial: blank.serial().clone(),
        });
        let at = PathStation::Flipper;
        self.tell_move(&blank, Place::Exit, Place::Path(at));
        self.path = Some(OnPath {
            blank,
            at,
            up: Side::Front,
        });
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

    /// What is true at the last instant of a movement.
    fn finish(&mut self, running: &Running) -> Ended {
        let Some(mut card) = self.path.take() else {
            // `begin` saw a card, and nothing but its own action moves it.
            return Ended::Finished(Outcome::Failed {
                condition: Condition::FeedJam,
                serial: None,
            });
        };
        let serial = card.blank.serial().clone();
        let mut outcome = Outcome::Done {
            serial,
            read_back: None,
        };
        match &running.request.action {
            Action::Pick { .. } => {}
            Action::MoveToChip => {
                let from = std::mem::replace(&mut card.at, PathStation::ChipContact);
                if from != card.at {
                    self.tell_move(&card.blank, Place::Path(from), Place::Path(card.at));
                }
            }
            Action::EncodeStripe(tracks) => outcome = self.encode(&mut card, tracks),
            Action::Flip => card.up = card.up.turned(),
            Action::PrintFront(layout) | Action::PrintBack(layout) => {
                self.print(&mut card, Face::new(layout.clone(), Progress::WHOLE));
            }
            Action::Present => {
                self.tell_move(&card.blank, Place::Path(card.at), Place::Exit);
                self.counters.presented += 1;
                self.exit = Some(card.blank);
                return Ended::AtExit;
            }
            Action::Reject => {
                self.tell_move(&card.blank, Place::Path(card.at), Place::RejectBin);
                self.counters.rejected += 1;
                self.bin.push(card.blank);
                return Ended::Finished(outcome);
            }
        }
        self.path = Some(card);
        Ended::Finished(outcome)
    }

    /// Writes the stripe and reads it back.
    fn encode(&mut self, card: &mut OnPath, tracks: &Tracks) -> Outcome {
        let serial = card.blank.serial().clone();
        let stripe = &mut card.blank.stripe;
        match stripe.write(tracks).and_then(|()| stripe.read()) {
            Ok(read) => {
                let written = Progress::WHOLE;
                self.facts.push(Fact::Encoded {
                    serial: serial.clone(),
                    written,
                });
                Outcome::Done {
                    serial,
                    read_back: Some(read),
                }
            }
            Err(_) => Outcome::Failed {
                condition: Condition::StripeFailed,
                serial: Some(serial),
            },
        }
    }

    pub(crate) fn print(&mut self, card: &mut OnPath, face: Face) {
        let (serial, printed) = (card.blank.serial().clone(), face.printed());
        self.facts.push(Fact::Printed {
            serial,
            side: card.up,
            printed,
        });
        *card.blank.face_mut(card.up) = Some(face);
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

    /// Blanks of a stock in all hoppers.
    pub fn blanks_of(&self, stock: &StockName) -> u32 {
        let hoppers = self.hoppers.iter().filter(|hopper| hopper.stock() == stock);
        hoppers.map(Hopper::left).fold(0, u32::saturating_add)
    }

    pub(crate) fn bin_is_full(&self) -> bool {
        u32::try_from(self.bin.len()).is_ok_and(|cards| cards >= self.bin_capacity)
    }

    pub(crate) fn end_presentation(&mut self, outcome: Outcome) {
        if let Some(presenting) = self.presenting.take() {
            self.memory
                .note(&presenting.id, &presenting.request, outcome);
        }
    }

    pub(crate) fn tell_move(&mut self, blank: &Blank, from: Place, to: Place) {
        self.facts.push(moved(blank, from, to));
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

fn moved(blank: &Blank, from: Place, to: Place) -> Fact {
    Fact::Moved {
        serial: blank.serial().clone(),
        from,
        to,
        job: blank.job().cloned(),
    }
}
