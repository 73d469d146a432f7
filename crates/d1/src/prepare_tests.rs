use persotwin_contract::card::PanSequenceNumber;
use persotwin_contract::names::PrintName;
use persotwin_contract::order::{CardDesign, Issuance, PaymentApplication, Services};
use persotwin_contract::rules::NameRule;
use persotwin_emv::cryptogram::CryptogramVersion;
use persotwin_emv::keys::MasterKeyOption;
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::find_path;
use persotwin_link::tenant::Tenant;

use super::*;

fn order() -> ClearOrder {
    let application = PaymentApplication {
        config: "VISA-CLASSIC".parse().unwrap(),
        oda_key_index: "01".parse().unwrap(),
        derivation_key_index: "01".parse().unwrap(),
        cv_key_index: None,
        pv_key_index: None,
    };
    ClearOrder::instant(
        "KIOSK-PS-101".parse().unwrap(),
        Services::of(Issuance::Creation),
        "x".parse().unwrap(),
        application,
    )
}

fn data(pan: &str, exp: &str) -> CardData {
    let name = PrintName::new("ALICE MARTIN", NameRule::Embossing).unwrap();
    CardData::new(pan.parse().unwrap(), exp.parse().unwrap(), name)
}

fn product() -> Product {
    let tenant = Tenant::built_in();
    let id = "VISA-CLASSIC".parse().unwrap();
    tenant.products[&id].clone()
}

fn prepared(
    order: &ClearOrder,
    data: &CardData,
    product: &Product,
) -> Result<ProductionData, Unfit> {
    let tenant = Tenant::built_in();
    let keys = &tenant.master_keys[&"01".parse().unwrap()];
    prepare(&Ingredients {
        order,
        data,
        tracks: data.track_data.as_ref().or(order.track_data.as_ref()),
        product,
        keys: Keys {
            derivation: keys,
            verification: keys,
            pin: keys,
        },
        pin: data.pin_block.as_ref(),
        signing: product.oda.map(|method| Signing {
            method,
            key: 3,
            serial: [1, 2, 3],
        }),
        day: jiff::civil::date(2026, 6, 17),
    })
}

/// The value of a grouping.
fn grouping(data: &ProductionData, id: &str) -> Vec<u8> {
    let dgi = data.dgis.iter().find(|dgi| dgi.starts_with(id)).unwrap();
    let bytes = hex::decode(dgi).unwrap();
    persotwin_emv::dgi::parse(&bytes).unwrap()[0]
        .value()
        .to_vec()
}

#[test]
fn the_three_verification_values_of_the_published_vector() {
    // A textbook vector: this key, number and month, service code 101, give 561; 999 and 000 give 651 and 636.
    let product = Product {
        service_code: "101".into(),
        ..product()
    };
    let card = prepared(&order(), &data("4123456789012345", "8701"), &product).unwrap();
    assert_eq!(
        card.track1,
        "B4123456789012345^MARTIN/ALICE^8701101000000561000000"
    );
    assert_eq!(card.track2, "4123456789012345=87011010000561000000");
    assert_eq!(card.layout.cvv2, "636");
    let record = grouping(&card, "0101");
    let equivalent = find_path(&record, &[Tag::RECORD, Tag::TRACK_2_EQUIVALENT])
        .unwrap()
        .unwrap();
    assert_eq!(
        hex::encode(equivalent),
        "4123456789012345d87011010000651000000f"
    );
}

#[test]
fn the_application_carries_the_order() {
    let mut data = data("4111111111111111", "2906");
    data.pan_sequence_number = Some("07".parse::<PanSequenceNumber>().unwrap());
    let card = prepared(&order(), &data, &product()).unwrap();
    let record = grouping(&card, "0201");
    let object = |tag| hex::encode(find_path(&record, &[Tag::RECORD, tag]).unwrap().unwrap());
    assert_eq!(object(Tag::PAN), "4111111111111111");
    assert_eq!(object(Tag::EXPIRATION_DATE), "290630");
    assert_eq!(object(Tag::EFFECTIVE_DATE), "260617");
    assert_eq!(object(Tag::PAN_SEQUENCE), "07");
    assert_eq!(object(Tag::ISSUER_COUNTRY), "0250");
    let issuer_data = grouping(&card, "9200");
    let issuer_data = find_path(&issuer_data, &[Tag::ISSUER_APPLICATION_DATA])
        .unwrap()
        .unwrap();
    assert_eq!(hex::encode(issuer_data), "06011203000000");
    assert_eq!(grouping(&card, "8000").len(), 48);
    assert!(
        !card.dgis.iter().any(|dgi| dgi.starts_with("8010")),
        "no PIN, no PIN grouping"
    );
}

