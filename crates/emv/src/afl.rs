//! What an application can do (AIP) and where its data lies (AFL): EMV Book 3, documented.

use std::fmt;

/// A short file identifier: 1 to 30.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sfi(u8);

impl Sfi {
    /// File 1, where payment cards keep stripe data.
    pub const ONE: Self = Self(1);
    /// File 2.
    pub const TWO: Self = Self(2);

    /// From 1 to 30.
    pub fn new(number: u8) -> Option<Self> {
        (1..=30).contains(&number).then_some(Self(number))
    }

    /// The number.
    pub fn number(self) -> u8 {
        self.0
    }
}

/// A record of a file. Record numbers begin at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId {
    /// The file.
    pub sfi: Sfi,
    /// The record number.
    pub record: u8,
}

impl RecordId {
    /// The record of a number from 1 to 254.
    pub fn new(sfi: Sfi, record: u8) -> Option<Self> {
        (1..=254).contains(&record).then_some(Self { sfi, record })
    }

    /// Reference byte P2 of READ RECORD; P1 is the record number.
    pub fn read_record_p2(self) -> u8 {
        (self.sfi.0 << 3) | 0x04
    }

    /// The record that P1 and P2 of READ RECORD ask for.
    pub fn from_read_record(p1: u8, p2: u8) -> Option<Self> {
        let sfi = Sfi::new(p2 >> 3).filter(|_| p2 & 0x07 == 0x04)?;
        Self::new(sfi, p1)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {} of file {}", self.record, self.sfi.0)
    }
}

/// One entry of the application file locator: a run of records of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AflEntry {
    sfi: Sfi,
    first: u8,
    last: u8,
    authenticated: u8,
}

/// Why bytes are not an application file locator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AflError {
    /// Empty, or not a multiple of four bytes, or more than 252.
    #[error("file locator of {found} bytes")]
    Length {
        /// The length found, in bytes.
        found: usize,
    },
    /// A file number that is not 1 to 30, or with its lower three bits set.
    #[error("file locator: wrong file number in entry {entry}")]
    File {
        /// The entry, from 0.
        entry: usize,
    },
    /// The first record is 0 or behind the last, or more records are signed than there are.
    #[error("file locator: wrong records in entry {entry}")]
    Records {
        /// The entry, from 0.
        entry: usize,
    },
}

impl AflEntry {
    /// The records `first` to `last` of a file, of which the first `authenticated` take part in
    /// offline data authentication.
    pub fn new(sfi: Sfi, first: u8, last: u8, authenticated: u8) -> Option<Self> {
        let ordered = first >= 1 && first <= last && last < 255;
        let count = last.checked_sub(first)?.checked_add(1)?;
        (ordered && authenticated <= count).then_some(Self {
            sfi,
            first,
            last,
            authenticated,
        })
    }

    /// How many of the records, from the first, take part in offline data authentication.
    pub fn authenticated(self) -> u8 {
        self.authenticated
    }

    /// The records in order.
    pub fn records(self) -> impl Iterator<Item = RecordId> {
        (self.first..=self.last).map(move |record| RecordId {
            sfi: self.sfi,
            record,
        })
    }

    /// Those of them that take part in offline data authentication.
    pub fn signed_records(self) -> impl Iterator<Item = RecordId> {
        self.records().take(usize::from(self.authenticated))
    }

    fn to_bytes(self) -> [u8; 4] {
        [self.sfi.0 << 3, self.first, self.last, self.authenticated]
    }
}

/// The application file locator (tag 94): which records a terminal reads, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Afl(Vec<AflEntry>);

impl Afl {
    /// The locator of 1 to 63 entries; `None` for another count.
    pub fn new(entries: Vec<AflEntry>) -> Option<Self> {
        (1..=63).contains(&entries.len()).then_some(Self(entries))
    }

    /// Reads the value of tag 94.
    ///
    /// # Errors
    /// Every [`AflError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, AflError> {
        let (entries, rest) = bytes.as_chunks::<4>();
        let found = bytes.len();
        if !rest.is_empty() {
            return Err(AflError::Length { found });
        }
        let entries = entries
            .iter()
            .enumerate()
            .map(|(entry, [file, first, last, signed])| {
                let sfi = Sfi::new(file >> 3).filter(|_| file.is_multiple_of(8));
                let sfi = sfi.ok_or(AflError::File { entry })?;
                AflEntry::new(sfi, *first, *last, *signed).ok_or(AflError::Records { entry })
            });
        Self::new(entries.collect::<Result<_, _>>()?).ok_or(AflError::Length { found })
    }

    /// The value of tag 94.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|entry| entry.to_bytes()).collect()
    }

    /// The entries.
    pub fn entries(&self) -> &[AflEntry] {
        &self.0
    }

    /// Every record that a terminal reads, in order.
    pub fn records(&self) -> impl Iterator<Item = RecordId> + '_ {
        self.0.iter().flat_map(|entry| entry.records())
    }

    /// Those of them that take part in offline data authentication, in order.
    pub fn signed_records(&self) -> impl Iterator<Item = RecordId> + '_ {
        self.0.iter().flat_map(|entry| entry.signed_records())
    }
}

