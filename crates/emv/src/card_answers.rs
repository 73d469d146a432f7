//! What a terminal hears from a card when it reads everything, and what it should hear.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;

use zeroize::{Zeroize, Zeroizing};

use crate::afl::{Afl, RecordId};
use crate::aid::Aid;
use crate::card_view::{CardView, ReadError, read_card};
use crate::dgi::{Dgi, DgiId};
use crate::perso;
use crate::tag::Tag;
use crate::tlv::TlvReader;

/// The answers of a card that is read as a whole, without their status words. Two cards that give the same are the same to every
/// terminal until they compute. Secret: `Debug` shows nothing, memory is wiped.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct CardAnswers {
    /// To SELECT of the application: template 6F.
    pub select: Vec<u8>,
    /// To GET PROCESSING OPTIONS: template 77 or 80.
    pub options: Vec<u8>,
    /// To READ RECORD, each record that the file locator names.
    pub records: BTreeMap<RecordId, Vec<u8>>,
}

/// Why data groupings make no card that could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GroupingsError {
    /// A data grouping is missing that every card has, or that the file locator needs.
    #[error("data grouping {0} is missing")]
    Missing(DgiId),
    /// The file locator cannot be read.
    #[error("data grouping 9104 holds no file locator")]
    Locator,
    /// An answer would be too long.
    #[error("data grouping {0} is too long for an answer")]
    TooLong(DgiId),
}

impl CardAnswers {
    /// What a card with these data groupings answers (format 2 of GET PROCESSING OPTIONS).
    ///
    /// # Errors
    /// Every [`GroupingsError`].
    pub fn of_groupings(aid: &Aid, groupings: &[Dgi]) -> Result<Self, GroupingsError> {
        let find = |id: DgiId| {
            let found = groupings.iter().find(|grouping| grouping.id() == id);
            found.map(Dgi::value).ok_or(GroupingsError::Missing(id))
        };
        let (select, options) = (DgiId::SELECT_ANSWER, DgiId::PROCESSING_OPTIONS);
        let locator = TlvReader::new(find(options)?).find(Tag::FILE_LOCATOR);
        let locator = locator.ok().flatten().ok_or(GroupingsError::Locator)?;
        let locator = Afl::parse(locator).map_err(|_| GroupingsError::Locator)?;
        let record = |id: RecordId| Ok((id, find(DgiId::record(id))?.to_vec()));
        Ok(Self {
            select: perso::select_answer(aid, find(select)?)
                .map_err(|_| GroupingsError::TooLong(select))?,
            options: perso::processing_options_answer(find(options)?)
                .map_err(|_| GroupingsError::TooLong(options))?,
            records: locator.records().map(record).collect::<Result<_, _>>()?,
        })
    }

    /// What they say, checked for agreement.
    ///
    /// # Errors
    /// A [`ReadError`].
    pub fn view(&self) -> Result<CardView, ReadError> {
        read_card(&self.records, &self.select, &self.options)
    }

    /// One text that is the same for the same answers, to be fingerprinted. Secret: never log it.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(hex::encode(&self.select));
        text.push('|');
        text.push_str(&Zeroizing::new(hex::encode(&self.options)));
        for (id, record) in &self.records {
            // Writing to a string cannot fail.
            let _ = write!(text, "|{:02x}{:02x}:", id.sfi.number(), id.record);
            text.push_str(&Zeroizing::new(hex::encode(record)));
        }
        text
    }
}

impl Drop for CardAnswers {
    fn drop(&mut self) {
        self.select.zeroize();
        self.options.zeroize();
        self.records.values_mut().for_each(Zeroize::zeroize);
    }
}

impl fmt::Debug for CardAnswers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardAnswers({} records)", self.records.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dgi;

    const GROUPINGS: &str =
        "01010470025000910211A50F5004564953418701019F38039F1A0291040A82021800940408010100";

    fn groupings() -> Vec<Dgi> {
        dgi::parse(&hex::decode(GROUPINGS).unwrap()).unwrap()
    }

    fn aid() -> Aid {
        Aid::parse("A0000000031010").unwrap()
    }

    #[test]
    fn groupings_answer_as_a_card_would() {
        let answers = CardAnswers::of_groupings(&aid(), &groupings()).unwrap();
        assert_eq!(
            hex::encode_upper(&answers.select),
            "6F1A8407A0000000031010A50F5004564953418701019F38039F1A02"
        );
        assert_eq!(
            hex::encode_upper(&answers.options),
            "770A82021800940408010100"
        );
        assert!(answers.to_text().ends_with("|0101:70025000"));
        assert!(!format!("{answers:?}").contains("7002"));
    }

    #[test]
    fn what_is_missing_is_named() {
        for (at, missing) in [(0, 0x0101), (1, 0x9102), (2, 0x9104)] {
            let mut groupings = groupings();
            groupings.remove(at);
            let found = CardAnswers::of_groupings(&aid(), &groupings);
            assert_eq!(found, Err(GroupingsError::Missing(DgiId(missing))));
        }
    }

    #[test]
    fn texts_tell_answers_apart() {
        let good = CardAnswers::of_groupings(&aid(), &groupings()).unwrap();
        let mut other = good.clone();
        other.options[5] ^= 1;
        assert_ne!(good.to_text(), other.to_text());
    }
}
