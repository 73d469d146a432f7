//! Certification authorities: whom a terminal trusts.

use std::fmt;

use super::certificate::hash;
use super::rsa::PublicKey;
use crate::aid::Aid;

/// The registered provider of an application: the first five bytes of its identifier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rid(pub [u8; 5]);

impl Rid {
    /// Of an application.
    pub fn of(aid: &Aid) -> Self {
        // An identifier has five bytes at least.
        Self(aid.as_bytes().first_chunk().copied().unwrap_or_default())
    }
}

impl fmt::Display for Rid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode_upper(self.0))
    }
}

impl fmt::Debug for Rid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rid({self})")
    }
}

/// A public key of an authority, as it is loaded into terminals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// For whose applications.
    pub rid: Rid,
    /// The index by which tag 8F names it.
    pub index: u8,
    /// The key.
    pub key: PublicKey,
}

impl Authority {
    /// The check sum that such keys are published with: SHA-1 over provider, index, modulus and
    /// exponent (documented).
    pub fn check_sum(&self) -> [u8; 20] {
        let key = &self.key;
        hash(&[
            &self.rid.0,
            &[self.index],
            key.modulus(),
            key.exponent().bytes(),
        ])
    }
}
