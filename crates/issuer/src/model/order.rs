//! One order, as the issuer sees it.

use std::collections::BTreeSet;

use persotwin_contract::ids::OperationId;
use persotwin_contract::notification::ProductionStatus;
use persotwin_link::kiosk::CardEvent;
use serde::{Deserialize, Serialize};

use super::entry::Asked;

/// Something that became known of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub(crate) enum Fact {
    /// The order is written down and goes out.
    Ordered,
    /// There will be no order.
    NotOrdered {
        /// Why.
        why: Obstacle,
    },
    /// D1 answered 202, perhaps with its operation's id.
    Accepted {
        /// D1's operation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        operation: Option<OperationId>,
    },
    /// D1 answered with an error that repeating does not mend.
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// The last attempt failed.
    GaveUp,
    /// D1 accepted it, and later said again and again that it knows of no such order.
    Forgotten,
    /// A status was heard for the first time.
    Heard {
        /// D1's operation.
        operation: OperationId,
        /// Which.
        status: ProductionStatus,
    },
    /// A naive issuer takes what arrived last for the latest.
    TakenForLatest {
        /// D1's operation.
        operation: OperationId,
        /// Which.
        status: ProductionStatus,
    },
    /// A naive issuer notes that it has had a status before its 202, and does nothing with it.
    Dropped {
        /// D1's operation.
        operation: OperationId,
        /// Which.
        status: ProductionStatus,
    },
    /// The issuer acted on the outcome.
    ActedOn {
        /// Which.
        status: ProductionStatus,
    },
    /// The kiosk software saw what became of the card.
    CardSeen {
        /// Taken or captured.
        #[serde(flatten)]
        state: CardEvent,
    },
}

/// Why an order was not even sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Obstacle {
    /// The name has characters that the issuer cannot bring onto a card.
    Name,
}

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The customer asked; nothing went out.
    Asked,
    /// Nothing will go out.
    NotOrdered(Obstacle),
    /// The order goes out until D1 answers.
    Ordered,
    /// D1 does not want it.
    Refused,
    /// D1 could not be reached; nobody knows whether it has the order.
    GaveUp,
    /// D1 has it.
    Accepted,
    /// D1 said so itself.
    Requested,
    /// The data are prepared.
    Ready,
    /// The card is made.
    Done,
    /// There will be no card.
    Failed(Cause),
    /// The order was cancelled.
    Canceled,
}

/// Where an order failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// In preparing the data.
    Data,
    /// In making the card.
    Production,
}

impl Stage {
    /// Whether nothing that D1 tells changes it any more.
    pub(crate) const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed(_) | Self::Canceled)
    }

    /// Whether a card is still to be expected: a second tap begins nothing new.
    pub(crate) const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Asked | Self::Ordered | Self::Accepted | Self::Requested | Self::Ready
        )
    }

    /// Whether somebody has to see to it that the outcome becomes known.
    pub(crate) const fn is_unsettled(self) -> bool {
        self.is_open() || matches!(self, Self::GaveUp)
    }

    /// Whether the order has still to go out.
    pub(crate) const fn is_to_order(self) -> bool {
        matches!(self, Self::Asked | Self::Ordered)
    }

    /// What a status tells by itself. A word that is not known shows that D1 has the order.
    const fn told(status: &ProductionStatus) -> Self {
        match status {
            ProductionStatus::CardProdRequested => Self::Requested,
            ProductionStatus::CardProdReady => Self::Ready,
            ProductionStatus::CardProdDone => Self::Done,
            ProductionStatus::DataException => Self::Failed(Cause::Data),
            ProductionStatus::CardProdException => Self::Failed(Cause::Production),
            ProductionStatus::CardProdCanceled => Self::Canceled,
            ProductionStatus::Unknown(_) => Self::Accepted,
        }
    }

    /// How much D1 has told.
    const fn progress(self) -> u8 {
        match self {
            Self::Asked | Self::NotOrdered(_) | Self::Ordered | Self::Refused | Self::GaveUp => 0,
            Self::Accepted => 1,
            Self::Requested => 2,
            Self::Ready => 3,
            Self::Done | Self::Failed(_) | Self::Canceled => 4,
        }
    }

    /// The later of the two: never back, and the first of two final ones stays.
    const fn advanced_to(self, told: Self) -> Self {
        if told.progress() > self.progress() {
            told
        } else {
            self
        }
    }

    /// The stage after a fact.
    const fn after(self, fact: &Fact) -> Self {
        match (fact, self) {
            (Fact::Ordered, Self::Asked)
            | (Fact::Forgotten, Self::Accepted | Self::Requested | Self::Ready) => Self::Ordered,
            (Fact::NotOrdered { why }, Self::Asked) => Self::NotOrdered(*why),
            (Fact::Refused { .. }, Self::Asked | Self::Ordered) => Self::Refused,
            (Fact::GaveUp, Self::Asked | Self::Ordered) => Self::GaveUp,
            (Fact::Accepted { .. }, _) => self.advanced_to(Self::Accepted),
            (Fact::Heard { status, .. }, _) => self.advanced_to(Self::told(status)),
            (Fact::TakenForLatest { status, .. }, _) => Self::told(status),
            (
                Fact::Ordered
                | Fact::NotOrdered { .. }
                | Fact::Refused { .. }
                | Fact::GaveUp
                | Fact::Forgotten
                | Fact::Dropped { .. }
                | Fact::ActedOn { .. }
                | Fact::CardSeen { .. },
                _,
            ) => self,
        }
    }
}

