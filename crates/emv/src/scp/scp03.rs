//! SCP03 with MACs of 8 bytes, S8 (GlobalPlatform Amendment D; documented).

use zeroize::Zeroizing;

use super::bytes::{MAC, Mac, filled_up, first, mac_head, padded, same, unpadded};
use super::credentials::ChannelKeys;
use crate::aes_key::{AES_BLOCK, AesBlock, AesKey};
use crate::aid::Aid;
use crate::kcv::KeyError;

/// What a derived value is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    CardCryptogram = 0x00,
    HostCryptogram = 0x01,
    CardChallenge = 0x02,
    Enc = 0x04,
    Mac = 0x06,
    Rmac = 0x07,
}

/// The keys of one session. The key for wrapping secrets is the chip's own: there is none of a
/// session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionKeys {
    /// For encipherment.
    pub enc: AesKey,
    /// For cryptograms and the MACs of commands.
    pub mac: AesKey,
    /// For the MACs of answers.
    pub rmac: AesKey,
    /// The chip's own key for wrapping secrets.
    pub dek: AesKey,
}

/// Derives the session's keys, each as long as the chip's, from both challenges.
pub fn session_keys(keys: &ChannelKeys<AesKey>, host: Mac, card: Mac) -> SessionKeys {
    let context = [host, card];
    let derive = |key: &AesKey, purpose| {
        let bits = u16::try_from(key.expose().len() * 8).unwrap_or(u16::MAX);
        key.derive_same_size(&|counter| input(purpose, bits, counter, context.as_flattened()))
    };
    SessionKeys {
        enc: derive(&keys.enc, Purpose::Enc),
        mac: derive(&keys.mac, Purpose::Mac),
        rmac: derive(&keys.mac, Purpose::Rmac),
        dek: keys.dek.clone(),
    }
}

/// Input of the derivation: eleven zeros, purpose, zero, length in bits, counter, context.
fn input(purpose: Purpose, bits: u16, counter: u8, context: &[u8]) -> Vec<u8> {
    let [high, low] = bits.to_be_bytes();
    let label = [0; 11];
    [&label[..], &[purpose as u8, 0, high, low, counter], context].concat()
}

/// Eight derived bytes.
fn eight(key: &AesKey, purpose: Purpose, context: &[u8]) -> Mac {
    first(&key.cmac(&input(purpose, 64, 1, context)))
}

/// The computable card challenge: from the sequence counter and the name of the selected
/// application, under the chip's own encipherment key.
pub fn card_challenge(keys: &ChannelKeys<AesKey>, counter: [u8; 3], selected: &Aid) -> Mac {
    let context = [&counter[..], selected.as_bytes()].concat();
    eight(&keys.enc, Purpose::CardChallenge, &context)
}

/// What the chip proves itself with.
pub fn card_cryptogram(keys: &SessionKeys, host: Mac, card: Mac) -> Mac {
    eight(
        &keys.mac,
        Purpose::CardCryptogram,
        [host, card].as_flattened(),
    )
}

/// What the host proves itself with.
pub fn host_cryptogram(keys: &SessionKeys, host: Mac, card: Mac) -> Mac {
    eight(
        &keys.mac,
        Purpose::HostCryptogram,
        [host, card].as_flattened(),
    )
}

/// One end of a session, after the challenges.
#[derive(Debug, Clone)]
pub(super) struct Session {
    keys: SessionKeys,
    /// The whole MAC of the last command.
    chaining: AesBlock,
    /// How many commands there were after EXTERNAL AUTHENTICATE.
    commands: u64,
}

/// Which way enciphered data goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    ToChip = 0x00,
    ToHost = 0x80,
}

impl Session {
    pub(super) fn new(keys: SessionKeys) -> Self {
        Self {
            keys,
            chaining: [0; AES_BLOCK],
            commands: 0,
        }
    }

    /// Counts a command, protected or not, data or none.
    pub(super) fn count(&mut self) {
        self.commands += 1;
    }

    /// The MAC of the next command, over header and data as sent, which chains from the last one.
    pub(super) fn mac_command(&mut self, head: [u8; 4], body: &[u8]) -> Mac {
        let head = mac_head(head, body.len());
        self.chaining = self
            .keys
            .mac
            .cmac(&[&self.chaining, &head[..], body].concat());
        first(&self.chaining)
    }

    pub(super) fn encipher_command(&self, plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.encipher(Way::ToChip, plain)
    }

    pub(super) fn decipher_command(&self, body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.decipher(Way::ToChip, body)
    }

    pub(super) fn encipher_answer(&self, plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.encipher(Way::ToHost, plain)
    }

    pub(super) fn decipher_answer(&self, body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.decipher(Way::ToHost, body)
    }

    fn encipher(&self, way: Way, plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        let iv = self.chaining_start(way);
        self.keys.enc.encrypt_cbc(iv, &padded(plain, AES_BLOCK))
    }

    fn decipher(&self, way: Way, body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let plain = self.keys.enc.decrypt_cbc(self.chaining_start(way), body);
        let plain = Zeroizing::new(plain.ok()?);
        unpadded(&plain).map(|plain| Zeroizing::new(plain.to_vec()))
    }

    /// The number of the command, enciphered; for its answer with the highest bit set.
    fn chaining_start(&self, way: Way) -> AesBlock {
        let mut block = u128::from(self.commands).to_be_bytes();
        block[0] = way as u8;
        self.keys.enc.encrypt_block(block)
    }

    /// The MAC of an answer: over the chaining value of commands, data as sent, and status.
    pub(super) fn mac_answer(&self, body: &[u8], status: [u8; 2]) -> Mac {
        let all = [&self.chaining[..], body, &status].concat();
        first(&self.keys.rmac.cmac(&all))
    }

    pub(super) fn check_answer(&self, body: &[u8], status: [u8; 2], mac: &[u8]) -> bool {
        mac.len() == MAC && same(&self.mac_answer(body, status), mac)
    }

    pub(super) fn wrap_secret(&self, secret: &[u8]) -> Result<Vec<u8>, KeyError> {
        let filled = filled_up(secret, AES_BLOCK);
        self.keys.dek.encrypt_cbc([0; AES_BLOCK], &filled)
    }

    pub(super) fn unwrap_secret(&self, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let plain = self.keys.dek.decrypt_cbc([0; AES_BLOCK], wrapped);
        plain.map(Zeroizing::new)
    }
}
