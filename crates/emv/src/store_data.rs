//! STORE DATA: data groupings cut into commands, and put together again (EMV CPS, documented).
//!
//! Reference byte P1 marks the last command with its highest bit; P2 counts the commands from 0.
//! A data grouping that is longer than a command goes on in the next one.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::dgi::{self, Dgi, DgiId, LengthForm, Start};

/// The most data bytes of a short command.
pub const MAX_DATA: usize = 255;

/// The most commands of one personalisation: P2 is one byte.
pub const MAX_COMMANDS: usize = 256;

/// The most bytes of data groupings that [`Reassembly`] holds back while it waits for the rest of
/// one: the longest data grouping with its head.
const MAX_PENDING: usize = dgi::MAX_VALUE + 5;

/// Whether more commands follow: the highest bit of P1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// More commands follow.
    More,
    /// This is the last command.
    Last,
}

impl Position {
    /// The bit in P1.
    pub fn p1(self) -> u8 {
        match self {
            Self::More => 0x00,
            Self::Last => 0x80,
        }
    }

    /// What P1 says; its other bits are about encipherment and the answer.
    pub fn from_p1(p1: u8) -> Self {
        if p1 & 0x80 == 0 {
            Self::More
        } else {
            Self::Last
        }
    }
}

/// Whether the data groupings of a command are enciphered under the key for wrapping secrets: bits
/// 7 and 6 of P1, `11` for all of them (documented).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encipherment {
    /// None of them.
    None,
    /// All of them.
    All,
}

impl Encipherment {
    /// The bits in P1.
    pub fn p1(self) -> u8 {
        match self {
            Self::None => 0x00,
            Self::All => 0x60,
        }
    }

    /// What P1 says; nothing for the two values that depend on the application or are reserved.
    pub fn from_p1(p1: u8) -> Option<Self> {
        match p1 & 0x60 {
            0x00 => Some(Self::None),
            0x60 => Some(Self::All),
            _ => None,
        }
    }
}

/// One STORE DATA command. `Debug` shows no data; the data is wiped on drop.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct StoreData {
    #[zeroize(skip)]
    position: Position,
    #[zeroize(skip)]
    encipherment: Encipherment,
    block: u8,
    data: Vec<u8>,
}

/// Why data groupings cannot be cut into commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// There is nothing to send.
    #[error("no data groupings")]
    Nothing,
    /// The room in a command is not 6 to 255 bytes.
    #[error("room for {found} data bytes in a command, not 6 to 255")]
    Room {
        /// The room asked for.
        found: usize,
    },
    /// More than 256 commands.
    #[error("{found} commands, of which block numbers allow 256")]
    TooManyCommands {
        /// How many it would take.
        found: usize,
    },
}

impl StoreData {
    /// Whether this is the last command.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Whether its data groupings are enciphered.
    pub fn encipherment(&self) -> Encipherment {
        self.encipherment
    }

    /// Reference byte P1.
    pub fn p1(&self) -> u8 {
        self.position.p1() | self.encipherment.p1()
    }

    /// Reference byte P2, the block number from 0.
    pub fn p2(&self) -> u8 {
        self.block
    }

    /// The data. It may be secret: never log it.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The whole command, plain: `80 E2 P1 P2 Lc data`. A secure channel wraps it.
    pub fn to_apdu(&self) -> Vec<u8> {
        // `split` is the only maker, and bounds the data to 255 bytes.
        let lc = u8::try_from(self.data.len()).unwrap_or(u8::MAX);
        let head = [0x80, 0xE2, self.p1(), self.block, lc];
        [&head[..], &self.data].concat()
    }
}

impl fmt::Debug for StoreData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "StoreData(block {}, {:?}, {} bytes)",
            self.block,
            self.position,
            self.data.len()
        )
    }
}