/// What hearing a status means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hearing {
    /// It is news.
    News,
    /// It was heard before, or no longer matters.
    Again,
}

/// An order and all that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Order {
    asked: Asked,
    stage: Stage,
    operation: Option<OperationId>,
    heard: BTreeSet<(OperationId, ProductionStatus)>,
    outcome: Option<(OperationId, ProductionStatus)>,
    acted_on: Option<ProductionStatus>,
    seen: Option<CardEvent>,
    forgotten: bool,
}

impl Order {
    /// A wish of which nothing more is known.
    pub(crate) const fn new(asked: Asked) -> Self {
        Self {
            asked,
            stage: Stage::Asked,
            operation: None,
            heard: BTreeSet::new(),
            outcome: None,
            acted_on: None,
            seen: None,
            forgotten: false,
        }
    }

    /// Takes a fact in.
    pub(crate) fn apply(&mut self, fact: Fact) {
        let before = self.stage;
        self.stage = match &fact {
            // D1 had it once, and may have it still, whatever it says to the same order now.
            Fact::Refused { .. } if self.forgotten => before.after(&Fact::GaveUp),
            fact => before.after(fact),
        };
        match fact {
            Fact::Accepted { operation } => self.operation = self.operation.take().or(operation),
            Fact::Heard { operation, status } => {
                if self.stage.is_final() && !before.is_final() {
                    self.outcome = Some((operation.clone(), status.clone()));
                }
                self.operation.get_or_insert_with(|| operation.clone());
                self.heard.insert((operation, status));
            }
            Fact::TakenForLatest { operation, status } | Fact::Dropped { operation, status } => {
                self.heard.insert((operation, status));
            }
            Fact::ActedOn { status } => drop(self.acted_on.get_or_insert(status)),
            Fact::CardSeen { state } => drop(self.seen.get_or_insert(state)),
            Fact::Forgotten => {
                self.forgotten = true;
                self.operation = None;
            }
            Fact::Ordered | Fact::NotOrdered { .. } | Fact::Refused { .. } | Fact::GaveUp => {}
        }
    }

    /// What hearing this would mean.
    pub(crate) fn weigh(&self, operation: &OperationId, status: &ProductionStatus) -> Hearing {
        let known = self.heard.contains(&(operation.clone(), status.clone()));
        let word_is_new = matches!(status, ProductionStatus::Unknown(_));
        let later = Stage::told(status).progress() > self.stage.progress();
        if !known && !self.stage.is_final() && (word_is_new || later) {
            Hearing::News
        } else {
            Hearing::Again
        }
    }

    /// The outcome that nobody has acted on yet, and the operation that it came with.
    pub(crate) fn to_act_on(&self) -> Option<&(OperationId, ProductionStatus)> {
        self.outcome.as_ref().filter(|_| self.acted_on.is_none())
    }

    /// Whether D1 has an order that it may forget: one that it accepted, that has no outcome, and that it has not forgotten before.
    pub(crate) const fn can_be_forgotten(&self) -> bool {
        let accepted = matches!(
            self.stage,
            Stage::Accepted | Stage::Requested | Stage::Ready
        );
        accepted && !self.forgotten
    }

    /// Whether D1 has accepted it, and forgot it then.
    pub(crate) const fn was_forgotten(&self) -> bool {
        self.forgotten
    }

    /// The wish.
    pub(crate) const fn asked(&self) -> &Asked {
        &self.asked
    }

    /// How far it is.
    pub(crate) const fn stage(&self) -> Stage {
        self.stage
    }

    /// D1's operation, once it is known.
    pub(crate) const fn operation(&self) -> Option<&OperationId> {
        self.operation.as_ref()
    }

    /// What the kiosk software saw.
    pub(crate) const fn seen(&self) -> Option<CardEvent> {
        self.seen
    }
}
