//! SCP02: triple DES (GlobalPlatform card specification, appendix E; documented).

use zeroize::Zeroizing;

use super::bytes::{Mac, filled_up, first, mac_head, padded, same, unpadded};
use super::credentials::ChannelKeys;
use crate::aid::Aid;
use crate::kcv::KeyError;
use crate::mac::{Padding, retail_mac, retail_mac_from};
use crate::tdes::{BLOCK, Block, TdesKey, xor};

/// The keys of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionKeys {
    /// For cryptograms and encipherment.
    pub enc: TdesKey,
    /// For the MACs of commands.
    pub mac: TdesKey,
    /// For the MACs of answers.
    pub rmac: TdesKey,
    /// For wrapping secrets.
    pub dek: TdesKey,
}

/// Derives the session's keys from the chip's keys and its sequence counter.
pub fn session_keys(keys: &ChannelKeys<TdesKey>, counter: [u8; 2]) -> SessionKeys {
    SessionKeys {
        enc: session_key(&keys.enc, [0x01, 0x82], counter),
        mac: session_key(&keys.mac, [0x01, 0x01], counter),
        rmac: session_key(&keys.mac, [0x01, 0x02], counter),
        dek: session_key(&keys.dek, [0x01, 0x81], counter),
    }
}

/// CBC from zeros over constant, counter and twelve zeros.
fn session_key(key: &TdesKey, [c0, c1]: [u8; 2], [s0, s1]: [u8; 2]) -> TdesKey {
    let left = key.encrypt_block([c0, c1, s0, s1, 0, 0, 0, 0]);
    // The second block is zeros, so the chained input is the first block's output.
    TdesKey::from_halves(left, key.encrypt_block(left))
}

/// The computable card challenge of options 55 and 75: the first six bytes of a retail MAC over the
/// name of the selected application, under the session's MAC key.
pub fn card_challenge(keys: &SessionKeys, selected: &Aid) -> [u8; 6] {
    first(&retail_mac(&keys.mac, Padding::Marker, selected.as_bytes()))
}

/// What the chip proves itself with: over host challenge, counter and card challenge.
pub fn card_cryptogram(keys: &SessionKeys, host: Mac, counter: [u8; 2], card: [u8; 6]) -> Mac {
    cryptogram(keys, &[&host[..], &counter, &card].concat())
}

/// What the host proves itself with: over counter, card challenge and host challenge.
pub fn host_cryptogram(keys: &SessionKeys, host: Mac, counter: [u8; 2], card: [u8; 6]) -> Mac {
    cryptogram(keys, &[&counter[..], &card, &host].concat())
}

/// The last block of CBC under the encipherment key.
fn cryptogram(keys: &SessionKeys, data: &[u8]) -> Mac {
    let data = Padding::Marker.pad(data);
    let (blocks, _) = data.as_chunks::<BLOCK>();
    blocks.iter().fold([0; BLOCK], |chain, block| {
        keys.enc.encrypt_block(xor(chain, *block))
    })
}

/// One end of a session, after the challenges.
#[derive(Debug, Clone)]
pub(super) struct Session {
    keys: SessionKeys,
    /// The MAC of the last command; none before the first.
    command_mac: Option<Block>,
    /// The MAC of the last answer; that of EXTERNAL AUTHENTICATE before the first.
    response_mac: Block,
    /// The command that waits for its answer, as the MAC of the answer covers it.
    asked: Zeroizing<Vec<u8>>,
}

impl Session {
    pub(super) fn new(keys: SessionKeys) -> Self {
        Self {
            keys,
            command_mac: None,
            response_mac: [0; BLOCK],
            asked: Zeroizing::default(),
        }
    }

    /// The MAC of the next command, over header and plain data, which chains from the last one
    /// enciphered with single DES.
    pub(super) fn mac_command(&mut self, head: [u8; 4], plain: &[u8]) -> Mac {
        let chaining = match self.command_mac {
            None => [0; BLOCK],
            Some(last) => self.keys.mac.des_encrypt_left(last),
        };
        let data = Zeroizing::new([&mac_head(head, plain.len())[..], plain].concat());
        let mac = retail_mac_from(&self.keys.mac, chaining, Padding::Marker, &data);
        if self.command_mac.is_none() {
            self.response_mac = mac;
        }
        self.command_mac = Some(mac);
        mac
    }

    /// Remembers a command for the MAC of its answer: header without the class byte's bits for
    /// security and channel, length, plain data.
    pub(super) fn ask(&mut self, [cla, ins, p1, p2]: [u8; 4], plain: &[u8]) {
        let lc = u8::try_from(plain.len()).unwrap_or(u8::MAX);
        self.asked = Zeroizing::new([&[cla & !0x07, ins, p1, p2, lc], plain].concat());
    }

    pub(super) fn encipher_command(&self, plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.keys.enc.encrypt_cbc([0; BLOCK], &padded(plain, BLOCK))
    }

    pub(super) fn decipher_command(&self, body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let plain = self.keys.enc.decrypt_cbc([0; BLOCK], body).ok()?;
        let plain = Zeroizing::new(plain);
        unpadded(&plain).map(|plain| Zeroizing::new(plain.to_vec()))
    }

    /// The MAC of an answer: over the command, the length and data of the answer and its status,
    /// chained from the last one.
    pub(super) fn mac_answer(&mut self, data: &[u8], status: [u8; 2]) -> Mac {
        self.response_mac = self.next_answer_mac(data, status);
        self.response_mac
    }

    fn next_answer_mac(&self, data: &[u8], status: [u8; 2]) -> Mac {
        let len = u8::try_from(data.len()).unwrap_or(u8::MAX);
        let all = Zeroizing::new([&self.asked, &[len][..], data, &status].concat());
        retail_mac_from(&self.keys.rmac, self.response_mac, Padding::Marker, &all)
    }

    /// Checks the MAC of an answer; the chaining value moves only with a right one.
    pub(super) fn check_answer(&mut self, data: &[u8], status: [u8; 2], mac: &[u8]) -> bool {
        let due = self.next_answer_mac(data, status);
        let right = same(&due, mac);
        if right {
            self.response_mac = due;
        }
        right
    }

    pub(super) fn wrap_secret(&self, secret: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.keys.dek.encrypt_ecb(&filled_up(secret, BLOCK))
    }

    pub(super) fn unwrap_secret(&self, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.keys.dek.decrypt_ecb(wrapped).map(Zeroizing::new)
    }
}
