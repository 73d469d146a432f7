//! Round trips, and one thing wrong at a time.

use proptest::prelude::*;

use super::certificate::{
    IssuerIdentifier, Note, certify_card, certify_issuer, hash, recover_card, recover_issuer,
};
use super::credentials::{key_groupings, key_of_groupings};
use super::rsa::KeyError;
use super::signature::{Combined, DynamicData, recover, sign};
use super::*;
use crate::dgi::DgiId;
use crate::expiry::Expiry;
use crate::pan::Pan;

const PAN: &str = "4111111111111111";

fn pan() -> Pan {
    Pan::parse(PAN).unwrap()
}

fn note() -> Note {
    Note {
        expires: Expiry::parse("2906").unwrap(),
        serial: [1, 2, 3],
    }
}

fn authority_key() -> PublicKey {
    test_keys::authority(Rid([0xA0, 0, 0, 0, 3])).key
}

fn issuer_key() -> PublicKey {
    let issuer = test_keys::issuer(&pan()).unwrap();
    recover_issuer(&authority_key(), &issuer.certificate, &pan())
        .unwrap()
        .0
}

fn card_certificate(data: &[u8]) -> Certificate {
    let issuer = test_keys::issuer(&pan()).unwrap().key;
    let key = test_keys::card(0).public(Exponent::Three);
    certify_card(&issuer, &pan(), note(), &key, data).unwrap()
}

#[test]
fn certificates_recover_to_what_they_were_made_of() {
    let certificate = card_certificate(b"data");
    assert_eq!(
        (certificate.signed.len(), certificate.remainder.len()),
        (144, 26)
    );
    let (key, found) = recover_card(&issuer_key(), &certificate, &pan(), b"data").unwrap();
    assert_eq!(key, test_keys::card(0).public(Exponent::Three));
    assert_eq!(found, note());
}

#[test]
fn a_short_key_leaves_no_remainder() {
    // A card's key certified by the authority itself, as an issuer's: 128 bytes have room in 140.
    let key = test_keys::card(2).public(Exponent::F4);
    let authority = test_keys::issuer(&pan()).unwrap().key;
    let identifier = IssuerIdentifier::of(&pan());
    let long = certify_issuer(&authority, identifier, note(), &key).unwrap();
    assert_eq!(long.remainder.len(), 128 - (144 - 36));
    let short = PublicKey::new(&[0xFF; 64], Exponent::F4).unwrap();
    let certificate = certify_issuer(&authority, identifier, note(), &short).unwrap();
    assert!(certificate.remainder.is_empty());
    let public = authority.public(Exponent::Three);
    let (found, _) = recover_issuer(&public, &certificate, &pan()).unwrap();
    assert_eq!(found, short);
}

#[test]
fn nobody_certifies_a_longer_key_than_his_own() {
    let issuer = test_keys::issuer(&pan()).unwrap().key;
    let longer = authority_key();
    let found = certify_card(&issuer, &pan(), note(), &longer, &[]);
    assert_eq!(found, Err(Fault::Certificate(Whose::Card, Check::Lengths)));
}

#[test]
fn identifiers_are_leading_digits() {
    let fits = |bytes| IssuerIdentifier(bytes).fits(&pan());
    assert!(fits([0x41, 0x11, 0x11, 0xFF]) && fits([0x41, 0x1F, 0xFF, 0xFF]));
    assert!(fits([0x41, 0x11, 0x11, 0x11]));
    assert!(!fits([0x41, 0xFF, 0xFF, 0xFF]), "two digits");
    assert!(!fits([0x41, 0x11, 0x12, 0xFF]), "another issuer");
    assert!(!fits([0x41, 0x1F, 0x1F, 0xFF]), "digits behind filler");
}

/// A certificate of the test issuer whose fields are these, well signed.
fn forged(change: impl FnOnce(&mut Vec<u8>)) -> Result<(PublicKey, Note), Fault> {
    let issuer = test_keys::issuer(&pan()).unwrap().key;
    let certificate = card_certificate(&[]);
    let public = issuer.public(Exponent::Three);
    let mut block = public.recover(&certificate.signed).unwrap();
    change(&mut block);
    let fields = &block[1..123];
    let hash = hash(&[fields, &certificate.remainder, &[3]]);
    block[123..143].copy_from_slice(&hash);
    let signed = issuer.sign(&block).unwrap();
    let certificate = Certificate {
        signed,
        ..certificate
    };
    recover_card(&public, &certificate, &pan(), &[])
}

#[test]
fn each_field_is_checked_even_where_the_hash_is_right() {
    assert!(forged(|_| ()).is_ok());
    for (at, value, expected) in [
        (143, 0xBD, Check::Trailer),
        (0, 0x6B, Check::Header),
        (1, 0x02, Check::Format),
        (17, 0x02, Check::Algorithm),
        (18, 0x02, Check::Algorithm),
        (19, 0x7F, Check::Lengths),
        (20, 0x03, Check::Lengths),
        (12, 0x13, Check::Field),
        (13, 0xAA, Check::Field),
    ] {
        let found = forged(|block| block[at] = value);
        let expected = Fault::Certificate(Whose::Card, expected);
        assert_eq!(found, Err(expected), "byte {at}");
    }
    // The last byte of the modulus stands in the remainder; its first must have its first bit set.
    let found = forged(|block| block[21] = 0x01);
    assert_eq!(found, Err(Fault::Certificate(Whose::Card, Check::Key)));
    let found = forged(|block| block[2] = 0x42);
    assert_eq!(found, Err(Fault::Subject(Whose::Card)));
}

