//! What people do at the machine: customers and staff at the exit, operators inside.

use persotwin_link::device::{Hatch, JobState, Outcome};
use persotwin_link::setup::Leftover;
use persotwin_link::stock::Ribbon;
use persotwin_link::{CustomerName, Place, Serial};

use crate::action::ActionId;
use crate::blank::Blank;
use crate::fact::Fact;
use crate::mechanics::count;
use crate::parts::Room;
use crate::printer::{Exit, NotRunning, Power, Printer};

/// The exit is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no card in the exit")]
pub struct NothingThere;

/// The printer has no hopper of that number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no hopper {0}")]
pub struct NoSuchHopper(pub u8);

impl Printer {
    /// Somebody takes the card out of the exit. It needs no power, and works after the wait is
    /// over too, as long as the card still lies there.
    ///
    /// # Errors
    /// [`NothingThere`].
    pub fn take(&mut self, by: CustomerName) -> Result<Serial, NothingThere> {
        let blank = self.exit.take().ok_or(NothingThere)?;
        let serial = blank.serial().clone();
        count(&mut self.counters.taken);
        if let Some(job) = blank.job() {
            self.finished.note(job, JobState::Completed);
        }
        self.end_presentation(Outcome::Taken {
            serial: serial.clone(),
        });
        self.tell_move(&blank, Place::Exit, Place::Hand(by.clone()));
        self.hands.push((by, blank));
        self.settle();
        Ok(serial)
    }

    /// A card that somebody holds, for a reader that it is put into.
    pub fn card_in_hand(&mut self, card: &Serial) -> Option<&mut Blank> {
        let mut held = self.hands.iter_mut().map(|(_, blank)| blank);
        held.find(|blank| blank.serial() == card)
    }

    /// The exit's time is over and nobody took the card: it lies there still.
    ///
    /// # Errors
    /// [`NotRunning`] when that action does not wait (any more).
    pub fn stop_waiting(&mut self, id: &ActionId) -> Result<Outcome, NotRunning> {
        let waits = self
            .presenting
            .as_ref()
            .is_some_and(|presenting| presenting.id == *id);
        match &self.exit {
            Some(blank) if waits => {
                let outcome = Outcome::NotTaken {
                    serial: blank.serial().clone(),
                };
                self.end_presentation(outcome.clone());
                self.clear_mouth();
                self.settle();
                Ok(outcome)
            }
            _ => Err(NotRunning),
        }
    }

    /// A bezel does by itself what it is set to do with a card that nobody took, if it can.
    fn clear_mouth(&mut self) {
        let free = self.exit_kind == Exit::Bezel
            && self.power == Power::On
            && self.running.is_none()
            && self.path.is_none()
            && self.stopper().is_none()
            && self.mouth_trouble().is_none();
        match self.leftover {
            Leftover::DrawIn if free => self.pull_back(),
            Leftover::Reject if free => {
                self.pull_back();
                let closed = self.parts.door == Hatch::Closed;
                if closed
                    && !self.bin_is_full()
                    && let Some(card) = self.path.take()
                {
                    self.drop_into_bin(card);
                }
            }
            Leftover::Leave | Leftover::DrawIn | Leftover::Reject => {}
        }
    }

    /// Staff look at the card in the exit and will not hand it over: nobody waits for it any more.
    ///
    /// # Errors
    /// [`NothingThere`] when no card waits there.
    pub fn decline(&mut self) -> Result<Serial, NothingThere> {
        let (id, serial) = self.presenting().ok_or(NothingThere)?;
        let (id, serial) = (id.clone(), serial.clone());
        self.stop_waiting(&id).map_err(|_| NothingThere)?;
        Ok(serial)
    }

    /// An operator puts blanks of its stock into a hopper, numbered from 1. Returns how many.
    ///
    /// # Errors
    /// [`NoSuchHopper`].
    pub fn refill(&mut self, hopper: u8, blanks: u32) -> Result<u32, NoSuchHopper> {
        let found = self.hopper_mut(hopper).ok_or(NoSuchHopper(hopper))?;
        let blanks = found.refill(blanks);
        self.loaded += u64::from(blanks);
        self.facts.push(Fact::Refilled { hopper, blanks });
        self.settle();
        Ok(blanks)
    }

    /// An operator puts in another ribbon.
    pub fn change_ribbon(&mut self, ribbon: Ribbon) {
        self.put_in(ribbon);
        self.facts.push(Fact::RibbonChanged {
            panel_sets: ribbon.panel_sets,
        });
        self.settle();
    }

    /// An operator empties the reject bin. The cards are on their way to destruction; they are
    /// still counted, and can be looked at.
    pub fn empty_bin(&mut self) -> Vec<Serial> {
        let serials: Vec<Serial> = self
            .bin
            .iter()
            .map(|blank| blank.serial().clone())
            .collect();
        self.emptied.append(&mut self.bin);
        self.parts.bin = Room::Free;
        self.facts.push(Fact::BinEmptied {
            serials: serials.clone(),
        });
        self.settle();
        serials
    }
}
