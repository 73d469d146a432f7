//! The keys of one chip, with the protocol that they are for.

use super::protocol::{Protocol, Scp02Option, Scp03Option};
use crate::aes_key::AesKey;
use crate::tdes::TdesKey;

/// The three keys of a chip's security domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelKeys<K> {
    /// Key 1, for authentication and encipherment.
    pub enc: K,
    /// Key 2, for MACs.
    pub mac: K,
    /// Key 3, for wrapping secrets.
    pub dek: K,
}

impl<K> ChannelKeys<K> {
    /// The three keys by their numbers 1, 2 and 3.
    pub(super) fn numbered(key: impl Fn(u8) -> K) -> Self {
        Self {
            enc: key(1),
            mac: key(2),
            dek: key(3),
        }
    }
}

impl<K: Clone> ChannelKeys<K> {
    /// One key three times.
    pub fn same(key: K) -> Self {
        Self {
            enc: key.clone(),
            mac: key.clone(),
            dek: key,
        }
    }
}

/// A chip's keys and the protocol that it speaks with them. `Debug` shows check values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Triple DES.
    Scp02(Scp02Option, ChannelKeys<TdesKey>),
    /// AES.
    Scp03(Scp03Option, ChannelKeys<AesKey>),
}

impl Credentials {
    /// The protocol.
    pub fn protocol(&self) -> Protocol {
        match self {
            Self::Scp02(option, _) => Protocol::Scp02(*option),
            Self::Scp03(option, _) => Protocol::Scp03(*option),
        }
    }
}
