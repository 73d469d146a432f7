//! The issuer on the wire, with a D1 and a kiosk that do as each test says.
#![expect(clippy::unwrap_used, reason = "tests")]

mod d1;
mod world;

mod bad_input;
mod flow;
mod hearing;
mod oauth;
mod orders;
mod pins;
mod polls;
mod restart;
mod retries;
