//! How D1 tells of a production: the facts of one order, and the notification made of them under
//! the tenant's rules.

use crate::dates::WireTime;
use crate::ids::{CardId, IssuerRequestId, OperationId};
use crate::notification::{
    Details, Operation, OperationNotification, OperationStatus, ProductionStatus,
};
use crate::production::ProductionCode;
use crate::rules::{CanceledStatus, D1Rules, ErrorCodes, RequestIdPlace};

/// A state of a production with what that state needs: an end has a time, a failure a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProductionState {
    /// `CARD_PROD_REQUESTED`.
    Requested,
    /// `CARD_PROD_READY`.
    Ready,
    /// `CARD_PROD_DONE`.
    Done(WireTime),
    /// `DATA_EXCEPTION`.
    DataException(WireTime, ProductionCode),
    /// `CARD_PROD_EXCEPTION`.
    ProductionException(WireTime, ProductionCode),
    /// `CARD_PROD_CANCELED`.
    Canceled(WireTime),
}

impl ProductionState {
    /// The documented word.
    pub const fn status(self) -> ProductionStatus {
        match self {
            Self::Requested => ProductionStatus::CardProdRequested,
            Self::Ready => ProductionStatus::CardProdReady,
            Self::Done(_) => ProductionStatus::CardProdDone,
            Self::DataException(..) => ProductionStatus::DataException,
            Self::ProductionException(..) => ProductionStatus::CardProdException,
            Self::Canceled(_) => ProductionStatus::CardProdCanceled,
        }
    }

    /// When it ended.
    pub const fn end(self) -> Option<WireTime> {
        match self {
            Self::Requested | Self::Ready => None,
            Self::Done(end)
            | Self::DataException(end, _)
            | Self::ProductionException(end, _)
            | Self::Canceled(end) => Some(end),
        }
    }

    /// Why it failed.
    pub const fn cause(self) -> Option<ProductionCode> {
        match self {
            Self::DataException(_, cause) | Self::ProductionException(_, cause) => Some(cause),
            Self::Requested | Self::Ready | Self::Done(_) | Self::Canceled(_) => None,
        }
    }

    const fn operation_status(self, canceled: CanceledStatus) -> OperationStatus {
        match (self, canceled) {
            (Self::Requested | Self::Ready, _) => OperationStatus::Pending,
            (Self::Done(_), _) | (Self::Canceled(_), CanceledStatus::Successful) => {
                OperationStatus::Successful
            }
            (Self::DataException(..) | Self::ProductionException(..), _)
            | (Self::Canceled(_), CanceledStatus::Failed) => OperationStatus::Failed,
        }
    }
}

/// The facts of one order that a notification tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductionReport {
    /// The order's operation.
    pub operation_id: OperationId,
    /// The card.
    pub card_id: CardId,
    /// The issuer's id of the order, if it gave one.
    pub issuer_request_id: Option<IssuerRequestId>,
    /// When the order was taken.
    pub start_time: WireTime,
    /// How it stands.
    pub state: ProductionState,
}

impl ProductionReport {
    /// The notification. A failure's code goes into `errorCode` (inferred, by switch), its sentence
    /// into `error` and `details.reason` (documented places, our text).
    pub fn to_notification(&self, rules: &D1Rules) -> OperationNotification {
        let place = rules.issuer_request_id;
        let id_unless =
            |not_here: RequestIdPlace| self.issuer_request_id.clone().filter(|_| place != not_here);
        let cause = self.state.cause();
        let sentence = cause.map(|cause| cause.sentence().to_owned());
        OperationNotification {
            operation_id: self.operation_id.clone(),
            operation: Operation::Produce,
            status: self.state.operation_status(rules.canceled_status),
            start_time: self.start_time,
            end_time: self.state.end(),
            card_id: self.card_id.clone(),
            details: Some(Details {
                status: self.state.status(),
                reason: sentence.clone(),
                issuer_request_id: id_unless(RequestIdPlace::Operation),
            }),
            error_code: cause
                .filter(|_| rules.error_codes == ErrorCodes::Codes)
                .map(|cause| cause.as_str().to_owned()),
            error: sentence,
            issuer_request_id: id_unless(RequestIdPlace::Details),
        }
    }
}

#[cfg(test)]
mod tests;
