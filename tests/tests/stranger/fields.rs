//! Every field of an order: missing, broken, not permitted; of two the first; and each at its limits.

use persotwin_tests::stranger::{Order, World, long, pan};
use serde_json::{Value, json};

use crate::broken::{broken, broken_inside};

/// `FIELD_INVALID_FORMAT`.
fn format(name: &str) -> String {
    format!("400 FIELD_INVALID_FORMAT {name}")
}

/// `FIELD_INVALID_VALUE`.
fn value(name: &str) -> String {
    format!("400 FIELD_INVALID_VALUE {name}")
}

/// Required fields, in the documented order.
const REQUIRED: [&str; 13] = [
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
    "encryptedData.pan",
    "encryptedData.exp",
    "encryptedData.name",
];

#[test]
fn each_required_field_is_missed_by_its_name() {
    let world = World::ordinary();
    let token = world.token();
    for name in REQUIRED {
        let good = Order::good("1");
        let refused = |order: &Order| {
            assert_eq!(world.place(order, &token).told(), format(name), "{order:?}");
        };
        if name != "encryptedData" {
            refused(&good.clone().without(name));
        }
        refused(&good.clone().with(name, Value::Null));
        refused(&good.with(name, json!([])));
    }
    world.still_works();
}

#[test]
fn each_broken_form_is_named() {
    let world = World::ordinary();
    let token = world.token();
    for (name, values) in broken().into_iter().chain(broken_inside()) {
        for bad in values {
            let order = Order::good("1").with(name, bad);
            assert_eq!(
                world.place(&order, &token).told(),
                format(name),
                "{order:?}"
            );
        }
    }
    world.still_works();
}

#[test]
fn each_value_that_is_not_permitted_is_named() {
    let world = World::ordinary();
    let token = world.token();
    let rows: Vec<(&str, Vec<Value>)> = vec![
        (
            "distributionChannel",
            vec![json!("PIGEON"), json!("instant"), json!("")],
        ),
        (
            "persoStation",
            vec![json!("KIOSK-PS-999"), json!("kiosk-ps-101")],
        ),
        (
            "services.issuance",
            vec![json!("LOST"), json!("creation"), json!("")],
        ),
        (
            "paymentApplication.config",
            vec![json!("NO-SUCH"), json!("MASTERCARD-DEBIT")],
        ),
        (
            "paymentApplication.odaKeyIndex",
            vec![json!("02"), json!(99), json!("IMK-A")],
        ),
        (
            "paymentApplication.derivationKeyIndex",
            vec![json!("02"), json!(0)],
        ),
        ("paymentApplication.cvKeyIndex", vec![json!("02"), json!(2)]),
        ("paymentApplication.pvKeyIndex", vec![json!("02")]),
        (
            "cardProductId",
            vec![json!("NO-SUCH"), json!("visa-classic")],
        ),
        (
            "encryptedData.pan",
            // A wrong check digit, one digit changed, two swapped, and numbers of other products.
            vec![
                json!("4111111111111112"),
                json!("4111111111111121"),
                json!("5413330089020011"),
                json!(pan("411112", 16)),
            ],
        ),
        (
            "encryptedData.exp",
            vec![json!("2605"), json!("2512"), json!("0001")],
        ),
        (
            "encryptedData.pinBlock",
            vec![json!("0F00000000000000"), json!("0000000000000000")],
        ),
    ];
    for (name, values) in rows {
        for bad in values {
            let order = Order::good("1").with(name, bad);
            assert_eq!(world.place(&order, &token).told(), value(name), "{order:?}");
        }
    }
    world.still_works();
}

