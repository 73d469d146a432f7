//! The laws, asked at every record while a story is told, so that it can end where it went wrong.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use persotwin_kernel::{Journal, Record};
use persotwin_laws::{Breach, Judge};
use persotwin_scenario::Plan;
use tokio::sync::Notify;

use crate::judge;
use crate::story::setup;

/// Sees each record at the instant in which it is written.
pub(crate) struct Overseer(Arc<Seen>);

struct Seen {
    book: Mutex<Book>,
    /// The first breach that the plan does not expect.
    unexpected: OnceLock<Breach>,
    broken: Notify,
}

struct Book {
    laws: Judge,
    breaches: Vec<Breach>,
}

impl Overseer {
    /// Begins with the journal's next record.
    pub(crate) fn of(plan: &Plan, journal: &Journal) -> Self {
        let book = Book {
            laws: Judge::new(&setup(plan)),
            breaches: Vec::new(),
        };
        let seen = Arc::new(Seen {
            book: Mutex::new(book),
            unexpected: OnceLock::new(),
            broken: Notify::new(),
        });
        let (shared, plan) = (Arc::clone(&seen), plan.clone());
        journal.watch(move |record| shared.see(&plan, record));
        Self(seen)
    }

    /// Waits for the first breach that the plan does not expect.
    pub(crate) async fn breach(&self) -> Breach {
        loop {
            if let Some(breach) = self.0.unexpected.get() {
                return breach.clone();
            }
            self.0.broken.notified().await;
        }
    }

    /// Every breach, expected or not: those on the way, in the journal's order, then those at rest. Asked once, when all is quiet.
    pub(crate) fn breaches(&self) -> Vec<Breach> {
        let mut book = self.0.book();
        let mut breaches = std::mem::take(&mut book.breaches);
        breaches.extend(book.laws.at_rest());
        breaches
    }
}

impl Seen {
    fn see(&self, plan: &Plan, record: &Record) {
        let mut book = self.book();
        let Book { laws, breaches } = &mut *book;
        for breach in laws.see(record) {
            if !judge::expects(plan, &breach) {
                // Only the first is told.
                let _ = self.unexpected.set(breach.clone());
                self.broken.notify_one();
            }
            breaches.push(breach);
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
