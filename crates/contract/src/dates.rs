//! Dates of the card and instants of the wire.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::temporal::DateTimeParser;
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};

/// Text that is not a date of its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be written {form}")]
pub struct InvalidDate {
    what: &'static str,
    form: &'static str,
}

fn pairs<const N: usize>(text: &str) -> Option<[i8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut pairs = [0; N];
    for (at, pair) in pairs.iter_mut().enumerate() {
        *pair = text.get(2 * at..2 * at + 2)?.parse().ok()?;
    }
    Some(pairs)
}

/// The month in which a card expires, `exp`: `YYMM` (documented for physical issuance; other D1
/// payloads write `MMYY`). Of this century, so that an `MMYY` of 2013 to 2099 never parses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expiry {
    year: i8,
    month: i8,
}

impl Expiry {
    /// The month that holds `date`; `None` outside this century.
    pub fn of(date: Date) -> Option<Self> {
        let year = i8::try_from(date.year().checked_sub(2000)?).ok()?;
        (0..=99).contains(&year).then_some(Self {
            year,
            month: date.month(),
        })
    }

    /// The year, 2000 to 2099.
    pub const fn year(self) -> i16 {
        2000 + self.year as i16
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> i8 {
        self.month
    }

    /// Whether the card no longer serves on `today`. A card serves to the end of its month.
    pub fn is_past(self, today: Date) -> bool {
        (self.year(), self.month) < (today.year(), today.month())
    }
}

impl FromStr for Expiry {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        match pairs(text) {
            Some([year, month @ 1..=12]) => Ok(Self { year, month }),
            _ => Err(InvalidDate {
                what: "exp",
                form: "YYMM",
            }),
        }
    }
}

impl fmt::Display for Expiry {
    /// `YYMM`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:02}{:02}", self.year, self.month))
    }
}

impl fmt::Debug for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expiry({self})")
    }
}

/// The day from which a card serves, `effectiveDate`. Its form is not public: `YYMMDD` as in EMV
/// tag 5F25, or `YYMM` for the first of a month (ours).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectiveDate(Date);

impl EffectiveDate {
    /// The day; `None` outside this century.
    pub fn new(date: Date) -> Option<Self> {
        (2000..=2099).contains(&date.year()).then_some(Self(date))
    }

    /// The day.
    pub const fn date(self) -> Date {
        self.0
    }
}

impl FromStr for EffectiveDate {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let fields = pairs(text).or_else(|| pairs(text).map(|[year, month]| [year, month, 1]));
        fields
            .and_then(|[year, month, day]| Date::new(2000 + i16::from(year), month, day).ok())
            .map(Self)
            .ok_or(InvalidDate {
                what: "effectiveDate",
                form: "YYMMDD or YYMM",
            })
    }
}

impl fmt::Display for EffectiveDate {
    /// `YYMMDD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.strftime("%y%m%d").to_string())
    }
}

/// An instant as D1 writes it: ISO 8601 in UTC, always with milliseconds and `Z`, such as
/// `2025-01-17T06:28:02.492Z` (documented by example). Reading takes any offset and any precision
/// and keeps whole milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WireTime(Timestamp);

impl WireTime {
    /// The instant, its fraction cut to milliseconds.
    pub fn new(instant: Timestamp) -> Self {
        let cut = Timestamp::from_millisecond(instant.as_millisecond());
        Self(cut.unwrap_or(instant))
    }

    /// The instant.
    pub const fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl From<Timestamp> for WireTime {
    fn from(instant: Timestamp) -> Self {
        Self::new(instant)
    }
}

impl FromStr for WireTime {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        static PARSER: DateTimeParser = DateTimeParser::new();
        PARSER
            .parse_timestamp(text)
            .map(Self::new)
            .map_err(|_| InvalidDate {
                what: "time",
                form: "YYYY-MM-DDThh:mm:ss.sssZ",
            })
    }
}

impl fmt::Display for WireTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
    }
}

impl fmt::Debug for WireTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WireTime({self})")
    }
}

impl Serialize for WireTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WireTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn exp_is_year_then_month() {
        let exp: Expiry = "2906".parse().unwrap();
        assert_eq!((exp.year(), exp.month()), (2029, 6));
        assert_eq!(exp.to_string(), "2906");
        for bad in ["2913", "2900", "296", "02906", "29-6", "", "29é"] {
            assert!(bad.parse::<Expiry>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn every_month_then_year_of_this_century_is_a_format_error() {
        for month in 1..=12 {
            for year in 13..=99 {
                assert!(format!("{month:02}{year:02}").parse::<Expiry>().is_err());
            }
        }
    }

    #[test]
    fn a_card_serves_to_the_end_of_its_month() {
        let exp: Expiry = "2906".parse().unwrap();
        assert!(!exp.is_past(date(2029, 6, 30)));
        assert!(exp.is_past(date(2029, 7, 1)));
        assert!(exp.is_past(date(2030, 1, 1)));
        assert_eq!(Expiry::of(date(2029, 6, 12)), Some(exp));
        assert_eq!(Expiry::of(date(1999, 6, 12)), None);
    }

    #[test]
    fn an_effective_date_has_two_forms() {
        assert_eq!(
            "290615".parse::<EffectiveDate>().unwrap().date(),
            date(2029, 6, 15)
        );
        assert_eq!(
            "2906".parse::<EffectiveDate>().unwrap().to_string(),
            "290601"
        );
        assert!("290631".parse::<EffectiveDate>().is_err());
        assert!("29061".parse::<EffectiveDate>().is_err());
    }

    #[test]
    fn instants_always_have_milliseconds() {
        let time: WireTime = "2025-01-17T06:28:02.492Z".parse().unwrap();
        assert_eq!(time.to_string(), "2025-01-17T06:28:02.492Z");
        let whole: WireTime = "2025-01-17T07:28:02+01:00".parse().unwrap();
        assert_eq!(
            serde_json::to_string(&whole).unwrap(),
            "\"2025-01-17T06:28:02.000Z\""
        );
        let fine: WireTime = "2025-01-17T06:28:02.4929999Z".parse().unwrap();
        assert_eq!(fine, time);
        assert!("yesterday".parse::<WireTime>().is_err());
    }

    proptest! {
        #[test]
        fn instants_round_trip(ms in -2_000_000_000_000i64..4_000_000_000_000) {
            let time = WireTime::new(Timestamp::from_millisecond(ms).unwrap());
            prop_assert_eq!(time.to_string().parse::<WireTime>().unwrap(), time);
        }
    }
}
