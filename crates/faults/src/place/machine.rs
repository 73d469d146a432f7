//! What can happen to any machine as a whole.

use std::time::Duration;

use persotwin_link::Span;

use crate::value::Back;

faults! {
    /// What happens to a machine.
    MachineFault at Machine {
        /// A machine crashes: its memory is gone, and calls to it are refused until it is back.
        "crash" = Crash { back_after: Back = "3s", "When it is started again, or `never`." }
        => [Order Request Prepare Dispatch Produce Notify] live, "Refused connections where it calls that machine; otherwise a delay, for what was accepted is not forgotten.";
        /// A machine loses its power: it is silent until it is back.
        "power-cut" = PowerCut { back_after: Back = "10s", "When it is started again, or `never`." }
        => [Produce Request Order Prepare Dispatch Notify] live, "Time-outs where it calls that machine; otherwise a delay, or an exception when the card was spoiled.";
        /// A machine is started anew, as for an update.
        "restart" = Restart { down_for: Span = "1s", "How long it is down." }
        => [Dispatch Request Order Prepare Produce Notify] live, "A short delay: what was accepted goes on where it stood.";
        /// A machine crashes in the middle of the next entry that it writes down.
        "torn-entry" = TornEntry { back_after: Back = "3s", "When it is started again, or `never`." }
        => [Order Prepare Dispatch Produce Notify] live, "As after a crash before the entry: nobody was told of it.";
        /// A machine's ledger is full: it can write nothing down, and so promises nothing.
        "ledger-full" = LedgerFull { lasts: Span = "20s", "How long it is full." }
        => [Order Prepare Dispatch Produce Notify] live, "503 from D1, or a delay: nothing is promised that is not written down.";
        /// A machine goes on elsewhere, with a copy of its ledger.
        "failover" = Failover { lost: Span = "0s", "How much of the ledger's end the copy does not have." }
        => [Order Prepare Dispatch Produce Notify] live breaks [OneCard NoGhost EveryoneHears ActsOnce StatesMoveForward NoLiveLeftovers BooksAgree ViewsAgree], "Nothing, when the copy is whole; otherwise orders that D1 has forgotten, which are to be ordered again.";
    }
}

impl MachineFault {
    /// How long the machine is down.
    pub(crate) fn longest(&self) -> Duration {
        match self {
            Self::Crash { back_after }
            | Self::PowerCut { back_after }
            | Self::TornEntry { back_after } => match back_after {
                Back::After(pause) => pause.get(),
                Back::Never => Duration::ZERO,
            },
            Self::Restart { down_for } => down_for.get(),
            Self::LedgerFull { lasts } => lasts.get(),
            Self::Failover { .. } => Duration::ZERO,
        }
    }
}