/// Cuts data groupings in the clear into commands of at most `room` data bytes.
///
/// As many whole data groupings as fit share a command. One that does not fit into a command of
/// its own begins a new one and spans as many as it needs, with its length in three bytes; what
/// follows it begins a new command (ours, the most widely understood way).
///
/// `room` is 255 in the clear and less under a secure channel, which needs room for its MAC.
///
/// # Errors
/// Every [`SplitError`].
pub fn split(groupings: &[Dgi], room: usize) -> Result<Vec<StoreData>, SplitError> {
    cut(groupings.iter().map(|dgi| (dgi, Encipherment::None)), room)
}

/// The same for data groupings some of which are enciphered already: those share commands with
/// each other only, for P1 speaks of a whole command. Their order is kept.
///
/// # Errors
/// Every [`SplitError`].
pub fn split_marked(
    groupings: &[(Dgi, Encipherment)],
    room: usize,
) -> Result<Vec<StoreData>, SplitError> {
    cut(groupings.iter().map(|(dgi, mark)| (dgi, *mark)), room)
}

fn cut<'a>(
    groupings: impl Iterator<Item = (&'a Dgi, Encipherment)>,
    room: usize,
) -> Result<Vec<StoreData>, SplitError> {
    if !(6..=MAX_DATA).contains(&room) {
        return Err(SplitError::Room { found: room });
    }
    let mut blocks: Vec<(Encipherment, Vec<u8>)> = Vec::new();
    let (mut open, mut mark) = (Vec::new(), Encipherment::None);
    for (grouping, encipherment) in groupings {
        let len = grouping.encoded_len(LengthForm::Shortest);
        if (open.len() + len > room || mark != encipherment) && !open.is_empty() {
            blocks.push((mark, std::mem::take(&mut open)));
        }
        mark = encipherment;
        if len <= room {
            grouping.encode(LengthForm::Shortest, &mut open);
        } else {
            let mut spanning = Vec::new();
            grouping.encode(LengthForm::ThreeBytes, &mut spanning);
            blocks.extend(spanning.chunks(room).map(|data| (mark, data.to_vec())));
            spanning.zeroize();
        }
    }
    if !open.is_empty() {
        blocks.push((mark, open));
    }
    number(blocks)
}

fn number(blocks: Vec<(Encipherment, Vec<u8>)>) -> Result<Vec<StoreData>, SplitError> {
    let found = blocks.len();
    let last = found.checked_sub(1).ok_or(SplitError::Nothing)?;
    let command = |(index, (encipherment, data)): (usize, (Encipherment, Vec<u8>))| {
        let block = u8::try_from(index).map_err(|_| SplitError::TooManyCommands { found })?;
        let position = if index == last {
            Position::Last
        } else {
            Position::More
        };
        Ok(StoreData {
            position,
            encipherment,
            block,
            data,
        })
    };
    blocks.into_iter().enumerate().map(command).collect()
}

/// Puts data groupings together as the commands come in.
///
/// ```text
/// Open --command, more--> Open      the data groupings that are whole now are handed out
/// Open --command, last--> Complete  if nothing is left over; else the error, and Open stays
/// Complete --any--> error
/// ```
///
/// A refused command changes nothing.
#[derive(Clone, Default, Zeroize, ZeroizeOnDrop)]
pub struct Reassembly {
    pending: Vec<u8>,
    #[zeroize(skip)]
    next: Expected,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Block(usize),
    Nothing,
}

impl Default for Expected {
    fn default() -> Self {
        Self::Block(0)
    }
}

/// Why a STORE DATA command is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReassemblyError {
    /// A command after the last one.
    #[error("a command after the last one")]
    Complete,
    /// P2 is not the number of this command.
    #[error("block {found} where block {expected} is due")]
    Block {
        /// The number that is due.
        expected: usize,
        /// What P2 says.
        found: u8,
    },
    /// The last command leaves a data grouping unfinished; `id` is known if its head has come.
    #[error("the last command leaves a data grouping unfinished")]
    Unfinished {
        /// Which data grouping.
        id: Option<DgiId>,
    },
    /// More data is held back than any data grouping has.
    #[error("more data than a data grouping can have")]
    TooMuch,
}

