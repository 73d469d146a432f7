use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::*;

fn key(kid: &str, seed: u64) -> PrivateJwk {
    PrivateJwk::generate(kid.parse().unwrap(), &mut ChaCha8Rng::seed_from_u64(seed))
}

fn seal(plaintext: &[u8]) -> String {
    let rng = &mut ChaCha8Rng::seed_from_u64(99);
    encrypt(plaintext, key("enc-1", 1).public(), rng).unwrap()
}

fn open(compact: &str) -> Result<Vec<u8>, JoseError> {
    Jwe::parse(compact)?
        .decrypt(&key("enc-1", 1))
        .map(|plaintext| plaintext.to_vec())
}

fn header_of(compact: &str) -> serde_json::Value {
    serde_json::from_slice(&decode(compact.split('.').next().unwrap(), "the header").unwrap())
        .unwrap()
}

/// A good JWE with one member of its header set, or taken away by `null`.
fn with_member(name: &str, value: &serde_json::Value) -> String {
    let good = seal(b"{}");
    let mut header = header_of(&good);
    if value.is_null() {
        header.as_object_mut().unwrap().remove(name);
    } else {
        header[name] = value.clone();
    }
    let rest = good.split_once('.').unwrap().1;
    format!("{}.{rest}", encode(header.to_string().as_bytes()))
}

#[test]
fn the_published_agreement_gives_the_published_key() {
    // RFC 7518, appendix C: Alice's ephemeral key, Bob's key, 128 bits for A128GCM.
    let bob: PrivateJwk = serde_json::from_str(
        r#"{"kty":"EC","kid":"bob","crv":"P-256",
            "x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
            "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
            "d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#,
    )
    .unwrap();
    let alice: PublicJwk = serde_json::from_str(
        r#"{"kty":"EC","kid":"alice","crv":"P-256",
            "x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
            "y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}"#,
    )
    .unwrap();
    let derive = |shared: &[u8]| concat_kdf(shared, b"A128GCM", b"Alice", b"Bob", 128);
    let key = bob.agreeing().unwrap().agree(alice.key(), derive);
    assert_eq!(encode(&key.unwrap()[..16]), "VqqN6vgjbSBcIijNcacQGg");
}

#[test]
fn the_header_has_the_documented_members() {
    let header = header_of(&seal(b"{}"));
    assert_eq!(header["alg"], "ECDH-ES");
    assert_eq!(header["enc"], "A256GCM");
    assert_eq!(header["kid"], "enc-1");
    assert_eq!(header["epk"]["crv"], "P-256");
    assert!(header["epk"].get("d").is_none());
}

#[test]
fn one_seed_gives_one_text() {
    assert_eq!(seal(b"secret"), seal(b"secret"));
    let rng = &mut ChaCha8Rng::seed_from_u64(99);
    let recipient = key("enc-1", 1);
    let first = encrypt(b"secret", recipient.public(), rng).unwrap();
    let second = encrypt(b"secret", recipient.public(), rng).unwrap();
    assert_ne!(
        first, second,
        "a fresh text each time the generator moves on"
    );
}

#[test]
fn party_information_enters_the_key() {
    // Sealed by hand, as clients do that send apu and apv.
    let recipient = key("enc-1", 1);
    let ephemeral = generate_secret(&mut ChaCha8Rng::seed_from_u64(5));
    let header = encode(
        serde_json::json!({
            "alg": "ECDH-ES", "enc": "A256GCM", "kid": "enc-1",
            "epk": serde_json::to_value(Wire::of(&ephemeral.public_key())).unwrap(),
            "apu": encode(b"issuer"), "apv": encode(b"d1"), "typ": "JWE",
        })
        .to_string()
        .as_bytes(),
    );
    let payload = Payload {
        msg: b"hello",
        aad: header.as_bytes(),
    };
    let sealed = Agreeing::of(&ephemeral)
        .unwrap()
        .cipher(recipient.public().key(), b"issuer", b"d1")
        .unwrap()
        .encrypt(&Nonce::from([7; 12]), payload)
        .unwrap();
    let (content, tag) = sealed.split_at(5);
    let compact = format!(
        "{header}..{}.{}.{}",
        encode(&[7; 12]),
        encode(content),
        encode(tag)
    );
    assert_eq!(open(&compact).unwrap(), b"hello");
}

