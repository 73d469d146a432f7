//! The chip's security domain: the keys that it was delivered with, and what guards them.
//!
//! ```text
//!            wrong cryptogram or MAC, tries left     wrong, no tries left
//!   Usable ──────────────────────────────────▶ Usable ─────────────▶ Locked: 6983, for ever
//!      ▲                                          │
//!      └── EXTERNAL AUTHENTICATE done: all tries ─┘
//! ```
//!
//! A channel that could not be opened costs a try, one that was opened gives them all back (ours;
//! real chips do this and worse). What follows is counted, so that no session's keys come twice:
//! SCP02 counts opened sessions, SCP03 challenges (inferred).

use std::fmt;
use std::num::NonZeroU8;

use persotwin_emv::aid::Aid;
use persotwin_emv::scp::{
    CardDomain, Challenged, Counter, Credentials, KeyData, KeyVersion, MasterKeyId, Protocol,
    SecurityLevel, Terms,
};
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::TlvWriter;

use crate::chip::ChipSerial;
use crate::status::Status;
use crate::tlv;

/// How the maker of a stock prepares its chips for whoever personalises them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factory {
    /// Protocol, transport key, diversification, key version, and the least level for data.
    pub terms: Terms,
    /// Which master key that is, for the key data.
    pub master_key: MasterKeyId,
    /// How often in a row a channel may fail to open.
    pub tries: NonZeroU8,
}

impl Factory {
    /// How often in a row a channel may fail to open if nothing else is said (ours; real chips have
    /// such limits, from a few tries to a few hundred).
    pub const TRIES: NonZeroU8 = NonZeroU8::new(10).unwrap();

    /// Chips on these terms, under a master key of no issuer.
    pub fn new(terms: Terms) -> Self {
        Self {
            terms,
            master_key: MasterKeyId::default(),
            tries: Self::TRIES,
        }
    }
}

/// The security domain. `Debug` shows its keys' check values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    pub(crate) card: CardDomain,
    pub(crate) level: SecurityLevel,
    pub(crate) counter: Counter,
    pub(crate) drawn: u32,
    pub(crate) tries: Tries,
}

/// How often a channel may still fail to open, and how often at first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tries {
    pub(crate) left: u8,
    pub(crate) limit: NonZeroU8,
}

impl Domain {
    /// Its name, which a SELECT without a name finds too (documented: the usual name of an issuer
    /// security domain).
    pub const NAME: [u8; 8] = [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00];

    /// The domain of a chip that comes from its maker.
    pub(crate) fn delivered(factory: &Factory, serial: ChipSerial) -> Self {
        let [.., s4, s5, s6, s7] = serial.0;
        let key_data = KeyData::new(factory.master_key, [s4, s5, s6, s7]);
        Self {
            card: CardDomain {
                credentials: factory.terms.credentials(key_data),
                key_version: factory.terms.key_version(),
                key_data,
            },
            level: factory.terms.level(),
            counter: Counter::default(),
            drawn: 0,
            tries: Tries {
                left: factory.tries.get(),
                limit: factory.tries,
            },
        }
    }

    /// Protocol and option.
    pub fn protocol(&self) -> Protocol {
        self.card.credentials.protocol()
    }

    /// Version of its keys.
    pub fn key_version(&self) -> KeyVersion {
        self.card.key_version
    }

    /// What it says of itself to whoever must find its keys.
    pub fn key_data(&self) -> KeyData {
        self.card.key_data
    }

    /// The least level at which it takes data.
    pub fn level(&self) -> SecurityLevel {
        self.level
    }

    /// The sequence counter.
    pub fn counter(&self) -> Counter {
        self.counter
    }

    /// How often a channel may still fail to open.
    pub fn tries_left(&self) -> u8 {
        self.tries.left
    }

    /// Whether no channel can be opened any more.
    pub fn is_locked(&self) -> bool {
        self.tries.left == 0
    }

    /// Answers INITIALIZE UPDATE: the domain afterwards, the chip that waits, the answer's data.
    ///
    /// # Errors
    /// [`Status::DomainLocked`] when it is locked, [`Status::ReferenceNotFound`] for another key version,
    /// [`Status::ConditionsNotSatisfied`] when its counter is at its end.
    pub(crate) fn challenge(
        &self,
        version: u8,
        selected: &Aid,
        host: [u8; 8],
    ) -> Result<(Self, Challenged, Vec<u8>), Status> {
        if self.is_locked() {
            return Err(Status::DomainLocked);
        }
        if version != KeyVersion::ANY && version != self.key_version().number() {
            return Err(Status::ReferenceNotFound);
        }
        let next = self.counter.next(self.protocol());
        let next = next.ok_or(Status::ConditionsNotSatisfied)?;
        let mut after = self.clone();
        after.drawn = self.drawn.wrapping_add(1);
        if matches!(self.protocol(), Protocol::Scp03(_)) {
            after.counter = next;
        }
        let random = after.draw();
        let (challenged, answer) = after.card.challenge(after.counter, selected, random, host);
        Ok((after, challenged, answer))
    }

