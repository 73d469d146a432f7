//! Offline data authentication: a card proves to a terminal alone that its issuer made it (EMV Book 2
//! sections 5 and 6, documented).
//!
//! ```text
//! authority's public key, known to the terminal by application provider and index (tag 8F)
//!   └ issuer's certificate (90, 92, 9F32): the authority vouches for the issuer's key
//!       └ card's certificate (9F46, 9F48, 9F47): the issuer vouches for the card's key and data
//!           └ signature (9F4B): the card answers this terminal, now
//! ```
//!
//! A signature recovers to `6A`, a format, fields, a SHA-1 hash, and `BC`. What does not fit into a
//! certificate is its remainder. There are two methods: with DDA the card signs what the terminal
//! sends by INTERNAL AUTHENTICATE; with CDA it signs its cryptogram.
//!
//! | room | holds |
//! |---|---|
//! | [`rsa`] | public and private keys, the raw operation |
//! | [`certificate`] | certificates of issuers and cards: made, and recovered |
//! | [`signature`] | the card's signatures: made, and recovered |
//! | [`credentials`] | what data preparation needs, and the records and groupings that come of it |
//! | [`authority`], [`chain`] | the terminal's side: whom it trusts, and the way from there to the card's key |
//! | [`test_keys`] | ready keys that everybody has |
//!
//! SDA is not here: the facts that all cards of a kind share can be copied with them, and schemes
//! have given it up.

pub mod authority;
pub mod certificate;
pub mod chain;
pub mod credentials;
mod fault;
pub mod rsa;
pub mod signature;
pub mod test_keys;

pub use authority::{Authority, Rid};
pub use certificate::Certificate;
pub use credentials::{CardCredentials, IssuerCredentials};
pub use fault::{Check, Fault, Whose};
pub use rsa::{Exponent, PrivateKey, PublicKey};

use crate::afl::Capability;

/// How a card proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Dynamic data authentication: by INTERNAL AUTHENTICATE.
    Dda,
    /// Combined with the cryptogram: by GENERATE AC. Such a card offers DDA too (ours).
    Cda,
}

impl Method {
    /// What the interchange profile tells of a card with this method.
    pub fn capabilities(self) -> &'static [Capability] {
        match self {
            Self::Dda => &[Capability::DynamicAuthentication],
            Self::Cda => &[
                Capability::DynamicAuthentication,
                Capability::CombinedAuthentication,
            ],
        }
    }
}

#[cfg(test)]
mod chain_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vector_tests;
