//! What the issuer knows of its orders: a pure state machine, told facts and asked questions, without clock and without I/O.
//!
//! ```text
//!  Asked ──► Ordered ──► Accepted ──► Requested ──► Ready ──► Done
//!    │         │ │          │             │           │
//!    │         │ │          └─────────────┴───────────┴─────► Failed, Canceled
//!    │         │ └──► Refused ─┐
//!    │         └────► GaveUp ──┴──► (whatever D1 tells later)
//!    └──► NotOrdered
//! ```
//!
//! *The happy path* is the first line: a customer asked, the order is written down and goes out, D1 answers 202, and D1's three
//! notifications follow.
//!
//! *Failure paths.* The name cannot be printed: `NotOrdered`, nothing goes out. D1 answers with an error that repeating does not
//! mend: `Refused`. D1 cannot be reached often enough: `GaveUp`; the customer is told sorry, yet an order may have arrived whose
//! answer was lost. So a status that D1 tells later counts, from `Refused` too: an earlier attempt was taken after all.
//! `Failed` and `Canceled` are D1's own final words, as `Done` is.
//!
//! *Rules.* Notifications come at least once and in any order, even before the answer to the order. The stage never moves to the
//! left; a final one never moves. Each (`operationId`, `details.status`) is heard once. A word that D1 added since shows that it
//! has the order, and nothing more. The outcome is acted on once, which is a fact of its own, so that a life that ended between
//! hearing and acting leaves the acting to the next.

mod entry;
mod order;
mod screen;

use std::collections::BTreeMap;

use persotwin_contract::ids::CardId;
use persotwin_link::CustomerName;
use persotwin_link::kiosk::{CardRequest, RequestView};

pub(crate) use entry::{Asked, Entry, InvalidRequestId, Page, RequestId};
pub(crate) use order::{Fact, Hearing, Obstacle, Order, Stage};

/// All orders of the issuer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Book {
    orders: BTreeMap<CardId, Order>,
    /// Every id under which a kiosk asked.
    requests: BTreeMap<RequestId, CardId>,
    /// The cards of each customer, oldest first.
    customers: BTreeMap<CustomerName, Vec<CardId>>,
}

/// What a tap on "print my card" means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tap {
    /// A new wish.
    New,
    /// The same request again.
    Again(CardId, RequestView),
    /// Another request of a customer whose card for this station is on its way.
    Second(CardId, RequestView),
    /// A known request id with other content.
    Contradicts,
}

impl Book {
    /// The book that these entries make.
    pub(crate) fn replay(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut book = Self::default();
        for entry in entries {
            book.apply(entry);
        }
        book
    }

    /// Takes a fact in. Facts about cards that are not in the book change nothing.
    pub(crate) fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Requested(asked) => self.register(asked),
            Entry::AlsoKnownAs { card, request } => drop(self.requests.insert(request, card)),
            Entry::Of { card, fact } => {
                if let Some(order) = self.orders.get_mut(&card) {
                    order.apply(fact);
                }
            }
        }
    }

    /// A card is registered once, and renews only one that is in the book already: so renewals never run in circles.
    fn register(&mut self, mut asked: Asked) {
        let card = asked.card.clone();
        if self.orders.contains_key(&card) {
            return;
        }
        asked.renews = asked.renews.filter(|old| self.orders.contains_key(old));
        self.requests.insert(asked.request.clone(), card.clone());
        let cards = self.customers.entry(asked.customer.clone()).or_default();
        cards.push(card.clone());
        self.orders.insert(card, Order::new(asked));
    }

    /// The order of a card.
    pub(crate) fn order(&self, card: &CardId) -> Option<&Order> {
        self.orders.get(card)
    }

    /// The order that a kiosk means.
    pub(crate) fn requested(&self, request: &RequestId) -> Option<&Order> {
        self.orders.get(self.requests.get(request)?)
    }

    /// Every order, by card.
    pub(crate) fn orders(&self) -> impl Iterator<Item = &Order> {
        self.orders.values()
    }

    /// What this tap means.
    pub(crate) fn tap(&self, id: &RequestId, request: &CardRequest) -> Tap {
        if let Some(order) = self.requested(id) {
            return if order.asked().is_for(request) {
                Tap::Again(order.asked().card.clone(), order.view())
            } else {
                Tap::Contradicts
            };
        }
        let here = |order: &&Order| order.asked().station == request.perso_station;
        let open = |order: &&Order| order.stage().is_open();
        let on_its_way = self.of(&request.customer).filter(here).find(open);
        on_its_way.map_or(Tap::New, |order| {
            Tap::Second(order.asked().card.clone(), order.view())
        })
    }

    /// The card of a customer that a renewal renews: the newest that was made, else the newest that is on its way.
    pub(crate) fn latest(&self, customer: &CustomerName) -> Option<&Order> {
        let made = |order: &&Order| order.stage() == Stage::Done;
        let on_its_way = |order: &&Order| order.stage().is_open();
        let expected = || self.of(customer).find(on_its_way);
        self.of(customer).find(made).or_else(expected)
    }

    /// A customer's orders, newest first.
    fn of(&self, customer: &CustomerName) -> impl Iterator<Item = &Order> {
        let cards = self.customers.get(customer).into_iter().flatten().rev();
        cards.filter_map(|card| self.orders.get(card))
    }
}

#[cfg(test)]
mod tests;
