//! The chip with a security domain, opened and loaded by the host's side of the channel.

use persotwin_emv::aid::Aid;
use persotwin_emv::dgi::{self, Dgi};
use persotwin_emv::scp::{
    Answer, HostSession, OpenError, Opening, Protocol, SecurityLevel, Terms, TermsText,
};
use proptest::prelude::*;

use crate::{Chip, ChipSerial, Domain, Factory, Profile};

const VISA: &str = "A0000000031010";
const KEY: &str = "404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F";
const CHALLENGE: [u8; 8] = *b"drawn by";

/// A complete set with a PIN. Keys and check values are those of a public script.
const GROUPINGS: &str = "0101 0C 700A 57088999990000000000 0201 08 7006 5F2403311231 \
     3000 0A 9F36020003 9F13020001 9102 14 A512 500454455354 870101 9F38039F1A02 5F2D00 \
     9104 0E 82021800 9408 08010100 10010100 \
     8000 30 11223344006677881122334455007788 8B4F854F0831FBF2635A212E4DDDB92A \
     11220044556677881122330055667788 9000 09 97DCB0CE4E2CB37DF3 \
     9010 02 0303 8010 08 241234FFFFFFFFFF";

pub(crate) fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap()
}

fn groupings() -> Vec<Dgi> {
    dgi::parse(&hex(GROUPINGS)).unwrap()
}

pub(crate) fn terms(protocol: &str, level: &str, digits: usize) -> Terms {
    let protocol: Protocol = protocol.parse().unwrap();
    let text = TermsText {
        protocol,
        transport_key: KEY[..digits].to_owned(),
        diversification: match protocol {
            Protocol::Scp02(_) => "emv-cps".parse().unwrap(),
            Protocol::Scp03(_) => "kdf3".parse().unwrap(),
        },
        key_version: "30".parse().unwrap(),
        level: level.parse().unwrap(),
    };
    Terms::try_from(text).unwrap()
}

pub(crate) fn secured(terms: &Terms) -> Chip {
    let factory = Factory {
        terms: terms.clone(),
        master_key: "423456".parse().unwrap(),
        tries: 3.try_into().unwrap(),
    };
    let profile = Profile::generic().secured(factory);
    let mut chip = Chip::blank(ChipSerial([1, 2, 3, 4, 5, 6, 7, 8]), &profile);
    chip.power_on();
    chip
}

fn send(chip: &mut Chip, command: &str) -> String {
    hex::encode_upper(chip.transmit(&hex(command)))
}

fn select(chip: &mut Chip, name: &str) {
    let answer = send(chip, &format!("00A40400{:02X}{name}00", name.len() / 2));
    assert!(answer.ends_with("9000"), "{answer}");
}

fn open_to(chip: &mut Chip, terms: &Terms, name: &str) -> Result<HostSession, OpenError> {
    let opening = Opening::new(terms, &Aid::parse(name).unwrap(), CHALLENGE);
    let answer = chip.transmit(&opening.command());
    let (proving, command) = opening.answered(&answer)?;
    proving.answered(&chip.transmit(&command))
}

/// A powered chip with the application selected and its channel open.
fn opened(terms: &Terms) -> (Chip, HostSession) {
    let mut chip = secured(terms);
    select(&mut chip, VISA);
    let session = open_to(&mut chip, terms, VISA).unwrap();
    (chip, session)
}

/// One exchange through the channel; what waits is fetched.
fn exchange(chip: &mut Chip, session: HostSession, command: &[u8]) -> (HostSession, Answer) {
    let (awaiting, command) = session.wrap(command).unwrap();
    let mut answer = chip.transmit(&command);
    if let [0x61, len] = answer[..] {
        answer = chip.transmit(&[0x00, 0xC0, 0x00, 0x00, len]);
    }
    awaiting.answered(&answer).unwrap()
}

fn status(answer: &Answer) -> String {
    hex::encode_upper(answer.status)
}

/// Loads everything; the last status.
fn load(chip: &mut Chip, mut session: HostSession, groupings: &[Dgi]) -> String {
    let mut last = String::new();
    for command in session.store_data(groupings).unwrap() {
        let answer;
        (session, answer) = exchange(chip, session, &command);
        last = status(&answer);
        if last != "9000" {
            break;
        }
    }
    last
}

