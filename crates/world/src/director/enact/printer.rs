//! The printer.

use persotwin_contract::ids::PersoStation;
use persotwin_faults::place::printer::PrinterFault;
use persotwin_scenario::PlannedFault;

use crate::director::means::Means;

/// Lets one strike.
pub(super) const fn strike(
    _means: &Means,
    _planned: &PlannedFault,
    _at: &PersoStation,
    fault: &PrinterFault,
) {
    match *fault {}
}

/// Takes away what one left behind.
pub(super) const fn mend(_means: &Means, _at: &PersoStation, fault: &PrinterFault) {
    match *fault {}
}
