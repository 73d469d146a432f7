//! D1's books: stations, orders, and what may become of an order. Pure: no clock, no calls, no chance.
//!
//! ```text
//!   accepted            prepared           offered          dispatched          PRODUCED
//! ─────────► Preparing ─────────► Ready ─────────► Offered ──────────► AtStation ─────────► Released
//!                │                  │                 │                    │      "release"     │ (done_when: taken)
//!                ▼                  └────────┬────────┴────────────────────┤                    ▼
//!         DATA_EXCEPTION                     ▼                             ▼                   Over
//!                                   CARD_PROD_EXCEPTION           CARD_PROD_DONE, EXCEPTION, CANCELED
//! ```
//!
//! **The happy path.** An order is accepted (`CARD_PROD_REQUESTED`) and its data prepared (`CARD_PROD_READY`). The job is offered to
//! the station's agent until it is taken. The agent reports PRODUCED with the card still inside; D1 writes the ruling "released" and
//! `CARD_PROD_DONE` in one ledger entry, and only then answers "release".
//!
//! **The ruling.** Released, failed or cancelled: written once, never changed, and the same report gets the same answer for ever.
//! A second card of a released order (another serial number) is answered "capture".
//!
//! **What each report makes of an order.** *Open* is everything before a ruling; *released* is an order that waits for its customer
//! under `done_when: taken`; *done* and *lost* (exception, cancelled) are final.
//!
//! | report | open | released | done | lost |
//! |---|---|---|---|---|
//! | STARTED | noted | noted | noted | noted |
//! | PRODUCED | **release**; DONE, or released | release; capture for another card | as released | **capture** |
//! | PRESENTED | released unasked: DONE, or released | noted | noted | in doubt: a card is out that must not be |
//! | TAKEN | released unasked: DONE | DONE | in hand | in doubt: a card is out that must not be |
//! | CAPTURED not-taken | EXCEPTION `PRD_CARD_NOT_TAKEN` | the same | done, not in hand | noted; not in doubt any more |
//! | CAPTURED no-answer, decided | EXCEPTION `PRD_NOT_RELEASED` | the same | done, not in hand | noted; not in doubt any more |
//! | CAPTURED staff-rejected | EXCEPTION `PRD_QUALITY_REJECTED` | the same | done, not in hand | noted; not in doubt any more |
//! | FAILED | EXCEPTION with its code | the same | done, not in hand | noted; not in doubt any more |
//!
//! So when D1 ruled "released" and the agent never heard it, the card is in the reject bin (CAPTURED no-answer): the issuer was told
//! DONE, which is final, and the order is listed as done, not in hand; a REPLACEMENT may be ordered. Under `done_when: taken` nothing
//! was told yet, and the order becomes `CARD_PROD_EXCEPTION`.
//!
//! **Deadlines.** What was lost × where the card may be:
//!
//! | the time is over for | the station keeps the card until release | the station gives it out at once |
//! |---|---|---|
//! | dispatch, never offered | EXCEPTION | EXCEPTION |
//! | dispatch, every attempt refused | EXCEPTION | EXCEPTION |
//! | dispatch, an answer was lost | EXCEPTION: a card would be captured | in doubt |
//! | production | EXCEPTION: a card would be captured | in doubt |
//! | taking, after release (`done_when: taken`) | in doubt | in doubt |
//!
//! An order in doubt keeps its last status for the issuer, and its card cannot be ordered again. A late report resolves it.
//!
//! **Cancelling** works until the ruling; at a station that gives cards out at once only until the job is offered.
//!
//! All of this is ours but the words of the statuses.

mod deadline;
mod order;
mod report;

use std::collections::{BTreeMap, BTreeSet};

use persotwin_contract::ids::{CardId, IssuerRequestId, OperationId, PersoStation};
use persotwin_contract::jose::jwk::PublicJwk;
use persotwin_contract::order::Issuance;
use persotwin_contract::refusal::{Constraint, Missing, Refusal};
use persotwin_contract::rules::{D1Rules, UnknownCard};
use persotwin_contract::same::{NumberDigest, RequestDigest};

pub use deadline::CancelError;
pub(crate) use deadline::{Custody, Handing};
pub(crate) use order::{Dead, Hand, Order, Stage};
pub(crate) use report::{Deciding, Hearing, ReportError};

use crate::entry::Entry;

/// An enrolled station.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Enrolled {
    pub(crate) key: PublicJwk,
    pub(crate) software: String,
}

/// All that D1 remembers, made from its ledger's entries alone.
#[derive(Debug, Default)]
pub(crate) struct Model {
    stations: BTreeMap<PersoStation, Enrolled>,
    revoked: BTreeSet<PersoStation>,
    orders: BTreeMap<OperationId, Order>,
    by_request: BTreeMap<IssuerRequestId, OperationId>,
    by_card: BTreeMap<CardId, Vec<OperationId>>,
    by_number: BTreeMap<NumberDigest, Vec<OperationId>>,
}