/// Every protocol and size of key with every level that it has.
fn every_terms() -> Vec<Terms> {
    let all = |protocol: Protocol| {
        let sizes: &[usize] = match protocol {
            Protocol::Scp02(_) => &[32],
            Protocol::Scp03(_) => &[32, 48, 64],
        };
        let levels = SecurityLevel::ALL.into_iter();
        levels
            .filter(move |level| protocol.allows(*level))
            .flat_map(move |level| sizes.iter().map(move |size| (protocol, level, *size)))
    };
    Protocol::all()
        .flat_map(all)
        .map(|(protocol, level, size)| terms(&protocol.to_string(), &level.to_string(), size))
        .collect()
}

#[test]
fn a_card_is_made_on_all_terms() {
    for terms in every_terms() {
        let (mut chip, session) = opened(&terms);
        assert_eq!(load(&mut chip, session, &groupings()), "9000", "{terms:?}");
        let application = chip.personalised().unwrap();
        for grouping in groupings() {
            let found = application.grouping(grouping.id());
            assert_eq!(found, Some(grouping.value()), "{grouping:?}");
        }
        let domain = chip.domain().unwrap();
        assert_eq!((domain.counter().value(), domain.tries_left()), (1, 3));
        // Personalised: the channel is closed, and there is none to the application any more.
        assert_eq!(send(&mut chip, "80E2800003920000"), "6985");
        select(&mut chip, VISA);
        let refused = open_to(&mut chip, &terms, VISA).unwrap_err();
        assert_eq!(refused, OpenError::Refused([0x69, 0x85]));
    }
}

#[test]
fn without_the_channel_nothing_is_loaded() {
    let mut chip = secured(&terms("scp03-i70", "01", 32));
    let before = chip.clone();
    select(&mut chip, VISA);
    assert_eq!(send(&mut chip, "80E2000003920000"), "6982");
    assert_eq!(send(&mut chip, "84E200000B9200000011223344556677"), "6882");
    assert_eq!(send(&mut chip, "80E6200007000000000000 00"), "6982");
    assert_eq!(send(&mut chip, "80F0400F07A0000000031010"), "6982");
    assert_eq!(chip, before);
}

#[test]
fn a_channel_below_the_stocks_level_loads_nothing() {
    let stock = terms("scp03-i70", "33", 32);
    let mut chip = secured(&stock);
    select(&mut chip, VISA);
    let session = open_to(&mut chip, &terms("scp03-i70", "13", 32), VISA).unwrap();
    assert_eq!(load(&mut chip, session, &groupings()), "6982");
    assert!(!chip.holds_keys());
    // And one above it does.
    let mut chip = secured(&terms("scp03-i70", "01", 32));
    select(&mut chip, VISA);
    let session = open_to(&mut chip, &stock, VISA).unwrap();
    assert_eq!(load(&mut chip, session, &groupings()), "9000");
}

#[test]
fn an_option_without_answer_macs_refuses_them() {
    for (protocol, beyond) in [("scp02-i55", "scp02-i75"), ("scp03-i30", "scp03-i70")] {
        let level = if protocol == "scp02-i55" { "11" } else { "33" };
        let mut chip = secured(&terms(protocol, "01", 32));
        select(&mut chip, VISA);
        let refused = open_to(&mut chip, &terms(beyond, level, 32), VISA).unwrap_err();
        match refused {
            OpenError::Refused(status) => assert_eq!(status, [0x6A, 0x86]),
            // With SCP03 the chip says its option at once.
            other => assert!(matches!(other, OpenError::Protocol { .. }), "{other}"),
        }
    }
}

#[test]
fn secrets_come_enciphered() {
    let (mut chip, session) = opened(&terms("scp02-i55", "03", 32));
    let keys = hex(
        "80E2000033 8000 30 11223344006677881122334455007788 8B4F854F0831FBF2635A212E4DDDB92A 11220044556677881122330055667788",
    );
    let (session, answer) = exchange(&mut chip, session, &keys);
    assert_eq!(status(&answer), "6982");
    // A refusal leaves the channel open.
    let (session, answer) = exchange(&mut chip, session, &hex("80E2600007 8000 04 01020304"));
    assert_eq!(status(&answer), "6A80");
    let (session, answer) = exchange(&mut chip, session, &hex("80E2200007 8000 04 01020304"));
    assert_eq!(status(&answer), "6A86");
    assert!(!chip.holds_keys());
    // One grouping does not come half in the clear.
    let (session, answer) = exchange(&mut chip, session, &hex("80E2600005 7FFF 04 0102"));
    assert_eq!(status(&answer), "9000");
    let (_, answer) = exchange(&mut chip, session, &hex("80E2000102 0304"));
    assert_eq!(status(&answer), "6A80");
}

