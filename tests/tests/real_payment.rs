//! A payment with a card that a run produced, judged by card software that others wrote: pyemv, from the test master keys.
//!
//! The terminal is this project's own; nothing that it computed or believed is asked of pyemv, only what left it.
#![cfg(feature = "real-clients")]
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

use std::fs;

use persotwin_emv::authorisation::{AuthorisationRequest, Decision, IssuerAnswer};
use persotwin_emv::dol::Dol;
use persotwin_emv::expiry::CardDate;
use persotwin_emv::keys::MasterKeyOption;
use persotwin_emv::profile::NumericCode;
use persotwin_emv::tag::Tag;
use persotwin_emv::tdes::TdesKey;
use persotwin_link::tenant::Tenant;
use persotwin_printer::CardFile;
use persotwin_terminal::{Cryptogram, Purchase, Terminal, Transaction, at_once, pay};
use persotwin_tests::command::{Ended, Folder, python, run, told};
use persotwin_tests::root;
use serde_json::{Map, Value, json};

/// Happy paths with one customer whose card computes its cryptograms by this version.
fn scenario(version: u8) -> String {
    format!(
        "persotwin: 1\nname: Version {version}\nproducts: {{ VISA-CLASSIC: {{ cvn: {version} }} }}\ncustomers: {{ alice: {{}} }}\n"
    )
}

/// The card that a run of this scenario produced.
fn produced(folder: &Folder, scenario: &str) -> CardFile {
    let path = folder.write("story.yaml", scenario);
    let ended = run(&["run", &path, "--report", &folder.at("out")]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    let file = folder.at("out/story/cards/alice.card.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// The issuer of the built-in tenant.
fn issuer(request: &AuthorisationRequest) -> IssuerAnswer {
    let tenant = Tenant::built_in();
    let keys = tenant.master_keys.values().next().unwrap();
    let master = TdesKey::from_hex(&keys.imk_ac).unwrap();
    let authentic = request.authenticate(&master, MasterKeyOption::A).unwrap();
    authentic.answer(Decision::Approved)
}

fn paid(card: &CardFile) -> Transaction {
    let code = |text| NumericCode::parse(text).unwrap();
    let day = CardDate::parse("270115").unwrap();
    let terminal = Terminal::new(code("250"), code("978"), day);
    let purchase = Purchase::of(19_99, [0xCA, 0xFE, 0x12, 0x34]);
    let mut chip = card.card().chip().clone();
    chip.power_on();
    let mut contacts = |command: &[u8]| chip.transmit(command);
    let online = |request: &AuthorisationRequest| Some(issuer(request));
    at_once(pay(&mut contacts, &terminal, &purchase, online)).unwrap()
}

/// The tags that go into a cryptogram, and what came out.
fn tags(paid: &Transaction, list: Tag, cryptogram: &Cryptogram) -> Value {
    let view = &paid.reading.view;
    let list = Dol::parse(view.object(list).unwrap()).unwrap();
    let mut tags = Map::new();
    let mut put = |tag: Tag, value: &[u8]| tags.insert(tag.to_string(), hex::encode(value).into());
    for (tag, value) in list.split(&cryptogram.terminal).unwrap() {
        put(tag, value);
    }
    put(Tag::INTERCHANGE_PROFILE, &view.interchange_profile.0);
    put(Tag::TRANSACTION_COUNTER, &cryptogram.counter);
    put(Tag::ISSUER_APPLICATION_DATA, &cryptogram.issuer_data);
    put(Tag::CRYPTOGRAM, &cryptogram.value);
    put(Tag::CRYPTOGRAM_INFORMATION, &[cryptogram.kind.bits()]);
    Value::Object(tags)
}

/// What left the terminal.
fn payment(paid: &Transaction) -> Value {
    let view = &paid.reading.view;
    let online = paid.online.as_ref().unwrap();
    let answer = online.answer.as_ref().unwrap();
    json!({
        "pan": view.pan.as_str(),
        "psn": format!("{:02}", view.psn.number()),
        "request": tags(paid, Tag::CDOL1, &paid.first),
        "answer": {
            "8A": hex::encode(answer.response_code),
            "91": hex::encode(answer.authentication.as_ref().unwrap()),
        },
        "approval": tags(paid, Tag::CDOL2, &online.second),
    })
}

fn judged(payment: &Value) -> Ended {
    let script = root().join("tests/clients/authorisation.py");
    // The packages warn of what their own dependency calls old: two-key 3DES, as cards have it.
    told(
        python().args(["-W", "ignore"]).arg(script),
        &payment.to_string(),
    )
}

#[test]
fn card_software_verifies_the_cryptograms_of_a_payment() {
    let folder = Folder::new("payment");
    for version in [10, 18] {
        let card = produced(&folder, &scenario(version));
        let said = judged(&payment(&paid(&card)));
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
        assert!(said.stdout.contains(&format!("version {version}")));
    }
}

#[test]
fn card_software_finds_each_wrong_cryptogram() {
    let folder = Folder::new("wrong-payment");
    let card = produced(&folder, &scenario(18));
    let good = payment(&paid(&card));
    for (pointer, said) in [
        ("/request/9F26", "request: cryptogram"),
        ("/request/9F02", "request: cryptogram"),
        ("/answer/91", "answer"),
        ("/approval/9F26", "approval: cryptogram"),
        ("/approval/95", "approval: cryptogram"),
    ] {
        let mut wrong = good.clone();
        let place = wrong.pointer_mut(pointer).unwrap();
        let mut bytes = hex::decode(place.as_str().unwrap()).unwrap();
        bytes[0] ^= 0x01;
        *place = hex::encode(bytes).into();
        let found = judged(&wrong);
        assert_eq!(found.code, Some(1), "{pointer}");
        let named = found.stderr.lines().any(|line| line == said);
        assert!(named, "{pointer}: {}", found.stderr);
    }
}
