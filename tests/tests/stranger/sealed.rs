//! `encryptedData`: every way in which a JWE can be wrong, each the only thing wrong with it.

use persotwin_tests::stranger::{Answer, Envelope, Key, Order, World, b64, unb64};
use serde_json::{Value, json};

const CRYPTO: &str = "400 CRYPTO_ERROR -";

fn place(world: &World, token: &str, sealed: &str) -> Answer {
    world.place(
        &Order::good("1").with("encryptedData", json!(sealed)),
        token,
    )
}

fn plaintext() -> Vec<u8> {
    Order::good("1").card.to_string().into_bytes()
}

/// Headers that D1 does not document, over content that its key opens.
fn wrong_headers(good: &Envelope) -> Vec<(&'static str, String)> {
    let other = Key::fresh("other").public();
    let off_the_curve =
        json!({ "kty": "EC", "crv": "P-256", "x": b64([1; 32]), "y": b64([1; 32]) });
    let with = |member: &str, value: Value| good.clone().with(member, value).seal(&plaintext());
    vec![
        ("RSA-OAEP", with("alg", json!("RSA-OAEP"))),
        ("RSA-OAEP-256", with("alg", json!("RSA-OAEP-256"))),
        ("dir", with("alg", json!("dir"))),
        ("key wrap", with("alg", json!("ECDH-ES+A256KW"))),
        ("no alg", with("alg", Value::Null)),
        ("A128GCM", with("enc", json!("A128GCM"))),
        ("A256CBC-HS512", with("enc", json!("A256CBC-HS512"))),
        ("no enc", with("enc", Value::Null)),
        ("unknown kid", with("kid", json!("d1-jwe-99"))),
        ("another case of the kid", with("kid", json!("D1-JWE-2"))),
        ("empty kid", with("kid", json!(""))),
        ("no kid", with("kid", Value::Null)),
        ("kid of another type", with("kid", json!(2))),
        ("zip", with("zip", json!("DEF"))),
        ("crit", with("crit", json!(["exp"]))),
        ("another epk", with("epk", other)),
        ("an epk off the curve", with("epk", off_the_curve)),
        (
            "an epk of another curve",
            with(
                "epk",
                json!({ "kty": "EC", "crv": "P-384", "x": "AA", "y": "AA" }),
            ),
        ),
        ("an epk that is none", with("epk", json!("epk"))),
    ]
}

/// A good JWE, spoilt on its way.
fn spoilt(sealed: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = sealed.split('.').collect();
    let mut spoilt = Vec::new();
    for at in [0, 2, 3, 4] {
        let mut bytes = unb64(parts[at]);
        bytes[0] ^= 1;
        let mut changed: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        changed[at] = b64(&bytes);
        spoilt.push((format!("part {at} tampered with"), changed.join(".")));
        changed[at] = b64(&unb64(parts[at])[1..]);
        spoilt.push((format!("part {at} cut"), changed.join(".")));
        changed[at].clear();
        spoilt.push((format!("part {at} empty"), changed.join(".")));
        changed[at] = String::from("a=b+/");
        spoilt.push((format!("part {at} not base64url"), changed.join(".")));
    }
    for length in [1, sealed.len() / 4, sealed.len() / 2, sealed.len() - 1] {
        spoilt.push((format!("cut at {length}"), sealed[..length].to_owned()));
    }
    spoilt.push((
        "an encrypted key".to_owned(),
        sealed.replacen("..", &format!(".{}.", b64([7; 32])), 1),
    ));
    spoilt.push(("a sixth part".to_owned(), format!("{sealed}.AA")));
    spoilt.push((
        "JSON serialisation".to_owned(),
        json!({ "protected": parts[0], "ciphertext": parts[3] }).to_string(),
    ));
    spoilt
}

#[test]
fn a_wrong_jwe_cannot_be_decrypted() {
    let world = World::ordinary();
    let token = world.token();
    let good = Envelope::good(world.jwe_key());
    for (why, sealed) in wrong_headers(&good) {
        assert_eq!(place(&world, &token, &sealed).told(), CRYPTO, "{why}");
    }
    for (why, sealed) in spoilt(&good.seal(&plaintext())) {
        assert_eq!(place(&world, &token, &sealed).told(), CRYPTO, "{why}");
    }
    let stolen = Key::fresh(world.jwe_key()["kid"].as_str().unwrap()).public();
    assert_eq!(
        place(&world, &token, &Envelope::good(&stolen).seal(&plaintext())).told(),
        CRYPTO,
        "another key, D1's kid"
    );
    let other = Key::fresh("other").public();
    assert_eq!(
        place(&world, &token, &Envelope::good(&other).seal(&plaintext())).told(),
        CRYPTO,
        "another key, its kid"
    );
    for none in [
        "x",
        "....",
        "a.b.c",
        "not a JWE",
        "{\"pan\":\"4111111111111111\"}",
    ] {
        assert_eq!(place(&world, &token, none).told(), CRYPTO, "{none}");
    }
    let signed = world
        .key()
        .sign(&world.key().header(), &json!({ "pan": "4111111111111111" }));
    assert_eq!(place(&world, &token, &signed).told(), CRYPTO, "a JWS");
    world.still_works();
}

#[test]
fn what_is_decrypted_must_be_a_json_object() {
    let world = World::ordinary();
    let token = world.token();
    let deep = "[".repeat(3000);
    let card = Order::good("1").card.to_string();
    let (cut, two) = (&card[..card.len() - 1], format!("{card}{card}"));
    for text in [
        "",
        "no JSON",
        "[]",
        "null",
        "\"4111111111111111\"",
        "4111111111111111",
        cut,
        &two,
        &deep,
        "\u{feff}{}",
    ] {
        let sealed = Envelope::good(world.jwe_key()).seal(text.as_bytes());
        assert_eq!(
            place(&world, &token, &sealed).told(),
            "400 PARSING_ERROR encryptedData",
            "{text}"
        );
    }
    let sealed = Envelope::good(world.jwe_key()).seal(&[0xff, 0xfe, 0x00]);
    assert_eq!(
        place(&world, &token, &sealed).told(),
        "400 PARSING_ERROR encryptedData"
    );
    let twice = card.replacen('{', r#"{"pan":"4000000000000002","#, 1);
    let sealed = Envelope::good(world.jwe_key()).seal(twice.as_bytes());
    assert_eq!(
        place(&world, &token, &sealed).told(),
        "400 FIELD_INVALID_FORMAT encryptedData.pan",
        "a member twice"
    );
    world.still_works();
}

#[test]
fn a_good_envelope_of_another_hand_opens() {
    let world = World::ordinary();
    let token = world.token();
    let good = Envelope::good(world.jwe_key());
    let padded = good
        .clone()
        .with("typ", json!("JOSE"))
        .with("cty", json!("json"))
        .with("x", json!(1));
    let answer = place(&world, &token, &padded.seal(&plaintext()));
    assert_eq!(
        answer.status, 202,
        "members that change nothing are passed over: {answer:?}"
    );
    world.still_works();
}
