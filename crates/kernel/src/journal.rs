//! The journal: one list of facts, in the order in which they happened.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use persotwin_contract::ids::{CardId, OperationId};
use persotwin_link::{CustomerName, Machine, Step};
use serde::{Serialize, Serializer};
use tokio::sync::Notify;

use crate::clock::{Clock, Moment};
use crate::event::{About, Belief, Event, News, Truth};
use crate::life::Life;

/// A fact with its place in the story.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record {
    /// From 0, without gaps.
    pub seq: u64,
    /// World time as ISO 8601 with milliseconds: as calendars have it, whatever the time scale.
    #[serde(serialize_with = "iso")]
    pub at: Timestamp,
    /// The same as time since the start, as clocks have it.
    #[serde(skip)]
    pub moment: Moment,
    /// Who writes.
    pub machine: Machine,
    /// The step of the flow, where it belongs to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// Whose card it is about, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerName>,
    /// The fact.
    #[serde(flatten)]
    pub event: Event,
}

fn iso<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{at:.3}"))
}

/// The journal of a world.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    starts: Timestamp,
    pages: Mutex<Pages>,
    watchers: Mutex<Vec<Watcher>>,
    grown: Notify,
}

/// Somebody who sees each record at the instant in which it is written.
#[derive(Clone)]
struct Watcher(Arc<Watch>);

type Watch = dyn Fn(&Arc<Record>) + Send + Sync;

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watcher")
    }
}

#[derive(Debug)]
struct Pages {
    records: VecDeque<Arc<Record>>,
    /// How many of the oldest were dropped.
    dropped: u64,
    /// How many are kept at most.
    keep: usize,
    who: Who,
}

/// Whose card an id belongs to, learnt from the events themselves.
#[derive(Debug, Default)]
struct Who {
    requests: BTreeMap<String, CustomerName>,
    cards: BTreeMap<CardId, CustomerName>,
    operations: BTreeMap<OperationId, CustomerName>,
    /// Which request each operation answers.
    asked: BTreeMap<OperationId, String>,
    /// The customers whom strangers will play.
    roles: VecDeque<CustomerName>,
}

impl Who {
    fn learn(&mut self, event: &Event) -> Option<CustomerName> {
        let about = match event {
            Event::Exchange(exchange) => &exchange.about,
            Event::Order(Belief {
                about,
                news: News::Requested { customer, .. },
            }) => {
                self.bind(about, customer);
                return Some(customer.clone());
            }
            Event::Order(Belief { about, .. }) | Event::Card(Truth { about, .. }) => about,
            Event::Condition(_) | Event::Disturbance(_) | Event::Verdict(_) => return None,
        };
        let customer = self.of(about)?.clone();
        self.bind(about, &customer);
        Some(customer)
    }

    fn of(&self, about: &About) -> Option<&CustomerName> {
        let request = about.request.as_ref().and_then(|id| self.requests.get(id));
        let operation = || {
            about
                .operation
                .as_ref()
                .and_then(|id| self.operations.get(id))
        };
        let card = || about.card.as_ref().and_then(|id| self.cards.get(id));
        request.or_else(operation).or_else(card)
    }

    fn bind(&mut self, about: &About, customer: &CustomerName) {
        if let Some(id) = &about.request {
            self.requests
                .entry(id.clone())
                .or_insert_with(|| customer.clone());
        }
        if let Some(id) = &about.card {
            self.cards.insert(id.clone(), customer.clone());
        }
        if let Some(id) = &about.operation {
            self.operations
                .entry(id.clone())
                .or_insert_with(|| customer.clone());
        }
        if let (Some(request), Some(operation)) = (&about.request, &about.operation)
            && !self.asked.contains_key(operation)
        {
            self.asked.insert(operation.clone(), request.clone());
        }
    }
}

impl Journal {
    /// The journal of a world that starts at an instant; keeps everything.
    pub fn new(starts: Timestamp) -> Self {
        Self::keeping(starts, usize::MAX)
    }

    /// As [`Journal::new`], but keeps only the newest records, for worlds that run for days.
    pub fn keeping(starts: Timestamp, keep: usize) -> Self {
        let pages = Pages {
            records: VecDeque::new(),
            dropped: 0,
            keep,
            who: Who::default(),
        };
        Self(Arc::new(Shared {
            starts,
            pages: Mutex::new(pages),
            watchers: Mutex::default(),
            grown: Notify::new(),
        }))
    }

    /// When the world starts.
    pub fn starts(&self) -> Timestamp {
        self.0.starts
    }

