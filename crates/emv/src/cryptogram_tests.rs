//! Published vectors for cryptograms: pyemv's doctests and its `*_hsm` tests, whose values were
//! recomputed on a hardware security module.

use super::*;
use crate::keys::{MasterKeyOption, common_session_key, icc_master_key};
use crate::pan::{Pan, PanSequence};

fn key(text: &str) -> TdesKey {
    TdesKey::from_hex(text).unwrap()
}

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

fn upper(data: &[u8]) -> String {
    hex::encode_upper(data)
}

fn card_key(issuer: &str, pan: &str, psn: &str, option: MasterKeyOption) -> TdesKey {
    let (pan, psn) = (Pan::parse(pan).unwrap(), PanSequence::parse(psn).unwrap());
    icc_master_key(&key(issuer), &pan, psn, option)
}

const ISSUER: &str = "0123456789ABCDEFFEDCBA9876543210";
const DATA: &str = "0123456789ABCDEF0123456789ABCDEF";
const NONE: ProprietaryData = ProprietaryData {
    bytes: [0; 8],
    len: 0,
};

fn hsm_terminal() -> TerminalData {
    TerminalData {
        amount: bytes("000000004000"),
        amount_other: [0; 6],
        country: bytes("0124"),
        verification_results: bytes("8000048000"),
        currency: bytes("0124"),
        date: bytes("191105"),
        transaction_type: 0x01,
        unpredictable_number: bytes("52BF4585"),
    }
}

/// `ac.py`.
#[test]
fn doctests_of_ac() {
    let session = key("29B33180E567CE38EA4CBC9D753B0E61");
    let request = generate(&session, Padding::Marker, &hex::decode(DATA).unwrap());
    assert_eq!(upper(&request), "FA624250B008B59A");
    assert_eq!(
        upper(&response_method_1(&session, request, [0, 0])),
        "45D4255EEF10C920"
    );
    assert_eq!(
        upper(&response_method_2(&session, request, [0; 4], &NONE)),
        "CB56FA40"
    );

    let session = key("AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBB");
    let terminal = TerminalData {
        amount: bytes("000000002000"),
        amount_other: [0; 6],
        country: bytes("0124"),
        verification_results: bytes("0000008000"),
        currency: bytes("0124"),
        date: bytes("110309"),
        transaction_type: 0x00,
        unpredictable_number: bytes("3804823E"),
    };
    let mut data = terminal.to_bytes();
    assert_eq!(data.len(), 29);
    data.extend(bytes::<4>("58000001"));
    assert_eq!(
        upper(&generate(&session, Padding::Marker, &data)),
        "3B76CF10FECD8789"
    );
    let request = bytes("1234567890ABCDEF");
    assert_eq!(
        upper(&response_method_1(&session, request, [0, 0])),
        "F5E6F44147E2F1B0"
    );
    assert_eq!(
        upper(&response_method_2(&session, request, [0; 4], &NONE)),
        "9308BEBC"
    );
}

/// `cvn.py`: version 18 from the issuer key to the answer.
#[test]
fn doctest_of_cvn_18() {
    let card = card_key(
        &"A".repeat(32),
        "1234567890123456",
        "00",
        MasterKeyOption::B,
    );
    let terminal = TerminalData {
        amount: bytes("000000009999"),
        amount_other: [0; 6],
        country: bytes("0840"),
        verification_results: bytes("8000048000"),
        currency: bytes("0840"),
        date: bytes("991231"),
        transaction_type: 0x01,
        unpredictable_number: bytes("52BF4585"),
    };
    let atc = bytes("0FFF");
    let iad = IssuerApplicationData::parse(&bytes::<7>("06011203A0B800")).unwrap();
    let request = application_cryptogram(&card, &terminal.to_bytes(), bytes("1800"), atc, iad);
    assert_eq!(upper(&request), "769577B5ABE9FE62");
    let session = cryptogram_session_key(&card, atc);
    assert_eq!(
        upper(&response_method_2(&session, request, [0; 4], &NONE)),
        "76503F48"
    );
}

/// `tests/test_cvn_hsm.py`, version 10: key, cryptogram and answer under the card's own key.
#[test]
fn hsm_version_10() {
    let card = card_key(ISSUER, "1234567890123456", "00", MasterKeyOption::A);
    let iad = IssuerApplicationData {
        key_index: 1,
        version: CryptogramVersion::Cvn10,
        results: bytes("A06010"),
    };
    let terminal = hsm_terminal().to_bytes();
    let request = application_cryptogram(&card, &terminal, bytes("1800"), bytes("001C"), iad);
    assert_eq!(upper(&request), "29CCA15AE665FA2E");
    assert_eq!(
        upper(&response_method_1(&card, request, *b"00")),
        "28993816AFAE4AEB"
    );
}

