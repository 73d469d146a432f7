//! The printer under anything that can happen to it.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::time::Duration;

use persotwin_link::device::{Action, Outcome};
use persotwin_link::setup::Leftover;
use persotwin_link::stock::{Panel, Ribbon, RibbonKind, StockName};
use persotwin_link::{Place, Serial, Stage};
use proptest::prelude::*;
use proptest::sample::select;

use crate::environment::{ChipDefect, Lasting, Slip, Spoil};
use crate::face::Flaw;
use crate::tests::{alice, id, layout, pick, request, setup, tracks};
use crate::{
    ActionId, Begun, Exit, Fact, Mishap, Printer, Progress, Repair, Trouble, TroubleId, When,
};

/// Something that happens to a printer.
#[derive(Debug, Clone)]
enum Happening {
    Begin(u8, Action),
    Complete,
    Take,
    Wait,
    Decline,
    PowerOff(u16),
    PowerOn,
    Suffer(Mishap, When, u16),
    Mend(Repair),
    Command(Vec<u8>),
    Pass(u32),
}

fn action() -> impl Strategy<Value = Action> {
    let mut wrong = tracks();
    wrong.track2 = "41X1".into();
    select(vec![
        pick(),
        Action::MoveToChip,
        Action::EncodeStripe(tracks()),
        Action::EncodeStripe(wrong),
        Action::PrintFront(layout()),
        Action::Flip,
        Action::PrintBack(layout()),
        Action::Check,
        Action::Present,
        Action::Reject,
    ])
}

fn mishap() -> impl Strategy<Value = Mishap> {
    let ribbon = |kind| Ribbon {
        kind,
        panel_sets: 2,
    };
    let stock: StockName = "metal".parse().unwrap();
    let across = Progress::HALF;
    select(vec![
        Mishap::FeedFails,
        Mishap::DoubleFeed,
        Mishap::CardJams,
        Mishap::RibbonTears,
        Mishap::RibbonTaken,
        Mishap::RibbonSwapped(ribbon(RibbonKind::Ymcko)),
        Mishap::RibbonSwapped(ribbon(RibbonKind::Ymckok)),
        Mishap::RibbonEnds { at: Panel::Cyan },
        Mishap::CoverOpens,
        Mishap::LockOpens,
        Mishap::DoorOpens,
        Mishap::Pauses,
        Mishap::HeadOverheats,
        Mishap::BinFills,
        Mishap::ExitBlocks,
        Mishap::BezelSticks,
        Mishap::StripeWritesWeakly(Lasting::Once),
        Mishap::StripeReadsWrong(Lasting::UntilCleaned),
        Mishap::PrintSpoils(Spoil::Flaw(Flaw::DeadLine { across })),
        Mishap::PrintSpoils(Spoil::MissingPanel(Panel::Black)),
        Mishap::CameraBlind,
        Mishap::OtherBlanks {
            hopper: 1,
            stock,
            count: 2,
        },
        Mishap::BlanksUpsideDown {
            hopper: 1,
            count: u32::MAX,
        },
        Mishap::CardFedAgain { hopper: 1 },
        Mishap::CardFedAgain { hopper: 9 },
        Mishap::CountersSlip(Slip::Lost),
        Mishap::CountersSlip(Slip::Picked(u32::MAX)),
        Mishap::CountersSlip(Slip::Taken(1)),
        Mishap::ChipDefect(ChipDefect::Mute),
        Mishap::ChipDefect(ChipDefect::MemoryFails { at: 1 }),
        Mishap::ChipDefect(ChipDefect::WrongAtr),
        Mishap::ContactsDirty,
        Mishap::ReaderGone,
    ])
}

fn when() -> impl Strategy<Value = When> {
    let stages = vec![
        Stage::Pick,
        Stage::Chip,
        Stage::Stripe,
        Stage::PrintFront,
        Stage::Flip,
        Stage::PrintBack,
        Stage::Check,
        Stage::Hold,
        Stage::Present,
        Stage::Reject,
    ];
    let during = (select(stages), 1..3_u32, 0..=1000_u16);
    prop_oneof![
        Just(When::Now),
        during.prop_map(|(stage, nth, progress)| When::During {
            stage,
            nth: NonZeroU32::new(nth).unwrap(),
            progress: progress.try_into().unwrap(),
        }),
    ]
}

