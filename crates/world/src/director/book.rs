//! What became of everything that was declared, in a file or at the control face.
//!
//! ```text
//!                                    ┌─▶ armed ──▶ struck ──▶ over     its time is over, or somebody mended it
//! waiting ─ its instant ─▶ trying ───┼─▶ struck, done
//!    │                               └─▶ missed, with the reason
//!    └── cleared ◀── clear ── armed, struck
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use persotwin_contract::ids::PersoStation;
use persotwin_faults::{FaultId, When};
use persotwin_kernel::Record;
use persotwin_kernel::event::{Disturbance, Event};
use persotwin_printer::TroubleId;
use persotwin_scenario::{PlannedAction, PlannedFault};
use tokio::sync::Notify;

use crate::director::enact;

/// How many entries are kept. What is over makes room first.
const MOST: usize = 1000;

/// A fault or an action that somebody declared.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    /// Something goes wrong.
    Fault(Arc<PlannedFault>),
    /// Somebody does something.
    Action(Arc<PlannedAction>),
}

impl Part {
    pub(crate) fn id(&self) -> &FaultId {
        match self {
            Self::Fault(planned) => &planned.id,
            Self::Action(planned) => &planned.id,
        }
    }

    /// When it happens; none for what is there from the start.
    pub(crate) fn when(&self) -> Option<&When> {
        match self {
            Self::Fault(planned) => planned.when.as_ref(),
            Self::Action(planned) => Some(&planned.when),
        }
    }

    /// Its name in the catalogue, or the word behind `does:`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Fault(planned) => planned.fault.name(),
            Self::Action(planned) => planned.action.name(),
        }
    }

    /// Whether it waits on the net for its messages, which writes down what it struck.
    pub(crate) fn strikes_messages(&self) -> bool {
        match self {
            Self::Fault(planned) => enact::strikes_messages(&planned.fault),
            Self::Action(_) => false,
        }
    }

    /// What it strikes, or what it is done to.
    pub(crate) fn on(&self) -> String {
        match self {
            Self::Fault(planned) => planned.fault.on(),
            Self::Action(planned) => planned.action.on(),
        }
    }
}

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// Its instant has not come.
    Waiting,
    /// Its instant has come, and nobody knows yet what came of it.
    Trying,
    /// A fault waits for its message or its movement.
    Armed(Snare),
    /// A fault has struck.
    Struck,
    /// An action was done.
    Done,
    /// It could not be.
    Missed(String),
    /// The time of a fault is over.
    Over,
    /// Somebody took it back, or mended it.
    Cleared,
}

/// Where a fault waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Snare {
    /// On the net.
    Net,
    /// At the next entry of a machine's ledger.
    Entry,
    /// In a station's hardware.
    Hardware(PersoStation, TroubleId),
}

impl State {
    /// In a word.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Waiting | Self::Trying => "waiting",
            Self::Armed(_) => "armed",
            Self::Struck => "struck",
            Self::Done => "done",
            Self::Missed(_) => "missed",
            Self::Over => "over",
            Self::Cleared => "cleared",
        }
    }

    /// Whether nothing comes of it any more.
    const fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Done | Self::Missed(_) | Self::Over | Self::Cleared
        )
    }
}

/// One that was declared.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    pub(crate) part: Part,
    pub(crate) state: State,
    /// How often it struck or was done.
    pub(crate) times: u32,
}

/// The book of all of them. Clones are the same book.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    declared: Mutex<Entries>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Entries {
    by_id: BTreeMap<FaultId, Declared>,
    /// In the order in which they came.
    order: Vec<FaultId>,
}

/// The book is full of what still waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{MOST} faults and actions wait or have struck already: clear some first")]
pub(crate) struct Full;

