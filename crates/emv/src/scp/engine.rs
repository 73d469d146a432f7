//! What both ends of a session do, whichever the protocol.

use zeroize::Zeroizing;

use super::bytes::{MAC, Mac, same};
use super::level::SecurityLevel;
use super::protocol::ResponseProtection;
use super::{scp02, scp03};
use crate::kcv::KeyError;

/// A session's keys and counters.
#[derive(Debug, Clone)]
pub(super) enum Engine {
    Scp02(scp02::Session),
    Scp03(scp03::Session),
}

impl Engine {
    /// The MAC of EXTERNAL AUTHENTICATE, the first command that has one.
    pub(super) fn mac_first(&mut self, head: [u8; 4], data: &[u8]) -> Mac {
        match self {
            Self::Scp02(session) => session.mac_command(head, data),
            Self::Scp03(session) => session.mac_command(head, data),
        }
    }

    /// The data field of a command as it is sent.
    pub(super) fn protect_command(
        &mut self,
        level: SecurityLevel,
        head: [u8; 4],
        plain: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let enciphers = level.has_command_cipher() && !plain.is_empty();
        match self {
            // SCP02 takes the MAC over the plain data, SCP03 over what is sent.
            Self::Scp02(session) => {
                session.ask(head, plain);
                let mac = session.mac_command(head, plain);
                let body = if enciphers {
                    session.encipher_command(plain)?
                } else {
                    plain.to_vec()
                };
                Ok([&body[..], &mac].concat())
            }
            Self::Scp03(session) => {
                session.count();
                let body = if enciphers {
                    session.encipher_command(plain)?
                } else {
                    plain.to_vec()
                };
                let mac = session.mac_command(head, &body);
                Ok([&body[..], &mac].concat())
            }
        }
    }

    /// A command that goes unprotected still is the one that the next answer belongs to.
    pub(super) fn note_command(&mut self, head: [u8; 4], plain: &[u8]) {
        match self {
            Self::Scp02(session) => session.ask(head, plain),
            Self::Scp03(session) => session.count(),
        }
    }

    /// The plain data of a command as it came; nothing if its MAC is not right.
    pub(super) fn open_command(
        &mut self,
        level: SecurityLevel,
        head: [u8; 4],
        data: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let (body, mac) = data.split_at_checked(data.len().checked_sub(MAC)?)?;
        let enciphered = level.has_command_cipher() && !body.is_empty();
        match self {
            Self::Scp02(session) => {
                let plain = if enciphered {
                    session.decipher_command(body)?
                } else {
                    Zeroizing::new(body.to_vec())
                };
                session.ask(head, &plain);
                same(&session.mac_command(head, &plain), mac).then_some(plain)
            }
            Self::Scp03(session) => {
                session.count();
                if !same(&session.mac_command(head, body), mac) {
                    return None;
                }
                if enciphered {
                    session.decipher_command(body)
                } else {
                    Some(Zeroizing::new(body.to_vec()))
                }
            }
        }
    }

    /// An answer as it is sent: data, MAC, status.
    ///
    /// SCP03 protects no answer with an error status (documented); SCP02 protects every answer to a
    /// command that was taken (inferred: its specification makes no exception).
    pub(super) fn protect_answer(
        &mut self,
        level: SecurityLevel,
        plain: &[u8],
        status: [u8; 2],
    ) -> Result<Vec<u8>, KeyError> {
        let responses = level.responses();
        let (body, mac) = match self {
            _ if responses == ResponseProtection::None => (plain.to_vec(), None),
            Self::Scp02(session) => (plain.to_vec(), Some(session.mac_answer(plain, status))),
            Self::Scp03(_) if is_error(status) => (Vec::new(), None),
            Self::Scp03(session) => {
                let body = if responses == ResponseProtection::MacAndCipher && !plain.is_empty() {
                    session.encipher_answer(plain)?
                } else {
                    plain.to_vec()
                };
                let mac = session.mac_answer(&body, status);
                (body, Some(mac))
            }
        };
        let mac = mac.as_ref().map_or(&[][..], |mac| mac);
        Ok([&body[..], mac, &status].concat())
    }

    /// The plain data of an answer as it came; nothing if its MAC is not right.
    pub(super) fn open_answer(
        &mut self,
        level: SecurityLevel,
        data: &[u8],
        status: [u8; 2],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let responses = level.responses();
        let is_bare = responses == ResponseProtection::None
            || matches!(self, Self::Scp03(_)) && is_error(status) && data.is_empty();
        if is_bare {
            return Some(Zeroizing::new(data.to_vec()));
        }
        let (body, mac) = data.split_at_checked(data.len().checked_sub(MAC)?)?;
        let right = match self {
            Self::Scp02(session) => session.check_answer(body, status, mac),
            Self::Scp03(session) => session.check_answer(body, status, mac),
        };
        match self {
            _ if !right => None,
            Self::Scp03(session)
                if responses == ResponseProtection::MacAndCipher && !body.is_empty() =>
            {
                session.decipher_answer(body)
            }
            _ => Some(Zeroizing::new(body.to_vec())),
        }
    }

    /// A secret value enciphered for the chip, padded if it does not fill whole blocks.
    pub(super) fn wrap_secret(&self, secret: &[u8]) -> Result<Vec<u8>, KeyError> {
        match self {
            Self::Scp02(session) => session.wrap_secret(secret),
            Self::Scp03(session) => session.wrap_secret(secret),
        }
    }

    /// A secret value deciphered, its padding still behind it.
    pub(super) fn unwrap_secret(&self, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        match self {
            Self::Scp02(session) => session.unwrap_secret(wrapped),
            Self::Scp03(session) => session.unwrap_secret(wrapped),
        }
    }
}

/// Every status but `9000` and the warnings `62xx` and `63xx`.
fn is_error(status: [u8; 2]) -> bool {
    !matches!(status, [0x90, 0x00] | [0x62 | 0x63, _])
}