#[test]
fn wrong_keys_cost_tries_until_the_chip_is_locked() {
    let stock = terms("scp02-i15", "01", 32);
    let mut chip = secured(&stock);
    select(&mut chip, VISA);
    let attempt = |chip: &mut Chip, data: &str| {
        let answer = send(chip, "805000000801020304050607 0800");
        assert!(answer.ends_with("9000") || answer.len() == 4, "{answer}");
        (answer.len() > 4).then(|| send(chip, &format!("8482010010{data}")))
    };
    let wrong = "00".repeat(16);
    assert_eq!(attempt(&mut chip, &wrong).as_deref(), Some("6300"));
    assert_eq!(chip.domain().unwrap().tries_left(), 2);
    // A channel that opens gives the tries back.
    open_to(&mut chip, &stock, VISA).unwrap();
    assert_eq!(chip.domain().unwrap().tries_left(), 3);
    for left in [2, 1, 0] {
        assert_eq!(attempt(&mut chip, &wrong).as_deref(), Some("6300"));
        assert_eq!(chip.domain().unwrap().tries_left(), left);
    }
    assert!(chip.domain().unwrap().is_locked());
    let refused = open_to(&mut chip, &stock, VISA).unwrap_err();
    assert_eq!(refused, OpenError::Refused([0x69, 0x83]));
    // Neither a reset nor the way through a file unlocks it.
    let file = serde_json::to_string(&chip).unwrap();
    let mut chip: Chip = serde_json::from_str(&file).unwrap();
    chip.power_on();
    let refused = open_to(&mut chip, &stock, VISA).unwrap_err();
    assert_eq!(refused, OpenError::Refused([0x69, 0x83]));
}

#[test]
fn what_initialize_update_refuses() {
    let mut chip = secured(&terms("scp02-i55", "01", 32));
    for (command, status) in [
        ("8050310008 0102030405060708 00", "6A88"),
        ("8050000108 0102030405060708 00", "6A86"),
        ("8050000007 01020304050607 00", "6700"),
        ("8482010010 00000000000000000000000000000000", "6985"),
        ("0482010010 00000000000000000000000000000000", "6882"),
    ] {
        assert_eq!(send(&mut chip, command), status, "{command}");
    }
    assert_eq!(chip.domain().unwrap().tries_left(), 3);
    let mut open = Chip::blank(ChipSerial([0; 8]), &Profile::generic());
    open.power_on();
    assert_eq!(send(&mut open, "8050000008 0102030405060708 00"), "6D00");
}

#[test]
fn a_challenge_waits_for_the_next_command_only() {
    let stock = terms("scp03-i70", "01", 32);
    for (between, works) in [("", true), ("80CA006600", false), ("80CA9F3600", false)] {
        let mut chip = secured(&stock);
        let name = hex::encode_upper(Domain::NAME);
        let opening = Opening::new(&stock, &Aid::parse(&name).unwrap(), CHALLENGE);
        let answer = chip.transmit(&opening.command());
        let (proving, command) = opening.answered(&answer).unwrap();
        if !between.is_empty() {
            send(&mut chip, between);
        }
        let proved = proving.answered(&chip.transmit(&command));
        assert_eq!(proved.is_ok(), works, "{between}");
    }
    // Fetching the answer in two steps is no command in between.
    let mut chip = secured(&stock);
    let name = hex::encode_upper(Domain::NAME);
    let opening = Opening::new(&stock, &Aid::parse(&name).unwrap(), CHALLENGE);
    let command = opening.command();
    assert_eq!(chip.transmit(&command[..13]), [0x61, 0x20]);
    let answer = chip.transmit(&[0x00, 0xC0, 0x00, 0x00, 0x20]);
    let (proving, command) = opening.answered(&answer).unwrap();
    assert!(proving.answered(&chip.transmit(&command)).is_ok());
}

