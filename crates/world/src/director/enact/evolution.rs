//! D1's faces change: what D1 answers and what it asks are rewritten on their way.

use persotwin_faults::fault::Traffic;
use persotwin_faults::place::evolution::Evolution;
use persotwin_link::Machine;
use persotwin_scenario::PlannedFault;
use persotwin_wire::{Aim, Fault, Rewrite, Way};

use crate::director::enact::wire::trap;
use crate::director::means::Means;

/// Sets the trap.
pub(super) fn strike(means: &Means, planned: &PlannedFault, traffic: &Traffic, change: &Evolution) {
    let rewrite = match change.clone() {
        Evolution::NewMember { name, value } => Rewrite::Member(name, value),
        Evolution::NewEnumValue { member, value } => Rewrite::Text(member, value),
        Evolution::NewStatusCode { status } => {
            Rewrite::Status(u16::try_from(status).unwrap_or(u16::MAX))
        }
        Evolution::NewHeader { name, value } => Rewrite::Header(name, value),
        Evolution::RewordedError { says } => Rewrite::Sentence(says),
    };
    let aim = Aim::Link(traffic.link.clone(), traffic.from.clone());
    let fault = Fault::Rewritten(d1s_half(means, traffic), rewrite);
    let customer = traffic.customer.clone();
    means.hands.arm(trap(means, planned, customer, aim, fault));
}

/// The half of an exchange that D1 says.
fn d1s_half(means: &Means, traffic: &Traffic) -> Way {
    let station = means.physicals.keys().next();
    let caller = station.map(|station| traffic.link.door.ends(station).0);
    if caller == Some(Machine::D1) {
        Way::Request
    } else {
        Way::Answer
    }
}
