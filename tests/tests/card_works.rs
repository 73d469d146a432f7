//! One bit of a produced card is another: whoever looks at it finds it, and the law the-card-works breaks, alone.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

use std::collections::BTreeSet;

use persotwin_emv::keys::KeySet;
use persotwin_emv::oda::Method;
use persotwin_emv::stripe::{StripeText, TrackNumber};
use persotwin_kernel::Chance;
use persotwin_kernel::event::{Defect, Event, Physical};
use persotwin_printer::Blank;
use persotwin_tests::tampered::Run;
use persotwin_world::examine::{Examination, Examiner};
use serde_json::Value;

/// Three people at a kiosk, and alice's card, as it is written to a file but without the digest that would tell of any change.
struct Produced {
    run: Run,
    chance: Chance,
    card: Value,
}

impl Produced {
    fn new() -> Self {
        Self::of(Run::of_three())
    }

    /// The same with a product whose cards prove themselves.
    fn signing(oda: &str) -> Self {
        let products = format!("products: {{ VISA-CLASSIC: {{ oda: {oda} }} }}\n");
        Self::of(Run::of_three_with(&products))
    }

    fn of(run: Run) -> Self {
        let mut cards = run.told.cards.iter();
        let (_, card) = cards.find(|(who, _)| who.as_ref() == "alice").unwrap();
        let card = serde_json::to_value(card.card()).unwrap();
        let chance = Chance::new(run.told.seed);
        Self { run, chance, card }
    }

    /// What is found on a card; none if there can be no such card.
    fn examined(&self, card: &Value) -> Option<Examination> {
        let card: Blank = serde_json::from_value(card.clone()).ok()?;
        let plan = &self.run.plan;
        let examiner = Examiner::new(&plan.tenant, &self.chance, plan.starts);
        Some(examiner.examine(&card))
    }

    /// The laws that break if this is what was found on alice's card.
    fn broken(&self, found: &Examination) -> Vec<&'static str> {
        let mut journal = self.run.journal();
        let alices = journal.iter_mut().find_map(|record| {
            let is_alices = record
                .customer
                .as_ref()
                .is_some_and(|who| who.as_ref() == "alice");
            match &mut record.event {
                Event::Card(truth) if is_alices => match &mut truth.what {
                    Physical::Examined {
                        defects, content, ..
                    } => Some((defects, content)),
                    _ => None,
                },
                _ => None,
            }
        });
        let (defects, content) = alices.unwrap();
        defects.clone_from(&found.defects);
        content.clone_from(&found.content);
        self.run.broken(&journal)
    }

    /// Changes the card; what is found on it breaks exactly the one law.
    fn breaks(&self, what: &str, change: impl FnOnce(&mut Value)) -> BTreeSet<Defect> {
        let mut card = self.card.clone();
        change(&mut card);
        assert_ne!(card, self.card, "{what}: nothing was changed");
        let found = self
            .examined(&card)
            .unwrap_or_else(|| panic!("{what}: no card"));
        assert_eq!(self.broken(&found), ["the-card-works"], "{what}");
        found.defects
    }
}

fn grouping<'a>(card: &'a mut Value, id: &str) -> &'a mut Value {
    let mut applications = card["chip"]["applications"]
        .as_array_mut()
        .unwrap()
        .iter_mut();
    let is_loaded = |it: &&mut Value| it["groupings"].get("0101").is_some();
    &mut applications.find(is_loaded).unwrap()["groupings"][id]
}

/// Flips one bit of a grouping.
fn flip(card: &mut Value, id: &str, byte: usize, bit: u8) {
    let content = grouping(card, id);
    let mut bytes = hex::decode(content.as_str().unwrap()).unwrap();
    bytes[byte] ^= 1 << bit;
    *content = hex::encode_upper(bytes).into();
}

/// Flips one bit of the value of a data object, by what stands before it.
fn flip_object(card: &mut Value, id: &str, tag_and_length: &str, byte: usize, bit: u8) {
    let content = grouping(card, id).as_str().unwrap().to_owned();
    let at = content.find(tag_and_length).unwrap() / 2 + tag_and_length.len() / 2;
    flip(card, id, at + byte, bit);
}

