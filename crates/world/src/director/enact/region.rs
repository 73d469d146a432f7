//! A whole place: everything in it at once.

use persotwin_contract::ids::PersoStation;
use persotwin_faults::place::machine::MachineFault;
use persotwin_faults::place::region::RegionFault;
use persotwin_kernel::event::Failure;
use persotwin_link::Machine;
use persotwin_scenario::PlannedFault;
use persotwin_wire::{Aim, Fault, Lost, Trap};

use crate::director::enact::machine;
use crate::director::enact::wire::trap;
use crate::director::means::Means;

/// Lets one strike.
pub(super) fn strike(
    means: &Means,
    planned: &PlannedFault,
    at: &PersoStation,
    fault: &RegionFault,
) {
    match fault {
        RegionFault::PowerCut { back_after } => {
            let back_after = *back_after;
            let cut = MachineFault::PowerCut { back_after };
            for machine in [Machine::Station(at.clone()), Machine::Agent(at.clone())] {
                machine::strike(means, planned, &machine, &cut);
            }
        }
        RegionFault::Offline => go_offline(means, planned, at),
    }
}

/// Nothing gets out of the branch or into it. Inside it, everything goes on.
fn go_offline(means: &Means, planned: &PlannedFault, at: &PersoStation) {
    let agent = Machine::Agent(at.clone());
    for (from, to) in [(Machine::D1, agent.clone()), (agent.clone(), Machine::D1)] {
        let aim = Aim::Between { from, to };
        let silence = Fault::Before(Lost::Failure(Failure::TimedOut));
        let trap = trap(means, planned, None, aim, silence);
        means.hands.arm(Trap {
            skip: 0,
            times: None,
            ..trap
        });
    }
}
