//! Clocks.

use jiff::SignedDuration;
use persotwin_faults::place::calendar::CalendarFault;
use persotwin_faults::value::Direction;
use persotwin_link::Machine;
use persotwin_scenario::{Plan, PlannedFault};

use crate::director::means::Means;

/// Nothing that a world begins with is of this place yet.
pub(super) const fn prepare(_plan: &mut Plan, _machine: &Machine, fault: &CalendarFault) {
    match fault {
        CalendarFault::Jumps { .. } => {}
    }
}

/// A clock jumps.
pub(super) fn strike(
    means: &Means,
    planned: &PlannedFault,
    machine: &Machine,
    fault: &CalendarFault,
) {
    let CalendarFault::Jumps { by, direction } = fault;
    let by = SignedDuration::try_from(by.get()).unwrap_or(SignedDuration::MAX);
    let by = match direction {
        Direction::Ahead => by,
        Direction::Behind => -by,
    };
    let Some(ahead) = means.hands.clock_of(machine) else {
        return;
    };
    if means
        .hands
        .set_clock(machine, ahead.saturating_add(by))
        .is_ok()
    {
        means.struck(planned);
    }
}

/// Somebody sets the clock right.
pub(super) fn mend(means: &Means, machine: &Machine, fault: &CalendarFault) {
    match fault {
        CalendarFault::Jumps { .. } => {
            let right = means.clocks.get(machine).copied();
            // Without a seat it has no clock either, and was never struck.
            let _ = means
                .hands
                .set_clock(machine, right.unwrap_or(SignedDuration::ZERO));
        }
    }
}