    /// Eight bytes that nobody else can tell beforehand: the chip has no chance of its own, and
    /// enciphers how often it has drawn (ours).
    fn draw(&self) -> [u8; 8] {
        let [d0, d1, d2, d3] = self.drawn.to_be_bytes();
        let [.., s0, s1, s2, s3] = self.card.key_data.0;
        let block = [s0, s1, s2, s3, d0, d1, d2, d3];
        match &self.card.credentials {
            Credentials::Scp02(_, keys) => keys.dek.encrypt_block(block),
            Credentials::Scp03(_, keys) => {
                let [.., e0, e1, e2, e3, e4, e5, e6, e7] = keys.dek.cmac(&block);
                [e0, e1, e2, e3, e4, e5, e6, e7]
            }
        }
    }

    /// The domain after a channel was opened.
    pub(crate) fn opened(&self) -> Self {
        let mut after = self.clone();
        after.tries.left = self.tries.limit.get();
        if matches!(self.protocol(), Protocol::Scp02(_)) {
            // There is a next one, or there would have been no challenge.
            after.counter = self.counter.next(self.protocol()).unwrap_or(self.counter);
        }
        after
    }

    /// The domain after a channel failed to open.
    pub(crate) fn failed(&self) -> Self {
        let mut after = self.clone();
        after.tries.left = self.tries.left.saturating_sub(1);
        after
    }

    /// Its name, as that of an application.
    pub(crate) fn aid() -> Option<Aid> {
        Aid::new(&Self::NAME).ok()
    }

    /// What SELECT answers: `6F{84, A5{9F65}}`, the last of which is the longest data of a command
    /// (documented).
    pub(crate) fn select_answer() -> Vec<u8> {
        let content = TlvWriter::new().put(Tag::MAX_COMMAND_DATA, &[0xFF]);
        let answer = TlvWriter::new()
            .put(Tag::DF_NAME, &Self::NAME)
            .nest(Tag::FCI_PROPRIETARY, content);
        tlv::written(TlvWriter::new().nest(Tag::FCI, answer))
    }

    /// A data object: `66` the recognition data, which name protocol and option; `E0` which keys
    /// there are; `CF` the key data (documented).
    pub(crate) fn data_object(&self, tag: Tag) -> Result<Vec<u8>, Status> {
        match tag {
            Tag::RECOGNITION_DATA => Ok(self.recognition_data()),
            Tag::KEY_INFORMATION => Ok(self.key_information()),
            Tag::KEY_DATA => Ok(tlv::written(TlvWriter::new().put(tag, &self.key_data().0))),
            _ => Err(Status::ReferenceNotFound),
        }
    }

    /// `66{73{06, 60{06}, 63{06}, 64{06}}}`: object identifiers under that of `GlobalPlatform`, of
    /// the card's recognition data, its version 2.2, its way of identification and its protocol.
    fn recognition_data(&self) -> Vec<u8> {
        let id = |arc: &[u8]| {
            let platform = [0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B];
            TlvWriter::new().put(Tag::OBJECT_IDENTIFIER, &[&platform[..], arc].concat())
        };
        let protocol = self.protocol();
        let data = id(&[1])
            .nest(Tag::PLATFORM_VERSION, id(&[2, 2, 2]))
            .nest(Tag::IDENTIFICATION_SCHEME, id(&[3]))
            .nest(
                Tag::CHANNEL_PROTOCOL,
                id(&[4, protocol.number(), protocol.option()]),
            );
        let data = TlvWriter::new().nest(Tag::RECOGNITION_CONTENT, data);
        tlv::written(TlvWriter::new().nest(Tag::RECOGNITION_DATA, data))
    }

    /// `E0{C0…}`, one for each key: number, version, kind, length.
    fn key_information(&self) -> Vec<u8> {
        let (kind, len) = match &self.card.credentials {
            Credentials::Scp02(..) => (0x80, 16),
            // The three sizes of AES are far below 256 bytes.
            Credentials::Scp03(_, keys) => {
                (0x88, u8::try_from(keys.enc.expose().len()).unwrap_or(0))
            }
        };
        let version = self.key_version().number();
        let keys = (1..=3).fold(TlvWriter::new(), |keys, number| {
            keys.put(Tag::KEY_INFORMATION_ENTRY, &[number, version, kind, len])
        });
        tlv::written(TlvWriter::new().nest(Tag::KEY_INFORMATION, keys))
    }
}

impl fmt::Debug for Tries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.left, self.limit)
    }
}
