//! Messages of a card reader, to a fresh chip and to one that a run has personalised: every command gets a status word, and a chip that
//! has taken any of them goes into a file and comes back the same.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use persotwin_chip::{Chip, ChipSerial, Profile};
use persotwin_printer::CardFile;
use persotwin_reader::words::{Show, line};
use persotwin_reader::{Inbox, Message};

/// The chip of the card file that the environment names; `fuzz/run` makes one.
fn personalised() -> Chip {
    static CHIP: OnceLock<Chip> = OnceLock::new();
    let read = || {
        let file = std::env::var_os("PERSOTWIN_CARD").expect("PERSOTWIN_CARD names no card file");
        let text = std::fs::read(file).expect("the card file cannot be read");
        let card: CardFile = serde_json::from_slice(&text).expect("that is no card file");
        card.card().chip().clone()
    };
    CHIP.get_or_init(read).clone()
}

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, said)) = bytes.split_first() else {
        return;
    };
    let mut chip = if kind & 1 == 0 {
        personalised()
    } else {
        Chip::blank(ChipSerial([7; 8]), &Profile::generic())
    };
    if kind & 2 == 0 {
        chip.power_on();
    }
    let mut inbox = Inbox::default();
    inbox.take(said);
    while let Ok(Some(message)) = inbox.message() {
        match message {
            Message::PowerOff => chip.power_off(),
            Message::PowerOn | Message::Reset => drop(chip.power_on()),
            Message::AskAtr => {}
            Message::Command(command) => {
                let answer = chip.transmit(&command);
                assert_eq!(answer.len() >= 2, chip.is_powered());
                assert!(!line(&command, &answer, Show::Masked).is_empty());
            }
        }
    }
    let kept = serde_json::to_value(&chip).expect("a chip goes into a file");
    assert!(serde_json::from_value::<Chip>(kept).expect("and comes back") == chip);
});
