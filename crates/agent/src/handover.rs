//! A finished card: held until D1 has decided, then given out or kept.

use std::sync::Arc;

use persotwin_contract::ids::OperationId;
use persotwin_contract::production::ProductionCode;
use persotwin_faults::Behaviour;
use persotwin_link::device::{Action, JobState, Outcome, PrinterStatus};
use persotwin_link::jobs::{CaptureCause, Decision};
use persotwin_link::setup::{Kind, Present};
use persotwin_link::{Condition, Serial};

use crate::device::{Trouble, Until};
use crate::machine::Agent;
use crate::making::Names;
use crate::model::{End, Entry, Record};
use crate::worker::Made;

/// Where the card is that was to be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whereabouts {
    /// On the path.
    Inside,
    /// In the exit, and the printer waits for somebody to take it.
    Offered,
    /// In the exit, and nobody waits.
    Forgotten,
    /// In somebody's hand: the printer says so.
    Taken,
    /// In the reject bin: the printer says so.
    Rejected,
    /// Nobody knows.
    Gone,
}

impl Agent {
    /// Keeps the card inside until D1 has decided, or has not for too long.
    pub(crate) async fn hold(self: &Arc<Self>, id: &OperationId, serial: &Serial, made: Made) {
        if made == Made::Before && !self.is_inside(id, serial).await {
            let lost = Entry::LostTrack {
                id: Some(id.clone()),
                serial: serial.clone(),
            };
            self.record(lost).await;
            return self
                .end(id, End::Failed(ProductionCode::SatMemoryLost))
                .await;
        }
        if self.config.station.present == Present::AtOnce
            || self.config.protections.lack(Behaviour::PresentsEarly)
        {
            return self.record(Entry::Presenting { id: id.clone() }).await;
        }
        let limit = self.config.station.hold_limit.get();
        let _ = self.host.clock.within(limit, self.decided(id)).await;
        loop {
            // Looked at and acted on under one lock: an answer comes before the limit or after it, never both.
            let mut desk = self.desk.lock().await;
            let captured = |why| Entry::Capturing {
                id: id.clone(),
                end: End::Captured(why),
            };
            let entry = match desk.decision(id) {
                Some(Decision::Release) => Entry::Presenting { id: id.clone() },
                Some(Decision::Capture) => captured(CaptureCause::Decided),
                Some(Decision::Noted) | None => captured(CaptureCause::NoAnswer),
            };
            if self.commit(&mut desk, entry).await.is_ok() {
                return;
            }
            drop(desk);
            let pause = self.config.timing.device_pause.get();
            self.host.clock.sleep(pause).await;
        }
    }

    async fn is_inside(&self, id: &OperationId, serial: &Serial) -> bool {
        let status = self.settled_at_last(id).await;
        status.path.is_some_and(|card| card.serial == *serial)
    }

    /// Waits until D1 has answered PRODUCED with a decision.
    async fn decided(&self, id: &OperationId) {
        loop {
            let changed = self.changed.notified();
            let decision = self.desk.lock().await.decision(id);
            if matches!(decision, Some(Decision::Release | Decision::Capture)) {
                return;
            }
            changed.await;
        }
    }

    /// Presents the card, and waits until it is taken or must be taken back.
    pub(crate) async fn hand_out(
        self: &Arc<Self>,
        id: &OperationId,
        job: &Record,
        serial: &Serial,
    ) {
        let names = Names {
            job: job.number,
            pick: job.picks,
        };
        for round in 1.. {
            let name = names.of(&format!("present-{round}"));
            match self.present(&name, id).await {
                Ok(Outcome::Taken { .. }) => return self.end(id, End::Given).await,
                Ok(Outcome::NotTaken { .. }) => return self.take_back(id).await,
                Ok(Outcome::Failed { condition, .. }) => {
                    let code = condition.code().unwrap_or(ProductionCode::UnknownError);
                    let (id, end) = (id.clone(), End::Failed(code));
                    return self.record(Entry::Capturing { id, end }).await;
                }
                // Nobody knows what became of it: look.
                Ok(Outcome::Done { .. } | Outcome::Running) | Err(_) => {}
            }
            match self.look_for(id, serial).await {
                Whereabouts::Taken | Whereabouts::Gone => return self.end(id, End::Given).await,
                Whereabouts::Rejected => {
                    let end = End::Failed(ProductionCode::SatMemoryLost);
                    let id = id.clone();
                    return self.record(Entry::Capturing { id, end }).await;
                }
                Whereabouts::Forgotten => {
                    self.file_presented(id).await;
                    if self.is_taken_in_time(id, serial).await {
                        return self.end(id, End::Given).await;
                    }
                    return self.take_back(id).await;
                }
                Whereabouts::Inside | Whereabouts::Offered => {
                    let pause = self.config.timing.device_pause.get();
                    self.host.clock.sleep(pause).await;
                }
            }
        }
    }

