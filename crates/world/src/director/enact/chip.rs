//! The chip.

use persotwin_contract::ids::PersoStation;
use persotwin_faults::place::chip::ChipFault;
use persotwin_scenario::{Plan, PlannedFault};

use crate::director::means::Means;

/// Changes what the world begins with.
pub(super) const fn prepare(_plan: &mut Plan, _at: &PersoStation, fault: &ChipFault) {
    match *fault {}
}
/// Lets one strike.
pub(super) const fn strike(
    _means: &Means,
    _planned: &PlannedFault,
    _at: &PersoStation,
    fault: &ChipFault,
) {
    match *fault {}
}

/// Takes away what one left behind.
pub(super) const fn mend(_means: &Means, _at: &PersoStation, fault: &ChipFault) {
    match *fault {}
}
