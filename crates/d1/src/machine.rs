//! The running D1: its books under one lock, and the tasks that follow each order.
//!
//! Every change goes the same way: under the lock it is decided by the [model](crate::model), written to the ledger, made true, written
//! to the journal; then whoever waits for the order is woken. Nothing is answered or sent before that.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError};
use std::time::Duration;

use persotwin_contract::dates::WireTime;
use persotwin_contract::ids::{OperationId, PersoStation};
use persotwin_contract::jose::jwk::PublicJwk;
use persotwin_contract::token::access::Bearers;
use persotwin_faults::Behaviour;
use persotwin_kernel::event::{About, News};
use persotwin_kernel::{LedgerError, Moment};
use persotwin_link::Span;
use persotwin_wire::Host;
use rand::RngExt;
use tokio::sync::{Mutex, Notify};

use crate::config::Config;
use crate::entry::{Change, Entry};
use crate::http;
use crate::model::{Custody, Model, Order};
use crate::news;
use crate::oauth::{HeldToken, Purse};

/// Runs D1 for one life.
///
/// It takes up what its ledger holds: orders go on where they were, notifications that no issuer has taken are sent again.
pub async fn run(host: Host, config: Config) {
    let purse = match Purse::of(&config.tenant) {
        Ok(purse) => purse,
        Err(error) => return host.give_up(&error).await,
    };
    let mut books = Model::default();
    match host.ledger.replay::<Entry>() {
        Ok(entries) => entries.iter().for_each(|entry| books.apply(entry)),
        Err(error) => return host.give_up(&error).await,
    }
    let d1 = Arc::new(D1 {
        host: host.clone(),
        bearers: Bearers::of(config.keys.token_set()),
        config,
        purse,
        books: Mutex::new(books),
        bells: StdMutex::default(),
        telling: StdMutex::default(),
        enrolled: Notify::new(),
        token: Mutex::new(None),
        recent: StdMutex::default(),
    });
    d1.config.desk.open(&d1);
    d1.resume().await;
    if let Err(error) = host.wire.serve(http::router(d1)).await {
        host.give_up(&error).await;
    }
}

/// One life of D1.
pub(crate) struct D1 {
    pub(crate) host: Host,
    pub(crate) config: Config,
    pub(crate) purse: Option<Purse>,
    /// Who may order and ask.
    pub(crate) bearers: Bearers,
    pub(crate) books: Mutex<Model>,
    bells: StdMutex<BTreeMap<OperationId, Arc<Notify>>>,
    /// Orders whose notifications somebody sends.
    telling: StdMutex<BTreeSet<OperationId>>,
    /// Rings when a station enrols.
    pub(crate) enrolled: Notify,
    pub(crate) token: Mutex<Option<HeldToken>>,
    /// When orders came within the last second.
    pub(crate) recent: StdMutex<VecDeque<Moment>>,
}

impl D1 {
    /// D1's wall time.
    pub(crate) fn now(&self) -> WireTime {
        WireTime::new(self.host.calendar.now())
    }

    /// How much is left until `limit` after an instant; nothing when it is over.
    pub(crate) fn left(&self, since: WireTime, limit: Span) -> Option<Duration> {
        let elapsed = self.now().timestamp().duration_since(since.timestamp());
        let elapsed = Duration::try_from(elapsed).unwrap_or_default();
        limit
            .get()
            .checked_sub(elapsed)
            .filter(|left| !left.is_zero())
    }

    /// The pause before the call after `attempt` failed ones: doubled each time, capped, half of it drawn.
    pub(crate) fn pause(&self, purpose: &str, operation: &OperationId, attempt: u32) -> Duration {
        let timing = &self.config.tenant.d1_timing;
        let doubled = timing.backoff.get().saturating_mul(
            1_u32
                .checked_shl(attempt.saturating_sub(1))
                .unwrap_or(u32::MAX),
        );
        let half = doubled.min(timing.backoff_max.get()) / 2;
        let most = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
        let mut draw = self.host.chance.draw(purpose, &[operation, &attempt]);
        half + Duration::from_millis(draw.random_range(0..=most))
    }

    /// Follows every order that is not settled.
    async fn resume(self: &Arc<Self>) {
        let books = self.books.lock().await;
        let unsettled: Vec<_> = books
            .orders()
            .filter(|(_, order)| !order.is_settled())
            .map(|(operation, order)| (operation.clone(), order.is_open()))
            .collect();
        drop(books);
        for (operation, open) in unsettled {
            if open {
                self.spawn_pipeline(&operation);
            }
            self.spawn_outbox(&operation, Duration::ZERO);
        }
    }

