//! Which ids belong together: request, card and operation, learnt from the events themselves.

use std::collections::BTreeMap;

use persotwin_contract::ids::{CardId, OperationId};
use persotwin_kernel::event::{About, Belief, Disturbance, Event, News, Truth};
use persotwin_kernel::{Moment, Record};
use persotwin_link::Machine;

/// What one wish for a card is known by: the kiosk's request, or, for orders that came without one, the card or the operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wish {
    /// The kiosk's request.
    Request(String),
    /// A stranger's order of a card with an idempotency key.
    Keyed(CardId, String),
    /// A stranger's order without any.
    Operation(OperationId),
}

/// What was accepted after this moment, D1 has forgotten: its ledger's end was lost with a region. None for other records.
pub(crate) fn forgotten_since(record: &Record) -> Option<Moment> {
    match &record.event {
        Event::Disturbance(Disturbance::FailedOver {
            of: Machine::D1,
            lost_ms,
        }) => Some(Moment::from_millis(
            record.moment.millis().saturating_sub(*lost_ms),
        )),
        _ => None,
    }
}

/// The ids that were seen together.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    /// The request for which a card was last asked.
    asked: BTreeMap<CardId, String>,
    /// The newest operation of a card.
    newest: BTreeMap<CardId, OperationId>,
    /// The card of an operation.
    cards: BTreeMap<OperationId, CardId>,
    /// The wish that an operation serves.
    wishes: BTreeMap<OperationId, Wish>,
    /// The newest operation of a kiosk's request.
    by_request: BTreeMap<String, OperationId>,
}

impl Orders {
    /// Learns what a record tells.
    pub(crate) fn learn(&mut self, record: &Record) {
        let Event::Order(Belief { about, news }) = &record.event else {
            return;
        };
        if let (Some(card), Some(request)) = (&about.card, &about.request)
            && matches!(news, News::Requested { .. } | News::Ordering { .. })
        {
            self.asked.insert(card.clone(), request.clone());
        }
        if let (Some(card), Some(operation)) = (&about.card, &about.operation)
            && !self.cards.contains_key(operation)
        {
            self.cards.insert(operation.clone(), card.clone());
            self.newest.insert(card.clone(), operation.clone());
            let wish = self.wish(about, card, operation, news);
            if let Wish::Request(request) = &wish {
                self.by_request.insert(request.clone(), operation.clone());
            }
            self.wishes.insert(operation.clone(), wish);
        }
    }

    fn wish(&self, about: &About, card: &CardId, operation: &OperationId, news: &News) -> Wish {
        let key = match news {
            News::OrderAccepted {
                issuer_request_id, ..
            } => issuer_request_id.clone(),
            _ => None,
        };
        let request = about.request.as_ref().or_else(|| self.asked.get(card));
        match (request, key) {
            (Some(request), _) => Wish::Request(request.clone()),
            (None, Some(key)) => Wish::Keyed(card.clone(), key),
            (None, None) => Wish::Operation(operation.clone()),
        }
    }

    /// The operation that an event is about: the one it names, else the newest of its request, else the newest of its card.
    pub(crate) fn operation<'a>(&'a self, about: &'a About) -> Option<&'a OperationId> {
        let by_request = || self.by_request.get(about.request.as_ref()?);
        let by_card = || self.newest.get(about.card.as_ref()?);
        let named = about.operation.as_ref();
        named.or_else(by_request).or_else(by_card)
    }

    /// The card of an operation.
    pub(crate) fn card(&self, operation: &OperationId) -> Option<&CardId> {
        self.cards.get(operation)
    }

    /// The wish that an operation serves.
    pub(crate) fn wish_of(&self, operation: &OperationId) -> Wish {
        let unknown = || Wish::Operation(operation.clone());
        self.wishes.get(operation).cloned().unwrap_or_else(unknown)
    }
}

/// The event's truth, if it is one.
pub(crate) fn truth(record: &Record) -> Option<&Truth> {
    match &record.event {
        Event::Card(truth) => Some(truth),
        _ => None,
    }
}

/// The event's belief, if it is one.
pub(crate) fn belief(record: &Record) -> Option<&Belief> {
    match &record.event {
        Event::Order(belief) => Some(belief),
        _ => None,
    }
}
