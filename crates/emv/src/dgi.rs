//! Data groupings: the units of personalisation (EMV CPS section 3.2, documented).
//!
//! A data grouping is a two-byte identifier, a length and a value. Lengths to `FE` may take one
//! byte; any length may be written as `FF` and two bytes.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::afl::{RecordId, Sfi};

/// The longest value: what a length of three bytes can say.
pub const MAX_VALUE: usize = 0xFFFF;

/// The identifier of a data grouping.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DgiId(pub u16);

impl DgiId {
    /// SELECT answer of the contact application: the template `A5`.
    pub const SELECT_ANSWER: Self = Self(0x9102);
    /// GET PROCESSING OPTIONS answer: tags 82 and 94.
    pub const PROCESSING_OPTIONS: Self = Self(0x9104);
    /// Default issuer application data: tag 9F10.
    pub const ISSUER_APPLICATION_DATA: Self = Self(0x9200);
    /// The card's three keys.
    pub const CARD_KEYS: Self = Self(0x8000);
    /// The check values of the card's three keys.
    pub const KEY_CHECK_VALUES: Self = Self(0x9000);
    /// The reference PIN block.
    pub const PIN_BLOCK: Self = Self(0x8010);
    /// PIN try counter and limit.
    pub const PIN_TRIES: Self = Self(0x9010);
    /// The card's private RSA key by its factors: inverse of q, dq, dp, q, p.
    pub const CARD_FACTORS: [Self; 5] = [
        Self(0x8201),
        Self(0x8202),
        Self(0x8203),
        Self(0x8204),
        Self(0x8205),
    ];
    /// The card's private RSA key by its exponent: private exponent, modulus.
    pub const CARD_EXPONENT: [Self; 2] = [Self(0x8101), Self(0x8103)];

    /// The data grouping that fills a record: file number, record number.
    pub fn record(id: RecordId) -> Self {
        Self(u16::from_be_bytes([id.sfi.number(), id.record]))
    }

    /// The record that the data grouping fills: identifiers `0101` to `1EFE`.
    pub fn as_record(self) -> Option<RecordId> {
        let [file, record] = self.0.to_be_bytes();
        RecordId::new(Sfi::new(file)?, record)
    }

    /// Whether the value is secret and is enciphered on its way: the groupings of keys and PINs.
    ///
    /// Documented as "groupings from 8000 on that carry secrets"; taking `80xx` to `8Fxx` for
    /// them is inferred.
    pub fn is_secret(self) -> bool {
        self.0 >> 12 == 0x8
    }
}

impl fmt::Display for DgiId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Debug for DgiId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DgiId({self})")
    }
}

/// A data grouping. `Debug` shows identifier and length only; the value is wiped on drop.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Dgi {
    #[zeroize(skip)]
    id: DgiId,
    value: Vec<u8>,
}

/// How a length is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LengthForm {
    /// One byte where it suffices.
    #[default]
    Shortest,
    /// Always `FF` and two bytes, which some applications want where a data grouping spans
    /// commands.
    ThreeBytes,
}

/// Why bytes are not data groupings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DgiError {
    /// The bytes end within an identifier or a length.
    #[error("data grouping cut short in its head at byte {position}")]
    HeadTruncated {
        /// Where the data grouping begins.
        position: usize,
    },
    /// The value is longer than the bytes that are left.
    #[error("data grouping {id}: value of {needed} bytes with {available} left")]
    ValueTruncated {
        /// Which data grouping.
        id: DgiId,
        /// What the length says.
        needed: usize,
        /// What is there.
        available: usize,
    },
    /// A value longer than [`MAX_VALUE`].
    #[error("data grouping {id}: value of {found} bytes is too long")]
    ValueTooLong {
        /// Which data grouping.
        id: DgiId,
        /// The length of the value.
        found: usize,
    },
}

impl Dgi {
    /// The data grouping of this value.
    ///
    /// # Errors
    /// [`DgiError::ValueTooLong`].
    pub fn new(id: DgiId, value: Vec<u8>) -> Result<Self, DgiError> {
        match value.len() {
            found if found > MAX_VALUE => Err(DgiError::ValueTooLong { id, found }),
            _ => Ok(Self { id, value }),
        }
    }

    /// The identifier.
    pub fn id(&self) -> DgiId {
        self.id
    }

    /// The value. It may be secret: never log it.
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// Appends identifier, length and value.
    pub fn encode(&self, form: LengthForm, out: &mut Vec<u8>) {
        out.extend(self.id.0.to_be_bytes());
        // The constructor bounds the length, so the conversions below keep every bit.
        let [high, low] = u16::try_from(self.value.len())
            .unwrap_or(u16::MAX)
            .to_be_bytes();
        match (form, high, low) {
            (LengthForm::Shortest, 0, 0..=0xFE) => out.push(low),
            _ => out.extend([0xFF, high, low]),
        }
        out.extend_from_slice(&self.value);
    }

    /// Bytes that [`Dgi::encode`] appends.
    pub fn encoded_len(&self, form: LengthForm) -> usize {
        let head = match form {
            LengthForm::Shortest if self.value.len() <= 0xFE => 3,
            _ => 5,
        };
        head + self.value.len()
    }
}

impl fmt::Debug for Dgi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dgi({}, {} bytes)", self.id, self.value.len())
    }
}

/// What stands at the start of some bytes.
#[derive(Debug)]
pub(crate) enum Start<'a> {
    /// A whole data grouping and what follows it.
    Whole(Dgi, &'a [u8]),
    /// The head is not there yet.
    HeadMissing,
    /// The head is there, but not all of the value.
    ValueMissing {
        id: DgiId,
        needed: usize,
        available: usize,
    },
}