/// An order as it asks to be accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) card: &'a CardId,
    pub(crate) request: Option<&'a IssuerRequestId>,
    pub(crate) issuance: Issuance,
    pub(crate) digest: RequestDigest,
}

impl Model {
    /// Makes an entry true. The only way in which anything changes.
    pub(crate) fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Enrolled {
                station,
                key,
                software,
            } => {
                let enrolled = Enrolled {
                    key: key.clone(),
                    software: software.clone(),
                };
                self.stations.insert(station.clone(), enrolled);
            }
            Entry::Revoked { station } => {
                self.revoked.insert(station.clone());
            }
            Entry::Accepted(acceptance) => {
                let operation = &acceptance.operation;
                if let Some(request) = &acceptance.request {
                    self.by_request.insert(request.clone(), operation.clone());
                }
                self.by_card
                    .entry(acceptance.card.clone())
                    .or_default()
                    .push(operation.clone());
                if let Some(number) = acceptance.number {
                    self.by_number
                        .entry(number)
                        .or_default()
                        .push(operation.clone());
                }
                self.orders
                    .insert(operation.clone(), Order::new(acceptance));
            }
            Entry::Moved {
                operation,
                at,
                changes,
            } => {
                if let Some(order) = self.orders.get_mut(operation) {
                    for change in changes {
                        order.apply(*at, change);
                    }
                }
            }
        }
    }

    pub(crate) fn station(&self, station: &PersoStation) -> Option<&Enrolled> {
        self.stations.get(station)
    }

    /// Whether nothing may go to a station any more, and nothing that it says counts.
    pub(crate) fn is_revoked(&self, station: &PersoStation) -> bool {
        self.revoked.contains(station)
    }

    pub(crate) fn order(&self, operation: &OperationId) -> Option<&Order> {
        self.orders.get(operation)
    }

    /// Every order, by operation.
    pub(crate) fn orders(&self) -> impl Iterator<Item = (&OperationId, &Order)> {
        self.orders.iter()
    }

    /// The order that came first under this request id.
    pub(crate) fn by_request(&self, request: &IssuerRequestId) -> Option<(&OperationId, &Order)> {
        let operation = self.by_request.get(request)?;
        Some((operation, self.orders.get(operation)?))
    }

    /// The orders of a card, oldest first.
    pub(crate) fn of_card(&self, card: &CardId) -> impl Iterator<Item = &Order> {
        let operations = self.by_card.get(card).map_or(&[][..], Vec::as_slice);
        operations
            .iter()
            .filter_map(|operation| self.orders.get(operation))
    }

    /// The newest order of a card.
    pub(crate) fn latest_of_card(&self, card: &CardId) -> Option<(&OperationId, &Order)> {
        let operation = self.by_card.get(card)?.last()?;
        Some((operation, self.orders.get(operation)?))
    }

    /// The operation of the same request, if it came before.
    pub(crate) fn same(&self, asked: &Asked<'_>) -> Option<&OperationId> {
        let (operation, order) = self.by_request(asked.request?)?;
        (order.digest() == asked.digest).then_some(operation)
    }

    /// Whether a card of this number and sequence number is in somebody's hand, or may come to be.
    pub(crate) fn is_in_use(&self, number: NumberDigest) -> bool {
        let operations = self.by_number.get(&number).map_or(&[][..], Vec::as_slice);
        let mut orders = operations.iter().filter_map(|it| self.orders.get(it));
        orders.any(|order| order.is_done() || order.is_open() || order.is_in_doubt())
    }

    /// Whether a request that is not [the same](Self::same) as an earlier one may become an order.
    pub(crate) fn admit(&self, asked: &Asked<'_>, rules: &D1Rules) -> Result<(), Refusal> {
        if asked
            .request
            .is_some_and(|request| self.by_request.contains_key(request))
        {
            return Err(Refusal::changed_request(rules.changed_request));
        }
        if self
            .of_card(asked.card)
            .any(|order| order.is_open() || order.is_in_doubt())
        {
            return Err(Refusal::Forbidden(Constraint::CardInProduction));
        }
        if asked.issuance == Issuance::Creation && self.of_card(asked.card).any(Order::is_done) {
            return Err(Refusal::Forbidden(Constraint::CardExists));
        }
        // There is no registration in this twin: a card is known once it was ordered, so this switch rehearses the refusal.
        if rules.unknown_card == UnknownCard::NotFound && self.of_card(asked.card).next().is_none()
        {
            return Err(Refusal::NotFound(Missing::Card(asked.card.clone())));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
