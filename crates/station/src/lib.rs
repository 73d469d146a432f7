//! The hardware of a perso station: one machine with two faces, a card printer and a chip reader.
//!
//! What is made of plastic and steel lies in [`Physical`], which outlives every crash and power cut: blanks, cards, hoppers, ribbon,
//! the reject bin. What [`run`] starts is the electronics: it answers at the two faces of [`persotwin_link::device`], moves cards, and
//! dies with its machine. A movement that it dies in stops half way.
//!
//! ```text
//!   agent ──HTTP──▶ http ──▶ machine ──▶ Physical ◀── customers, staff, operators
//!                            (timers)       │
//!                                           └──▶ journal: what really happened, in the station's name
//! ```
//!
//! The pure models are `persotwin-printer` and `persotwin-chip`. Everything here is ours: device faces differ from vendor to vendor.
//!
//! | room | holds |
//! |---|---|
//! | [`physical`] | the handle on the physical world, for electronics and people |
//! | `plant` | printer and what is noted beside it; turns what happened into events |
//! | `essence` | what can really be read on chip, stripe and front, as fingerprints |
//! | `shown` | APDUs as a journal may show them |
//! | `machine` | movements and waits of the electronics |
//! | `http` | the two faces |

mod essence;
mod http;
mod machine;
pub mod physical;
mod plant;
mod shown;

pub use machine::run;
pub use physical::{CardAtExit, Physical, Wanted};
