//! The terminal with the chip model: cards as data preparation makes them, read and paid with.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

mod card;
mod paying;
mod reading;
mod signing;
