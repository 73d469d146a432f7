//! Issuer scripts: commands that the issuer sends to the chip through the terminal, each with a
//! MAC, data enciphered where they are secret (EMV Book 2 section 9, secure messaging format 2).
//!
//! A command is `84 INS P1 P2 Lc`, its data, and the MAC of 4 to 8 bytes. What the published
//! vectors for cryptogram versions 10 and 18 show is documented: the session keys, what the MAC is
//! computed over, and how data are enciphered:
//!
//! ```text
//! MAC         retail MAC, marker padding, under the session key of SMI, over
//!             CLA INS P1 P2 Lc ‖ transaction counter ‖ link ‖ data as they are sent
//! data        length byte ‖ data ‖ 80 00 …, each block by itself under the session key of SMC
//! link        first command: the cryptogram of the first GENERATE AC (documented)
//!             each further one: the whole MAC of the command before it
//! ```
//!
//! That a MAC enters the next one is documented as an option (MAC chaining); that this application
//! uses it, and in the place of the cryptogram, is ours. So no command can be left out, repeated
//! or moved.

use zeroize::Zeroizing;

use crate::keys::{KeySet, script_key_of_transaction};
use crate::mac::{Padding, retail_mac};
use crate::pin::{Pin, PinBlock};
use crate::tag::Tag;
use crate::tdes::{BLOCK, Block, TdesKey};

/// The most data bytes of a script command: what a short command has room for beside its MAC.
pub const MAX_DATA: usize = 247;

/// The MAC of a script command, all 8 bytes. `header` is CLA to `Lc`, `link` as the module says.
pub fn command_mac(
    key: &TdesKey,
    header: [u8; 5],
    atc: [u8; 2],
    link: Block,
    data: &[u8],
) -> Block {
    let parts: [&[u8]; 4] = [&header, &atc, &link, data];
    retail_mac(key, Padding::Marker, &parts.concat())
}

/// Enciphers at most 255 bytes of data; `None` for more.
pub fn encipher(key: &TdesKey, data: &[u8]) -> Option<Vec<u8>> {
    let len = u8::try_from(data.len()).ok()?;
    let plain = Zeroizing::new(Padding::Marker.pad(&[&[len], data].concat()));
    key.encrypt_ecb(&plain).ok()
}

/// Deciphers what [`encipher`] made; `None` if it did not.
pub fn decipher(key: &TdesKey, data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let plain = Zeroizing::new(key.decrypt_ecb(data).ok()?);
    let (len, rest) = plain.split_first()?;
    let (data, padding) = rest.split_at_checked(usize::from(*len))?;
    let (marker, zeros) = padding.split_first()?;
    let padded = *marker == 0x80 && zeros.len() < BLOCK && zeros.iter().all(|byte| *byte == 0);
    padded.then(|| Zeroizing::new(data.to_vec()))
}

/// What a script command does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptCommand {
    /// APPLICATION BLOCK.
    BlockApplication,
    /// APPLICATION UNBLOCK.
    UnblockApplication,
    /// CARD BLOCK.
    BlockCard,
    /// PIN CHANGE/UNBLOCK: as many tries again as at first.
    UnblockPin,
    /// PIN CHANGE/UNBLOCK: another PIN, and as many tries as at first.
    ChangePin(Pin),
    /// The same, sealed with the PIN that is replaced.
    ReplacePin {
        /// The PIN that the chip has.
        current: Pin,
        /// The PIN that it shall have.
        new: Pin,
    },
    /// PUT DATA: another value for a data object.
    PutData(Tag, Vec<u8>),
}

/// A data object that no script command can carry: its tag has not two bytes or fewer, or it is
/// longer than [`MAX_DATA`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no script command can carry data object {0}")]
pub struct CannotCarry(pub Tag);

/// An issuer's script for one transaction: it makes the commands one after the other.
#[derive(Debug, Clone)]
pub struct Script {
    card_key: TdesKey,
    smi: TdesKey,
    smc: TdesKey,
    atc: [u8; 2],
    link: Block,
}

impl Script {
    /// A script for the card with these keys, in the transaction with this counter (tag 9F36)
    /// whose first GENERATE AC gave this cryptogram (tag 9F26).
    pub fn new(card: &KeySet, atc: [u8; 2], cryptogram: Block) -> Self {
        Self {
            card_key: card.ac.clone(),
            smi: script_key_of_transaction(&card.smi, atc),
            smc: script_key_of_transaction(&card.smc, atc),
            atc,
            link: cryptogram,
        }
    }

    /// The next command, ready to be sent.
    ///
    /// # Errors
    /// [`CannotCarry`]; the script is as before then.
    pub fn command(&mut self, command: &ScriptCommand) -> Result<Vec<u8>, CannotCarry> {
        let (ins, p1, p2, data) = match command {
            ScriptCommand::BlockApplication => (0x1E, 0, 0, Vec::new()),
            ScriptCommand::UnblockApplication => (0x18, 0, 0, Vec::new()),
            ScriptCommand::BlockCard => (0x16, 0, 0, Vec::new()),
            ScriptCommand::UnblockPin => (0x24, 0, 0, Vec::new()),
            ScriptCommand::ChangePin(new) => {
                let block = PinBlock::script(new, None, &self.card_key);
                (0x24, 0, 2, self.sealed(&block))
            }
            ScriptCommand::ReplacePin { current, new } => {
                let block = PinBlock::script(new, Some(current), &self.card_key);
                (0x24, 0, 1, self.sealed(&block))
            }
            ScriptCommand::PutData(tag, value) => {
                let number = u16::try_from(tag.number()).map_err(|_| CannotCarry(*tag))?;
                let [p1, p2] = number.to_be_bytes();
                (0xDA, p1, p2, value.clone())
            }
        };
        let lc = u8::try_from(data.len() + BLOCK).ok();
        let lc = lc.ok_or_else(|| CannotCarry(put_tag(command)))?;
        let header = [0x84, ins, p1, p2, lc];
        let mac = command_mac(&self.smi, header, self.atc, self.link, &data);
        self.link = mac;
        Ok([&header[..], &data, &mac].concat())
    }

    fn sealed(&self, block: &PinBlock) -> Vec<u8> {
        // Eight bytes are never too many.
        encipher(&self.smc, block.expose()).unwrap_or_default()
    }
}

/// Only PUT DATA can be too long.
fn put_tag(command: &ScriptCommand) -> Tag {
    match command {
        ScriptCommand::PutData(tag, _) => *tag,
        _ => Tag::PIN_TRY_COUNTER,
    }
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
