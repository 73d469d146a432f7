//! What the issuer orders.

use persotwin_faults::fault::Orders;
use persotwin_faults::place::issuer::IssuerFault;
use persotwin_scenario::{Plan, PlannedFault};

use crate::director::means::Means;

/// Changes what the world begins with.
pub(super) const fn prepare(_plan: &mut Plan, _at: &Orders, fault: &IssuerFault) {
    match *fault {}
}
/// Lets one strike.
pub(super) const fn strike(
    _means: &Means,
    _planned: &PlannedFault,
    _at: &Orders,
    fault: &IssuerFault,
) {
    match *fault {}
}