#[test]
fn of_two_bad_fields_the_first_is_named() {
    let world = World::ordinary();
    let token = world.token();
    let names: Vec<&str> = broken()
        .into_iter()
        .chain(broken_inside())
        .map(|(name, _)| name)
        .collect();
    for (at, first) in names.iter().enumerate() {
        // A broken object has no members that could be broken too.
        for second in names[at + 1..]
            .iter()
            .filter(|second| !second.starts_with(&format!("{first}.")))
        {
            // A number below 0 is what no field may be.
            let order = Order::good("1")
                .with(second, json!(-1))
                .with(first, json!(-1));
            assert_eq!(
                world.place(&order, &token).told(),
                format(first),
                "{first} and {second}"
            );
        }
    }
    // Forms come before what onboarding knows, and what is in the clear before what is inside.
    let both = |first: (&str, Value), second: (&str, Value)| {
        let order = Order::good("1")
            .with(first.0, first.1)
            .with(second.0, second.1);
        world.place(&order, &token).told()
    };
    let unknown = ("persoStation", json!("KIOSK-PS-999"));
    assert_eq!(
        both(unknown.clone(), ("encryptedData.cvv1", json!("x"))),
        format("encryptedData.cvv1")
    );
    assert_eq!(
        both(unknown.clone(), ("cardProductId", json!("NO-SUCH"))),
        value("persoStation")
    );
    assert_eq!(
        both(
            ("cardProductId", json!("NO-SUCH")),
            ("encryptedData.pan", json!(pan("5", 16)))
        ),
        value("cardProductId")
    );
    assert_eq!(
        both(
            ("encryptedData", json!("no.jwe")),
            ("issuerRequestId", json!(""))
        ),
        format("issuerRequestId")
    );
    assert_eq!(
        both(
            ("encryptedData.exp", json!("1229")),
            ("encryptedData.pan", json!("4111111111111112"))
        ),
        value("encryptedData.pan")
    );
    world.still_works();
}

#[test]
fn the_other_channels_are_understood_and_refused() {
    let world = World::ordinary();
    let token = world.token();
    for channel in ["THALES", "CENTRAL"] {
        let order = Order::good("1")
            .with("distributionChannel", json!(channel))
            .without("persoStation");
        let wanted = format!("403 - distributionChannel {channel} is not part of this twin");
        assert_eq!(world.place(&order, &token).told(), wanted);
        let shipped = order.with("shipment", json!({ "address": { "line1": "1 Main St" } }));
        assert_eq!(
            world.place(&shipped, &token).told(),
            wanted,
            "its own members are understood"
        );
        let broken = shipped.with("services.issuance", json!("LOST"));
        assert_eq!(
            world.place(&broken, &token).told(),
            value("services.issuance")
        );
    }
    world.still_works();
}

#[test]
fn everything_at_its_limit_is_accepted() {
    let world = World::ordinary();
    let token = world.token();
    let full = |name: &str, value: Value| {
        Order::good(name)
            .with("issuerRequestId", json!(name))
            .with("encryptedData.exp", value)
    };
    let longest = full(&long(64), json!("2606"))
        .with("consumerId", json!(long(64)))
        .with("services.priority", json!(long(64)))
        .with("services.pinMailer", json!(false))
        .with("services.alphaCard", json!(true))
        .with("paymentApplication.odaKeyIndex", json!(1))
        .with("paymentApplication.derivationKeyIndex", json!("1"))
        .with("paymentApplication.cvKeyIndex", json!("01"))
        .with("cardDesign", json!({ "cardImage": long(64), "images": [long(64)], "customLines": ["é".repeat(64)], "memberId": "M 1" }))
        .with("encryptedData.pan", json!(pan("4111119", 19)))
        .with("encryptedData.name", json!(long(26)))
        .with("encryptedData.secondName", json!(long(26)))
        .with("encryptedData.encodedName", json!("A/".repeat(13)))
        .with("encryptedData.cvv2", json!("9876"))
        .with("encryptedData.paymentAccountReference", json!("V".repeat(29)))
        .with("encryptedData.panSequenceNumber", json!("99"))
        .with("encryptedData.effectiveDate", json!("260601"));
    let longest = Order {
        card_id: long(48),
        ..longest
    };
    let shortest = Order {
        card_id: "c".to_owned(),
        ..full("r", json!("9912"))
    }
    .without("consumerId")
    .with("encryptedData.pan", json!(pan("411111", 13)))
    .with("encryptedData.name", json!(""));
    let nulls = Order::good("n")
        .with("consumerId", Value::Null)
        .with("cardDesign", Value::Null)
        .with("trackData", Value::Null);
    let unknown = Order::good("u")
        .with("colour", json!("red"))
        .with("services.speed", json!(7));
    for order in [longest, shortest, nulls, unknown] {
        let answer = world.place(&order, &token);
        assert_eq!(answer.status, 202, "{order:?}: {answer:?}");
        assert_eq!(
            world.status(&order.card_id, &token).json()["operations"][0]["operationId"],
            answer.json()["operationId"]
        );
    }
}
