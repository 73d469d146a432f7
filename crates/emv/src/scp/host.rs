//! The host's side of a secure channel: bytes in, bytes out.
//!
//! ```text
//! Opening ──answered──▶ Proving ──answered──▶ HostSession ──wrap──▶ Awaiting
//!                                                   ▲                  │
//!                                                   └────answered──────┘
//! ```
//!
//! Each step takes the one before it away, so that no command is sent before the last one's answer
//! was checked, and nothing is sent after an answer that was wrong.

use zeroize::Zeroizing;

use super::bytes::{MAC, Mac, SECURED, mac_head, same};
use super::credentials::Credentials;
use super::engine::Engine;
use super::key_data::{KeyData, KeyVersion};
use super::level::SecurityLevel;
use super::protocol::{Challenge, Protocol, ResponseProtection};
use super::terms::Terms;
use super::{scp02, scp03};
use crate::aid::Aid;
use crate::dgi::{Dgi, DgiError};
use crate::kcv::KeyError;
use crate::store_data::{Encipherment, SplitError, StoreData, split_marked};

const DONE: [u8; 2] = [0x90, 0x00];

/// A channel before its first answer. The application (or security domain) is selected.
#[derive(Debug, Clone)]
pub struct Opening {
    terms: Terms,
    selected: Aid,
    challenge: Mac,
}

/// A channel whose chip has proved itself; the host has not been believed yet.
#[derive(Debug, Clone)]
pub struct Proving(HostSession);

/// An open channel.
#[derive(Debug, Clone)]
pub struct HostSession {
    engine: Engine,
    protocol: Protocol,
    level: SecurityLevel,
    key_data: KeyData,
}

/// An open channel with a command on its way.
#[derive(Debug, Clone)]
pub struct Awaiting(HostSession);

/// An answer, checked and in the clear.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The data; it may be secret.
    pub data: Zeroizing<Vec<u8>>,
    /// The two status bytes.
    pub status: [u8; 2],
}

/// Why a channel is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The chip refused.
    #[error("the chip answered {:02X}{:02X}", .0[0], .0[1])]
    Refused([u8; 2]),
    /// The answer has not the length of the protocol, or none of its shape.
    #[error("an answer of {found} bytes that is none of {protocol}")]
    Malformed {
        /// What is spoken.
        protocol: Protocol,
        /// How long it is, status included.
        found: usize,
    },
    /// The chip speaks another protocol, or another option of it.
    #[error("the chip does not speak {expected}")]
    Protocol {
        /// What the stock should speak.
        expected: Protocol,
    },
    /// The chip's keys have another version.
    #[error("keys of version {found:02X} where {expected} is agreed")]
    KeyVersion {
        /// What the stock should have.
        expected: KeyVersion,
        /// What the chip says.
        found: u8,
    },
    /// The card challenge is not what it must be.
    #[error("a card challenge that does not follow from the chip's keys")]
    Challenge,
    /// The chip does not know the keys.
    #[error("a card cryptogram that is wrong: other keys")]
    Cryptogram,
}

/// Why a command cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrapError {
    /// No short command.
    #[error("not a command with short lengths")]
    Malformed,
    /// There is no room for the data and its protection.
    #[error("{found} data bytes where a protected command has room for {room}")]
    TooLong {
        /// How many there are.
        found: usize,
        /// How many fit.
        room: usize,
    },
    /// The cipher refused.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Why data groupings cannot be made into commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The cipher refused.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A value that its encipherment makes too long.
    #[error(transparent)]
    Grouping(#[from] DgiError),
    /// They cannot be cut.
    #[error(transparent)]
    Split(#[from] SplitError),
}

/// Why an answer is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Fewer than two bytes.
    #[error("an answer of {0} bytes")]
    Short(usize),
    /// Only a status where a MAC is due: the chip has closed the channel.
    #[error("unprotected status {:02X}{:02X}", .0[0], .0[1])]
    Bare([u8; 2]),
    /// A MAC that is wrong.
    #[error("an answer with a wrong MAC")]
    Mac,
}

impl Opening {
    /// A channel on these terms to the selected application, with eight bytes that were drawn.
    pub fn new(terms: &Terms, selected: &Aid, challenge: [u8; 8]) -> Self {
        Self {
            terms: terms.clone(),
            selected: selected.clone(),
            challenge,
        }
    }

    /// INITIALIZE UPDATE.
    pub fn command(&self) -> Vec<u8> {
        let head = [0x80, 0x50, self.terms.key_version().number(), 0x00, 0x08];
        [&head[..], &self.challenge, &[0x00]].concat()
    }

    /// Takes the chip's answer, derives its keys, checks that it has them, and gives EXTERNAL
    /// AUTHENTICATE.
    ///
    /// # Errors
    /// Every [`OpenError`].
    pub fn answered(self, answer: &[u8]) -> Result<(Proving, Vec<u8>), OpenError> {
        let heard = self.read(done(answer, self.terms.protocol())?)?;
        self.prove(&self.terms.credentials(heard.key_data), &heard)
    }

