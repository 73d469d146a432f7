//! Secure channels of `GlobalPlatform`: how a personalising host and a chip prove to each other that
//! they know the chip's keys, and how they protect what they say afterwards. Both ends, pure.
//!
//! ```text
//!  host                                                            chip
//!  Opening ── INITIALIZE UPDATE: host challenge ───────────────────▶
//!          ◀── key data, key version, card challenge, cryptogram ──  Challenged
//!  (derives the chip's keys, checks the cryptogram)
//!  Proving ── EXTERNAL AUTHENTICATE: level, cryptogram, C-MAC ─────▶ (checks both)
//!          ◀── 9000 ───────────────────────────────────────────────  CardSession
//!  HostSession ── wrapped commands ─────────────────────────────────▶
//!              ◀── wrapped answers ────────────────────────────────
//! ```
//!
//! A wrong answer ends the host's side; a wrong cryptogram or MAC ends the chip's. There is no way
//! back into a session: both ends derive new keys.
//!
//! | room | holds |
//! |---|---|
//! | [`Protocol`], [`SecurityLevel`] | what can be spoken, and how well protected |
//! | [`KeyData`], [`MasterKeyId`], [`KeyVersion`], [`Diversification`] | whose keys, and how they follow from the stock's |
//! | [`Terms`], [`Credentials`] | a checked set of all that: of a stock, of one chip |
//! | [`Opening`], [`Proving`], [`HostSession`], [`Awaiting`] | the host's side |
//! | [`CardDomain`], [`Challenged`], [`CardSession`] | the chip's side |
//! | [`scp02`], [`scp03`] | the cryptography of each, to try a vector on |

mod bytes;
mod card;
mod credentials;
mod diversify;
mod engine;
mod host;
mod key_data;
mod level;
mod protocol;
pub mod scp02;
pub mod scp03;
mod terms;

#[cfg(test)]
mod session_tests;
#[cfg(test)]
mod vector_tests;

pub use card::{
    Authentication, CardDomain, CardSession, Challenged, Counter, Sensitive, Unprotected,
};
pub use credentials::{ChannelKeys, Credentials};
pub use diversify::{Diversification, DiversificationError, emv_cps, kdf3, visa2};
pub use host::{
    Answer, AnswerError, Awaiting, HostSession, LoadError, OpenError, Opening, Proving, WrapError,
};
pub use key_data::{KeyData, KeyVersion, KeyVersionError, MasterKeyId, MasterKeyIdError};
pub use level::{LevelError, SecurityLevel};
pub use protocol::{
    Challenge, Protocol, ProtocolError, ResponseProtection, Scp02Option, Scp03Option,
};
pub use terms::{Terms, TermsError, TermsText};
