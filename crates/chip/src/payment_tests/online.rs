//! Approved, declined, and what stands against the next payment.

use super::*;

#[test]
fn a_payment_is_approved_online() {
    for version in [CryptogramVersion::Cvn10, CryptogramVersion::Cvn18] {
        let mut card = Card::of(&Kind {
            version,
            profile: ONLINE,
            ..Kind::default()
        });
        card.begin();
        assert_eq!(card.verify("241234FFFFFFFFFF"), "9000");
        let heard = card.first(CryptogramType::Approval);
        assert_eq!(heard.kind, CryptogramType::Request, "a new card asks");
        let expected = CardResults::first(CryptogramType::Request)
            .with(Finding::NewCard)
            .with(Finding::PinCompared);
        assert_eq!(heard.results(), expected);
        assert_eq!((heard.atc, heard.issuer_data.version), ([0, 1], version));
        let answer = card.answer(version, &heard, Decision::Approved);
        assert_eq!(card.external_authenticate(&answer), "9000");
        assert_eq!(card.external_authenticate(&answer), "6985");
        let heard = card.second(CryptogramType::Approval, *b"00", &[]);
        assert_eq!(heard.kind, CryptogramType::Approval);
        assert_eq!(heard.results().0[0], 0x64);
        assert_eq!(card.last_online(), "9F130200019000");
        // The next one needs no issuer.
        card.next();
        let heard = card.first(CryptogramType::Approval);
        assert_eq!(heard.kind, CryptogramType::Approval);
        assert_eq!(heard.results().0, [0x90, 0, 0]);
        assert_eq!(heard.atc, [0, 2]);
    }
}

#[test]
fn a_payment_is_declined_by_the_issuer_the_terminal_or_the_chip() {
    for version in [CryptogramVersion::Cvn10, CryptogramVersion::Cvn18] {
        let mut card = Card::of(&Kind {
            version,
            profile: ONLINE,
            ..Kind::default()
        });
        card.begin();
        let heard = card.first(CryptogramType::Request);
        let answer = card.answer(version, &heard, Decision::Refused);
        assert_eq!(card.external_authenticate(&answer), "9000");
        // Even if the terminal wants an approval.
        let heard = card.second(CryptogramType::Approval, *b"00", &[]);
        assert_eq!(heard.kind, CryptogramType::Refusal);
        card.next();
        let heard = card.first(CryptogramType::Refusal);
        assert_eq!(heard.kind, CryptogramType::Refusal);
        let again = Card::generate_ac(CryptogramType::Refusal, &terminal().to_bytes());
        assert_eq!(card.send(&again), "6985");
    }
}

#[test]
fn a_forged_answer_declines_and_stands_against_the_next_payment() {
    let kind = Kind {
        profile: ONLINE,
        ..Kind::default()
    };
    let mut card = Card::used(&kind);
    card.begin();
    let heard = card.first(CryptogramType::Request);
    let mut answer = card.answer(kind.version, &heard, Decision::Approved);
    answer[0] ^= 1;
    assert_eq!(card.external_authenticate(&answer), "6300");
    answer[0] ^= 1;
    assert_eq!(card.external_authenticate(&answer), "6985", "only once");
    let heard = card.second(CryptogramType::Approval, *b"00", &[]);
    assert_eq!(heard.kind, CryptogramType::Refusal);
    assert!(heard.results().has(Finding::IssuerAuthenticationFailed));
    assert_eq!(card.last_online(), "9F130200019000");
    card.next();
    let heard = card.first(CryptogramType::Approval);
    assert_eq!(heard.kind, CryptogramType::Request);
    assert!(heard.results().has(Finding::LastIssuerAuthenticationFailed));
}

