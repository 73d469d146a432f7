//! One job at a time, in the order of acceptance: a blank, another one if it is spoiled, and a clear path in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use persotwin_contract::ids::OperationId;
use persotwin_contract::production::ProductionCode;
use persotwin_faults::Behaviour;
use persotwin_kernel::event::About;
use persotwin_link::Condition;
use persotwin_link::condition::Severity;
use persotwin_link::device::{Action, Outcome, PrinterStatus};

use crate::machine::Agent;
use crate::making::{Bench, Names, Setback};
use crate::model::{End, Entry, Fate, Record, State};
use crate::perso::Expected;
use crate::production::{self, Opened};

/// How often the printer is looked at while it waits for an operator.
const HELP_LOOK: Duration = Duration::from_secs(5);

/// The label of a movement that clears the path for no job in particular.
const TIDYING: &str = "tidy-up";

/// Whether something may lie on the path that should not.
#[derive(Debug, Default)]
pub(crate) struct Untidy {
    now: AtomicBool,
    /// Nobody has answered the call for a blank: it may still arrive, and a blank with it.
    later: AtomicBool,
}

impl Untidy {
    pub(crate) fn set(&self, untidy: bool) {
        self.now.store(untidy, Ordering::Relaxed);
    }

    fn expect(&self, blank: bool) {
        self.later.store(blank, Ordering::Relaxed);
    }

    fn get(&self) -> bool {
        self.now.load(Ordering::Relaxed) || self.later.load(Ordering::Relaxed)
    }
}

/// Nobody wants the job any more.
#[derive(Debug, Clone, Copy)]
struct Unwanted;

/// Where the card that a job has comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    /// This life of the agent made it, and knows where it lies.
    Now,
    /// An earlier life did.
    Before,
}

/// Works for as long as the life runs.
pub(crate) async fn work(agent: Arc<Agent>) {
    let has_history = agent.desk.lock().await.has_history();
    agent.untidy.set(has_history);
    loop {
        let changed = agent.changed.notified();
        let next = agent.desk.lock().await.current().cloned();
        match next {
            Some(id) => agent.produce(&id).await,
            None if agent.untidy.get() => {
                if agent.tidy_up(None).await.is_err() || agent.untidy.get() {
                    let tidy = agent.config.timing.tidy.get();
                    let _ = agent.host.clock.within(tidy, changed).await;
                }
            }
            None => changed.await,
        }
    }
}

impl Agent {
    /// Works on a job until it is over.
    async fn produce(self: &Arc<Self>, id: &OperationId) {
        let mut made = Made::Before;
        let mut help = None;
        while let Some(job) = self.job(id).await {
            match job.state.clone() {
                State::Queued | State::Making { card: None } => {
                    help = self.make(id, &job, help).await;
                    made = Made::Now;
                }
                State::Making { card: Some(serial) } => {
                    let id = Some(id.clone());
                    self.record(Entry::LostTrack { id, serial }).await;
                }
                State::Held { serial } => self.hold(id, &serial, made).await,
                State::Presenting { serial }
                    if made == Made::Before
                        && self.config.protections.lack(Behaviour::RetriesUnknown) =>
                {
                    let id = id.clone();
                    self.record(Entry::BegunAgain { id, serial }).await;
                }
                State::Presenting { serial } => self.hand_out(id, &job, &serial).await,
                State::Capturing { serial, end } => self.capture(id, &job, &serial, end).await,
                State::Over(_) | State::Withdrawn => return,
            }
        }
    }

