//! Published vectors for issuer scripts: pyemv's doctests and its `*_hsm` tests, whose values were
//! recomputed on a hardware security module.

use super::*;
use crate::keys::MasterKeyOption;
use crate::pan::{Pan, PanSequence};
use proptest::prelude::*;

fn key(text: &str) -> TdesKey {
    TdesKey::from_hex(text).unwrap()
}

fn pin(text: &str) -> Pin {
    Pin::parse(text).unwrap()
}

fn upper(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}

fn card(issuer: [&str; 3], psn: &str, option: MasterKeyOption) -> KeySet {
    let [ac, smi, smc] = issuer.map(key);
    let pan = Pan::parse("1234567890123456").unwrap();
    let psn = PanSequence::parse(psn).unwrap();
    KeySet { ac, smi, smc }.for_card(&pan, psn, option)
}

/// The card of `tests/test_cvn_hsm.py`.
fn hsm_card() -> KeySet {
    let issuer = [
        "0123456789ABCDEFFEDCBA9876543210",
        "FEDCBA98765432100123456789ABCDEF",
        "89ABCDEF0123456776543210FEDCBA98",
    ];
    card(issuer, "00", MasterKeyOption::A)
}

fn command(cryptogram: u64, command: &ScriptCommand) -> String {
    let mut script = Script::new(&hsm_card(), [0x00, 0x1C], cryptogram.to_be_bytes());
    upper(&script.command(command).unwrap())
}

/// `tests/test_cvn_hsm.py`, versions 10 and 18: whole commands.
#[test]
fn commands_of_the_hsm() {
    let (version_10, version_18) = (0x29CC_A15A_E665_FA2E, 0x7A78_8EA6_B8A3_E733);
    let change = ScriptCommand::ChangePin(pin("9999"));
    let replace = ScriptCommand::ReplacePin {
        current: pin("8888"),
        new: pin("9999"),
    };
    for (cryptogram, wanted, expected) in [
        (
            version_10,
            &ScriptCommand::UnblockApplication,
            "8418000008DB56BA60087CEFD3",
        ),
        (
            version_10,
            &change,
            "8424000218BB221AF527377A2811D2B6EBC396A9391A965A5CB2CE62DA",
        ),
        (
            version_10,
            &replace,
            "84240001182EE025E554BCD87E11D2B6EBC396A939C4A8393B57DD2F3F",
        ),
        (
            version_18,
            &ScriptCommand::UnblockApplication,
            "841800000804EDE90BC24CC35E",
        ),
        (
            version_18,
            &change,
            "8424000218BB221AF527377A2811D2B6EBC396A9391A22B480EF312F40",
        ),
        (
            version_18,
            &replace,
            "84240001182EE025E554BCD87E11D2B6EBC396A9390FB94A4E4EC10F41",
        ),
    ] {
        assert_eq!(command(cryptogram, wanted), expected);
    }
}

/// `cvn.py`, doctest of version 18.
#[test]
fn commands_of_the_doctest() {
    let issuer = ["A", "B", "C"].map(|digit| digit.repeat(32));
    let issuer = issuer.each_ref().map(String::as_str);
    let card = card(issuer, "00", MasterKeyOption::B);
    let cryptogram = 0x7695_77B5_ABE9_FE62_u64.to_be_bytes();
    for (wanted, expected) in [
        (
            ScriptCommand::UnblockApplication,
            "8418000008B5CB29759F9C3919",
        ),
        (
            ScriptCommand::ChangePin(pin("9999")),
            "84240002182DC7A061323BA62472BC5308BD291B5F665B3A927E60661E",
        ),
    ] {
        let mut script = Script::new(&card, [0x0F, 0xFF], cryptogram);
        assert_eq!(upper(&script.command(&wanted).unwrap()), expected);
    }
}

