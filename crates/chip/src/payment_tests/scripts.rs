//! The PIN, and what the issuer has the chip do to itself.

use super::*;

#[test]
fn a_pin_has_three_tries() {
    let mut card = Card::new();
    assert_eq!(card.verify("241234FFFFFFFFFF"), "9000");
    assert_eq!(card.verify("241235FFFFFFFFFF"), "63C2");
    assert_eq!(card.send(&[0x80, 0xCA, 0x9F, 0x17, 0]), "9F1701029000");
    assert_eq!(card.verify("241234FFFFFFFFFF"), "9000");
    card.begin();
    for (block, status) in [
        ("2412345FFFFFFFFF", "6A80"),
        ("041234FFFFFFFFFF", "6A80"),
        ("2512345FFFFFFFFF", "63C2"),
        ("241235FFFFFFFFFF", "63C1"),
        ("241235FFFFFFFFFF", "63C0"),
        ("241234FFFFFFFFFF", "6983"),
        ("241235FFFFFFFFFF", "6983"),
    ] {
        assert_eq!(card.verify(block), status, "{block}");
    }
    assert_eq!(card.send(&[0x00, 0x20, 0, 0x80, 2, 0x24, 0x12]), "6983");
    assert_eq!(
        card.send(&[0x00, 0x20, 0, 0x88, 8, 0, 0, 0, 0, 0, 0, 0, 0]),
        "6A86"
    );
    let heard = card.first(CryptogramType::Approval);
    for finding in [
        Finding::PinTriesExceeded,
        Finding::PinCompared,
        Finding::PinWrong,
    ] {
        assert!(heard.results().has(finding), "{finding:?}");
    }
    // A power cycle brings no tries back.
    card.next();
    assert_eq!(card.verify("241234FFFFFFFFFF"), "6983");
}

#[test]
fn a_card_without_a_pin_compares_none() {
    let mut chip =
        crate::terminal_tests::personalised(&application("5413330089020011", None), MAX_DATA);
    select(&mut chip, AID);
    let command = hex::decode("0020008008241234FFFFFFFFFF").unwrap();
    assert_eq!(chip.transmit(&command), [0x69, 0x84]);
}

#[test]
fn a_script_unblocks_and_changes_the_pin() {
    let pin = |text| Pin::parse(text).unwrap();
    let mut card = Card::new();
    for _ in 0..3 {
        card.verify("241111FFFFFFFFFF");
    }
    let mut script = card.declined();
    assert_eq!(card.run(&mut script, &ScriptCommand::UnblockPin), "9000");
    card.select();
    assert_eq!(card.verify("241234FFFFFFFFFF"), "9000");
    let mut script = card.declined();
    let change = ScriptCommand::ChangePin(pin("567890"));
    assert_eq!(card.run(&mut script, &change), "9000");
    let replace = ScriptCommand::ReplacePin {
        current: pin("567890"),
        new: pin("9753"),
    };
    assert_eq!(card.run(&mut script, &replace), "9000");
    card.select();
    assert_eq!(card.verify("241234FFFFFFFFFF"), "63C2");
    assert_eq!(card.verify("249753FFFFFFFFFF"), "9000");
    // The change outlives a file.
    let json = serde_json::to_string(&card.chip).unwrap();
    card.chip = serde_json::from_str(&json).unwrap();
    card.next();
    assert_eq!(card.verify("249753FFFFFFFFFF"), "9000");
}

#[test]
fn a_blocked_application_refuses_until_it_is_unblocked() {
    let mut card = Card::used(&Kind::default());
    let mut script = card.declined();
    let block = card.run(&mut script, &ScriptCommand::BlockApplication);
    assert_eq!(block, "9000");
    assert!(card.select().ends_with("6283"));
    card.begin();
    let heard = card.first(CryptogramType::Request);
    assert_eq!(heard.kind, CryptogramType::Refusal);
    assert_eq!(heard.results().scripts(), 1);
    let mut script = card.script(&heard);
    let unblock = card.run(&mut script, &ScriptCommand::UnblockApplication);
    assert_eq!(unblock, "9000");
    assert!(card.select().ends_with("9000"));
    card.begin();
    assert_eq!(
        card.first(CryptogramType::Approval).kind,
        CryptogramType::Approval
    );
}

