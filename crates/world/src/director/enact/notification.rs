//! What D1 tells the issuer.

use persotwin_faults::fault::Orders;
use persotwin_faults::place::notification::NotificationFault;
use persotwin_scenario::PlannedFault;

use crate::director::means::Means;

/// Lets one strike.
pub(super) const fn strike(
    _means: &Means,
    _planned: &PlannedFault,
    _at: &Orders,
    fault: &NotificationFault,
) {
    match *fault {}
}
