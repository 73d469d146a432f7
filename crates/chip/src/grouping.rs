//! Data groupings: what each is for, what it may hold, and what must be there before it.
//!
//! The set is the common one of public personalisation scripts (documented there); layouts of a
//! particular payment scheme are not part of it. What the chip does with each:
//!
//! | grouping | holds | rule |
//! |---|---|---|
//! | `SSRR`, SS `01`–`0A` | record RR of file SS | one template `70`, at most 254 bytes |
//! | `SSRR`, SS `0B`–`1E` | record RR of file SS | any bytes, at most 254 |
//! | `0062` | file structure | kept, without a meaning here |
//! | `0D01`, `0E01`, `3000`, `3001` | internal data objects | TLV; GET DATA reads them, issuer scripts replace those of `0D01` (ours) |
//! | `7FFF` | completion data | kept, without a meaning here |
//! | `8000` | three 16-byte keys: AC, SMI, SMC | before `9000` |
//! | `9000` | their check values, 3 bytes each | must agree with `8000` |
//! | `8101`, `8103` | the card's private RSA key: exponent, modulus | both, and not with `82xx` |
//! | `8201`–`8205` | the same by its factors: inverse of q, dq, dp, q, p | all of them |
//! | `8010` | reference PIN block, ISO 9564 format 1 or 2 | after `9010` |
//! | `9010` | PIN try counter and limit, `0303` or `9F17010303` | before `8010` |
//! | `9102` | what SELECT answers: one template `A5` | at most 230 bytes |
//! | `9104` | what GPO answers: `82` and `94` | at most 250 bytes |
//! | `9200` | issuer application data of cryptogram version 10 or 18, bare or in `9F10` | key index and version count |
//!
//! Anything else is a grouping that the chip does not know.

use persotwin_emv::afl::{Afl, RecordId};
use persotwin_emv::cryptogram::IssuerApplicationData;
use persotwin_emv::dgi::DgiId;
use persotwin_emv::dol::Dol;
use persotwin_emv::oda::rsa::MAX_MODULUS;
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::TlvReader;

use crate::status::Status;
use crate::tlv;

/// Groupings of data objects for the chip's own use.
pub(crate) const INTERNAL: [DgiId; 4] =
    [DgiId(0x0D01), DgiId(0x0E01), DgiId(0x3000), DgiId(0x3001)];

/// The internal grouping whose objects an issuer script may replace (ours).
pub(crate) const LIMITS: DgiId = DgiId(0x0D01);

/// What a grouping is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grouping {
    Record(RecordId),
    Internal,
    Kept,
    Keys,
    KeyCheckValues,
    /// A part of the card's private RSA key that is odd by its nature.
    OddKeyPart,
    /// The one that may be even.
    KeyPart,
    Pin,
    PinCounter,
    SelectAnswer,
    GpoAnswer,
    IssuerData,
}

impl Grouping {
    /// What this grouping is for, if the chip knows it.
    pub(crate) fn of(id: DgiId) -> Option<Self> {
        match id.0 {
            0x0D01 | 0x0E01 | 0x3000 | 0x3001 => Some(Self::Internal),
            0x0062 | 0x7FFF => Some(Self::Kept),
            0x9200 => Some(Self::IssuerData),
            0x8000 => Some(Self::Keys),
            0x9000 => Some(Self::KeyCheckValues),
            0x8101 | 0x8103 | 0x8202..=0x8205 => Some(Self::OddKeyPart),
            0x8201 => Some(Self::KeyPart),
            0x8010 => Some(Self::Pin),
            0x9010 => Some(Self::PinCounter),
            0x9102 => Some(Self::SelectAnswer),
            0x9104 => Some(Self::GpoAnswer),
            _ => id.as_record().map(Self::Record),
        }
    }

    /// Whether `value` may stand in this grouping, by itself.
    pub(crate) fn check(self, value: &[u8]) -> Result<(), Status> {
        let fits = match self {
            Self::Record(RecordId { sfi, .. }) => {
                let template = || tlv::sole(value, Tag::RECORD).is_some_and(tlv::is_well_formed);
                (1..=254).contains(&value.len()) && (sfi.number() > 10 || template())
            }
            Self::Internal => TlvReader::new(value)
                .all(|object| object.is_ok_and(|object| object.value.len() <= 128)),
            Self::Kept => true,
            Self::Keys => value.len() == 48,
            Self::KeyCheckValues => value.len() == 9,
            // An even part is one that has filler of its encipherment behind it.
            Self::OddKeyPart => {
                value.len() <= MAX_MODULUS && value.last().is_some_and(|last| last % 2 == 1)
            }
            Self::KeyPart => (1..=MAX_MODULUS).contains(&value.len()),
            Self::Pin => is_pin_block(value),
            Self::PinCounter => PinTries::parse(value).is_some(),
            Self::SelectAnswer => value.len() <= 230 && is_select_answer(value),
            Self::GpoAnswer => value.len() <= 250 && is_gpo_answer(value),
            Self::IssuerData => issuer_data(value).is_some(),
        };
        if fits { Ok(()) } else { Err(Status::WrongData) }
    }
}

/// How often a PIN may still be tried, and how often at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PinTries {
    pub(crate) left: u8,
    pub(crate) limit: u8,
}

impl PinTries {
    /// Either form that public scripts send: `0303`, or `9F17 01 03` and the limit.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let ([left, limit] | [0x9F, 0x17, 0x01, left, limit]) = value else {
            return None;
        };
        ((1..=15).contains(limit) && left <= limit).then_some(Self {
            left: *left,
            limit: *limit,
        })
    }
}