#[test]
fn the_card_as_it_was_produced_is_good() {
    let produced = Produced::new();
    let found = produced.examined(&produced.card).unwrap();
    assert_eq!(found.defects, BTreeSet::new());
    assert_eq!(produced.broken(&found), <[&str; 0]>::default());
}

#[test]
fn a_bit_of_a_key() {
    let produced = Produced::new();
    // AC, SMI and SMC; bit 0 is the parity bit, which no cipher sees.
    for (byte, bit) in [(3, 4), (20, 1), (47, 7), (8, 0)] {
        let defects = produced.breaks("key", |card| {
            flip(card, "8000", byte, bit);
            // The chip would refuse a key with another check value.
            let keys = hex::decode(grouping(card, "8000").as_str().unwrap()).unwrap();
            let keys = KeySet::from_grouping(&keys).unwrap();
            let checks = keys.check_values().map(|check| check.to_string()).concat();
            *grouping(card, "9000") = checks.into();
        });
        assert!(defects.contains(&Defect::Keys), "{byte} {bit}");
        assert_eq!(defects.contains(&Defect::Cryptogram), byte == 3);
    }
}

#[test]
fn a_bit_of_a_tag() {
    let produced = Produced::new();
    // The sequence number goes into the keys; usage control is only read; the PAN stands in two places.
    let psn = produced.breaks("5F34", |card| flip_object(card, "0201", "5F3401", 0, 0));
    assert!(psn.contains(&Defect::Cryptogram), "{psn:?}");
    let usage = produced.breaks("9F07", |card| flip_object(card, "0201", "9F0702", 0, 3));
    assert_eq!(
        usage,
        BTreeSet::new(),
        "only who knows what was prepared can tell"
    );
    let pan = produced.breaks("5A", |card| flip_object(card, "0201", "5A08", 7, 0));
    assert!(pan.contains(&Defect::ChipContradictsItself), "{pan:?}");
    // From "the next rule, if this method fails" to "none".
    produced.breaks("8E", |card| flip_object(card, "0201", "8E0E", 8, 6));
    // Behind number, expiry and service code: the chip's own verification value.
    let value = produced.breaks("57", |card| flip_object(card, "0101", "5713", 14, 0));
    assert_eq!(value, BTreeSet::from([Defect::ChipVerificationValue]));
}

#[test]
fn a_bit_of_the_key_index() {
    let produced = Produced::new();
    let index = produced.breaks("9F10", |card| flip_object(card, "9200", "9F1007", 1, 1));
    assert!(index.contains(&Defect::KeyIndex), "{index:?}");
}

#[test]
fn a_bit_of_the_file_locator() {
    let produced = Produced::new();
    // The last byte says how many records are signed.
    let defects = produced.breaks("AFL", |card| flip_object(card, "9104", "9408", 7, 0));
    assert!(defects.contains(&Defect::FileLocator), "{defects:?}");
}

#[test]
fn a_bit_of_the_expiry() {
    let produced = Produced::new();
    let month = produced.breaks("5F24", |card| flip_object(card, "0201", "5F2403", 0, 0));
    assert!(month.contains(&Defect::ChipContradictsItself), "{month:?}");
    let printed = produced.breaks("front", |card| {
        let expiry = &mut card["front"]["layout"]["expiry"];
        let text = expiry.as_str().unwrap().to_owned();
        // The last bit of the last digit.
        let last = char::from(text.as_bytes()[text.len() - 1] ^ 1);
        *expiry = format!("{}{last}", &text[..text.len() - 1]).into();
    });
    assert!(printed.contains(&Defect::PrintDiffers), "{printed:?}");
}

