//! A card built and read back, and cards that do not agree with themselves.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::card_view::{CardView, ReadError, read_card};
use crate::profile::{ApplicationLabel, NumericCode};
use crate::store_data::{MAX_DATA, Reassembly, split};
use crate::tdes::TdesKey;
use crate::tlv::TlvReader;

pub(crate) const PAN: &str = "4761739001010119";

fn profile() -> ApplicationProfile {
    ApplicationProfile::new(
        Aid::parse("A0000000031010").unwrap(),
        ApplicationLabel::parse("TWIN CREDIT").unwrap(),
        NumericCode::parse("840").unwrap(),
        NumericCode::parse("840").unwrap(),
    )
}

pub(crate) fn application(pan: &str, pin: Option<&str>) -> ApplicationData {
    ApplicationData {
        profile: profile(),
        card: CardValues {
            pan: Pan::parse(pan).unwrap(),
            psn: PanSequence::default(),
            expiry: Expiry::parse("2906").unwrap(),
            effective: CardDate::parse("260615").unwrap(),
            name: EncodedName::parse("MARTIN/ALICE").unwrap(),
            service_code: ServiceCode::parse("201").unwrap(),
            track1_discretionary: Digits::parse("000000651000000").unwrap(),
            track2_discretionary: Digits::parse("0000651000").unwrap(),
            account_reference: None,
        },
        keys: KeySet {
            ac: TdesKey::from_hex("11223344006677881122334455007788").unwrap(),
            smi: TdesKey::from_hex("8B4F854F0831FBF2635A212E4DDDB92A").unwrap(),
            smc: TdesKey::from_hex("11220044556677881122330055667788").unwrap(),
        },
        pin: pin.map(|pin| ChipPin {
            pin: Pin::parse(pin).unwrap(),
            tries: 3,
        }),
        issuer_data: None,
        authentication: None,
    }
}

/// A card as a reader sees it: records, SELECT answer, GET PROCESSING OPTIONS answer.
#[derive(Clone)]
struct Chip {
    records: BTreeMap<RecordId, Vec<u8>>,
    select: Vec<u8>,
    options: Vec<u8>,
}

impl Chip {
    fn of(groupings: &[Dgi]) -> Self {
        let value = |id| groupings.iter().find(|g| g.id() == id).unwrap().value();
        let aid = Aid::parse("A0000000031010").unwrap();
        let records = groupings
            .iter()
            .filter_map(|g| Some((g.id().as_record()?, g.value().to_vec())));
        Self {
            records: records.collect(),
            select: select_answer(&aid, value(DgiId::SELECT_ANSWER)).unwrap(),
            options: processing_options_answer(value(DgiId::PROCESSING_OPTIONS)).unwrap(),
        }
    }

    fn read(&self) -> Result<CardView, ReadError> {
        read_card(&self.records, &self.select, &self.options)
    }

    /// Replaces the value of one data object in a record by another of the same length.
    fn patch(mut self, file: Sfi, tag: Tag, value: &[u8]) -> Self {
        let id = RecordId {
            sfi: file,
            record: 1,
        };
        let record = self.records[&id].clone();
        let body = TlvReader::new(&record).find(Tag::RECORD).unwrap().unwrap();
        let body = TlvReader::new(body).fold(TlvWriter::new(), |writer, object| {
            let object = object.unwrap();
            writer.put(
                object.tag,
                if object.tag == tag {
                    value
                } else {
                    object.value
                },
            )
        });
        self.records.insert(
            id,
            TlvWriter::new().nest(Tag::RECORD, body).finish().unwrap(),
        );
        self
    }
}

fn good() -> Chip {
    Chip::of(&application(PAN, None).groupings().unwrap())
}

#[test]
fn groupings_without_a_pin() {
    let groupings = application(PAN, None).groupings().unwrap();
    let ids: Vec<_> = groupings.iter().map(|g| g.id().to_string()).collect();
    assert_eq!(ids, ["0101", "0201", "9102", "9104", "8000", "9000"]);
    let value = |index: usize| hex::encode_upper(groupings[index].value());
    assert_eq!(
        value(0),
        "703457114761739001010119D29062010000651000 5F200C4D415254494E2F414C494345 \
         9F1F0F303030303030363531303030303030"
            .replace(' ', ""),
    );
    assert_eq!(value(3), "82021800940808010100 10010100".replace(' ', ""));
    assert_eq!(
        value(2),
        "A51B500B5457494E204352454449548701019F38039F1A025F2D02656E"
    );
    // Keys and check values of a published personalisation script.
    assert_eq!(value(5), "97DCB0CE4E2CB37DF3");
    assert_eq!(groupings[4].value().len(), 48);
}