impl Reassembly {
    /// Nothing has come yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the last command has come.
    pub fn is_complete(&self) -> bool {
        self.next == Expected::Nothing
    }

    /// Whether a data grouping has begun and not ended.
    pub fn is_within(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Takes the data of one command and gives the data groupings that are whole now.
    ///
    /// # Errors
    /// Every [`ReassemblyError`]; nothing has changed then.
    pub fn push(&mut self, p1: u8, p2: u8, data: &[u8]) -> Result<Vec<Dgi>, ReassemblyError> {
        let Expected::Block(expected) = self.next else {
            return Err(ReassemblyError::Complete);
        };
        if usize::from(p2) != expected {
            return Err(ReassemblyError::Block {
                expected,
                found: p2,
            });
        }
        if self.pending.len() + data.len() > MAX_PENDING + MAX_DATA {
            return Err(ReassemblyError::TooMuch);
        }
        let mut bytes = [&self.pending, data].concat();
        let (whole, left, end) = read_whole(&bytes);
        let next = match (Position::from_p1(p1), end) {
            (Position::Last, End::Whole) => Expected::Nothing,
            (Position::Last, End::Within(id)) => {
                bytes.zeroize();
                return Err(ReassemblyError::Unfinished { id });
            }
            (Position::More, _) => Expected::Block(expected + 1),
        };
        self.pending.zeroize();
        self.pending = bytes.split_off(bytes.len() - left);
        self.next = next;
        bytes.zeroize();
        Ok(whole)
    }
}

impl fmt::Debug for Reassembly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Reassembly({:?}, {} bytes pending)",
            self.next,
            self.pending.len()
        )
    }
}

/// What the bytes end with.
#[derive(Clone, Copy)]
enum End {
    /// The end of a data grouping.
    Whole,
    /// A data grouping that is not finished; its identifier, if its head is there.
    Within(Option<DgiId>),
}