#[test]
fn what_closes_the_channel() {
    for close in [
        format!("00A4040007{VISA}00"),
        "00A4040007A000000004101000".to_owned(),
        "8050000008010203040506070800".to_owned(),
        "80E2000003920000".to_owned(),
        "80CA006600".to_owned(),
    ] {
        let (mut chip, session) = opened(&terms("scp02-i75", "01", 32));
        send(&mut chip, &close);
        let (_, command) = session.wrap(&hex("80E2000003920000")).unwrap();
        let answer = chip.transmit(&command);
        assert!([[0x69, 0x82], [0x68, 0x82]].contains(&answer[..].try_into().unwrap()));
    }
    let (mut chip, session) = opened(&terms("scp02-i75", "01", 32));
    chip.power_on();
    select(&mut chip, VISA);
    let (_, command) = session.wrap(&hex("80E2000003920000")).unwrap();
    assert_eq!(chip.transmit(&command), [0x68, 0x82]);
    // A SELECT that finds nothing leaves it open.
    let (mut chip, session) = opened(&terms("scp02-i75", "01", 32));
    assert_eq!(send(&mut chip, "00A4040006A0000000999900"), "6A82");
    let (_, answer) = exchange(&mut chip, session, &hex("80E20000037FFF00"));
    assert_eq!(status(&answer), "9000");
}

#[test]
fn a_wrong_le_is_asked_again_through_the_channel() {
    let stock = terms("scp03-i70", "33", 32);
    let mut chip = secured(&stock);
    let name = hex::encode_upper(Domain::NAME);
    let session = open_to(&mut chip, &stock, &name).unwrap();
    let (awaiting, mut command) = session.wrap(&hex("80CA00CF05")).unwrap();
    let [0x6C, exact] = chip.transmit(&command)[..] else {
        panic!("the answer fits")
    };
    *command.last_mut().unwrap() = exact;
    let (_, answer) = awaiting.answered(&chip.transmit(&command)).unwrap();
    assert_eq!(hex::encode_upper(&*answer.data), "CF0A423456FFFFFF05060708");
}

#[test]
fn the_security_domain_says_what_it_speaks() {
    let mut chip = secured(&terms("scp02-i75", "01", 32));
    let selected = send(&mut chip, "00A4040000");
    assert_eq!(selected, "6F108408A000000151000000A5049F6501FF9000");
    let recognised = send(&mut chip, "80CA006600");
    assert!(recognised.starts_with("6630732E"), "{recognised}");
    assert!(recognised.ends_with("640B06092A864886FC6B0402759000"));
    assert_eq!(
        send(&mut chip, "80CA00E000"),
        "E012C00401308010C00402308010C004033080109000"
    );
    assert_eq!(send(&mut chip, "80CA9F3600"), "6A88");
    assert_eq!(send(&mut chip, "00B2010C00"), "6A82");
}

/// Through the security domain: INSTALL, STORE DATA, and either the last block or SET STATUS.
#[test]
fn a_card_is_made_through_the_security_domain() {
    let stock = terms("scp03-i70", "13", 48);
    let name = hex::encode_upper(Domain::NAME);
    let install =
        hex(&format!("80E620000C 0000 07{VISA} 000000 00").replace("80E620000C", "80E620000D"));
    for by_set_status in [false, true] {
        let mut chip = secured(&stock);
        let session = open_to(&mut chip, &stock, &name).unwrap();
        let (session, answer) = exchange(&mut chip, session, &hex("80E2000003 7FFF00 00"));
        assert_eq!(status(&answer), "6A88");
        let unknown = hex("80E6200008 0000 02A000 000000 00");
        let (session, answer) = exchange(&mut chip, session, &unknown);
        assert_eq!(status(&answer), "6A88");
        let (mut session, answer) = exchange(&mut chip, session, &install);
        assert_eq!(status(&answer), "9000");
        let set_status = hex(&format!("80F0400F07{VISA}00"));
        for mut command in session.store_data(&groupings()).unwrap() {
            if by_set_status {
                command[2] &= 0x7F;
            }
            let answer;
            (session, answer) = exchange(&mut chip, session, &command);
            assert_eq!(status(&answer), "9000");
        }
        if by_set_status {
            assert!(chip.personalised().is_none());
            let (_, answer) = exchange(&mut chip, session, &set_status);
            assert_eq!(status(&answer), "9000");
        }
        assert!(chip.personalised().is_some());
        let session = open_to(&mut chip, &stock, &name).unwrap();
        let (_, answer) = exchange(&mut chip, session, &install);
        assert_eq!(status(&answer), "6985");
    }
}

#[test]
fn set_status_needs_a_complete_application() {
    let (mut chip, session) = opened(&terms("scp02-i55", "01", 32));
    let set_status = hex(&format!("80F0400F07{VISA}"));
    let (session, answer) = exchange(&mut chip, session, &set_status);
    assert_eq!(status(&answer), "6985");
    let (session, answer) = exchange(&mut chip, session, &hex("80F0800F07A0000000031010"));
    assert_eq!(status(&answer), "6A86");
    let (_, answer) = exchange(&mut chip, session, &hex("80F0400F05A000000099"));
    assert_eq!(status(&answer), "6A88");
}