    /// A pen for one life of a machine.
    pub fn pen(&self, life: Life, clock: Clock) -> Pen {
        Pen {
            journal: self.clone(),
            life,
            clock,
        }
    }

    /// Lets somebody see each record from now on, before whoever writes it does anything else. A watcher may write, never wait.
    pub fn watch(&self, watcher: impl Fn(&Arc<Record>) + Send + Sync + 'static) {
        self.watchers().push(Watcher(Arc::new(watcher)));
    }

    /// A reader from the first record that is still there.
    pub fn reader(&self) -> Reader {
        Reader {
            journal: self.clone(),
            next: 0,
        }
    }

    /// A reader from this record on.
    pub fn reader_from(&self, seq: u64) -> Reader {
        Reader {
            journal: self.clone(),
            next: seq,
        }
    }

    /// All that is still there.
    pub fn records(&self) -> Vec<Arc<Record>> {
        self.pages().records.iter().cloned().collect()
    }

    /// Whose card an operation makes, as far as the journal tells: the name that people read on it.
    pub fn customer_of(&self, operation: &OperationId) -> Option<CustomerName> {
        self.pages().who.operations.get(operation).cloned()
    }

    /// The request at a kiosk that an operation answers, once an issuer has said so.
    pub fn request_of(&self, operation: &OperationId) -> Option<String> {
        self.pages().who.asked.get(operation).cloned()
    }

    /// Strangers who order cards play these customers from now on, one after the other.
    pub fn give_roles(&self, roles: impl IntoIterator<Item = CustomerName>) {
        self.pages().who.roles.extend(roles);
    }

    /// Somebody orders a card: one whom nobody knows plays the next customer, if there is one left.
    pub fn cast(&self, about: &About) {
        let mut pages = self.pages();
        let who = &mut pages.who;
        if about.card.is_some()
            && who.of(about).is_none()
            && let Some(role) = who.roles.pop_front()
        {
            who.bind(about, &role);
        }
    }

    /// Whose card something is about, as far as the journal tells.
    pub fn customer_about(&self, about: &About) -> Option<CustomerName> {
        self.pages().who.of(about).cloned()
    }

    /// The operations that make a customer's cards, as far as the journal tells.
    pub fn operations_of(&self, customer: &CustomerName) -> Vec<OperationId> {
        let pages = self.pages();
        let operations = pages.who.operations.iter();
        let own = operations.filter(|(_, owner)| *owner == customer);
        own.map(|(operation, _)| operation.clone()).collect()
    }

    /// How many were written.
    pub fn len(&self) -> u64 {
        let pages = self.pages();
        pages.dropped + pages.records.len() as u64
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn push(&self, machine: Machine, clock: &Clock, event: Event) {
        let elapsed = clock.elapsed();
        let mut pages = self.pages();
        let customer = pages.who.learn(&event);
        let record = Record {
            seq: pages.dropped + pages.records.len() as u64,
            at: self
                .0
                .starts
                .saturating_add((Moment::START + elapsed).since_start())
                .unwrap_or(Timestamp::MAX),
            moment: clock.moment_of(elapsed),
            machine,
            step: event.step(),
            customer,
            event,
        };
        if pages.records.len() >= pages.keep {
            pages.records.pop_front();
            pages.dropped += 1;
        }
        let record = Arc::new(record);
        pages.records.push_back(Arc::clone(&record));
        drop(pages);
        self.0.grown.notify_waiters();
        let watchers = self.watchers().clone();
        for Watcher(watch) in watchers {
            watch(&record);
        }
    }

    fn watchers(&self) -> std::sync::MutexGuard<'_, Vec<Watcher>> {
        self.0
            .watchers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn pages(&self) -> std::sync::MutexGuard<'_, Pages> {
        self.0.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Journal {
    /// One JSON object a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for record in &self.pages().records {
            f.write_str(&serde_json::to_string(&**record).map_err(|_| fmt::Error)?)?;
            f.write_str("\n")?;
        }
        Ok(())
    }
}

/// What one life of a machine writes with.
#[derive(Debug, Clone)]
pub struct Pen {
    journal: Journal,
    life: Life,
    clock: Clock,
}

impl Pen {
    /// Writes a fact down.
    pub async fn write(&self, event: Event) {
        self.life.alive().await;
        self.journal
            .push(self.life.machine().clone(), &self.clock, event);
    }

    /// Writes a fact down without waiting for anything, as a watcher must; nothing once the life is over.
    pub fn write_now(&self, event: Event) {
        if self.life.is_running() {
            self.journal
                .push(self.life.machine().clone(), &self.clock, event);
        }
    }

