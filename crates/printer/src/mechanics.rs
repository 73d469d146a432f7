//! The mechanics: what the first instant of a movement does, and its last.

use persotwin_link::device::{Action, ActionRequest, Outcome, Tracks};
use persotwin_link::jobs::Layout;
use persotwin_link::stock::{Panel, StockName};
use persotwin_link::{Condition, PathStation, Place};

use crate::action::Running;
use crate::blank::Blank;
use crate::environment::{Mishap, Spoil};
use crate::face::{Face, Flaw, Laid, Side};
use crate::fact::Fact;
use crate::hopper::Lies;
use crate::parts::Part;
use crate::possible::Rejectable;
use crate::printer::{OnPath, Printer};
use crate::progress::Progress;

/// How a movement ended.
pub(crate) enum Ended {
    /// With the action.
    Finished(Outcome),
    /// With the card in the exit.
    AtExit,
}

impl Printer {
    /// What happens at the first instant of a movement: the card is gripped, the ribbon winds.
    pub(crate) fn start(&mut self, running: &Running) {
        let request = &running.request;
        if let Some(card) = &mut self.path {
            // Whatever moves the card lifts the contacts first.
            card.blank.chip.power_off();
        }
        match &request.action {
            Action::Pick { stock, .. } => match running.stop.as_ref().map(|stop| &stop.what) {
                Some(Mishap::FeedFails) => {}
                Some(Mishap::DoubleFeed) => {
                    self.feed(stock, request);
                    self.feed(stock, request);
                }
                _ => self.feed(stock, request),
            },
            Action::EncodeStripe(_) => {
                self.shift(PathStation::StripeEncoder);
                count(&mut self.counters.encoded);
            }
            Action::PrintFront(_) => {
                self.shift(PathStation::PrintHead);
                self.use_ribbon(Side::Front);
            }
            Action::PrintBack(_) => {
                self.shift(PathStation::PrintHead);
                self.use_ribbon(Side::Back);
            }
            Action::Flip => self.shift(PathStation::Flipper),
            Action::Reject => {
                if self.place_to_reject(request) == Some(Rejectable::InExit) {
                    self.pull_back();
                }
            }
            Action::MoveToChip | Action::Check | Action::Present => {}
        }
    }