#[test]
fn a_bit_of_a_certificate_or_of_the_key_that_signs() {
    for oda in ["dda", "cda"] {
        let produced = Produced::signing(oda);
        let good = produced.examined(&produced.card).unwrap();
        assert_eq!(good.defects, BTreeSet::new(), "{oda}");
        let unproved = |what: &str, defects: BTreeSet<Defect>| {
            let expected = BTreeSet::from([Defect::DataAuthentication]);
            assert_eq!(defects, expected, "{oda}: {what}");
        };
        for (id, object) in [
            ("0202", "9081B0"),
            ("0202", "9204"),
            ("0203", "9F468190"),
            ("0203", "9F481A"),
        ] {
            let found = produced.breaks(object, |card| flip_object(card, id, object, 2, 5));
            unproved(object, found);
        }
        // Which key the authority is, and that the profile is signed.
        let index = produced.breaks("8F", |card| flip_object(card, "0202", "8F01", 0, 0));
        unproved("8F", index);
        let tags = produced.breaks("9F4A", |card| flip_object(card, "0203", "9F4A01", 0, 0));
        unproved("9F4A", tags);
        let usage = produced.breaks("9F07", |card| flip_object(card, "0201", "9F0702", 0, 3));
        unproved("9F07, which is signed", usage);
        // No terminal reads the private key. Each part of it is odd but the first, and stays so.
        for id in ["8201", "8202", "8203", "8204", "8205"] {
            for (byte, bit) in [(0, 3), (31, 7), (63, 1)] {
                let found = produced.breaks(id, |card| flip(card, id, byte, bit));
                unproved(id, found);
            }
        }
    }
}

#[test]
fn a_card_that_does_not_sign_is_not_taken_for_one_that_should() {
    let mut produced = Produced::new();
    for product in produced.run.plan.tenant.products.values_mut() {
        product.oda = Some(Method::Dda);
    }
    let found = produced.examined(&produced.card).unwrap();
    assert_eq!(found.defects, BTreeSet::from([Defect::DataAuthentication]));
}

#[test]
fn a_bit_of_the_stripe() {
    let produced = Produced::new();
    for track in ["track1", "track2"] {
        let torn = produced.breaks(track, |card| {
            let bits = &mut card["stripe"][track]["bits"];
            let mut text = bits.as_str().unwrap().to_owned().into_bytes();
            let at = text.len() / 2;
            text[at] ^= 1;
            *bits = String::from_utf8(text).unwrap().into();
        });
        assert_eq!(torn, BTreeSet::from([Defect::StripeUnreadable]));
    }
    // Written by somebody who knows how: another service code, with good parity and check character.
    let rewritten = produced.breaks("track 2", |card| {
        let track = &mut card["stripe"]["track2"];
        let text = track["text"].as_str().unwrap().replace("201", "101");
        let bits = StripeText::parse(TrackNumber::Two, &text)
            .unwrap()
            .to_bits();
        let bits = bits
            .as_slice()
            .iter()
            .map(|bit| if *bit { '1' } else { '0' });
        *track = serde_json::json!({ "bits": bits.collect::<String>() });
    });
    assert_eq!(rewritten, BTreeSet::from([Defect::StripeDiffers]));
}

/// Whatever bit it is that a terminal can read, the law notices; or no chip would ever hold such data.
#[test]
fn any_bit_that_a_terminal_reads() {
    let produced = Produced::new();
    let good = produced.examined(&produced.card).unwrap();
    let mut cards = 0;
    for id in ["0101", "0201", "9102", "9104"] {
        let length = grouping(&mut produced.card.clone(), id)
            .as_str()
            .unwrap()
            .len()
            / 2;
        for (byte, bit) in (0..length).flat_map(|byte| (0..8).map(move |bit| (byte, bit))) {
            let mut card = produced.card.clone();
            flip(&mut card, id, byte, bit);
            let Some(found) = produced.examined(&card) else {
                continue;
            };
            cards += 1;
            let is_noticed = !found.defects.is_empty() || found.content != good.content;
            assert!(is_noticed, "grouping {id}, byte {byte}, bit {bit}");
        }
    }
    assert!(cards > 1000, "{cards}");
}
