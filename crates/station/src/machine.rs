//! The electronics: they begin movements, wait as long as these take, and end them.
//!
//! ```text
//!   PUT action ─▶ begin ─▶ work(duration) ─▶ complete ─▶ finished
//!                                              └─ Present ─▶ lies in the exit ─▶ bezel: sleep, stop waiting ─▶ not taken
//! ```

use std::sync::Arc;
use std::time::Duration;

use persotwin_chip::Chip;
use persotwin_link::device::{ActionRequest, Outcome, PrinterStatus};
use persotwin_printer::{ActionId, Begun, Completed, Movement, NoContact, Printer, Refusal};
use persotwin_wire::Host;

use crate::http;
use crate::physical::Physical;
use crate::plant::Plant;

/// Starts the electronics of a station. Called again after each crash or power cut, with the same `physical`.
pub async fn run(host: Host, physical: Physical) {
    physical.power_up(&host.life).await;
    let wire = host.wire.clone();
    let electronics = Arc::new(Electronics {
        host: host.clone(),
        physical,
        reader: tokio::sync::Mutex::default(),
    });
    if let Err(error) = wire.serve(http::router(electronics)).await {
        host.give_up(&error).await;
    }
}

/// What answers at the two faces.
pub(crate) struct Electronics {
    host: Host,
    pub(crate) physical: Physical,
    /// The chip does one thing at a time.
    reader: tokio::sync::Mutex<()>,
}

/// What a poll waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// The action is finished.
    Finished,
    /// The action is finished, or its card lies in the exit.
    Exit,
}

impl Electronics {
    /// Takes an action; it goes on by itself.
    pub(crate) async fn begin(
        &self,
        id: &ActionId,
        request: &ActionRequest,
    ) -> Result<(), Refusal> {
        let now = self.host.clock.now();
        let clock = self.host.clock.clone();
        let begun = self
            .physical
            .change(|plant| {
                let begun = plant.printer.begin(id, request);
                if let Ok(Begun::Moving(movement)) = &begun {
                    let begins = now + clock.work_time(movement.cooling);
                    plant.moving = Some((begins, clock.work_time(movement.duration)));
                }
                begun
            })
            .await?;
        if let Begun::Moving(movement) = begun {
            let (host, physical) = (self.host.clone(), self.physical.clone());
            self.host
                .life
                .spawn(carry_out(host, physical, id.clone(), movement));
        }
        Ok(())
    }

    /// How an action stands, as soon as it is as asked or the wait is over; none for an unknown one.
    pub(crate) async fn poll(
        &self,
        id: &ActionId,
        until: Until,
        wait: Duration,
    ) -> Option<Outcome> {
        let now = || {
            self.physical.look(|printer| {
                let outcome = printer.outcome(id).cloned();
                let at_exit = printer
                    .presenting()
                    .is_some_and(|(at_exit, _)| at_exit == id);
                (outcome, at_exit)
            })
        };
        let settled = || match now() {
            (Some(Outcome::Running), at_exit) => {
                (at_exit && until == Until::Exit).then_some(Some(Outcome::Running))
            }
            (outcome, _) => Some(outcome),
        };
        let waited = self
            .host
            .clock
            .within(wait, self.physical.until(settled))
            .await;
        waited.unwrap_or_else(|_| now().0)
    }

    /// Switches the chip on, or resets it; its answer to reset.
    pub(crate) async fn chip_on(&self) -> Result<Vec<u8>, NoContact> {
        let _turn = self.reader.lock().await;
        self.check_contact()?;
        let reset = self.physical.station().timings.chip_reset.get();
        self.chip_works(reset).await;
        self.physical.change(Plant::reset_chip).await
    }

    /// Switches the chip off.
    pub(crate) async fn chip_off(&self) -> Result<(), NoContact> {
        let _turn = self.reader.lock().await;
        self.physical
            .change(|plant| plant.printer.chip().map(Chip::power_off))
            .await
    }

    /// A command to the chip.
    pub(crate) async fn transmit(&self, command: &[u8]) -> Result<Vec<u8>, NoAnswer> {
        let _turn = self.reader.lock().await;
        self.check_contact()?;
        let apdu = self.physical.station().timings.apdu.get();
        self.chip_works(apdu).await;
        let answer = self
            .physical
            .change(|plant| plant.transmit(command))
            .await?;
        if answer.is_empty() {
            Err(NoAnswer::NoPower)
        } else {
            Ok(answer)
        }
    }

    /// What the printer says of itself, at this very moment.
    pub(crate) async fn status(&self) -> PrinterStatus {
        self.physical.change(|plant| plant.printer.status()).await
    }

    fn check_contact(&self) -> Result<(), NoContact> {
        self.physical.look(Printer::check_contact)
    }

    /// Takes the time that the chip needs for what a usual one does in this time.
    async fn chip_works(&self, usual: Duration) {
        let times = self.physical.look(Printer::chip_slowness);
        self.host.clock.work(usual.saturating_mul(times)).await;
    }
}

/// Why the chip did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// None is in contact.
    NoContact(NoContact),
    /// It is not switched on.
    NoPower,
}

impl From<NoContact> for NoAnswer {
    fn from(why: NoContact) -> Self {
        Self::NoContact(why)
    }
}

/// A movement, from its first instant to its last, and the wait of a bezel.
async fn carry_out(host: Host, physical: Physical, id: ActionId, movement: Movement) {
    if !movement.cooling.is_zero() {
        host.clock.work(movement.cooling).await;
        physical.change(|plant| plant.printer.cooled()).await;
    }
    host.clock.work(movement.duration).await;
    let completed = physical
        .change(|plant| {
            let completed = plant.printer.complete(&id);
            // What stopped it before its time was noted when it did, and something else may move by now.
            if completed.is_ok() {
                plant.moving = None;
            }
            completed
        })
        .await;
    if let Ok(Completed::AtExit {
        patience: Some(patience),
    }) = completed
    {
        host.clock.sleep(patience).await;
        // Taken or drawn back in the meantime: then nobody waits any more.
        let _ = physical
            .change(|plant| plant.printer.stop_waiting(&id))
            .await;
    }
    let rest = physical.look(Printer::rest);
    if !rest.is_zero() {
        // The head goes on cooling by itself, and its condition goes when it has.
        host.clock.sleep(rest).await;
        physical.change(|_| ()).await;
    }
}