    /// Winds the ribbon for a side, which is counted; returns what it will get.
    pub(crate) fn use_ribbon(&mut self, side: Side) -> &'static [Panel] {
        count(&mut self.counters.printed);
        count(&mut self.counters.since_cleaning);
        match &mut self.ribbon {
            Some(spool) => {
                spool.wind(side);
                spool.panels(side)
            }
            None => &[],
        }
    }

    /// One blank of the stock onto the path, or behind the card there.
    fn feed(&mut self, stock: &StockName, request: &ActionRequest) {
        let mut hoppers = (1..=u8::MAX).zip(&mut self.hoppers);
        let picked = hoppers
            .find(|(_, hopper)| hopper.stock() == stock && hopper.left() > 0)
            .and_then(|(number, hopper)| Some((number, hopper.pick()?)));
        let Some((number, (mut blank, lies))) = picked else {
            return;
        };
        self.tell_feed(&mut blank, number, request);
        if self.path.is_some() {
            self.behind = Some((blank, lies));
        } else {
            // A feeder counts its turns, and not what comes of them.
            count(&mut self.counters.picked);
            self.path = Some(OnPath::fed(blank, lies));
        }
    }

    fn tell_feed(&mut self, blank: &mut Blank, number: u8, request: &ActionRequest) {
        blank.job = Some(request.job.clone());
        let at = PathStation::Feeder;
        self.tell_move(blank, Place::Hopper(number), Place::Path(at));
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
    pub(crate) fn pull_back(&mut self) {
        let Some(blank) = self.exit.take() else {
            return;
        };
        self.end_presentation(Outcome::NotTaken {
            serial: blank.serial().clone(),
        });
        let at = PathStation::Flipper;
        self.tell_move(&blank, Place::Exit, Place::Path(at));
        self.path = Some(OnPath {
            at,
            ..OnPath::fed(blank, Lies::Right)
        });
    }

    /// Drops a card of the path into the reject bin.
    pub(crate) fn drop_into_bin(&mut self, card: OnPath) {
        self.tell_move(&card.blank, Place::Path(card.at), Place::RejectBin);
        count(&mut self.counters.rejected);
        self.abort_job_of(&card.blank);
        self.bin.push(card.blank);
    }

    /// What is true at the last instant of a movement.
    pub(crate) fn finish(&mut self, running: &Running) -> Ended {
        let Some(mut card) = self.path.take() else {
            // `begin` saw a card, and nothing but its own action moves it.
            return Ended::Finished(Outcome::Failed {
                condition: Condition::FeedJam,
                serial: None,
            });
        };
        let serial = card.blank.serial().clone();
        let mut outcome = Outcome::Done {
            serial: serial.clone(),
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
                let spoils = running.due.iter().filter_map(|due| match due.what {
                    Mishap::PrintSpoils(spoil) => Some(spoil),
                    _ => None,
                });
                self.print(&mut card, layout, Progress::WHOLE, spoils);
            }
            Action::Check => {
                if self.parts.camera == Part::Works && !card.blank.is_well_printed() {
                    outcome = Outcome::Failed {
                        condition: Condition::PrintSpoiled,
                        serial: Some(serial),
                    };
                }
            }
            Action::Present => {
                self.tell_move(&card.blank, Place::Path(card.at), Place::Exit);
                count(&mut self.counters.presented);
                self.exit = Some(card.blank);
                return Ended::AtExit;
            }
            Action::Reject => {
                self.drop_into_bin(card);
                return Ended::Finished(outcome);
            }
        }
        self.path = Some(card);
        Ended::Finished(outcome)
    }

    /// Writes the stripe and reads it back.
    fn encode(&mut self, card: &mut OnPath, tracks: &Tracks) -> Outcome {
        let serial = card.blank.serial().clone();
        let failed = |serial| Outcome::Failed {
            condition: Condition::StripeFailed,
            serial: Some(serial),
        };
        let stripe = &mut card.blank.stripe;
        // The stripe of a card that lies upside down is out of the head's reach.
        if card.lies == Lies::UpsideDown || stripe.write(tracks, self.encoder).is_err() {
            return failed(serial);
        }
        if !self.parts.writing.is_good_this_time() {
            stripe.weaken();
        }
        self.facts.push(Fact::Encoded {
            serial: serial.clone(),
            written: Progress::WHOLE,
        });
        let Ok(mut read) = stripe.read() else {
            return failed(serial);
        };
        if !self.parts.reading.is_good_this_time() {
            // One flux change read late: another character than was written, and its parity by chance right.
            let last = if read.track2.ends_with('0') { '1' } else { '0' };
            read.track2.pop();
            read.track2.push(last);
        }
        Outcome::Done {
            serial,
            read_back: Some(read),
        }
    }

    /// Lays the panels of the side that is up, as far as the print has come.
    pub(crate) fn print(
        &mut self,
        card: &mut OnPath,
        layout: &Layout,
        printed: Progress,
        spoils: impl Iterator<Item = Spoil>,
    ) {
        let (serial, side) = (card.blank.serial().clone(), card.really_up());
        let panels = self
            .ribbon
            .as_ref()
            .map_or(&[][..], |spool| spool.panels(card.up));
        let mut laid = Laid::so_far(panels, printed);
        self.heat.print(&laid);
        let mut flaws = Vec::new();
        for spoil in spoils {
            match spoil {
                Spoil::Flaw(flaw) => flaws.push(flaw),
                Spoil::MissingPanel(panel) => laid = laid.without(panel),
            }
        }
        if card.lies == Lies::UpsideDown {
            flaws.push(Flaw::WrongSide);
        }
        let face = Face::new(layout.clone(), laid);
        let face = flaws.into_iter().fold(face, Face::with);
        self.facts.push(Fact::Printed {
            serial,
            side,
            printed: face.printed(),
        });
        *card.blank.face_mut(side) = Some(face);
    }

    pub(crate) fn tell_move(&mut self, blank: &Blank, from: Place, to: Place) {
        self.facts.push(moved(blank, from, to));
    }
}

/// One more; a counter that is full stays so.
pub(crate) fn count(counter: &mut u32) {
    *counter = counter.saturating_add(1);
}

fn moved(blank: &Blank, from: Place, to: Place) -> Fact {
    Fact::Moved {
        serial: blank.serial().clone(),
        from,
        to,
        job: blank.job().cloned(),
    }
}
