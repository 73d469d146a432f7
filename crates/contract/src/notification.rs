//! Notify card operations: what D1 tells the issuer, and what `productionStatus` answers; the two
//! share one shape (documented).
//!
//! One order is one operation, told of several times (inferred from the documented examples):
//!
//! ```text
//! CARD_PROD_REQUESTED ──► CARD_PROD_READY ──► CARD_PROD_DONE
//!          │                     ├──────────► CARD_PROD_EXCEPTION
//!          ├──► DATA_EXCEPTION   │
//!          └─────────────────────┴──────────► CARD_PROD_CANCELED
//! ```
//!
//! The happy path is the first line. Preparing the data can fail, which ends in `DATA_EXCEPTION`;
//! making the card can fail, which ends in `CARD_PROD_EXCEPTION`; the issuer can cancel before a
//! card is released. The four words on the right and `DATA_EXCEPTION` are final.
//!
//! Messages may come twice and out of order (documented), and D1 may add words: reading keeps
//! unknown words and ignores unknown members.

use serde::{Deserialize, Deserializer, Serialize};

use crate::dates::WireTime;
use crate::ids::{CardId, IssuerRequestId, OperationId};
use crate::rules::CanceledStatus;
use crate::words::open_words;

open_words! {
    /// What was done with a card (documented; the list there goes on).
    Operation {
        /// A physical card is produced.
        Produce = "PRODUCE",
        /// A card is created.
        Create = "CREATE",
        /// A card is registered.
        Register = "REGISTER",
        /// A card is activated.
        Activate = "ACTIVATE",
        /// A card is suspended.
        Suspend = "SUSPEND",
        /// A card is resumed.
        Resume = "RESUME",
        /// A card is deleted.
        Delete = "DELETE",
        /// A card is digitised.
        Digitize = "DIGITIZE",
        /// A card is renewed.
        Renew = "RENEW",
        /// A card is replaced.
        Replace = "REPLACE",
        /// A card made outside D1 is tracked.
        StandaloneTracking = "STANDALONE_TRACKING",
    }
}

open_words! {
    /// How an operation stands (documented).
    OperationStatus {
        /// It goes on.
        Pending = "PENDING",
        /// It ended well.
        Successful = "SUCCESSFUL",
        /// It ended badly.
        Failed = "FAILED",
    }
}

open_words! {
    /// How a production stands, `details.status` (the documented words of instant issuance).
    ProductionStatus {
        /// The order was taken.
        CardProdRequested = "CARD_PROD_REQUESTED",
        /// The data are prepared.
        CardProdReady = "CARD_PROD_READY",
        /// The card was personalised successfully.
        CardProdDone = "CARD_PROD_DONE",
        /// Preparing the data failed.
        DataException = "DATA_EXCEPTION",
        /// Personalisation failed.
        CardProdException = "CARD_PROD_EXCEPTION",
        /// The issuer cancelled.
        CardProdCanceled = "CARD_PROD_CANCELED",
    }
}

/// How far a production is; later phases never give way to earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Taken, not prepared.
    Requested,
    /// Prepared, not made.
    Ready,
    /// Ended, one way or another.
    Over,
}

impl ProductionStatus {
    /// The phase, if the word is a known one.
    pub const fn phase(&self) -> Option<Phase> {
        match self {
            Self::CardProdRequested => Some(Phase::Requested),
            Self::CardProdReady => Some(Phase::Ready),
            Self::CardProdDone
            | Self::DataException
            | Self::CardProdException
            | Self::CardProdCanceled => Some(Phase::Over),
            Self::Unknown(_) => None,
        }
    }

    /// Whether nothing may follow.
    pub const fn is_final(&self) -> bool {
        matches!(self.phase(), Some(Phase::Over))
    }

    /// Whether D1 may say this after `previous` (nothing, for the first message) of one operation.
    /// An unknown word may stand anywhere between the first and the final one.
    pub const fn may_follow(&self, previous: Option<&Self>) -> bool {
        let Some(previous) = previous else {
            return matches!(self, Self::CardProdRequested);
        };
        match (previous, self) {
            (
                Self::CardProdDone
                | Self::DataException
                | Self::CardProdException
                | Self::CardProdCanceled,
                _,
            )
            | (_, Self::CardProdRequested) => false,
            (_, Self::Unknown(_)) | (Self::Unknown(_), _) => true,
            (Self::CardProdRequested, next) => matches!(
                next,
                Self::CardProdReady | Self::DataException | Self::CardProdCanceled
            ),
            (Self::CardProdReady, next) => matches!(
                next,
                Self::CardProdDone | Self::CardProdException | Self::CardProdCanceled
            ),
        }
    }

