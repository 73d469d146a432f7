//! What the tests of this crate share: an order, a printer, short ways to act.

use std::collections::BTreeMap;

use persotwin_chip::{Profile, status};
use persotwin_link::device::{Action, ActionRequest, Outcome, Tracks};
use persotwin_link::jobs::{Layout, ProductionData};
use persotwin_link::setup::{HeadLimits, Leftover};
use persotwin_link::stock::{Coercivity, Load, Ribbon, StockName};
use persotwin_link::timings::Timings;
use persotwin_link::{Condition, CustomerName, Serial};

use crate::{ActionId, Begun, Completed, Counting, Exit, Printer, Setup};

pub(crate) fn layout() -> Layout {
    Layout {
        artwork: "dawn".into(),
        pan: "4111 1111 1111 1111".into(),
        expiry: "06/29".into(),
        name: "ALICE MARTIN".into(),
        second_name: None,
        custom_lines: vec![],
        cvv2: "123".into(),
    }
}

pub(crate) fn tracks() -> Tracks {
    Tracks {
        track1: "B4111111111111111^MARTIN/ALICE^29062010000000123000000".into(),
        track2: "4111111111111111=29062010000123000000".into(),
        track3: None,
    }
}

/// A small but complete set; keys and check values are those of a public script.
pub(crate) fn order() -> ProductionData {
    let dgis = [
        "01010C700A57084111111111111111",
        "9102 0B A509 500456495341 870101",
        "9104 0A 82021800 9404 08010100",
        "8000 30 11223344006677881122334455007788 8B4F854F0831FBF2635A212E4DDDB92A \
         11220044556677881122330055667788",
        "9000 09 97DCB0CE4E2CB37DF3",
    ];
    ProductionData {
        aid: "A0000000031010".into(),
        dgis: dgis.iter().map(|dgi| dgi.replace(' ', "")).collect(),
        track1: tracks().track1.clone(),
        track2: tracks().track2.clone(),
        track3: None,
        layout: layout(),
    }
}

pub(crate) fn setup(exit: Exit, blanks: u32) -> Setup {
    Setup {
        station: "KIOSK-PS-101".parse().unwrap(),
        exit,
        hoppers: vec![Load::of(StockName::default(), blanks)],
        chips: BTreeMap::from([("metal".parse().unwrap(), Profile::generic())]),
        ribbon: Ribbon::of(100),
        head: HeadLimits::default(),
        encoder: Coercivity::Hico,
        leftover: Leftover::Leave,
        reject_bin: 2,
        timings: Timings::default(),
        counting: Counting::default(),
    }
}

pub(crate) fn kiosk() -> Printer {
    Printer::new(setup(Exit::Bezel, 50))
}

pub(crate) fn id(text: &str) -> ActionId {
    text.parse().unwrap()
}

pub(crate) fn request(action: Action) -> ActionRequest {
    ActionRequest {
        job: "operation-1".parse().unwrap(),
        action,
    }
}

pub(crate) fn pick() -> Action {
    Action::Pick {
        stock: StockName::default(),
        counted: None,
    }
}

/// Begins and completes an action under an id of its own.
pub(crate) fn act(printer: &mut Printer, name: &str, action: Action) -> Completed {
    match printer.begin(&id(name), &request(action)).unwrap() {
        Begun::Moving(_) => printer.complete(&id(name)).unwrap(),
        Begun::Stands(outcome) => Completed::Finished(outcome),
    }
}

pub(crate) fn serial(count: u32) -> Serial {
    Serial::new("KIOSK-PS-101", "A", count)
}

pub(crate) fn alice() -> CustomerName {
    "alice".parse().unwrap()
}

pub(crate) fn done(count: u32) -> Completed {
    Completed::Finished(Outcome::Done {
        serial: serial(count),
        read_back: None,
    })
}

pub(crate) fn failed(condition: Condition, card: Option<u32>) -> Completed {
    Completed::Finished(Outcome::Failed {
        condition,
        serial: card.map(serial),
    })
}

/// Personalises the chip under the contacts with the groupings of the order.
pub(crate) fn personalise(printer: &mut Printer) {
    let chip = printer.chip().unwrap();
    chip.power_on();
    let select = hex::decode("00A4040007A000000003101000").unwrap();
    assert!(status::is_done(&chip.transmit(&select)));
    let data = hex::decode(order().dgis.concat()).unwrap();
    let head = [0x80, 0xE2, 0x80, 0x00, u8::try_from(data.len()).unwrap()];
    assert!(status::is_done(
        &chip.transmit(&[&head[..], &data].concat())
    ));
}

/// Everything up to the exit.
pub(crate) fn produce(printer: &mut Printer, name: &str) {
    let step = |n: u8| format!("{name}-{n}");
    act(printer, &step(1), pick());
    act(printer, &step(2), Action::MoveToChip);
    personalise(printer);
    act(printer, &step(3), Action::EncodeStripe(tracks()));
    act(printer, &step(4), Action::PrintFront(layout()));
    act(printer, &step(5), Action::Flip);
    act(printer, &step(6), Action::PrintBack(layout()));
}
