use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::rules::NameRule;

fn order() -> Value {
    json!({
        "distributionChannel": "INSTANT",
        "persoStation": "KIOSK-PS-101",
        "services": {"issuance": "CREATION"},
        "encryptedData": "a..b.c.d",
        "paymentApplication": {
            "config": "VISA-CLASSIC", "odaKeyIndex": "01", "derivationKeyIndex": 1,
        },
        "cardProductId": "VISA-CLASSIC",
    })
}

fn card() -> Value {
    json!({"pan": "4111111111111111", "exp": "2912", "name": "ALICE MARTIN"})
}

/// Sets the member at a dotted name, or removes it.
fn put(target: &mut Value, name: &str, value: Option<Value>) {
    let (parents, last) = name.rsplit_once('.').unwrap_or(("", name));
    let mut at = target;
    for parent in parents.split('.').filter(|parent| !parent.is_empty()) {
        at = &mut at[parent];
    }
    match value {
        Some(value) => at[last] = value,
        None => drop(at.as_object_mut().unwrap().remove(last)),
    }
}

fn with(mut target: Value, name: &str, value: impl Into<Value>) -> Value {
    put(&mut target, name, Some(value.into()));
    target
}

fn without(mut target: Value, name: &str) -> Value {
    put(&mut target, name, None);
    target
}

fn try_order(order: &Value, rules: &D1Rules) -> Result<Reading<ClearOrder>, String> {
    read_order(order.to_string().as_bytes(), rules).map_err(|refusal| refusal.to_string())
}

fn try_card(card: &Value, rules: &D1Rules) -> Result<Reading<CardData>, String> {
    read_card_data(card.to_string().as_bytes(), rules, date(2026, 6, 15))
        .map_err(|refusal| refusal.to_string())
}

fn refused(order: &Value) -> String {
    try_order(order, &D1Rules::default()).unwrap_err()
}

fn card_refused(card: &Value) -> String {
    try_card(card, &D1Rules::default()).unwrap_err()
}

fn format(name: &str) -> String {
    format!("400 FIELD_INVALID_FORMAT: {name}")
}

fn value(name: &str) -> String {
    format(name).replace("FORMAT", "VALUE")
}

#[test]
fn a_good_order_reads_as_it_was_written() {
    let reading = try_order(&order(), &D1Rules::default()).unwrap();
    assert!(reading.remarks.is_empty());
    let again = read_order(&reading.value.to_body(), &D1Rules::default()).unwrap();
    assert_eq!(again.value, reading.value);
    let Channel::Instant(station) = reading.value.channel else {
        panic!("not instant")
    };
    assert_eq!(station.as_str(), "KIOSK-PS-101");
}

#[test]
fn each_required_clear_member_is_missed_by_its_name() {
    for name in [
        "distributionChannel",
        "persoStation",
        "services",
        "services.issuance",
        "encryptedData",
        "paymentApplication",
        "paymentApplication.config",
        "paymentApplication.odaKeyIndex",
        "paymentApplication.derivationKeyIndex",
        "cardProductId",
    ] {
        assert_eq!(refused(&without(order(), name)), format(name));
        assert_eq!(
            refused(&with(order(), name, Value::Null)),
            format(name),
            "null is absent"
        );
        assert_eq!(
            refused(&with(order(), name, json!([]))),
            format(name),
            "wrong type"
        );
    }
}

#[test]
fn each_broken_clear_pattern_is_named() {
    for (name, bad) in [
        ("persoStation", json!("KIOSK 101")),
        ("services.priority", json!("")),
        ("services.delivery", json!(7)),
        ("services.cardCarrier", json!("a/b")),
        ("services.packaging", json!({})),
        ("services.pinMailer", json!("false")),
        ("services.alphaCard", json!(0)),
        ("encryptedData", json!("")),
        ("encryptedData", json!("x".repeat(8193))),
        ("paymentApplication.config", json!("a b")),
        ("paymentApplication.odaKeyIndex", json!(100)),
        ("paymentApplication.derivationKeyIndex", json!(-1)),
        ("paymentApplication.cvKeyIndex", json!(1.5)),
        ("paymentApplication.pvKeyIndex", json!("")),
        ("cardProductId", json!("p".repeat(49))),
        ("consumerId", json!("c".repeat(65))),
        ("issuerRequestId", json!("r 1")),
        ("cardDesign", json!("blue")),
    ] {
        assert_eq!(refused(&with(order(), name, bad)), format(name));
    }
    for (design, name) in [
        (json!({"cardImage": "a b"}), "cardDesign.cardImage"),
        (json!({"images": "a"}), "cardDesign.images"),
        (json!({"images": ["a", 7]}), "cardDesign.images"),
        (json!({"customLines": [""]}), "cardDesign.customLines"),
        (json!({"memberId": "a\nb"}), "cardDesign.memberId"),
    ] {
        assert_eq!(refused(&with(order(), "cardDesign", design)), format(name));
    }
}