    pub(crate) fn spawn_pipeline(self: &Arc<Self>, operation: &OperationId) {
        let task = Arc::clone(self).follow(operation.clone());
        self.host.life.spawn(task);
    }

    /// Has the issuer told all that it must hear of an order, unless somebody does so already.
    pub(crate) fn spawn_outbox(self: &Arc<Self>, operation: &OperationId, after: Duration) {
        if !self.telling().insert(operation.clone()) {
            return;
        }
        let task = Arc::clone(self).tell_issuer(operation.clone(), after);
        self.host.life.spawn(task);
    }

    /// Writes an entry down, makes it true and tells the journal, `first` before the rest. A full ledger is an error.
    pub(crate) async fn commit(
        &self,
        books: &mut Model,
        entry: Entry,
        first: Option<News>,
    ) -> Result<(), LedgerError> {
        self.host.ledger.offer(&entry).await?;
        books.apply(&entry);
        let (about, news) = news::of(&entry, books, &self.host.chance);
        let news = first.into_iter().chain(news);
        self.host.pen.all_news(&about, news).await;
        match &entry {
            Entry::Enrolled { .. } => self.enrolled.notify_waiters(),
            Entry::Accepted(_) | Entry::Revoked { .. } => {}
            Entry::Moved { operation, .. } => self.ring(books, operation),
        }
        Ok(())
    }

    /// Does what `plan` finds to be done about an order, if anything, as soon as the ledger has room for it.
    pub(crate) async fn step(
        &self,
        operation: &OperationId,
        first: Option<News>,
        plan: impl FnOnce(&Order) -> Vec<Change> + Send,
    ) {
        self.host.ledger.room().await;
        let mut books = self.books.lock().await;
        let changes = books.order(operation).map(plan).unwrap_or_default();
        if changes.is_empty() {
            return;
        }
        let entry = Entry::Moved {
            operation: operation.clone(),
            at: self.now(),
            changes,
        };
        // It may have filled up while the lock was waited for.
        while let Err(error) = self.commit(&mut books, entry.clone(), first.clone()).await {
            match error {
                LedgerError::Full => self.host.ledger.room().await,
                LedgerError::Encode(_) | LedgerError::Decode(..) => self.host.give_up(&error).await,
            }
        }
    }

    /// Looks at an order.
    pub(crate) async fn look<T>(
        &self,
        operation: &OperationId,
        at: impl FnOnce(&Order) -> T + Send,
    ) -> Option<T> {
        self.books.lock().await.order(operation).map(at)
    }

    /// What rings whenever an order changes. Ask before looking, or a change is missed.
    pub(crate) fn bell(&self, operation: &OperationId) -> Arc<Notify> {
        Arc::clone(self.bells().entry(operation.clone()).or_default())
    }

    fn ring(&self, books: &Model, operation: &OperationId) {
        let mut bells = self.bells();
        if let Some(bell) = bells.get(operation) {
            bell.notify_waiters();
        }
        if books.order(operation).is_none_or(Order::is_settled) {
            bells.remove(operation);
        }
    }

    /// Whose notifications somebody sends.
    pub(crate) fn telling(&self) -> MutexGuard<'_, BTreeSet<OperationId>> {
        self.telling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bells(&self) -> MutexGuard<'_, BTreeMap<OperationId, Arc<Notify>>> {
        self.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the cards of a station are until D1 has ruled. One that is not registered any more gives nothing out.
    pub(crate) fn custody(&self, station: &PersoStation) -> Custody {
        self.config
            .stations
            .get(station)
            .map_or(Custody::Inside, |registration| registration.present.into())
    }

    /// The key of a station, once it is enrolled.
    pub(crate) async fn station_key(&self, station: &PersoStation) -> Option<PublicJwk> {
        let books = self.books.lock().await;
        books.station(station).map(|enrolled| enrolled.key.clone())
    }

    /// Whether no job may go to a station any more, as far as this D1 minds.
    pub(crate) async fn is_shut_out(&self, station: &PersoStation) -> bool {
        self.books.lock().await.is_revoked(station)
            && !self.config.protections.lack(Behaviour::ForgetsRevocation)
    }

    /// What an order's events are about.
    pub(crate) async fn about(&self, operation: &OperationId) -> About {
        let card = self.look(operation, |order| order.card().clone()).await;
        let about = About::operation(operation);
        match card {
            Some(card) => about.with_card(&card),
            None => about,
        }
    }
}