#[test]
fn a_product_that_signs_has_certificates_and_a_key() {
    let data = data("4111111111111111", "2906");
    let plain = prepared(&order(), &data, &product()).unwrap();
    for (method, profile) in [(Method::Dda, "8202380094"), (Method::Cda, "8202390094")] {
        let product = Product {
            oda: Some(method),
            ..product()
        };
        let card = prepared(&order(), &data, &product).unwrap();
        assert_eq!(card.dgis.len(), plain.dgis.len() + 2 + 5);
        assert!(hex::encode(grouping(&card, "9104")).starts_with(profile));
        assert_eq!(grouping(&card, "8205").len(), 64);
        let record = grouping(&card, "0203");
        let certificate = find_path(&record, &[Tag::RECORD, Tag::CARD_CERTIFICATE]).unwrap();
        assert_eq!(certificate.unwrap().len(), 144);
        assert_eq!(grouping(&card, "0201"), grouping(&plain, "0201"));
    }
}

#[test]
fn what_the_issuer_gives_is_used() {
    let mut data = data("4111111111111111", "2906");
    data.cvv1 = Some("101".parse().unwrap());
    data.cvv2 = Some("2022".parse().unwrap());
    data.pvv = Some("3033".parse().unwrap());
    data.second_name = Some(PrintName::new("TWIN LTD.", NameRule::Embossing).unwrap());
    data.encoded_name = Some("MARTIN/A".parse().unwrap());
    let mut order = order();
    order.card_design = Some(CardDesign {
        custom_lines: vec!["Credit".parse().unwrap()],
        member_id: Some("M-1".parse().unwrap()),
        ..CardDesign::default()
    });
    let product = Product {
        track2_pattern: "cvv|pvv".into(),
        ..product()
    };
    let card = prepared(&order, &data, &product).unwrap();
    assert_eq!(
        card.track1,
        "B4111111111111111^MARTIN/A^2906201000000101000000"
    );
    assert_eq!(card.track2, "4111111111111111=29062011013033");
    assert_eq!(card.layout.cvv2, "2022");
    assert_eq!(card.layout.second_name.as_deref(), Some("TWIN LTD."));
    assert_eq!(card.layout.custom_lines, ["Credit", "M-1"]);
}

#[test]
fn a_pin_goes_into_the_chip_and_its_value_onto_the_stripe() {
    let mut data = data("4111111111111111", "2906");
    let pan = Pan::parse("4111111111111111").unwrap();
    let block = pin::PinBlock::format_0(&Pin::parse("1234").unwrap(), &pan);
    data.pin_block = Some(hex::encode(block.expose()).parse().unwrap());
    let product = Product {
        track2_pattern: "cvv|pvv".into(),
        ..product()
    };
    let card = prepared(&order(), &data, &product).unwrap();
    assert_eq!(hex::encode(grouping(&card, "8010")), "241234ffffffffff");
    assert_eq!(grouping(&card, "9010"), [3, 3]);
    let key = TdesKey::from_hex("0123456789ABCDEFFEDCBA9876543210").unwrap();
    let index = PvvKeyIndex::new(1).unwrap();
    let expected = pvv(&key, &pan, index, &Pin::parse("1234").unwrap()).unwrap();
    assert!(card.track2.ends_with(expected.as_str()));
    data.pin_block = Some("0000000000000000".parse().unwrap());
    assert!(prepared(&order(), &data, &product).is_err());
}

#[test]
fn without_a_pin_nothing_on_the_card_speaks_of_one() {
    let card = prepared(&order(), &data("4111111111111111", "2906"), &product()).unwrap();
    let of_a_pin = |dgi: &String| dgi.starts_with("8010") || dgi.starts_with("9010");
    assert!(!card.dgis.iter().any(of_a_pin));
    let record = grouping(&card, "0201");
    let list = find_path(&record, &[Tag::RECORD, Tag::CVM_LIST]).unwrap();
    // No amounts; online PIN, signature, nothing.
    assert_eq!(
        hex::encode_upper(list.unwrap()),
        "000000000000000042031E031F03"
    );
    let wants_pvv = Product {
        track2_pattern: "cvv|pvv".into(),
        ..product()
    };
    let data = data("4111111111111111", "2906");
    assert!(prepared(&order(), &data, &wants_pvv).is_err(), "no PVV");
}