/// Issuer application data, bare or as a data object: public scripts send either.
pub(crate) fn issuer_data(value: &[u8]) -> Option<IssuerApplicationData> {
    let bare = tlv::sole(value, Tag::ISSUER_APPLICATION_DATA).unwrap_or(value);
    IssuerApplicationData::parse(bare).ok()
}

/// A PIN block of format 1 or 2 with 4 to 12 digits; only format 2 shows what its filler is.
fn is_pin_block(value: &[u8]) -> bool {
    let [control, rest @ ..] = value else {
        return false;
    };
    let (format, digits) = (control >> 4, control & 0x0F);
    let nibbles: Vec<u8> = rest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0F])
        .collect();
    let (pin, filler) = nibbles.split_at(usize::from(digits).min(nibbles.len()));
    value.len() == 8
        && matches!(format, 1 | 2)
        && (4..=12).contains(&digits)
        && pin.iter().all(|digit| *digit <= 9)
        && (format == 1 || filler.iter().all(|nibble| *nibble == 0x0F))
}

fn is_select_answer(value: &[u8]) -> bool {
    let Some(template) = tlv::sole(value, Tag::FCI_PROPRIETARY) else {
        return false;
    };
    let label = tlv::find(template, Tag::APPLICATION_LABEL);
    let list = tlv::find(template, Tag::PDOL);
    tlv::is_well_formed(template)
        && label.is_some_and(|label| (1..=16).contains(&label.len()))
        && tlv::find(template, Tag::PRIORITY).is_none_or(|priority| priority.len() == 1)
        && list.is_none_or(|list| Dol::parse(list).is_ok_and(|list| list.data_len() <= 250))
}

fn is_gpo_answer(value: &[u8]) -> bool {
    let profile = tlv::find(value, Tag::INTERCHANGE_PROFILE);
    let locator = tlv::find(value, Tag::FILE_LOCATOR);
    tlv::is_well_formed(value)
        && profile.is_some_and(|profile| profile.len() == 2)
        && locator.is_some_and(|locator| Afl::parse(locator).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: u16, value: &str) -> Result<(), Status> {
        let grouping = Grouping::of(DgiId(id)).ok_or(Status::ReferenceNotFound)?;
        grouping.check(&hex::decode(value.replace(' ', "")).unwrap())
    }

    #[test]
    fn each_known_grouping_takes_its_content() {
        for (id, value) in [
            (0x0101, "70 04 5F20 01 41"),
            (0x0B01, "01 02 03"),
            (0x3000, "9F36 02 0000 9F4F 02 9A03"),
            (0x8000, &"00".repeat(48)),
            (0x8101, "0123"),
            (0x8103, &"FF".repeat(248)),
            (0x8201, "1230"),
            (0x8205, "C5"),
            (0x8010, "241234FFFFFFFFFF"),
            (0x8010, "1412340123456789"),
            (0x9010, "0303"),
            (0x9010, "9F17 01 03 03"),
            (0x9102, "A5 09 50 04 56495341 87 01 01"),
            (0x9104, "82 02 1800 94 08 08010100 10010201"),
            (0x9200, "9F10 07 06011203000000"),
            (0x9200, "06010A03000000"),
        ] {
            assert_eq!(check(id, value), Ok(()), "{id:04X}");
        }
    }

    #[test]
    fn content_that_cannot_be_is_wrong_data() {
        for (id, value) in [
            (0x0101, "71 00"),
            (0x0101, "70 05 5F20 01 41"),
            (0x0101, ""),
            (0x3000, "9F36 03 0000"),
            (0x8000, &"00".repeat(47)),
            (0x9000, "000000"),
            (0x8101, "012380"),
            (0x8103, &"FF".repeat(249)),
            (0x8201, ""),
            (0x8205, ""),
            (0x8204, "C580000000"),
            (0x8010, "341234FFFFFFFFFF"),
            (0x8010, "241234FFFFFFFFF0"),
            (0x8010, "2312 34FFFFFFFFFF"),
            (0x8010, "2412A4FFFFFFFFFF"),
            (0x9010, "0403"),
            (0x9010, "0000"),
            (0x9102, "A5 03 87 01 01"),
            (0x9102, "6F 06 50 04 56495341"),
            (0x9200, "9F10 07 06011103000000"),
            (0x9200, "0000"),
            (0x9104, "82 02 1800"),
            (0x9104, "82 02 1800 94 03 080101"),
            (0x9104, "82 02 1800 94 04 08020100"),
            (0x9104, "82 02 1800 94 04 08010102"),
            (0x9104, "82 02 1800 94 04 00010100"),
        ] {
            assert_eq!(check(id, value), Err(Status::WrongData), "{id:04X} {value}");
        }
    }

    #[test]
    fn answers_fit_into_256_bytes() {
        let long = |len: usize| {
            format!(
                "A581{:02X} 50 01 41 C0 81{:02X} {}",
                len + 6,
                len,
                "00".repeat(len)
            )
        };
        assert_eq!(check(0x9102, &long(221)), Ok(()));
        assert_eq!(check(0x9102, &long(222)), Err(Status::WrongData));
        let record = |len: usize| "00".repeat(len);
        assert_eq!(check(0x0B01, &record(254)), Ok(()));
        assert_eq!(check(0x0B01, &record(255)), Err(Status::WrongData));
    }

    #[test]
    fn what_the_chip_does_not_know() {
        for id in [
            0x0000, 0x0001, 0x0100, 0x1F01, 0x8102, 0x8301, 0x9103, 0xA001, 0xFFFF,
        ] {
            assert_eq!(Grouping::of(DgiId(id)), None, "{id:04X}");
        }
    }
}
