//! The agent's start, and the one lock under which anything changes: ledger first, then the journal, then whoever waits.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use persotwin_contract::ids::OperationId;
use persotwin_faults::Behaviour;
use persotwin_kernel::LedgerError;
use persotwin_kernel::event::{About, Book, News};
use persotwin_link::jobs::Job;
use persotwin_wire::Host;
use rand::RngExt;
use tokio::sync::{MutexGuard, Notify};

use crate::config::Config;
use crate::model::{Desk, Entry, Offer, Record, State};
use crate::worker::Untidy;
use crate::{enrol, http, reporter, worker};

/// Starts the agent. Called again after each crash, with the ledger of the lives before.
pub async fn run(host: Host, config: Config) {
    let mut desk = Desk::new(config.station.declared);
    match host.ledger.replay::<Entry>() {
        Ok(entries) => {
            for entry in &entries {
                desk.apply(entry);
            }
        }
        Err(error) => return host.give_up(&error).await,
    }
    let unanswered = desk.unanswered();
    let agent = Arc::new(Agent {
        host: host.clone(),
        config,
        desk: tokio::sync::Mutex::new(desk),
        changed: Notify::new(),
        reporting: Mutex::default(),
        untidy: Untidy::default(),
    });
    if let Err(error) = host.wire.serve(http::router(Arc::clone(&agent))).await {
        host.give_up(&error).await;
    }
    for id in unanswered {
        agent.start_reporter(&id);
    }
    host.life.spawn(enrol::keep_enrolled(Arc::clone(&agent)));
    host.life.spawn(worker::work(agent));
}

/// A life of the agent.
pub(crate) struct Agent {
    pub(crate) host: Host,
    pub(crate) config: Config,
    pub(crate) desk: tokio::sync::Mutex<Desk>,
    /// Notified at each change of the desk.
    pub(crate) changed: Notify,
    /// Jobs whose reporter runs.
    pub(crate) reporting: Mutex<BTreeSet<OperationId>>,
    /// Whether something may lie on the path that should not.
    pub(crate) untidy: Untidy,
}

/// Why the agent does not do as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// Another job has this id, or had it.
    #[error("another job has this id, or it was withdrawn")]
    Other,
    /// Too many jobs wait.
    #[error("the queue is full")]
    Full,
    /// The job has begun.
    #[error("the job has begun")]
    Begun,
    /// The ledger does not take it.
    #[error("the ledger is not available")]
    Ledger,
}

impl From<LedgerError> for Refusal {
    fn from(_: LedgerError) -> Self {
        Self::Ledger
    }
}

impl Agent {
    /// Writes an entry down, makes it true, tells the journal, wakes whoever waits. A full ledger is an error.
    pub(crate) async fn commit(
        self: &Arc<Self>,
        desk: &mut MutexGuard<'_, Desk>,
        entry: Entry,
    ) -> Result<(), LedgerError> {
        if !self.config.protections.lack(Behaviour::NoLedger) {
            self.host.ledger.offer(&entry).await?;
        }
        let news = desk
            .apply(&entry)
            .into_iter()
            .filter_map(|it| self.told(it));
        let news = news.collect::<Vec<_>>();
        let about = entry.id().map(About::operation).unwrap_or_default();
        let reports = news.iter().any(|it| matches!(it, News::Reporting { .. }));
        self.host.pen.all_news(&about, news).await;
        if let Some(id) = entry.id().filter(|_| reports) {
            self.start_reporter(id);
        }
        self.changed.notify_waiters();
        Ok(())
    }

    /// What an agent says of its news: all of it, if it is careful.
    fn told(&self, news: News) -> Option<News> {
        let lack = |behaviour| self.config.protections.lack(behaviour);
        match news {
            News::ForDestruction { .. } if lack(Behaviour::ListsNoRejects) => None,
            News::Book(book) if lack(Behaviour::CountsNoSpoils) => {
                Some(News::Book(Book { spoiled: 0, ..book }))
            }
            news => Some(news),
        }
    }

    /// As [`Agent::commit`], from the worker, which can do nothing that it could not write down: it waits for the ledger.
    pub(crate) async fn record(self: &Arc<Self>, entry: Entry) {
        while self
            .commit(&mut self.desk.lock().await, entry.clone())
            .await
            .is_err()
        {
            self.host.ledger.room().await;
        }
    }

    /// A job as it stands now.
    pub(crate) async fn job(&self, id: &OperationId) -> Option<Record> {
        self.desk.lock().await.job(id).cloned()
    }

    /// Takes a job, once.
    pub(crate) async fn take(self: &Arc<Self>, id: OperationId, job: Job) -> Result<(), Refusal> {
        let mut desk = self.desk.lock().await;
        match desk.judge(&id, &job) {
            Offer::Other => Err(Refusal::Other),
            Offer::Same => {
                let about = About::operation(&id);
                self.host.pen.news(about, News::JobRepeated).await;
                Ok(())
            }
            Offer::New if desk.waiting() >= self.config.queue => Err(Refusal::Full),
            Offer::New => {
                let entry = Entry::Taken { id, job };
                Ok(self.commit(&mut desk, entry).await?)
            }
        }
    }

    /// Forgets a job that has not begun; one that never came stays out for ever.
    pub(crate) async fn withdraw(self: &Arc<Self>, id: OperationId) -> Result<(), Refusal> {
        let mut desk = self.desk.lock().await;
        match desk.job(&id).map(|job| &job.state) {
            Some(State::Withdrawn) => Ok(()),
            None | Some(State::Queued) => {
                Ok(self.commit(&mut desk, Entry::Withdrawn { id }).await?)
            }
            Some(_) => Err(Refusal::Begun),
        }
    }

    /// An operator declares blanks; the same load again changes nothing.
    pub(crate) async fn declare(
        self: &Arc<Self>,
        load: String,
        blanks: u32,
    ) -> Result<(), Refusal> {
        let mut desk = self.desk.lock().await;
        match desk.declared(&load) {
            Some(declared) if declared == blanks => Ok(()),
            Some(_) => Err(Refusal::Other),
            None => Ok(self
                .commit(&mut desk, Entry::Declared { load, blanks })
                .await?),
        }
    }

    fn start_reporter(self: &Arc<Self>, id: &OperationId) {
        let mut reporting = self
            .reporting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if reporting.insert(id.clone()) {
            let task = reporter::report(Arc::clone(self), id.clone());
            self.host.life.spawn(task);
        }
    }

    /// The pause before the call after `failed` failed ones: doubled each time, capped, half of it drawn.
    pub(crate) fn pause(&self, purpose: &str, key: &str, failed: u32) -> Duration {
        let timing = &self.config.timing;
        let factor = 1_u32
            .checked_shl(failed.saturating_sub(1))
            .unwrap_or(u32::MAX);
        let doubled = timing.backoff.get().saturating_mul(factor);
        let half = doubled.min(timing.backoff_max.get()) / 2;
        let most = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
        let mut draw = self.host.chance.draw(purpose, &[&key, &failed]);
        half + Duration::from_millis(draw.random_range(0..=most))
    }
}
