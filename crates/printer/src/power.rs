//! Power: what its loss interrupts, forgets and leaves.
//!
//! Forgotten: the action that moves, and every outcome (ours: the printer keeps them in memory; the
//! agent asks what lies where instead). Left: where cards lie, what was done to them so far,
//! counters (unless they are [`Counting::Volatile`]), stock and ribbon. A card in a motor-driven mouth stays there.

use persotwin_link::device::{Action, Counters};

use crate::action::{ActionId, Memory, Running};
use crate::fact::Fact;
use crate::hopper::Lies;
use crate::parts::Part;
use crate::printer::{Counting, OnPath, Power, Printer};
use crate::progress::Progress;

impl Printer {
    /// Power goes, when the movement in progress had come so far. Returns the actions that nobody
    /// will hear of any more: the one that moved, and the one that waited at the exit.
    pub fn lose_power(&mut self, done: Progress) -> Vec<ActionId> {
        let mut running = self.running.take();
        if let Some(running) = &mut running {
            let at = running.reached(done);
            self.armed.again(running.not_before(at));
            self.strike_all(&running.due);
            if let Some(mut card) = self.path.take() {
                self.interrupt(running, &mut card, at);
                self.path = Some(card);
            }
        }
        if let Some(card) = &mut self.path {
            card.blank.chip.power_off();
        }
        self.power = Power::Off;
        self.memory = Memory::default();
        self.finished.forget();
        if self.counting == Counting::Volatile {
            self.counters = Counters::default();
        }
        let forgotten = running.into_iter().chain(self.presenting.take());
        let forgotten = forgotten.map(|running| running.id).collect();
        self.settle();
        forgotten
    }

    /// Power comes back. Nothing moves until the agent says so (ours). A chip reader that did not
    /// answer is found again.
    pub fn restore_power(&mut self) {
        self.power = Power::On;
        self.parts.reader = Part::Works;
        self.settle();
    }

    /// Whether there is power.
    pub fn has_power(&self) -> bool {
        self.power == Power::On
    }

    /// What a movement leaves that stops half way. A card between two stations lies at the one
    /// that it left.
    pub(crate) fn interrupt(&mut self, running: &Running, card: &mut OnPath, done: Progress) {
        match &running.request.action {
            Action::EncodeStripe(tracks) => {
                // A text that cannot stand on its track was not going to be written either.
                if card.lies == Lies::Right && card.blank.stripe.write(tracks, self.encoder).is_ok()
                {
                    card.blank.stripe.cut(done);
                    let serial = card.blank.serial().clone();
                    self.facts.push(Fact::Encoded {
                        serial,
                        written: done,
                    });
                }
            }
            Action::PrintFront(layout) | Action::PrintBack(layout) => {
                self.print(card, layout, done, std::iter::empty());
            }
            Action::Pick { .. }
            | Action::MoveToChip
            | Action::Flip
            | Action::Check
            | Action::Present
            | Action::Reject => {}
        }
    }
}
