//! The way back: what a terminal reads from a chip, checked for agreement.

use std::collections::BTreeMap;
use std::fmt;

use crate::afl::{Afl, AflError, Aip, RecordId};
use crate::aid::Aid;
use crate::bcd;
use crate::expiry::CardDate;
use crate::name::EncodedName;
use crate::pan::{Pan, PanSequence};
use crate::tag::{Form, Tag};
use crate::tlv::{TlvError, TlvReader, find_path};
use crate::track::{Track2, TrackError};

/// What a terminal knows of a card after reading it. Its parts agree. `Debug` masks.
#[derive(Clone, PartialEq, Eq)]
pub struct CardView {
    /// Tag 84.
    pub aid: Aid,
    /// Tag 50.
    pub label: String,
    /// Tag 82.
    pub interchange_profile: Aip,
    /// Tag 94.
    pub locator: Afl,
    /// Tag 5A, as in tag 57.
    pub pan: Pan,
    /// Tag 5F34.
    pub psn: PanSequence,
    /// Tag 5F24, the last day of the month in tag 57.
    pub expires: CardDate,
    /// Tag 5F25.
    pub effective: Option<CardDate>,
    /// Tag 5F20.
    pub name: EncodedName,
    /// Tag 57.
    pub track2: Track2,
    objects: BTreeMap<Tag, Vec<u8>>,
}

