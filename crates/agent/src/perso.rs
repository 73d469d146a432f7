//! The dialogue with a chip: the commands that load it, and what a terminal must read afterwards. Pure.

use persotwin_emv::afl::{Afl, RecordId};
use persotwin_emv::aid::Aid;
use persotwin_emv::dgi::{Dgi, DgiId};
use persotwin_emv::dol::Dol;
use persotwin_emv::perso;
use persotwin_emv::scp::{AnswerError, OpenError};
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::{TlvReader, find_path};
use persotwin_link::chip_failure::ChipFailure;
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

/// Whether this is an answer to reset: a first byte that says how to read the rest, and the check byte of chips that speak more than
/// T=0 (ISO/IEC 7816-3, documented).
pub(crate) fn is_answer_to_reset(bytes: &[u8]) -> bool {
    let [first, format, rest @ ..] = bytes else {
        return false;
    };
    // TD1 says another protocol than T=0, or there is a TD2: a check byte stands last.
    let before_td1 = (format >> 4 & 0b0111).count_ones() as usize;
    let td1 = (format & 0x80 != 0).then(|| rest.get(before_td1)).flatten();
    let is_checked = td1.is_some_and(|td1| td1 & 0x8F != 0);
    let sum = rest.iter().fold(*format, |sum, byte| sum ^ byte);
    let historical = usize::from(format & 0x0F);
    matches!(first, 0x3B | 0x3F)
        && rest.len() >= before_td1 + historical
        && (!is_checked || sum == 0)
}

/// Whether SELECT found the application.
pub(crate) fn selected(answer: &[u8]) -> Result<(), ChipFailure> {
    match status_of(answer)? {
        DONE => Ok(()),
        [0x6A, 0x82] => Err(ChipFailure::NoApplication),
        status => Err(ChipFailure::of_status(status)),
    }
}

/// Whether a command was done.
pub(crate) fn done(status: [u8; 2]) -> Result<(), ChipFailure> {
    match status {
        DONE => Ok(()),
        status => Err(ChipFailure::of_status(status)),
    }
}

/// What it means that INITIALIZE UPDATE opened nothing.
pub(crate) fn why_not_opened(error: OpenError) -> ChipFailure {
    match error {
        OpenError::Refused([0x69, 0x85]) => ChipFailure::Personalised,
        OpenError::Refused([0x6A, 0x88])
        | OpenError::Protocol { .. }
        | OpenError::KeyVersion { .. } => ChipFailure::OtherTerms,
        OpenError::Refused(status) => ChipFailure::of_status(status),
        OpenError::Malformed { .. } => ChipFailure::Garbled,
        OpenError::Challenge | OpenError::Cryptogram => ChipFailure::WrongKeys,
    }
}

/// What it means that EXTERNAL AUTHENTICATE was not done.
pub(crate) fn why_not_believed(error: OpenError) -> ChipFailure {
    match error {
        OpenError::Refused([0x63, 0x00] | [0x69, 0x82]) => ChipFailure::NotBelieved,
        other => why_not_opened(other),
    }
}

/// What it means that the answer to a protected command is not believed.
pub(crate) fn why_not_trusted(error: AnswerError) -> ChipFailure {
    match error {
        AnswerError::Bare(status) => ChipFailure::of_status(status),
        AnswerError::Short(_) | AnswerError::Mac => ChipFailure::Garbled,
    }
}

fn status_of(answer: &[u8]) -> Result<[u8; 2], ChipFailure> {
    let (_, status) = answer.split_last_chunk::<2>().ok_or(ChipFailure::Garbled)?;
    Ok(*status)
}

/// SELECT by name.
pub(crate) fn select(aid: &Aid) -> Vec<u8> {
    let name = aid.as_bytes();
    // A name has 5 to 16 bytes.
    let lc = u8::try_from(name.len()).unwrap_or(u8::MAX);
    [&[0x00, 0xA4, 0x04, 0x00, lc], name, &[0x00]].concat()
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
    fn answers_to_reset_are_told_from_noise() {
        for good in [
            "3B8580018073C6014070",
            "3B6800000073C84013009000",
            "3B00",
            "3F6525000000900000",
        ] {
            let bytes = hex::decode(good).unwrap();
            assert!(is_answer_to_reset(&bytes), "{good}");
        }
        for wrong in [
            "",
            "3B",
            "008580018073C6014070",
            "3B8580018073C6014071",
            "3B6800",
            "FFFF",
        ] {
            let bytes = hex::decode(wrong).unwrap();
            assert!(!is_answer_to_reset(&bytes), "{wrong}");
        }
    }

    #[test]
    fn each_refusal_has_its_meaning() {
        let refused = OpenError::Refused;
        for (error, why) in [
            (refused([0x69, 0x85]), ChipFailure::Personalised),
            (refused([0x69, 0x83]), ChipFailure::Locked),
            (refused([0x6A, 0x88]), ChipFailure::OtherTerms),
            (OpenError::Cryptogram, ChipFailure::WrongKeys),
            (OpenError::Challenge, ChipFailure::WrongKeys),
            (refused([0x6D, 0x00]), ChipFailure::of_status([0x6D, 0x00])),
        ] {
            assert_eq!(why_not_opened(error), why);
        }
        assert_eq!(
            why_not_believed(refused([0x63, 0x00])),
            ChipFailure::NotBelieved
        );
        assert_eq!(why_not_believed(refused([0x69, 0x83])), ChipFailure::Locked);
        assert_eq!(why_not_trusted(AnswerError::Mac), ChipFailure::Garbled);
        assert_eq!(
            why_not_trusted(AnswerError::Bare([0x6A, 0x80])),
            ChipFailure::of_status([0x6A, 0x80])
        );
        assert_eq!(selected(&[0x6A, 0x82]), Err(ChipFailure::NoApplication));
        assert_eq!(selected(&[0x62, 0x83]), Err(ChipFailure::Locked));
        assert_eq!(selected(&[0x6F, 0x00, 0x90, 0x00]), Ok(()));
        assert_eq!(selected(&[0x90]), Err(ChipFailure::Garbled));
        assert_eq!(done(DONE), Ok(()));
    }

    #[test]
    fn a_name_is_selected() {
        assert_eq!(
            hex::encode_upper(select(&aid())),
            "00A4040007A000000003101000"
        );
    }
}
