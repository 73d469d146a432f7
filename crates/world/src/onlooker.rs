//! Somebody who reads the journal while it is written, once, and knows what it says so far.

use persotwin_kernel::{Journal, Reader};
use persotwin_scenario::Plan;

use crate::fold::Fold;

/// A reader, and what has been read.
pub(crate) struct Onlooker {
    reader: Reader,
    fold: Fold,
}

impl Onlooker {
    /// Begins at the beginning.
    pub(crate) fn of(plan: &Plan, journal: &Journal) -> Self {
        Self {
            reader: journal.reader(),
            fold: Fold::new(plan),
        }
    }

    /// What the journal says by now.
    pub(crate) fn look(&mut self) -> &Fold {
        while let Some(record) = self.reader.try_next() {
            self.fold.see(&record);
        }
        &self.fold
    }

    /// Waits until nobody works on an order any more.
    pub(crate) async fn rest(&mut self) {
        while !self.look().is_at_rest() {
            let record = self.reader.next().await;
            self.fold.see(&record);
        }
    }
}