#[test]
fn dynamic_data_are_recovered() {
    let key = test_keys::card(3);
    let combined = Combined {
        information: 0x80,
        cryptogram: [7; 8],
        transaction: [9; 20],
    };
    for combined in [None, Some(combined)] {
        let data = DynamicData {
            number: vec![1; 8],
            combined,
        };
        let signature = sign(&key, &data, b"terminal").unwrap();
        let public = key.public(Exponent::Three);
        assert_eq!(recover(&public, &signature, b"terminal"), Ok(data));
        let found = recover(&public, &signature, b"Terminal");
        assert_eq!(found, Err(Fault::Signature(Check::Hash)));
        let found = recover(&public, &signature[1..], b"terminal");
        assert_eq!(found, Err(Fault::Signature(Check::Length)));
    }
    for number in [vec![], vec![1], vec![1; 9]] {
        let data = DynamicData {
            number,
            combined: None,
        };
        assert_eq!(DynamicData::parse(&data.to_bytes()), None);
    }
}

#[test]
fn keys_of_either_form_go_into_groupings_and_come_back() {
    let factors = test_keys::card(4);
    let plain = PrivateKey::from_exponent(factors.modulus(), &[5; 128]).unwrap();
    for (key, ids) in [
        (factors, &DgiId::CARD_FACTORS[..]),
        (plain, &DgiId::CARD_EXPONENT[..]),
    ] {
        let groupings = key_groupings(&key).unwrap();
        let found: Vec<_> = groupings.iter().map(crate::dgi::Dgi::id).collect();
        assert_eq!(found, ids);
        assert!(ids.iter().all(|id| id.is_secret()));
        let find = |id| {
            let found = groupings.iter().find(|grouping| grouping.id() == id);
            found.map(crate::dgi::Dgi::value)
        };
        assert_eq!(key_of_groupings(find), Ok(Some(key)));
        for missing in ids {
            let some = |id| find(id).filter(|_| id != *missing);
            assert_eq!(key_of_groupings(some), Err(KeyError::Incomplete));
        }
    }
    assert_eq!(key_of_groupings(|_| None), Ok(None));
}

#[test]
fn filler_behind_an_even_inverse_is_cut() {
    let key = test_keys::card(5);
    let groupings = key_groupings(&key).unwrap();
    let filled = [groupings[0].value(), &[0x80, 0, 0]].concat();
    let find = |id: DgiId| {
        let found = groupings.iter().find(|grouping| grouping.id() == id);
        let whole = found.map(crate::dgi::Dgi::value);
        if id.0 == 0x8201 {
            Some(filled.as_slice())
        } else {
            whole
        }
    };
    assert_eq!(key_of_groupings(find), Ok(Some(key)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_flipped_bit_in_a_certificate_is_found(at in 0_usize..144, bit in 0_u8..8) {
        let mut certificate = card_certificate(b"data");
        certificate.signed[at] ^= 1 << bit;
        prop_assert!(recover_card(&issuer_key(), &certificate, &pan(), b"data").is_err());
    }

    #[test]
    fn a_flipped_bit_in_a_remainder_is_found(at in 0_usize..26, bit in 0_u8..8) {
        let mut certificate = card_certificate(b"data");
        certificate.remainder[at] ^= 1 << bit;
        prop_assert!(recover_card(&issuer_key(), &certificate, &pan(), b"data").is_err());
    }

    #[test]
    fn a_flipped_bit_in_an_issuers_certificate_is_found(at in 0_usize..180, bit in 0_u8..8) {
        let mut certificate = test_keys::issuer(&pan()).unwrap().certificate;
        let places = certificate.signed.iter_mut().chain(&mut certificate.remainder);
        let Some(byte) = places.into_iter().nth(at) else { return Ok(()) };
        *byte ^= 1 << bit;
        prop_assert!(recover_issuer(&authority_key(), &certificate, &pan()).is_err());
    }

    #[test]
    fn a_flipped_bit_in_a_signature_is_found(at in 0_usize..128, bit in 0_u8..8) {
        let key = test_keys::card(6);
        let data = DynamicData { number: vec![1; 8], combined: None };
        let mut signature = sign(&key, &data, b"terminal").unwrap();
        signature[at] ^= 1 << bit;
        prop_assert!(recover(&key.public(Exponent::Three), &signature, b"terminal").is_err());
    }

    #[test]
    fn any_bytes_are_recovered_without_a_panic(
        signed in proptest::collection::vec(any::<u8>(), 140..150),
        remainder in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let _ = recover(&issuer_key(), &signed, &remainder);
        let certificate = Certificate { signed, remainder, exponent: Exponent::F4 };
        prop_assert!(recover_card(&issuer_key(), &certificate, &pan(), &[]).is_err());
        let _ = DynamicData::parse(&certificate.remainder);
    }
}