#[test]
fn a_text_of_another_implementation_opens() {
    // Made with jwcrypto 1.6 (Python), with apu and apv, for this key.
    let key: PrivateJwk = serde_json::from_str(
        r#"{"kty":"EC","kid":"k-1","crv":"P-256",
            "x":"nFakvTqvENdeO2XllRvgyaWndT1qFnEgqNbW-R41UZQ",
            "y":"RO-Y7o5JV0pIweMDV5yHv1jug4P8y18spVHJBALdH7Y",
            "d":"Xem8G7TLep-c-ZGjIjDQFLRCdOpUZKNS8ImozMxIaRU"}"#,
    )
    .unwrap();
    let compact = concat!(
        "eyJhbGciOiJFQ0RILUVTIiwiYXB1IjoiUVd4cFkyVSIsImFwdiI6IlFtOWkiLCJlbmMiOiJBMjU2R0NN",
        "IiwiZXBrIjp7ImNydiI6IlAtMjU2Iiwia3R5IjoiRUMiLCJ4IjoiVUpOMXduWndmYWdxR1FaaW9Qa2VI",
        "dEFxc3BGaXdWeEt2QmpZb01MQ1M0SSIsInkiOiI1LVNudGh1Q2dnRFFfWEsxXzhJaXE5bl9BMlA1Y0pz",
        "aTRhUTBKbF9UOUVRIn0sImtpZCI6ImstMSJ9..cj5_R4aCwleabhQn.VR1EmraRBbNAGAc.qRmwWOXN3",
        "N7xONJYifXfXg"
    );
    assert_eq!(
        **Jwe::parse(compact).unwrap().decrypt(&key).unwrap(),
        *b"{\"pan\":\"x\"}"
    );
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    let refused = |name, value| open(&with_member(name, &value)).unwrap_err();
    let nothing = serde_json::Value::Null;
    let algorithm = |word: &str| JoseError::Algorithm(word.to_owned());
    assert_eq!(
        refused("alg", "RSA-OAEP-256".into()),
        algorithm("RSA-OAEP-256")
    );
    assert_eq!(
        refused("alg", "ECDH-ES+A256KW".into()),
        algorithm("ECDH-ES+A256KW")
    );
    assert_eq!(
        refused("enc", "A128GCM".into()),
        JoseError::Encryption("A128GCM".to_owned())
    );
    assert_eq!(refused("zip", "DEF".into()), JoseError::Compression);
    assert_eq!(
        refused("crit", serde_json::json!(["exp"])),
        JoseError::Critical
    );
    assert_eq!(refused("kid", "enc-2".into()), JoseError::OtherKey);
    for member in ["alg", "enc", "kid", "epk"] {
        assert!(
            matches!(refused(member, nothing.clone()), JoseError::Missing(_)),
            "{member}"
        );
    }
    let other_curve = serde_json::json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"});
    assert_eq!(refused("epk", other_curve), JoseError::KeyType);
    assert_eq!(refused("alg", 7.into()), JoseError::Header);
    assert_eq!(refused("apu", "*".into()), JoseError::Base64("apu"));
}

#[test]
fn a_point_off_the_curve_is_refused() {
    let mut epk = header_of(&seal(b"{}"))["epk"].clone();
    epk["y"] = epk["x"].clone();
    assert_eq!(
        open(&with_member("epk", &epk)).unwrap_err(),
        JoseError::InvalidKey
    );
}

#[test]
fn another_key_of_the_same_name_cannot_open_it() {
    let jwe = Jwe::parse(&seal(b"{}")).unwrap();
    assert_eq!(
        jwe.decrypt(&key("enc-1", 2)).unwrap_err(),
        JoseError::Decryption
    );
    assert_eq!(
        jwe.decrypt(&key("enc-2", 1)).unwrap_err(),
        JoseError::OtherKey
    );
}

#[test]
fn cut_anywhere_it_is_refused() {
    let good = seal(b"{\"pan\":\"4111111111111111\"}");
    for length in 0..good.len() {
        assert!(open(&good[..length]).is_err(), "{length}");
    }
    assert!(open(&format!("{good}.")).is_err());
    assert!(open(&good.replace("..", ".AAAA.")).is_err());
}

#[test]
fn every_changed_character_is_noticed() {
    let good = seal(b"{\"pan\":\"4111111111111111\"}");
    for at in 0..good.len() {
        let with = if &good[at..=at] == "A" { "B" } else { "A" };
        let mut changed = good.clone();
        changed.replace_range(at..=at, with);
        assert!(open(&changed).is_err(), "{at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_sealed_opens(plaintext in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert_eq!(open(&seal(&plaintext)).unwrap(), plaintext);
    }

    #[test]
    fn parsing_never_panics(text in "\\PC{0,300}") {
        let _ = Jwe::parse(&text);
    }

    #[test]
    fn any_header_is_judged_without_panic(header in "\\{\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\",\\PC{0,80}\\}") {
        let _ = Jwe::parse(&format!("{}....", encode(header.as_bytes())));
    }
}
