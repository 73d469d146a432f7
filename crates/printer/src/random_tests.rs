//! The printer under anything that can happen to it.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_link::device::Action;
use persotwin_link::stock::Ribbon;
use persotwin_link::{Place, Serial};
use proptest::prelude::*;

use crate::tests::{alice, id, layout, pick, request, setup, tracks};
use crate::{ActionId, Exit, Fact, Printer, Progress};

/// Something that happens to a printer.
#[derive(Debug, Clone)]
enum Happening {
    Begin(u8, Action),
    Complete,
    Take,
    Wait,
    Decline,
    Refill(u32),
    Empty,
    Ribbon(u32),
    PowerOff(u16),
    PowerOn,
}

fn happening() -> impl Strategy<Value = Happening> {
    let actions = vec![
        pick(),
        Action::MoveToChip,
        Action::EncodeStripe(tracks()),
        Action::PrintFront(layout()),
        Action::Flip,
        Action::PrintBack(layout()),
        Action::Present,
        Action::Reject,
    ];
    let begin = (any::<u8>(), proptest::sample::select(actions));
    prop_oneof![
        8 => begin.prop_map(|(id, action)| Happening::Begin(id, action)),
        8 => Just(Happening::Complete),
        2 => Just(Happening::Take),
        1 => Just(Happening::Wait),
        1 => Just(Happening::Decline),
        1 => (0..3_u32).prop_map(Happening::Refill),
        1 => Just(Happening::Empty),
        1 => (0..4_u32).prop_map(Happening::Ribbon),
        1 => (0..=1000_u16).prop_map(Happening::PowerOff),
        2 => Just(Happening::PowerOn),
    ]
}

fn happen(printer: &mut Printer, happening: Happening) {
    match happening {
        Happening::Begin(n, action) => {
            let _ = printer.begin(&id(&format!("a{n}")), &request(action));
        }
        Happening::Complete => {
            let moving: Option<ActionId> = printer.moving().cloned();
            let _ = moving.map(|moving| printer.complete(&moving).unwrap());
        }
        Happening::Take => drop(printer.take(alice())),
        Happening::Wait => {
            let waiting = printer.presenting().map(|(id, _)| id.clone());
            let _ = waiting.map(|id| printer.stop_waiting(&id).unwrap());
        }
        Happening::Decline => drop(printer.decline()),
        Happening::Refill(blanks) => drop(printer.refill(1, blanks)),
        Happening::Empty => drop(printer.empty_bin()),
        Happening::Ribbon(panel_sets) => printer.change_ribbon(Ribbon::of(panel_sets)),
        Happening::PowerOff(done) => {
            drop(printer.lose_power(Progress::try_from(done).unwrap()));
        }
        Happening::PowerOn => printer.restore_power(),
    }
}

proptest! {
    /// Whatever happens, each blank lies in exactly one place, and none is lost or made up.
    #[test]
    fn each_blank_lies_in_exactly_one_place(
        happenings in proptest::collection::vec(happening(), 1..120),
        tray: bool,
    ) {
        let exit = if tray { Exit::Tray } else { Exit::Bezel };
        let mut printer = Printer::new(setup(exit, 3));
        let mut known: BTreeMap<Serial, Place> = printer.places().collect();
        let mut raised = BTreeSet::new();
        for happening in happenings {
            happen(&mut printer, happening);
            prop_assert!(printer.census().adds_up(), "{:?}", printer.census());
            let places: Vec<(Serial, Place)> = printer.places().collect();
            let serials: BTreeSet<&Serial> = places.iter().map(|(serial, _)| serial).collect();
            prop_assert_eq!(serials.len(), places.len());
            for (serial, place) in &places {
                let found = printer.place_of(serial);
                prop_assert_eq!(found.as_ref(), Some(place));
                let blank = printer.blank(serial);
                prop_assert_eq!(blank.as_ref().map(crate::Blank::serial), Some(serial));
            }
            // The facts alone lead to the same places and conditions.
            for fact in printer.take_facts() {
                match fact {
                    Fact::Moved { serial, from, to, .. } => {
                        let was = known.insert(serial.clone(), to);
                        prop_assert!(was.is_none_or(|was| was == from));
                    }
                    Fact::Raised(condition) => prop_assert!(raised.insert(condition)),
                    Fact::Cleared(condition) => prop_assert!(raised.remove(&condition)),
                    _ => {}
                }
            }
            for (serial, place) in places {
                let told = known.entry(serial).or_insert_with(|| place.clone());
                prop_assert_eq!(&*told, &place);
            }
            prop_assert_eq!(&raised, &printer.conditions());
        }
    }
}