/// Reads the data grouping at the start of `bytes`.
pub(crate) fn read(bytes: &[u8]) -> Start<'_> {
    let (id, length, body) = match *bytes {
        [a, b, 0xFF, high, low, ref body @ ..] => {
            ([a, b], usize::from(u16::from_be_bytes([high, low])), body)
        }
        [_, _, 0xFF, ..] => return Start::HeadMissing,
        [a, b, length, ref body @ ..] => ([a, b], usize::from(length), body),
        _ => return Start::HeadMissing,
    };
    let id = DgiId(u16::from_be_bytes(id));
    match body.split_at_checked(length) {
        Some((value, rest)) => Start::Whole(
            Dgi {
                id,
                value: value.to_vec(),
            },
            rest,
        ),
        None => Start::ValueMissing {
            id,
            needed: length,
            available: body.len(),
        },
    }
}

/// Reads data groupings that stand one after the other.
///
/// # Errors
/// [`DgiError::HeadTruncated`], [`DgiError::ValueTruncated`].
pub fn parse(bytes: &[u8]) -> Result<Vec<Dgi>, DgiError> {
    let mut rest = bytes;
    let mut groupings = Vec::new();
    while !rest.is_empty() {
        match read(rest) {
            Start::Whole(grouping, after) => {
                groupings.push(grouping);
                rest = after;
            }
            Start::HeadMissing => {
                return Err(DgiError::HeadTruncated {
                    position: bytes.len() - rest.len(),
                });
            }
            Start::ValueMissing {
                id,
                needed,
                available,
            } => {
                return Err(DgiError::ValueTruncated {
                    id,
                    needed,
                    available,
                });
            }
        }
    }
    Ok(groupings)
}

/// Writes data groupings one after the other, lengths in their shortest form.
pub fn encode_all(groupings: &[Dgi]) -> Vec<u8> {
    groupings.iter().fold(Vec::new(), |mut out, grouping| {
        grouping.encode(LengthForm::Shortest, &mut out);
        out
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grouping(id: u16, value: &[u8]) -> Dgi {
        Dgi::new(DgiId(id), value.to_vec()).unwrap()
    }

    pub(crate) fn any_groupings() -> impl Strategy<Value = Vec<Dgi>> {
        let value = prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..40),
            proptest::collection::vec(any::<u8>(), 245..270),
            proptest::collection::vec(any::<u8>(), 400..900),
        ];
        let one = (any::<u16>(), value).prop_map(|(id, value)| grouping(id, &value));
        proptest::collection::vec(one, 1..8)
    }

    #[test]
    fn the_length_takes_one_or_three_bytes() {
        let head =
            |len: usize| hex::encode_upper(&encode_all(&[grouping(0x0101, &vec![0; len])])[..5]);
        assert_eq!(head(0xFE), "0101FE0000");
        assert_eq!(head(0xFF), "0101FF00FF");
        assert_eq!(head(431), "0101FF01AF");
        let mut out = Vec::new();
        grouping(0x0101, &[7]).encode(LengthForm::ThreeBytes, &mut out);
        assert_eq!(out, [1, 1, 0xFF, 0, 1, 7]);
        assert_eq!(parse(&out), Ok(vec![grouping(0x0101, &[7])]));
    }

    #[test]
    fn each_fault_has_its_name() {
        assert_eq!(parse(&[1, 1]), Err(DgiError::HeadTruncated { position: 0 }));
        assert_eq!(
            parse(&[1, 1, 0, 2]),
            Err(DgiError::HeadTruncated { position: 3 })
        );
        assert_eq!(
            parse(&[1, 1, 0xFF, 0]),
            Err(DgiError::HeadTruncated { position: 0 })
        );
        let cut = DgiError::ValueTruncated {
            id: DgiId(0x0101),
            needed: 2,
            available: 1,
        };
        assert_eq!(parse(&[1, 1, 2, 0]), Err(cut));
        let found = MAX_VALUE + 1;
        let long = Dgi::new(DgiId(1), vec![0; found]);
        assert_eq!(
            long,
            Err(DgiError::ValueTooLong {
                id: DgiId(1),
                found
            })
        );
    }

    #[test]
    fn identifiers_of_records() {
        let id = RecordId::new(Sfi::TWO, 1).unwrap();
        assert_eq!(DgiId::record(id).to_string(), "0201");
        assert_eq!(DgiId(0x0201).as_record(), Some(id));
        assert_eq!(DgiId(0x0200).as_record(), None);
        assert_eq!(DgiId::CARD_KEYS.as_record(), None);
        assert!(DgiId::CARD_KEYS.is_secret() && !DgiId::KEY_CHECK_VALUES.is_secret());
    }

    #[test]
    fn values_do_not_print() {
        assert_eq!(
            format!("{:?}", grouping(0x8000, &[0x41; 48])),
            "Dgi(8000, 48 bytes)"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(groupings in any_groupings()) {
            let bytes = encode_all(&groupings);
            let len: usize = groupings.iter().map(|g| g.encoded_len(LengthForm::Shortest)).sum();
            prop_assert_eq!(bytes.len(), len);
            prop_assert_eq!(parse(&bytes), Ok(groupings));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..900)) {
            if let Ok(groupings) = parse(&bytes) {
                prop_assert!(groupings.iter().all(|grouping| grouping.value().len() <= bytes.len()));
            }
        }
    }
}
