//! What must be known of the whole journal before the first line can be told.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use persotwin_contract::ids::{CardId, OperationId};
use persotwin_contract::notification::ProductionStatus;
use persotwin_kernel::Record;
use persotwin_kernel::event::{
    About, Belief, Disturbance, Event, Exchange, HeardBy, News, Phase, Truth,
};
use persotwin_link::{CustomerName, Face, Machine};

/// Whose chapter something belongs into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whose {
    /// A customer's.
    Customer(CustomerName),
    /// That of a card which a stranger ordered.
    Card(CardId),
    /// What belongs to nobody's order.
    World,
}

/// A message that was sent.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) from: Machine,
    pub(super) to: Face,
    pub(super) method: String,
    pub(super) about: About,
}

/// How many messages are remembered where nobody knows how many come.
const MESSAGES: usize = 10_000;

/// Facts about the whole run.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// Cards of operations.
    cards: BTreeMap<OperationId, CardId>,
    /// Whose an operation is.
    operations: BTreeMap<OperationId, CustomerName>,
    /// Whose a card is.
    owners: BTreeMap<CardId, CustomerName>,
    /// Statuses that the issuer heard.
    heard: BTreeSet<(OperationId, ProductionStatus)>,
    /// Statuses that D1 delivered.
    delivered: BTreeSet<(OperationId, ProductionStatus)>,
    /// Jobs that an agent took.
    taken: BTreeSet<OperationId>,
    /// Cards that the twin's own issuer ordered.
    ours: BTreeSet<CardId>,
    extent: Extent,
    /// Messages by number.
    sent: BTreeMap<u64, Sent>,
}

/// How it is known that the issuer knows a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// The issuer wrote that it heard.
    Heard,
    /// Only D1 wrote that it delivered.
    Delivered,
    /// It is not known to have arrived.
    Silent,
    /// It is not known to have arrived, and the journal goes on.
    NotYet,
}

/// How much of the journal there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Extent {
    /// All of it.
    #[default]
    Whole,
    /// It goes on.
    SoFar,
}

impl Facts {
    /// Facts of a journal that goes on.
    pub(super) fn so_far() -> Self {
        let extent = Extent::SoFar;
        Self {
            extent,
            ..Self::default()
        }
    }

    /// Whether the journal goes on.
    pub(super) fn are_so_far(&self) -> bool {
        self.extent == Extent::SoFar
    }

    pub(super) fn of<R: Deref<Target = Record>>(records: &[R]) -> Self {
        let mut facts = Self::default();
        for record in records {
            facts.learn(record);
        }
        facts
    }

    pub(super) fn learn(&mut self, record: &Record) {
        let Some(about) = about(&record.event) else {
            return;
        };
        if let (Some(operation), Some(card)) = (&about.operation, &about.card) {
            self.cards.insert(operation.clone(), card.clone());
        }
        if let (Some(operation), Some(customer)) = (&about.operation, &record.customer) {
            self.operations.insert(operation.clone(), customer.clone());
        }
        if let (Some(card), Some(customer)) = (&about.card, &record.customer) {
            self.owners.insert(card.clone(), customer.clone());
        }
        match &record.event {
            Event::Exchange(exchange) => self.sent(exchange),
            Event::Order(Belief { about, news }) => self.news(about, news),
            _ => {}
        }
    }

    /// A world that stays up for days remembers its last messages only.
    pub(super) fn forget_old_messages(&mut self) {
        while self.sent.len() > MESSAGES {
            self.sent.pop_first();
        }
    }

    fn sent(&mut self, exchange: &Exchange) {
        if let Phase::Sent { .. } = exchange.phase {
            let sent = Sent {
                from: exchange.from.clone(),
                to: exchange.to.clone(),
                method: exchange.method.clone(),
                about: exchange.about.clone(),
            };
            self.sent.insert(exchange.exchange, sent);
        }
    }

    fn news(&mut self, about: &About, news: &News) {
        if let (News::Ordering { .. }, Some(card)) = (news, &about.card) {
            self.ours.insert(card.clone());
        }
        let Some(operation) = &about.operation else {
            return;
        };
        match news {
            News::Heard { status, .. } => {
                self.heard.insert((operation.clone(), status.clone()));
            }
            News::Notified { status, .. } => {
                self.delivered.insert((operation.clone(), status.clone()));
            }
            News::JobTaken => {
                self.taken.insert(operation.clone());
            }
            _ => {}
        }
    }

    /// Whose chapter a record belongs into, if it says so itself.
    pub(super) fn whose(&self, record: &Record) -> Option<Whose> {
        if let Some(customer) = &record.customer {
            return Some(Whose::Customer(customer.clone()));
        }
        let about = match &record.event {
            Event::Disturbance(
                Disturbance::Wire { exchange, .. }
                | Disturbance::Fault {
                    exchange: Some(exchange),
                    ..
                },
            ) => &self.sent.get(exchange)?.about,
            event => about(event)?,
        };
        let operation = about.operation.as_ref();
        if let Some(customer) = operation.and_then(|id| self.operations.get(id)) {
            return Some(Whose::Customer(customer.clone()));
        }
        let by_operation = || self.cards.get(operation?);
        let card = about.card.as_ref().or_else(by_operation)?;
        Some(match self.owners.get(card) {
            Some(customer) => Whose::Customer(customer.clone()),
            None => Whose::Card(card.clone()),
        })
    }

    /// How the issuer knows a status.
    pub(super) fn known(&self, about: &About, status: &ProductionStatus) -> Known {
        let key = about.operation.clone().map(|id| (id, status.clone()));
        match key {
            Some(key) if self.heard.contains(&key) => Known::Heard,
            Some(key) if self.delivered.contains(&key) => Known::Delivered,
            _ if self.are_so_far() => Known::NotYet,
            _ => Known::Silent,
        }
    }

    /// Whether an agent wrote that it took the job.
    pub(super) fn job_was_taken(&self, about: &About) -> bool {
        let operation = about.operation.as_ref();
        operation.is_some_and(|id| self.taken.contains(id))
    }

    /// Whether the twin's own issuer ordered it.
    pub(super) fn ours(&self, about: &About) -> bool {
        let by_operation = || self.cards.get(about.operation.as_ref()?);
        let card = about.card.as_ref().or_else(by_operation);
        card.is_some_and(|card| self.ours.contains(card))
    }

    /// A message by its number.
    pub(super) fn message(&self, exchange: u64) -> Option<&Sent> {
        self.sent.get(&exchange)
    }
}

/// What an event is about, where it says so.
pub(super) fn about(event: &Event) -> Option<&About> {
    match event {
        Event::Exchange(exchange) => Some(&exchange.about),
        Event::Order(Belief { about, .. }) | Event::Card(Truth { about, .. }) => Some(about),
        Event::Condition(_) | Event::Disturbance(_) | Event::Verdict(_) => None,
    }
}

/// How the issuer heard, as an arrow's words.
pub(super) fn by(how: HeardBy) -> &'static str {
    match how {
        HeardBy::Notification => "",
        HeardBy::Poll => "asked for: ",
    }
}