#[test]
fn the_warning_of_a_blocked_application_comes_with_its_answer() {
    let mut card = Card::new();
    let mut script = card.declined();
    card.run(&mut script, &ScriptCommand::BlockApplication);
    let t_0 = [&[0x00, 0xA4, 0x04, 0x00, 7], AID].concat();
    assert!(card.send(&t_0).starts_with("61"));
    assert!(card.send(&[0x00, 0xC0, 0, 0, 0]).ends_with("6283"));
}

#[test]
fn a_blocked_card_lets_nothing_be_selected_for_ever() {
    let mut card = Card::new();
    let mut script = card.declined();
    assert_eq!(card.run(&mut script, &ScriptCommand::BlockCard), "9000");
    let json = serde_json::to_string(&card.chip).unwrap();
    card.chip = serde_json::from_str(&json).unwrap();
    card.chip.power_on();
    assert_eq!(card.chip.access(), Access::Blocked);
    assert_eq!(card.select(), "6A81");
    for name in [&b"1PAY.SYS.DDF01"[..], b"2PAY.SYS.DDF01", &[0xA0]] {
        let lc = u8::try_from(name.len()).unwrap();
        let command = [&[0x00, 0xA4, 0x04, 0x00, lc], name, &[0]].concat();
        assert_eq!(card.send(&command), "6A81");
    }
}

#[test]
fn a_script_is_taken_once_whole_and_in_order() {
    let mut card = Card::used(&Kind {
        limits: "9F140102",
        ..Kind::default()
    });
    let tag = Tag::new(0x9F14).unwrap();
    let put = |value| ScriptCommand::PutData(tag, vec![value]);
    let mut script = card.declined();
    let first = script.command(&put(5)).unwrap();
    let second = script.command(&put(6)).unwrap();
    // In the clear, too short, to an object that is not there: nothing has happened yet.
    let mut clear = first.clone();
    clear[0] = 0x80;
    assert_eq!(card.send(&clear), "6987");
    assert_eq!(card.send(&[0x84, 0xDA, 0x9F, 0x14, 2, 5, 6]), "6700");
    assert_eq!(
        card.send(&[0x84, 0xDA, 0x9F, 0x36, 6, 0, 0, 1, 2, 3, 4]),
        "6A88"
    );
    assert_eq!(card.send(&first), "9000");
    assert_eq!(card.send(&[0x80, 0xCA, 0x9F, 0x14, 0]), "9F1401059000");
    assert_eq!(card.send(&first), "6988", "a second time");
    assert_eq!(card.send(&second), "6985", "scripts have ended");
    card.next();
    let heard = card.first(CryptogramType::Approval);
    assert_eq!(heard.kind, CryptogramType::Request);
    assert!(heard.results().has(Finding::ScriptFailed));
    assert_eq!(heard.results().scripts(), 2);
    // Between the two cryptograms, with a MAC of four bytes.
    let mut command = card.script(&heard).command(&put(9)).unwrap();
    command.truncate(command.len() - 4);
    command[4] -= 4;
    // The MAC covers the length, so the issuer computes it anew.
    let key = persotwin_emv::keys::script_key_of_transaction(&card.keys.smi, heard.atc);
    let header = command[..5].try_into().unwrap();
    let mac = persotwin_emv::script::command_mac(&key, header, heard.atc, heard.cryptogram, &[9]);
    command[6..].copy_from_slice(&mac[..4]);
    assert_eq!(card.send(&command), "9000");
    card.second(CryptogramType::Approval, *b"00", &[]);
    card.next();
    let heard = card.first(CryptogramType::Approval);
    assert_eq!(heard.results().0, [0x90, 0, 0x10]);
}

#[test]
fn a_status_update_is_obeyed() {
    let kind = Kind {
        profile: ONLINE,
        ..Kind::default()
    };
    let mut card = Card::used(&kind);
    card.verify("241111FFFFFFFFFF");
    card.begin();
    let heard = card.first(CryptogramType::Request);
    let update = StatusUpdate::APPROVED
        .with(Order::BlockApplication)
        .with_pin_tries(9);
    let answer = card.update(&heard, update);
    assert_eq!(card.external_authenticate(&answer), "9000");
    let heard = card.second(CryptogramType::Approval, *b"00", &[]);
    assert_eq!(heard.kind, CryptogramType::Approval);
    let Life::Personalised(lasting) = card.chip.personalised().unwrap().life() else {
        panic!("still personalised")
    };
    assert_eq!(lasting.access, Access::Blocked);
    assert_eq!(lasting.pin_tries, Some(3), "not above the limit");
}
