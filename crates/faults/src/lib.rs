//! The catalogue: everything that can go wrong in instant issuance, by name.
//!
//! Each fault has a name, a place, the steps that it can strike, parameters with defaults, a sentence what it is, and the sentence
//! what D1's issuer sees. A fault is a typed value that carries its parameters, so that a fault with wrong parameters cannot be
//! written. The catalogue knows words and types and no machine: scenarios read it, the director of a world enacts it.
//!
//! | module | holds |
//! |---|---|
//! | [`place`] | the faults themselves, a file for each place |
//! | [`fault`] | a fault with what it strikes |
//! | [`when`] | when it strikes |
//! | [`milestone`] | the named moments of the flow |
//! | [`action`] | what operators and staff do about it |
//! | [`protection`] | what protects machines, and the behaviour without |
//! | [`law`] | the laws by name |
//! | [`mod@entry`], [`value`] | what an entry and a parameter are made of |
//!
//! To add a fault: one entry in its place's file here, and one arm in the file of the same name below the world's `director/enact`.
//! Scenario language, schema, reference and command line follow by themselves.

#[macro_use]
mod words;
#[macro_use]
mod macros;

pub mod action;
pub mod entry;
pub mod fault;
pub mod law;
pub mod milestone;
pub mod place;
pub mod protection;
pub mod value;
pub mod when;

pub use action::Action;
pub use entry::{Aim, Arguments, Entry, Onset, Param, Place};
pub use fault::{Fault, FaultId, Target, catalogue, entry};
pub use law::Law;
pub use milestone::Milestone;
pub use protection::{Behaviour, Protections};
pub use when::When;