/// The whole data groupings at the start, how many bytes are left behind them, and what those are.
fn read_whole(bytes: &[u8]) -> (Vec<Dgi>, usize, End) {
    let (mut rest, mut whole) = (bytes, Vec::new());
    while !rest.is_empty() {
        match dgi::read(rest) {
            Start::Whole(grouping, after) => {
                whole.push(grouping);
                rest = after;
            }
            Start::HeadMissing => return (whole, rest.len(), End::Within(None)),
            Start::ValueMissing { id, .. } => return (whole, rest.len(), End::Within(Some(id))),
        }
    }
    (whole, 0, End::Whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dgi::tests::any_groupings;

    fn grouping(id: u16, len: usize) -> Dgi {
        Dgi::new(DgiId(id), vec![0x5A; len]).unwrap()
    }

    #[test]
    fn small_groupings_share_a_command_and_the_last_is_marked() {
        let groupings = [
            grouping(0x0101, 100),
            grouping(0x0201, 100),
            grouping(0x9104, 14),
        ];
        let commands = split(&groupings, MAX_DATA).unwrap();
        assert_eq!(commands.len(), 1);
        assert_eq!(commands[0].to_apdu()[..5], [0x80, 0xE2, 0x80, 0x00, 223]);
        let groupings = [grouping(0x0101, 200), grouping(0x0201, 100)];
        let commands = split(&groupings, MAX_DATA).unwrap();
        let heads: Vec<_> = commands
            .iter()
            .map(|c| (c.p1(), c.p2(), c.data().len()))
            .collect();
        assert_eq!(heads, [(0x00, 0, 203), (0x80, 1, 103)]);
    }

    #[test]
    fn a_long_grouping_spans_commands_with_a_long_length() {
        let commands = split(&[grouping(0x0301, 10), grouping(0x0202, 300)], MAX_DATA).unwrap();
        let lens: Vec<_> = commands
            .iter()
            .map(|command| command.data().len())
            .collect();
        assert_eq!(lens, [13, 255, 50]);
        assert_eq!(commands[1].data()[..5], [0x02, 0x02, 0xFF, 0x01, 0x2C]);
    }

    #[test]
    fn enciphered_groupings_share_commands_with_each_other_only() {
        use Encipherment::{All, None};
        let groupings = [
            (grouping(0x0101, 10), None),
            (grouping(0x8000, 48), All),
            (grouping(0x8010, 300), All),
            (grouping(0x9000, 9), None),
        ];
        let commands = split_marked(&groupings, 239).unwrap();
        let heads: Vec<_> = commands
            .iter()
            .map(|c| (c.p1(), c.p2(), c.data().len()))
            .collect();
        let expected = [
            (0x00, 0, 13),
            (0x60, 1, 51),
            (0x60, 2, 239),
            (0x60, 3, 66),
            (0x80, 4, 12),
        ];
        assert_eq!(heads, expected);
        assert_eq!(Encipherment::from_p1(0xE1), Some(All));
        assert_eq!(Encipherment::from_p1(0x20), Option::None);
    }

    #[test]
    fn what_cannot_be_split() {
        assert_eq!(split(&[], MAX_DATA), Err(SplitError::Nothing));
        assert_eq!(
            split(&[grouping(1, 1)], 5),
            Err(SplitError::Room { found: 5 })
        );
        assert_eq!(
            split(&[grouping(1, 1)], 256),
            Err(SplitError::Room { found: 256 })
        );
        let long = [grouping(1, 60_000), grouping(2, 60_000)];
        assert_eq!(
            split(&long, MAX_DATA),
            Err(SplitError::TooManyCommands { found: 472 })
        );
    }

    #[test]
    fn wrong_commands_are_refused_and_change_nothing() {
        let mut reassembly = Reassembly::new();
        let refused = |expected, found| Err(ReassemblyError::Block { expected, found });
        assert_eq!(reassembly.push(0x00, 1, &[]), refused(0, 1));
        assert!(!reassembly.is_within());
        assert_eq!(reassembly.push(0x00, 0, &[1, 1, 2, 7]), Ok(vec![]));
        assert!(reassembly.is_within());
        assert_eq!(reassembly.push(0x00, 0, &[8]), refused(1, 0));
        let unfinished = Err(ReassemblyError::Unfinished {
            id: Some(DgiId(0x0101)),
        });
        assert_eq!(reassembly.push(0x80, 1, &[]), unfinished);
        assert_eq!(
            reassembly.push(0x80, 1, &[8, 1]),
            Err(ReassemblyError::Unfinished { id: None })
        );
        let whole = Dgi::new(DgiId(0x0101), vec![7, 8]).unwrap();
        assert_eq!(reassembly.push(0x80, 1, &[8]), Ok(vec![whole]));
        assert!(reassembly.is_complete());
        assert_eq!(
            reassembly.push(0x80, 2, &[]),
            Err(ReassemblyError::Complete)
        );
    }

    proptest! {
        #[test]
        fn what_is_split_is_put_together(groupings in any_groupings(), room in 6..=MAX_DATA) {
            prop_assume!(groupings.iter().map(|g| g.value().len() + 6).sum::<usize>() < 255 * 6);
            let commands = split(&groupings, room).unwrap();
            let mut reassembly = Reassembly::new();
            let mut got = Vec::new();
            for command in &commands {
                prop_assert!((1..=room).contains(&command.data().len()));
                prop_assert!(!reassembly.is_complete());
                got.extend(reassembly.push(command.p1(), command.p2(), command.data()).unwrap());
            }
            prop_assert!(reassembly.is_complete());
            prop_assert_eq!(got, groupings);
        }

        #[test]
        fn any_commands_are_taken_without_a_panic(
            commands in proptest::collection::vec(
                (any::<u8>(), any::<bool>(), proptest::collection::vec(any::<u8>(), 0..255)), 0..20,
            ),
        ) {
            let mut reassembly = Reassembly::new();
            let mut due = 0;
            for (p1, follow, data) in commands {
                let p2 = if follow { due } else { p1 };
                if reassembly.push(p1 & 0x7F, p2, &data).is_ok() {
                    due += 1;
                }
            }
            let _ = reassembly.push(0x80, due, &[]);
        }
    }
}
