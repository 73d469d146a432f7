//! What D1 tells the issuer: traps on the way to it.

use persotwin_faults::fault::Orders;
use persotwin_faults::place::notification::NotificationFault;
use persotwin_kernel::event::Failure;
use persotwin_link::{Door, Link};
use persotwin_scenario::PlannedFault;
use persotwin_wire::{Aim, Fault, Lost, Rewrite, Trap, Way};
use serde_json::json;

use crate::director::enact::wire::{answer_of, trap};
use crate::director::means::Means;

/// Sets the trap.
pub(super) fn strike(
    means: &Means,
    planned: &PlannedFault,
    at: &Orders,
    fault: &NotificationFault,
) {
    let beside = |operation| Fault::Rewritten(Way::Request, Rewrite::Beside(operation));
    let what = match fault {
        NotificationFault::NeverComes => Fault::Before(Lost::Failure(Failure::TimedOut)),
        NotificationFault::HeldBack { by } => Fault::Late(by.get()),
        NotificationFault::RefusedForGood { status } => Fault::Before(answer_of(*status)),
        NotificationFault::BesideAnother => beside(json!({
            "operationId": "7c1f0a52-52a9-4d0b-9f50-6f7f4c9a1b11",
            "cardId": "card-of-somebody-else",
            "operation": "SUSPEND",
            "status": "SUCCESSFUL",
            "startTime": "2026-06-17T09:00:00Z",
        })),
        NotificationFault::BesideNonsense => beside(json!({ "operationId": 7 })),
    };
    let aim = Aim::Link(Link::to(Door::Notifications), None);
    let all = matches!(fault, NotificationFault::NeverComes);
    let trap = trap(means, planned, at.customer.clone(), aim, what);
    means.hands.arm(Trap {
        times: trap.times.filter(|_| !all),
        ..trap
    });
}
