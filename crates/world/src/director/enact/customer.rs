//! Customers, and the staff who hand cards over.

use persotwin_faults::place::customer::CustomerFault;
use persotwin_link::CustomerName;
use persotwin_link::kiosk::CardRequest;
use persotwin_scenario::{Customer, Ordering, Plan, PlannedFault, Taking, Taps};

use crate::director::means::Means;
use crate::director::operator::{ask, cancel};

/// What a customer is like from the start.
pub(super) fn prepare(plan: &mut Plan, name: &CustomerName, fault: &CustomerFault) {
    let customers = plan.customers.iter_mut();
    for customer in customers.filter(|customer| customer.name == *name) {
        match fault {
            CustomerFault::TapsTwice => customer.taps = Taps::Twice,
            CustomerFault::DoesNotTake => customer.takes = Taking::Never,
            CustomerFault::TakesLate { by } => customer.takes = Taking::After(*by),
            CustomerFault::FetchesLate { by } => {
                let fetches_at = (customer.arrives.get() + by.get()).into();
                customer.orders = Ordering::InApp { fetches_at };
            }
            CustomerFault::WalksAway
            | CustomerFault::Cancels
            | CustomerFault::TapsElsewhere
            | CustomerFault::HandedToAnother => {}
        }
    }
}

/// A customer does something that nobody planned.
pub(super) fn strike(
    means: &Means,
    planned: &PlannedFault,
    name: &CustomerName,
    fault: &CustomerFault,
) {
    let Some(customer) = means.customer(name) else {
        return;
    };
    match fault {
        CustomerFault::WalksAway => {
            means.leavers.add(name);
            means.struck(planned);
        }
        CustomerFault::Cancels => {
            means.leavers.add(name);
            means.struck(planned);
            let (all, name) = (means.clone(), name.clone());
            // Too late is too late: the card is made, and nobody takes it.
            means.later(async move {
                let _ = cancel(&all, &name).await;
            });
        }
        CustomerFault::TapsElsewhere => taps_elsewhere(means, planned, customer),
        CustomerFault::HandedToAnother => hand_to_another(means, planned, customer),
        // So they are from the start.
        CustomerFault::TapsTwice
        | CustomerFault::DoesNotTake
        | CustomerFault::TakesLate { .. }
        | CustomerFault::FetchesLate { .. } => {}
    }
}

fn taps_elsewhere(means: &Means, planned: &PlannedFault, customer: &Customer) {
    let mut stations = means.physicals.keys();
    let Some(other) = stations.find(|station| **station != customer.station) else {
        return means.missed(&planned.id, "there is no other station");
    };
    means.struck(planned);
    let request = CardRequest {
        request_id: format!("req-{}-elsewhere", customer.name),
        customer: customer.name.clone(),
        perso_station: other.clone(),
        product: customer.product.clone(),
        service: customer.service,
    };
    ask(means, request);
}

/// Whoever stands at the exit gets the card that lies there.
fn hand_to_another(means: &Means, planned: &PlannedFault, customer: &Customer) {
    let (Some(physical), Ok(other)) = (
        means.physicals.get(&customer.station).cloned(),
        "somebody-else".parse::<CustomerName>(),
    ) else {
        return;
    };
    let (all, planned) = (means.clone(), planned.clone());
    means.later(async move {
        if physical.exit().is_some() {
            physical.take(&other).await;
            all.struck(&planned);
        } else {
            all.missed(&planned.id, "there is no card in the exit");
        }
    });
}
