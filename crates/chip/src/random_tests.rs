//! Laws that hold whatever is sent.

use persotwin_emv::authorisation::CryptogramType;
use persotwin_emv::pin::Pin;
use persotwin_emv::script::ScriptCommand;
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::find_path;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::chip_tests::{GROUPINGS, MASTERCARD, PSE, VISA, hex, personalised, powered};
use crate::payment_tests::Card;
use crate::session::Power;
use crate::{Chip, ChipImage, Life};

/// Whether a status word says that nothing happened: neither done, nor a warning.
fn is_refusal(answer: &[u8]) -> bool {
    !matches!(
        answer,
        [.., 0x90, 0x00] | [.., 0x61 | 0x63, _] | [.., 0x62, 0x83] | [.., 0x69, 0x88]
    )
}

/// The chip with its session, but for the answer that waits.
fn shown(chip: &Chip) -> String {
    let mut chip = chip.clone();
    if let Power::On(session) = &mut chip.power {
        session.waiting = None;
    }
    format!("{chip:?}")
}

fn transactions(chip: &Chip) -> u16 {
    match chip.personalised().map(crate::Application::life) {
        Some(Life::Personalised(lasting)) => lasting.transactions,
        _ => 0,
    }
}

/// Sends a command and holds every law against what it did.
fn transmit(chip: &mut Chip, command: &[u8]) -> Result<Vec<u8>, TestCaseError> {
    let before = chip.clone();
    let answer = chip.transmit(command);
    prop_assert!((2..=258).contains(&answer.len()));
    if is_refusal(&answer) {
        prop_assert_eq!(&*chip, &before);
        prop_assert_eq!(shown(chip), shown(&before));
        prop_assert_eq!(answer.len(), 2);
    }
    for (now, then) in chip.applications().iter().zip(before.applications()) {
        prop_assert!(now.is_personalised() || !then.is_personalised());
    }
    prop_assert!(transactions(chip) >= transactions(&before));
    let back = Chip::try_from(&ChipImage::from(&*chip)).unwrap();
    prop_assert_eq!(&back, &*chip);
    Ok(answer)
}

/// Commands that get far into the chip, and any bytes.
fn command() -> impl Strategy<Value = Vec<u8>> {
    let header = prop_oneof![
        Just([0x00, 0xA4, 0x04, 0x00]),
        Just([0x00, 0xA4, 0x04, 0x02]),
        Just([0x80, 0xE2, 0x00, 0x00]),
        Just([0x80, 0xE2, 0x80, 0x01]),
        Just([0x80, 0xA8, 0x00, 0x00]),
        Just([0x80, 0xCA, 0x9F, 0x36]),
        Just([0x00, 0xB2, 0x01, 0x0C]),
        Just([0x00, 0xC0, 0x00, 0x00]),
        any::<[u8; 4]>(),
    ];
    let names = [VISA, MASTERCARD, "A0000000", PSE, "83020840"];
    let data = prop_oneof![
        select(GROUPINGS.to_vec()).prop_map(hex),
        select(names.to_vec()).prop_map(hex),
        proptest::collection::vec(any::<u8>(), 0..255),
    ];
    let framed = (header, data).prop_map(|(header, data)| {
        let lc = u8::try_from(data.len()).unwrap();
        if data.is_empty() {
            header.to_vec()
        } else {
            [&header[..], &[lc], &data].concat()
        }
    });
    prop_oneof![4 => framed, 1 => proptest::collection::vec(any::<u8>(), 0..600)]
}

