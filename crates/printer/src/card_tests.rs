//! The card that comes out: against its order, and in a file.

use std::collections::BTreeSet;

use persotwin_link::device::Action;

use crate::tests::{
    act, id, kiosk, layout, order, personalise, pick, produce, request, serial, tracks,
};
use crate::{CardFile, Difference, Printer, Progress};

#[test]
fn a_card_differs_from_its_order_where_something_is_missing() {
    let mut printer = kiosk();
    act(&mut printer, "p", pick());
    let differences = |printer: &Printer| printer.blank(&serial(1)).unwrap().differences(&order());
    assert_eq!(differences(&printer).len(), 5);
    act(&mut printer, "c", Action::MoveToChip);
    personalise(&mut printer);
    assert_eq!(differences(&printer).len(), 3);
    act(&mut printer, "e", Action::EncodeStripe(tracks()));
    act(&mut printer, "f", Action::PrintFront(layout()));
    assert_eq!(differences(&printer), BTreeSet::from([Difference::Back]));
    act(&mut printer, "g", Action::Flip);
    printer
        .begin(&id("h"), &request(Action::PrintBack(layout())))
        .unwrap();
    printer.lose_power(Progress::try_from(999).unwrap());
    assert_eq!(differences(&printer), BTreeSet::from([Difference::Back]));
    let mut other = order();
    other.dgis.pop();
    other.aid = "A0000000041010".into();
    other.layout.name = "BOB".into();
    other.track1.push('1');
    assert_eq!(
        printer.blank(&serial(1)).unwrap().differences(&other).len(),
        5
    );
}

#[test]
fn a_card_goes_to_a_file_and_back() {
    let mut printer = kiosk();
    produce(&mut printer, "a");
    let file = CardFile::of(printer.blank(&serial(1)).unwrap());
    let json = serde_json::to_value(&file).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["serial"], "KIOSK-PS-101/A/00001");
    assert_eq!(json["front"]["panels"]["overlay"], 1000);
    assert_eq!(
        json["chip"]["applications"][0]["groupings"]["9000"],
        "97DCB0CE4E2CB37DF3"
    );
    let back: CardFile = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(back.card().differences(&order()), BTreeSet::new());
    assert_eq!(serde_json::to_value(&back).unwrap(), json);
    let mut other = json.clone();
    other["version"] = 2.into();
    let error = serde_json::from_value::<CardFile>(other)
        .unwrap_err()
        .to_string();
    assert!(error.contains("version 2"), "{error}");
}

#[test]
fn a_card_file_that_was_edited_is_refused() {
    let mut printer = kiosk();
    produce(&mut printer, "a");
    let file = CardFile::of(printer.blank(&serial(1)).unwrap());
    let good = serde_json::to_string_pretty(&file).unwrap();
    assert!(serde_json::from_str::<CardFile>(&good).is_ok());
    let json: serde_json::Value = serde_json::from_str(&good).unwrap();
    let refused = |json: &serde_json::Value| {
        let error = serde_json::from_value::<CardFile>(json.clone()).unwrap_err();
        error.to_string()
    };
    for (pointer, value) in [
        ("/front/layout/name", "BOB MARTIN"),
        ("/stripe/track2/text", "read by nobody"),
        ("/serial", "KIOSK-PS-101/A/00002"),
    ] {
        let mut edited = json.clone();
        *edited.pointer_mut(pointer).unwrap() = value.into();
        let error = refused(&edited);
        assert!(error.contains("was changed since"), "{pointer}: {error}");
    }
    // The order of members says nothing: a struct writes them in its own.
    let reordered = good.replacen("\"version\": 1,", "", 1);
    let end = reordered.rfind('}').unwrap();
    let reordered = format!("{}, \"version\": 1}}", &reordered[..end]);
    assert!(serde_json::from_str::<CardFile>(&reordered).is_ok());
    let mut without = json;
    without.as_object_mut().unwrap().remove("digest");
    assert!(refused(&without).contains("digest"));
    for end in [good.len() / 3, good.len() - 2] {
        let error = serde_json::from_str::<CardFile>(&good[..end]).unwrap_err();
        assert!(error.is_eof());
    }
}

#[test]
fn nothing_secret_is_shown() {
    let mut printer = kiosk();
    produce(&mut printer, "a");
    let card = CardFile::of(printer.blank(&serial(1)).unwrap());
    let shown = format!("{printer:?} {card:?} {:?}", printer.take_facts());
    for secret in [
        "4111", "411111", "ALICE", "123,", "\"123\"", "11223344", "MARTIN",
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
