//! Broken forms of every field of an order, in the order in which D1 reads them.

use persotwin_tests::stranger::{long, pan};
use serde_json::{Value, json};

fn ids_of_64() -> [Value; 5] {
    [
        json!(""),
        json!("a b"),
        json!("é"),
        json!(long(65)),
        json!(7),
    ]
}

/// Broken forms of the clear fields.
pub(crate) fn broken() -> Vec<(&'static str, Vec<Value>)> {
    let object = || vec![json!("CREATION"), json!([]), json!(1), json!(true)];
    let index = || {
        vec![
            json!(100),
            json!(-1),
            json!(1.5),
            json!(true),
            json!({}),
            json!(""),
            json!("a b"),
            json!(long(65)),
        ]
    };
    let flag = || vec![json!("false"), json!(0), json!([])];
    let line = || vec![json!(""), json!(long(65)), json!("a\nb"), json!(7)];
    vec![
        ("distributionChannel", vec![json!(7), json!({})]),
        ("persoStation", ids_of_64().into()),
        ("services", object()),
        ("services.issuance", vec![json!(1), json!(false)]),
        ("services.priority", ids_of_64().into()),
        ("services.delivery", ids_of_64().into()),
        ("services.cardCarrier", ids_of_64().into()),
        ("services.packaging", ids_of_64().into()),
        ("services.pinMailer", flag()),
        ("services.alphaCard", flag()),
        (
            "encryptedData",
            vec![
                json!(""),
                json!(long(8193)),
                json!(7),
                json!({ "pan": "4111111111111111" }),
            ],
        ),
        ("paymentApplication", object()),
        ("paymentApplication.config", ids_of_64().into()),
        ("paymentApplication.odaKeyIndex", index()),
        ("paymentApplication.derivationKeyIndex", index()),
        ("paymentApplication.cvKeyIndex", index()),
        ("paymentApplication.pvKeyIndex", index()),
        (
            "cardProductId",
            vec![json!(""), json!("a b"), json!(long(49)), json!(7)],
        ),
        ("consumerId", ids_of_64().into()),
        ("issuerRequestId", ids_of_64().into()),
        ("cardDesign", vec![json!("blue"), json!([])]),
        ("cardDesign.cardImage", ids_of_64().into()),
        (
            "cardDesign.images",
            vec![json!("a"), json!(["a", 7]), json!([""]), json!({})],
        ),
        (
            "cardDesign.customLines",
            vec![
                json!("Credit"),
                json!([""]),
                json!([long(65)]),
                json!(["a\u{7}"]),
                json!([[]]),
            ],
        ),
        ("cardDesign.memberId", line()),
        ("trackData", vec![json!("%B4111"), json!(7)]),
        (
            "trackData.track1",
            vec![json!(""), json!("%b4111"), json!("%".repeat(80))],
        ),
        (
            "trackData.track2",
            vec![json!(""), json!(";4111A"), json!("4".repeat(41))],
        ),
        (
            "trackData.track3",
            vec![json!(""), json!("x"), json!("4".repeat(108))],
        ),
    ]
}

/// Broken forms of the encrypted fields.
pub(crate) fn broken_inside() -> Vec<(&'static str, Vec<Value>)> {
    [number_and_names(), values_and_tracks()].concat()
}

fn number_and_names() -> Vec<(&'static str, Vec<Value>)> {
    let name = || {
        vec![
            json!(long(27)),
            json!("O'BRIEN"),
            json!("ÉLODIE"),
            json!("ALICE\n"),
            json!("ALICE 2"),
            json!(7),
        ]
    };
    vec![
        (
            "encryptedData.pan",
            vec![
                json!(pan("411111", 9)),
                json!(pan("411111", 20)),
                json!("4111 1111 1111 1111"),
                json!("4111-1111-1111-1111"),
                json!("４１１１111111111111"),
                json!(4_111_111_111_111_111_i64),
                json!(""),
            ],
        ),
        (
            "encryptedData.exp",
            // MMYY first: a month above 12 when read as YYMM.
            [
                json!("1229"),
                json!("0126"),
                json!("2913"),
                json!("2900"),
                json!("296"),
                json!("29-06"),
                json!("12/29"),
                json!(2912),
            ]
            .into(),
        ),
        ("encryptedData.name", name()),
        ("encryptedData.secondName", name()),
        (
            "encryptedData.encodedName",
            vec![
                json!("martin/alice"),
                json!("A"),
                json!("A".repeat(27)),
                json!("A^B"),
                json!(1),
            ],
        ),
    ]
}

fn values_and_tracks() -> Vec<(&'static str, Vec<Value>)> {
    vec![
        (
            "encryptedData.cvv1",
            vec![json!("98"), json!("9876"), json!("98x"), json!(987)],
        ),
        (
            "encryptedData.cvv2",
            vec![json!("98"), json!("98765"), json!("98x"), json!(987)],
        ),
        (
            "encryptedData.pvv",
            vec![json!("987"), json!("98765"), json!("987x"), json!(9876)],
        ),
        (
            "encryptedData.paymentAccountReference",
            vec![
                json!("V".repeat(28)),
                json!("V".repeat(30)),
                json!("v".repeat(29)),
                json!({}),
            ],
        ),
        (
            "encryptedData.panSequenceNumber",
            vec![json!("1"), json!("001"), json!("0a"), json!(1)],
        ),
        (
            "encryptedData.effectiveDate",
            vec![
                json!("29061"),
                json!("290631"),
                json!("2913"),
                json!("today"),
                json!(2906),
            ],
        ),
        (
            "encryptedData.pinBlock",
            vec![
                json!("341234FFFFFFFFFF"),
                json!("041234FFFFFFFF"),
                json!("04123GFFFFFFFFFF"),
            ],
        ),
        ("encryptedData.trackData", vec![json!("%B4111"), json!([])]),
        (
            "encryptedData.trackData.track1",
            vec![json!("%b4111"), json!("%".repeat(80))],
        ),
        (
            "encryptedData.trackData.track2",
            vec![json!(";4111A"), json!("4".repeat(41))],
        ),
        (
            "encryptedData.trackData.track3",
            vec![json!("x"), json!("4".repeat(108))],
        ),
    ]
}
