//! Card software that others wrote, reading and using the cards of runs in a PC/SC reader: pcscd with its virtual reader, opensc, pyscard,
//! and a terminal's payment kernel.
//!
//! `tests/run` installs them all. Each test has a pcscd of its own, in its own network and mount namespace.
#![cfg(feature = "real-clients")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a helper of tests that fails shall fail its test, and who skips one says so"
)]

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use persotwin_emv::aid::Aid;
use persotwin_emv::oda::{Rid, test_keys};
use persotwin_tests::command::{Ended, Folder, ended, run};
use persotwin_tests::{persotwin, root};
use serde_json::Value;

/// A produced card.
struct Card {
    folder: Folder,
    file: String,
}

/// The card of a scenario's customer; none where there can be no reader, which `tests/run` says.
fn card(name: &str, scenario: &str, customer: &str) -> Option<Card> {
    if let Some(missing) = std::env::var_os("PERSOTWIN_NO_PCSC") {
        eprintln!("skipped: {} cannot be installed here", missing.display());
        return None;
    }
    let folder = Folder::new(name);
    let path = format!("scenarios/{scenario}.yaml");
    let told = run(&["run", &path, "--report", &folder.at("out")]);
    assert_eq!(told.code, Some(0), "{}", told.stdout);
    let stem = scenario.rsplit('/').next().unwrap();
    let file = folder.at(&format!("out/{stem}/cards/{customer}.card.json"));
    Some(Card { folder, file })
}

impl Card {
    /// Runs a client while the card is in a reader.
    fn used_by<S: AsRef<OsStr>>(&self, client: &[S]) -> Ended {
        let mut command = Command::new(root().join("tests/clients/reader.sh"));
        command.arg(persotwin()).arg(&self.file).arg(self.log());
        ended(command.args(client).stdin(Stdio::null()))
    }

    /// The same, for a client that must not fail; what it prints.
    fn read_by<S: AsRef<OsStr>>(&self, client: &[S]) -> String {
        let told = self.used_by(client);
        assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
        told.stdout
    }

    /// Where the holder of the card writes what the card is asked and answers.
    fn log(&self) -> String {
        self.folder.at("card.log")
    }

    fn asked(&self) -> String {
        fs::read_to_string(self.log()).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(&self.file).unwrap()).unwrap()
    }
}

const HAPPY: &str = "journeys/happy-path";

#[test]
fn opensc_finds_a_card_and_talks_to_it() {
    let Some(card) = card("opensc", HAPPY, "alice") else {
        return;
    };
    let atr = card.read_by(&["opensc-tool", "--reader", "0", "--atr"]);
    let expected: Vec<String> = persotwin_chip::Profile::ATR
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(atr.trim(), expected.join(":"));
    let told = card.read_by(&[
        "opensc-tool",
        "--reader",
        "0",
        "--card-driver",
        "default",
        "--send-apdu",
        "00A404000E315041592E5359532E444446303100",
        "--send-apdu",
        "00B2010C00",
        "--send-apdu",
        "00B2020C00",
    ]);
    let words: Vec<&str> = told
        .lines()
        .filter(|line| line.starts_with("Received"))
        .collect();
    assert_eq!(
        words,
        [
            "Received (SW1=0x90, SW2=0x00):",
            "Received (SW1=0x90, SW2=0x00):",
            "Received (SW1=0x6A, SW2=0x83)"
        ],
        "{told}"
    );
    assert!(told.contains("1PAY.SYS.DDF"), "{told}");
}

#[test]
fn a_card_comes_and_goes() {
    let Some(card) = card("comes-and-goes", HAPPY, "alice") else {
        return;
    };
    let taken_out = "opensc-tool -l; kill -INT $HOLDER; while opensc-tool -l | grep -Eq '^0 +Yes'; do :; done; opensc-tool -l";
    let told = card.read_by(&["bash", "-c", taken_out]);
    let slots: Vec<&str> = told
        .lines()
        .filter_map(|line| line.strip_prefix("0 "))
        .map(|line| line.split_whitespace().next().unwrap())
        .collect();
    assert_eq!(slots, ["Yes", "No"], "{told}");
    assert!(
        card.asked().ends_with("the card is out of the reader\n"),
        "{}",
        card.asked()
    );
}

