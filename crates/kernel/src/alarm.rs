//! How the twin itself cries for help: a bug or a bound, never something that a machine can meet in a story.

use std::sync::{Arc, Mutex, PoisonError};

use persotwin_link::Machine;
use tokio::sync::Notify;

/// Why a run cannot go on. Every one is exit code 3.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// A task panicked.
    #[error("{machine} panicked: {message}")]
    Panic {
        /// Whose task.
        machine: Machine,
        /// The panic's text.
        message: String,
    },
    /// Too much happened without time going on.
    #[error("{machine} spins: more than {bound} events in one instant")]
    Spin {
        /// Who made the last of them.
        machine: Machine,
        /// How many are allowed.
        bound: u32,
    },
    /// Something outside failed: a disk, a port.
    #[error("{0}")]
    Outside(String),
}

/// A bell that everybody can ring and that the runner listens for. The first ring counts.
#[derive(Debug, Clone, Default)]
pub struct Alarm(Arc<Bell>);

#[derive(Debug, Default)]
struct Bell {
    trouble: Mutex<Option<Trouble>>,
    rung: Notify,
}

impl Alarm {
    /// Rings, unless it has been rung before.
    pub fn raise(&self, trouble: Trouble) {
        self.0
            .trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(trouble);
        self.0.rung.notify_waiters();
        self.0.rung.notify_one();
    }

    /// What it was rung for.
    pub fn trouble(&self) -> Option<Trouble> {
        self.0
            .trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits until it rings.
    pub async fn wait(&self) -> Trouble {
        loop {
            let rung = self.0.rung.notified();
            if let Some(trouble) = self.trouble() {
                return trouble;
            }
            rung.await;
        }
    }
}
