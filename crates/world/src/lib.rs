//! A world: machines assembled from a plan, customers and staff in it, and what was expected of it.
//!
//! | room | holds |
//! |---|---|
//! | `assemble` | the machines on their ground |
//! | [`examine`] | a finished card, as others will read it and pay with it |
//! | `people` | customers, the kiosk software that they tap on, staff |
//! | [`story`] | a scenario in virtual time, from its first instant to its verdict |
//! | `director` | what a scenario declares happens: faults, and what people do about them |
//! | `hands` | what can be done to a running world: faults, crashes, power cuts |
//! | [`up`] | a world in real time, with strangers |
//! | `twin` | the control face, `/twin/v1` |
//! | [`endpoints`] | what a stranger's client needs |
//! | `fold`, `judge` | what the journal says, against what was expected |
//! | `overseer` | the laws, asked at every record while a story is told |
//! | `secrets` | whether a secret is anywhere where it may not be |

mod assemble;
mod director;
pub mod endpoints;
pub mod examine;
mod fold;
mod hands;
mod judge;
mod onlooker;
mod overseer;
mod people;
mod readers;
mod recovery;
mod screen;
mod secrets;
pub mod story;
mod twin;
pub mod up;

pub use director::moment_of;
pub use endpoints::Endpoints;
pub use hands::{Hands, NoSuchMachine, Untorn};
pub use story::{
    Direction, Options, RunError, Told, WireKind, run, run_directed, run_until_broken, run_within,
    setup,
};
pub use up::{Customers, Up, UpOptions, out_of_reach, roles};
