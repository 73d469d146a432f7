//! The mechanics: which movement is possible, what its first instant does, and its last.

use persotwin_link::device::{Action, ActionRequest, Outcome, Tracks};
use persotwin_link::jobs::Layout;
use persotwin_link::stock::StockName;
use persotwin_link::{Condition, PathStation, Place};

use crate::action::{Refusal, Running};
use crate::blank::Blank;
use crate::face::{Face, Laid, Side};
use crate::fact::Fact;
use crate::printer::{Exit, OnPath, Printer};
use crate::progress::Progress;

/// Where the card lies that shall be rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rejectable {
    OnPath,
    InExit,
}

/// How a movement ended.
pub(crate) enum Ended {
    /// With the action.
    Finished(Outcome),
    /// With the card in the exit.
    AtExit,
}

impl Printer {
    /// Whether the mechanics can do that with the card that lies there.
    pub(crate) fn check_possible(&self, request: &ActionRequest) -> Result<(), Refusal> {
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
    pub(crate) fn subject(&self, request: &ActionRequest) -> Option<&Blank> {
        let rejects = request.action == Action::Reject;
        match self.place_to_reject(request) {
            Some(Rejectable::InExit) if rejects => self.exit.as_ref(),
            _ => self.path.as_ref().map(|card| &card.blank),
        }
    }

    /// What happens at the first instant of a movement: the card is gripped, the ribbon winds.
    pub(crate) fn start(&mut self, request: &ActionRequest) {
        if let Some(card) = &mut self.path {
            // Whatever moves the card lifts the contacts first.
            card.blank.chip.power_off();
        }
        match &request.action {
            Action::Pick { stock } => self.feed(stock, request),
            Action::EncodeStripe(_) => self.shift(PathStation::StripeEncoder),
            Action::PrintFront(_) | Action::PrintBack(_) => {
                self.shift(PathStation::PrintHead);
                let up = self.path.as_ref().map_or(Side::Front, |card| card.up);
                self.ribbon.wind(up);
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
        let mut hoppers = (1..=u8::MAX).zip(&mut self.hoppers);
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
                self.print(&mut card, layout, Progress::WHOLE);
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

    /// Lays the panels of the side that is up, as far as the print has come.
    pub(crate) fn print(&mut self, card: &mut OnPath, layout: &Layout, printed: Progress) {
        let serial = card.blank.serial().clone();
        let panels = self.ribbon.panels(card.up);
        let face = Face::new(layout.clone(), Laid::so_far(panels, printed));
        self.facts.push(Fact::Printed {
            serial,
            side: card.up,
            printed,
        });
        *card.blank.face_mut(card.up) = Some(face);
    }

    pub(crate) fn tell_move(&mut self, blank: &Blank, from: Place, to: Place) {
        self.facts.push(moved(blank, from, to));
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