    /// The same with the chip's keys at hand, as published traces have them.
    #[cfg(test)]
    pub(super) fn answered_under(
        self,
        credentials: &Credentials,
        answer: &[u8],
    ) -> Result<(Proving, Vec<u8>), OpenError> {
        let heard = self.read(done(answer, self.terms.protocol())?)?;
        self.prove(credentials, &heard)
    }

    fn prove(
        &self,
        credentials: &Credentials,
        heard: &Heard,
    ) -> Result<(Proving, Vec<u8>), OpenError> {
        let (mut engine, card, host) = match credentials {
            Credentials::Scp02(option, keys) => {
                let [s0, s1, challenge @ ..] = heard.challenge;
                let keys = scp02::session_keys(keys, [s0, s1]);
                if option.challenge() == Challenge::Computable
                    && scp02::card_challenge(&keys, &self.selected) != challenge
                {
                    return Err(OpenError::Challenge);
                }
                let card = scp02::card_cryptogram(&keys, self.challenge, [s0, s1], challenge);
                let host = scp02::host_cryptogram(&keys, self.challenge, [s0, s1], challenge);
                (Engine::Scp02(scp02::Session::new(keys)), card, host)
            }
            Credentials::Scp03(_, keys) => {
                if let Some(counter) = heard.counter
                    && scp03::card_challenge(keys, counter, &self.selected) != heard.challenge
                {
                    return Err(OpenError::Challenge);
                }
                let keys = scp03::session_keys(keys, self.challenge, heard.challenge);
                let card = scp03::card_cryptogram(&keys, self.challenge, heard.challenge);
                let host = scp03::host_cryptogram(&keys, self.challenge, heard.challenge);
                (Engine::Scp03(scp03::Session::new(keys)), card, host)
            }
        };
        if !same(&card, &heard.cryptogram) {
            return Err(OpenError::Cryptogram);
        }
        let level = self.terms.level();
        let head = [0x84, 0x82, level.byte(), 0x00];
        let mac = engine.mac_first(head, &host);
        let command = [&mac_head(head, MAC)[..], &host, &mac].concat();
        let session = HostSession {
            engine,
            protocol: self.terms.protocol(),
            level,
            key_data: heard.key_data,
        };
        Ok((Proving(session), command))
    }

    /// Splits the answer of INITIALIZE UPDATE and checks what can be checked without keys.
    fn read(&self, data: &[u8]) -> Result<Heard, OpenError> {
        let protocol = self.terms.protocol();
        let malformed = OpenError::Malformed {
            protocol,
            found: data.len() + 2,
        };
        let (key_data, rest) = data.split_first_chunk::<10>().ok_or(malformed)?;
        let ([version, number], rest) = rest.split_first_chunk::<2>().ok_or(malformed)?;
        if *number != protocol.number() {
            return Err(OpenError::Protocol { expected: protocol });
        }
        let expected = self.terms.key_version();
        if *version != expected.number() {
            let found = *version;
            return Err(OpenError::KeyVersion { expected, found });
        }
        let rest = match (protocol, rest) {
            (Protocol::Scp02(_), rest) => rest,
            (Protocol::Scp03(option), [found, rest @ ..]) if *found == option.byte() => rest,
            (Protocol::Scp03(_), _) => return Err(OpenError::Protocol { expected: protocol }),
        };
        let (challenge, rest) = rest.split_first_chunk::<8>().ok_or(malformed)?;
        let (cryptogram, rest) = rest.split_first_chunk::<8>().ok_or(malformed)?;
        let counter = match (protocol, protocol.challenge(), rest) {
            (Protocol::Scp03(_), Challenge::Computable, [a, b, c]) => Some([*a, *b, *c]),
            (Protocol::Scp03(_), Challenge::Random, []) | (Protocol::Scp02(_), _, []) => None,
            _ => return Err(malformed),
        };
        Ok(Heard {
            key_data: KeyData(*key_data),
            challenge: *challenge,
            cryptogram: *cryptogram,
            counter,
        })
    }
}

/// The parts of INITIALIZE UPDATE's answer; with SCP02 the challenge begins with the counter.
struct Heard {
    key_data: KeyData,
    challenge: Mac,
    cryptogram: Mac,
    counter: Option<[u8; 3]>,
}

/// The data of an answer whose status is `9000`.
fn done(answer: &[u8], protocol: Protocol) -> Result<&[u8], OpenError> {
    match answer.split_last_chunk::<2>() {
        Some((data, &DONE)) => Ok(data),
        Some((_, status)) => Err(OpenError::Refused(*status)),
        None => Err(OpenError::Malformed {
            protocol,
            found: answer.len(),
        }),
    }
}

