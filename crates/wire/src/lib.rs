//! HTTP between machines. Two machines exchange nothing else.
//!
//! A machine calls and serves through its [`Wire`]. An exchange belongs to the [`Net`], not to its caller: the net's own task carries
//! the message and the caller only waits for the answer. So "late", "twice" and "out of order" are true, and a caller that crashes or
//! loses patience recalls nothing that it sent.
//!
//! The bytes are the same HTTP/1.1 through hyper on every [`Medium`]: loopback sockets under the clock guard, in-memory pipes, or
//! loopback in real time for strangers.
//!
//! [`Host`] is the one value that a machine is handed; a [`Seat`] starts it, crashes it, cuts its power and starts it again.

mod ambush;
mod call;
mod dial;
mod distort;
mod door;
mod fault;
mod host;
mod io;
mod latency;
mod log;
mod mask;
mod net;
mod pool;
mod refused;
mod rewrite;
mod stranger;
mod tap;
mod trap;
mod witness;

pub use call::{Call, ReadError, Reply};
pub use dial::dial;
pub use distort::{Distortion, Way};
pub use fault::{Fault, Lost, Strike};
pub use host::{Grip, Ground, Host, Seat};
pub use io::Medium;
pub use mask::masked;
pub use net::{Net, NetError, Wire};
pub use persotwin_link::{Latencies, Latency};
pub use refused::Refused;
pub use rewrite::Rewrite;
pub use stranger::fetch;
pub use tap::{Tap, Tapped, TappedAnswer};
pub use trap::{Aim, Cause, Trap};

/// Lets this process have as many sockets as the system allows; a thousand kiosks need more than the usual 1,024.
pub fn raise_descriptor_limit() {
    // A refusal only means fewer sockets, and the first one too many says so.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
}