    /// One blank, or the end of a job for which there is no use in another one. Returns what an operator should mend first.
    async fn make(
        self: &Arc<Self>,
        id: &OperationId,
        job: &Record,
        help: Option<Condition>,
    ) -> Option<Condition> {
        let (opened, expected) = match self.prepare(job) {
            Ok(prepared) => prepared,
            Err(code) => return self.fail(id, code).await,
        };
        let stock = job.job.as_ref().map(|order| &order.stock);
        let Some(terms) = stock.and_then(|stock| self.config.sam.terms(stock)) else {
            // The SAM has no keys of this stock.
            return self.fail(id, ProductionCode::PrtSetupError).await;
        };
        let counted = match self.get_ready(id, help).await {
            Ok(counted) => counted?,
            Err(code) => return self.fail(id, code).await,
        };
        // Clearing the path may have told that another blank is lost.
        let job = self.job(id).await?;
        if job.spoiled >= self.attempts() {
            let code = job.setback.unwrap_or(ProductionCode::UnknownError);
            return self.fail(id, code).await;
        }
        let names = Names {
            job: job.number,
            pick: job.picks + 1,
        };
        let stock = job.job?.stock;
        if self.begin_blank(id, counted).await.is_err() {
            return None;
        }
        self.untidy.expect(true);
        let outcome = self
            .act(
                &names.of("pick"),
                id,
                Action::Pick {
                    stock,
                    counted: Some(counted),
                },
            )
            .await;
        let (serial, setback) = match outcome {
            Ok(Outcome::Done { serial, .. }) => (Some(serial), None),
            Ok(Outcome::Failed { condition, serial }) => {
                if serial.is_none() {
                    let id = id.clone();
                    self.record(Entry::NotFed { id }).await;
                    self.untidy.expect(false);
                }
                (serial, Some(Setback::of(condition)))
            }
            Ok(_) => (None, Some(Setback::Refused)),
            Err(trouble) => (None, Some(Setback::from(trouble))),
        };
        let Some(serial) = serial else {
            return self.without_blank(id, names.pick, setback?).await;
        };
        let picked = Entry::Picked {
            id: id.clone(),
            serial: serial.clone(),
        };
        self.record(picked).await;
        self.untidy.expect(false);
        let bench = Bench {
            id,
            names,
            serial: &serial,
            opened: &opened,
            expected: &expected,
            terms,
        };
        let worked = match setback {
            Some(setback) => Err(setback),
            // Somebody fed a rejected card again.
            None if self.desk.lock().await.is_for_destruction(&serial) => {
                Err(Setback::Blank(Condition::ChipRefused))
            }
            None => self.work_on(&bench).await,
        };
        match worked {
            Ok(()) => {
                self.record(Entry::Finished { id: id.clone() }).await;
                None
            }
            Err(setback) => self.spoil(&bench, setback).await,
        }
    }

    /// Writes down that a blank will be picked for a job, unless D1 withdrew it meanwhile: looked at and written under one lock.
    async fn begin_blank(self: &Arc<Self>, id: &OperationId, counted: u32) -> Result<(), Unwanted> {
        loop {
            let mut desk = self.desk.lock().await;
            if desk.job(id).is_none_or(|job| job.state.is_final()) {
                return Err(Unwanted);
            }
            let picking = Entry::Picking {
                id: id.clone(),
                counted,
            };
            if self.commit(&mut desk, picking).await.is_ok() {
                return Ok(());
            }
            drop(desk);
            self.host.ledger.room().await;
        }
    }

    fn prepare(&self, job: &Record) -> Result<(Opened, Expected), ProductionCode> {
        let unusable = ProductionCode::PrdUnexpectedData;
        let order = job.job.as_ref().ok_or(unusable)?;
        let opened = production::open(order, &self.config.key).map_err(|_| unusable)?;
        let expected = Expected::of(&opened.aid, &opened.groupings).map_err(|_| unusable)?;
        Ok((opened, expected))
    }

    /// No blank came.
    async fn without_blank(
        self: &Arc<Self>,
        id: &OperationId,
        picks: u32,
        setback: Setback,
    ) -> Option<Condition> {
        self.untidy.set(true);
        match setback {
            Setback::Help(condition) if self.waits_for_help() => Some(condition),
            // The path is looked at before the next blank is asked for.
            Setback::Blank(_) if picks < 2 * self.attempts() => None,
            Setback::Blank(_) | Setback::Help(_) | Setback::Unreachable | Setback::Refused => {
                self.fail(id, setback.code()).await
            }
        }
    }

    /// The card is of no use: it goes to the reject bin, and the job goes on where that helps.
    async fn spoil(self: &Arc<Self>, bench: &Bench<'_>, setback: Setback) -> Option<Condition> {
        let spoiled = Entry::Spoiled {
            id: bench.id.clone(),
            serial: bench.serial.clone(),
            condition: setback.condition(),
        };
        self.record(spoiled).await;
        if setback == Setback::Unreachable || !self.is_rejected(bench).await {
            self.untidy.set(true);
        }
        match setback {
            Setback::Help(condition) if self.waits_for_help() => Some(condition),
            Setback::Blank(_) => None,
            Setback::Help(_) | Setback::Unreachable | Setback::Refused => {
                self.fail(bench.id, setback.code()).await
            }
        }
    }

