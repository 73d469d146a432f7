//! Each status to D1 until it has answered. One task per job that has something to report.

use std::sync::{Arc, PoisonError};

use persotwin_contract::ids::OperationId;
use persotwin_kernel::event::About;
use persotwin_link::Face;
use persotwin_link::jobs::{Decision, Reply, Report};
use persotwin_wire::Call;

use crate::machine::Agent;
use crate::model::Entry;

/// D1 knows of no such job, or has revoked the station's enrolment: asking again would not help.
const GONE: u16 = 410;

/// D1 has another report under this number.
const CONFLICT: u16 = 409;

/// What D1 answers to a report.
enum Answer {
    /// It heard it, and this is what shall be done.
    Heard(Decision),
    /// It will never listen. Nobody will ever release this card.
    Gone,
    /// It heard another report under this number, from a life that this one knows nothing of.
    Spent,
}

impl Answer {
    fn entry(self, id: OperationId, sequence: u32) -> Entry {
        match self {
            Self::Heard(decision) => Entry::Answered {
                id,
                sequence,
                decision,
            },
            Self::Gone => Entry::Unwanted { id, sequence },
            Self::Spent => Entry::Spent { id, sequence },
        }
    }
}

/// Reports until there is nothing left. A 200 with a decision is an answer, and so are 409 and 410; anything else is asked again.
pub(crate) async fn report(agent: Arc<Agent>, id: OperationId) {
    let (mut last, mut failed) = (0, 0);
    loop {
        let Some(report) = agent.next_report(&id).await else {
            return;
        };
        if last != report.sequence {
            (last, failed) = (report.sequence, 0);
        }
        let answered = match agent.send(&id, &report).await {
            Some(answer) => {
                let entry = answer.entry(id.clone(), report.sequence);
                let mut desk = agent.desk.lock().await;
                agent.commit(&mut desk, entry).await.is_ok()
            }
            None => false,
        };
        if !answered {
            failed += 1;
            let key = format!("{id}/{}", report.sequence);
            let pause = agent.pause("report", &key, failed);
            agent.host.clock.sleep(pause).await;
        }
    }
}

impl Agent {
    /// The report that is due. When there is none, the reporter is over, and this says so before anybody can file another.
    async fn next_report(&self, id: &OperationId) -> Option<Report> {
        let desk = self.desk.lock().await;
        let next = desk.next_report(id);
        if next.is_none() {
            let reporting = self.reporting.lock();
            reporting.unwrap_or_else(PoisonError::into_inner).remove(id);
        }
        next
    }

    async fn send(&self, id: &OperationId, report: &Report) -> Option<Answer> {
        let station = &self.config.station.id;
        let path = format!("/stations/v1/{station}/jobs/{id}/reports");
        let call = Call::post(Face::Stations, &path)
            .json(report)
            .about(About::operation(id))
            .patience(self.config.timing.patience.get());
        let reply = self.host.wire.call(call).await.ok()?;
        match reply.status() {
            GONE => return Some(Answer::Gone),
            CONFLICT => return Some(Answer::Spent),
            _ => {}
        }
        let answer = reply.is_success().then(|| reply.json().ok()).flatten();
        answer.map(|Reply { decision }| Answer::Heard(decision))
    }
}
