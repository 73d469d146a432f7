//! What a fault leaves behind when it has struck, and how the world gets rid of that.

use persotwin_faults::Fault;
use persotwin_faults::place::agent::AgentFault;
use persotwin_faults::place::chip::ChipFault;
use persotwin_faults::place::d1::D1Fault;
use persotwin_faults::place::machine::MachineFault;
use persotwin_faults::place::printer::PrinterFault;
use persotwin_faults::place::region::RegionFault;
use persotwin_faults::place::stock::StockFault;
use persotwin_faults::value::Until;
use persotwin_link::Machine;

/// What is left when a fault has struck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::director) enum Aftermath {
    /// Something that can be taken away: `mend` does it.
    Mendable,
    /// Machines that are down: they are started.
    Down(Vec<Machine>),
    /// Something that only this action of an operator mends.
    Needs(&'static str),
    /// Nothing, or nothing that anybody could undo.
    Past,
}

/// What this one leaves behind.
pub(in crate::director) fn of(fault: &Fault) -> Aftermath {
    match fault {
        Fault::Machine(machine, fault) => of_machine(machine, fault),
        Fault::Stock(_, fault) => of_stock(fault),
        Fault::Printer(_, fault) => of_printer(fault),
        Fault::Region(at, RegionFault::PowerCut { .. }) => {
            let machines = [Machine::Station(at.clone()), Machine::Agent(at.clone())];
            Aftermath::Down(machines.into())
        }
        Fault::Wire(..)
        | Fault::Evolution(..)
        | Fault::Notification(..)
        | Fault::Calendar(..)
        | Fault::Region(_, RegionFault::Offline)
        | Fault::D1(
            _,
            D1Fault::VaultAway | D1Fault::Slow { .. } | D1Fault::Lacks { .. } | D1Fault::StatusLags,
        )
        | Fault::Agent(
            _,
            AgentFault::ServiceMode | AgentFault::CannotDecrypt | AgentFault::WrongStation,
        )
        | Fault::Chip(_, ChipFault::ContactsDirty | ChipFault::ReaderGone) => Aftermath::Mendable,
        Fault::Customer(..)
        | Fault::Issuer(..)
        | Fault::D1(_, D1Fault::Cancelled)
        | Fault::Agent(_, AgentFault::Disabled)
        | Fault::Chip(..) => Aftermath::Past,
    }
}

fn of_machine(machine: &Machine, fault: &MachineFault) -> Aftermath {
    match fault {
        MachineFault::Crash { .. }
        | MachineFault::Restart { .. }
        | MachineFault::PowerCut { .. }
        | MachineFault::TornEntry { .. } => Aftermath::Down(vec![machine.clone()]),
        MachineFault::LedgerFull { .. } => Aftermath::Mendable,
        MachineFault::Failover { .. } => Aftermath::Past,
    }
}

const fn of_stock(fault: &StockFault) -> Aftermath {
    match fault {
        StockFault::OtherBlanks { .. } | StockFault::UpsideDown { .. } => Aftermath::Mendable,
        StockFault::RunsOut { .. } => Aftermath::Needs("refill"),
        StockFault::RibbonRunsOut { .. } => Aftermath::Needs("replace-ribbon"),
        StockFault::FedAgain { .. } => Aftermath::Needs("put-blanks-right"),
        StockFault::Miscounted { .. } | StockFault::SoftStripes | StockFault::AnotherKey => {
            Aftermath::Past
        }
    }
}

const fn of_printer(fault: &PrinterFault) -> Aftermath {
    match fault {
        PrinterFault::CardJams
        | PrinterFault::CoverOpens
        | PrinterFault::LockOpens
        | PrinterFault::DoorOpens
        | PrinterFault::Paused
        | PrinterFault::BinFills
        | PrinterFault::ExitBlocks
        | PrinterFault::BezelSticks => Aftermath::Mendable,
        PrinterFault::RibbonTears
        | PrinterFault::RibbonTaken
        | PrinterFault::RibbonSwapped
        | PrinterFault::RibbonEnds { .. } => Aftermath::Needs("replace-ribbon"),
        PrinterFault::StripeWritesWeakly {
            until: Until::Cleaned,
        }
        | PrinterFault::StripeReadsWrong {
            until: Until::Cleaned,
        }
        | PrinterFault::CameraBlind => Aftermath::Needs("clean-printer"),
        PrinterFault::StripeWritesWeakly { until: Until::Once }
        | PrinterFault::StripeReadsWrong { until: Until::Once }
        | PrinterFault::FeedFails
        | PrinterFault::DoubleFeed
        | PrinterFault::HeadOverheats
        | PrinterFault::PrintSpoiled { .. }
        | PrinterFault::CountersSlip { .. } => Aftermath::Past,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use persotwin_faults::action;

    #[test]
    fn what_only_an_action_mends_names_one_that_there_is() {
        for fault in [PrinterFault::RibbonTears, PrinterFault::CameraBlind] {
            let Aftermath::Needs(does) = of_printer(&fault) else {
                panic!("{fault:?}")
            };
            assert!(action::action(does).is_some(), "{does}");
        }
        for fault in [
            StockFault::RunsOut { left: 0 },
            StockFault::RibbonRunsOut { left: 0 },
            StockFault::FedAgain { hopper: 1 },
        ] {
            let Aftermath::Needs(does) = of_stock(&fault) else {
                panic!("{fault:?}")
            };
            assert!(action::action(does).is_some(), "{does}");
        }
    }
}
