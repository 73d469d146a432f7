//! The chip's side of a secure channel.
//!
//! ```text
//! CardDomain ──challenge──▶ Challenged ──authenticate──▶ CardSession ──command, answer──▶ …
//! ```
//!
//! A session that was broken is gone: [`CardSession::command`] takes it and gives it back only with
//! a right MAC.

use zeroize::Zeroizing;

use super::bytes::{MAC, Mac, SECURED, first, same, unpadded};
use super::credentials::Credentials;
use super::engine::Engine;
use super::key_data::{KeyData, KeyVersion};
use super::level::SecurityLevel;
use super::protocol::{Challenge, Protocol};
use super::{scp02, scp03};
use crate::aid::Aid;
use crate::kcv::KeyError;

/// The sequence counter of a chip's keys: how many sessions they have seen. It stops at its end,
/// which for SCP02 is `FFFF` and for SCP03 `FFFFFF`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Counter(u32);

impl Counter {
    /// The counter of this value.
    pub fn new(value: u32) -> Self {
        Self(value)
    }

    /// The value.
    pub fn value(self) -> u32 {
        self.0
    }

    /// The next value; nothing at the end.
    pub fn next(self, protocol: Protocol) -> Option<Self> {
        (self.0 < Self::end(protocol)).then_some(Self(self.0 + 1))
    }

    /// The last value.
    pub fn end(protocol: Protocol) -> u32 {
        match protocol {
            Protocol::Scp02(_) => 0xFFFF,
            Protocol::Scp03(_) => 0x00FF_FFFF,
        }
    }
}

/// The security domain of a chip, as far as channels go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardDomain {
    /// The chip's keys and its protocol.
    pub credentials: Credentials,
    /// Their version.
    pub key_version: KeyVersion,
    /// What the chip says of itself.
    pub key_data: KeyData,
}

/// A chip that has answered INITIALIZE UPDATE.
#[derive(Debug, Clone)]
pub struct Challenged {
    engine: Engine,
    protocol: Protocol,
    host_cryptogram: Mac,
}

/// An open channel.
#[derive(Debug, Clone)]
pub struct CardSession {
    engine: Engine,
    level: SecurityLevel,
}

/// Why EXTERNAL AUTHENTICATE is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Authentication {
    /// The data is not a cryptogram and a MAC.
    #[error("not a cryptogram and a MAC")]
    Length,
    /// A level that the chip's option does not have, or none at all.
    #[error("a security level that the chip does not have")]
    Level,
    /// The host does not know the keys.
    #[error("a wrong host cryptogram")]
    Cryptogram,
    /// The cryptogram is right and the MAC is not.
    #[error("a wrong MAC")]
    Mac,
}

/// A command that is not protected as the session's level wants it: the session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a command that is not protected as the session wants it")]
pub struct Unprotected;

impl CardDomain {
    /// Answers INITIALIZE UPDATE: the data of the answer, and the chip that waits for proof.
    ///
    /// `random` becomes the card challenge where the option wants a random one (the first six
    /// bytes with SCP02); `selected` enters the computable one.
    pub fn challenge(
        &self,
        counter: Counter,
        selected: &Aid,
        random: [u8; 8],
        host: [u8; 8],
    ) -> (Challenged, Vec<u8>) {
        let [_, s0, s1, s2] = counter.value().to_be_bytes();
        let protocol = self.credentials.protocol();
        let mut answer = self.key_data.0.to_vec();
        answer.extend([self.key_version.number(), protocol.number()]);
        let (engine, host_cryptogram) = match &self.credentials {
            Credentials::Scp02(option, keys) => {
                let (counter, keys) = ([s1, s2], scp02::session_keys(keys, [s1, s2]));
                let card = match option.challenge() {
                    Challenge::Computable => scp02::card_challenge(&keys, selected),
                    Challenge::Random => first(&random),
                };
                answer.extend(counter);
                answer.extend(card);
                answer.extend(scp02::card_cryptogram(&keys, host, counter, card));
                let cryptogram = scp02::host_cryptogram(&keys, host, counter, card);
                (Engine::Scp02(scp02::Session::new(keys)), cryptogram)
            }
            Credentials::Scp03(option, keys) => {
                let (card, counter) = match option.challenge {
                    Challenge::Computable => {
                        let counter = [s0, s1, s2];
                        let card = scp03::card_challenge(keys, counter, selected);
                        (card, Some(counter))
                    }
                    Challenge::Random => (random, None),
                };
                let keys = scp03::session_keys(keys, host, card);
                answer.push(option.byte());
                answer.extend(card);
                answer.extend(scp03::card_cryptogram(&keys, host, card));
                answer.extend(counter.into_iter().flatten());
                let cryptogram = scp03::host_cryptogram(&keys, host, card);
                (Engine::Scp03(scp03::Session::new(keys)), cryptogram)
            }
        };
        let challenged = Challenged {
            engine,
            protocol,
            host_cryptogram,
        };
        (challenged, answer)
    }
}

