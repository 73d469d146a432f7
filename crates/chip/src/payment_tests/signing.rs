//! Cards that sign: INTERNAL AUTHENTICATE, and GENERATE AC with a combined signature.

use persotwin_emv::oda::signature::{DynamicData, recover, transaction_hash};

use super::*;
use crate::status::is_done;

fn card(method: Method) -> Card {
    let mut card = Card::of(&Kind {
        signs: Some(method),
        ..Kind::default()
    });
    card.begin();
    card
}

/// What the card signed together with what the terminal gave.
fn signed(answer: &[u8], terminal: &[u8]) -> DynamicData {
    let path = [Tag::ANSWER_FORMAT_2, Tag::SIGNED_DYNAMIC_DATA];
    let signature = find_path(answer, &path).unwrap().unwrap();
    let key = test_keys::card(0).public(Exponent::Three);
    recover(&key, signature, terminal).unwrap()
}

const INTERNAL: &str = "008800000401020304";

#[test]
fn the_terminals_number_is_signed() {
    for method in [Method::Dda, Method::Cda] {
        let mut card = card(method);
        let command = hex::decode(format!("{INTERNAL}00")).unwrap();
        let data = signed(&done(&mut card.chip, &command), &[1, 2, 3, 4]);
        assert_eq!((data.number.len(), data.combined), (8, None));
        let again = signed(&done(&mut card.chip, &command), &[1, 2, 3, 4]);
        assert_eq!(again, data, "the same in a transaction");
        card.next();
        let other = signed(&done(&mut card.chip, &command), &[1, 2, 3, 4]);
        assert_ne!(other.number, data.number);
    }
}

#[test]
fn internal_authenticate_has_its_place_and_its_data() {
    let mut card = card(Method::Dda);
    let mut send = |command: &str| card.send(&hex::decode(command).unwrap());
    assert_eq!(send("008800010401020304"), "6A86");
    assert_eq!(send("0088000003010203"), "6700");
    assert_eq!(send("00880000"), "6700");
    card.first(CryptogramType::Request);
    assert_eq!(card.send(&hex::decode(INTERNAL).unwrap()), "6985");
    let mut silent = Card::new();
    silent.begin();
    assert_eq!(silent.send(&hex::decode(INTERNAL).unwrap()), "6985");
}

fn combined(wanted: CryptogramType, data: &[u8]) -> Vec<u8> {
    let mut command = Card::generate_ac(wanted, data);
    command[2] |= 0x10;
    command
}

/// The answer without its signature, as it stands.
fn without_signature(answer: &[u8]) -> Vec<u8> {
    let value = |tag| {
        find_path(answer, &[Tag::ANSWER_FORMAT_2, tag])
            .unwrap()
            .unwrap()
    };
    let objects = [
        Tag::CRYPTOGRAM_INFORMATION,
        Tag::TRANSACTION_COUNTER,
        Tag::ISSUER_APPLICATION_DATA,
    ];
    let objects = objects.map(|tag| (tag, value(tag)));
    let writer = persotwin_emv::tlv::TlvWriter::new();
    let writer = objects
        .into_iter()
        .fold(writer, |writer, (tag, value)| writer.put(tag, value));
    writer.finish().unwrap()
}

#[test]
fn both_cryptograms_come_within_signatures() {
    let mut card = card(Method::Cda);
    let list = terminal().to_bytes();
    let second = [&b"00"[..], &list].concat();
    let begun = [0x02, 0x50];
    let turns = [
        (CryptogramType::Request, &list[..], vec![&begun[..], &list]),
        (
            CryptogramType::Approval,
            &second,
            vec![&begun[..], &list, &second],
        ),
    ];
    for (wanted, data, lists) in turns {
        let answer = done(&mut card.chip, &combined(wanted, data));
        let path = [Tag::ANSWER_FORMAT_2, Tag::CRYPTOGRAM];
        assert_eq!(find_path(&answer, &path), Ok(None));
        let found = signed(&answer, &terminal().unpredictable_number);
        let found = found.combined.unwrap();
        assert_eq!(found.information, wanted.bits());
        let hash = transaction_hash(&lists, &without_signature(&answer));
        assert_eq!(found.transaction, hash);
        let path = [Tag::ANSWER_FORMAT_2, Tag::ISSUER_APPLICATION_DATA];
        let issuer_data = find_path(&answer, &path).unwrap().unwrap();
        let expected = application_cryptogram(
            &card.keys.ac,
            &list,
            card.profile.0,
            [0, 1],
            IssuerApplicationData::parse(issuer_data).unwrap(),
        );
        assert_eq!(found.cryptogram, expected);
    }
}

#[test]
fn refusals_are_not_signed_and_nobody_signs_who_does_not_offer_it() {
    let mut able = card(Method::Cda);
    let list = terminal().to_bytes();
    let answer = done(&mut able.chip, &combined(CryptogramType::Refusal, &list));
    assert_eq!(able.checked(&answer).kind, CryptogramType::Refusal);
    let mut unable = card(Method::Dda);
    let answer = unable.send(&combined(CryptogramType::Request, &list));
    assert_eq!(answer, "6A86");
    assert_eq!(
        unable.first(CryptogramType::Request).kind,
        CryptogramType::Request,
        "a refused command changes nothing"
    );
}

/// Loads a card without one of its groupings; the last status word.
fn loaded_without(missing: &[u16], signs: Option<Method>, profile: Aip) -> bool {
    let mut data = application("5413330089020011", None);
    data.profile.interchange_profile = profile;
    data.authentication = signs.map(|method| credentials(&data.card.pan, method));
    let mut groupings = data.groupings().unwrap();
    groupings.retain(|grouping| !missing.contains(&grouping.id().0));
    let mut chip = Chip::blank(ChipSerial([7; 8]), &Profile::generic());
    chip.power_on();
    select(&mut chip, AID);
    let commands = split(&groupings, MAX_DATA).unwrap();
    let last = commands
        .iter()
        .map(|command| chip.transmit(&command.to_apdu()))
        .last();
    is_done(&last.unwrap())
}

#[test]
fn a_card_that_signs_needs_its_whole_key() {
    let dda = Some(Method::Dda);
    assert!(loaded_without(&[], dda, Aip::NO_ODA));
    for missing in 0x8201..=0x8205 {
        assert!(!loaded_without(&[missing], dda, Aip::NO_ODA), "{missing:X}");
    }
    let all = [0x8201, 0x8202, 0x8203, 0x8204, 0x8205];
    assert!(!loaded_without(&all, dda, Aip::NO_ODA));
    let promised = Aip::NO_ODA.with(Capability::CombinedAuthentication);
    assert!(!loaded_without(&[], None, promised));
}
