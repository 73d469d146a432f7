//! STORE DATA: from commands to data groupings (EMV CPS; what is documented and what is ours is
//! said at each rule).
//!
//! The commands' data fields are one stream of groupings: two bytes of id, a length of one byte
//! (`00` to `FE`) or three (`FF` and two more, for any length), the content. A grouping may begin
//! in one command and end in a later one.

use std::fmt;

use zeroize::Zeroizing;

use crate::apdu::Apdu;
use crate::grouping::GroupingId;
use crate::status::Status;
use crate::store::{MEMORY, Store};

/// What a run of STORE DATA commands has brought so far and is not a whole grouping yet.
///
/// It is lost at power off and at the next SELECT; whole groupings stay (ours: the memory of a
/// real chip keeps them too).
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Loader {
    next_block: u8,
    pending: Zeroizing<Vec<u8>>,
}

/// Whether more STORE DATA commands follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block {
    More,
    Last,
}

impl Block {
    /// Reads P1: bit 8 is the last block, bits 7 and 6 say which groupings are encrypted, bit 1
    /// asks for a response (documented). Encrypted groupings need the session key of a secure
    /// channel; other bits are the forms of another standard.
    fn of(p1: u8) -> Result<Self, Status> {
        match p1 {
            p1 if p1 & 0x1E != 0 => Err(Status::WrongP1P2),
            p1 if p1 & 0x60 != 0 => Err(Status::SecurityNotSatisfied),
            p1 if p1 & 0x80 != 0 => Ok(Self::Last),
            _ => Ok(Self::More),
        }
    }
}

impl Loader {
    /// Takes one command: what the store holds afterwards, and how it goes on.
    ///
    /// # Errors
    /// [`Status::WrongP1P2`] for another block number than the next (documented as allowed, and
    /// always done here), [`Status::WrongLength`] for an empty block that is not the last,
    /// [`Status::WrongData`] when the last block ends within a grouping, and those of
    /// [`Store::put`].
    pub(crate) fn take(
        &self,
        apdu: &Apdu<'_>,
        store: &Store,
    ) -> Result<(Self, Store, Block), Status> {
        let block = Block::of(apdu.p1)?;
        if apdu.p2 != self.next_block {
            return Err(Status::WrongP1P2);
        }
        if apdu.data.is_empty() && block == Block::More {
            return Err(Status::WrongLength);
        }
        let stream = Zeroizing::new([&self.pending, apdu.data].concat());
        let mut store = store.clone();
        let mut rest = stream.as_slice();
        while let Some((id, value, after)) = split_grouping(rest) {
            store.put(id, value)?;
            rest = after;
        }
        if rest.len() > MEMORY {
            return Err(Status::MemoryFull);
        }
        if block == Block::Last && !rest.is_empty() {
            return Err(Status::WrongData);
        }
        let pending = Zeroizing::new(rest.to_vec());
        let next_block = self.next_block.wrapping_add(1);
        Ok((
            Self {
                next_block,
                pending,
            },
            store,
            block,
        ))
    }
}

impl fmt::Debug for Loader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Loader(block {}, {} bytes pending)",
            self.next_block,
            self.pending.len()
        )
    }
}

/// The first grouping of a stream and what follows it; `None` when it is not all there yet.
fn split_grouping(stream: &[u8]) -> Option<(GroupingId, &[u8], &[u8])> {
    let ([high, low], rest) = stream.split_first_chunk::<2>()?;
    let (len, rest) = match rest {
        [0xFF, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        [len @ 0x00..=0xFE, rest @ ..] => (usize::from(*len), rest),
        _ => return None,
    };
    let (value, after) = rest.split_at_checked(len)?;
    Some((GroupingId(u16::from_be_bytes([*high, *low])), value, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(loader: &Loader, store: &Store, p1: u8, data: &str) -> Result<(Loader, Store), Status> {
        let data = hex::decode(data).unwrap();
        let p2 = loader.next_block;
        let apdu = Apdu {
            cla: 0x80,
            ins: 0xE2,
            p1,
            p2,
            data: &data,
            le: crate::apdu::Le::Absent,
        };
        loader
            .take(&apdu, store)
            .map(|(loader, store, _)| (loader, store))
    }

    #[test]
    fn any_length_form_and_several_groupings_in_a_command() {
        let (loader, store) = take(
            &Loader::default(),
            &Store::default(),
            0x00,
            "920002AABB7FFFFF0003010203",
        )
        .unwrap();
        assert_eq!(store.get(GroupingId(0x9200)), Some(&[0xAA, 0xBB][..]));
        assert_eq!(store.get(GroupingId(0x7FFF)), Some(&[1, 2, 3][..]));
        assert_eq!(loader.next_block, 1);
        assert!(loader.pending.is_empty());
    }

    #[test]
    fn a_grouping_may_be_cut_anywhere() {
        let whole = "9200FF0003AABBCC";
        for cut in 1..whole.len() / 2 {
            let (head, tail) = whole.split_at(cut * 2);
            let (loader, store) = take(&Loader::default(), &Store::default(), 0x00, head).unwrap();
            assert_eq!(store.get(GroupingId(0x9200)), None, "{cut}");
            let (_, store) = take(&loader, &store, 0x80, tail).unwrap();
            assert_eq!(
                store.get(GroupingId(0x9200)),
                Some(&[0xAA, 0xBB, 0xCC][..]),
                "{cut}"
            );
        }
    }

    #[test]
    fn parameters_and_ends() {
        let (loader, store) = (Loader::default(), Store::default());
        for (p1, data, status) in [
            (0x10, "920000", Status::WrongP1P2),
            (0x60, "920000", Status::SecurityNotSatisfied),
            (0x00, "", Status::WrongLength),
            (0x80, "9200", Status::WrongData),
            (0x80, "92000201", Status::WrongData),
            (0x00, "A00100", Status::ReferenceNotFound),
        ] {
            assert_eq!(
                take(&loader, &store, p1, data).unwrap_err(),
                status,
                "{p1:02X} {data}"
            );
        }
        assert!(take(&loader, &store, 0x80, "").is_ok());
        assert!(take(&loader, &store, 0x01, "920000").is_ok());
    }

    #[test]
    fn blocks_are_counted() {
        let apdu = |p2| Apdu {
            p2,
            ..Apdu::parse(&[0x80, 0xE2, 0x80, 0]).unwrap()
        };
        let loader = Loader {
            next_block: 2,
            ..Loader::default()
        };
        for wrong in [0, 1, 3, 255] {
            assert_eq!(
                loader.take(&apdu(wrong), &Store::default()),
                Err(Status::WrongP1P2)
            );
        }
        let last = Loader {
            next_block: 255,
            ..Loader::default()
        };
        let (next, ..) = last.take(&apdu(255), &Store::default()).unwrap();
        assert_eq!(next.next_block, 0);
    }
}
