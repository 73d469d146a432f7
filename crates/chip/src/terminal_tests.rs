//! Whole cards: built as data preparation builds them, loaded, and read as a terminal reads them.

use std::collections::BTreeMap;

use persotwin_emv::afl::{Afl, RecordId};
use persotwin_emv::aid::Aid;
use persotwin_emv::card_view::{CardView, read_card};
use persotwin_emv::digits::Digits;
use persotwin_emv::expiry::{CardDate, Expiry};
use persotwin_emv::keys::KeySet;
use persotwin_emv::name::EncodedName;
use persotwin_emv::pan::{Pan, PanSequence};
use persotwin_emv::perso::{ApplicationData, CardValues, ChipPin};
use persotwin_emv::pin::Pin;
use persotwin_emv::profile::{ApplicationLabel, ApplicationProfile, NumericCode};
use persotwin_emv::service_code::ServiceCode;
use persotwin_emv::store_data::{MAX_DATA, split};
use persotwin_emv::tag::Tag;
use persotwin_emv::tdes::TdesKey;
use persotwin_emv::tlv::find_path;

use crate::status::is_done;
use crate::{Chip, ChipSerial, Profile};

const AID: &str = "A0000000041010";

pub(crate) fn application(pan: &str, pin: Option<&str>) -> ApplicationData {
    let key = |text| TdesKey::from_hex(text).unwrap();
    ApplicationData {
        profile: ApplicationProfile::new(
            Aid::parse(AID).unwrap(),
            ApplicationLabel::parse("TWIN DEBIT").unwrap(),
            NumericCode::parse("250").unwrap(),
            NumericCode::parse("978").unwrap(),
        ),
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
            ac: key("11223344006677881122334455007788"),
            smi: key("8B4F854F0831FBF2635A212E4DDDB92A"),
            smc: key("11220044556677881122330055667788"),
        },
        pin: pin.map(|pin| ChipPin {
            pin: Pin::parse(pin).unwrap(),
            tries: 3,
        }),
        issuer_data: None,
        authentication: None,
    }
}

/// Sends a command that must be done; the answer's data.
pub(crate) fn done(chip: &mut Chip, command: &[u8]) -> Vec<u8> {
    let mut answer = chip.transmit(command);
    assert!(is_done(&answer), "{answer:02X?}");
    answer.truncate(answer.len() - 2);
    answer
}

pub(crate) fn select(chip: &mut Chip, name: &[u8]) -> Vec<u8> {
    let lc = u8::try_from(name.len()).unwrap();
    done(
        chip,
        &[&[0x00, 0xA4, 0x04, 0x00, lc], name, &[0x00]].concat(),
    )
}

pub(crate) fn personalised(data: &ApplicationData, room: usize) -> Chip {
    let mut chip = Chip::blank(ChipSerial([0; 8]), &Profile::generic());
    chip.power_on();
    select(&mut chip, data.profile.aid.as_bytes());
    for command in split(&data.groupings().unwrap(), room).unwrap() {
        done(&mut chip, &command.to_apdu());
    }
    chip
}

/// Reads a card as a terminal does that knows nothing of it: directory, application, records.
fn read(chip: &mut Chip) -> CardView {
    let pse = select(chip, b"1PAY.SYS.DDF01");
    let path = [Tag::FCI, Tag::FCI_PROPRIETARY, Tag::DIRECTORY_SFI];
    assert_eq!(find_path(&pse, &path).unwrap(), Some(&[1][..]));
    let directory = done(chip, &[0x00, 0xB2, 0x01, 0x0C, 0x00]);
    let path = [Tag::RECORD, Tag::DIRECTORY_ENTRY, Tag::AID_IN_DIRECTORY];
    let aid = find_path(&directory, &path).unwrap().unwrap().to_vec();
    let answer = select(chip, &aid);
    let options = done(
        chip,
        &[0x80, 0xA8, 0x00, 0x00, 0x04, 0x83, 0x02, 0x02, 0x50, 0x00],
    );
    let path = [Tag::ANSWER_FORMAT_2, Tag::FILE_LOCATOR];
    let locator = Afl::parse(find_path(&options, &path).unwrap().unwrap()).unwrap();
    let records: BTreeMap<RecordId, Vec<u8>> = locator
        .records()
        .map(|id| {
            (
                id,
                done(chip, &[0x00, 0xB2, id.record, id.read_record_p2(), 0x00]),
            )
        })
        .collect();
    read_card(&records, &answer, &options).unwrap()
}

#[test]
fn a_terminal_finds_what_was_prepared() {
    for (pan, pin) in [
        ("5413330089020011", None),
        ("4761739001010119", Some("1234")),
    ] {
        let data = application(pan, pin);
        let mut chip = personalised(&data, MAX_DATA);
        let view = read(&mut chip);
        assert_eq!(view.aid.to_string(), AID);
        assert_eq!(view.label, "TWIN DEBIT");
        assert_eq!(view.pan, data.card.pan);
        assert_eq!(view.expires, data.card.expiry.last_day());
        assert_eq!(view.name, data.card.name);
        let application = chip.personalised().unwrap();
        assert_eq!(application.view().unwrap(), Ok(view));
        assert_eq!(
            application.key_check_values(),
            Some(data.keys.check_values())
        );
    }
}

#[test]
fn small_commands_make_the_same_card() {
    let data = application("5413330089020011", Some("1234"));
    let whole = personalised(&data, MAX_DATA);
    for room in [6, 7, 16, 100, 247] {
        assert_eq!(personalised(&data, room), whole, "{room}");
    }
}

#[test]
fn nothing_is_seen_before_the_last_block() {
    let data = application("5413330089020011", None);
    let mut chip = Chip::blank(ChipSerial([0; 8]), &Profile::generic());
    chip.power_on();
    select(&mut chip, data.profile.aid.as_bytes());
    let commands = split(&data.groupings().unwrap(), 32).unwrap();
    let (last, before) = commands.split_last().unwrap();
    for command in before {
        done(&mut chip, &command.to_apdu());
        assert!(chip.personalised().is_none());
        assert!(
            chip.applications()
                .iter()
                .all(|application| application.view().is_none())
        );
    }
    done(&mut chip, &last.to_apdu());
    assert!(chip.personalised().is_some());
}