/// Why a terminal could not make sense of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The SELECT answer cannot be read.
    #[error("SELECT answer: {0}")]
    Select(TlvError),
    /// The GET PROCESSING OPTIONS answer cannot be read.
    #[error("GET PROCESSING OPTIONS answer: {0}")]
    ProcessingOptions(TlvError),
    /// The GET PROCESSING OPTIONS answer is neither template 80 nor 77.
    #[error("GET PROCESSING OPTIONS answer of an unknown form")]
    ProcessingOptionsForm,
    /// The file locator is wrong.
    #[error("{0}")]
    Locator(#[from] AflError),
    /// The file locator names a record that the card does not have.
    #[error("{0} is in the file locator and not on the card")]
    RecordMissing(RecordId),
    /// The card has a record that the file locator does not name.
    #[error("{0} is on the card and not in the file locator")]
    RecordUnlisted(RecordId),
    /// A record is not one template 70 with data objects in it.
    #[error("{record} is not a record template")]
    RecordForm {
        /// Which record.
        record: RecordId,
    },
    /// A record cannot be read.
    #[error("{record}: {error}")]
    Record {
        /// Which record.
        record: RecordId,
        /// What is wrong with it.
        error: TlvError,
    },
    /// A data object is there twice.
    #[error("tag {0} is there twice")]
    Twice(Tag),
    /// A data object that every card has is not there.
    #[error("tag {0} is missing")]
    Missing(Tag),
    /// The value of a data object is not what the tag says.
    #[error("tag {0} has a wrong value")]
    Value(Tag),
    /// Tag 57 cannot be read.
    #[error("tag 57: {0}")]
    Track2(#[from] TrackError),
    /// Tags 57 and 5A have different card numbers.
    #[error("the card number in tag 57 is not that of tag 5A")]
    PanDiffers,
    /// Tags 57 and 5F24 have different months.
    #[error("the expiry in tag 57 is not the month of tag 5F24")]
    ExpiryDiffers,
    /// Tag 5F24 is not the last day of its month.
    #[error("tag 5F24 is not the last day of its month")]
    NotLastDay,
}

/// Reads a card as a terminal does: the SELECT answer, the GET PROCESSING OPTIONS answer, then
/// the records that the file locator names. `records` holds every record of the card.
///
/// # Errors
/// Every [`ReadError`]: the first fault in that order, agreement last.
pub fn read_card(
    records: &BTreeMap<RecordId, Vec<u8>>,
    select_answer: &[u8],
    processing_options: &[u8],
) -> Result<CardView, ReadError> {
    let (aid, label) = read_select(select_answer)?;
    let (interchange_profile, locator) = read_options(processing_options)?;
    let objects = read_records(records, &locator)?;
    let get = |tag| {
        objects
            .get(&tag)
            .map(Vec::as_slice)
            .ok_or(ReadError::Missing(tag))
    };
    let track2 = Track2::from_equivalent(get(Tag::TRACK_2_EQUIVALENT)?)?;
    let pan = read_pan(get(Tag::PAN)?).ok_or(ReadError::Value(Tag::PAN))?;
    let expires = read_date(Tag::EXPIRATION_DATE, get(Tag::EXPIRATION_DATE)?)?;
    let effective = objects
        .get(&Tag::EFFECTIVE_DATE)
        .map(|value| read_date(Tag::EFFECTIVE_DATE, value))
        .transpose()?;
    let psn = match objects.get(&Tag::PAN_SEQUENCE).map(Vec::as_slice) {
        None => PanSequence::default(),
        Some([byte]) => PanSequence::from_bcd(*byte).ok_or(ReadError::Value(Tag::PAN_SEQUENCE))?,
        Some(_) => return Err(ReadError::Value(Tag::PAN_SEQUENCE)),
    };
    let name = read_name(get(Tag::CARDHOLDER_NAME)?)?;
    if *track2.pan() != pan {
        return Err(ReadError::PanDiffers);
    }
    if track2.expiry() != expires.month() {
        return Err(ReadError::ExpiryDiffers);
    }
    if expires != expires.month().last_day() {
        return Err(ReadError::NotLastDay);
    }
    Ok(CardView {
        aid,
        label,
        interchange_profile,
        locator,
        pan,
        psn,
        expires,
        effective,
        name,
        track2,
        objects,
    })
}

fn read_select(answer: &[u8]) -> Result<(Aid, String), ReadError> {
    let get = |path: &[Tag], tag| {
        find_path(answer, path)
            .map_err(ReadError::Select)?
            .ok_or(ReadError::Missing(tag))
    };
    let aid = get(&[Tag::FCI, Tag::DF_NAME], Tag::DF_NAME)?;
    let aid = Aid::new(aid).map_err(|_| ReadError::Value(Tag::DF_NAME))?;
    let path = [Tag::FCI, Tag::FCI_PROPRIETARY, Tag::APPLICATION_LABEL];
    let label = get(&path, Tag::APPLICATION_LABEL)?;
    let label = std::str::from_utf8(label)
        .ok()
        .filter(|label| label.is_ascii());
    Ok((
        aid,
        label
            .ok_or(ReadError::Value(Tag::APPLICATION_LABEL))?
            .to_owned(),
    ))
}

/// Both forms: template 80 with the bare values, template 77 with data objects.
fn read_options(answer: &[u8]) -> Result<(Aip, Afl), ReadError> {
    let mut objects = TlvReader::new(answer);
    let template = objects.next().ok_or(ReadError::ProcessingOptionsForm)?;
    let template = template.map_err(ReadError::ProcessingOptions)?;
    let (profile, locator) = match template.tag {
        Tag::ANSWER_FORMAT_1 => template
            .value
            .split_at_checked(2)
            .ok_or(ReadError::ProcessingOptionsForm)?,
        Tag::ANSWER_FORMAT_2 => {
            let get = |tag| {
                let found = template
                    .children()
                    .find(tag)
                    .map_err(ReadError::ProcessingOptions)?;
                found.ok_or(ReadError::Missing(tag))
            };
            (get(Tag::INTERCHANGE_PROFILE)?, get(Tag::FILE_LOCATOR)?)
        }
        _ => return Err(ReadError::ProcessingOptionsForm),
    };
    let profile = profile
        .try_into()
        .map_err(|_| ReadError::Value(Tag::INTERCHANGE_PROFILE))?;
    Ok((Aip(profile), Afl::parse(locator)?))
}

fn read_records(
    records: &BTreeMap<RecordId, Vec<u8>>,
    locator: &Afl,
) -> Result<BTreeMap<Tag, Vec<u8>>, ReadError> {
    let mut objects = BTreeMap::new();
    for record in locator.records() {
        let bytes = records
            .get(&record)
            .ok_or(ReadError::RecordMissing(record))?;
        let mut templates = TlvReader::new(bytes);
        let template = templates.next().transpose();
        let template = template.map_err(|error| ReadError::Record { record, error })?;
        let template = template.filter(|template| template.tag == Tag::RECORD);
        let template = template.ok_or(ReadError::RecordForm { record })?;
        if templates.next().is_some() {
            return Err(ReadError::RecordForm { record });
        }
        for object in template.children() {
            let object = object.map_err(|error| ReadError::Record { record, error })?;
            let primitive = object.tag.form() == Form::Primitive;
            if primitive && objects.insert(object.tag, object.value.to_vec()).is_some() {
                return Err(ReadError::Twice(object.tag));
            }
        }
    }
    let unlisted = records
        .keys()
        .find(|id| locator.records().all(|listed| listed != **id));
    unlisted.map_or(Ok(objects), |id| Err(ReadError::RecordUnlisted(*id)))
}

fn read_pan(value: &[u8]) -> Option<Pan> {
    let digits = zeroize::Zeroizing::new(bcd::unpack_compressed(value)?);
    Pan::parse(&digits).ok()
}

fn read_date(tag: Tag, value: &[u8]) -> Result<CardDate, ReadError> {
    let bytes = value.try_into().map_err(|_| ReadError::Value(tag))?;
    CardDate::from_bcd(bytes).map_err(|_| ReadError::Value(tag))
}

fn read_name(value: &[u8]) -> Result<EncodedName, ReadError> {
    let text = std::str::from_utf8(value).ok();
    let name = text.and_then(|text| EncodedName::parse(text).ok());
    name.ok_or(ReadError::Value(Tag::CARDHOLDER_NAME))
}

impl CardView {
    /// The value of any data object in the records. It may be secret: never log it.
    pub fn object(&self, tag: Tag) -> Option<&[u8]> {
        self.objects.get(&tag).map(Vec::as_slice)
    }

    /// The tags of all data objects in the records.
    pub fn tags(&self) -> impl Iterator<Item = Tag> + '_ {
        self.objects.keys().copied()
    }
}

impl fmt::Debug for CardView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardView")
            .field("aid", &self.aid)
            .field("label", &self.label)
            .field("pan", &self.pan)
            .field("psn", &self.psn)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
