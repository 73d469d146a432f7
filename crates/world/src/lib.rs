//! A world: machines assembled from a plan, customers and staff in it, and what was expected of it.
//!
//! | room | holds |
//! |---|---|
//! | `assemble` | the machines on their ground |
//! | `people` | customers, the kiosk software that they tap on, staff |
//! | [`story`] | a scenario in virtual time, from its first instant to its verdict |
//! | [`up`] | a world in real time, with strangers |
//! | [`endpoints`] | what a stranger's client needs |
//! | `fold`, `judge` | what the journal says, against what was expected |
//! | `secrets` | whether a secret is anywhere where it may not be |

mod assemble;
pub mod endpoints;
mod fold;
mod judge;
mod people;
mod secrets;
pub mod story;
pub mod up;

pub use endpoints::Endpoints;
pub use story::{Options, RunError, Told, WireKind, run};
pub use up::{Customers, Up, UpOptions};
