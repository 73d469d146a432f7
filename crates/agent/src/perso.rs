//! The dialogue with a chip: the commands that load it, and what a terminal must read afterwards. Pure.

use persotwin_emv::afl::{Afl, RecordId};
use persotwin_emv::aid::Aid;
use persotwin_emv::dgi::{Dgi, DgiId};
use persotwin_emv::dol::Dol;
use persotwin_emv::perso;
use persotwin_emv::store_data::{MAX_DATA, split};
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::{TlvReader, find_path};
use zeroize::Zeroizing;

/// Status word `9000`.
const DONE: [u8; 2] = [0x90, 0x00];

/// What a card reads as when it was loaded well.
pub(crate) struct Expected {
    select: Vec<u8>,
    options: Vec<u8>,
    records: Vec<(RecordId, Zeroizing<Vec<u8>>)>,
}

/// The groupings do not make a readable card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the groupings make no card that a terminal can read")]
pub(crate) struct Unreadable;

/// SELECT by name.
pub(crate) fn select(aid: &Aid) -> Vec<u8> {
    let name = aid.as_bytes();
    // A name has 5 to 16 bytes.
    let lc = u8::try_from(name.len()).unwrap_or(u8::MAX);
    [&[0x00, 0xA4, 0x04, 0x00, lc], name, &[0x00]].concat()
}

/// The STORE DATA commands, in their order. Secret: wiped when dropped.
pub(crate) fn store_data(groupings: &[Dgi]) -> Result<Vec<Zeroizing<Vec<u8>>>, Unreadable> {
    let commands = split(groupings, MAX_DATA).map_err(|_| Unreadable)?;
    let apdu = |command: &persotwin_emv::store_data::StoreData| Zeroizing::new(command.to_apdu());
    Ok(commands.iter().map(apdu).collect())
}

/// READ RECORD.
pub(crate) fn read_record(id: RecordId) -> Vec<u8> {
    vec![0x00, 0xB2, id.record, id.read_record_p2(), 0x00]
}

/// The data of an answer whose status word says done.
pub(crate) fn data_of(answer: &[u8]) -> Option<&[u8]> {
    answer.strip_suffix(&DONE)
}

impl Expected {
    /// From the groupings that are loaded.
    pub(crate) fn of(aid: &Aid, groupings: &[Dgi]) -> Result<Self, Unreadable> {
        let find = |id: DgiId| {
            let mut all = groupings.iter();
            all.find(|dgi| dgi.id() == id).map(Dgi::value)
        };
        let proprietary = find(DgiId::SELECT_ANSWER).ok_or(Unreadable)?;
        let options = find(DgiId::PROCESSING_OPTIONS).ok_or(Unreadable)?;
        let locator = TlvReader::new(options).find(Tag::FILE_LOCATOR);
        let locator = locator.ok().flatten().ok_or(Unreadable)?;
        let locator = Afl::parse(locator).map_err(|_| Unreadable)?;
        let record = |id: RecordId| {
            let value = find(DgiId::record(id)).ok_or(Unreadable)?;
            Ok((id, Zeroizing::new(value.to_vec())))
        };
        Ok(Self {
            select: perso::select_answer(aid, proprietary).map_err(|_| Unreadable)?,
            options: perso::processing_options_answer(options).map_err(|_| Unreadable)?,
            records: locator.records().map(record).collect::<Result<_, _>>()?,
        })
    }

    /// Whether SELECT answered what it should.
    pub(crate) fn is_selected(&self, answer: &[u8]) -> bool {
        data_of(answer) == Some(self.select.as_slice())
    }

    /// GET PROCESSING OPTIONS with as many zeros as the card asks for.
    pub(crate) fn get_processing_options(&self) -> Vec<u8> {
        let list = find_path(&self.select, &[Tag::FCI, Tag::FCI_PROPRIETARY, Tag::PDOL]);
        let list = list.ok().flatten().and_then(|bytes| Dol::parse(bytes).ok());
        let wanted = list.map_or(0, |list| list.data_len());
        // What does not fit a short command is asked for by no card; it will be refused.
        let len = u8::try_from(wanted).unwrap_or(0).min(0xFB);
        let mut command = vec![0x80, 0xA8, 0x00, 0x00, len + 2, 0x83, len];
        command.resize(command.len() + usize::from(len), 0x00);
        command.push(0x00);
        command
    }

    /// Whether GET PROCESSING OPTIONS answered what it should.
    pub(crate) fn is_begun(&self, answer: &[u8]) -> bool {
        data_of(answer) == Some(self.options.as_slice())
    }

    /// The records that a terminal reads, with what each must be.
    pub(crate) fn records(&self) -> impl Iterator<Item = (RecordId, &[u8])> {
        self.records
            .iter()
            .map(|(id, value)| (*id, value.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use persotwin_emv::afl::Sfi;

    fn groupings() -> Vec<Dgi> {
        let bytes = hex::decode(
            "01010470025000910211A50F5004564953418701019F38039F1A0291040A82021800940408010100",
        );
        persotwin_emv::dgi::parse(&bytes.unwrap()).unwrap()
    }

    fn aid() -> Aid {
        Aid::parse("A0000000031010").unwrap()
    }

    #[test]
    fn a_terminal_asks_what_the_card_wants_to_know() {
        let expected = Expected::of(&aid(), &[]);
        assert!(expected.is_err());
        let mut groupings = groupings();
        groupings.truncate(3);
        let expected = Expected::of(&aid(), &groupings);
        let expected = expected.unwrap();
        assert_eq!(
            hex::encode_upper(expected.get_processing_options()),
            "80A8000004830200 0000".replace(' ', "")
        );
        let id = RecordId::new(Sfi::ONE, 1).unwrap();
        let records: Vec<_> = expected.records().collect();
        assert_eq!(records, [(id, &[0x70, 0x02, 0x50, 0x00][..])]);
        assert_eq!(hex::encode_upper(read_record(id)), "00B2010C00");
    }

    #[test]
    fn answers_are_compared_whole() {
        let expected = Expected::of(&aid(), &groupings()).unwrap();
        let good = [expected.select.as_slice(), &DONE].concat();
        assert!(expected.is_selected(&good));
        for wrong in [&good[..good.len() - 2], &good[1..], &[0x6A, 0x82], &[]] {
            assert!(!expected.is_selected(wrong), "{wrong:02X?}");
        }
        assert_eq!(data_of(&[0x90, 0x00]), Some(&[][..]));
        assert_eq!(data_of(&[0x61, 0x10]), None);
    }

    #[test]
    fn a_name_is_selected() {
        assert_eq!(
            hex::encode_upper(select(&aid())),
            "00A4040007A000000003101000"
        );
    }
}
