//! The operator's way to the running D1, outside its documented faces (ours): D1 has no public operation for any of it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use persotwin_contract::ids::{CardId, OperationId, PersoStation};
use persotwin_contract::notification::ProductionStatus;
use persotwin_link::jobs::CaptureCause;

use crate::entry::Entry;
use crate::machine::D1;
use crate::model::{CancelError, Hand, Order};

/// A handle that outlives the lives of its D1. Clones reach the same D1.
#[derive(Clone, Default)]
pub struct Desk(Arc<Mutex<Weak<D1>>>);

/// Why nothing can be done at the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// D1 does not run, or its ledger failed.
    #[error("D1 is down")]
    Down,
}

/// An order on one of the desk's lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The operation.
    pub operation: OperationId,
    /// Its card.
    pub card: CardId,
    /// Where it is produced.
    pub station: PersoStation,
}

/// A finished card that is in nobody's hand, as far as D1 has heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotInHand {
    /// It was released, and nothing was heard since.
    Unheard,
    /// It went to the reject bin.
    Captured(CaptureCause),
    /// The agent gave up on it after the release.
    Failed,
}

/// A notification that D1 will not try again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Of which order.
    pub order: Listed,
    /// Of which status.
    pub status: ProductionStatus,
    /// The answer that ended it; none when the attempts ran out.
    pub answer: Option<u16>,
}

impl Desk {
    pub(crate) fn open(&self, d1: &Arc<D1>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(d1);
    }

    fn d1(&self) -> Option<Arc<D1>> {
        let d1 = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .upgrade()?;
        d1.host.life.is_running().then_some(d1)
    }

    /// Cancels an order on behalf of its issuer, if nothing is decided yet.
    ///
    /// # Errors
    /// Every [`CancelError`].
    pub async fn cancel(&self, operation: &OperationId) -> Result<(), CancelError> {
        let d1 = self.d1().ok_or(CancelError::Down)?;
        let mut books = d1.books.lock().await;
        let order = books.order(operation).ok_or(CancelError::Unknown)?;
        let changes = order.cancel(d1.custody(order.station()))?;
        let entry = Entry::Moved {
            operation: operation.clone(),
            at: d1.now(),
            changes,
        };
        d1.commit(&mut books, entry, None)
            .await
            .map_err(|_| CancelError::Down)
    }

    /// Revokes a station's enrolment: no job goes there any more, and nothing that its agent says counts.
    ///
    /// # Errors
    /// [`DeskError::Down`].
    pub async fn revoke(&self, station: &PersoStation) -> Result<(), DeskError> {
        let d1 = self.d1().ok_or(DeskError::Down)?;
        let mut books = d1.books.lock().await;
        let station = station.clone();
        d1.commit(&mut books, Entry::Revoked { station }, None)
            .await
            .map_err(|_| DeskError::Down)
    }

    /// Orders whose card nobody knows about; nothing while D1 is down.
    pub async fn in_doubt(&self) -> Vec<Listed> {
        self.list(|operation, order| {
            order
                .is_in_doubt()
                .then(|| Listed::of(operation, order))
                .into_iter()
                .collect()
        })
        .await
    }

    /// Orders that are done while their card is in nobody's hand; nothing while D1 is down.
    pub async fn done_not_in_hand(&self) -> Vec<(Listed, NotInHand)> {
        self.list(|operation, order| {
            let why = match order.hand() {
                Hand::Taken => None,
                Hand::Unheard => Some(NotInHand::Unheard),
                Hand::Captured(why) => Some(NotInHand::Captured(why)),
                Hand::Failed(_) => Some(NotInHand::Failed),
            };
            why.filter(|_| order.is_done())
                .map(|why| (Listed::of(operation, order), why))
                .into_iter()
                .collect()
        })
        .await
    }

    /// Notifications that were given up; nothing while D1 is down.
    pub async fn dead_letters(&self) -> Vec<DeadLetter> {
        self.list(|operation, order| {
            let letter = |dead: &crate::model::Dead| DeadLetter {
                order: Listed::of(operation, order),
                status: dead.status.clone(),
                answer: dead.answer,
            };
            order.dead().iter().map(letter).collect()
        })
        .await
    }

    async fn list<T>(&self, pick: impl Fn(&OperationId, &Order) -> Vec<T> + Send) -> Vec<T> {
        let Some(d1) = self.d1() else {
            return Vec::new();
        };
        let books = d1.books.lock().await;
        books
            .orders()
            .flat_map(|(operation, order)| pick(operation, order))
            .collect()
    }
}

impl Listed {
    fn of(operation: &OperationId, order: &Order) -> Self {
        Self {
            operation: operation.clone(),
            card: order.card().clone(),
            station: order.station().clone(),
        }
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk")
    }
}