impl Book {
    /// Takes one up.
    pub(crate) fn enter(&self, part: Part, state: State) -> Result<(), Full> {
        let mut entries = self.entries();
        if entries.order.len() >= MOST {
            entries.make_room();
        }
        if entries.order.len() >= MOST {
            return Err(Full);
        }
        let id = part.id().clone();
        entries.order.push(id.clone());
        let times = 0;
        entries.by_id.insert(id, Declared { part, state, times });
        Ok(())
    }

    /// Strikes one off, as if it had never been declared.
    pub(crate) fn forget(&self, id: &FaultId) {
        let mut entries = self.entries();
        entries.by_id.remove(id);
        entries.order.retain(|other| other != id);
    }

    /// The ids that are taken.
    pub(crate) fn ids(&self) -> BTreeSet<FaultId> {
        self.entries().by_id.keys().cloned().collect()
    }

    /// One of them.
    pub(crate) fn of(&self, id: &FaultId) -> Option<Declared> {
        self.entries().by_id.get(id).cloned()
    }

    /// All of them, in the order in which they came.
    pub(crate) fn all(&self) -> Vec<Declared> {
        let entries = self.entries();
        let all = entries.order.iter();
        all.filter_map(|id| entries.by_id.get(id).cloned())
            .collect()
    }

    /// The instant of one has come; whether it is still wanted.
    pub(crate) fn tries(&self, id: &FaultId) -> bool {
        match self.entries().by_id.get_mut(id) {
            Some(declared) if declared.state == State::Cleared => false,
            Some(declared) => {
                if declared.state == State::Waiting {
                    declared.state = State::Trying;
                }
                true
            }
            None => true,
        }
    }

    /// Whether nobody has taken it back.
    pub(crate) fn is_wanted(&self, id: &FaultId) -> bool {
        let entries = self.entries();
        let declared = entries.by_id.get(id);
        declared.is_none_or(|declared| declared.state != State::Cleared)
    }

    /// It waits there now, unless it has struck meanwhile.
    pub(crate) fn armed(&self, id: &FaultId, snare: Snare) {
        self.change(id, |declared| {
            if declared.state == State::Trying {
                declared.state = State::Armed(snare);
            }
        });
    }

    /// It could not be.
    pub(crate) fn missed(&self, id: &FaultId, why: String) {
        self.change(id, |declared| {
            if declared.state == State::Trying {
                declared.state = State::Missed(why);
            }
        });
    }

    /// Somebody took it back or mended it.
    pub(crate) fn cleared(&self, id: &FaultId) {
        self.change(id, |declared| declared.state = State::Cleared);
    }

    /// Sees a record: it may tell that one has struck, was done, or is over.
    pub(crate) fn see(&self, record: &Record) {
        let Event::Disturbance(disturbance) = &record.event else {
            return;
        };
        let (id, state) = match disturbance {
            Disturbance::Fault { id, .. } => (id, State::Struck),
            Disturbance::FaultOver { id, .. } => (id, State::Over),
            Disturbance::Action { id, .. } => (id, State::Done),
            _ => return,
        };
        let Ok(id) = id.parse() else { return };
        self.change(&id, |declared| {
            if matches!(state, State::Struck | State::Done) {
                declared.times += 1;
            }
            if declared.state != State::Cleared {
                declared.state = state;
            }
        });
    }

    /// Waits until it is known what came of one whose instant has come; how it stands then.
    pub(crate) async fn decided(&self, id: &FaultId) -> Option<State> {
        loop {
            let changed = self.0.changed.notified();
            let state = self.of(id)?.state;
            if state != State::Trying {
                return Some(state);
            }
            changed.await;
        }
    }

    fn change(&self, id: &FaultId, change: impl FnOnce(&mut Declared)) {
        if let Some(declared) = self.entries().by_id.get_mut(id) {
            change(declared);
        }
        self.0.changed.notify_waiters();
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0
            .declared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn make_room(&mut self) {
        self.by_id.retain(|_, declared| !declared.state.is_final());
        let Self { by_id, order } = self;
        order.retain(|id| by_id.contains_key(id));
    }
}

#[cfg(test)]
mod tests;
