//! Customers.

use persotwin_faults::place::customer::CustomerFault;
use persotwin_link::CustomerName;
use persotwin_scenario::PlannedFault;

use crate::director::means::Means;

/// A customer does something that nobody planned.
pub(super) fn strike(
    means: &Means,
    planned: &PlannedFault,
    customer: &CustomerName,
    fault: &CustomerFault,
) {
    match fault {
        CustomerFault::WalksAway => means.leavers.add(customer),
    }
    means.struck(planned);
}
