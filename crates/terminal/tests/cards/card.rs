//! Cards for tests.

use persotwin_chip::Chip;
use persotwin_emv::aid::Aid;
use persotwin_emv::cryptogram::{CryptogramVersion, IssuerApplicationData};
use persotwin_emv::digits::Digits;
use persotwin_emv::expiry::{CardDate, Expiry};
use persotwin_emv::keys::{KeySet, MasterKeyOption};
use persotwin_emv::name::EncodedName;
use persotwin_emv::pan::{Pan, PanSequence};
use persotwin_emv::perso::{ApplicationData, CardValues, ChipPin};
use persotwin_emv::pin::Pin;
use persotwin_emv::profile::{ApplicationLabel, ApplicationProfile, NumericCode};
use persotwin_emv::service_code::ServiceCode;
use persotwin_emv::tdes::TdesKey;
use persotwin_terminal::Terminal;
use serde_json::{Map, Value, json};

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

/// The personalised chip, as a card file would bring it, with power on.
pub(crate) fn chip(data: &ApplicationData) -> Chip {
    let groupings: Map<String, Value> = data
        .groupings()
        .unwrap()
        .iter()
        .map(|grouping| {
            (
                grouping.id().to_string(),
                hex::encode_upper(grouping.value()).into(),
            )
        })
        .collect();
    let mut lasting =
        json!({"transactions": 0, "lastOnline": 0, "access": "open", "standing": "000000"});
    if let Some(pin) = &data.pin {
        lasting["pinTries"] = pin.tries.into();
    }
    let image = json!({
        "version": 1, "serial": "0000000000000001", "access": "open", "challenges": 0,
        "applications": [{"aid": AID, "lasting": lasting, "groupings": groupings}],
    });
    let mut chip: Chip = serde_json::from_value(image).unwrap();
    chip.power_on();
    chip
}

/// A terminal in Paris on a day on which the cards are valid.
pub(crate) fn terminal() -> Terminal {
    Terminal::new(code("250"), code("978"), CardDate::parse("260617").unwrap())
}
