//! The hardware's two faces, as the agent calls them.
//!
//! A call to the printer may be repeated: an action has an id. A command to the chip never is: a lost answer means that nobody knows
//! whether the chip has done it.

use std::time::Duration;

use persotwin_contract::ids::OperationId;
use persotwin_kernel::event::About;
use persotwin_link::Face;
use persotwin_link::chip_failure::ChipFailure;
use persotwin_link::device::{
    Action, ActionRequest, Answer, Atr, Command, Outcome, Power, PrinterState, PrinterStatus,
};
use persotwin_wire::{Call, Reply};
use zeroize::Zeroizing;

use crate::machine::Agent;

/// How long a poll waits at the printer: longer than any movement, so that no movement's end is missed by a moment.
const LONG_POLL: Duration = Duration::from_mins(1);

/// How soon the printer is asked again while something moves of which the agent has no id.
const SETTLING: Duration = Duration::from_secs(1);

/// Why an action has no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The printer cannot do that now.
    Impossible,
    /// The printer has picked another blank since it was looked at.
    Outrun,
    /// The printer does not know the action (any more): it lost its memory.
    Forgotten,
    /// The printer does not answer.
    Unreachable,
}

/// What a poll waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// The action is finished.
    Finished,
    /// Its card lies in the exit.
    Exit,
}

impl Agent {
    /// Asks for an action and waits until it is finished.
    pub(crate) async fn act(
        &self,
        name: &str,
        job: &OperationId,
        action: Action,
    ) -> Result<Outcome, Trouble> {
        self.begin(name, job, action).await?;
        loop {
            match self.poll(name, job, Until::Finished).await? {
                Outcome::Running => {}
                outcome => return Ok(outcome),
            }
        }
    }

    /// Asks for an action.
    pub(crate) async fn begin(
        &self,
        name: &str,
        job: &OperationId,
        action: Action,
    ) -> Result<(), Trouble> {
        let request = ActionRequest {
            job: job.clone(),
            action,
        };
        let path = format!("/printer/v1/{}/actions/{name}", self.config.station.id);
        let call = Call::put(self.printer(), &path).json(&request);
        let reply = self.persist(self.to_device(call, job)).await?;
        match reply.status() {
            200..300 => Ok(()),
            412 => Err(Trouble::Outrun),
            _ => Err(Trouble::Impossible),
        }
    }

    /// How an action stands, after a wait of at most a minute.
    pub(crate) async fn poll(
        &self,
        name: &str,
        job: &OperationId,
        until: Until,
    ) -> Result<Outcome, Trouble> {
        let until = match until {
            Until::Finished => "",
            Until::Exit => "&until=exit",
        };
        let wait = LONG_POLL.as_secs();
        let station = &self.config.station.id;
        let path = format!("/printer/v1/{station}/actions/{name}?wait={wait}{until}");
        let call = self.to_device(Call::get(self.printer(), &path), job);
        let patience = self.config.timing.device_patience.get() + LONG_POLL;
        let reply = self.persist(call.patience(patience)).await?;
        if reply.is_success() {
            reply.json().map_err(|_| Trouble::Unreachable)
        } else {
            Err(Trouble::Forgotten)
        }
    }

    /// What lies where, once nothing moves.
    pub(crate) async fn settled(&self, about: &About) -> Result<PrinterStatus, Trouble> {
        let path = format!("/printer/v1/{}", self.config.station.id);
        loop {
            let call = Call::get(self.printer(), &path);
            let call = call.about(about.clone());
            let call = call.patience(self.config.timing.device_patience.get());
            let reply = self.persist(call).await?;
            let status: PrinterStatus = reply.json().map_err(|_| Trouble::Unreachable)?;
            // With a card in the exit it is the wait for somebody that goes on.
            if status.state != PrinterState::Processing || status.exit.is_some() {
                return Ok(status);
            }
            self.host.clock.sleep(SETTLING).await;
        }
    }

    /// As [`Agent::settled`], for a finished card, which is never given up: asks until the printer answers.
    pub(crate) async fn settled_at_last(&self, job: &OperationId) -> PrinterStatus {
        let about = About::operation(job);
        loop {
            if let Ok(status) = self.settled(&about).await {
                return status;
            }
            let pause = self.config.timing.device_pause.get();
            self.host.clock.sleep(pause).await;
        }
    }

    /// Switches the chip on, or resets it; its answer to reset.
    pub(crate) async fn chip_on(&self, job: &OperationId) -> Result<Vec<u8>, ChipFailure> {
        let path = format!("/chip/v1/{}/power", self.config.station.id);
        let call = Call::post(self.chip(), &path).json(&Power::On);
        let reply = self.host.wire.call(self.to_device(call, job)).await;
        let reply = reply.ok().filter(Reply::is_success);
        let atr = reply.and_then(|reply| reply.json::<Atr>().ok());
        atr.map(|it| it.atr).ok_or(ChipFailure::Mute)
    }

    /// Sends a command to the chip, once.
    pub(crate) async fn transmit(
        &self,
        job: &OperationId,
        command: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, ChipFailure> {
        let path = format!("/chip/v1/{}/apdus", self.config.station.id);
        let command = Command {
            command: command.to_vec(),
        };
        let call = Call::post(self.chip(), &path).json(&command);
        let reply = self.host.wire.call(self.to_device(call, job)).await;
        let reply = reply.ok().filter(Reply::is_success);
        let mut answer = reply
            .and_then(|reply| reply.json::<Answer>().ok())
            .ok_or(ChipFailure::Mute)?;
        let answer = Zeroizing::new(std::mem::take(&mut answer.answer));
        // A chip without power says nothing at all.
        (!answer.is_empty())
            .then_some(answer)
            .ok_or(ChipFailure::Mute)
    }

    /// Repeats a call until it is answered, or the printer was silent for too long.
    async fn persist(&self, call: Call) -> Result<Reply, Trouble> {
        let timing = &self.config.timing;
        let since = self.host.clock.now();
        let mut again = false;
        loop {
            match self.host.wire.call(call.clone()).await {
                Ok(reply) if reply.status() < 500 => return Ok(reply),
                Ok(_) | Err(_) => {}
            }
            let silent = self.host.clock.now().since(since);
            if again && silent >= timing.device_limit.get() {
                return Err(Trouble::Unreachable);
            }
            again = true;
            self.host.clock.sleep(timing.device_pause.get()).await;
        }
    }

    fn to_device(&self, call: Call, job: &OperationId) -> Call {
        call.about(About::operation(job))
            .patience(self.config.timing.device_patience.get())
    }

    fn printer(&self) -> Face {
        Face::Printer(self.config.station.id.clone())
    }

    fn chip(&self) -> Face {
        Face::Chip(self.config.station.id.clone())
    }
}
