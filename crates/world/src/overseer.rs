//! The laws, asked at every record while a story is told, so that it can end where it went wrong.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use persotwin_kernel::Journal;
use persotwin_laws::{Breach, Faults};
use persotwin_scenario::Plan;
use tokio::sync::Notify;

use crate::judge;
use crate::story::setup;

/// Sees each record at the instant in which it is written, and remembers the first breach.
pub(crate) struct Overseer(Arc<Seen>);

#[derive(Default)]
struct Seen {
    breach: OnceLock<Breach>,
    broken: Notify,
}

impl Overseer {
    /// Begins with the journal's next record. Breaches that the plan expects are none.
    pub(crate) fn of(plan: &Plan, journal: &Journal) -> Self {
        let seen = Arc::<Seen>::default();
        let (shared, plan) = (Arc::clone(&seen), plan.clone());
        let folds = (persotwin_laws::all(&setup(&plan)), Faults::default());
        let folds = Mutex::new(folds);
        journal.watch(move |record| {
            if shared.breach.get().is_some() {
                return;
            }
            let mut folds = folds.lock().unwrap_or_else(PoisonError::into_inner);
            let (laws, faults) = &mut *folds;
            faults.see(record);
            let found = laws.iter_mut().filter_map(|law| law.see(record));
            let found = found.map(|breach| faults.weigh(breach));
            let unexpected: Vec<_> = found
                .filter(|breach| !judge::expects(&plan, breach))
                .collect();
            if let Some(first) = unexpected.into_iter().next() {
                let _ = shared.breach.set(first);
                shared.broken.notify_one();
            }
        });
        Self(seen)
    }

    /// Waits for the first breach.
    pub(crate) async fn breach(&self) -> Breach {
        loop {
            if let Some(breach) = self.0.breach.get() {
                return breach.clone();
            }
            self.0.broken.notified().await;
        }
    }
}
