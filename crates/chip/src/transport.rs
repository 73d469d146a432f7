//! How an answer's data reach the reader: at once, or in the two steps of T=0.
//!
//! The chip offers both protocols and is not told which one the reader took, so the form of the
//! command decides (ours; each rule is what ISO/IEC 7816-3 and 7816-4 document for that form):
//!
//! | the command | with an answer of n bytes |
//! |---|---|
//! | has an `Le` that is large enough | is done; all n bytes at once |
//! | has `Le` `00`, and n is above 256 | is done; 256 bytes and `61xx`, the rest waits |
//! | has an `Le` that is too small | is not done: `6Cxx`, with xx the right one |
//! | has no data field and no `Le` (T=0 sends it that way for want of a better) | is not done: `6Cxx` |
//! | has a data field and no `Le` (T=0 cannot send both) | is done: `61xx`, the answer waits |
//!
//! GET RESPONSE fetches what waits, in parts if its `Le` is smaller. Any other command loses it.

use zeroize::Zeroizing;

use crate::apdu::{Apdu, Le};
use crate::status::Status;

/// The most data of an answer to a short command.
const SHORT: usize = 256;

/// An answer that waits for GET RESPONSE. Its `Debug` shows its length.
#[derive(Clone)]
pub(crate) struct Waiting {
    data: Zeroizing<Vec<u8>>,
    /// The status word behind its last byte.
    status: Status,
}

/// What goes out now, and what waits.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) now: Vec<u8>,
    pub(crate) status: Status,
    pub(crate) waiting: Option<Waiting>,
}

impl Reply {
    /// A status and nothing else.
    pub(crate) fn refusal(status: Status) -> Self {
        Self::whole(Vec::new(), status)
    }

    /// Everything at once.
    fn whole(data: Vec<u8>, status: Status) -> Self {
        Self {
            now: data,
            status,
            waiting: None,
        }
    }

    /// The first `now` bytes; the rest waits.
    fn part(mut data: Vec<u8>, now: usize, status: Status) -> Self {
        let rest = data.split_off(now);
        Self {
            now: data,
            status: Status::Waiting(count(rest.len())),
            waiting: Some(Waiting {
                data: Zeroizing::new(rest),
                status,
            }),
        }
    }
}

/// The answer to `apdu`, in the way that its form asks for.
///
/// # Errors
/// [`Status::WrongLe`]: the command is not to be done.
pub(crate) fn present(data: Vec<u8>, status: Status, apdu: &Apdu<'_>) -> Result<Reply, Status> {
    let len = data.len();
    match apdu.le {
        _ if len == 0 => Ok(Reply::whole(data, status)),
        Le::UpTo(most) if most >= len => Ok(Reply::whole(data, status)),
        Le::UpTo(SHORT) => Ok(Reply::part(data, SHORT, status)),
        Le::Absent if !apdu.data.is_empty() => Ok(Reply::part(data, 0, status)),
        Le::UpTo(_) | Le::Absent => Err(Status::WrongLe(count(len))),
    }
}

/// GET RESPONSE (documented): P1 and P2 are zero, `Le` at most what waits.
///
/// # Errors
/// [`Status::ConditionsNotSatisfied`] if nothing waits; otherwise it goes on waiting:
/// [`Status::WrongLe`] if `Le` is absent or above what waits (`00` never is),
/// [`Status::WrongP1P2`], [`Status::WrongLength`].
pub(crate) fn get_response(waiting: Option<&Waiting>, apdu: &Apdu<'_>) -> Result<Reply, Status> {
    let Waiting { data, status } = waiting.ok_or(Status::ConditionsNotSatisfied)?;
    if (apdu.p1, apdu.p2) != (0, 0) {
        return Err(Status::WrongP1P2);
    }
    if !apdu.data.is_empty() {
        return Err(Status::WrongLength);
    }
    match apdu.le {
        Le::UpTo(most) if most < data.len() => Ok(Reply::part(data.to_vec(), most, *status)),
        Le::UpTo(most) if most == data.len() || most >= SHORT => {
            Ok(Reply::whole(data.to_vec(), *status))
        }
        Le::UpTo(_) | Le::Absent => Err(Status::WrongLe(count(data.len()))),
    }
}

