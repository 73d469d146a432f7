//! D1 among small doubles of the other machines: an issuer that hears, an agent that produces, and a client that orders.

#![expect(
    clippy::unwrap_used,
    reason = "a test double that fails shall fail its test"
)]

mod crash;
mod doubles;
mod doubt;
mod flow;
mod habits;
mod order;
mod outbox;
mod pin;
mod refusals;
mod same;
mod secrets;
