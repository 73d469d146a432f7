//! The spine tests: three dummy machines prove what everything else relies on.

#![expect(
    clippy::unwrap_used,
    reason = "a test double that fails shall fail its test"
)]

mod crash;
mod dummies;
mod faults;
mod rebuild;
mod repeat;
mod time;
