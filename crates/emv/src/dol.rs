//! Data object lists: what a chip asks a terminal for (EMV Book 3 section 5.4, documented).
//!
//! A list is tags, each followed by one byte of length. The terminal answers with the values alone,
//! one behind the other, each of just that length.

use crate::tag::{Tag, TagError};

/// A data object list, as in tags 9F38, 8C and 8D.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dol(Vec<(Tag, u8)>);

/// Why bytes are not a data object list, or data is not the answer to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DolError {
    /// No tag where one must be.
    #[error("data object list: {0}")]
    Tag(#[from] TagError),
    /// The bytes end behind a tag.
    #[error("data object list: no length behind tag {0}")]
    NoLength(Tag),
    /// The data has another length than the list asks for.
    #[error("data of {found} bytes for a list that asks for {expected}")]
    DataLength {
        /// What the list asks for, in bytes.
        expected: usize,
        /// What there is.
        found: usize,
    },
}

impl Dol {
    /// Reads a list; no bytes are the empty list.
    ///
    /// # Errors
    /// [`DolError::Tag`], [`DolError::NoLength`].
    pub fn parse(bytes: &[u8]) -> Result<Self, DolError> {
        let (mut rest, mut entries) = (bytes, Vec::new());
        while !rest.is_empty() {
            let (tag, after) = Tag::read(rest)?;
            let (length, after) = after.split_first().ok_or(DolError::NoLength(tag))?;
            entries.push((tag, *length));
            rest = after;
        }
        Ok(Self(entries))
    }

    /// The tags and their lengths in bytes, in order.
    pub fn entries(&self) -> &[(Tag, u8)] {
        &self.0
    }

    /// How many bytes the list asks for.
    pub fn data_len(&self) -> usize {
        self.0.iter().map(|(_, length)| usize::from(*length)).sum()
    }

    /// The terminal's answer: each value of just the length that is asked for (EMV Book 3 section 5.4, documented).
    ///
    /// What the terminal does not know is zeros. Numbers are cut and filled up with zeros on the left, everything else on the right.
    pub fn fill<'a>(&self, value_of: impl Fn(Tag) -> Option<&'a [u8]>) -> Vec<u8> {
        let mut data = Vec::with_capacity(self.data_len());
        for (tag, length) in &self.0 {
            let (value, length) = (value_of(*tag).unwrap_or_default(), usize::from(*length));
            let missing = length.saturating_sub(value.len());
            if is_number(*tag) {
                data.extend(std::iter::repeat_n(0, missing));
                data.extend_from_slice(&value[value.len().saturating_sub(length)..]);
            } else {
                data.extend_from_slice(&value[..value.len().min(length)]);
                data.extend(std::iter::repeat_n(0, missing));
            }
        }
        data
    }

    /// Cuts the terminal's data into the values that were asked for.
    ///
    /// # Errors
    /// [`DolError::DataLength`].
    pub fn split<'a>(&self, data: &'a [u8]) -> Result<Vec<(Tag, &'a [u8])>, DolError> {
        let wrong = DolError::DataLength {
            expected: self.data_len(),
            found: data.len(),
        };
        let mut rest = data;
        let values = self.0.iter().map(|(tag, length)| {
            let (value, after) = rest.split_at_checked(usize::from(*length)).ok_or(wrong)?;
            rest = after;
            Ok::<_, DolError>((*tag, value))
        });
        let values = values.collect::<Result<_, _>>()?;
        if rest.is_empty() {
            Ok(values)
        } else {
            Err(wrong)
        }
    }
}

/// Whether a data object of the terminal is a number in packed decimal.
fn is_number(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::AMOUNT
            | Tag::AMOUNT_OTHER
            | Tag::TERMINAL_COUNTRY
            | Tag::TRANSACTION_CURRENCY
            | Tag::TRANSACTION_DATE
            | Tag::TRANSACTION_TYPE
            | Tag::TERMINAL_TYPE
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{DEFAULT_CDOL1, DEFAULT_CDOL2, DEFAULT_PDOL};
    use proptest::prelude::*;

    #[test]
    fn the_default_lists() {
        let len = |bytes| Dol::parse(bytes).unwrap().data_len();
        assert_eq!(
            (len(DEFAULT_PDOL), len(DEFAULT_CDOL1), len(DEFAULT_CDOL2)),
            (2, 29, 31)
        );
        assert_eq!(&DEFAULT_CDOL2[2..], DEFAULT_CDOL1);
        assert_eq!(Dol::parse(&[]), Ok(Dol::default()));
    }

    #[test]
    fn data_is_cut_to_the_lengths() {
        let list = Dol::parse(&[0x9F, 0x1A, 0x02, 0x9C, 0x01]).unwrap();
        let values = list.split(&[0x08, 0x40, 0x00]).unwrap();
        let expected = [
            (Tag::TERMINAL_COUNTRY, &[8, 0x40][..]),
            (Tag::TRANSACTION_TYPE, &[0]),
        ];
        assert_eq!(values, expected);
        let wrong = |found| Err(DolError::DataLength { expected: 3, found });
        assert_eq!(list.split(&[0; 2]), wrong(2));
        assert_eq!(list.split(&[0; 4]), wrong(4));
    }

    #[test]
    fn values_are_cut_and_filled_up() {
        let list = Dol::parse(&[
            0x9F, 0x02, 0x03, 0x9F, 0x37, 0x02, 0x95, 0x07, 0x9A, 0x01, 0x91, 0x02,
        ]);
        let value = |tag| -> Option<&'static [u8]> {
            match tag {
                Tag::AMOUNT => Some(&[0x12]),
                Tag::UNPREDICTABLE_NUMBER => Some(&[1, 2, 3, 4]),
                Tag::TERMINAL_VERIFICATION => Some(&[0x80, 0, 0, 0, 0]),
                Tag::TRANSACTION_DATE => Some(&[0x26, 0x06, 0x17]),
                _ => None,
            }
        };
        let filled = list.unwrap().fill(value);
        assert_eq!(hex::encode(filled), "000012010280000000000000170000");
    }

    #[test]
    fn wrong_lists() {
        let no_length = DolError::NoLength(Tag::TERMINAL_COUNTRY);
        assert_eq!(Dol::parse(&[0x9F, 0x1A]), Err(no_length));
        assert_eq!(Dol::parse(&[0x9F]), Err(DolError::Tag(TagError::Truncated)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(
            list in proptest::collection::vec(any::<u8>(), 0..40),
            data in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            if let Ok(list) = Dol::parse(&list) {
                prop_assert_eq!(list.split(&data).is_ok(), list.data_len() == data.len());
                prop_assert!(list.split(&list.fill(|_| Some(&data))).is_ok());
            }
        }
    }
}
