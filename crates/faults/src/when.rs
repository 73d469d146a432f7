//! When something strikes.

use std::time::Duration;

use persotwin_link::{CustomerName, Link, Span, Stage};

use crate::fault::FaultId;
use crate::milestone::Milestone;
use crate::value::Percent;

/// The instant that something waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// So long after the start.
    At(Span),
    /// At a named moment.
    Moment {
        /// Which.
        moment: Milestone,
        /// Whose; anybody's without.
        customer: Option<CustomerName>,
        /// The first time is 1.
        nth: u32,
        /// So much later.
        wait: Span,
    },
    /// In the middle of work on a card.
    Stage {
        /// Which.
        stage: Stage,
        /// How far it has come.
        progress: Percent,
        /// Whose; anybody's without.
        customer: Option<CustomerName>,
        /// The first time is 1.
        nth: u32,
    },
    /// When a call is made.
    Call {
        /// On this link.
        link: Link,
        /// About this customer's card; anybody's without.
        customer: Option<CustomerName>,
        /// The first call is 1.
        nth: u32,
        /// So much later.
        wait: Span,
    },
    /// For what strikes messages: the first of them that is struck, 1 for the first there is.
    OwnCall(u32),
    /// After another fault or action.
    After {
        /// Which.
        id: FaultId,
        /// So much later.
        wait: Span,
    },
}

impl When {
    /// How much time it counts for itself.
    pub fn longest(&self) -> Duration {
        match self {
            Self::At(wait)
            | Self::Moment { wait, .. }
            | Self::Call { wait, .. }
            | Self::After { wait, .. } => wait.get(),
            Self::Stage { .. } | Self::OwnCall(_) => Duration::ZERO,
        }
    }
}