#[test]
fn an_unknown_word_is_a_bad_value() {
    assert_eq!(
        refused(&with(order(), "distributionChannel", "PIGEON")),
        value("distributionChannel")
    );
    assert_eq!(
        refused(&with(order(), "distributionChannel", "instant")),
        value("distributionChannel")
    );
    assert_eq!(
        refused(&with(order(), "services.issuance", "LOST")),
        value("services.issuance")
    );
}

#[test]
fn of_two_bad_fields_the_first_of_the_documented_order_is_named() {
    let names = [
        "distributionChannel",
        "persoStation",
        "services.issuance",
        "encryptedData",
        "paymentApplication.config",
        "cardProductId",
        "consumerId",
        "issuerRequestId",
    ];
    for (at, first) in names.iter().enumerate() {
        for second in &names[at + 1..] {
            let bad = with(with(order(), second, json!([])), first, json!([]));
            assert_eq!(refused(&bad), format(first), "{first} before {second}");
        }
    }
    let names = [
        "pan",
        "exp",
        "name",
        "secondName",
        "encodedName",
        "cvv1",
        "cvv2",
        "pvv",
    ];
    for (at, first) in names.iter().enumerate() {
        for second in &names[at + 1..] {
            let bad = with(with(card(), second, 7), first, 7);
            assert_eq!(
                card_refused(&bad),
                format(&format!("encryptedData.{first}"))
            );
        }
    }
}

#[test]
fn what_is_no_json_object_is_a_plain_400() {
    for body in ["", "{", "[]", "\"text\"", "{}{}", "null", "\u{feff}{}"] {
        let refusal = read_order(body.as_bytes(), &D1Rules::default()).unwrap_err();
        assert_eq!(refusal, Refusal::BadRequest, "{body:?}");
        let refusal = read_card_data(body.as_bytes(), &D1Rules::default(), date(2026, 6, 15));
        assert_eq!(refusal.unwrap_err(), Refusal::Parsing, "{body:?}");
    }
    assert_eq!(
        read_order(&[0xff, 0xfe], &D1Rules::default()).unwrap_err(),
        Refusal::BadRequest
    );
    let deep = "[".repeat(100_000);
    assert_eq!(
        read_order(deep.as_bytes(), &D1Rules::default()).unwrap_err(),
        Refusal::BadRequest
    );
}

