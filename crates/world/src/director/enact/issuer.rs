//! What the issuer orders, and what it forgets.

use persotwin_faults::fault::Orders;
use persotwin_faults::place::issuer::IssuerFault;
use persotwin_link::Machine;
use persotwin_link::order_override::{Change, OrderChange, OrderPart, Seal};
use persotwin_link::tenant::test_key;
use persotwin_scenario::{Customer, Plan, PlannedFault};

use crate::director::means::Means;
use crate::director::operator::NOT_OURS;

/// A card number of another scheme, well known from test cards.
const FOREIGN: &str = "5555555555554444";
/// A card number of the built-in products, well known from test cards.
const COMMON: &str = "4111111111111111";

/// Changes what the world begins with.
pub(super) fn prepare(plan: &mut Plan, at: &Orders, fault: &IssuerFault) {
    if matches!(fault, IssuerFault::UnknownClientKey) {
        plan.issuer_signs_with = Some(test_key("client-key-of-nobody"));
    }
    let is_meant = |customer: &&mut Customer| {
        at.customer.is_none() || at.customer.as_ref() == Some(&customer.name)
    };
    for customer in plan.customers.iter_mut().filter(is_meant) {
        spoil(customer, fault);
    }
}

fn spoil(customer: &mut Customer, fault: &IssuerFault) {
    let seal = |kid| Seal::ForKey(test_key(kid).public().clone());
    match fault {
        IssuerFault::WrongField { field, value } => send(customer, field, value),
        IssuerFault::UnknownProduct => send(customer, "cardProductId", "NO-SUCH-PRODUCT"),
        IssuerFault::ForeignNumber => send(customer, "encryptedData.pan", FOREIGN),
        IssuerFault::WrongKeyIndex => {
            send(customer, "paymentApplication.derivationKeyIndex", "77");
        }
        IssuerFault::AnothersStation => send(customer, "persoStation", "OTHERBANK-PS-101"),
        IssuerFault::JweUnknownKey => customer.seal = seal("jwe-key-of-nobody"),
        IssuerFault::JweRetiredKey => customer.seal = seal("d1-jwe-0"),
        IssuerFault::JweTampered => customer.seal = Seal::Tampered,
        IssuerFault::JweNotJson => customer.seal = Seal::NotJson,
        IssuerFault::SameRequestId => send(customer, "issuerRequestId", "order-of-the-day"),
        IssuerFault::SameCardNumber => customer.pan = COMMON.parse().ok(),
        IssuerFault::NumberAsRequestId => {
            customer.pan = COMMON.parse().ok();
            send(customer, "encryptedData.pan", COMMON);
            send(customer, "issuerRequestId", COMMON);
        }
        IssuerFault::UnknownClientKey | IssuerFault::Forgets { .. } => {}
    }
}

/// The order says this at a documented field, or nothing.
fn send(customer: &mut Customer, field: &str, value: &str) {
    let (part, path) = match field.strip_prefix("encryptedData.") {
        Some(path) => (OrderPart::Encrypted, path),
        None => (OrderPart::Clear, field),
    };
    customer.order.push(OrderChange {
        part,
        path: path.split('.').map(str::to_owned).collect(),
        change: match value {
            "absent" => Change::Absent,
            text => Change::Set(text.into()),
        },
    });
}

/// Lets one strike.
pub(super) fn strike(means: &Means, planned: &PlannedFault, _at: &Orders, fault: &IssuerFault) {
    if let IssuerFault::Forgets { lost } = fault {
        if !means.hands.has(&Machine::Issuer) {
            return means.missed(&planned.id, NOT_OURS);
        }
        if let Some(life) = means.hands.life(&Machine::Issuer) {
            life.strike();
        }
        means.struck(planned);
        let (hands, lost) = (means.hands.clone(), lost.get());
        means.later(async move { drop(hands.fail_over(&Machine::Issuer, lost).await) });
    }
}
