//! A reader of text that others wrote looks at the pictures of cards: it reads what a person reads, and nothing where a person cannot.
//!
//! `tests/run` installs Tesseract.
#![cfg(feature = "real-clients")]
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

use std::fs;
use std::process::Command;

use persotwin_faces::Artist;
use persotwin_printer::{Blank, Side};
use persotwin_tests::command::{Folder, ended, run};
use serde_json::{Value, json};

/// Everything that Tesseract finds on a picture: once as a page of lines, once as scattered words.
fn read(picture: &str) -> String {
    let mut found = String::new();
    for mode in ["6", "11"] {
        let mut tesseract = Command::new("tesseract");
        // Its threads wait for one another more than they do.
        tesseract.env("OMP_THREAD_LIMIT", "1");
        let said = ended(tesseract.args([picture, "-", "--psm", mode]));
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        found.push_str(&said.stdout);
    }
    found
}

/// What stands on a front.
struct Front {
    groups: Vec<String>,
    expiry: String,
    name: String,
}

impl Front {
    fn of(card: &Value) -> Self {
        let text = |field: &str| card["front"]["layout"][field].as_str().unwrap().to_owned();
        Self {
            groups: text("pan").split(' ').map(str::to_owned).collect(),
            expiry: text("expiry"),
            name: text("name"),
        }
    }
}

/// Draws the front of a card that was changed after its production.
fn drawn(folder: &Folder, name: &str, card: &Value) -> String {
    let mut card = card.clone();
    // What is left is the card itself: a file that was changed is refused.
    card.as_object_mut()
        .unwrap()
        .retain(|name, _| name != "version" && name != "digest");
    let card: Blank = serde_json::from_value(card).unwrap();
    let picture = Artist::new().draw(&card, Side::Front);
    let file = folder.at(&format!("{name}.png"));
    fs::write(&file, picture.png().unwrap()).unwrap();
    file
}

#[test]
fn number_expiry_and_name_can_be_read_off_a_good_card_and_not_off_a_spoiled_one() {
    let folder = Folder::new("pictures");
    let told = run(&[
        "run",
        "scenarios/journeys/happy-path.yaml",
        "--report",
        &folder.at("out"),
    ]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let cards = folder.at("out/happy-path/cards");
    let good: Value =
        serde_json::from_str(&fs::read_to_string(format!("{cards}/alice.card.json")).unwrap())
            .unwrap();
    let front = Front::of(&good);
    let found = read(&format!("{cards}/alice.front.png"));
    assert_eq!(front.groups.len(), 4);
    for text in front.groups.iter().chain([&front.expiry, &front.name]) {
        assert!(found.contains(text), "{text} in {found}");
    }
    assert!(found.contains("SPECIMEN"), "{found}");

    // The ribbon broke in the pass of the resin, a little before the middle.
    let mut broken = good.clone();
    broken["front"]["panels"]["black"] = 450.into();
    broken["front"]["panels"]["overlay"] = 0.into();
    let found = read(&drawn(&folder, "broken", &broken));
    assert!(found.contains(&front.name), "{found}");
    for text in [&front.groups[2], &front.groups[3], &front.expiry] {
        assert!(!found.contains(text), "{text} in {found}");
    }

    // Power went in the pass of the cyan panel, and the card went to the reject bin.
    let told = run(&[
        "run",
        "scenarios/5-produce/power-cut-while-the-front-is-printed.yaml",
        "--report",
        &folder.at("out"),
    ]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let cards = folder.at("out/power-cut-while-the-front-is-printed/cards");
    let found = read(&format!("{cards}/rejected-KIOSK-PS-101-A-00001.front.png"));
    assert!(found.contains("SPECIMEN"), "{found}");
    for text in front.groups.iter().chain([&front.expiry, &front.name]) {
        assert!(!found.contains(text), "{text} in {found}");
    }

    // The card slipped under the number, and dirt lies on the head where the name is.
    let mut flawed = good;
    flawed["front"]["flaws"] = json!([
        {"flaw": "shifted-line", "line": "pan", "by": 70},
        {"flaw": "dead-line", "across": 835}
    ]);
    let found = read(&drawn(&folder, "flawed", &flawed));
    for text in front.groups.iter().chain([&front.name]) {
        assert!(!found.contains(text), "{text} in {found}");
    }
    assert!(found.contains(&front.expiry), "{found}");
}