#[test]
fn a_member_that_comes_twice_is_refused() {
    let doubled = order()
        .to_string()
        .replacen('{', r#"{"consumerId":"a","consumerId":"a","#, 1);
    let refusal = read_order(doubled.as_bytes(), &D1Rules::default()).unwrap_err();
    assert_eq!(refusal.to_string(), format("consumerId"));
    let escaped = order()
        .to_string()
        .replace("issuance\":", "issuance\":\"RENEWAL\",\"i\\u0073suance\":");
    let refusal = read_order(escaped.as_bytes(), &D1Rules::default()).unwrap_err();
    assert_eq!(refusal.to_string(), format("services.issuance"));
    let doubled = card()
        .to_string()
        .replacen('{', r#"{"pan":"4000000000000002","#, 1);
    let refusal = read_card_data(doubled.as_bytes(), &D1Rules::default(), date(2026, 6, 15));
    assert_eq!(
        refusal.unwrap_err().to_string(),
        format("encryptedData.pan")
    );
}

#[test]
fn the_other_channels_are_understood() {
    for (word, channel) in [("THALES", Channel::Thales), ("CENTRAL", Channel::Central)] {
        let body = without(with(order(), "distributionChannel", word), "persoStation");
        let body = with(body, "shipment", json!({"line1": "1 Main St"}));
        let reading = try_order(&body, &D1Rules::default()).unwrap();
        assert_eq!(reading.value.channel, channel);
        assert!(reading.remarks.is_empty());
        let with_station = with(body, "persoStation", "KIOSK-PS-101");
        let reading = try_order(&with_station, &D1Rules::default()).unwrap();
        assert_eq!(reading.remarks, [Remark::OtherChannel("persoStation")]);
    }
    let shipped = with(order(), "shipment", json!({}));
    let reading = try_order(&shipped, &D1Rules::default()).unwrap();
    assert_eq!(reading.remarks, [Remark::OtherChannel("shipment")]);
    let rules = D1Rules {
        missing_channel: MissingChannel::Thales,
        ..D1Rules::default()
    };
    let reading = try_order(&without(order(), "distributionChannel"), &rules).unwrap();
    assert_eq!(reading.value.channel, Channel::Thales);
}

#[test]
fn unknown_members_are_ignored_or_refused() {
    let strict = D1Rules {
        unknown_members: UnknownMembers::Strict,
        ..D1Rules::default()
    };
    for name in ["colour", "services.colour", "paymentApplication.colour"] {
        let body = with(order(), name, 7);
        let reading = try_order(&body, &D1Rules::default()).unwrap();
        assert_eq!(reading.remarks.len(), 1, "{name}");
        assert_eq!(
            reading.remarks[0].to_string(),
            format!("{name} is unknown and was ignored")
        );
        assert_eq!(try_order(&body, &strict).unwrap_err(), format(name));
    }
    assert_eq!(
        try_card(&with(card(), "shoe", 7), &strict).unwrap_err(),
        format("encryptedData.shoe")
    );
    assert!(
        try_order(&with(order(), "shipment", json!({})), &strict).is_ok(),
        "known, if not here"
    );
}

#[test]
fn the_product_may_be_made_optional() {
    let rules = D1Rules {
        card_product_id: ProductId::Optional,
        ..D1Rules::default()
    };
    assert!(try_order(&without(order(), "cardProductId"), &rules).is_ok());
    assert_eq!(
        try_order(&with(order(), "cardProductId", 7), &rules).unwrap_err(),
        format("cardProductId")
    );
}

#[test]
fn track_data_stand_where_the_rule_says() {
    let tracks = json!({"track2": ";4111111111111111=2912201?"});
    let clear = with(order(), "trackData", tracks.clone());
    let sealed = with(card(), "trackData", tracks);
    for (place, in_clear, in_jwe) in [
        (TrackDataPlace::Either, true, true),
        (TrackDataPlace::EncryptedOnly, false, true),
        (TrackDataPlace::ClearOnly, true, false),
    ] {
        let rules = D1Rules {
            track_data: place,
            ..D1Rules::default()
        };
        match try_order(&clear, &rules) {
            Ok(reading) => assert_eq!(reading.remarks, [Remark::TrackDataInTheClear]),
            Err(refusal) => assert_eq!(refusal, value("trackData")),
        }
        assert_eq!(try_order(&clear, &rules).is_ok(), in_clear);
        assert_eq!(try_card(&sealed, &rules).is_ok(), in_jwe);
    }
    let bad = with(order(), "trackData", json!({"track1": "lower case"}));
    assert_eq!(refused(&bad), format("trackData.track1"));
}

#[test]
fn a_good_card_reads_as_it_was_written() {
    let full = json!({
        "pan": "6304000000000000000", "exp": "2606", "name": "ALICE MARTIN", "secondName": "ACME",
        "encodedName": "MARTIN/ALICE", "cvv1": "123", "cvv2": "4567", "pvv": "1234",
        "paymentAccountReference": "V0010013018036776173580607541",
        "panSequenceNumber": "01", "effectiveDate": "260601", "pinBlock": "041234FFFFFFFFFF",
        "trackData": {"track1": "%B6304^A/B^2606201?", "track2": ";6304=2606?", "track3": ";1?"},
    });
    let reading = try_card(&full, &D1Rules::default()).unwrap();
    let written: Value = serde_json::from_slice(&reading.value.to_plaintext()).unwrap();
    assert_eq!(written, full);
}

#[test]
fn each_bad_card_member_is_named() {
    for name in ["pan", "exp", "name"] {
        let full = format!("encryptedData.{name}");
        assert_eq!(card_refused(&without(card(), name)), format(&full));
    }
    for (name, bad) in [
        ("pan", "411111111"),
        ("pan", "4111-1111-1111-1111"),
        ("exp", "12/29"),
        ("exp", "0629"),
        ("name", "SEAN O'BRIEN"),
        ("name", "ABCDEFGHIJKLMNOPQRSTUVWXYZA"),
        ("secondName", "ÉLODIE"),
        ("encodedName", "O'BRIEN/SEAN"),
        ("cvv1", "12"),
        ("cvv2", "12345"),
        ("pvv", "123"),
        ("paymentAccountReference", "short"),
        ("panSequenceNumber", "1"),
        ("effectiveDate", "991399"),
        ("pinBlock", "1234"),
    ] {
        let full = format!("encryptedData.{name}");
        assert_eq!(
            card_refused(&with(card(), name, bad)),
            format(&full),
            "{bad}"
        );
    }
}

#[test]
fn a_wrong_check_digit_and_a_past_expiry_are_bad_values() {
    assert_eq!(
        card_refused(&with(card(), "pan", "4111111111111112")),
        value("encryptedData.pan")
    );
    let rules = D1Rules {
        pan_check_digit: PanCheckDigit::Ignore,
        ..D1Rules::default()
    };
    assert!(try_card(&with(card(), "pan", "4111111111111112"), &rules).is_ok());
    assert_eq!(
        card_refused(&with(card(), "exp", "2605")),
        value("encryptedData.exp")
    );
    assert!(try_card(&with(card(), "exp", "2606"), &D1Rules::default()).is_ok());
}

#[test]
fn mmyy_is_a_format_error() {
    assert_eq!(
        card_refused(&with(card(), "exp", "1229")),
        format("encryptedData.exp")
    );
}

#[test]
fn the_latin_rule_carries_names_as_people_write_them() {
    let rules = D1Rules {
        name: NameRule::Latin,
        ..D1Rules::default()
    };
    let reading = try_card(&with(card(), "name", "ÉLODIE O’BRIEN"), &rules).unwrap();
    assert_eq!(reading.value.name.as_str(), "ÉLODIE O’BRIEN");
    let long = with(card(), "name", "ABCDEFGHIJKLMNOPQRSTUVWXYZA");
    assert_eq!(
        try_card(&long, &rules).unwrap_err(),
        format("encryptedData.name")
    );
}

#[test]
fn a_refusal_does_not_repeat_what_was_sent() {
    let bad = with(card(), "4111111111111111", json!({"4000": 1}));
    let strict = D1Rules {
        unknown_members: UnknownMembers::Strict,
        ..D1Rules::default()
    };
    assert!(!try_card(&bad, &strict).unwrap_err().contains("4111"));
}

proptest! {
    #[test]
    fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_order(&body, &D1Rules::default());
        let _ = read_card_data(&body, &D1Rules::default(), date(2026, 6, 15));
    }

    #[test]
    fn no_value_at_any_place_panics(
        at in 0usize..12,
        text in "\\PC{0,30}",
        number in any::<f64>(),
    ) {
        let names = [
            "distributionChannel", "persoStation", "services", "services.issuance",
            "encryptedData", "paymentApplication", "paymentApplication.config",
            "cardProductId", "consumerId", "issuerRequestId", "cardDesign", "trackData",
        ];
        for value in [json!(text), json!(number), json!([text]), json!({&text: number})] {
            let _ = try_order(&with(order(), names[at], value), &D1Rules::default());
        }
    }

    #[test]
    fn what_reads_is_written_and_reads_alike(
        station in "[A-Za-z0-9_-]{1,64}",
        request in proptest::option::of("[A-Za-z0-9_-]{1,64}"),
        line in "\\PC{1,20}",
    ) {
        let mut body = with(order(), "persoStation", station);
        put(&mut body, "issuerRequestId", Some(json!(request)));
        put(&mut body, "cardDesign", Some(json!({"customLines": [line]})));
        let first = try_order(&body, &D1Rules::default()).unwrap().value;
        let second = read_order(&first.to_body(), &D1Rules::default()).unwrap().value;
        prop_assert_eq!(first, second);
    }
}
