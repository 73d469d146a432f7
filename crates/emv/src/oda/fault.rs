//! What is wrong with a card that does not prove itself.

use crate::tag::Tag;

/// Why offline data authentication fails. No variant carries card data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Fault {
    /// The card lacks a data object that it needs.
    #[error("tag {0} is missing")]
    Missing(Tag),
    /// The terminal knows no key of the application's provider with the index of tag 8F.
    #[error("no authority with the index of tag 8F is known")]
    UnknownAuthority,
    /// Tag 9F4A names something else than the interchange profile.
    #[error("tag 9F4A names more than tag 82")]
    StaticTags,
    /// A record that takes part is not a template 70.
    #[error("a signed record is not a template")]
    SignedRecord,
    /// A certificate is not what it should be.
    #[error("{0} certificate: {1}")]
    Certificate(Whose, Check),
    /// A certificate is of another issuer or card than the card number says.
    #[error("{0} certificate is for another card number")]
    Subject(Whose),
    /// A certificate has expired.
    #[error("{0} certificate has expired")]
    Expired(Whose),
    /// The card's signature is not what it should be.
    #[error("signature: {0}")]
    Signature(Check),
    /// The answer that the card signed is not the answer that it gave.
    #[error("the signature is over another answer")]
    OtherAnswer,
}

/// Whose certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// The issuer's, made by the authority: tag 90.
    Issuer,
    /// The card's, made by the issuer: tag 9F46.
    Card,
}

impl std::fmt::Display for Whose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Issuer => "issuer's",
            Self::Card => "card's",
        })
    }
}

/// Which check of a recovered signature fails, in the order in which they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Check {
    /// It is not as long as the key that made it, or no number below it.
    #[error("not of the length of its key")]
    Length,
    /// The last byte is not `BC`.
    #[error("wrong trailer")]
    Trailer,
    /// The first byte is not `6A`.
    #[error("wrong header")]
    Header,
    /// The format is another.
    #[error("wrong format")]
    Format,
    /// The hash is not SHA-1, or the key not RSA.
    #[error("unknown algorithm")]
    Algorithm,
    /// The lengths within do not fit.
    #[error("wrong lengths")]
    Lengths,
    /// A date or number within is none.
    #[error("wrong field")]
    Field,
    /// The hash is over other data.
    #[error("wrong hash")]
    Hash,
    /// The key within is no key.
    #[error("not a key")]
    Key,
}
