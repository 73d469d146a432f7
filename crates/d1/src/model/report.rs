//! What a report of the agent makes of an order: the table of the [module above](super).

use persotwin_contract::production::ProductionCode;
use persotwin_contract::rules::DoneWhen;
use persotwin_link::jobs::{CaptureCause, Decision, JobStatus, Report};

use super::order::{Order, Stage};
use crate::entry::{Change, End, Ruling};

/// A report that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hearing {
    /// It came before: the same answer.
    Again(Decision),
    /// It is new: to be written down, then answered.
    New(Decision, Vec<Change>),
}

/// A report that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReportError {
    /// Another report came under this number.
    #[error("another report has this sequence number")]
    Changed,
    /// The job was not offered yet, as far as D1 knows: its ledger lost that.
    #[error("this job was not offered yet")]
    NotOffered,
}

/// How often D1 decides about one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deciding {
    /// Once: the same report gets the same answer for ever.
    Once,
    /// At each report, as if nothing had been decided.
    Anew,
}

/// Where an order stands towards a report.
enum Standing {
    Open,
    Released,
    Done,
    Lost,
}

impl Order {
    /// Understands a report.
    pub(crate) fn understand(
        &self,
        report: &Report,
        rule: DoneWhen,
        deciding: Deciding,
    ) -> Result<Hearing, ReportError> {
        if let (Deciding::Once, Some((status, answer))) = (deciding, self.heard(report.sequence)) {
            return if *status == report.status {
                Ok(Hearing::Again(*answer))
            } else {
                Err(ReportError::Changed)
            };
        }
        let mut changes = Vec::new();
        match self.stage() {
            Stage::Preparing | Stage::Ready { .. } => return Err(ReportError::NotOffered),
            // The agent has the job, but its answer got lost.
            Stage::Offered { .. } => changes.push(Change::Dispatched),
            Stage::AtStation { .. } | Stage::Released { .. } | Stage::Over(_) => {}
        }
        let standing = match deciding {
            Deciding::Once => self.standing(),
            Deciding::Anew => Standing::Open,
        };
        let (answer, consequences) = self.consequences(standing, &report.status, rule);
        changes.push(Change::Heard {
            sequence: report.sequence,
            report: report.status.clone(),
            answer,
        });
        changes.extend(consequences);
        Ok(Hearing::New(answer, changes))
    }

    fn standing(&self) -> Standing {
        match self.stage() {
            Stage::Over(End::Done) => Standing::Done,
            Stage::Over(_) => Standing::Lost,
            Stage::Released { .. } => Standing::Released,
            _ => Standing::Open,
        }
    }

    fn consequences(
        &self,
        standing: Standing,
        status: &JobStatus,
        rule: DoneWhen,
    ) -> (Decision, Vec<Change>) {
        let noted = |changes| (Decision::Noted, changes);
        match (standing, status) {
            (_, JobStatus::Started)
            | (Standing::Released | Standing::Done, JobStatus::Presented)
            | (
                Standing::Done,
                JobStatus::Taken | JobStatus::Captured { .. } | JobStatus::Failed { .. },
            )
            | (Standing::Lost, JobStatus::Captured { .. } | JobStatus::Failed { .. }) => {
                noted(Vec::new())
            }
            (Standing::Open, JobStatus::Produced { .. }) => (Decision::Release, release(rule)),
            (Standing::Released | Standing::Done, JobStatus::Produced { serial })
                if self.released_is(serial) =>
            {
                (Decision::Release, Vec::new())
            }
            (_, JobStatus::Produced { .. }) => (Decision::Capture, Vec::new()),
            (Standing::Open, JobStatus::Presented) => noted(release(rule)),
            (Standing::Open, JobStatus::Taken) => noted(release(DoneWhen::Released)),
            (Standing::Released, JobStatus::Taken) => noted(vec![Change::Ended { end: End::Done }]),
            (Standing::Lost, JobStatus::Presented | JobStatus::Taken) => {
                noted(vec![Change::Doubted])
            }
            (Standing::Open, JobStatus::Captured { why }) => noted(fail(code_of(*why))),
            (Standing::Open, JobStatus::Failed { code }) => noted(fail(*code)),
            (Standing::Released, JobStatus::Captured { why }) => noted(vec![except(code_of(*why))]),
            (Standing::Released, JobStatus::Failed { code }) => noted(vec![except(*code)]),
        }
    }
}

/// Rules that the finished card may be given out.
pub(super) fn release(rule: DoneWhen) -> Vec<Change> {
    let ruled = Change::Ruled {
        ruling: Ruling::Released,
    };
    match rule {
        DoneWhen::Released => vec![ruled, Change::Ended { end: End::Done }],
        DoneWhen::Taken => vec![ruled],
    }
}

/// Rules that there will be no card.
pub(super) fn fail(code: ProductionCode) -> Vec<Change> {
    let ruled = Change::Ruled {
        ruling: Ruling::Failed,
    };
    vec![ruled, except(code)]
}

const fn except(code: ProductionCode) -> Change {
    Change::Ended {
        end: End::Exception { code },
    }
}

const fn code_of(why: CaptureCause) -> ProductionCode {
    match why {
        CaptureCause::Decided | CaptureCause::NoAnswer => ProductionCode::PrdNotReleased,
        CaptureCause::NotTaken => ProductionCode::PrdCardNotTaken,
        CaptureCause::StaffRejected => ProductionCode::PrdQualityRejected,
    }
}
