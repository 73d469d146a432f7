//! `card show`.

use std::fs;

use persotwin_tests::command::{Ended, run};

use crate::OnDisk;

#[test]
fn what_is_on_a_card_is_told_without_what_a_thief_could_use() {
    let card = OnDisk::produced("show");
    let told = run(&["card", "show", &card.file]);
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""));
    let pan = card.pan();
    let masked = format!("{}******{}", &pan[..6], &pan[12..]);
    let stripe = card.at("/stripe/track2/text");
    for said in [
        "card KIOSK-PS-101/A/00001 of stock generic-dual",
        "application A0000000031010 VISA CLASSIC: personalised, ATC ",
        "keys, by their check values: AC ",
        "SFI 2 record 1",
        "5F34  PAN sequence number",
        "track 3  blank",
        "\nfront\n",
        "\nback\n",
        &masked,
    ] {
        assert!(told.stdout.contains(said), "{said}: {}", told.stdout);
    }
    let keys = card.at("/chip/applications/0/groupings/8000");
    let cvv2 = format!("CVV2         {}", card.at("/back/layout/cvv2"));
    let secrets = [&pan, &stripe, &keys[..32], "ALICE", "MARTIN", &cvv2];
    for secret in secrets {
        assert!(!told.stdout.contains(secret), "a secret is shown");
    }
    let revealed = run(&["card", "show", "--reveal", &card.file]);
    assert_eq!(revealed.code, Some(0));
    for shown in [&pan, &stripe, "MARTIN/ALICE", &cvv2] {
        assert!(revealed.stdout.contains(shown), "{}", revealed.stdout);
    }
    assert!(
        !revealed.stdout.contains(&keys[..32]),
        "keys are never shown"
    );
}

/// A command refuses a file, with one sentence that says what is wrong and nothing that was in it.
fn assert_refused(told: &Ended, why: &str, secret: &str) {
    assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""));
    assert!(told.stderr.contains(why), "{}", told.stderr);
    assert_eq!(told.stderr.trim().lines().count(), 1, "{}", told.stderr);
    assert!(!told.stderr.contains(secret), "a secret is told");
}

#[test]
fn a_file_that_is_no_card_is_refused_with_a_sentence() {
    let card = OnDisk::produced("no-card");
    let (good, pan) = (card.text(), card.pan());
    let half = &good[..good.len() / 2];
    let another_version = good.replace("\"version\": 1", "\"version\": 7");
    let number = "\"transactions\": ";
    let a_name_for_a_number = good.replace(number, &format!("{number}\"{pan}\", \"more\": "));
    assert_ne!(a_name_for_a_number, good);
    let no_record = good.replace("\"0201\": \"70", "\"0201\": \"71");
    assert_ne!(no_record, good);
    for (content, why) in [
        (half, "it ends at line"),
        ("", "it ends at line 1"),
        ("not json", "it is no JSON at line 1"),
        ("{}", "`version` is missing"),
        ("[]", "expected a card as an object"),
        (&another_version, "this Persotwin reads version 1"),
        (&a_name_for_a_number, "was changed since it was written"),
        (&no_record, "was changed since it was written"),
    ] {
        fs::write(&card.file, content).unwrap();
        for verb in ["show", "insert"] {
            assert_refused(&run(&["card", verb, &card.file]), why, &pan);
        }
    }
    let nothing = card.folder.at("nothing.card.json");
    assert_refused(
        &run(&["card", "show", &nothing]),
        "No such file or directory",
        &pan,
    );
}