/// `sm.py`, doctests of the MAC; and its `tests/test_sm_hsm.py`.
#[test]
fn macs_of_the_doctests() {
    let session = key("0123456789ABCDEFFEDCBA9876543210");
    let header = [0x84, 0x24, 0x00, 0x00, 0x08];
    let link = 0x1234_5678_9012_3456_u64.to_be_bytes();
    let mac = command_mac(&session, header, [0xFF, 0xFF], link, &[]);
    assert_eq!(upper(&mac), "E07B8DF1B4184282");
}

/// `tests/test_sm_hsm.py`: PIN blocks and their encipherment, with 4 and 12 digits.
#[test]
fn pins_of_the_hsm() {
    let issuer = [
        "FEDCBA98765432100123456789ABCDEF",
        "0123456789ABCDEFFEDCBA9876543210",
        "11111111111111112222222222222222",
    ];
    let card = card(issuer, "01", MasterKeyOption::A);
    let session = script_key_of_transaction(&card.smc, [0xFF, 0xFF]);
    assert_eq!(session.kcv().to_string(), "BD7C46");
    for (new, current, block, sealed) in [
        (
            "9999",
            None,
            "049999FFC4B001F1",
            "D421231A6FD2F0FAEE671384F0D3A7B9",
        ),
        (
            "9999",
            Some("8888"),
            "8C1199FFC4B001F1",
            "C29371CC36BA70C1EE671384F0D3A7B9",
        ),
        (
            "999999999999",
            Some("888888888888"),
            "841111112A5E67F1",
            "622066A74F1E974AEE671384F0D3A7B9",
        ),
    ] {
        let (new, current) = (pin(new), current.map(pin));
        let found = PinBlock::script(&new, current.as_ref(), &card.ac);
        assert_eq!(upper(found.expose()), block);
        assert_eq!(upper(&encipher(&session, found.expose()).unwrap()), sealed);
        assert_eq!(found.read_script(current.as_ref(), &card.ac), Ok(new));
    }
}

#[test]
fn each_command_is_linked_to_the_one_before_it() {
    let mut script = Script::new(&hsm_card(), [0, 0x1C], [7; 8]);
    let first = script.command(&ScriptCommand::UnblockPin).unwrap();
    let second = script.command(&ScriptCommand::UnblockPin).unwrap();
    assert_eq!(first[..5], second[..5]);
    assert_ne!(first[5..], second[5..]);
    let key = script_key_of_transaction(&hsm_card().smi, [0, 0x1C]);
    let (head, mac) = first.split_at(5);
    let link = mac.try_into().unwrap();
    let expected = command_mac(&key, head.try_into().unwrap(), [0, 0x1C], link, &[]);
    assert_eq!(second[5..], expected);
}

#[test]
fn what_cannot_be_carried_is_refused() {
    let mut script = Script::new(&hsm_card(), [0, 1], [0; 8]);
    let tag = Tag::new(0x9F14).unwrap();
    let longest = ScriptCommand::PutData(tag, vec![0; MAX_DATA]);
    assert_eq!(script.command(&longest).unwrap().len(), 5 + 255);
    let longer = ScriptCommand::PutData(tag, vec![0; MAX_DATA + 1]);
    assert_eq!(script.command(&longer), Err(CannotCarry(tag)));
    let tag = Tag::new(0x00DF_8105).unwrap();
    let long_tag = ScriptCommand::PutData(tag, vec![0]);
    assert_eq!(script.command(&long_tag), Err(CannotCarry(tag)));
}

#[test]
fn a_script_shows_no_pin() {
    let change = ScriptCommand::ChangePin(pin("9753"));
    assert!(!format!("{change:?}").contains("9753"));
}

proptest! {
    #[test]
    fn what_was_enciphered_is_deciphered(data in proptest::collection::vec(any::<u8>(), 0..256)) {
        let key = key("0123456789ABCDEFFEDCBA9876543210");
        let sealed = encipher(&key, &data).unwrap();
        prop_assert_eq!(decipher(&key, &sealed).unwrap().to_vec(), data);
    }

    #[test]
    fn any_bytes_are_deciphered_without_a_panic(data in proptest::collection::vec(any::<u8>(), 0..40)) {
        let _ = decipher(&key("0123456789ABCDEFFEDCBA9876543210"), &data);
    }
}