#[test]
fn the_answer_may_come_in_the_second_list() {
    for version in [CryptogramVersion::Cvn10, CryptogramVersion::Cvn18] {
        let kind = Kind {
            version,
            cdol2: Some(CDOL2_WITH_ANSWER),
            ..Kind::default()
        };
        for (decision, given) in [
            (Decision::Approved, CryptogramType::Approval),
            (Decision::Refused, CryptogramType::Refusal),
        ] {
            let mut card = Card::used(&kind);
            card.begin();
            let heard = card.first(CryptogramType::Request);
            let answer = card.answer(version, &heard, decision);
            assert_eq!(card.external_authenticate(&answer), "6985", "not offered");
            let heard = card.second(CryptogramType::Approval, *b"00", &answer);
            assert_eq!(heard.kind, given);
        }
        let mut card = Card::used(&kind);
        card.begin();
        card.first(CryptogramType::Request);
        let heard = card.second(CryptogramType::Approval, *b"00", &[1; 10]);
        assert!(heard.results().has(Finding::IssuerAuthenticationFailed));
        // None at all: it is told, now and the next time.
        card.next();
        card.first(CryptogramType::Request);
        let heard = card.second(CryptogramType::Approval, *b"00", &[]);
        assert_eq!(heard.kind, CryptogramType::Approval);
        assert!(heard.results().has(Finding::IssuerAuthenticationMissing));
        card.next();
        let heard = card.first(CryptogramType::Approval);
        assert_eq!(heard.kind, CryptogramType::Request);
    }
}

#[test]
fn an_issuer_may_be_needed() {
    let kind = Kind {
        limits: "9F560180",
        ..Kind::default()
    };
    let mut card = Card::of(&kind);
    card.begin();
    card.first(CryptogramType::Request);
    let heard = card.second(CryptogramType::Approval, *b"00", &[]);
    assert_eq!(heard.kind, CryptogramType::Refusal);
}

#[test]
fn a_terminal_that_cannot_go_online_may_approve() {
    let mut card = Card::used(&Kind::default());
    card.begin();
    card.first(CryptogramType::Request);
    let heard = card.second(CryptogramType::Approval, *b"Y3", &[]);
    assert_eq!(heard.kind, CryptogramType::Approval);
    assert!(heard.results().has(Finding::UnableToGoOnline));
    assert_eq!(card.last_online(), "9F130200019000");
    card.next();
    assert_eq!(
        card.first(CryptogramType::Approval).kind,
        CryptogramType::Request
    );
}

#[test]
fn what_was_never_finished_is_told() {
    let mut card = Card::used(&Kind::default());
    card.begin();
    card.first(CryptogramType::Request);
    card.next();
    let heard = card.first(CryptogramType::Approval);
    assert_eq!(heard.kind, CryptogramType::Request);
    assert!(heard.results().has(Finding::LastOnlineUnfinished));
    let heard = card.second(CryptogramType::Approval, *b"00", &[]);
    assert!(heard.results().has(Finding::LastOnlineUnfinished));
    card.next();
    assert_eq!(
        card.first(CryptogramType::Approval).results().0,
        [0x90, 0, 0]
    );
}

#[test]
fn a_limit_sends_the_card_online() {
    let mut card = Card::used(&Kind {
        limits: "9F140102",
        ..Kind::default()
    });
    for expected in [
        CryptogramType::Approval,
        CryptogramType::Approval,
        CryptogramType::Request,
    ] {
        card.next();
        assert_eq!(card.first(CryptogramType::Approval).kind, expected);
    }
}

