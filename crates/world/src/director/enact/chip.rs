//! The chip, its contacts and its reader.

use persotwin_contract::ids::PersoStation;
use persotwin_faults::place::chip::ChipFault;
use persotwin_printer::Repair;
use persotwin_printer::environment::{ChipDefect, Mishap};
use persotwin_scenario::PlannedFault;

use crate::director::enact::printer::{repaired, suffer};
use crate::director::means::Means;

/// Lets one strike.
pub(super) fn strike(means: &Means, planned: &PlannedFault, at: &PersoStation, fault: &ChipFault) {
    suffer(means, planned, at, mishap(fault));
}

/// Contacts get clean, and a reader is there again; a chip with a defect has it for ever.
pub(super) fn mend(means: &Means, at: &PersoStation, fault: &ChipFault) {
    match fault {
        ChipFault::ContactsDirty => repaired(means, at, Repair::Clean),
        ChipFault::ReaderGone => repaired(means, at, Repair::ReplaceReader),
        _ => {}
    }
}

fn mishap(fault: &ChipFault) -> Mishap {
    Mishap::ChipDefect(match *fault {
        ChipFault::ContactsDirty => return Mishap::ContactsDirty,
        ChipFault::ReaderGone => return Mishap::ReaderGone,
        ChipFault::Mute => ChipDefect::Mute,
        ChipFault::ResetsStrangely => ChipDefect::NoAtr,
        ChipFault::Slow { factor } => ChipDefect::Slow {
            times: factor.get(),
        },
        ChipFault::Locked => ChipDefect::Locked,
        ChipFault::CounterExhausted => ChipDefect::CounterExhausted,
        ChipFault::WrongCryptogram => ChipDefect::WrongCryptogram,
        ChipFault::Closed => ChipDefect::Closed,
        ChipFault::MemoryFails { nth } => ChipDefect::MemoryFails { at: nth.get() },
        ChipFault::RefusesData { nth } => ChipDefect::RefusesData { at: nth.get() },
        ChipFault::FallsSilent { nth } => ChipDefect::FallsSilent { after: nth.get() },
        ChipFault::ReadsWrong => ChipDefect::ReadsWrong,
    })
}