/// A number of bytes as SW2 says it: `00` for 256 and more.
fn count(len: usize) -> u8 {
    u8::try_from(len).unwrap_or(0)
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Waiting({} bytes, {})", self.data.len(), self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(reply: Result<Reply, Status>) -> (usize, String, usize) {
        match reply {
            Ok(reply) => (
                reply.now.len(),
                reply.status.to_string(),
                reply.waiting.map_or(0, |waiting| waiting.data.len()),
            ),
            Err(status) => (0, status.to_string(), 0),
        }
    }

    /// An answer of `len` bytes to a command of the header 00 00 00 00 and `body`.
    fn answer(len: usize, body: &[u8]) -> (usize, String, usize) {
        let command = [&[0; 4], body].concat();
        let apdu = Apdu::parse(&command).unwrap();
        shown(present(vec![0xAA; len], Status::Done, &apdu))
    }

    fn fetch(len: usize, body: &[u8]) -> (usize, String, usize) {
        let command = [&[0x00, 0xC0, 0x00, 0x00], body].concat();
        let waiting = Waiting {
            data: Zeroizing::new(vec![0xAA; len]),
            status: Status::Done,
        };
        let apdu = Apdu::parse(&command).unwrap();
        shown(get_response(Some(&waiting), &apdu))
    }

    fn is(now: usize, status: &str, waiting: usize) -> (usize, String, usize) {
        (now, status.to_owned(), waiting)
    }

    #[test]
    fn the_form_of_the_command_decides() {
        assert_eq!(answer(28, &[0]), is(28, "9000", 0));
        assert_eq!(answer(28, &[28]), is(28, "9000", 0));
        assert_eq!(answer(28, &[27]), is(0, "6C1C", 0));
        assert_eq!(answer(28, &[]), is(0, "6C1C", 0));
        assert_eq!(answer(28, &[1, 0xAA]), is(0, "611C", 28));
        assert_eq!(answer(28, &[1, 0xAA, 0]), is(28, "9000", 0));
        assert_eq!(answer(28, &[0, 0, 1, 0xAA]), is(0, "611C", 28));
        assert_eq!(answer(28, &[0, 0, 1, 0xAA, 0, 0]), is(28, "9000", 0));
    }

    #[test]
    fn an_answer_without_data_never_waits() {
        for body in [&[][..], &[0], &[5], &[1, 0xAA], &[1, 0xAA, 5]] {
            assert_eq!(answer(0, body), is(0, "9000", 0));
        }
    }

    #[test]
    fn more_than_256_bytes_go_in_parts_or_by_an_extended_length() {
        assert_eq!(answer(256, &[0]), is(256, "9000", 0));
        assert_eq!(answer(300, &[0]), is(256, "612C", 44));
        assert_eq!(answer(600, &[0]), is(256, "6100", 344));
        assert_eq!(answer(300, &[100]), is(0, "6C00", 0));
        assert_eq!(answer(600, &[0, 0, 0]), is(600, "9000", 0));
    }

    #[test]
    fn what_waits_is_fetched_whole_or_in_parts() {
        assert_eq!(fetch(28, &[28]), is(28, "9000", 0));
        assert_eq!(fetch(28, &[0]), is(28, "9000", 0));
        assert_eq!(fetch(28, &[8]), is(8, "6114", 20));
        assert_eq!(fetch(28, &[29]), is(0, "6C1C", 0));
        assert_eq!(fetch(28, &[]), is(0, "6C1C", 0));
        assert_eq!(fetch(300, &[0]), is(256, "612C", 44));
    }

    #[test]
    fn get_response_has_no_parameters_and_no_data() {
        let waiting = Waiting {
            data: Zeroizing::new(vec![1]),
            status: Status::Done,
        };
        for (command, status) in [
            (&[0x00, 0xC0, 0x01, 0x00, 0x00][..], Status::WrongP1P2),
            (&[0x00, 0xC0, 0x00, 0x00, 0x01, 0x01], Status::WrongLength),
        ] {
            let apdu = Apdu::parse(command).unwrap();
            assert_eq!(get_response(Some(&waiting), &apdu).unwrap_err(), status);
            let nothing = get_response(None, &apdu).unwrap_err();
            assert_eq!(nothing, Status::ConditionsNotSatisfied);
        }
    }
}