#[test]
fn commands_out_of_their_place_are_refused() {
    let mut card = Card::new();
    let data = terminal().to_bytes();
    let generate = Card::generate_ac(CryptogramType::Request, &data);
    assert_eq!(card.send(&generate), "6985");
    assert_eq!(card.external_authenticate(&[0; 8]), "6985");
    assert_eq!(card.send(&[0x00, 0x88, 0, 0, 4, 1, 2, 3, 4, 0]), "6985");
    card.begin();
    assert_eq!(card.external_authenticate(&[0; 8]), "6985");
    assert_eq!(card.send(&[0x00, 0x88, 0, 0, 4, 1, 2, 3, 4, 0]), "6985");
    let short = Card::generate_ac(CryptogramType::Request, &data[1..]);
    assert_eq!(card.send(&short), "6700");
    for (p1, p2) in [(0xC0, 0), (0x90, 0), (0x81, 0), (0x80, 1)] {
        let mut wrong = generate.clone();
        (wrong[2], wrong[3]) = (p1, p2);
        assert_eq!(card.send(&wrong), "6A86", "{p1:02X} {p2:02X}");
    }
    assert_eq!(
        card.first(CryptogramType::Request).kind,
        CryptogramType::Request
    );
    assert_eq!(card.verify("241234FFFFFFFFFF"), "6985");
    let mut request = data.clone();
    request.splice(0..0, *b"00");
    let request = Card::generate_ac(CryptogramType::Request, &request);
    assert_eq!(
        card.send(&request),
        "6985",
        "a request cannot be the second"
    );
}

#[test]
fn a_challenge_comes_once() {
    let mut card = Card::new();
    let first = card.send(&[0x00, 0x84, 0, 0, 8]);
    assert_eq!(first.len(), 20);
    assert_eq!(card.send(&[0x00, 0x84, 0, 0]), "6C08");
    let json = serde_json::to_string(&card.chip).unwrap();
    card.chip = serde_json::from_str(&json).unwrap();
    card.chip.power_on();
    assert_eq!(
        card.send(&[0x00, 0x84, 0, 0, 8]),
        "6985",
        "nothing is selected"
    );
    card.select();
    assert_ne!(card.send(&[0x00, 0x84, 0, 0, 0]), first);
}

#[test]
fn a_reader_of_t_0_pays_too() {
    let mut card = Card::new();
    let fetch = |card: &mut Card, command: &[u8]| {
        let [0x61, len] = card.chip.transmit(command)[..] else {
            panic!("an answer waits")
        };
        done(&mut card.chip, &[0x00, 0xC0, 0x00, 0x00, len])
    };
    fetch(&mut card, &[&[0x00, 0xA4, 0x04, 0x00, 7], AID].concat());
    fetch(&mut card, &[0x80, 0xA8, 0, 0, 4, 0x83, 2, 0x02, 0x50]);
    assert_eq!(card.verify("241234FFFFFFFFFF"), "9000");
    let data = terminal().to_bytes();
    let mut command = Card::generate_ac(CryptogramType::Request, &data);
    command.pop();
    let answer = fetch(&mut card, &command);
    assert_eq!(card.checked(&answer).kind, CryptogramType::Request);
    let data = [&b"00"[..], &data].concat();
    let mut command = Card::generate_ac(CryptogramType::Approval, &data);
    command.pop();
    let answer = fetch(&mut card, &command);
    assert_eq!(card.checked(&answer).kind, CryptogramType::Approval);
    assert_eq!(card.send(&[0x80, 0xCA, 0x9F, 0x36, 0x05]), "9F360200019000");
    assert_eq!(card.send(&[0x80, 0xCA, 0x9F, 0x36, 0x02]), "6C05");
}

#[test]
fn a_file_that_no_payments_could_have_made_is_refused() {
    let json = serde_json::to_string(&Card::used(&Kind::default()).chip).unwrap();
    for (from, to, complaint) in [
        ("\"lastOnline\":1", "\"lastOnline\":2", "remembers"),
        ("\"pinTries\":3", "\"pinTries\":4", "remembers"),
        ("\"pinTries\":3,", "", "remembers"),
        (
            "\"standing\":\"000000\"",
            "\"standing\":\"000001\"",
            "remembers",
        ),
        ("\"version\":1", "\"version\":2", "version 2"),
        ("\"access\":\"open\"", "\"access\":\"ajar\"", "ajar"),
    ] {
        assert!(json.contains(from), "{from}");
        let error = serde_json::from_str::<Chip>(&json.replace(from, to)).unwrap_err();
        assert!(error.to_string().contains(complaint), "{error}");
    }
    assert!(serde_json::from_str::<Chip>(&json).is_ok());
}