/// `tests/test_cvn_hsm.py`, version 18.
#[test]
fn hsm_version_18() {
    let card = card_key(ISSUER, "1234567890123456", "00", MasterKeyOption::B);
    let iad = IssuerApplicationData::parse(&bytes::<7>("06011203A0B800")).unwrap();
    let atc = bytes("001C");
    let terminal = hsm_terminal().to_bytes();
    let request = application_cryptogram(&card, &terminal, bytes("1800"), atc, iad);
    assert_eq!(upper(&request), "7A788EA6B8A3E733");
    let session = cryptogram_session_key(&card, atc);
    assert_eq!(
        upper(&response_method_2(&session, request, [0; 4], &NONE)),
        "9AF514C1"
    );
}

/// `tests/test_ac_hsm.py`: both paddings, both methods.
#[test]
fn hsm_paddings_and_methods() {
    let card = card_key(ISSUER, "9901234567890123", "45", MasterKeyOption::A);
    let session = common_session_key(&card, bytes("1234567890123456"));
    assert_eq!(&session.kcv().to_string()[..4], "0995");
    for (padding, data, request, response) in [
        (
            Padding::Marker,
            DATA.to_owned(),
            "4B46013359B7A58B",
            "F8C9CECAABD55AD1",
        ),
        (
            Padding::Zeros,
            format!("{DATA}01"),
            "2E141C6BC4A20DA8",
            "16A49AAB314B9262",
        ),
        (
            Padding::Zeros,
            DATA.to_owned(),
            "922F3E83125EB46B",
            "8AE6E836084B0E80",
        ),
    ] {
        let cryptogram = generate(&session, padding, &hex::decode(data).unwrap());
        assert_eq!(upper(&cryptogram), request);
        assert_eq!(
            upper(&response_method_1(&card, cryptogram, [0, 0])),
            response
        );
    }
    let request = bytes("4B46013359B7A58B");
    let proprietary = ProprietaryData::new(&bytes::<8>("1234567890ABCDEF")).unwrap();
    let answer = response_method_2(&session, request, [0; 4], &proprietary);
    assert_eq!(upper(&answer), "4962B76C");
    assert_eq!(
        upper(&response_method_2(&session, request, [0; 4], &NONE)),
        "7DFB1188"
    );
}

/// `tests/test_kd_hsm.py`: from issuer key to cryptogram and answer, for long card numbers.
#[test]
fn hsm_long_numbers() {
    use MasterKeyOption::{A, B};
    let r = bytes("1234567890123456");
    for (pan, psn, option, request, response) in [
        ("12345678901234567", "45", A, "19C1FBC83EBDC0D5", None),
        ("12345678901234567", "00", A, "8698A7319324FD93", None),
        (
            "1234567890123456",
            "00",
            B,
            "0CE77D211CB5459A",
            Some("8CD9AA5D"),
        ),
        (
            "12345678901234567",
            "45",
            B,
            "5760EE07B4FA65D1",
            Some("106B81D9"),
        ),
        (
            "12345678901234567",
            "00",
            B,
            "0BAA251EA8989442",
            Some("C1C41F3A"),
        ),
        (
            "123456789012345679",
            "00",
            B,
            "DC95BCE3EBBE0296",
            Some("ECCA0C4B"),
        ),
    ] {
        let session = common_session_key(&card_key(ISSUER, pan, psn, option), r);
        let cryptogram = generate(&session, Padding::Marker, &hex::decode(DATA).unwrap());
        assert_eq!(upper(&cryptogram), request, "{pan} {psn}");
        if let Some(response) = response {
            let answer = response_method_2(&session, cryptogram, [0; 4], &NONE);
            assert_eq!(upper(&answer), response);
        }
    }
}

#[test]
fn issuer_application_data_has_one_form() {
    let iad = IssuerApplicationData {
        key_index: 1,
        version: CryptogramVersion::Cvn18,
        results: [0; 3],
    };
    assert_eq!(IssuerApplicationData::parse(&iad.to_bytes()), Ok(iad));
    let unknown = IssuerApplicationData::parse(&bytes::<7>("06011103000000"));
    assert_eq!(unknown, Err(IadError::Version(0x11)));
    assert_eq!(
        IssuerApplicationData::parse(&[6, 1, 0x12, 3]),
        Err(IadError::Form)
    );
    assert_eq!(ProprietaryData::new(&[0; 9]), None);
}

#[test]
fn terminal_data_are_collected_by_their_tags() {
    let terminal = hsm_terminal();
    let list = crate::dol::Dol::parse(crate::profile::DEFAULT_CDOL1).unwrap();
    let bytes = terminal.to_bytes();
    let values = list.split(&bytes).unwrap();
    let find = |tag| {
        let mut values = values.iter();
        values.find(|(found, _)| *found == tag).map(|it| it.1)
    };
    assert_eq!(TerminalData::collect(find), Some(terminal));
    let without = |tag| find(tag).filter(|_| tag != Tag::TRANSACTION_DATE);
    assert_eq!(TerminalData::collect(without), None);
}
