//! The security domain in a chip's file, and back.

use std::num::NonZeroU8;

use persotwin_emv::aes_key::AesKey;
use persotwin_emv::kcv::KeyError;
use persotwin_emv::scp::{
    CardDomain, ChannelKeys, Counter, Credentials, KeyData, KeyVersion, Protocol, SecurityLevel,
};
use persotwin_emv::tdes::TdesKey;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::chip::ChipSerial;
use crate::domain::{Domain, Tries};

/// A security domain as a file holds it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct DomainImage {
    /// Protocol and option.
    #[zeroize(skip)]
    protocol: Protocol,
    /// Keys 1, 2 and 3, hexadecimal.
    keys: [String; 3],
    /// Their version.
    #[zeroize(skip)]
    key_version: KeyVersion,
    /// What the chip says of itself.
    #[serde(with = "hex::serde")]
    key_data: [u8; 10],
    /// The least level at which it takes data.
    #[zeroize(skip)]
    level: SecurityLevel,
    /// The sequence counter.
    counter: u32,
    /// How often it was challenged.
    drawn: u32,
    /// How often a channel may still fail to open.
    tries_left: u8,
    /// How often at first.
    #[zeroize(skip)]
    tries: NonZeroU8,
}

/// Why an image is none of a security domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DomainImageError {
    /// A key of the wrong kind.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A level that the protocol's option does not have.
    #[error("{0} has no security level {1}")]
    Level(Protocol, SecurityLevel),
    /// A counter behind its end.
    #[error("a sequence counter of {0}")]
    Counter(u32),
    /// More tries left than there ever were.
    #[error("{left} of {limit} tries left")]
    Tries {
        /// How many are left.
        left: u8,
        /// How many there were.
        limit: NonZeroU8,
    },
    /// Key data of another chip.
    #[error("key data {0}, which are another chip's")]
    KeyData(KeyData),
}

impl From<&Domain> for DomainImage {
    fn from(domain: &Domain) -> Self {
        let keys = match &domain.card.credentials {
            Credentials::Scp02(_, ChannelKeys { enc, mac, dek }) => {
                [enc, mac, dek].map(|key| hex::encode_upper(key.expose()))
            }
            Credentials::Scp03(_, ChannelKeys { enc, mac, dek }) => {
                [enc, mac, dek].map(|key| hex::encode_upper(key.expose()))
            }
        };
        Self {
            protocol: domain.protocol(),
            keys,
            key_version: domain.key_version(),
            key_data: domain.key_data().0,
            level: domain.level(),
            counter: domain.counter().value(),
            drawn: domain.drawn,
            tries_left: domain.tries.left,
            tries: domain.tries.limit,
        }
    }
}

impl DomainImage {
    /// The domain of the chip with this serial number.
    pub(crate) fn restore(&self, serial: ChipSerial) -> Result<Domain, DomainImageError> {
        let (protocol, level) = (self.protocol, self.level);
        if !protocol.allows(level) {
            return Err(DomainImageError::Level(protocol, level));
        }
        if self.counter > Counter::end(protocol) {
            return Err(DomainImageError::Counter(self.counter));
        }
        if self.tries_left > self.tries.get() {
            let (left, limit) = (self.tries_left, self.tries);
            return Err(DomainImageError::Tries { left, limit });
        }
        if self.key_data[6..] != serial.0[4..] {
            return Err(DomainImageError::KeyData(KeyData(self.key_data)));
        }
        Ok(Domain {
            card: CardDomain {
                credentials: self.credentials()?,
                key_version: self.key_version,
                key_data: KeyData(self.key_data),
            },
            level,
            counter: Counter::new(self.counter),
            drawn: self.drawn,
            tries: Tries {
                left: self.tries_left,
                limit: self.tries,
            },
        })
    }

    fn credentials(&self) -> Result<Credentials, KeyError> {
        let [enc, mac, dek] = &self.keys;
        match self.protocol {
            Protocol::Scp02(option) => {
                let key = |text: &str| TdesKey::from_hex(text);
                let (enc, mac, dek) = (key(enc)?, key(mac)?, key(dek)?);
                Ok(Credentials::Scp02(option, ChannelKeys { enc, mac, dek }))
            }
            Protocol::Scp03(option) => {
                let key = |text: &str| AesKey::from_hex(text);
                let (enc, mac, dek) = (key(enc)?, key(mac)?, key(dek)?);
                Ok(Credentials::Scp03(option, ChannelKeys { enc, mac, dek }))
            }
        }
    }
}
