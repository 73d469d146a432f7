//! What D1 answers to agents: enrolment, heartbeats, reports. Ours.

use std::sync::Arc;
use std::time::Duration;

use persotwin_contract::ids::{OperationId, PersoStation};
use persotwin_faults::Behaviour;
use persotwin_link::jobs::{Enrolment, Heartbeat, Reply, Report};

use crate::entry::Entry;
use crate::machine::D1;
use crate::model::{Deciding, Enrolled, Hearing, Order, ReportError};

/// Why D1 does not listen to an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DoorError {
    /// Onboarding knows no such station.
    #[error("nobody registered this station")]
    Unregistered,
    /// Its agent has not enrolled.
    #[error("the station is not enrolled")]
    NotEnrolled,
    /// The station's enrolment was revoked.
    #[error("the station's enrolment was revoked")]
    Revoked,
    /// The job is not this station's.
    #[error("the station has no such job")]
    NoJob,
    /// The job was not offered yet; it will be.
    #[error("this job was not offered yet")]
    NotOffered,
    /// The report contradicts an earlier one.
    #[error("another report has this sequence number")]
    Changed,
    /// D1's ledger does not take it.
    #[error("the ledger is not available")]
    Ledger,
}

impl D1 {
    /// Nothing that a station says counts once its enrolment was revoked.
    async fn check_trust(&self, station: &PersoStation) -> Result<(), DoorError> {
        if self.is_shut_out(station).await {
            return Err(DoorError::Revoked);
        }
        Ok(())
    }

    /// An agent shows its key. The same again changes nothing.
    pub(crate) async fn enrol(
        &self,
        station: PersoStation,
        enrolment: Enrolment,
    ) -> Result<(), DoorError> {
        if !self.config.stations.contains_key(&station) {
            return Err(DoorError::Unregistered);
        }
        self.check_trust(&station).await?;
        let mut books = self.books.lock().await;
        let Enrolment { key, software } = enrolment;
        let enrolled = Enrolled { key, software };
        if books.station(&station) == Some(&enrolled) {
            return Ok(());
        }
        let Enrolled { key, software } = enrolled;
        let entry = Entry::Enrolled {
            station,
            key,
            software,
        };
        self.commit(&mut books, entry, None)
            .await
            .map_err(|_| DoorError::Ledger)
    }

    /// An agent is alive.
    pub(crate) async fn heartbeat(
        &self,
        station: &PersoStation,
        _beat: Heartbeat,
    ) -> Result<(), DoorError> {
        self.check_trust(station).await?;
        match self.books.lock().await.station(station) {
            Some(_) => Ok(()),
            None => Err(DoorError::NotEnrolled),
        }
    }

    /// An agent reports how a job stands. What D1 answers is written down first.
    pub(crate) async fn report(
        self: &Arc<Self>,
        station: &PersoStation,
        operation: &OperationId,
        report: &Report,
    ) -> Result<Reply, DoorError> {
        self.check_trust(station).await?;
        let mut books = self.books.lock().await;
        if books.station(station).is_none() {
            return Err(DoorError::NotEnrolled);
        }
        let order = books.order(operation);
        let order = order
            .filter(|order| order.station() == station)
            .ok_or(DoorError::NoJob)?;
        let rule = self.config.tenant.d1_rules.done_when;
        let deciding = if self.config.protections.lack(Behaviour::DecidesTwice) {
            Deciding::Anew
        } else {
            Deciding::Once
        };
        let (decision, changes) = match order.understand(report, rule, deciding)? {
            Hearing::Again(decision) => return Ok(Reply { decision }),
            Hearing::New(decision, changes) => (decision, changes),
        };
        let entry = Entry::Moved {
            operation: operation.clone(),
            at: self.now(),
            changes,
        };
        self.commit(&mut books, entry, None)
            .await
            .map_err(|_| DoorError::Ledger)?;
        // Only a D1 that decides anew has something to tell of an order that was over.
        let to_tell = books.order(operation).and_then(Order::next_to_tell);
        if to_tell.is_some() {
            self.spawn_outbox(operation, Duration::ZERO);
        }
        Ok(Reply { decision })
    }
}

impl From<ReportError> for DoorError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Changed => Self::Changed,
            ReportError::NotOffered => Self::NotOffered,
        }
    }
}
