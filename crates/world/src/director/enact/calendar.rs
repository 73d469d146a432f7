//! Clocks, and keys whose time is over.

use jiff::SignedDuration;
use persotwin_faults::place::calendar::CalendarFault;
use persotwin_faults::value::Direction;
use persotwin_link::{Link, Machine, Span};
use persotwin_scenario::{Plan, PlannedFault};
use persotwin_wire::{Aim, Fault, Trap};

use crate::director::enact::wire::{refusal, trap};
use crate::director::means::Means;
use crate::director::operator::NOT_OURS;

/// What is wrong from the start.
pub(super) fn prepare(plan: &mut Plan, machine: &Machine, fault: &CalendarFault) {
    if let CalendarFault::Wrong { by, direction } = fault {
        let offset = plan.clocks.entry(machine.clone()).or_default();
        *offset = offset.saturating_add(signed(*by, *direction));
    }
}

fn signed(by: Span, direction: Direction) -> SignedDuration {
    let by = SignedDuration::try_from(by.get()).unwrap_or(SignedDuration::MAX);
    match direction {
        Direction::Ahead => by,
        Direction::Behind => -by,
    }
}

/// A clock jumps, or a key ends.
pub(super) fn strike(
    means: &Means,
    planned: &PlannedFault,
    machine: &Machine,
    fault: &CalendarFault,
) {
    match fault {
        CalendarFault::Wrong { .. } => {}
        CalendarFault::Jumps { by, direction } => {
            let Some(ahead) = means.hands.clock_of(machine) else {
                return means.missed(&planned.id, NOT_OURS);
            };
            let then = ahead.saturating_add(signed(*by, *direction));
            if means.hands.set_clock(machine, then).is_ok() {
                means.struck(planned);
            }
        }
        CalendarFault::ClientKeyEnds => ends(
            means,
            planned,
            ("d1.token", None),
            refusal(
                400,
                r#"{"error":"invalid_client","error_description":"the assertion is not valid"}"#,
            ),
        ),
        CalendarFault::JweKeyEnds => ends(
            means,
            planned,
            ("d1.orders order", None),
            refusal(
                400,
                r#"{"errorCode":"CRYPTO_ERROR","error":"encryptedData cannot be decrypted"}"#,
            ),
        ),
        CalendarFault::TokenKeyEnds => ends(
            means,
            planned,
            ("d1.orders", Some(1)),
            refusal(401, r#"{"message":"Unauthorized"}"#),
        ),
    }
}

/// Whatever hangs on the key is answered so, for good or so many times. D1's vault is as it was: what its clients see is the end.
fn ends(means: &Means, planned: &PlannedFault, (link, times): (&str, Option<u32>), answer: Fault) {
    let Ok(link) = link.parse::<Link>() else {
        return;
    };
    let trap = trap(means, planned, None, Aim::Link(link, None), answer);
    means.hands.arm(Trap { times, ..trap });
}

/// Somebody sets the clock right, or registers another key.
pub(super) fn mend(
    means: &Means,
    planned: &PlannedFault,
    machine: &Machine,
    fault: &CalendarFault,
) {
    match fault {
        CalendarFault::Wrong { .. } | CalendarFault::Jumps { .. } => {
            let right = means.clocks.get(machine).copied();
            // Without a seat it has no clock either, and was never struck.
            let _ = means
                .hands
                .set_clock(machine, right.unwrap_or(SignedDuration::ZERO));
        }
        CalendarFault::ClientKeyEnds | CalendarFault::JweKeyEnds | CalendarFault::TokenKeyEnds => {
            means.hands.disarm(&planned.id);
        }
    }
}
