//! The connection to a reader: each message in its turn, until one end closes.

use std::convert::Infallible;
use std::io;

use persotwin_chip::{Chip, Profile};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use zeroize::Zeroizing;

use crate::message::{Garbled, Inbox, Message, framed};

/// A card as the contacts of a reader meet it.
pub trait Card {
    /// Why the card cannot stay in the reader: its new state could not be kept.
    type Trouble;

    /// Its ATR, if its chip answers; asked without power too, because this reader asks for it to see whether a card is there.
    fn atr(&mut self) -> Option<Vec<u8>>;

    /// Power comes, or the chip is reset.
    fn power_on(&mut self);

    /// Power goes.
    fn power_off(&mut self);

    /// What it answers: no bytes without power, and none at all if its chip is silent. What it keeps must be kept when this returns: the reader hears the answer then.
    ///
    /// # Errors
    /// A `Trouble`; the reader hears no answer then.
    fn transmit(&mut self, command: &[u8]) -> Result<Option<Vec<u8>>, Self::Trouble>;
}

/// A chip by itself.
impl Card for Chip {
    type Trouble = Infallible;

    fn atr(&mut self) -> Option<Vec<u8>> {
        Some(Profile::ATR.to_vec())
    }

    fn power_on(&mut self) {
        Self::power_on(self);
    }

    fn power_off(&mut self) {
        Self::power_off(self);
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(Some(Self::transmit(self, command)))
    }
}

