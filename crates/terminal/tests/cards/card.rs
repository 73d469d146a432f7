//! Cards for tests.

use persotwin_chip::{Chip, ChipSerial, Profile};
use persotwin_emv::aid::Aid;
use persotwin_emv::cryptogram::{CryptogramVersion, IssuerApplicationData};
use persotwin_emv::digits::Digits;
use persotwin_emv::expiry::{CardDate, Expiry};
use persotwin_emv::keys::{KeySet, MasterKeyOption};
use persotwin_emv::name::EncodedName;
use persotwin_emv::oda::{CardCredentials, Exponent, Method, test_keys};
use persotwin_emv::pan::{Pan, PanSequence};
use persotwin_emv::perso::{ApplicationData, CardValues, ChipPin};
use persotwin_emv::pin::Pin;
use persotwin_emv::profile::{ApplicationLabel, ApplicationProfile, NumericCode};
use persotwin_emv::service_code::ServiceCode;
use persotwin_emv::store_data::{MAX_DATA, split};
use persotwin_emv::tdes::TdesKey;
use persotwin_terminal::Terminal;

pub(crate) const AID: &str = "A0000000041010";

/// The issuer's master keys.
pub(crate) fn master() -> KeySet {
    let key = |text| TdesKey::from_hex(text).unwrap();
    KeySet {
        ac: key("0123456789ABCDEFFEDCBA9876543210"),
        smi: key("1123456789ABCDEFFEDCBA9876543210"),
        smc: key("2123456789ABCDEFFEDCBA9876543210"),
    }
}

fn code(text: &str) -> NumericCode {
    NumericCode::parse(text).unwrap()
}

/// A card of 16 digits that expires in June 2029.
pub(crate) fn application(pin: Option<&str>) -> ApplicationData {
    let (pan, psn) = (
        Pan::parse("5413330089020011").unwrap(),
        PanSequence::default(),
    );
    ApplicationData {
        profile: ApplicationProfile::new(
            Aid::parse(AID).unwrap(),
            ApplicationLabel::parse("TWIN DEBIT").unwrap(),
            code("250"),
            code("978"),
        ),
        keys: master().for_card(&pan, psn, MasterKeyOption::A),
        card: CardValues {
            pan,
            psn,
            expiry: Expiry::parse("2906").unwrap(),
            effective: CardDate::parse("260615").unwrap(),
            name: EncodedName::parse("MARTIN/ALICE").unwrap(),
            service_code: ServiceCode::parse("201").unwrap(),
            track1_discretionary: Digits::parse("000000651000000").unwrap(),
            track2_discretionary: Digits::parse("0000651000000").unwrap(),
            account_reference: None,
        },
        pin: pin.map(|pin| ChipPin {
            pin: Pin::parse(pin).unwrap(),
            tries: 3,
        }),
        issuer_data: Some(IssuerApplicationData {
            key_index: 1,
            version: CryptogramVersion::Cvn18,
            results: [0; 3],
        }),
        authentication: None,
    }
}

/// The same card, with a key of its own that the test issuer certified.
pub(crate) fn signing(method: Method) -> ApplicationData {
    let data = application(None);
    let credentials = CardCredentials {
        method,
        issuer: test_keys::issuer(&data.card.pan).unwrap(),
        key: test_keys::card(5),
        exponent: Exponent::Three,
        serial: [0, 0, 9],
    };
    ApplicationData {
        authentication: Some(credentials),
        ..data
    }
}

/// The personalised chip, loaded in the clear, with power on.
pub(crate) fn chip(data: &ApplicationData) -> Chip {
    let mut chip = Chip::blank(ChipSerial([1; 8]), &Profile::generic());
    chip.power_on();
    let mut done = |command: &[u8]| assert!(chip.transmit(command).ends_with(&[0x90, 0x00]));
    let name = data.profile.aid.as_bytes();
    done(&[&[0x00, 0xA4, 0x04, 0x00, 0x07], name, &[0x00]].concat());
    for command in split(&data.groupings().unwrap(), MAX_DATA).unwrap() {
        done(&command.to_apdu());
    }
    chip.power_on();
    chip
}

/// A terminal in Paris on a day on which the cards are valid.
pub(crate) fn terminal() -> Terminal {
    Terminal::new(code("250"), code("978"), CardDate::parse("260617").unwrap())
}
