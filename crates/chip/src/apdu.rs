//! Command APDUs as bytes: the four cases of ISO/IEC 7816-4, with short and extended lengths.
//!
//! ```text
//! case 1   CLA INS P1 P2
//! case 2   CLA INS P1 P2                Le        short: 1 byte, 00 is 256
//! case 3   CLA INS P1 P2   Lc  data               extended: 00 and 2 bytes
//! case 4   CLA INS P1 P2   Lc  data     Le        extended: 2 bytes more, 0000 is 65,536
//! ```

use std::fmt;

use crate::instruction::Instruction;

/// A command, split at its lengths.
///
/// `Debug` shows the header and lengths only: the data of a command may be a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Apdu<'a> {
    /// Class.
    pub cla: u8,
    /// Instruction.
    pub ins: u8,
    /// First parameter.
    pub p1: u8,
    /// Second parameter.
    pub p2: u8,
    /// The data field, empty in cases 1 and 2.
    pub data: &'a [u8],
    /// What the sender expects to hear.
    pub le: Le,
}

/// The length of the answer's data that the sender expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Le {
    /// No `Le` field (cases 1 and 3).
    Absent,
    /// At most so many bytes: 1 to 65,536.
    UpTo(usize),
}

/// Bytes whose lengths do not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the lengths of the command do not fit its {len} bytes")]
pub struct Malformed {
    /// How many bytes there are.
    pub len: usize,
}

impl<'a> Apdu<'a> {
    /// The bit of the class that says "secured".
    pub const SECURED: u8 = 0x04;

    /// Class, instruction and parameters.
    pub fn header(&self) -> [u8; 4] {
        [self.cla, self.ins, self.p1, self.p2]
    }

    /// Splits a command.
    ///
    /// # Errors
    /// [`Malformed`] for fewer than four bytes and for lengths that do not fit.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let malformed = Malformed { len: bytes.len() };
        let [cla, ins, p1, p2, body @ ..] = bytes else {
            return Err(malformed);
        };
        let (data, le) = split_body(body).ok_or(malformed)?;
        Ok(Self {
            cla: *cla,
            ins: *ins,
            p1: *p1,
            p2: *p2,
            data,
            le,
        })
    }
}

/// The data field and `Le` of what follows the header.
fn split_body(body: &[u8]) -> Option<(&[u8], Le)> {
    match body {
        [] => Some((&[], Le::Absent)),
        [le] => Some((&[], short_le(*le))),
        [0, high, low] => Some((&[], extended_le([*high, *low]))),
        [0, high, low, rest @ ..] => {
            let lc = usize::from(u16::from_be_bytes([*high, *low]));
            match split_data(rest, lc)? {
                (data, []) => Some((data, Le::Absent)),
                (data, [high, low]) => Some((data, extended_le([*high, *low]))),
                _ => None,
            }
        }
        [lc, rest @ ..] => match split_data(rest, usize::from(*lc))? {
            (data, []) => Some((data, Le::Absent)),
            (data, [le]) => Some((data, short_le(*le))),
            _ => None,
        },
    }
}

/// `Lc` bytes and what follows them; a data field is never empty.
fn split_data(rest: &[u8], lc: usize) -> Option<(&[u8], &[u8])> {
    if lc == 0 {
        None
    } else {
        rest.split_at_checked(lc)
    }
}

fn short_le(le: u8) -> Le {
    Le::UpTo(if le == 0 { 0x100 } else { usize::from(le) })
}

fn extended_le(le: [u8; 2]) -> Le {
    let le = usize::from(u16::from_be_bytes(le));
    Le::UpTo(if le == 0 { 0x1_0000 } else { le })
}

impl fmt::Debug for Apdu<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cla,
            ins,
            p1,
            p2,
            data,
            le,
        } = self;
        write!(
            f,
            "Apdu({cla:02X} {ins:02X} {p1:02X} {p2:02X}, {} bytes, {le:?})",
            data.len()
        )
    }
}

/// One line about a command that holds nothing secret: its name, header and length of data.
///
/// ```
/// let line = persotwin_chip::apdu::describe(&[0x00, 0xB2, 0x01, 0x0C, 0x00]);
/// assert_eq!(line, "READ RECORD 00 B2 01 0C");
/// ```
pub fn describe(command: &[u8]) -> String {
    let Ok(Apdu {
        cla,
        ins,
        p1,
        p2,
        data,
        ..
    }) = Apdu::parse(command)
    else {
        return format!("malformed command of {} bytes", command.len());
    };
    let name = Instruction::of_either(cla, ins).map_or("unknown instruction", Instruction::name);
    let header = format!("{name} {cla:02X} {ins:02X} {p1:02X} {p2:02X}");
    match data.len() {
        0 => header,
        len => format!("{header} ({len} bytes)"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: [u8; 4] = [0x00, 0xA4, 0x04, 0x00];

    fn parse(body: &[u8]) -> Result<(Vec<u8>, Le), Malformed> {
        let bytes = [&HEADER[..], body].concat();
        Apdu::parse(&bytes).map(|apdu| (apdu.data.to_vec(), apdu.le))
    }

    #[test]
    fn the_four_cases_with_short_lengths() {
        assert_eq!(parse(&[]), Ok((vec![], Le::Absent)));
        assert_eq!(parse(&[0x00]), Ok((vec![], Le::UpTo(256))));
        assert_eq!(parse(&[0x01]), Ok((vec![], Le::UpTo(1))));
        assert_eq!(
            parse(&[0x02, 0xAA, 0xBB]),
            Ok((vec![0xAA, 0xBB], Le::Absent))
        );
        assert_eq!(
            parse(&[0x02, 0xAA, 0xBB, 0x00]),
            Ok((vec![0xAA, 0xBB], Le::UpTo(256)))
        );
    }

    #[test]
    fn the_cases_with_extended_lengths() {
        assert_eq!(parse(&[0, 0, 0]), Ok((vec![], Le::UpTo(65_536))));
        assert_eq!(parse(&[0, 1, 0]), Ok((vec![], Le::UpTo(256))));
        assert_eq!(parse(&[0, 0, 1, 0xAA]), Ok((vec![0xAA], Le::Absent)));
        assert_eq!(
            parse(&[0, 0, 1, 0xAA, 0, 0]),
            Ok((vec![0xAA], Le::UpTo(65_536)))
        );
        let long = [&[0, 1, 44][..], &[0x55; 300]].concat();
        assert_eq!(parse(&long), Ok((vec![0x55; 300], Le::Absent)));
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        for body in [
            &[2, 0xAA][..],
            &[0, 0],
            &[1, 0xAA, 0, 0],
            &[0, 0, 0, 0xAA],
            &[0, 0, 2, 0xAA],
        ] {
            assert!(parse(body).is_err(), "{body:02X?}");
        }
        for len in 0..4 {
            assert_eq!(Apdu::parse(&HEADER[..len]), Err(Malformed { len }));
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let command = [0x80, 0xE2, 0x00, 0x00, 0x03, 0xDE, 0xAD, 0xBE];
        assert_eq!(describe(&command), "STORE DATA 80 E2 00 00 (3 bytes)");
        assert!(!format!("{:?}", Apdu::parse(&command).unwrap()).contains("DE AD"));
        assert_eq!(describe(&[1, 2]), "malformed command of 2 bytes");
    }

    proptest! {
        #[test]
        fn any_bytes_parse_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(apdu) = Apdu::parse(&bytes) {
                prop_assert!(apdu.data.len() + 4 <= bytes.len());
            }
            prop_assert!(!describe(&bytes).is_empty());
        }
    }
}