#[test]
fn a_file_keeps_the_counter_and_refuses_what_cannot_be() {
    let stock = terms("scp03-i70", "33", 64);
    let (chip, _) = opened(&stock);
    let file = serde_json::to_value(&chip).unwrap();
    let back: Chip = serde_json::from_value(file.clone()).unwrap();
    assert_eq!(back, chip);
    assert_eq!(back.domain().unwrap().counter().value(), 1);
    for (member, value, sentence) in [
        (
            "protocol",
            "scp03-i30",
            "scp03-i30 has no security level 33",
        ),
        (
            "protocol",
            "scp02-i75",
            "scp02-i75 has no security level 33",
        ),
        ("keyData", "00000000000000000000", "key data 0000"),
        ("level", "34", "a security level is one of"),
    ] {
        let mut edited = file.clone();
        edited["domain"][member] = value.into();
        let error = serde_json::from_value::<Chip>(edited)
            .unwrap_err()
            .to_string();
        assert!(error.contains(sentence), "{error}");
    }
    for (member, value, sentence) in [
        ("triesLeft", 4, "4 of 3 tries left"),
        ("counter", 0x0100_0000, "a sequence counter of"),
    ] {
        let mut edited = file.clone();
        edited["domain"][member] = value.into();
        let error = serde_json::from_value::<Chip>(edited)
            .unwrap_err()
            .to_string();
        assert!(error.contains(sentence), "{error}");
    }
    let shown = format!("{chip:?}");
    let keys = file["domain"]["keys"][0].as_str().unwrap();
    assert!(!shown.contains(keys) && shown.contains("Key("));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_wrong_mac_changes_nothing_and_closes_the_channel(
        terms in proptest::sample::select(every_terms()),
        number in any::<proptest::sample::Index>(),
        place in any::<proptest::sample::Index>(),
        bit in 0..8_u8,
    ) {
        prop_assume!(terms.level().has_command_mac());
        let (mut chip, mut session) = opened(&terms);
        let commands = session.store_data(&groupings()).unwrap();
        let number = number.index(commands.len());
        for command in &commands[..number] {
            (session, _) = exchange(&mut chip, session, command);
        }
        let (_, mut sent) = session.clone().wrap(&commands[number]).unwrap();
        // Behind header and length, and not the Le that no MAC covers.
        let end = 5 + usize::from(sent[4]);
        let place = 5 + place.index(end - 5);
        let right = sent.clone();
        sent[place] ^= 1 << bit;
        let before = chip.clone();
        prop_assert_eq!(chip.transmit(&sent), [0x69, 0x82]);
        prop_assert_eq!(&chip, &before);
        let answer = chip.transmit(&right);
        prop_assert_eq!(answer, [0x68, 0x82]);
        prop_assert_eq!(&chip, &before);
    }

    #[test]
    fn any_bytes_through_any_channel_get_a_status(
        terms in proptest::sample::select(every_terms()),
        commands in proptest::collection::vec(
            (any::<bool>(), prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..40),
                (
                    proptest::sample::select(vec![0x80_u8, 0x84, 0x00, 0x04]),
                    proptest::sample::select(vec![0xE2_u8, 0x50, 0x82, 0xE6, 0xF0, 0xCA, 0xA4, 0xC0]),
                    any::<[u8; 2]>(),
                    proptest::collection::vec(any::<u8>(), 1..40),
                ).prop_map(|(cla, ins, [p1, p2], data)| {
                    let lc = u8::try_from(data.len()).unwrap();
                    [&[cla, ins, p1 & 0xE0, p2 & 1, lc], &data[..]].concat()
                }),
            ]),
            1..12,
        ),
    ) {
        let (mut chip, session) = opened(&terms);
        let mut session = Some(session);
        for (wrapped, command) in commands {
            let sent = match session.take().filter(|_| wrapped).map(|it| it.wrap(&command)) {
                Some(Ok((awaiting, sent))) => {
                    session = awaiting.answered(&chip.clone().transmit(&sent)).ok().map(|(it, _)| it);
                    sent
                }
                _ => command,
            };
            prop_assert!(chip.transmit(&sent).len() >= 2);
            let file = serde_json::to_string(&chip).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Chip>(&file).unwrap(), &chip);
        }
    }
}
