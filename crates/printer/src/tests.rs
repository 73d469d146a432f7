//! What the tests of this crate share: an order, a printer, short ways to act.

use std::collections::BTreeMap;

use persotwin_link::device::{Action, ActionRequest, Tracks};
use persotwin_link::jobs::{Layout, ProductionData};
use persotwin_link::stock::{Load, Ribbon, StockName};
use persotwin_link::timings::Timings;

use crate::{ActionId, Begun, Completed, Exit, Printer, Setup};

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
        hoppers: vec![Load {
            stock: StockName::default(),
            blanks,
        }],
        chips: BTreeMap::new(),
        ribbon: Ribbon { panel_sets: 100 },
        reject_bin: 2,
        timings: Timings::default(),
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
    }
}

/// Begins and completes an action under an id of its own.
pub(crate) fn act(printer: &mut Printer, name: &str, action: Action) -> Completed {
    match printer.begin(&id(name), &request(action)).unwrap() {
        Begun::Moving(_) => printer.complete(&id(name)).unwrap(),
        Begun::Stands(outcome) => Completed::Finished(outcome),
    }
}
