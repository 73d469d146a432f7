//! What vpcd says to a card, as bytes (documented: the protocol of vsmartcard's virtual reader).
//!
//! Every message, in both directions, is a length of two bytes, high byte first, and so many bytes of content.
//!
//! | content | is | answered by |
//! |---|---|---|
//! | `00` | power off | nothing |
//! | `01` | power on | nothing |
//! | `02` | reset | nothing |
//! | `04` | the question for the ATR | the ATR |
//! | two bytes or more | a command | the chip's answer |
//!
//! An empty message and any other single byte are not part of the protocol.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// Something that a reader wants of the card in it.
#[derive(Clone, PartialEq, Eq)]
pub enum Message {
    /// Power goes.
    PowerOff,
    /// Power comes.
    PowerOn,
    /// The chip starts again.
    Reset,
    /// What the ATR is; also asked to see whether a card is there.
    AskAtr,
    /// A command of two bytes or more, which may be a malformed one. It may hold a PIN or a key.
    Command(Zeroizing<Vec<u8>>),
}

/// `Debug` shows the length of a command only.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PowerOff => f.write_str("PowerOff"),
            Self::PowerOn => f.write_str("PowerOn"),
            Self::Reset => f.write_str("Reset"),
            Self::AskAtr => f.write_str("AskAtr"),
            Self::Command(command) => write!(f, "Command({} bytes)", command.len()),
        }
    }
}

/// A message that no reader sends: whoever is at the other end is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Garbled {
    /// Length 0.
    #[error("an empty message")]
    Empty,
    /// One byte without a meaning.
    #[error("the unknown control byte {0:02X}")]
    Control(u8),
}

impl Message {
    /// The message with this content.
    ///
    /// # Errors
    /// [`Garbled`].
    pub fn of(content: &[u8]) -> Result<Self, Garbled> {
        match content {
            [] => Err(Garbled::Empty),
            [0x00] => Ok(Self::PowerOff),
            [0x01] => Ok(Self::PowerOn),
            [0x02] => Ok(Self::Reset),
            [0x04] => Ok(Self::AskAtr),
            [other] => Err(Garbled::Control(*other)),
            command => Ok(Self::Command(Zeroizing::new(command.to_vec()))),
        }
    }
}

/// Bytes as they come, and the messages in them. It never holds more than one message and what came with its end.
#[derive(Default)]
pub struct Inbox(Vec<u8>);

impl Inbox {
    /// More bytes came.
    pub fn take(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The next whole message, if there is one.
    ///
    /// # Errors
    /// [`Garbled`].
    pub fn message(&mut self) -> Result<Option<Message>, Garbled> {
        let Some((length, rest)) = self.0.split_first_chunk() else {
            return Ok(None);
        };
        let length = usize::from(u16::from_be_bytes(*length));
        let Some(content) = rest.get(..length) else {
            return Ok(None);
        };
        let message = Message::of(content)?;
        let used = 2 + length;
        self.0[..used].zeroize();
        self.0.drain(..used);
        Ok(Some(message))
    }

    /// Whether nothing is left over.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inbox({} bytes)", self.0.len())
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The content as a message; none for a content of more than 65,535 bytes.
pub fn framed(content: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(content.len()).ok()?;
    Some([&length.to_be_bytes(), content].concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn command(bytes: &[u8]) -> Message {
        Message::Command(Zeroizing::new(bytes.to_vec()))
    }

    /// Everything in the bytes, handed over in parts of this size.
    fn read(bytes: &[u8], part: usize) -> Result<Vec<Message>, Garbled> {
        let (mut inbox, mut all) = (Inbox::default(), Vec::new());
        for part in bytes.chunks(part) {
            inbox.take(part);
            while let Some(message) = inbox.message()? {
                all.push(message);
            }
        }
        Ok(all)
    }

    #[test]
    fn the_words_of_a_reader() {
        let bytes = [0, 1, 1, 0, 1, 4, 0, 1, 2, 0, 2, 0x00, 0xA4, 0, 1, 0];
        for part in 1..=bytes.len() {
            assert_eq!(
                read(&bytes, part),
                Ok(vec![
                    Message::PowerOn,
                    Message::AskAtr,
                    Message::Reset,
                    command(&[0x00, 0xA4]),
                    Message::PowerOff
                ])
            );
        }
    }

    #[test]
    fn what_no_reader_says() {
        assert_eq!(read(&[0, 0], 1), Err(Garbled::Empty));
        for control in (0x03..=0x03).chain(0x05..=0xFF) {
            assert_eq!(read(&[0, 1, control], 3), Err(Garbled::Control(control)));
        }
    }

    #[test]
    fn the_longest_message_and_one_that_is_cut_short() {
        let long = framed(&vec![0x5A; 65_535]).unwrap();
        assert_eq!(read(&long, 1000), Ok(vec![command(&vec![0x5A; 65_535])]));
        assert_eq!(framed(&vec![0; 65_536]), None);
        let mut inbox = Inbox::default();
        inbox.take(&long[..long.len() - 1]);
        assert_eq!((inbox.message(), inbox.is_empty()), (Ok(None), false));
        inbox.take(&[0x5A]);
        assert!(inbox.message().unwrap().is_some() && inbox.is_empty());
    }

    #[test]
    fn nothing_secret_is_shown() {
        let mut inbox = Inbox::default();
        inbox.take(&[0, 2, 0xDE, 0xAD]);
        assert_eq!(format!("{inbox:?}"), "Inbox(4 bytes)");
        assert_eq!(
            format!("{:?}", inbox.message()),
            "Ok(Some(Command(2 bytes)))"
        );
    }

    proptest! {
        #[test]
        fn parts_do_not_matter(bytes in proptest::collection::vec(any::<u8>(), 0..300), part in 1..40_usize) {
            prop_assert_eq!(read(&bytes, part), read(&bytes, 300));
        }

        #[test]
        fn what_is_framed_is_read(contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 2..80), 0..8)) {
            let bytes: Vec<u8> = contents.iter().flat_map(|content| framed(content).unwrap()).collect();
            let expected: Vec<Message> = contents.iter().map(|content| command(content)).collect();
            prop_assert_eq!(read(&bytes, 7), Ok(expected));
        }
    }
}
