//! Inside D1.

use persotwin_faults::fault::Orders;
use persotwin_faults::place::d1::D1Fault;
use persotwin_scenario::PlannedFault;

use crate::director::means::Means;
use crate::director::operator::cancel;

/// Something happens to orders in D1.
pub(super) fn strike(means: &Means, planned: &PlannedFault, orders: &Orders, fault: &D1Fault) {
    match fault {
        D1Fault::Cancelled => {
            let (all, planned, orders) = (means.clone(), planned.clone(), orders.clone());
            means.later(async move {
                if let Some(customer) = &orders.customer
                    && cancel(&all, customer).await
                {
                    all.struck(&planned);
                }
            });
        }
    }
}

/// What happened stays.
pub(super) const fn mend(_means: &Means, _orders: &Orders, fault: &D1Fault) {
    match fault {
        D1Fault::Cancelled => {}
    }
}
