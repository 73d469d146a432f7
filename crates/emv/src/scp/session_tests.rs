//! The host's side against the chip's: what one protects, the other opens, and nothing else.

use proptest::prelude::*;

use super::*;
use crate::aid::Aid;

const HOST: [u8; 8] = *b"drawn by";
const RANDOM: [u8; 8] = *b"the chip";
const DATA: KeyData = KeyData([0x42, 0x34, 0x56, 0xFF, 0xFF, 0xFF, 0, 1, 2, 3]);
const KEY: &str = "404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F";
const DONE: [u8; 2] = [0x90, 0x00];

fn aid() -> Aid {
    Aid::parse("A0000000031010").unwrap()
}

/// Terms of every protocol, option, level, size of key and diversification.
fn every_terms() -> Vec<Terms> {
    let mut all = Vec::new();
    for protocol in Protocol::all() {
        for level in SecurityLevel::ALL {
            for diversification in Diversification::ALL {
                for digits in [32, 48, 64] {
                    let text = TermsText {
                        protocol,
                        transport_key: KEY[..digits].to_owned(),
                        diversification,
                        key_version: KeyVersion::default(),
                        level,
                    };
                    all.extend(Terms::try_from(text));
                }
            }
        }
    }
    all
}

fn challenge(terms: &Terms, counter: u32) -> (Opening, Challenged, Vec<u8>) {
    let domain = CardDomain {
        credentials: terms.credentials(DATA),
        key_version: terms.key_version(),
        key_data: DATA,
    };
    let opening = Opening::new(terms, &aid(), HOST);
    let command = opening.command();
    let (challenged, mut answer) = domain.challenge(
        Counter::new(counter),
        &aid(),
        RANDOM,
        command[5..13].try_into().unwrap(),
    );
    answer.extend(DONE);
    (opening, challenged, answer)
}

fn open(terms: &Terms) -> (HostSession, CardSession) {
    let (opening, challenged, answer) = challenge(terms, 7);
    let (proving, command) = opening.answered(&answer).unwrap();
    let (head, data) = parts(&command);
    let card = challenged.authenticate(head, data).unwrap();
    (proving.answered(&DONE).unwrap(), card)
}

/// Header and data of a command as it is sent.
fn parts(command: &[u8]) -> ([u8; 4], &[u8]) {
    let head = command[..4].try_into().unwrap();
    match command[4..] {
        [] | [_] => (head, &[]),
        [lc, ref rest @ ..] => (head, &rest[..usize::from(lc)]),
    }
}

fn any_terms() -> impl Strategy<Value = Terms> {
    proptest::sample::select(every_terms())
}

#[test]
fn there_are_terms_of_every_kind() {
    let all = every_terms();
    let levels = |text: &str| {
        let protocol: Protocol = text.parse().unwrap();
        all.iter()
            .filter(|terms| terms.protocol() == protocol)
            .count()
    };
    // Levels by diversifications by sizes.
    assert_eq!(levels("scp02-i55"), 3 * 3);
    assert_eq!(levels("scp02-i75"), 5 * 3);
    assert_eq!(levels("scp03-i70"), 6 * 2 * 3);
}

#[test]
fn a_counter_ends() {
    let next = |protocol: &str, value| {
        let protocol = protocol.parse().unwrap();
        Counter::new(value).next(protocol).map(Counter::value)
    };
    assert_eq!(next("scp02-i55", 0xFFFE), Some(0xFFFF));
    assert_eq!(next("scp02-i55", 0xFFFF), None);
    assert_eq!(next("scp03-i70", 0xFFFF), Some(0x1_0000));
    assert_eq!(next("scp03-i70", 0xFF_FFFF), None);
}

#[test]
fn what_the_chip_refuses_at_authentication() {
    let terms = |protocol: &str, level: &str| {
        let mut all = every_terms().into_iter();
        all.find(|terms| {
            terms.protocol().to_string() == protocol && terms.level().to_string() == level
        })
        .unwrap()
    };
    let refusal = |protocol, change: &dyn Fn(&mut Vec<u8>)| {
        let (opening, challenged, answer) = challenge(&terms(protocol, "01"), 7);
        let (_, mut command) = opening.answered(&answer).unwrap();
        change(&mut command);
        let (head, data) = (command[..4].try_into().unwrap(), &command[5..]);
        challenged.authenticate(head, data).unwrap_err()
    };
    for protocol in ["scp02-i55", "scp03-i10"] {
        let none = refusal(protocol, &|command| command[2] = 0x02);
        assert_eq!(none, Authentication::Level);
        let beyond = refusal(protocol, &|command| command[2] = 0x11);
        assert_eq!(beyond, Authentication::Level);
        // A level that exists and was not meant: the MAC covers it.
        let other = refusal(protocol, &|command| command[2] = 0x03);
        assert_eq!(other, Authentication::Mac);
        let host = refusal(protocol, &|command| command[5] ^= 1);
        assert_eq!(host, Authentication::Cryptogram);
        let mac = refusal(protocol, &|command| command[20] ^= 1);
        assert_eq!(mac, Authentication::Mac);
        let short = refusal(protocol, &|command| command.truncate(20));
        assert_eq!(short, Authentication::Length);
    }
}

