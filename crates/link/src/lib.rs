//! What the machines say to each other where D1 documents nothing, and the words that everybody uses for stations, stock and cards.
//!
//! Everything here is **ours**: the real protocol between D1 and the instant issuance agent is private, device faces differ from
//! vendor to vendor, and a bank's kiosk talks to its backend as the bank likes. What D1 documents lives in `persotwin-contract`.
//!
//! | module | between |
//! |---|---|
//! | [`kiosk`] | kiosk or app → issuer (step 1) |
//! | [`jobs`] | D1 ↔ agent: enrolment, heartbeats, jobs, reports (steps 4 and 5) |
//! | [`device`] | agent → printer and chip reader (step 5) |
//! | [`setup`], [`tenant`], [`product`], [`stock`], [`card_stock`], [`timings`] | what a world is built from |
//! | [`order_override`] | bad orders, for rehearsal |
//! | [`links`] | links and messages by name |
//! | [`names`], [`stage`], [`place`], [`condition`], [`chip_failure`] | vocabulary of journals, scenarios and reports |

pub mod card_stock;
pub mod chip_failure;
pub mod condition;
pub mod device;
pub mod jobs;
pub mod kiosk;
pub mod latency;
pub mod links;
pub mod names;
pub mod order_override;
pub mod place;
pub mod product;
pub mod setup;
pub mod stage;
pub mod stock;
pub mod tenant;
pub mod time;
pub mod timings;

pub use condition::Condition;
pub use latency::{Latencies, Latency};
pub use links::{Door, Link, Message, NotALink};
pub use names::{CustomerName, Face, Machine, Step};
pub use place::{PathStation, Place, Serial};
pub use stage::Stage;
pub use time::Span;