    /// Writes a fact down in somebody else's name, as long as this life runs: the net does so for callers.
    pub async fn write_as(&self, machine: Machine, event: Event) {
        self.life.alive().await;
        self.journal.push(machine, &self.clock, event);
    }

    /// Writes news of an order.
    pub async fn news(&self, about: About, news: News) {
        self.write(Event::Order(Belief { about, news })).await;
    }

    /// Writes all news of one step: whoever is struck while the first is written has written the others too, for one entry of a
    /// ledger stands behind them all.
    pub async fn all_news(&self, about: &About, news: impl IntoIterator<Item = News>) {
        self.life.alive().await;
        for news in news {
            let about = about.clone();
            let event = Event::Order(Belief { about, news });
            self.journal
                .push(self.life.machine().clone(), &self.clock, event);
        }
    }

    /// The journal it writes in.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }
}

/// Reads the journal record by record while it is written.
#[derive(Debug, Clone)]
pub struct Reader {
    journal: Journal,
    next: u64,
}

impl Reader {
    /// The next record, if it is written already. Records that were dropped before they were read are left out.
    pub fn try_next(&mut self) -> Option<Arc<Record>> {
        let pages = self.journal.pages();
        let index = self.next.max(pages.dropped) - pages.dropped;
        let record = pages.records.get(usize::try_from(index).ok()?)?.clone();
        drop(pages);
        self.next = record.seq + 1;
        Some(record)
    }

    /// The next record, waiting for it if need be.
    pub async fn next(&mut self) -> Arc<Record> {
        loop {
            let journal = self.journal.clone();
            let grown = journal.0.grown.notified();
            if let Some(record) = self.try_next() {
                return record;
            }
            grown.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::Alarm;
    use crate::event::Disturbance;
    use crate::pace::Pace;
    use futures_util::FutureExt;
    use persotwin_link::kiosk::Service;
    use tokio::time::Instant;

    fn pen(journal: &Journal) -> Pen {
        let life = Life::first(Machine::Issuer, Alarm::default());
        journal.pen(
            life.clone(),
            Clock::new(life, Instant::now(), Pace::default()),
        )
    }

    fn journal() -> Journal {
        Journal::new("2026-06-17T10:00:00Z".parse().unwrap())
    }

    fn crash() -> Event {
        Event::Disturbance(Disturbance::Crash { of: Machine::D1 })
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_has_what_tools_rely_on() {
        let journal = journal();
        pen(&journal).write(crash()).await;
        assert_eq!(
            journal.to_string(),
            "{\"seq\":0,\"at\":\"2026-06-17T10:00:00.000Z\",\"machine\":\"issuer\",\"event\":\"disturbance\",\"kind\":\"crash\",\"of\":\"d1\"}\n"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_customer_is_known_by_every_id_that_leads_to_them() {
        let journal = journal();
        let pen = pen(&journal);
        let card: CardId = "card-1".parse().unwrap();
        let operation: OperationId = "op-1".parse().unwrap();
        let requested = News::Requested {
            customer: "alice".parse().unwrap(),
            station: "KIOSK-PS-101".parse().unwrap(),
            service: Service::New,
        };
        pen.news(About::request("r-1").with_card(&card), requested)
            .await;
        pen.news(
            About::card(&card).with_operation(&operation),
            News::Accepted,
        )
        .await;
        pen.news(About::operation(&operation), News::JobTaken).await;
        let customers: Vec<_> = journal
            .records()
            .iter()
            .map(|r| r.customer.clone().unwrap().to_string())
            .collect();
        assert_eq!(customers, ["alice", "alice", "alice"]);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_struck_by_a_watcher_has_written_one_step_whole_and_nothing_more() {
        let journal = journal();
        let pen = pen(&journal);
        let life = pen.life.clone();
        journal.watch(move |_| life.strike());
        let card: CardId = "card-1".parse().unwrap();
        let about = About::card(&card);
        pen.all_news(&about, [News::JobTaken, News::JobRepeated])
            .await;
        let more = pen.news(about, News::Accepted);
        assert!(more.now_or_never().is_none());
        assert_eq!(journal.len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bounded_journal_forgets_the_oldest_and_keeps_counting() {
        let journal = Journal::keeping("2026-06-17T10:00:00Z".parse().unwrap(), 2);
        let pen = pen(&journal);
        let mut reader = journal.reader();
        for _ in 0..5 {
            pen.write(crash()).await;
        }
        assert_eq!(journal.len(), 5);
        assert_eq!(reader.next().await.seq, 3);
        assert_eq!(reader.next().await.seq, 4);
        assert!(reader.try_next().is_none());
    }
}