/// The application interchange profile (tag 82).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Aip(pub [u8; 2]);

/// A capability that the first byte of the profile tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// Static data authentication.
    StaticAuthentication,
    /// Dynamic data authentication.
    DynamicAuthentication,
    /// Cardholder verification.
    CardholderVerification,
    /// Terminal risk management is to be performed.
    TerminalRiskManagement,
    /// Issuer authentication by EXTERNAL AUTHENTICATE.
    IssuerAuthentication,
    /// Combined dynamic authentication and cryptogram.
    CombinedAuthentication,
}

impl Capability {
    fn bit(self) -> u8 {
        match self {
            Self::StaticAuthentication => 0x40,
            Self::DynamicAuthentication => 0x20,
            Self::CardholderVerification => 0x10,
            Self::TerminalRiskManagement => 0x08,
            Self::IssuerAuthentication => 0x04,
            Self::CombinedAuthentication => 0x01,
        }
    }
}

impl Aip {
    /// Cardholder verification and terminal risk management, no offline data authentication.
    pub const NO_ODA: Self = Self([0x18, 0x00]);

    /// The profile with one capability more.
    #[must_use]
    pub fn with(mut self, capability: Capability) -> Self {
        self.0[0] |= capability.bit();
        self
    }

    /// Whether the profile tells the capability.
    pub fn has(self, capability: Capability) -> bool {
        self.0[0] & capability.bit() != 0
    }
}

impl fmt::Debug for Aip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aip({})", hex::encode_upper(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_locator_of_a_card_that_a_kernel_accepted() {
        let afl = Afl::parse(&[0x08, 1, 1, 0, 0x10, 1, 1, 0]).unwrap();
        let records: Vec<_> = afl.records().collect();
        assert_eq!(
            records,
            [Sfi::ONE, Sfi::TWO].map(|sfi| RecordId { sfi, record: 1 })
        );
        assert_eq!(afl.signed_records().count(), 0);
        assert_eq!(records[1].read_record_p2(), 0x14);
        assert_eq!(RecordId::from_read_record(1, 0x14), Some(records[1]));
        assert_eq!(RecordId::from_read_record(1, 0x15), None);
    }

    #[test]
    fn the_first_records_of_an_entry_are_signed() {
        let afl = Afl::parse(&[0x08, 1, 1, 0, 0x10, 1, 3, 2]).unwrap();
        let signed: Vec<_> = afl.signed_records().collect();
        let record = |record| RecordId {
            sfi: Sfi::TWO,
            record,
        };
        assert_eq!(signed, [1, 2].map(record));
        let profile = Aip::NO_ODA.with(Capability::DynamicAuthentication);
        assert_eq!(profile.0, [0x38, 0x00]);
    }

    #[test]
    fn wrong_locators() {
        assert_eq!(Afl::parse(&[]), Err(AflError::Length { found: 0 }));
        assert_eq!(Afl::parse(&[8, 1, 1]), Err(AflError::Length { found: 3 }));
        assert_eq!(Afl::parse(&[0, 1, 1, 0]), Err(AflError::File { entry: 0 }));
        assert_eq!(
            Afl::parse(&[0xF8, 1, 1, 0]),
            Err(AflError::File { entry: 0 })
        );
        assert_eq!(Afl::parse(&[9, 1, 1, 0]), Err(AflError::File { entry: 0 }));
        assert_eq!(
            Afl::parse(&[8, 0, 1, 0]),
            Err(AflError::Records { entry: 0 })
        );
        assert_eq!(
            Afl::parse(&[8, 2, 1, 0]),
            Err(AflError::Records { entry: 0 })
        );
        assert_eq!(
            Afl::parse(&[8, 1, 1, 2]),
            Err(AflError::Records { entry: 0 })
        );
    }

    #[test]
    fn the_profile_without_authentication() {
        assert!(Aip::NO_ODA.has(Capability::CardholderVerification));
        assert!(Aip::NO_ODA.has(Capability::TerminalRiskManagement));
        assert!(!Aip::NO_ODA.has(Capability::StaticAuthentication));
        assert!(!Aip::NO_ODA.has(Capability::CombinedAuthentication));
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_again(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(afl) = Afl::parse(&bytes) {
                prop_assert_eq!(afl.to_bytes(), bytes);
                prop_assert!(afl.records().count() < 63 * 255);
            }
        }

        #[test]
        fn good_locators_are_read(files in proptest::collection::vec((1u8..=30, 1u8..=254, 0u8..3), 1..63)) {
            let bytes: Vec<u8> = files.iter().flat_map(|(file, first, more)| {
                [file << 3, *first, first.saturating_add(*more).min(254), 0]
            }).collect();
            prop_assert_eq!(Afl::parse(&bytes).map(|afl| afl.to_bytes()), Ok(bytes));
        }
    }
}
