//! The expiry month of a card, and calendar days as the chip writes them.

use std::fmt;

use crate::digits::{Digits, DigitsError};

/// A month of the years 2000 to 2099, written `YYMM` (documented for D1's physical issuance).
///
/// The century is ours: two digits of a year are always of the 2000s.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expiry {
    year: u8,
    month: u8,
}

/// Why a text or bytes are not a month or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not four digits (or six, for a day).
    #[error("date: {0}")]
    Digits(#[from] DigitsError),
    /// The month is not 01 to 12. An `MMYY` read as `YYMM` ends here from 2013 on.
    #[error("date: month is not 01 to 12")]
    Month,
    /// The month has no such day.
    #[error("date: the month has no such day")]
    Day,
    /// The year is not 2000 to 2099.
    #[error("date: year is not 2000 to 2099")]
    Year,
    /// Bytes that are not packed decimal.
    #[error("date: not packed decimal")]
    NotDecimal,
}

impl Expiry {
    /// The month of a full year.
    ///
    /// # Errors
    /// [`DateError::Year`], [`DateError::Month`].
    pub fn new(year: u16, month: u8) -> Result<Self, DateError> {
        let year = year
            .checked_sub(2000)
            .filter(|year| *year < 100)
            .ok_or(DateError::Year)?;
        let year = u8::try_from(year).map_err(|_| DateError::Year)?;
        if (1..=12).contains(&month) {
            Ok(Self { year, month })
        } else {
            Err(DateError::Month)
        }
    }

    /// Parses `YYMM`.
    ///
    /// # Errors
    /// [`DateError::Digits`], [`DateError::Month`].
    pub fn parse(yymm: &str) -> Result<Self, DateError> {
        let [year, month] = pairs(&Digits::parse_len(yymm, 4, 4)?);
        Self::new(2000 + u16::from(year), month)
    }

    /// The full year.
    pub fn year(self) -> u16 {
        2000 + u16::from(self.year)
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// `YYMM`, as tracks and orders write it.
    pub fn yymm(self) -> String {
        format!("{:02}{:02}", self.year, self.month)
    }

    /// `MMYY`, as some verification values want it.
    pub fn mmyy(self) -> String {
        format!("{:02}{:02}", self.month, self.year)
    }

    /// `MM/YY`, as cards print it.
    pub fn printed(self) -> String {
        format!("{:02}/{:02}", self.month, self.year)
    }

    /// The last calendar day of the month: tag 5F24, and the last day the card is good.
    pub fn last_day(self) -> CardDate {
        CardDate {
            year: self.year,
            month: self.month,
            day: days_in(self.year, self.month),
        }
    }
}

impl fmt::Debug for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expiry({})", self.yymm())
    }
}

/// A calendar day of the years 2000 to 2099, as tags 5F24 and 5F25 hold it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardDate {
    year: u8,
    month: u8,
    day: u8,
}

impl CardDate {
    /// The day of a full year.
    ///
    /// # Errors
    /// [`DateError::Year`], [`DateError::Month`], [`DateError::Day`].
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, DateError> {
        let Expiry { year, month } = Expiry::new(year, month)?;
        if (1..=days_in(year, month)).contains(&day) {
            Ok(Self { year, month, day })
        } else {
            Err(DateError::Day)
        }
    }

    /// Parses `YYMMDD`.
    ///
    /// # Errors
    /// [`DateError::Digits`], [`DateError::Month`], [`DateError::Day`].
    pub fn parse(yymmdd: &str) -> Result<Self, DateError> {
        let [year, month, day] = pairs(&Digits::parse_len(yymmdd, 6, 6)?);
        Self::new(2000 + u16::from(year), month, day)
    }

    /// Three bytes of packed decimal, `YYMMDD`.
    pub fn to_bcd(self) -> [u8; 3] {
        [self.year, self.month, self.day].map(|number| ((number / 10) << 4) | (number % 10))
    }

    /// Reads three bytes of packed decimal, `YYMMDD`.
    ///
    /// # Errors
    /// [`DateError::NotDecimal`], [`DateError::Month`], [`DateError::Day`].
    pub fn from_bcd(bytes: [u8; 3]) -> Result<Self, DateError> {
        Self::parse(&crate::bcd::unpack_numeric(&bytes).ok_or(DateError::NotDecimal)?)
    }

    /// The month this day lies in.
    pub fn month(self) -> Expiry {
        Expiry {
            year: self.year,
            month: self.month,
        }
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }
}

impl fmt::Debug for CardDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "CardDate({:04}-{:02}-{:02})",
            self.month().year(),
            self.month,
            self.day
        )
    }
}

/// Two digits at a time as numbers; the caller has checked that there are `2 * N` digits.
fn pairs<const N: usize>(digits: &Digits) -> [u8; N] {
    let mut numbers = [0; N];
    for (index, digit) in digits.values().take(2 * N).enumerate() {
        numbers[index / 2] = numbers[index / 2] * 10 + digit;
    }
    numbers
}

/// Days in a month of 2000 to 2099, where every fourth year is a leap year.
fn days_in(year: u8, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_of_each_kind_of_month() {
        for (yymm, day) in [
            ("2906", 30),
            ("2912", 31),
            ("2802", 29),
            ("2902", 28),
            ("0002", 29),
        ] {
            assert_eq!(Expiry::parse(yymm).unwrap().last_day().day(), day, "{yymm}");
        }
        assert_eq!(
            Expiry::parse("2802").unwrap().last_day().to_bcd(),
            [0x28, 0x02, 0x29]
        );
    }

    #[test]
    fn a_month_above_twelve_is_an_error() {
        assert_eq!(Expiry::parse("0629"), Err(DateError::Month));
        assert_eq!(Expiry::parse("2900"), Err(DateError::Month));
        assert!(matches!(Expiry::parse("290"), Err(DateError::Digits(_))));
        assert_eq!(Expiry::new(1999, 1), Err(DateError::Year));
        assert_eq!(Expiry::new(2100, 1), Err(DateError::Year));
    }

    #[test]
    fn the_orders_of_month_and_year() {
        let expiry = Expiry::parse("2906").unwrap();
        assert_eq!(
            (expiry.yymm(), expiry.mmyy()),
            ("2906".into(), "0629".into())
        );
        assert_eq!(expiry.printed(), "06/29");
        assert_eq!((expiry.year(), expiry.month()), (2029, 6));
        assert!(expiry < Expiry::parse("3001").unwrap());
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        assert_eq!(CardDate::parse("290229"), Err(DateError::Day));
        assert_eq!(CardDate::parse("290100"), Err(DateError::Day));
        assert_eq!(
            CardDate::from_bcd([0x2A, 0x01, 0x01]),
            Err(DateError::NotDecimal)
        );
        let day = CardDate::parse("280229").unwrap();
        assert_eq!(CardDate::from_bcd(day.to_bcd()), Ok(day));
    }
}