    async fn is_rejected(&self, bench: &Bench<'_>) -> bool {
        let name = bench.names.of("reject");
        let outcome = self.act(&name, bench.id, Action::Reject).await;
        matches!(outcome, Ok(Outcome::Done { .. }))
    }

    async fn fail(self: &Arc<Self>, id: &OperationId, code: ProductionCode) -> Option<Condition> {
        let (id, end) = (id.clone(), End::Failed(code));
        self.record(Entry::Over { id, end }).await;
        None
    }

    /// How many blanks a job may use; one at least.
    fn attempts(&self) -> u32 {
        self.config.station.attempts.max(1)
    }

    fn waits_for_help(&self) -> bool {
        !self.config.timing.help_limit.get().is_zero()
    }

    /// A clear path and a printer that needs nobody's help; waits for an operator as long as it is set to, and as the job is wanted.
    /// Returns how many blanks the printer has picked, or nothing when the job is not wanted any more.
    async fn get_ready(
        self: &Arc<Self>,
        id: &OperationId,
        help: Option<Condition>,
    ) -> Result<Option<u32>, ProductionCode> {
        let until = self.host.clock.now() + self.config.timing.help_limit.get();
        loop {
            let wanting = match self.tidy_up(Some(id)).await {
                Ok(status) => {
                    let mut conditions = status.conditions.into_iter();
                    match conditions.find(|it| stops_any_job(*it) || Some(*it) == help) {
                        Some(wanting) => wanting.code().unwrap_or(ProductionCode::UnknownError),
                        None => return Ok(Some(status.counters.picked)),
                    }
                }
                // What cannot be moved out of the way wants an operator too.
                Err(code) => code,
            };
            if self.host.clock.now() >= until {
                return Err(wanting);
            }
            if self.job(id).await.is_none_or(|job| job.state.is_final()) {
                return Ok(None);
            }
            self.host.clock.sleep(HELP_LOOK).await;
        }
    }

    /// Moves whatever lies on the path or in the exit to the reject bin. Nothing is on it that anybody still wants.
    pub(crate) async fn tidy_up(
        self: &Arc<Self>,
        id: Option<&OperationId>,
    ) -> Result<PrinterStatus, ProductionCode> {
        let label = id.cloned().or_else(|| TIDYING.parse().ok());
        let label = label.ok_or(ProductionCode::UnknownError)?;
        let about = id.map(About::operation).unwrap_or_default();
        loop {
            let Ok(status) = self.settled(&about).await else {
                // Who could not look does not know.
                self.untidy.set(true);
                return Err(ProductionCode::PrtNotReachable);
            };
            let path = status.path.as_ref().map(|card| &card.serial);
            let Some(serial) = path.or(status.exit.as_ref()) else {
                self.untidy.set(false);
                self.miss_blank(status.counters.picked).await;
                return Ok(status);
            };
            self.untidy.set(true);
            let desk = self.desk.lock().await;
            let given_up = matches!(desk.fate(serial), Some(Fate::Spoiled | Fate::Captured));
            let is_news = !given_up || desk.awaits_blank();
            drop(desk);
            if is_news {
                let (id, serial) = (id.cloned(), serial.clone());
                self.record(Entry::LostTrack { id, serial }).await;
                self.untidy.expect(false);
            }
            let name = format!("tidy.{}", self.host.clock.now().millis());
            match self.act(&name, &label, Action::Reject).await {
                Ok(Outcome::Done { .. }) => {}
                Ok(Outcome::Failed { condition, .. }) => {
                    return Err(Setback::of(condition).code());
                }
                Ok(_) => return Err(Setback::Refused.code()),
                Err(trouble) => return Err(Setback::from(trouble).code()),
            }
        }
    }

    /// Writes down that a blank was lost, if the printer counts one that nobody saw.
    async fn miss_blank(self: &Arc<Self>, counted: u32) {
        let lost = self.desk.lock().await.lost_blank(counted).cloned();
        if let Some(id) = lost {
            self.record(Entry::BlankLost { id }).await;
            self.untidy.expect(false);
        }
    }
}

/// Whether a condition stands in the way of every job. A missing stock is another job's matter; cards that lie about are tidied up.
fn stops_any_job(condition: Condition) -> bool {
    let others = [
        Condition::MediaEmpty,
        Condition::ExitBlocked,
        Condition::NotTaken,
        // Of the card that met them.
        Condition::StripeFailed,
        Condition::ChipMute,
        Condition::ChipRefused,
        Condition::FeedJam,
    ];
    condition.severity() != Severity::Warning && !others.contains(&condition)
}