#[test]
fn pyscard_reads_every_record_as_it_was_made() {
    for (scenario, customer, aid) in [
        (HAPPY, "alice", "A0000000031010"),
        ("journeys/two-products", "bob", "A0000000041010"),
    ] {
        let Some(card) = card(customer, scenario, customer) else {
            return;
        };
        let made = card.json();
        let made = made["chip"]["applications"].as_array().unwrap();
        let made = made.iter().find(|it| it["aid"] == aid).unwrap();
        let script = root().join("tests/clients/pcsc.py");
        let told = card.read_by(&["/usr/bin/python3", script.to_str().unwrap()]);
        let read: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(
            (&read["aid"], &read["beyond"]),
            (&aid.into(), &"6A83".into())
        );
        let records = read["records"].as_object().unwrap();
        assert!(records.len() >= 2);
        for (name, content) in records {
            assert_eq!(*content, made["groupings"][name], "{name}");
        }
        let begun = made["lasting"]["transactions"].as_u64().unwrap() + 1;
        assert_eq!(read["counter"], begun);
        let kept = card.json();
        let kept = kept["chip"]["applications"].as_array().unwrap();
        let kept = kept.iter().find(|it| it["aid"] == aid).unwrap();
        assert_eq!(
            kept["lasting"]["transactions"], begun,
            "what a reader did stays done"
        );
    }
}

/// The payment kernel, and the configuration of its terminal.
fn kernel() -> (PathBuf, PathBuf) {
    let folder = std::env::var_os("PERSOTWIN_EMV").expect(
        "PERSOTWIN_EMV names no folder with the payment kernel: start these tests with tests/run",
    );
    let folder = PathBuf::from(folder);
    (
        folder.join("bin/emv-test-transaction"),
        folder.join("config"),
    )
}

/// Pays with the payment kernel; what it tells.
fn paid(card: &Card, options: &str) -> String {
    let (program, config) = kernel();
    // It asks what the issuer says; 00 approves. Without a terminal of its own it asks nobody for a PIN.
    let pay = format!(
        "echo 00 | EMV_CONFIG_DIR='{}' setsid --wait '{}' {options}",
        config.display(),
        program.display()
    );
    let told = card.read_by(&["bash", "-c", &pay]);
    assert!(
        told.contains("Final outcome: Approved"),
        "{told}\n{}",
        card.asked()
    );
    told
}

#[test]
fn a_terminal_that_others_wrote_makes_a_payment_online() {
    let Some(card) = card("payment", HAPPY, "alice") else {
        return;
    };
    let told = paid(&card, "");
    assert!(told.contains("Terminal Action Analysis → Arqc"), "{told}");
    let asked = card.asked();
    assert!(
        asked.contains("GENERATE AC for ARQC (go online)"),
        "{asked}"
    );
    assert!(asked.contains("GENERATE AC for TC (approve)"), "{asked}");
    let python = std::env::var_os("PERSOTWIN_PYTHON").unwrap();
    let script = root().join("tests/clients/payment.py");
    let verified = ended(
        Command::new(python)
            .args(["-W", "ignore"])
            .arg(script)
            .arg(card.log()),
    );
    assert_eq!(
        (verified.code, verified.stdout.as_str()),
        (Some(0), "ARQC verified\nTC verified\n"),
        "{}\n{asked}",
        verified.stderr
    );
}

/// The test authority, as the kernel's configuration has such keys.
fn authority(aid: &str) -> String {
    let authority = test_keys::authority(Rid::of(&Aid::parse(aid).unwrap()));
    format!(
        "[[capk_rsa]]\nrid = \"{}\"\nindex = \"{:02X}\"\nmodulus = \"{}\"\nexponent = \"{}\"\n",
        authority.rid,
        authority.index,
        hex::encode_upper(authority.key.modulus()),
        hex::encode_upper(authority.key.exponent().bytes()),
    )
}

/// A product's card that proves itself, after a payment at a kernel that trusts the test authority, and what the kernel told.
fn proved(name: &str, scenario: &str) -> Option<(Card, String)> {
    let card = card(name, scenario, "alice")?;
    let keys = card.folder.write("capk.toml", &authority("A0000000031010"));
    let told = paid(&card, &format!("--capk '{keys}'"));
    Some((card, told))
}

#[test]
fn a_terminal_that_others_wrote_finds_a_signed_challenge_genuine() {
    let Some((_, told)) = proved("dda", "3-prepare/card-signs-a-challenge") else {
        return;
    };
    let genuine = "Offline Data Authentication → DdaSuccess";
    assert!(told.contains(genuine), "{told}");
}

/// The kernel recovers the card's key and asks for signatures. Its program does not remember the number that it drew, and so cannot
/// check them; Python does, from what the card answered.
#[test]
fn others_find_a_signed_cryptogram_genuine() {
    let Some((card, told)) = proved("cda", "3-prepare/card-signs-its-cryptogram") else {
        return;
    };
    assert!(told.contains("CDA armed: ICC PK recovered"), "{told}");
    let key = test_keys::authority(Rid([0xA0, 0, 0, 0, 3])).key;
    let verified = ended(
        Command::new(std::env::var_os("PERSOTWIN_PYTHON").unwrap())
            .arg(root().join("tests/clients/signatures.py"))
            .args([card.log(), hex::encode(key.modulus())]),
    );
    assert_eq!(
        (verified.code, verified.stdout.as_str()),
        (Some(0), "ARQC signed\nTC signed\n"),
        "{}",
        verified.stderr
    );
}