fn repair() -> impl Strategy<Value = Repair> {
    let ribbon = |kind, panel_sets| Repair::ChangeRibbon(Ribbon { kind, panel_sets });
    select(vec![
        Repair::ClearJam,
        Repair::CloseCover,
        Repair::Lock,
        Repair::CloseDoor,
        Repair::Resume,
        ribbon(RibbonKind::Ymcko, 3),
        ribbon(RibbonKind::Ymckok, 0),
        Repair::Refill {
            hopper: 1,
            blanks: 2,
        },
        Repair::Refill {
            hopper: 0,
            blanks: 2,
        },
        Repair::PutBlanksRight { hopper: 1 },
        Repair::EmptyBin,
        Repair::ClearExit,
        Repair::FreeBezel,
        Repair::Clean,
        Repair::TestPrint { hopper: 1 },
        Repair::ReplaceReader,
        Repair::ReplacePrinter,
    ])
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        10 => (any::<u8>(), action()).prop_map(|(id, action)| Happening::Begin(id, action)),
        10 => Just(Happening::Complete),
        2 => Just(Happening::Take),
        1 => Just(Happening::Wait),
        1 => Just(Happening::Decline),
        1 => (0..=1000_u16).prop_map(Happening::PowerOff),
        2 => Just(Happening::PowerOn),
        3 => (mishap(), when(), 0..=1000_u16)
            .prop_map(|(what, when, done)| Happening::Suffer(what, when, done)),
        5 => repair().prop_map(Happening::Mend),
        1 => proptest::collection::vec(any::<u8>(), 0..8).prop_map(Happening::Command),
        1 => any::<u32>().prop_map(Happening::Pass),
    ]
}

/// A printer, and what was asked of it and told by it.
struct Watched {
    printer: Printer,
    known: BTreeMap<Serial, Place>,
    raised: BTreeSet<persotwin_link::Condition>,
    suffered: BTreeSet<TroubleId>,
    struck: BTreeSet<TroubleId>,
    now: Duration,
}

impl Watched {
    fn new(exit: Exit, leftover: Leftover) -> Self {
        let printer = Printer::new(crate::Setup {
            leftover,
            ..setup(exit, 3)
        });
        let known = printer.places().collect();
        Self {
            printer,
            known,
            raised: BTreeSet::new(),
            suffered: BTreeSet::new(),
            struck: BTreeSet::new(),
            now: Duration::ZERO,
        }
    }

    fn happen(&mut self, happening: Happening) -> Result<(), TestCaseError> {
        let printer = &mut self.printer;
        match happening {
            Happening::Begin(n, action) => {
                let (id, request) = (id(&format!("a{n}")), request(action));
                let before = printer.clone();
                let known = before.outcome(&id).cloned();
                match printer.begin(&id, &request) {
                    Err(_) => prop_assert_eq!(format!("{before:?}"), format!("{printer:?}")),
                    Ok(begun) => {
                        // The same id never acts twice.
                        if let Some(known) = known {
                            prop_assert_eq!(begun, Begun::Stands(known));
                            prop_assert_eq!(before.census(), printer.census());
                        }
                    }
                }
            }
            Happening::Complete => {
                let moving: Option<ActionId> = printer.moving().cloned();
                if let Some(moving) = moving {
                    printer.complete(&moving).unwrap();
                    let running = printer.outcome(&moving) == Some(&Outcome::Running);
                    let waits = printer.presenting().is_some_and(|(id, _)| *id == moving);
                    prop_assert_eq!(running, waits);
                }
            }
            Happening::Take => drop(printer.take(alice())),
            Happening::Wait => {
                let waiting = printer.presenting().map(|(id, _)| id.clone());
                let _ = waiting.map(|id| printer.stop_waiting(&id).unwrap());
            }
            Happening::Decline => drop(printer.decline()),
            Happening::PowerOff(done) => {
                drop(printer.lose_power(Progress::try_from(done).unwrap()));
            }
            Happening::PowerOn => printer.restore_power(),
            Happening::Suffer(what, when, done) => {
                let done = Progress::try_from(done).unwrap();
                let before = printer.clone();
                if let Ok(id) = printer.suffer(Trouble { what, when }, done) {
                    prop_assert!(self.suffered.insert(id));
                } else {
                    prop_assert_eq!(format!("{before:?}"), format!("{printer:?}"));
                }
            }
            Happening::Mend(repair) => {
                let before = printer.clone();
                if printer.repair(repair).is_err() {
                    prop_assert_eq!(format!("{before:?}"), format!("{printer:?}"));
                }
            }
            Happening::Command(command) => {
                let _ = printer.reset_chip();
                let _ = printer.transmit(&command);
            }
            Happening::Pass(millis) => {
                self.now += Duration::from_millis(u64::from(millis));
                printer.pass_to(self.now);
            }
        }
        Ok(())
    }

