//! How faults come about: a file for each place of the catalogue, with the same three doors in each.
//!
//! | door | when |
//! |---|---|
//! | `prepare` | before the world is built: what it begins with is changed in the plan |
//! | `strike` | at the fault's instant; it tells `means.struck(planned)` once it has really struck |
//! | `mend` | when its time is over, and at the end of the story, whether it struck or not |
//!
//! `strike` and `mend` run inside the journal and must not wait; whatever takes time goes into `means.later(…)`.

pub(super) mod aftermath;
mod agent;
mod calendar;
mod chip;
mod customer;
mod d1;
mod evolution;
mod issuer;
mod machine;
mod notification;
mod printer;
mod region;
mod stock;
mod wire;

use persotwin_faults::Fault;
use persotwin_scenario::{Plan, PlannedFault};

use crate::director::cue::OfStage;
use crate::director::means::Means;

/// Whether it waits on the net for its messages, which writes down what it struck.
pub(super) const fn strikes_messages(fault: &Fault) -> bool {
    matches!(fault, Fault::Wire(..) | Fault::Evolution(..))
}

/// Which instant of a stage counts: hardware is told before its movement begins, and counts by itself.
pub(super) const fn of_stage(fault: &Fault) -> OfStage {
    match fault {
        Fault::Printer(..) | Fault::Chip(..) | Fault::Stock(..) => OfStage::Asked,
        _ => OfStage::Reached,
    }
}

/// Changes the plan of a world that begins with this fault.
pub(super) fn prepare(plan: &mut Plan, planned: &PlannedFault) {
    match &planned.fault {
        Fault::Stock(station, fault) => stock::prepare(plan, station, fault),
        Fault::Issuer(orders, fault) => issuer::prepare(plan, orders, fault),
        Fault::Calendar(machine, fault) => calendar::prepare(plan, machine, fault),
        Fault::Customer(customer, fault) => customer::prepare(plan, customer, fault),
        Fault::Wire(..)
        | Fault::Evolution(..)
        | Fault::Machine(..)
        | Fault::D1(..)
        | Fault::Agent(..)
        | Fault::Printer(..)
        | Fault::Chip(..)
        | Fault::Notification(..)
        | Fault::Region(..) => {}
    }
}

/// Lets a fault strike.
pub(super) fn strike(means: &Means, planned: &PlannedFault) {
    match &planned.fault {
        Fault::Customer(customer, fault) => customer::strike(means, planned, customer, fault),
        Fault::Wire(traffic, fault) => wire::strike(means, planned, traffic, fault),
        Fault::Evolution(traffic, fault) => evolution::strike(means, planned, traffic, fault),
        Fault::Machine(machine, fault) => machine::strike(means, planned, machine, fault),
        Fault::Issuer(orders, fault) => issuer::strike(means, planned, orders, fault),
        Fault::Calendar(machine, fault) => calendar::strike(means, planned, machine, fault),
        Fault::D1(orders, fault) => d1::strike(means, planned, orders, fault),
        Fault::Agent(station, fault) => agent::strike(means, planned, station, fault),
        Fault::Stock(station, fault) => stock::strike(means, planned, station, fault),
        Fault::Printer(station, fault) => printer::strike(means, planned, station, fault),
        Fault::Chip(station, fault) => chip::strike(means, planned, station, fault),
        Fault::Notification(orders, fault) => notification::strike(means, planned, orders, fault),
        Fault::Region(station, fault) => region::strike(means, planned, station, fault),
    }
}

/// Takes away what a fault left behind.
pub(super) fn mend(means: &Means, planned: &PlannedFault) {
    match &planned.fault {
        Fault::Wire(..)
        | Fault::Evolution(..)
        | Fault::Notification(..)
        | Fault::Agent(..)
        | Fault::Region(..) => means.hands.disarm(&planned.id),
        Fault::Calendar(machine, fault) => calendar::mend(means, planned, machine, fault),
        Fault::Machine(machine, fault) => machine::mend(means, machine, fault),
        Fault::D1(_, fault) => d1::mend(means, planned, fault),
        Fault::Stock(station, fault) => stock::mend(means, station, fault),
        Fault::Printer(station, fault) => printer::mend(means, station, fault),
        Fault::Chip(station, fault) => chip::mend(means, station, fault),
        // Whoever went away stays away, and whatever was sent is sent.
        Fault::Customer(..) | Fault::Issuer(..) => {}
    }
}
