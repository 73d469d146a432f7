//! The twin looks for trouble by itself: a seed draws a world, the world lives through a bad day, and whatever breaks a law is made small.
//!
//! ```text
//! seed ─ draw ─▶ draft ─ text, parse ─▶ plan ─ live ─▶ story, breach ─ shrink ─▶ a file for people
//!                                                  └─▶ census
//! ```
//!
//! | room | holds |
//! |---|---|
//! | [`mod@draw`] | a seed to a world, each aspect drawn under its name |
//! | [`draft`], [`value`] | a scenario as values, and as the text of a file |
//! | [`life`] | one life of a world, ended where a law breaks |
//! | `manner` | in which manner a law broke |
//! | [`census`] | how hard the worlds were, and what they reached |
//! | [`mod@shrink`] | delta debugging over a scenario's values |
//! | [`range`], [`shard`] | which seeds are explored, and which share of them by one process |
//! | [`share`] | how far a process came with its share, and which seeds two have in common |
//! | [`report`] | what was found, as lines that several processes can merge |
//!
//! Nothing here takes the wall clock or starts a thread: who explores with several cores lets several worlds live at once.

pub mod census;
pub mod draft;
pub mod draw;
pub mod life;
mod manner;
pub mod range;
pub mod report;
pub mod shard;
pub mod share;
pub mod shrink;
mod title;
pub mod value;

pub use census::Census;
pub use draft::Draft;
pub use draw::draw;
pub use life::{Finding, LifeError, Lived, Wrong, live};
pub use range::Seeds;
pub use shard::Shard;
pub use share::{Ended, Share};
pub use shrink::{Left, Shrunk, shrink};
