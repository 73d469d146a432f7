//! What a machine lives on. Each part is handed in; nobody takes time, chance or storage from anywhere else.
//!
//! | part | what it gives | what it promises |
//! |---|---|---|
//! | [`Life`] | every task of one start of a machine | when the life has ended, nothing of it runs any more |
//! | [`Clock`], [`Calendar`] | monotonic and wall time | exact in a paused runtime, with [`Guard`] over real sockets too |
//! | [`Chance`] | random draws by key | another draw or another interleaving changes nobody else's |
//! | [`Ledger`] | what survives a crash | encoded bytes, append only, replay the only way in |
//! | [`Journal`] | facts seen from outside, in order | typed in memory, JSON only in the sinks |
//!
//! **The seams.** A task is stopped only where it waits, so each part first asks the life ([`Life::alive`]) and parks for ever if it
//! has ended. These seams are the points at which a machine can crash; no other hook is needed.

mod alarm;
mod calendar;
mod chance;
mod clock;
pub mod event;
mod guard;
mod journal;
mod ledger;
mod life;
mod outstanding;
mod pace;
mod runtime;

pub use alarm::{Alarm, Trouble};
pub use calendar::{Calendar, Skew};
pub use chance::{Chance, Fingerprint};
pub use clock::{Clock, Moment, NotATimeScale, TimeScale};
pub use event::Event;
pub use guard::{Door, End, Guard, Side};
pub use journal::{Journal, Pen, Reader, Record};
pub use ledger::{Ledger, LedgerError, Spared, Store};
pub use life::{Life, LifeId};
pub use outstanding::{Begun, Outstanding};
pub use pace::{NotPaused, Pace, Waiting};
pub use runtime::{Ending, Limits, Sockets, run_virtual};
