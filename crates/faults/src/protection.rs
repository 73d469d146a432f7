//! What protects machines from what goes wrong, and how they behave without: naive, each in one way.

use std::collections::BTreeSet;

use crate::law::Law;

words! {
    /// A machine of which behaviours are known.
    Role {
        /// The mock issuer backend.
        Issuer = "issuer",
        /// The mock D1 backend.
        D1 = "d1",
        /// The instant issuance agent.
        Agent = "agent",
        /// The card printer.
        Printer = "printer",
    }
}

words! {
    /// A machine without one of its protections.
    Behaviour {
        /// The issuer orders again under a new request id and a new card id when it has no answer.
        NewRequestId = "naive-new-request-id",
        /// The issuer takes the last notification that arrives for the latest.
        ArrivalOrder = "naive-arrival-order",
        /// The issuer acts on every notification of an outcome.
        ActsAgain = "naive-acts-again",
        /// The issuer never asks for the production status.
        NeverPolls = "naive-never-polls",
        /// The issuer forgets notifications that come before its 202.
        ForgetsEarlyNews = "naive-forgets-early-news",
        /// D1 notifies once and keeps no outbox.
        NoOutbox = "naive-no-outbox",
        /// D1 takes whatever comes for a new order, and looks at no request id.
        NoDeduplication = "naive-no-deduplication",
        /// D1 sends jobs to a station that is no longer enrolled.
        ForgetsRevocation = "naive-forgets-revocation",
        /// D1 calls a card done when the agent has the job.
        DoneTooEarly = "naive-done-too-early",
        /// D1 decides anew at each report.
        DecidesTwice = "naive-decides-twice",
        /// The agent keeps no ledger.
        NoLedger = "naive-no-ledger",
        /// The agent gives the card out before D1's release.
        PresentsEarly = "naive-presents-early",
        /// The agent begins again when it does not know how far a card had come.
        RetriesUnknown = "naive-retries-unknown",
        /// The agent reports a card before it has verified it.
        ReportsUnverified = "naive-reports-unverified",
        /// The agent lists no rejected card for destruction.
        ListsNoRejects = "naive-lists-no-rejects",
        /// The agent counts no spoiled blanks.
        CountsNoSpoils = "naive-counts-no-spoils",
        /// The printer's counters start from nothing after each loss of power.
        LosesCounters = "naive-loses-counters",
    }
}

impl Behaviour {
    /// The machine that behaves so.
    pub const fn role(self) -> Role {
        match self {
            Self::NewRequestId
            | Self::ArrivalOrder
            | Self::ActsAgain
            | Self::NeverPolls
            | Self::ForgetsEarlyNews => Role::Issuer,
            Self::NoOutbox
            | Self::NoDeduplication
            | Self::ForgetsRevocation
            | Self::DoneTooEarly
            | Self::DecidesTwice => Role::D1,
            Self::NoLedger
            | Self::PresentsEarly
            | Self::RetriesUnknown
            | Self::ReportsUnverified
            | Self::ListsNoRejects
            | Self::CountsNoSpoils => Role::Agent,
            Self::LosesCounters => Role::Printer,
        }
    }

    /// The law that breaks then.
    pub const fn breaks(self) -> Law {
        match self {
            Self::NewRequestId => Law::OneCard,
            Self::ArrivalOrder | Self::RetriesUnknown => Law::ViewsAgree,
            Self::ActsAgain => Law::ActsOnce,
            Self::NeverPolls | Self::ForgetsEarlyNews | Self::NoOutbox => Law::EveryoneHears,
            Self::NoDeduplication => Law::SameRequest,
            Self::ForgetsRevocation => Law::OnlyEnrolled,
            Self::DoneTooEarly | Self::ReportsUnverified => Law::DoneIsReal,
            Self::DecidesTwice => Law::StatesMoveForward,
            Self::PresentsEarly => Law::NoGhost,
            Self::NoLedger | Self::ListsNoRejects => Law::NoLiveLeftovers,
            Self::CountsNoSpoils | Self::LosesCounters => Law::BooksAgree,
        }
    }
}

/// Which protections are switched off, in every machine of a world.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Protections {
    off: BTreeSet<Behaviour>,
}

impl Protections {
    /// All but these.
    pub fn without(behaviours: impl IntoIterator<Item = Behaviour>) -> Self {
        Self {
            off: behaviours.into_iter().collect(),
        }
    }

    /// Whether a machine shall behave so.
    pub fn lack(&self, behaviour: Behaviour) -> bool {
        self.off.contains(&behaviour)
    }

    /// The behaviours, in the order of the list.
    pub fn behaviours(&self) -> impl Iterator<Item = Behaviour> {
        self.off.iter().copied()
    }
}
