//! "I am the agent of this station", until D1 believes it; and "I am alive".

use std::sync::Arc;

use persotwin_link::Face;
use persotwin_link::jobs::{Enrolment, Heartbeat};
use persotwin_wire::Call;

use crate::machine::Agent;

/// What the agent calls its software.
const SOFTWARE: &str = concat!("persotwin-agent ", env!("CARGO_PKG_VERSION"));

/// D1 answers this when it does not know the agent (any more).
const FORBIDDEN: u16 = 403;

/// Enrols, sends heartbeats, and enrols again when D1 has forgotten the agent.
pub(crate) async fn keep_enrolled(agent: Arc<Agent>) {
    loop {
        agent.enrol().await;
        agent.beat_until_forgotten().await;
    }
}

impl Agent {
    async fn enrol(&self) {
        let station = &self.config.station.id;
        let path = format!("/stations/v1/{station}/enrolment");
        let enrolment = Enrolment {
            key: self.config.key.public().clone(),
            software: SOFTWARE.to_owned(),
        };
        for failed in 1.. {
            let call = Call::post(Face::Stations, &path).json(&enrolment);
            let call = call.patience(self.config.timing.patience.get());
            let answer = self.host.wire.call(call).await;
            if answer.is_ok_and(|reply| reply.is_success()) {
                return;
            }
            let pause = self.pause("enrolment", station.as_str(), failed);
            self.host.clock.sleep(pause).await;
        }
    }

    async fn beat_until_forgotten(&self) {
        let path = format!("/stations/v1/{}/heartbeats", self.config.station.id);
        loop {
            let heartbeat = self.config.timing.heartbeat.get();
            self.host.clock.sleep(heartbeat).await;
            let waiting = self.desk.lock().await.waiting();
            let jobs = u32::try_from(waiting).unwrap_or(u32::MAX);
            let call = Call::post(Face::Stations, &path).json(&Heartbeat { jobs });
            let call = call.patience(self.config.timing.patience.get());
            // One that is lost does not matter: the next one comes.
            let answer = self.host.wire.call(call).await;
            if answer.is_ok_and(|reply| reply.status() == FORBIDDEN) {
                return;
            }
        }
    }
}
