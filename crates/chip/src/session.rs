//! What a power cycle forgets: what is selected, what has been done with it since, and the answer
//! that waits to be fetched.

use crate::channel::Channel;
use crate::directory::Directory;
use crate::loader::Run;
use crate::transaction::Transaction;
use crate::transport::Waiting;

/// Whether the chip has power.
#[derive(Debug, Clone, Default)]
pub(crate) enum Power {
    #[default]
    Off,
    On(Session),
}

/// Everything between a reset and the next.
#[derive(Debug, Clone, Default)]
pub(crate) struct Session {
    pub(crate) selected: Option<Selected>,
    pub(crate) waiting: Option<Waiting>,
    pub(crate) channel: Channel,
}

impl Session {
    /// What is selected.
    pub(crate) fn target(&self) -> Option<Target> {
        self.selected.as_ref().map(Selected::target)
    }

    /// The application that is selected, and what has been done with it.
    pub(crate) fn application(&self) -> Option<(usize, &Activity)> {
        match &self.selected {
            Some(Selected::Application(index, activity)) => Some((*index, activity)),
            Some(Selected::Directory(_) | Selected::Domain(_)) | None => None,
        }
    }

    /// Gives up the grouping that was half sent, and who it was for.
    pub(crate) fn forget_loading(&mut self) {
        match &mut self.selected {
            Some(Selected::Application(_, activity @ Activity::Loading(_))) => {
                *activity = Activity::Fresh;
            }
            Some(Selected::Domain(forwarding)) => *forwarding = None,
            _ => {}
        }
    }
}

/// Something with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Directory(Directory),
    /// The security domain.
    Domain,
    /// The application at this index.
    Application(usize),
}

/// What is selected, and what has been done with it since.
#[derive(Debug, Clone)]
pub(crate) enum Selected {
    Directory(Directory),
    /// The security domain, and the application that it forwards STORE DATA to.
    Domain(Option<(usize, Run)>),
    Application(usize, Activity),
}

/// What has been done with an application since it was selected.
#[derive(Debug, Clone, Default)]
pub(crate) enum Activity {
    /// Nothing yet.
    #[default]
    Fresh,
    /// STORE DATA has begun.
    Loading(Run),
    /// GPO was answered.
    Paying(Transaction),
}

impl Selected {
    pub(crate) fn fresh(target: Target) -> Self {
        match target {
            Target::Directory(directory) => Self::Directory(directory),
            Target::Domain => Self::Domain(None),
            Target::Application(index) => Self::Application(index, Activity::Fresh),
        }
    }

    pub(crate) fn target(&self) -> Target {
        match self {
            Self::Directory(directory) => Target::Directory(*directory),
            Self::Domain(_) => Target::Domain,
            Self::Application(index, _) => Target::Application(*index),
        }
    }
}
