//! Inside D1: its operator, its key vault, and what it says of orders.

use http::StatusCode;
use persotwin_d1::{VaultTrouble, Whose};
use persotwin_faults::fault::Orders;
use persotwin_faults::place::d1::D1Fault;
use persotwin_faults::value::Lack;
use persotwin_link::{Door, Link, Message};
use persotwin_scenario::PlannedFault;
use persotwin_wire::{Aim, Fault, Trap};

use crate::director::enact::wire::{answer, trap};
use crate::director::means::Means;
use crate::director::operator::cancel;

/// Something happens to orders in D1.
pub(super) fn strike(means: &Means, planned: &PlannedFault, orders: &Orders, fault: &D1Fault) {
    let trouble = match fault {
        D1Fault::Cancelled => return cancelled(means, planned, orders),
        D1Fault::StatusLags => return lag(means, planned, orders),
        D1Fault::VaultAway => VaultTrouble::Away,
        D1Fault::Slow { by } => VaultTrouble::Slow(by.get()),
        D1Fault::Lacks {
            lack: Lack::Key | Lack::Template,
        } => VaultTrouble::LacksKey,
        D1Fault::Lacks { lack: Lack::Image } => VaultTrouble::LacksImage,
    };
    let whose = match &orders.customer {
        Some(customer) => {
            let journal = means.host.pen.journal();
            Whose::These(journal.operations_of(customer).into_iter().collect())
        }
        None => Whose::All,
    };
    means.vault.suffer(trouble, whose);
    means.struck(planned);
}

fn cancelled(means: &Means, planned: &PlannedFault, orders: &Orders) {
    let (all, planned, orders) = (means.clone(), planned.clone(), orders.clone());
    means.later(async move {
        match &orders.customer {
            Some(customer) if cancel(&all, customer).await => all.struck(&planned),
            Some(_) => all.missed(&planned.id, "no order of theirs can be cancelled now"),
            None => all.missed(&planned.id, "it needs `customer`: whose order?"),
        }
    });
}

/// Whoever asks for the production status is told that there is no such order.
fn lag(means: &Means, planned: &PlannedFault, orders: &Orders) {
    let link = Link {
        message: Some(Message::Poll),
        ..Link::to(Door::Orders)
    };
    let fault = Fault::Before(answer(StatusCode::NOT_FOUND, None));
    let aim = Aim::Link(link, None);
    let trap = trap(means, planned, orders.customer.clone(), aim, fault);
    let times = planned.times.filter(|_| planned.lasts.is_none());
    means.hands.arm(Trap {
        skip: 0,
        times,
        ..trap
    });
}

/// The vault works again; what was cancelled stays cancelled.
pub(super) fn mend(means: &Means, planned: &PlannedFault, fault: &D1Fault) {
    match fault {
        D1Fault::Cancelled => {}
        D1Fault::StatusLags => means.hands.disarm(&planned.id),
        D1Fault::VaultAway | D1Fault::Slow { .. } | D1Fault::Lacks { .. } => means.vault.mend(),
    }
}
