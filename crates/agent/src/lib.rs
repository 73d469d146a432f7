//! The simulated instant issuance agent: it stands between D1 and the hardware of one perso station, and holds the card until D1 has
//! decided.
//!
//! ```text
//!   D1 ──PUT job──▶ http ──▶ ledger ──▶ desk ──▶ worker ──HTTP──▶ printer, chip reader
//!    ▲                                   │
//!    └────────── reports, decisions ── reporter
//! ```
//!
//! It enrols its station, takes a job once, makes the card in the station's `sequence`, reads back what it wrote, tries again on a
//! fresh blank where that helps, reports each status until D1 has answered, and keeps the inventory book. Everything that a restart
//! must know is in its ledger; production data stay in their JWE there and are in the clear only in memory, while a card is made.
//!
//! | room | holds |
//! |---|---|
//! | [`config`] | station, key, SAM, patience |
//! | `model` | the desk: jobs, cards, reports and their legal moves, pure: read its module first |
//! | `machine` | start, the ledger's lock, what wakes whom |
//! | `enrol`, `reporter` | calls to D1 |
//! | `worker`, `making`, `handover` | one job at a time: blanks, work on a card, release and capture |
//! | `chip`, `perso` | the dialogue with a chip, and what its answers mean |
//! | `device`, `production` | the hardware's faces; opened production data |
//! | `http` | the agent's own face |
//!
//! The protocol between D1 and its agents is private: all of this is ours.

mod chip;
pub mod config;
mod device;
mod enrol;
mod handover;
mod http;
mod machine;
mod making;
mod model;
mod perso;
mod production;
mod reporter;
mod worker;

pub use config::{Config, Sam, Timing};
pub use machine::run;