#[test]
fn an_scp03_error_and_a_closed_scp02_channel_are_bare() {
    for terms in every_terms() {
        let (host, mut card) = open(&terms);
        let (awaiting, sent) = host.wrap(&[0x80, 0xE2, 0x80, 0x00]).unwrap();
        let (head, data) = parts(&sent);
        (card, _) = card.command(head, data).unwrap();
        let answer = card.answer(b"nothing", [0x6A, 0x88]).unwrap();
        let heard = awaiting.clone().answered(&answer);
        assert_eq!(heard.unwrap().1.status, [0x6A, 0x88]);
        let bare = awaiting.clone().answered(&[0x69, 0x82]);
        let must_be_protected = terms.level().responses() != ResponseProtection::None;
        let is_scp02 = terms.protocol().number() == 2;
        assert_eq!(bare.is_err(), is_scp02 && must_be_protected);
        assert_eq!(awaiting.answered(&DONE).is_err(), must_be_protected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_one_end_protects_the_other_opens(
        terms in any_terms(),
        exchanges in proptest::collection::vec(
            (
                any::<[u8; 3]>(),
                proptest::collection::vec(any::<u8>(), 0..=239),
                proptest::option::of(any::<u8>()),
                proptest::collection::vec(any::<u8>(), 0..=239),
                proptest::sample::select(vec![DONE, [0x62, 0x83], [0x63, 0x10]]),
            ),
            1..6,
        ),
    ) {
        let (mut host, mut card) = open(&terms);
        for ([ins, p1, p2], data, le, answer, status) in exchanges {
            let lc = u8::try_from(data.len()).unwrap();
            let mut command = vec![0x80, ins, p1, p2];
            command.extend((lc > 0).then_some(lc));
            command.extend(&data);
            command.extend(le);
            prop_assert!(data.len() <= host.room() && answer.len() <= card.answer_room());
            let (awaiting, sent) = host.wrap(&command).unwrap();
            if terms.level().has_command_cipher() && data.len() > 8 {
                prop_assert!(!sent.windows(data.len()).any(|window| window == data));
            }
            let (head, body) = parts(&sent);
            let (next, plain) = card.command(head, body).unwrap();
            prop_assert_eq!(&*plain, &data);
            card = next;
            let protected = card.answer(&answer, status).unwrap();
            prop_assert!(protected.len() <= 258);
            let heard;
            (host, heard) = awaiting.answered(&protected).unwrap();
            prop_assert_eq!((&*heard.data, heard.status), (&answer, status));
        }
    }

    #[test]
    fn a_changed_command_ends_the_session(
        terms in any_terms(),
        data in proptest::collection::vec(any::<u8>(), 1..=200),
        place in any::<proptest::sample::Index>(),
        bit in 0..8_u8,
    ) {
        prop_assume!(terms.level().has_command_mac());
        let (host, card) = open(&terms);
        let lc = u8::try_from(data.len()).unwrap();
        let (_, mut sent) = host.wrap(&[&[0x80, 0xE2, 0x00, 0x00, lc], &data[..]].concat()).unwrap();
        let place = place.index(sent.len());
        // The length itself is not the chip's to judge here.
        prop_assume!(place != 4);
        sent[place] ^= 1 << bit;
        prop_assert!(card.command(sent[..4].try_into().unwrap(), &sent[5..]).is_err());
    }

    #[test]
    fn a_changed_answer_ends_the_session(
        terms in any_terms(),
        answer in proptest::collection::vec(any::<u8>(), 0..=200),
        place in any::<proptest::sample::Index>(),
        bit in 0..8_u8,
    ) {
        prop_assume!(terms.level().responses() != ResponseProtection::None);
        let (host, card) = open(&terms);
        let (awaiting, sent) = host.wrap(&[0x80, 0xCA, 0x00, 0x66, 0x00]).unwrap();
        let (head, data) = parts(&sent);
        let (mut card, _) = card.command(head, data).unwrap();
        let mut protected = card.answer(&answer, DONE).unwrap();
        let place = place.index(protected.len());
        protected[place] ^= 1 << bit;
        prop_assert!(awaiting.answered(&protected).is_err());
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(
        terms in any_terms(),
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        head in any::<[u8; 4]>(),
    ) {
        let (opening, challenged, _) = challenge(&terms, 7);
        prop_assert!(opening.answered(&bytes).is_err());
        prop_assert!(challenged.authenticate(head, &bytes).is_err());
        let (host, card) = open(&terms);
        if terms.level().has_command_mac() {
            prop_assert!(card.clone().command(head, &bytes).is_err());
        }
        let _ = card.decrypt_sensitive(&bytes);
        if let Ok((awaiting, _)) = host.wrap(&bytes) {
            let heard = awaiting.answered(&bytes);
            prop_assert!(heard.is_err() || terms.level().responses() == ResponseProtection::None
                || bytes.len() == 2);
        }
    }

    #[test]
    fn secrets_go_through(
        terms in any_terms(),
        secret in proptest::collection::vec(any::<u8>(), 1..100),
    ) {
        let (host, card) = open(&terms);
        let wrapped = host.encrypt_sensitive(&secret).unwrap();
        let opened = card.decrypt_sensitive(&wrapped).unwrap();
        let block = if terms.protocol().number() == 2 { 8 } else { 16 };
        if secret.len() % block == 0 {
            prop_assert_eq!(opened.whole(), &secret[..]);
        } else {
            prop_assert_eq!(opened.unpadded(), Some(&secret[..]));
        }
        prop_assert!(wrapped.len().is_multiple_of(block));
    }
}
