//! `card insert`, in a reader that the test holds.

use std::fs;
use std::path::Path;

use persotwin_tests::command::{Staying, command, run};
use persotwin_tests::vpcd::{CardReader, Inserted};

use crate::OnDisk;

/// A card that is being held in a reader.
struct Held {
    holder: Staying,
    card: Inserted,
}

fn insert(card: &OnDisk, more: &[&str]) -> Held {
    let reader = CardReader::listen();
    let args = ["card", "insert", &card.file, "--reader", &reader.address()];
    let holder = Staying::start(command(&args).args(more));
    Held {
        holder,
        card: reader.card(),
    }
}

const SELECT: &str = "00A40400 07 A0000000031010 00";
const BEGIN: &str = "80A80000 04 83020840 00";

/// Begins a transaction.
fn begin(card: &mut Inserted) {
    for command in [SELECT, BEGIN] {
        assert!(card.command(command).ends_with("9000"));
    }
}

#[test]
fn each_command_is_told_in_words_and_no_value_of_the_card() {
    let card = OnDisk::produced("told");
    let mut held = insert(&card, &[]);
    for _ in 0..50 {
        assert!(held.card.atr().starts_with(&[0x3B]));
    }
    held.card.power_on();
    begin(&mut held.card);
    let record = held.card.command("00B2011400");
    assert!(
        record.contains(&card.pan()),
        "it is the card that was produced"
    );
    assert_eq!(held.card.command("00B2051400"), "6A83");
    assert_eq!(held.card.command("FFFF0000"), "6D00");
    held.card.say(&[2]);
    assert_eq!(held.card.command("00A4"), "6700");
    let told = held.holder.interrupt();
    assert_eq!(
        (told.code, told.stderr.lines().last()),
        (Some(0), Some("the card is out of the reader"))
    );
    let lines: Vec<&str> = told.stdout.lines().collect();
    let [power, select, begins, read, rest @ ..] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    assert_eq!(*power, "power on", "looking at the card is not told");
    assert!(
        select.starts_with("SELECT A0000000031010 → 9000, 84 50 87"),
        "{select}"
    );
    assert_eq!(*begins, "GET PROCESSING OPTIONS, 4 bytes → 9000, 82 94");
    assert!(
        read.starts_with("READ RECORD SFI 2 record 1 → 9000, 5A 5F24"),
        "{read}"
    );
    assert_eq!(
        rest,
        [
            "READ RECORD SFI 2 record 5 → 6A83 record not found",
            "unknown command FF FF 00 00 → 6D00 unknown instruction",
            "reset",
            "malformed command, 2 bytes → 6700 wrong length",
        ]
    );
    assert!(!told.stdout.contains(&card.pan()));
    held.card.is_empty();
}

#[test]
fn values_are_told_when_they_are_asked_for() {
    let card = OnDisk::produced("in-full");
    let mut held = insert(&card, &["--reveal"]);
    held.card.power_on();
    begin(&mut held.card);
    held.card.command("00B2011400");
    let told = held.holder.interrupt();
    assert!(
        told.stdout.contains(&format!("5A={} 5F24=", card.pan())),
        "{}",
        told.stdout
    );
}

#[test]
fn what_the_chip_counts_is_in_the_file_before_the_answer_is_heard() {
    let card = OnDisk::produced("counted");
    let before = card.transactions();
    for more in 1..=3 {
        let mut held = insert(&card, &[]);
        held.card.power_on();
        begin(&mut held.card);
        assert_eq!(card.transactions(), before + more);
        // Killed, not stopped: the card goes, and nothing else was in memory only.
        drop(held.holder);
        held.card.is_empty();
    }
    let beside = format!("{}.new", card.file);
    assert!(!Path::new(&beside).exists(), "the temporary name is gone");
    let told = run(&["card", "show", &card.file]);
    assert!(
        told.stdout.contains(&format!("ATC {}", before + 3)),
        "{}",
        told.stdout
    );
}

#[test]
fn reading_changes_no_file() {
    let card = OnDisk::produced("unchanged");
    let before = fs::metadata(&card.file).unwrap().modified().unwrap();
    let mut held = insert(&card, &[]);
    held.card.power_on();
    held.card.command(SELECT);
    assert_eq!(held.holder.interrupt().code, Some(0));
    assert_eq!(
        fs::metadata(&card.file).unwrap().modified().unwrap(),
        before
    );
}

#[test]
fn a_card_is_in_one_reader_only() {
    let card = OnDisk::produced("two-readers");
    let (mut one, mut other) = (insert(&card, &[]), insert(&card, &[]));
    for held in [&mut one, &mut other] {
        held.card.power_on();
        held.card.command(SELECT);
    }
    let began = |held: &mut Held| held.card.ask(&[0x80, 0xA8, 0, 0, 4, 0x83, 2, 8, 0x40, 0]);
    assert!(began(&mut one).is_some());
    assert_eq!(began(&mut other), None, "no answer that is not kept");
    let told = other.holder.end();
    assert_eq!(told.code, Some(3));
    assert!(
        told.stderr.contains("was changed by somebody else"),
        "{}",
        told.stderr
    );
}

#[test]
fn a_reader_that_closes_ends_it_and_says_so() {
    let card = OnDisk::produced("closed");
    let held = insert(&card, &[]);
    drop(held.card);
    let told = held.holder.end();
    assert_eq!(told.code, Some(0));
    assert!(
        told.stderr.contains("closed: the card is out of it"),
        "{}",
        told.stderr
    );
}

#[test]
fn whoever_is_no_reader_is_left_with_a_sentence() {
    let card = OnDisk::produced("garbage");
    for (said, why) in [
        (&[9][..], "the unknown control byte 09"),
        (&[], "an empty message"),
        (&[0x00, 0xA4, 4, 0], "without switching power on"),
    ] {
        let mut held = insert(&card, &[]);
        held.card.say(said);
        let told = held.holder.end();
        assert_eq!(told.code, Some(3));
        assert!(told.stderr.contains(why), "{}", told.stderr);
    }
}

#[test]
fn a_reader_that_is_not_there_is_named() {
    let card = OnDisk::produced("nobody");
    let free = CardReader::listen().address();
    let told = run(&["card", "insert", &card.file, "--reader", &free]);
    assert_eq!((told.code, told.stdout.as_str()), (Some(3), ""));
    let said = format!("error: no reader at {free}: nobody listens there; pcscd does");
    assert!(told.stderr.starts_with(&said), "{}", told.stderr);
    for wrong in ["127.0.0.1", "nowhere:port", ""] {
        let told = run(&["card", "insert", &card.file, "--reader", wrong]);
        assert_eq!(told.code, Some(2), "{}", told.stderr);
    }
}