impl Proving {
    /// Takes the answer of EXTERNAL AUTHENTICATE: the channel is open.
    ///
    /// # Errors
    /// [`OpenError::Refused`], [`OpenError::Malformed`].
    pub fn answered(self, answer: &[u8]) -> Result<HostSession, OpenError> {
        match answer {
            [0x90, 0x00] => Ok(self.0),
            [a, b] => Err(OpenError::Refused([*a, *b])),
            _ => Err(OpenError::Malformed {
                protocol: self.0.protocol,
                found: answer.len(),
            }),
        }
    }
}

impl HostSession {
    /// The chip's key data, which names it.
    pub fn key_data(&self) -> KeyData {
        self.key_data
    }

    /// The level of the session.
    pub fn level(&self) -> SecurityLevel {
        self.level
    }

    /// How many data bytes a short command has room for.
    pub fn room(&self) -> usize {
        match self.level {
            level if !level.has_command_mac() => 255,
            level if !level.has_command_cipher() => 255 - MAC,
            // Whole blocks with at least one byte of padding; 240 is a multiple of both sizes.
            _ => 239,
        }
    }

    /// Protects a plain command with short lengths.
    ///
    /// # Errors
    /// Every [`WrapError`]; the session is lost then, for nobody should go on after that.
    pub fn wrap(mut self, command: &[u8]) -> Result<(Awaiting, Vec<u8>), WrapError> {
        let (head, data, le) = split(command).ok_or(WrapError::Malformed)?;
        let room = self.room();
        if data.len() > room {
            let found = data.len();
            return Err(WrapError::TooLong { found, room });
        }
        if !self.level.has_command_mac() {
            self.engine.note_command(head, data);
            return Ok((Awaiting(self), command.to_vec()));
        }
        let body = self.engine.protect_command(self.level, head, data)?;
        let [cla, ins, p1, p2] = head;
        // Bounded by `room`.
        let lc = u8::try_from(body.len()).unwrap_or(u8::MAX);
        let mut bytes = vec![cla | SECURED, ins, p1, p2, lc];
        bytes.extend(body);
        bytes.extend(le);
        Ok((Awaiting(self), bytes))
    }

    /// The STORE DATA commands, plain, that load these data groupings: cut to the session's room,
    /// the secret ones enciphered and marked as such, with `Le` where the answer carries a MAC.
    /// Each is to be wrapped.
    ///
    /// # Errors
    /// Every [`LoadError`].
    pub fn store_data(&self, groupings: &[Dgi]) -> Result<Vec<Zeroizing<Vec<u8>>>, LoadError> {
        let marked: Result<Vec<_>, LoadError> = groupings
            .iter()
            .map(|dgi| {
                if dgi.id().is_secret() {
                    let value = self.encrypt_sensitive(dgi.value())?;
                    Ok((Dgi::new(dgi.id(), value)?, Encipherment::All))
                } else {
                    Ok((dgi.clone(), Encipherment::None))
                }
            })
            .collect();
        let le = match self.level.responses() {
            ResponseProtection::None => None,
            ResponseProtection::Mac | ResponseProtection::MacAndCipher => Some(0x00),
        };
        let command = |command: &StoreData| {
            let mut bytes = Zeroizing::new(command.to_apdu());
            bytes.extend(le);
            bytes
        };
        let commands = split_marked(&marked?, self.room())?;
        Ok(commands.iter().map(command).collect())
    }

    /// Enciphers the value of a secret data grouping, padded if it does not fill whole blocks:
    /// SCP02 under the session's key, SCP03 under the chip's own (documented).
    pub fn encrypt_sensitive(&self, value: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.engine.wrap_secret(value)
    }
}

/// Header, data and `Le` of a command with short lengths.
fn split(command: &[u8]) -> Option<([u8; 4], &[u8], Option<u8>)> {
    let (head, body) = command.split_first_chunk::<4>()?;
    match body {
        [] => Some((*head, &[], None)),
        [le] => Some((*head, &[], Some(*le))),
        [lc, rest @ ..] => match rest.split_at_checked(usize::from(*lc))? {
            ([], _) => None,
            (data, []) => Some((*head, data, None)),
            (data, [le]) => Some((*head, data, Some(*le))),
            _ => None,
        },
    }
}

impl Awaiting {
    /// Takes the answer and checks it.
    ///
    /// # Errors
    /// Every [`AnswerError`]; the session is over then.
    pub fn answered(self, answer: &[u8]) -> Result<(HostSession, Answer), AnswerError> {
        let Self(mut session) = self;
        let short = AnswerError::Short(answer.len());
        let (data, status) = answer.split_last_chunk::<2>().ok_or(short)?;
        match session.engine.open_answer(session.level, data, *status) {
            Some(data) => {
                let answer = Answer {
                    data,
                    status: *status,
                };
                Ok((session, answer))
            }
            None if data.is_empty() => Err(AnswerError::Bare(*status)),
            None => Err(AnswerError::Mac),
        }
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b] = self.status;
        write!(f, "Answer({} bytes, {a:02X}{b:02X})", self.data.len())
    }
}