#[test]
fn a_pin_brings_two_groupings_and_a_rule() {
    let groupings = application(PAN, Some("1234")).groupings().unwrap();
    let last: Vec<_> = groupings.iter().rev().take(2).collect();
    assert_eq!(
        (last[1].id(), last[1].value()),
        (DgiId::PIN_TRIES, &[3, 3][..])
    );
    assert_eq!(last[0].id(), DgiId::PIN_BLOCK);
    assert_eq!(hex::encode_upper(last[0].value()), "241234FFFFFFFFFF");
    let cvm = |chip: Chip| hex::encode_upper(chip.read().unwrap().object(Tag::CVM_LIST).unwrap());
    assert_eq!(
        cvm(Chip::of(&groupings)),
        "000000000000000041034203 1E031F03".replace(' ', "")
    );
    assert_eq!(cvm(good()), "000000000000000042031E031F03");
}

#[test]
fn optional_data_has_its_place() {
    let mut data = application(PAN, None);
    data.issuer_data = IssuerApplicationData::parse(&[6, 1, 0x12, 3, 0, 0, 0]).ok();
    data.card.account_reference = AccountReference::parse("V0010013018036776695590284742");
    let groupings = data.groupings().unwrap();
    let issuer = groupings
        .iter()
        .find(|g| g.id() == DgiId::ISSUER_APPLICATION_DATA)
        .unwrap();
    assert_eq!(hex::encode_upper(issuer.value()), "9F100706011203000000");
    let view = Chip::of(&groupings).read().unwrap();
    assert_eq!(
        view.object(Tag::PAYMENT_ACCOUNT_REFERENCE).unwrap().len(),
        29
    );
    assert_eq!(AccountReference::parse("V001"), None);
}

#[test]
fn a_card_is_read_back() {
    let view = good().read().unwrap();
    assert_eq!(view.pan.as_str(), PAN);
    assert_eq!(view.aid.to_string(), "A0000000031010");
    assert_eq!(view.label, "TWIN CREDIT");
    assert_eq!(view.expires, CardDate::parse("290630").unwrap());
    assert_eq!(view.effective, CardDate::parse("260615").ok());
    assert_eq!(view.name.as_str(), "MARTIN/ALICE");
    assert_eq!(view.track2.discretionary().as_str(), "0000651000");
    assert_eq!(view.locator.to_bytes(), [0x08, 1, 1, 0, 0x10, 1, 1, 0]);
    for tag in [
        "57", "5F20", "9F1F", "5A", "5F24", "5F25", "5F28", "5F34", "9F07", "9F08", "8C",
    ]
    .into_iter()
    .chain(["8D", "8E", "9F0D", "9F0E", "9F0F", "9F42"])
    {
        assert!(view.tags().any(|found| found.to_string() == tag), "{tag}");
    }
    let shown = format!("{view:?} {:?}", application(PAN, Some("1234")));
    assert!(!shown.contains(PAN) && !shown.contains("MARTIN") && !shown.contains("1234"));
    assert!(shown.contains("476173******0119") && shown.contains("Key(97DCB0)"));
}

#[test]
fn data_that_makes_no_card() {
    let mut data = application(PAN, None);
    data.card.effective = CardDate::parse("290701").unwrap();
    assert_eq!(data.groupings(), Err(PersoError::EffectiveAfterExpiry));
    let mut data = application("4000000000000000006", None);
    data.card.track2_discretionary = Digits::parse("00006510000").unwrap();
    assert!(matches!(
        data.groupings(),
        Err(PersoError::Track2(TrackError::Overflow { .. }))
    ));
    let mut data = application(PAN, None);
    data.profile.cdol1 = vec![0; 200];
    assert!(matches!(
        data.groupings(),
        Err(PersoError::RecordTooLong { .. })
    ));
}