#[test]
fn the_product_says_how_keys_and_cryptograms_are_made() {
    let data = data("41111100000000009", "2906");
    let keys = |master_key| {
        let product = Product {
            master_key,
            cryptogram: CryptogramVersion::Cvn10,
            track2_pattern: "cvv".into(),
            ..product()
        };
        let card = prepared(&order(), &data, &product).unwrap();
        let issuer_data = grouping(&card, "9200");
        assert_eq!(hex::encode(&issuer_data[3..]), "06010a03000000");
        grouping(&card, "8000")
    };
    let (a, b) = (keys(MasterKeyOption::A), keys(MasterKeyOption::B));
    assert_ne!(a, b, "17 digits");
}

#[test]
fn tracks_of_the_issuer_replace_ours_with_or_without_sentinels() {
    let mut order = order();
    for (given, expected) in [
        (";4111111111111111=2906?", "4111111111111111=2906"),
        ("4111111111111111=2906", "4111111111111111=2906"),
    ] {
        order.track_data = Some(TrackData {
            track1: Some("%B4111111111111111^DOE/J^2906?".parse().unwrap()),
            track2: Some(given.parse().unwrap()),
            track3: Some("015".parse().unwrap()),
        });
        let card = prepared(&order, &data("4111111111111111", "2906"), &product()).unwrap();
        assert_eq!(card.track1, "B4111111111111111^DOE/J^2906");
        assert_eq!(card.track2, expected);
        assert_eq!(card.track3.as_deref(), Some("015"));
        // The chip's name comes from the issuer's track 1.
        let record = grouping(&card, "0101");
        let name = find_path(&record, &[Tag::RECORD, Tag::CARDHOLDER_NAME]).unwrap();
        assert_eq!(name, Some(&b"DOE/J"[..]));
    }
}

#[test]
fn what_makes_no_card() {
    let good = data("4111111111111111", "2906");
    let mut long_name = good.clone();
    long_name.encoded_name = Some("ABCDEFGHIJKLMNOPQRSTUVWX/Y".parse().unwrap());
    let wide = Product {
        track1_pattern: "0".repeat(40),
        ..product()
    };
    assert!(prepared(&order(), &good, &product()).is_ok());
    assert!(prepared(&order(), &long_name, &product()).is_ok());
    assert!(
        prepared(&order(), &long_name, &wide).is_err(),
        "track 1 overflows"
    );
    let long = data("4111110000000000009", "2906");
    assert!(
        prepared(&order(), &long, &product()).is_err(),
        "track 2 overflows"
    );
    let unknown_pvv = Product {
        track2_pattern: "cvv|pvv".into(),
        ..product()
    };
    assert!(prepared(&order(), &good, &unknown_pvv).is_err(), "no PVV");
    let mut early = good.clone();
    early.effective_date = Some("290701".parse().unwrap());
    assert!(
        prepared(&order(), &early, &product()).is_err(),
        "effective after its expiry"
    );
    for broken in [
        Product {
            aid: "A0".into(),
            ..product()
        },
        Product {
            label: String::new(),
            ..product()
        },
        Product {
            service_code: "20".into(),
            ..product()
        },
        Product {
            track1_pattern: "a|b".into(),
            ..product()
        },
    ] {
        assert!(prepared(&order(), &good, &broken).is_err());
    }
}

#[test]
fn numbers_of_every_length_are_printed_in_fours() {
    assert_eq!(grouped("4222222222222"), "4222 2222 2222 2");
    assert_eq!(grouped("4111111111111111"), "4111 1111 1111 1111");
    assert_eq!(grouped("6304000000000000000"), "6304 0000 0000 0000 000");
    let short = prepared(&order(), &data("4111110000006", "2906"), &product());
    assert!(short.is_ok());
}

#[test]
fn nothing_shows() {
    let card = prepared(&order(), &data("4111111111111111", "2906"), &product()).unwrap();
    assert!(!format!("{card:?} {:?}", card.layout).contains("1111"));
}
