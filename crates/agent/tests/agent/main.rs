//! The agent between doubles: a D1 that decides as it is told, and hardware on the printer's and the chip's own models.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a double that fails shall fail its test"
)]

mod chips;
mod crashes;
mod d1;
mod doors;
mod hardware;
mod mishaps;
mod roads;
mod stage;