impl Challenged {
    /// Checks EXTERNAL AUTHENTICATE: its header and data as they came.
    ///
    /// # Errors
    /// Every [`Authentication`].
    pub fn authenticate(
        mut self,
        head: [u8; 4],
        data: &[u8],
    ) -> Result<CardSession, Authentication> {
        let level = SecurityLevel::from_byte(head[2]).map_err(|_| Authentication::Level)?;
        if !self.protocol.allows(level) {
            return Err(Authentication::Level);
        }
        let Some((cryptogram, mac)) = data.split_at_checked(MAC) else {
            return Err(Authentication::Length);
        };
        if mac.len() != MAC {
            return Err(Authentication::Length);
        }
        if !same(cryptogram, &self.host_cryptogram) {
            return Err(Authentication::Cryptogram);
        }
        if !same(&self.engine.mac_first(head, cryptogram), mac) {
            return Err(Authentication::Mac);
        }
        Ok(CardSession {
            engine: self.engine,
            level,
        })
    }
}

impl CardSession {
    /// The level of the session.
    pub fn level(&self) -> SecurityLevel {
        self.level
    }

    /// Takes a command, header and data as they came: the session goes on, with the plain data.
    ///
    /// # Errors
    /// [`Unprotected`]: the session is over.
    pub fn command(
        mut self,
        head: [u8; 4],
        data: &[u8],
    ) -> Result<(Self, Zeroizing<Vec<u8>>), Unprotected> {
        let is_secured = head[0] & SECURED != 0;
        if is_secured != self.level.has_command_mac() {
            return Err(Unprotected);
        }
        if !is_secured {
            self.engine.note_command(head, data);
            return Ok((self, Zeroizing::new(data.to_vec())));
        }
        let plain = self.engine.open_command(self.level, head, data);
        plain.map(|plain| (self, plain)).ok_or(Unprotected)
    }

    /// Protects the answer to the command that was taken last: data, MAC and status as sent.
    ///
    /// # Errors
    /// None in practice: [`KeyError`] would be a cipher that refuses its own padding.
    pub fn answer(&mut self, data: &[u8], status: [u8; 2]) -> Result<Vec<u8>, KeyError> {
        self.engine.protect_answer(self.level, data, status)
    }

    /// How many data bytes an answer of at most 256 bytes has room for.
    pub fn answer_room(&self) -> usize {
        use super::protocol::ResponseProtection::{Mac, MacAndCipher, None};
        match self.level.responses() {
            None => 256,
            Mac => 256 - MAC,
            MacAndCipher => 239,
        }
    }

    /// Deciphers the value of a secret data grouping: as it is, and without the padding if it ends
    /// with one. Which of the two it is only the data grouping's own rule can tell.
    ///
    /// # Errors
    /// [`KeyError::NotWholeBlocks`].
    pub fn decrypt_sensitive(&self, value: &[u8]) -> Result<Sensitive, KeyError> {
        self.engine.unwrap_secret(value).map(Sensitive)
    }
}

/// A secret value that was deciphered.
#[derive(Clone)]
pub struct Sensitive(Zeroizing<Vec<u8>>);

impl Sensitive {
    /// As it was deciphered.
    pub fn whole(&self) -> &[u8] {
        &self.0
    }

    /// Without padding; nothing if it does not end with one.
    pub fn unpadded(&self) -> Option<&[u8]> {
        unpadded(&self.0)
    }
}
