//! Whole cards: from the records that data preparation makes back to the card's key.

use std::collections::BTreeSet;

use super::chain::{card_key, signed_data};
use super::*;
use crate::afl::{RecordId, Sfi};
use crate::aid::Aid;
use crate::card_answers::CardAnswers;
use crate::expiry::CardDate;
use crate::pan::Pan;
use crate::perso::ApplicationData;
use crate::perso::tests::{PAN, application};
use crate::tag::Tag;
use crate::tlv::{TlvReader, TlvWriter};

fn signing(method: Method) -> ApplicationData {
    let credentials = CardCredentials {
        method,
        issuer: test_keys::issuer(&Pan::parse(PAN).unwrap()).unwrap(),
        key: test_keys::card(0),
        exponent: Exponent::Three,
        serial: [0, 0, 7],
    };
    ApplicationData {
        authentication: Some(credentials),
        ..application(PAN, None)
    }
}

fn answers(data: &ApplicationData) -> CardAnswers {
    CardAnswers::of_groupings(&data.profile.aid, &data.groupings().unwrap()).unwrap()
}

fn key(answers: &CardAnswers, today: &str) -> Result<PublicKey, Fault> {
    let view = answers.view().unwrap();
    let authorities = [test_keys::authority(Rid::of(&view.aid))];
    let today = CardDate::parse(today).unwrap();
    card_key(answers, &view, &authorities, today)
}

const TODAY: &str = "260617";

fn id(record: u8) -> RecordId {
    RecordId {
        sfi: Sfi::TWO,
        record,
    }
}

/// The card without a data object, or with another value for it.
fn changed(mut answers: CardAnswers, tag: Tag, value: Option<&[u8]>) -> CardAnswers {
    for record in answers.records.values_mut() {
        let body = TlvReader::new(record).find(Tag::RECORD).unwrap().unwrap();
        let body = TlvReader::new(body).fold(TlvWriter::new(), |writer, object| {
            let object = object.unwrap();
            let value = if object.tag == tag {
                value
            } else {
                Some(object.value)
            };
            writer.put_some(object.tag, value)
        });
        *record = TlvWriter::new().nest(Tag::RECORD, body).finish().unwrap();
    }
    answers
}

#[test]
fn a_card_leads_to_its_key() {
    for (method, profile) in [(Method::Dda, 0x38), (Method::Cda, 0x39)] {
        let data = signing(method);
        let answers = answers(&data);
        let view = answers.view().unwrap();
        assert_eq!(view.interchange_profile.0, [profile, 0]);
        assert_eq!(
            view.locator.to_bytes(),
            [0x08, 1, 1, 0, 0x10, 1, 3, 1],
            "one record is signed"
        );
        let expected = test_keys::card(0).public(Exponent::Three);
        assert_eq!(key(&answers, TODAY), Ok(expected));
    }
}

#[test]
fn what_is_signed_is_the_record_and_the_profile() {
    let answers = answers(&signing(Method::Cda));
    let data = signed_data(&answers, &answers.view().unwrap()).unwrap();
    let record = &answers.records[&id(1)];
    let [content @ .., profile, 0] = &*data else {
        panic!("ends with the profile")
    };
    assert_eq!(*profile, 0x39);
    assert!(record.ends_with(content) && record.len() - content.len() < 4);
}

#[test]
fn the_private_key_is_loaded_and_nothing_else_changes() {
    let ids = |data: &ApplicationData| -> BTreeSet<String> {
        let groupings = data.groupings().unwrap();
        groupings.iter().map(|it| it.id().to_string()).collect()
    };
    let more = &ids(&signing(Method::Dda)) - &ids(&application(PAN, None));
    let expected = ["0202", "0203", "8201", "8202", "8203", "8204", "8205"];
    assert_eq!(more, expected.map(str::to_owned).into());
}

#[test]
fn every_missing_object_is_named() {
    for tag in [
        Tag::AUTHORITY_INDEX,
        Tag::ISSUER_CERTIFICATE,
        Tag::ISSUER_EXPONENT,
        Tag::CARD_CERTIFICATE,
        Tag::CARD_EXPONENT,
    ] {
        let answers = changed(answers(&signing(Method::Dda)), tag, None);
        assert_eq!(key(&answers, TODAY), Err(Fault::Missing(tag)));
    }
    let lengths = |whose| Err(Fault::Certificate(whose, Check::Lengths));
    let of = |tag| key(&changed(answers(&signing(Method::Dda)), tag, None), TODAY);
    assert_eq!(of(Tag::ISSUER_REMAINDER), lengths(Whose::Issuer));
    assert_eq!(of(Tag::CARD_REMAINDER), lengths(Whose::Card));
    let hash = Err(Fault::Certificate(Whose::Card, Check::Hash));
    assert_eq!(of(Tag::STATIC_TAGS), hash);
    assert_eq!(of(Tag::CDOL1), hash, "a record that is signed");
    assert!(of(Tag::TRACK_1_DISCRETIONARY).is_ok(), "one that is not");
}

#[test]
fn strangers_and_days_long_past_or_to_come() {
    let good = answers(&signing(Method::Dda));
    let unknown = changed(good.clone(), Tag::AUTHORITY_INDEX, Some(&[1]));
    assert_eq!(key(&unknown, TODAY), Err(Fault::UnknownAuthority));
    let tags = changed(good.clone(), Tag::STATIC_TAGS, Some(&[0x82, 0x84]));
    assert_eq!(key(&tags, TODAY), Err(Fault::StaticTags));
    assert!(key(&good, "290630").is_ok());
    assert_eq!(key(&good, "290701"), Err(Fault::Expired(Whose::Card)));
    assert_eq!(key(&good, "500101"), Err(Fault::Expired(Whose::Issuer)));
    let mut other = signing(Method::Dda);
    other.profile.aid = Aid::parse("A0000000041010").unwrap();
    let other = answers(&other);
    let view = other.view().unwrap();
    let authorities = [test_keys::authority(Rid([0xA0, 0, 0, 0, 3]))];
    let found = card_key(&other, &view, &authorities, CardDate::parse(TODAY).unwrap());
    assert_eq!(found, Err(Fault::UnknownAuthority), "of another provider");
}

#[test]
fn a_bit_in_a_signed_record_or_the_profile_breaks_the_certificate() {
    let good = answers(&signing(Method::Cda));
    let places = good.records[&id(1)].len();
    for at in 3..places {
        let mut bad = good.clone();
        bad.records.get_mut(&id(1)).unwrap()[at] ^= 1;
        let Ok(view) = bad.view() else { continue };
        let authorities = [test_keys::authority(Rid::of(&view.aid))];
        let found = card_key(&bad, &view, &authorities, CardDate::parse(TODAY).unwrap());
        assert!(found.is_err(), "byte {at}");
    }
    let mut bad = good.clone();
    let at = bad.options.iter().position(|byte| *byte == 0x39).unwrap();
    bad.options[at] ^= 0x40;
    assert!(key(&bad, TODAY).is_err());
}
