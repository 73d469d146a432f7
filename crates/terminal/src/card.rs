//! The card in the terminal: commands out, answers in, and what T=0 makes of lengths.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use zeroize::Zeroizing;

use crate::command::Command;
use crate::error::Error;

/// How often one command may be asked to be sent or fetched again (ours): a card that wants more does not end.
const MAX_ROUNDS: usize = 16;

/// Something that answers commands: a chip model, or a chip behind a reader.
pub trait Card {
    /// Why the card gave no answer at all.
    type Trouble;

    /// Sends a command; data and status word of the answer.
    fn transmit(
        &mut self,
        command: &[u8],
    ) -> impl Future<Output = Result<Vec<u8>, Self::Trouble>> + Send;
}

/// There is nothing that could come between a terminal and a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Never {}

impl<F: FnMut(&[u8]) -> Vec<u8>> Card for F {
    type Trouble = Never;

    fn transmit(&mut self, command: &[u8]) -> impl Future<Output = Result<Vec<u8>, Never>> + Send {
        std::future::ready(Ok(self(command)))
    }
}

/// Runs a terminal to its end with a card that answers at once, as a function does. With a card that lets wait it would keep the
/// processor busy until the answer is there.
pub fn at_once<F: Future>(terminal: F) -> F::Output {
    let mut terminal = pin!(terminal);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = terminal.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// An answer in its two parts. The data may be secret.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) data: Zeroizing<Vec<u8>>,
    pub(crate) status: u16,
}

/// Sends a command and collects its answer: 61xx is fetched with GET RESPONSE, after 6Cxx the command is sent with the right length
/// (documented: ISO/IEC 7816-4, EMV Book 1).
pub(crate) async fn send<C: Card>(
    card: &mut C,
    command: &Command,
) -> Result<Answer, Error<C::Trouble>> {
    let mut apdu = command.to_apdu();
    let mut collected = Zeroizing::new(Vec::new());
    for _ in 0..MAX_ROUNDS {
        let answer = card.transmit(&apdu).await.map_err(Error::Card)?;
        let answer = Zeroizing::new(answer);
        let Some((data, [sw1, sw2])) = answer.split_last_chunk() else {
            return Err(Error::NoStatus(command.name()));
        };
        collected.extend_from_slice(data);
        match sw1 {
            0x61 => apdu = Command::get_response(*sw2).to_apdu(),
            0x6C => apdu = Command::with_length(&apdu, *sw2),
            _ => {
                return Ok(Answer {
                    data: collected,
                    status: u16::from_be_bytes([*sw1, *sw2]),
                });
            }
        }
    }
    Err(Error::Endless(command.name()))
}

/// Sends a command that must be done; its data.
pub(crate) async fn done<C: Card>(
    card: &mut C,
    command: &Command,
) -> Result<Zeroizing<Vec<u8>>, Error<C::Trouble>> {
    let Answer { data, status } = send(card, command).await?;
    match status {
        0x9000 => Ok(data),
        _ => Err(Error::Refused {
            command: command.name(),
            status,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A card that gives these answers in turn; the commands that it heard.
    fn heard(answers: &[&str], command: &Command) -> (Result<Vec<u8>, Error<Never>>, Vec<String>) {
        let mut heard = Vec::new();
        let mut answers = answers.iter();
        let mut card = |command: &[u8]| {
            heard.push(hex::encode_upper(command));
            hex::decode(answers.next().unwrap()).unwrap()
        };
        let found = at_once(done(&mut card, command)).map(|data| data.to_vec());
        (found, heard)
    }

    fn select() -> Command {
        Command::select(b"1PAY.SYS.DDF01")
    }

    const SELECT: &str = "00A404000E315041592E5359532E444446303100";

    #[test]
    fn an_answer_is_taken_as_it_comes_or_fetched() {
        for (answers, commands) in [
            (vec!["6F009000"], vec![SELECT]),
            (vec!["6102", "6F009000"], vec![SELECT, "00C0000002"]),
            (
                vec!["6101", "6F6101", "009000"],
                vec![SELECT, "00C0000001", "00C0000001"],
            ),
            (
                vec!["6C02", "6F009000"],
                vec![SELECT, "00A404000E315041592E5359532E444446303102"],
            ),
        ] {
            let (found, heard) = heard(&answers, &select());
            assert_eq!(found.unwrap(), [0x6F, 0x00]);
            assert_eq!(heard, commands);
        }
    }

    #[test]
    fn a_refusal_names_command_and_status() {
        let (found, _) = heard(&["6A82"], &select());
        let refused = found.unwrap_err();
        assert_eq!(refused.to_string(), "the card answers SELECT with 6A82");
    }

    #[test]
    fn a_card_that_never_ends_or_says_nothing_is_given_up() {
        let (found, heard) = heard(&["6100"; 40], &select());
        assert!(matches!(found, Err(Error::Endless(_))), "{found:?}");
        assert_eq!(heard.len(), MAX_ROUNDS);
        for answer in ["", "90"] {
            let (found, _) = self::heard(&[answer], &select());
            assert!(matches!(found, Err(Error::NoStatus(_))), "{found:?}");
        }
    }
}
