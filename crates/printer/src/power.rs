//! Power: what its loss interrupts, forgets and leaves.
//!
//! Forgotten: the action that moves, and every outcome (ours: the printer keeps them in memory; the
//! agent asks what lies where instead). Left: where cards lie, what was done to them so far,
//! counters, stock and ribbon. A card in a motor-driven mouth stays there.

use persotwin_link::device::Action;

use crate::action::{ActionId, Memory, Running};
use crate::fact::Fact;
use crate::printer::{OnPath, Power, Printer};
use crate::progress::Progress;

impl Printer {
    /// Power goes, when the movement in progress had come so far. Returns the actions that nobody
    /// will hear of any more: the one that moved, and the one that waited at the exit.
    pub fn lose_power(&mut self, done: Progress) -> Vec<ActionId> {
        let running = self.running.take();
        if let Some(mut card) = self.path.take() {
            if let Some(running) = &running {
                self.interrupt(running, &mut card, done);
            }
            card.blank.chip.power_off();
            self.path = Some(card);
        }
        self.power = Power::Off;
        self.memory = Memory::default();
        let forgotten = running.into_iter().chain(self.presenting.take());
        let forgotten = forgotten.map(|running| running.id).collect();
        self.settle();
        forgotten
    }

    /// Power comes back. Nothing moves until the agent says so (ours).
    pub fn restore_power(&mut self) {
        self.power = Power::On;
        self.settle();
    }

    /// Whether there is power.
    pub fn has_power(&self) -> bool {
        self.power == Power::On
    }

    /// What a movement leaves that stops half way. A card between two stations lies at the one
    /// that it left.
    fn interrupt(&mut self, running: &Running, card: &mut OnPath, done: Progress) {
        match &running.request.action {
            Action::EncodeStripe(tracks) => {
                // A text that cannot stand on its track was not going to be written either.
                if card.blank.stripe.write(tracks).is_ok() {
                    card.blank.stripe.cut(done);
                    let serial = card.blank.serial().clone();
                    self.facts.push(Fact::Encoded {
                        serial,
                        written: done,
                    });
                }
            }
            Action::PrintFront(layout) | Action::PrintBack(layout) => {
                self.print(card, layout, done);
            }
            Action::Pick { .. }
            | Action::MoveToChip
            | Action::Flip
            | Action::Present
            | Action::Reject => {}
        }
    }
}