    /// Asks for the card to be presented; waits until it lies in the exit, and until it does so no more.
    async fn present(self: &Arc<Self>, name: &str, id: &OperationId) -> Result<Outcome, Trouble> {
        self.begin(name, id, Action::Present).await?;
        let mut outcome = self.poll(name, id, Until::Exit).await?;
        if matches!(
            outcome,
            Outcome::Running | Outcome::Taken { .. } | Outcome::NotTaken { .. }
        ) {
            self.file_presented(id).await;
        }
        while outcome == Outcome::Running {
            outcome = self.poll(name, id, Until::Finished).await?;
        }
        Ok(outcome)
    }

    async fn file_presented(self: &Arc<Self>, id: &OperationId) {
        self.record(Entry::Presented { id: id.clone() }).await;
    }

    /// A printer that lost its memory does not wait for the customer any more: the agent does.
    async fn is_taken_in_time(&self, id: &OperationId, serial: &Serial) -> bool {
        let until = self.host.clock.now() + self.config.station.timings.bezel.get();
        loop {
            let status = self.settled_at_last(id).await;
            if status.exit.as_ref() != Some(serial) {
                return true;
            }
            if self.host.clock.now() >= until {
                return false;
            }
            let pause = self.config.timing.device_pause.get();
            self.host.clock.sleep(pause).await;
        }
    }

    /// The card lies in the exit, and nobody shall have it any more.
    async fn take_back(self: &Arc<Self>, id: &OperationId) {
        // A tray has no time limit: only staff end its wait.
        let why = match self.config.station.kind {
            Kind::Kiosk => CaptureCause::NotTaken,
            Kind::Branch => CaptureCause::StaffRejected,
        };
        let (id, end) = (id.clone(), End::Captured(why));
        self.record(Entry::Capturing { id, end }).await;
    }

    /// Moves a finished card to the reject bin, however long that takes; unless somebody was quicker.
    pub(crate) async fn capture(
        self: &Arc<Self>,
        id: &OperationId,
        job: &Record,
        serial: &Serial,
        end: End,
    ) {
        let names = Names {
            job: job.number,
            pick: job.picks,
        };
        for round in 1.. {
            let name = names.of(&format!("capture-{round}"));
            if let Ok(Outcome::Done { .. }) = self.act(&name, id, Action::Reject).await {
                return self.end(id, end).await;
            }
            match self.look_for(id, serial).await {
                Whereabouts::Taken => return self.end(id, End::Given).await,
                Whereabouts::Rejected | Whereabouts::Gone => return self.end(id, end).await,
                Whereabouts::Inside | Whereabouts::Offered | Whereabouts::Forgotten => {}
            }
            let pause = self.pause("capture", id.as_str(), round);
            self.host.clock.sleep(pause).await;
        }
    }

    /// Where a card is, by what the printer sees, remembers and counts.
    async fn look_for(&self, id: &OperationId, serial: &Serial) -> Whereabouts {
        let status = self.settled_at_last(id).await;
        let PrinterStatus { path, exit, .. } = &status;
        if path.as_ref().is_some_and(|card| card.serial == *serial) {
            return Whereabouts::Inside;
        }
        if exit.as_ref() == Some(serial) {
            let forgotten = status.conditions.contains(&Condition::NotTaken);
            return if forgotten {
                Whereabouts::Forgotten
            } else {
                Whereabouts::Offered
            };
        }
        // Somebody may have taken it out of the path: it lies in the bin then.
        let of_job = status.jobs.iter().find(|known| known.job == *id);
        match of_job.map(|known| known.state) {
            Some(JobState::Completed) => return Whereabouts::Taken,
            Some(JobState::Aborted) => return Whereabouts::Rejected,
            Some(JobState::Processing | JobState::ProcessingStopped) | None => {}
        }
        let desk = self.desk.lock().await;
        // Counters survive the printer's loss of memory, and the book has every card but this one.
        let given_out = desk.book().given_out;
        if status.counters.taken > given_out {
            Whereabouts::Taken
        } else {
            Whereabouts::Gone
        }
    }

    async fn end(self: &Arc<Self>, id: &OperationId, end: End) {
        let id = id.clone();
        self.record(Entry::Over { id, end }).await;
    }
}
