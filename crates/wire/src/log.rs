//! The log: a line for each exchange, for whoever debugs a world. Nothing listens unless the program wants it to.
//!
//! It says who called whom, with which method and path, and how that ended; headers and bodies, where secrets travel, never.

use persotwin_kernel::Moment;
use persotwin_kernel::event::{Exchange, Phase};
use tracing::{debug, trace};

/// Tells how far an exchange has come: `TRACE` when it leaves, `DEBUG` when its fate is known.
pub(crate) fn exchange(at: Moment, exchange: &Exchange) {
    let Exchange {
        exchange: number,
        from,
        to,
        method,
        path,
        phase,
        ..
    } = exchange;
    match phase {
        Phase::Sent { bytes } => trace!(%at, number, %from, %to, method, path, bytes, "sent"),
        Phase::Answered { status, bytes, .. } => {
            debug!(%at, number, %from, %to, method, path, status, bytes, "answered");
        }
        Phase::Failed { why, .. } => debug!(%at, number, %from, %to, method, path, %why, "failed"),
        Phase::Unheard { status } => {
            debug!(%at, number, %from, %to, method, path, status, "answered, unheard");
        }
    }
}
