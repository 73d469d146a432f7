//! A card is read, by every way to it, and whatever the card answers.

use persotwin_emv::aid::Aid;
use persotwin_emv::card_answers::CardAnswers;
use persotwin_terminal::{Directory, Error, Never, Purchase, Reading, Terminal, at_once, read};
use proptest::prelude::*;

use crate::card::{AID, application, chip, terminal};

fn reading(
    card: &mut impl FnMut(&[u8]) -> Vec<u8>,
    terminal: &Terminal,
) -> Result<Reading, Error<Never>> {
    at_once(read(card, terminal, &Purchase::NOTHING))
}

#[test]
fn what_was_prepared_is_read() {
    for pin in [None, Some("1234")] {
        let data = application(pin);
        let mut chip = chip(&data);
        let found = reading(&mut |command: &[u8]| chip.transmit(command), &terminal()).unwrap();
        let aid = Aid::parse(AID).unwrap();
        let expected = CardAnswers::of_groupings(&aid, &data.groupings().unwrap()).unwrap();
        assert_eq!(found.directory, Directory::Pse);
        assert_eq!(found.answers, expected);
        assert_eq!(found.view.pan, data.card.pan);
        assert_eq!(found.view.name, data.card.name);
    }
}

/// The chip, deaf to some names.
fn without<'a>(
    names: &'a [&[u8]],
    chip: &'a mut persotwin_chip::Chip,
) -> impl FnMut(&[u8]) -> Vec<u8> + 'a {
    move |command| {
        let is_asked = |name: &&[u8]| command.get(5..).is_some_and(|rest| rest.starts_with(name));
        if command[1] == 0xA4 && names.iter().any(is_asked) {
            return vec![0x6A, 0x82];
        }
        chip.transmit(command)
    }
}

#[test]
fn a_card_without_a_directory_is_found_by_its_application() {
    let data = application(None);
    let mut knows = terminal();
    knows.applications = vec![
        Aid::parse("A000000003").unwrap(),
        Aid::parse("A000000004").unwrap(),
    ];
    let pse: &[u8] = b"1PAY.SYS.DDF01";
    let both: &[&[u8]] = &[pse, b"2PAY.SYS.DDF01"];
    for (names, directory) in [(&both[..1], Directory::Ppse), (both, Directory::Terminal)] {
        let mut chip = chip(&data);
        let found = reading(&mut without(names, &mut chip), &knows).unwrap();
        assert_eq!(found.directory, directory);
        assert_eq!(found.view.aid.to_string(), AID);
    }
    let mut chip = chip(&data);
    let found = reading(&mut without(both, &mut chip), &terminal());
    assert_eq!(
        found,
        Err(Error::NoApplication),
        "a terminal that knows none"
    );
}

#[test]
fn an_application_that_the_terminal_does_not_know_is_not_taken() {
    let mut knows = terminal();
    knows.applications = vec![Aid::parse("A0000000031010").unwrap()];
    let mut chip = chip(&application(None));
    let found = reading(&mut |command: &[u8]| chip.transmit(command), &knows);
    assert_eq!(found, Err(Error::NoApplication));
}

proptest! {
    #[test]
    fn any_answers_are_read_without_a_panic(
        answers in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..12),
        sw in prop::sample::select(vec![[0x90, 0x00], [0x61, 0x08], [0x6C, 0x10], [0x6A, 0x83]]),
    ) {
        let mut turn = answers.iter().cycle();
        let mut card = |_: &[u8]| {
            let mut answer = turn.next().cloned().unwrap_or_default();
            answer.extend(sw);
            answer
        };
        prop_assert!(reading(&mut card, &terminal()).is_err());
    }

    /// Whatever one bit of an answer is flipped, the card either does not read or answers visibly something else.
    #[test]
    fn a_flipped_bit_never_goes_unseen(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let data = application(Some("1234"));
        let mut chip = chip(&data);
        let good = reading(&mut |command: &[u8]| chip.transmit(command), &terminal()).unwrap();
        let records: usize = good.answers.records.values().map(Vec::len).sum();
        let total = good.answers.select.len() + good.answers.options.len() + records;
        let (mut seen, place) = (0, at.index(total));
        let mut again = crate::card::chip(&data);
        let mut card = |command: &[u8]| {
            let mut answer = again.transmit(command);
            let is_directory = answer.starts_with(&[0x70]) && answer.get(2) == Some(&0x61);
            let is_application = command[1] != 0xA4 || command[5] != b'1';
            let data = answer.len() - 2;
            if is_application && !is_directory {
                if let Some(byte) = place.checked_sub(seen).filter(|at| *at < data) {
                    answer[byte] ^= 1 << bit;
                }
                seen += data;
            }
            answer
        };
        if let Ok(found) = reading(&mut card, &terminal()) {
            prop_assert!(found.answers != good.answers);
        }
    }
}
