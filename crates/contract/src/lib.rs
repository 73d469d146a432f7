//! D1's documented contract for instant issuance, as pure types and rules: no I/O, no clock.
//!
//! What an issuer sends ([`order`], [`card`]), how D1 reads and refuses it ([`read`], [`refusal`]),
//! what D1 tells back ([`notification`], [`report`]), what it asks of the issuer ([`pin`]), and the words for why a production failed
//! ([`production`]). Where the public documentation leaves room, the rule is a switch ([`rules`]).
//! FIDELITY.md in this crate says of each behaviour whether it is documented, inferred or ours.

pub mod card;
pub mod dates;
pub mod ids;
pub mod jose;
mod json;
pub mod mark;
pub mod media;
pub mod names;
pub mod notification;
pub mod order;
pub mod path;
pub mod pin;
pub mod production;
pub mod read;
pub mod refusal;
pub mod report;
pub mod rules;
pub mod same;
pub mod seal;
pub mod secret;
pub mod token;
pub mod words;
