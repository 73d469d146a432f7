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
    bounds: Bounds,
    cut: OnceLock<Cut>,
    is_cut: Notify,
}

/// How far a story is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) on_breach: OnBreach,
    /// How many records there may be.
    pub(crate) at_most: u64,
}

/// What a breach that a plan does not expect does to its story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnBreach {
    /// It ends there.
    End,
    /// It goes on.
    GoOn,
}

/// Why a story is not told to its end.
#[derive(Debug, Clone)]
pub(crate) enum Cut {
    /// A breach that the plan does not expect: the first.
    Broken(Breach),
    /// There are more records than there may be.
    TooLong,
}

struct Book {
    laws: Judge,
    breaches: Vec<Breach>,
}

impl Overseer {
    /// Begins with the journal's next record.
    pub(crate) fn of(plan: &Plan, journal: &Journal, bounds: Bounds) -> Self {
        let book = Book {
            laws: Judge::new(&setup(plan)),
            breaches: Vec::new(),
        };
        let seen = Arc::new(Seen {
            book: Mutex::new(book),
            bounds,
            cut: OnceLock::new(),
            is_cut: Notify::new(),
        });
        let (shared, plan) = (Arc::clone(&seen), plan.clone());
        journal.watch(move |record| shared.see(&plan, record));
        Self(seen)
    }

    /// Waits for whatever keeps the story from its end.
    pub(crate) async fn cut(&self) -> Cut {
        loop {
            if let Some(cut) = self.0.cut.get() {
                return cut.clone();
            }
            self.0.is_cut.notified().await;
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
            if self.bounds.on_breach == OnBreach::End && !judge::expects(plan, &breach) {
                self.end(Cut::Broken(breach.clone()));
            }
            breaches.push(breach);
        }
        if record.seq >= self.bounds.at_most {
            self.end(Cut::TooLong);
        }
    }

    /// Only the first counts.
    fn end(&self, cut: Cut) {
        let _ = self.cut.set(cut);
        self.is_cut.notify_one();
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
