//! What the mechanics can do with the card that lies there, and what stands in the way although they could.

use persotwin_link::device::{Action, ActionRequest, Hatch};
use persotwin_link::{Condition, PathStation};

use crate::action::Refusal;
use crate::blank::Blank;
use crate::face::Side;
use crate::parts::{Pace, Part, Room};
use crate::printer::{Exit, Printer};

/// Where the card lies that shall be rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejectable {
    OnPath,
    InExit,
}

impl Printer {
    /// Whether the mechanics can do that with the card that lies there.
    pub(crate) fn check_possible(&self, request: &ActionRequest) -> Result<(), Refusal> {
        let card = self.path.as_ref();
        match &request.action {
            Action::Pick { .. } if card.is_some() => Err(Refusal::PathOccupied),
            Action::Pick { counted, .. } => {
                let picked = self.counters.picked;
                if counted.is_some_and(|counted| counted != picked) {
                    return Err(Refusal::OtherCount(picked));
                }
                Ok(())
            }
            // Any job may have its way cleared of another's card, and nothing else.
            Action::Reject => self.check_rejectable(request),
            _ if card.is_some_and(|card| card.blank.job() != Some(&request.job)) => {
                Err(Refusal::OtherJob)
            }
            Action::MoveToChip
            | Action::EncodeStripe(_)
            | Action::Flip
            | Action::Check
            | Action::Present => card.map(|_| ()).ok_or(Refusal::NoCard),
            Action::PrintFront(_) => self.check_printable(Side::Front),
            Action::PrintBack(_) => self.check_printable(Side::Back),
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
    pub(crate) fn place_to_reject(&self, request: &ActionRequest) -> Option<Rejectable> {
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
        if card.blank.face(card.really_up()).is_some() {
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

    /// What makes an action vain before it moves anything; it is remembered as met.
    pub(crate) fn obstacle(&mut self, request: &ActionRequest) -> Option<Condition> {
        if let Some(stopper) = self.stopper() {
            return Some(stopper);
        }
        match &request.action {
            Action::Pick { stock, .. } => {
                let none = self.blanks_of(stock) == 0;
                if none {
                    self.met.stock = Some(stock.clone());
                }
                none.then_some(Condition::MediaEmpty)
            }
            Action::MoveToChip if self.parts.reader == Part::Fails => Some(Condition::ReaderGone),
            Action::PrintFront(_) => self.ribbon_trouble(Side::Front),
            Action::PrintBack(_) => self.ribbon_trouble(Side::Back),
            Action::Present => self.way_out(),
            Action::Reject => self.way_to_bin(self.place_to_reject(request)),
            Action::MoveToChip | Action::EncodeStripe(_) | Action::Flip | Action::Check => None,
        }
    }

    /// What keeps everything from moving.
    pub(crate) fn stopper(&self) -> Option<Condition> {
        let parts = &self.parts;
        let stops = [
            (parts.cover == Hatch::Open, Condition::CoverOpen),
            (parts.lock == Hatch::Open, Condition::Unlocked),
            (parts.pace == Pace::Paused, Condition::Paused),
        ];
        let stop = stops.into_iter().find(|(stops, _)| *stops);
        stop.map(|(_, condition)| condition).or(self.jam())
    }

    /// The card that nothing moves any more.
    pub(crate) fn jam(&self) -> Option<Condition> {
        let card = self
            .path
            .as_ref()
            .filter(|_| self.parts.path == Part::Fails)?;
        Some(match card.at {
            PathStation::Feeder => Condition::FeedJam,
            PathStation::ChipContact
            | PathStation::StripeEncoder
            | PathStation::PrintHead
            | PathStation::Flipper => Condition::PathJam,
        })
    }

    /// Why a side cannot be printed with the ribbon.
    pub(crate) fn ribbon_trouble(&self, side: Side) -> Option<Condition> {
        match &self.ribbon {
            None => Some(Condition::RibbonMissing),
            Some(spool) if spool.is_torn() => Some(Condition::RibbonBroken),
            Some(spool) if spool.kind() != self.ribbons => Some(Condition::RibbonWrong),
            Some(spool) if !spool.has(side) => Some(Condition::RibbonEnded),
            Some(_) => None,
        }
    }

    fn way_out(&mut self) -> Option<Condition> {
        if self.parts.door == Hatch::Open {
            Some(Condition::DoorOpen)
        } else if self.parts.exit == Room::Blocked {
            Some(Condition::ExitBlocked)
        } else if self.exit.is_some() {
            self.met.exit = true;
            Some(Condition::ExitBlocked)
        } else {
            self.mouth_trouble()
        }
    }

    fn way_to_bin(&self, from: Option<Rejectable>) -> Option<Condition> {
        if self.parts.door == Hatch::Open {
            Some(Condition::DoorOpen)
        } else if self.bin_is_full() {
            Some(Condition::RejectFull)
        } else if from == Some(Rejectable::InExit) {
            self.mouth_trouble()
        } else {
            None
        }
    }

    /// Why nothing goes through the mouth of the exit.
    pub(crate) fn mouth_trouble(&self) -> Option<Condition> {
        let stuck = self.exit_kind == Exit::Bezel && self.parts.bezel == Part::Fails;
        stuck.then_some(Condition::BezelStuck)
    }
}
