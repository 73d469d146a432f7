//! What a journal holds: facts that somebody outside could have seen, of six kinds.
//!
//! No port, no URL and no secret is ever in one. Card data appear as [`Fingerprint`](crate::Fingerprint)s.

mod examination;
mod exchange;
mod news;
mod truth;

pub use examination::{Content, Defect, Medium};
pub use exchange::{Exchange, Failure, Phase};
pub use news::{Belief, Book, Essence, HeardBy, News};
pub use truth::{CardSide, Physical, Truth};

use persotwin_contract::ids::{CardId, OperationId};
use persotwin_link::{Condition, Machine, Step};
use serde::Serialize;

/// One fact.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A message between two machines.
    Exchange(Exchange),
    /// An order, as the machine that writes believes it stands.
    Order(Belief),
    /// A blank or a card, as it really is. From hardware only.
    Card(Truth),
    /// A condition of the hardware, raised or resolved.
    Condition(ConditionChange),
    /// Something that people or faults did to the world.
    Disturbance(Disturbance),
    /// What the twin concluded.
    Verdict(Verdict),
}

impl Event {
    /// The step of the flow that this belongs to.
    pub fn step(&self) -> Option<Step> {
        match self {
            Self::Exchange(exchange) => exchange.step(),
            Self::Order(belief) => belief.news.step(),
            Self::Card(_) | Self::Condition(_) => Some(Step::Produce),
            Self::Disturbance(_) | Self::Verdict(_) => None,
        }
    }
}

/// What an event or a call is about; as much of it as the machine knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// The kiosk's request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The issuer's card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<CardId>,
    /// D1's operation, which is the agent's job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationId>,
}

impl About {
    /// Nothing in particular.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// A kiosk's request.
    pub fn request(id: &str) -> Self {
        Self {
            request: Some(id.to_owned()),
            ..Self::default()
        }
    }

    /// A card of the issuer.
    pub fn card(card: &CardId) -> Self {
        Self {
            card: Some(card.clone()),
            ..Self::default()
        }
    }

    /// An operation of D1.
    pub fn operation(operation: &OperationId) -> Self {
        Self {
            operation: Some(operation.clone()),
            ..Self::default()
        }
    }

    /// The same, with the card too.
    #[must_use]
    pub fn with_card(self, card: &CardId) -> Self {
        Self {
            card: Some(card.clone()),
            ..self
        }
    }

    /// The same, with the operation too.
    #[must_use]
    pub fn with_operation(self, operation: &OperationId) -> Self {
        Self {
            operation: Some(operation.clone()),
            ..self
        }
    }

    /// One text that tells orders apart, for draws that are keyed by order: the longest-lived id there is.
    pub fn key(&self) -> &str {
        let card = self.card.as_ref().map(AsRef::as_ref);
        let operation = self.operation.as_ref().map(AsRef::as_ref);
        card.or(operation).or(self.request.as_deref()).unwrap_or("")
    }
}

/// A condition came or went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConditionChange {
    /// Which.
    pub condition: Condition,
    /// Its IPP keyword.
    pub ipp: &'static str,
    /// Raised or resolved.
    pub change: Change,
}

/// Raised or resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It came.
    Raised,
    /// It went.
    Resolved,
}

/// Something that people or faults did to the world.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum Disturbance {
    /// A fault struck a message.
    Wire {
        /// The exchange.
        exchange: u64,
        /// In one word.
        fault: String,
    },
    /// A fault of the catalogue struck.
    Fault {
        /// What the scenario calls it.
        id: String,
        /// Its name in the catalogue.
        fault: &'static str,
        /// What it struck: a link, a machine, a customer.
        on: String,
        /// The message, where it struck one.
        #[serde(skip_serializing_if = "Option::is_none")]
        exchange: Option<u64>,
        /// What the net did with that message, in one word: `before` and `after` its handler, `twice`, `late`, `out-of-order`.
        #[serde(skip_serializing_if = "Option::is_none")]
        how: Option<&'static str>,
    },
    /// A fault of the catalogue is over.
    FaultOver {
        /// What the scenario calls it.
        id: String,
        /// Its name in the catalogue.
        fault: &'static str,
        /// What it struck.
        on: String,
    },
    /// An operator or somebody of the staff acted.
    Action {
        /// What the scenario calls it.
        id: String,
        /// What was done, in the scenario's word.
        does: &'static str,
        /// To what.
        on: String,
    },
    /// A machine crashed.
    Crash {
        /// Which.
        of: Machine,
    },
    /// A machine lost its power.
    PowerCut {
        /// Which.
        of: Machine,
    },
    /// A machine went on with a copy of its ledger that lacks what was written last.
    FailedOver {
        /// Which.
        of: Machine,
        /// The entries of so many milliseconds are gone.
        lost_ms: u64,
    },
    /// A machine started.
    Start {
        /// Which.
        of: Machine,
        /// Its first life is 1.
        life: u32,
    },
    /// A customer or somebody of the staff did something that nobody asked a machine for.
    Person {
        /// In a few words.
        does: String,
    },
}

/// What the twin concluded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Verdict {
    /// A law was broken.
    LawBroken {
        /// Its name.
        law: String,
        /// How.
        how: String,
    },
    /// A law was broken, as the scenario expects.
    LawBrokenAsExpected {
        /// Its name.
        law: String,
        /// How.
        how: String,
    },
    /// An expectation was not met.
    Unmet {
        /// Which.
        expectation: String,
    },
    /// The story was told.
    End {
        /// `ok` or `failed`.
        verdict: String,
    },
}
