//! What D1 itself does to an order: its own steps, its deadlines, and cancelling.

use persotwin_contract::production::ProductionCode;
use persotwin_contract::rules::DoneWhen;
use persotwin_link::setup::Present;

use super::order::{Order, Stage};
use super::report::{fail, release};
use crate::entry::{Change, End, Ruling};

/// Where a finished card is until D1 has ruled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Custody {
    /// Inside the machine: a deadline is a safe decision, for the card will be captured.
    Inside,
    /// Perhaps in somebody's hand already.
    Outside,
}

impl From<Present> for Custody {
    fn from(present: Present) -> Self {
        match present {
            Present::OnRelease | Present::ByStaff => Self::Inside,
            Present::AtOnce => Self::Outside,
        }
    }
}

/// Whether an agent that never answered "taken" may have the job all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handing {
    /// Every attempt was refused: it has not.
    Refused,
    /// An answer was lost.
    Unsure,
}

/// Why an order cannot be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CancelError {
    /// No such order.
    #[error("no order has this operation id")]
    Unknown,
    /// The ruling is written.
    #[error("the order is decided: its card was released, or there will be none")]
    Decided,
    /// The card may be in somebody's hand already.
    #[error("the station gives cards out at once, and may have the job")]
    MayBeOut,
    /// D1 does not run, or its ledger failed.
    #[error("D1 is down")]
    Down,
}

impl Order {
    /// The data are ready.
    pub(crate) fn prepared(&self) -> Vec<Change> {
        only(self.stage() == Stage::Preparing, Change::Prepared)
    }

    /// The data cannot be made into a card.
    pub(crate) fn data_refused(&self, code: ProductionCode) -> Vec<Change> {
        let end = End::DataException { code };
        only(self.stage() == Stage::Preparing, Change::Ended { end })
    }

    /// The job is about to be sent to the agent.
    pub(crate) fn offered(&self) -> Vec<Change> {
        only(matches!(self.stage(), Stage::Ready { .. }), Change::Offered)
    }

    /// The agent said that it has the job.
    pub(crate) fn dispatched(&self) -> Vec<Change> {
        only(
            matches!(self.stage(), Stage::Offered { .. }),
            Change::Dispatched,
        )
    }

    /// The agent said that it has the job, and a D1 that is not careful calls that done.
    pub(crate) fn dispatched_and_done(&self) -> Vec<Change> {
        let mut changes = self.dispatched();
        if !changes.is_empty() {
            changes.extend(release(DoneWhen::Released));
        }
        changes
    }

    /// The agent was not reached in time, or does not want the job.
    pub(crate) fn undeliverable(
        &self,
        custody: Custody,
        handing: Handing,
        code: ProductionCode,
    ) -> Vec<Change> {
        match (self.stage(), custody, handing) {
            (Stage::Offered { .. }, Custody::Outside, Handing::Unsure) => self.doubted(),
            (Stage::Ready { .. } | Stage::Offered { .. }, ..) => fail(code),
            _ => Vec::new(),
        }
    }

    /// The outcome did not come in time.
    pub(crate) fn overdue(&self, custody: Custody) -> Vec<Change> {
        match (self.stage(), custody) {
            (Stage::AtStation { .. }, Custody::Inside) => fail(ProductionCode::SatNoReport),
            (Stage::AtStation { .. }, Custody::Outside) | (Stage::Released { .. }, _) => {
                self.doubted()
            }
            _ => Vec::new(),
        }
    }

    /// The issuer does not want the card any more.
    pub(crate) fn cancel(&self, custody: Custody) -> Result<Vec<Change>, CancelError> {
        match (self.stage(), custody) {
            (Stage::Released { .. } | Stage::Over(_), _) => Err(CancelError::Decided),
            (Stage::Offered { .. } | Stage::AtStation { .. }, Custody::Outside) => {
                Err(CancelError::MayBeOut)
            }
            _ => Ok(vec![
                Change::Ruled {
                    ruling: Ruling::Canceled,
                },
                Change::Ended { end: End::Canceled },
            ]),
        }
    }

    fn doubted(&self) -> Vec<Change> {
        only(!self.is_in_doubt(), Change::Doubted)
    }
}

fn only(holds: bool, change: Change) -> Vec<Change> {
    if holds { vec![change] } else { Vec::new() }
}