/// A command of a payment.
#[derive(Debug, Clone, Copy)]
enum Step {
    Reset,
    Select,
    Begin,
    Verify(u16),
    Generate(CryptogramType),
    External,
    Fixed(&'static str),
    Script(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let kinds = vec![
        CryptogramType::Refusal,
        CryptogramType::Approval,
        CryptogramType::Request,
    ];
    let fixed = vec![
        "00B2010C00",
        "00B2011400",
        "80CA9F1700",
        "0084000008",
        "00C0000000",
        "008800000401020304",
        "00A4040206A0000000041000",
    ];
    prop_oneof![
        1 => Just(Step::Reset),
        3 => Just(Step::Select),
        4 => Just(Step::Begin),
        2 => prop_oneof![Just(0x1234), any::<u16>()].prop_map(Step::Verify),
        6 => select(kinds).prop_map(Step::Generate),
        1 => Just(Step::External),
        2 => select(fixed).prop_map(Step::Fixed),
        3 => (0_u8..6).prop_map(Step::Script),
    ]
}

/// What is done to a command before it is sent.
#[derive(Debug, Clone)]
enum Spoil {
    No,
    Flip(Index, u8),
    Cut(Index),
    More(Vec<u8>),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    prop_oneof![
        12 => Just(Spoil::No),
        1 => (any::<Index>(), 0_u8..8).prop_map(|(at, bit)| Spoil::Flip(at, bit)),
        1 => any::<Index>().prop_map(Spoil::Cut),
        1 => proptest::collection::vec(any::<u8>(), 1..4).prop_map(Spoil::More),
    ]
}

impl Spoil {
    fn on(&self, mut command: Vec<u8>) -> Vec<u8> {
        match self {
            Self::No => {}
            Self::Flip(at, bit) => {
                let at = at.index(command.len());
                command[at] ^= 1 << bit;
            }
            Self::Cut(at) => command.truncate(at.index(command.len())),
            Self::More(bytes) => command.extend(bytes),
        }
        command
    }
}

/// The commands of one step, as this card at this place would take it.
fn bytes(card: &Card, heard: Option<&(Vec<u8>, [u8; 8])>, step: Step) -> Vec<u8> {
    let terminal = hex("000000004000 000000000000 0250 8000008000 0978 260617 00 01020304");
    match step {
        Step::Reset => Vec::new(),
        Step::Select => hex("00A4040007A000000004101000"),
        Step::Begin => hex("80A8000004830202 5000"),
        Step::Verify(pin) => hex(&format!("0020008008 24{pin:04X}FFFFFFFFFF")),
        Step::Generate(kind) => {
            let again = if heard.is_some() { &b"00"[..] } else { &[] };
            let data = [again, &terminal].concat();
            let lc = u8::try_from(data.len()).unwrap();
            [&[0x80, 0xAE, kind.bits(), 0, lc], &data[..], &[0]].concat()
        }
        Step::External => hex("0082000008 0011223344556677"),
        Step::Fixed(text) => hex(text),
        Step::Script(which) => {
            let (counter, cryptogram) = heard.cloned().unwrap_or((vec![0, 1], [0; 8]));
            let counter = counter.try_into().unwrap();
            let command = match which {
                0 => ScriptCommand::BlockApplication,
                1 => ScriptCommand::UnblockApplication,
                2 => ScriptCommand::UnblockPin,
                3 => ScriptCommand::ChangePin(Pin::parse("97531").unwrap()),
                4 => ScriptCommand::PutData(Tag::new(0x9F14).unwrap(), vec![1]),
                _ => ScriptCommand::BlockCard,
            };
            card.issuer_script(counter, cryptogram)
                .command(&command)
                .unwrap()
        }
    }
}

proptest! {
    #[test]
    fn a_refused_command_changes_nothing(
        commands in proptest::collection::vec(command(), 1..40),
        complete: bool,
    ) {
        let mut chip = if complete { personalised() } else { powered() };
        for command in commands {
            transmit(&mut chip, &command)?;
        }
    }

    #[test]
    fn any_payment_keeps_the_laws(
        steps in proptest::collection::vec((step(), spoil()), 1..40),
    ) {
        let mut card = Card::new();
        let (mut heard, mut cryptograms) = (None, Vec::new());
        for (step, spoil) in steps {
            if matches!(step, Step::Reset) {
                card.chip.power_on();
                heard = None;
                continue;
            }
            let command = spoil.on(bytes(&card, heard.as_ref(), step));
            let answer = transmit(&mut card.chip, &command)?;
            let path = |tag| [Tag::ANSWER_FORMAT_2, tag];
            let data = answer.strip_suffix(&[0x90, 0x00]).unwrap_or_default();
            let found = find_path(data, &path(Tag::CRYPTOGRAM)).ok().flatten();
            if let Some(cryptogram) = found {
                let counter = find_path(data, &path(Tag::TRANSACTION_COUNTER)).unwrap().unwrap();
                let cryptogram: [u8; 8] = cryptogram.try_into().unwrap();
                prop_assert!(!cryptograms.contains(&cryptogram), "a cryptogram comes once");
                cryptograms.push(cryptogram);
                heard.get_or_insert((counter.to_vec(), cryptogram));
            } else if matches!(step, Step::Select | Step::Begin) {
                heard = None;
            }
        }
    }
}