    /// Each blank lies in exactly one place, and none is lost or made up.
    fn check_places(&self) -> Result<Vec<(Serial, Place)>, TestCaseError> {
        let printer = &self.printer;
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
        Ok(places)
    }

    /// The facts alone lead to the same places and conditions, and nothing strikes that was not handed in, or twice.
    fn check_facts(&mut self, places: Vec<(Serial, Place)>) -> Result<(), TestCaseError> {
        for fact in self.printer.take_facts() {
            match fact {
                Fact::Moved {
                    serial, from, to, ..
                } => {
                    let was = self.known.insert(serial.clone(), to);
                    prop_assert!(was.is_none_or(|was| was == from), "{serial} from {from}");
                }
                Fact::Raised(condition) => prop_assert!(self.raised.insert(condition)),
                Fact::Cleared(condition) => prop_assert!(self.raised.remove(&condition)),
                Fact::Struck(id) => {
                    prop_assert!(self.suffered.contains(&id));
                    prop_assert!(self.struck.insert(id));
                }
                _ => {}
            }
        }
        for (serial, place) in places {
            let told = self.known.entry(serial).or_insert_with(|| place.clone());
            prop_assert_eq!(&*told, &place);
        }
        prop_assert_eq!(&self.raised, &self.printer.conditions());
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever happens: no panic, no blank lost, no action done twice, no refusal that changes anything.
    #[test]
    fn whatever_happens_blanks_add_up(
        happenings in proptest::collection::vec(happening(), 1..150),
        tray: bool,
        leftover in select(vec![Leftover::Leave, Leftover::DrawIn, Leftover::Reject]),
    ) {
        let exit = if tray { Exit::Tray } else { Exit::Bezel };
        let mut watched = Watched::new(exit, leftover);
        for happening in happenings {
            watched.happen(happening)?;
            let places = watched.check_places()?;
            watched.check_facts(places)?;
            drop(serde_json::to_value(watched.printer.status()).unwrap());
        }
    }

    /// However it was broken, an operator with patience gets it to produce again.
    #[test]
    fn everything_can_be_mended(
        troubles in proptest::collection::vec((mishap(), when(), action()), 1..12),
    ) {
        let mut watched = Watched::new(Exit::Bezel, Leftover::Leave);
        for (n, (what, when, action)) in troubles.into_iter().enumerate() {
            let _ = watched.printer.suffer(Trouble { what, when }, Progress::HALF).map(|id| watched.suffered.insert(id));
            let n = u8::try_from(n).unwrap();
            watched.happen(Happening::Begin(n, action))?;
            watched.happen(Happening::Complete)?;
        }
        for id in watched.suffered.clone() {
            watched.printer.withdraw(id);
        }
        let mends = [
            Repair::ClearJam, Repair::CloseCover, Repair::Lock, Repair::CloseDoor, Repair::Resume,
            Repair::ChangeRibbon(Ribbon::of(9)), Repair::Refill { hopper: 1, blanks: 9 },
            Repair::PutBlanksRight { hopper: 1 }, Repair::EmptyBin, Repair::ClearExit,
            Repair::FreeBezel, Repair::Clean, Repair::ReplaceReader,
        ];
        for mend in mends {
            watched.printer.repair(mend).unwrap();
        }
        drop(watched.printer.take(alice()));
        let steps = [
            pick(), Action::MoveToChip, Action::EncodeStripe(tracks()), Action::PrintFront(layout()),
            Action::Flip, Action::PrintBack(layout()), Action::Check,
        ];
        for (n, step) in steps.into_iter().enumerate() {
            let done = crate::tests::act(&mut watched.printer, &format!("good-{n}"), step);
            let good = matches!(done, crate::Completed::Finished(Outcome::Done { .. }));
            prop_assert!(good, "{done:?}");
        }
    }
}