    /// Whether a receiver that has heard `seen` learns something from this, whatever the order of
    /// arrival: a later phase. Words it does not know never change its mind.
    pub fn supersedes(&self, seen: &Self) -> bool {
        match (self.phase(), seen.phase()) {
            (Some(new), Some(old)) => new > old,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// The operation's top-level status (documented for the first two; inferred for the rest;
    /// ours, by switch, when cancelled). `None` for an unknown word.
    pub const fn operation_status(&self, canceled: CanceledStatus) -> Option<OperationStatus> {
        match (self, canceled) {
            (Self::CardProdRequested | Self::CardProdReady, _) => Some(OperationStatus::Pending),
            (Self::CardProdDone, _) | (Self::CardProdCanceled, CanceledStatus::Successful) => {
                Some(OperationStatus::Successful)
            }
            (Self::DataException | Self::CardProdException, _)
            | (Self::CardProdCanceled, CanceledStatus::Failed) => Some(OperationStatus::Failed),
            (Self::Unknown(_), _) => None,
        }
    }

    /// The name of the notification in the six steps: `6a`, `6b`, `6c`.
    pub const fn step(&self) -> Option<&'static str> {
        match self.phase() {
            Some(Phase::Requested) => Some("6a"),
            Some(Phase::Ready) => Some("6b"),
            Some(Phase::Over) => Some("6c"),
            None => None,
        }
    }
}

/// `details` of a production.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// How the production stands; always present (documented).
    pub status: ProductionStatus,
    /// Why it failed; only then (documented).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The issuer's id of the order, where one guide shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer_request_id: Option<IssuerRequestId>,
}

/// One update about one card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationNotification {
    /// The operation; the same in each update about one order.
    pub operation_id: OperationId,
    /// What is done.
    pub operation: Operation,
    /// How the operation stands.
    pub status: OperationStatus,
    /// When it began; the same in each update.
    pub start_time: WireTime,
    /// When it ended; only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<WireTime>,
    /// The card.
    pub card_id: CardId,
    /// How the production stands; present for `PRODUCE`. Details of another shape, such as other
    /// operations may have, are passed over.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "if_production"
    )]
    pub details: Option<Details>,
    /// A machine-readable cause of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// A short text about a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The issuer's id of the order, where another guide shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer_request_id: Option<IssuerRequestId>,
}

fn if_production<'de, D: Deserializer<'de>>(details: D) -> Result<Option<Details>, D::Error> {
    serde_json::Value::deserialize(details).map(|value| Details::deserialize(value).ok())
}

impl OperationNotification {
    /// The issuer's id of the order, from either place.
    pub fn request_id(&self) -> Option<&IssuerRequestId> {
        let in_details = || self.details.as_ref()?.issuer_request_id.as_ref();
        self.issuer_request_id.as_ref().or_else(in_details)
    }

    /// What a receiver de-duplicates on: operation and production status (inferred: all updates
    /// about one order share the operation).
    pub fn duplicate_key(&self) -> (&OperationId, Option<&ProductionStatus>) {
        (
            &self.operation_id,
            self.details.as_ref().map(|details| &details.status),
        )
    }
}

/// The body of a notification and of a status answer: `{"operations": […]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operations {
    /// The updates, oldest first.
    pub operations: Vec<OperationNotification>,
}

impl Operations {
    /// Reads a body; the error says what is wrong without repeating values.
    pub fn read(body: &[u8]) -> Result<Self, InvalidNotification> {
        serde_json::from_slice(body).map_err(|error| InvalidNotification {
            line: error.line(),
            column: error.column(),
        })
    }

    /// The JSON body.
    pub fn to_body(&self) -> Vec<u8> {
        crate::json::write(self)
    }
}

/// A body that is not a notification of this contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a notification of card operations, at line {line} column {column}")]
pub struct InvalidNotification {
    line: usize,
    column: usize,
}

#[cfg(test)]
mod tests;