#[test]
fn cards_that_do_not_agree_with_themselves() {
    let patched =
        |file, tag, value: &str| good().patch(file, tag, &hex::decode(value).unwrap()).read();
    let (one, two) = (Sfi::ONE, Sfi::TWO);
    assert_eq!(
        patched(two, Tag::PAN, "4761739001010127").unwrap_err(),
        ReadError::PanDiffers
    );
    assert_eq!(
        patched(two, Tag::EXPIRATION_DATE, "290731").unwrap_err(),
        ReadError::ExpiryDiffers
    );
    assert_eq!(
        patched(two, Tag::EXPIRATION_DATE, "290629").unwrap_err(),
        ReadError::NotLastDay
    );
    let value = |tag| ReadError::Value(tag);
    assert_eq!(
        patched(two, Tag::EXPIRATION_DATE, "290631").unwrap_err(),
        value(Tag::EXPIRATION_DATE)
    );
    assert_eq!(
        patched(two, Tag::PAN, "476173900101011A").unwrap_err(),
        value(Tag::PAN)
    );
    assert_eq!(
        patched(two, Tag::PAN_SEQUENCE, "0001").unwrap_err(),
        value(Tag::PAN_SEQUENCE)
    );
    assert_eq!(
        patched(one, Tag::CARDHOLDER_NAME, "00").unwrap_err(),
        value(Tag::CARDHOLDER_NAME)
    );
    assert!(matches!(
        patched(one, Tag::TRACK_2_EQUIVALENT, "AA"),
        Err(ReadError::Track2(_))
    ));
}

#[test]
fn records_and_locator_must_agree() {
    let (one, two) = (
        RecordId {
            sfi: Sfi::ONE,
            record: 1,
        },
        RecordId {
            sfi: Sfi::TWO,
            record: 1,
        },
    );
    let mut chip = good();
    let record = chip.records.remove(&two).unwrap();
    assert_eq!(chip.read().unwrap_err(), ReadError::RecordMissing(two));
    chip.records.insert(two, chip.records[&one].clone());
    assert_eq!(
        chip.read().unwrap_err(),
        ReadError::Twice(Tag::TRACK_2_EQUIVALENT)
    );
    chip.records.insert(two, vec![0x61, 0x00]);
    assert_eq!(
        chip.read().unwrap_err(),
        ReadError::RecordForm { record: two }
    );
    chip.records.insert(two, vec![0x70, 0x00]);
    assert_eq!(chip.read().unwrap_err(), ReadError::Missing(Tag::PAN));
    let extra = RecordId {
        sfi: Sfi::TWO,
        record: 2,
    };
    chip.records.insert(two, record.clone());
    chip.records.insert(extra, record);
    assert_eq!(chip.read().unwrap_err(), ReadError::RecordUnlisted(extra));
}

#[test]
fn both_forms_of_the_processing_options_are_read() {
    let mut chip = good();
    chip.options = hex::decode("800A18000801010010010100").unwrap();
    assert_eq!(chip.read(), good().read());
    chip.options = hex::decode("800118").unwrap();
    assert_eq!(chip.read().unwrap_err(), ReadError::ProcessingOptionsForm);
    chip.options = hex::decode("770482021800").unwrap();
    assert_eq!(
        chip.read().unwrap_err(),
        ReadError::Missing(Tag::FILE_LOCATOR)
    );
    chip.select = hex::decode("6F00").unwrap();
    assert_eq!(chip.read().unwrap_err(), ReadError::Missing(Tag::DF_NAME));
}

proptest! {
    #[test]
    fn every_card_survives_its_commands(
        pan in "[0-9]{10,19}", yymm in (26u16..99, 1u8..=12), name in "[A-Z]{1,12}/[A-Z ]{0,12}[A-Z]",
        pin in proptest::option::of("[0-9]{4,12}"),
    ) {
        let mut data = application(&pan, pin.as_deref());
        data.card.expiry = Expiry::new(2000 + yymm.0, yymm.1).unwrap();
        data.card.effective = CardDate::parse("260101").unwrap();
        data.card.name = EncodedName::parse(&name).unwrap();
        let groupings = data.groupings().unwrap();
        let mut reassembly = Reassembly::new();
        let mut loaded = Vec::new();
        for command in split(&groupings, MAX_DATA).unwrap() {
            loaded.extend(reassembly.push(command.p1(), command.p2(), command.data()).unwrap());
        }
        prop_assert_eq!(&loaded, &groupings);
        let view = Chip::of(&loaded).read().unwrap();
        prop_assert_eq!(view.pan.as_str(), pan);
        prop_assert_eq!(view.name.as_str(), name);
        prop_assert_eq!(view.expires, data.card.expiry.last_day());
    }

    #[test]
    fn any_answers_are_read_without_a_panic(
        select in proptest::collection::vec(any::<u8>(), 0..60),
        options in proptest::collection::vec(any::<u8>(), 0..60),
        at in any::<prop::sample::Index>(), by in 1u8.., file in 1u8..=2,
    ) {
        let mut chip = good();
        let record = chip.records.get_mut(&RecordId { sfi: Sfi::new(file).unwrap(), record: 1 }).unwrap();
        let at = at.index(record.len());
        record[at] ^= by;
        let _ = chip.read();
        let _ = read_card(&chip.records, &select, &chip.options);
        let _ = read_card(&chip.records, &chip.select, &options);
    }
}
