//! The documented contract over real HTTP, as a stranger's client meets it: every refusal, every habit of real client stacks, and
//! after all of it a good order on the same world.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

mod abuse;
mod access;
mod broken;
mod control;
mod doors;
mod fields;
mod flow;
mod garbage;
mod habits;
mod mended;
mod rehearsed;
mod restarts;
mod same;
mod sealed;
mod token;
mod untruths;