/// Why the card came out of the reader.
#[derive(Debug, thiserror::Error)]
pub enum HoldError<T> {
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
    /// The reader closed within a message.
    #[error("the reader closed in the middle of a message")]
    CutShort,
    /// Whoever is there is no reader.
    #[error("{0} came, which no reader sends: is that a vpcd?")]
    Garbled(#[from] Garbled),
    /// A command for a chip without power.
    #[error("the reader sent a command without switching power on")]
    NoPower,
    /// An answer of more than 65,535 bytes.
    #[error("the answer is too long for the reader")]
    TooLong,
    /// The card's own trouble.
    #[error("{0}")]
    Card(T),
}

/// Keeps the card in a reader until the reader closes. Dropping this future takes the card out.
///
/// # Errors
/// [`HoldError`]; the card has no power any more then either.
pub async fn hold<S, C>(mut stream: S, card: &mut C) -> Result<(), HoldError<C::Trouble>>
where
    S: AsyncRead + AsyncWrite + Unpin,
    C: Card,
{
    let ended = serve(&mut stream, card).await;
    card.power_off();
    ended
}

/// How many bytes are read at once.
const PART: usize = 4096;

async fn serve<S, C>(stream: &mut S, card: &mut C) -> Result<(), HoldError<C::Trouble>>
where
    S: AsyncRead + AsyncWrite + Unpin,
    C: Card,
{
    let mut inbox = Inbox::default();
    let mut part = Zeroizing::new(vec![0; PART]);
    loop {
        while let Some(message) = inbox.message()? {
            if let Some(answer) = obey(card, &message)? {
                let answer = framed(&answer).ok_or(HoldError::TooLong)?;
                stream.write_all(&Zeroizing::new(answer)).await?;
                stream.flush().await?;
            }
        }
        match stream.read(&mut part).await? {
            0 if inbox.is_empty() => return Ok(()),
            0 => return Err(HoldError::CutShort),
            read => inbox.take(&part[..read]),
        }
    }
}

/// Does what the reader wants; what it shall hear.
fn obey<C: Card>(
    card: &mut C,
    message: &Message,
) -> Result<Option<Zeroizing<Vec<u8>>>, HoldError<C::Trouble>> {
    let answer = match message {
        Message::PowerOff => {
            card.power_off();
            return Ok(None);
        }
        Message::PowerOn | Message::Reset => {
            card.power_on();
            return Ok(None);
        }
        Message::AskAtr => card.atr(),
        Message::Command(command) => card.transmit(command).map_err(HoldError::Card)?,
    };
    match answer {
        // A reader waits for an answer to everything: an empty one is how it hears that none came (ours).
        None => Ok(Some(Zeroizing::default())),
        Some(bytes) if bytes.is_empty() => Err(HoldError::NoPower),
        Some(bytes) => Ok(Some(Zeroizing::new(bytes))),
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;

    use persotwin_chip::ChipSerial;
    use proptest::prelude::*;

    use super::*;

    fn chip() -> Chip {
        Chip::blank(ChipSerial([7; 8]), &Profile::generic())
    }

    fn now<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(future)
    }

    /// Everything that the reader says, and what it hears until the card comes out.
    fn said(said: &[u8]) -> (Vec<u8>, Result<(), HoldError<Infallible>>) {
        now(async {
            let (card, mut reader) = tokio::io::duplex(1 << 20);
            reader.write_all(said).await.unwrap();
            reader.shutdown().await.unwrap();
            let ended = hold(card, &mut chip()).await;
            let mut heard = Vec::new();
            reader.read_to_end(&mut heard).await.unwrap();
            (heard, ended)
        })
    }

    /// SELECT of the first application on generic stock.
    const SELECT: [u8; 15] = [
        0, 13, 0x00, 0xA4, 0x04, 0x00, 7, 0xA0, 0, 0, 0, 3, 0x10, 0x10, 0x00,
    ];

    #[test]
    fn a_reader_hears_the_atr_and_answers_and_nothing_else() {
        let atr = framed(&Profile::ATR).unwrap();
        let (heard, ended) = said(&[0, 1, 4]);
        assert!(ended.is_ok());
        assert_eq!(heard, atr, "without power too");
        let (heard, ended) = said(&[&[0, 1, 1][..], &SELECT, &[0, 1, 2, 0, 1, 0]].concat());
        assert!(ended.is_ok());
        let length = usize::from(u16::from_be_bytes([heard[0], heard[1]]));
        assert_eq!(
            heard.len(),
            2 + length,
            "one answer, none to power and reset"
        );
        assert!(heard.ends_with(&[0x90, 0x00]));
    }

    #[test]
    fn a_malformed_command_gets_a_status_word() {
        let (heard, ended) = said(&[0, 1, 1, 0, 2, 0x00, 0xA4]);
        assert!(ended.is_ok());
        assert_eq!(heard, [0, 2, 0x67, 0x00]);
    }

    #[test]
    fn what_ends_the_connection() {
        type Is = fn(&HoldError<Infallible>) -> bool;
        let cases: [(&[u8], Is); 5] = [
            (&SELECT, |error| matches!(error, HoldError::NoPower)),
            (&[0, 0], |error| {
                matches!(error, HoldError::Garbled(Garbled::Empty))
            }),
            (b"GET / HTTP/1.1\r\n\r\n", |error| {
                matches!(error, HoldError::CutShort)
            }),
            (&[0, 1], |error| matches!(error, HoldError::CutShort)),
            (&[0, 1, 9], |error| {
                matches!(error, HoldError::Garbled(Garbled::Control(9)))
            }),
        ];
        for (bytes, is) in cases {
            let (_, ended) = said(bytes);
            assert!(is(ended.as_ref().unwrap_err()), "{bytes:?}: {ended:?}");
        }
    }

    /// A card that cannot keep what it has become.
    struct Forgetful(Chip);

    impl Card for Forgetful {
        type Trouble = &'static str;

        fn atr(&mut self) -> Option<Vec<u8>> {
            self.0.atr()
        }

        fn power_on(&mut self) {
            self.0.power_on();
        }

        fn power_off(&mut self) {
            self.0.power_off();
        }

        fn transmit(&mut self, _: &[u8]) -> Result<Option<Vec<u8>>, Self::Trouble> {
            Err("the disk is full")
        }
    }

    #[test]
    fn an_answer_whose_state_is_not_kept_is_not_heard() {
        now(async {
            let (card, mut reader) = tokio::io::duplex(100);
            reader.write_all(&[0, 1, 1]).await.unwrap();
            reader.write_all(&SELECT).await.unwrap();
            let mut forgetful = Forgetful(chip());
            let ended = hold(card, &mut forgetful).await;
            assert_eq!(ended.unwrap_err().to_string(), "the disk is full");
            assert!(!forgetful.0.is_powered(), "it is out of the reader");
            let mut heard = Vec::new();
            reader.read_to_end(&mut heard).await.unwrap();
            assert_eq!(heard, []);
        });
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered_or_end_the_connection(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = said(&bytes);
        }

        /// Whole messages of any commands: each is answered, with a status word at least, and a fresh chip stays one.
        #[test]
        fn any_commands_get_status_words(commands in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 2..60), 1..20)) {
            let framed: Vec<u8> = commands.iter().flat_map(|command| framed(command).unwrap()).collect();
            let (mut heard, ended) = said(&[&[0, 1, 1][..], &framed].concat());
            prop_assert!(ended.is_ok());
            for _ in &commands {
                let length = usize::from(u16::from_be_bytes([heard[0], heard[1]]));
                prop_assert!(length >= 2);
                heard.drain(..2 + length);
            }
            prop_assert!(heard.is_empty());
        }
    }
}
