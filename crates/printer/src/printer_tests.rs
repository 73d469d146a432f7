//! The printer, driven through whole days.

use std::collections::BTreeSet;
use std::time::Duration;

use persotwin_link::condition::Condition;
use persotwin_link::device::{Action, Outcome, PrinterState};
use persotwin_link::stock::{Load, Ribbon, StockName};
use persotwin_link::{PathStation, Place, Serial, Stage};

use crate::tests::{
    act, alice, done, failed, id, kiosk, layout, order, pick, produce, request, serial, setup,
    tracks,
};
use crate::{Begun, Completed, Exit, Fact, Movement, Printer, Progress, Refusal};

#[test]
fn a_card_is_made_and_taken() {
    let mut printer = kiosk();
    assert_eq!(printer.status().state, PrinterState::Idle);
    produce(&mut printer, "a");
    let patience = Some(Duration::from_secs(30));
    assert_eq!(
        act(&mut printer, "a-7", Action::Present),
        Completed::AtExit { patience }
    );
    assert_eq!(printer.outcome(&id("a-7")), Some(&Outcome::Running));
    assert_eq!(printer.status().exit, Some(serial(1)));
    assert_eq!(printer.take(alice()), Ok(serial(1)));
    assert_eq!(
        printer.outcome(&id("a-7")),
        Some(&Outcome::Taken { serial: serial(1) })
    );
    assert_eq!(printer.place_of(&serial(1)), Some(Place::Hand(alice())));
    let card = printer.in_hand_of(&alice()).next().unwrap();
    assert_eq!(card.differences(&order()), BTreeSet::new());
    assert!(card.is_live());
    let counters = printer.status().counters;
    assert_eq!(
        (counters.picked, counters.presented, counters.taken),
        (1, 1, 1)
    );
    assert_eq!((counters.rejected, printer.status().panel_sets()), (0, 98));
    assert!(printer.census().adds_up());
}

#[test]
fn each_movement_has_its_time_and_its_stage() {
    let mut printer = kiosk();
    let begun = printer.begin(&id("a"), &request(pick())).unwrap();
    let duration = Duration::from_secs(2);
    assert_eq!(
        begun,
        Begun::Moving(Movement {
            stage: Stage::Pick,
            cooling: Duration::ZERO,
            duration
        })
    );
    assert_eq!(printer.status().state, PrinterState::Processing);
    assert_eq!(printer.moving(), Some(&id("a")));
    printer.complete(&id("a")).unwrap();
    let begun = printer
        .begin(&id("b"), &request(Action::PrintFront(layout())))
        .unwrap();
    let duration = Duration::from_secs(16);
    assert_eq!(
        begun,
        Begun::Moving(Movement {
            stage: Stage::PrintFront,
            cooling: Duration::ZERO,
            duration
        })
    );
}

#[test]
fn the_facts_tell_the_way_of_the_card() {
    let mut printer = kiosk();
    produce(&mut printer, "a");
    act(&mut printer, "a-7", Action::Present);
    printer.take(alice()).unwrap();
    let places: Vec<String> = printer
        .take_facts()
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::Moved { to, .. } => Some(to.to_string()),
            _ => None,
        })
        .collect();
    let way = [
        "feeder",
        "chip-contact",
        "stripe-encoder",
        "print-head",
        "flipper",
        "print-head",
    ];
    assert_eq!(places, [&way[..], &["exit", "hand of alice"]].concat());
    assert_eq!(printer.take_facts(), []);
}

#[test]
fn the_same_id_acts_once() {
    let mut printer = kiosk();
    act(&mut printer, "a", pick());
    let again = printer.begin(&id("a"), &request(pick())).unwrap();
    assert_eq!(
        again,
        Begun::Stands(Outcome::Done {
            serial: serial(1),
            read_back: None
        })
    );
    let other = printer.begin(&id("a"), &request(Action::Flip));
    assert_eq!(other, Err(Refusal::OtherContent(id("a"))));
    assert_eq!(printer.status().counters.picked, 1);
    printer.begin(&id("b"), &request(Action::Flip)).unwrap();
    let running = printer.begin(&id("b"), &request(Action::Flip)).unwrap();
    assert_eq!(running, Begun::Stands(Outcome::Running));
    assert_eq!(
        printer.begin(&id("c"), &request(Action::Reject)),
        Err(Refusal::Busy(id("b")))
    );
    assert!(printer.complete(&id("c")).is_err());
    assert!(printer.outcome(&id("c")).is_none());
}

#[test]
fn what_is_impossible_is_refused() {
    let mut printer = kiosk();
    for action in [
        Action::MoveToChip,
        Action::Flip,
        Action::Present,
        Action::Reject,
    ] {
        assert_eq!(
            printer.begin(&id("x"), &request(action)),
            Err(Refusal::NoCard)
        );
    }
    act(&mut printer, "a", pick());
    assert_eq!(
        printer.begin(&id("x"), &request(pick())),
        Err(Refusal::PathOccupied)
    );
    let back = request(Action::PrintBack(layout()));
    assert_eq!(printer.begin(&id("x"), &back), Err(Refusal::WrongSide));
    act(&mut printer, "b", Action::PrintFront(layout()));
    let front = request(Action::PrintFront(layout()));
    assert_eq!(
        printer.begin(&id("x"), &front),
        Err(Refusal::AlreadyPrinted)
    );
}

#[test]
fn the_chip_answers_under_the_contacts_only() {
    let mut printer = kiosk();
    assert!(printer.chip().is_err());
    act(&mut printer, "a", pick());
    assert!(printer.chip().is_err());
    act(&mut printer, "b", Action::MoveToChip);
    printer.chip().unwrap().power_on();
    printer.begin(&id("c"), &request(Action::Flip)).unwrap();
    assert!(printer.chip().is_err());
    printer.complete(&id("c")).unwrap();
    act(&mut printer, "d", Action::MoveToChip);
    assert!(!printer.chip().unwrap().is_powered());
}

#[test]
fn the_chip_is_silent_while_the_card_moves_and_without_power() {
    let mut printer = kiosk();
    act(&mut printer, "a", pick());
    act(&mut printer, "b", Action::MoveToChip);
    printer.chip().unwrap().power_on();
    printer.lose_power(Progress::NONE);
    assert!(printer.chip().is_err());
    printer.restore_power();
    assert!(!printer.chip().unwrap().is_powered());
    printer.begin(&id("c"), &request(Action::Present)).unwrap();
    assert!(printer.chip().is_err());
}

#[test]
fn an_empty_hopper_stops_until_somebody_refills_it() {
    let mut printer = Printer::new(setup(Exit::Bezel, 0));
    assert_eq!(
        act(&mut printer, "a", pick()),
        failed(Condition::MediaEmpty, None)
    );
    assert_eq!(printer.status().state, PrinterState::Stopped);
    assert_eq!(printer.refill(1, 5), Ok(5));
    assert_eq!(printer.status().state, PrinterState::Idle);
    assert_eq!(printer.conditions(), BTreeSet::from([Condition::MediaLow]));
    assert_eq!(act(&mut printer, "b", pick()), done(1));
    assert!(printer.refill(0, 5).is_err() && printer.refill(2, 5).is_err());
    assert!(printer.census().adds_up());
}

#[test]
fn a_pick_that_comes_after_another_one_than_it_was_to_come_after_picks_nothing() {
    let after = |counted| {
        request(Action::Pick {
            stock: StockName::default(),
            counted: Some(counted),
        })
    };
    let mut printer = kiosk();
    printer.begin(&id("a"), &after(0)).unwrap();
    printer.complete(&id("a")).unwrap();
    act(&mut printer, "r", Action::Reject);
    // The printer forgets that it was asked, and a copy of the call comes late.
    printer.lose_power(Progress::WHOLE);
    printer.restore_power();
    let late = printer.begin(&id("a"), &after(0));
    assert_eq!(late, Err(Refusal::OtherCount(1)));
    assert_eq!(printer.status().counters.picked, 1);
    assert!(printer.begin(&id("b"), &after(1)).is_ok());
}

#[test]
fn a_late_call_for_another_jobs_card_does_nothing_to_the_one_that_lies_there() {
    let mut printer = kiosk();
    act(&mut printer, "a", pick());
    for action in [Action::Present, Action::Flip, Action::MoveToChip] {
        let mut late = request(action);
        late.job = "operation-0".parse().unwrap();
        assert_eq!(printer.begin(&id("late"), &late), Err(Refusal::OtherJob));
    }
    assert!(printer.begin(&id("b"), &request(Action::Flip)).is_ok());
}

#[test]
fn a_stock_is_missing_although_another_is_there() {
    let other: StockName = "metal".parse().unwrap();
    let mut printer = kiosk();
    let metal = Action::Pick {
        stock: other.clone(),
        counted: None,
    };
    assert_eq!(
        act(&mut printer, "a", metal),
        failed(Condition::MediaEmpty, None)
    );
    assert!(printer.conditions().contains(&Condition::MediaEmpty));
    let mut setup = setup(Exit::Bezel, 1);
    setup.hoppers.push(Load::of(other.clone(), 20));
    setup.hoppers.push(Load::of(StockName::default(), 20));
    let mut printer = Printer::new(setup);
    assert_eq!(printer.blanks_of(&StockName::default()), 21);
    act(&mut printer, "a", pick());
    act(&mut printer, "b", Action::Reject);
    act(&mut printer, "c", pick());
    let path = printer.status().path.unwrap();
    assert_eq!(path.serial, Serial::new("KIOSK-PS-101", "C", 1));
    assert_eq!(printer.census().hoppers, [0, 20, 19]);
}

#[test]
fn a_stock_that_was_missing_and_came_is_forgotten() {
    let mut setup = setup(Exit::Bezel, 0);
    let other: StockName = "metal".parse().unwrap();
    setup.hoppers.push(Load::of(other, 20));
    let mut printer = Printer::new(setup);
    assert_eq!(printer.conditions(), BTreeSet::new());
    act(&mut printer, "a", pick());
    assert_eq!(
        printer.conditions(),
        BTreeSet::from([Condition::MediaEmpty])
    );
    printer.refill(1, 1).unwrap();
    act(&mut printer, "b", pick());
    assert_eq!(printer.conditions(), BTreeSet::new());
}

#[test]
fn a_ribbon_ends_after_its_last_side() {
    let mut printer = kiosk();
    printer.change_ribbon(Ribbon::of(1));
    assert!(printer.conditions().contains(&Condition::RibbonLow));
    act(&mut printer, "a", pick());
    assert_eq!(
        act(&mut printer, "b", Action::PrintFront(layout())),
        done(1)
    );
    act(&mut printer, "c", Action::Flip);
    let back = Action::PrintBack(layout());
    assert_eq!(
        act(&mut printer, "d", back.clone()),
        failed(Condition::RibbonEnded, Some(1))
    );
    printer.change_ribbon(Ribbon::default());
    assert_eq!(act(&mut printer, "e", back), done(1));
    assert_eq!(printer.conditions(), BTreeSet::new());
}

#[test]
fn a_full_reject_bin_keeps_the_card_on_the_path() {
    let mut printer = kiosk();
    for n in 0..2 {
        act(&mut printer, &format!("p{n}"), pick());
        act(&mut printer, &format!("r{n}"), Action::Reject);
    }
    assert!(printer.conditions().contains(&Condition::RejectFull));
    act(&mut printer, "p", pick());
    let full = failed(Condition::RejectFull, Some(3));
    assert_eq!(act(&mut printer, "r", Action::Reject), full);
    assert_eq!(printer.empty_bin(), [serial(1), serial(2)]);
    assert_eq!(act(&mut printer, "s", Action::Reject), done(3));
    assert_eq!(printer.place_of(&serial(1)), Some(Place::RejectBin));
    assert_eq!(printer.census().rejected, 3);
    assert_eq!(printer.status().counters.rejected, 3);
    assert!(printer.census().adds_up());
}

#[test]
fn a_card_in_the_exit_blocks_the_next() {
    let mut printer = kiosk();
    act(&mut printer, "p1", pick());
    act(&mut printer, "x1", Action::Present);
    act(&mut printer, "p2", pick());
    let blocked = failed(Condition::ExitBlocked, Some(2));
    assert_eq!(act(&mut printer, "x2", Action::Present), blocked);
    assert_eq!(printer.status().state, PrinterState::Stopped);
    printer.take(alice()).unwrap();
    assert_eq!(printer.conditions(), BTreeSet::new());
    assert!(matches!(
        act(&mut printer, "x3", Action::Present),
        Completed::AtExit { .. }
    ));
    assert_eq!(printer.conditions(), BTreeSet::new());
}

#[test]
fn a_bezel_takes_back_what_nobody_took() {
    let mut printer = kiosk();
    act(&mut printer, "p", pick());
    act(&mut printer, "x", Action::Present);
    let outcome = Outcome::NotTaken { serial: serial(1) };
    assert_eq!(printer.stop_waiting(&id("x")), Ok(outcome.clone()));
    assert!(printer.stop_waiting(&id("x")).is_err());
    assert_eq!(printer.conditions(), BTreeSet::from([Condition::NotTaken]));
    printer.begin(&id("r"), &request(Action::Reject)).unwrap();
    assert!(printer.take(alice()).is_err());
    assert_eq!(
        printer.place_of(&serial(1)),
        Some(Place::Path(PathStation::Flipper))
    );
    assert_eq!(printer.complete(&id("r")), Ok(done(1)));
    assert_eq!(printer.place_of(&serial(1)), Some(Place::RejectBin));
    assert_eq!(printer.outcome(&id("x")), Some(&outcome));
}

#[test]
fn a_bezel_takes_back_before_its_time_too_and_a_late_hand_still_gets_the_card() {
    let mut printer = kiosk();
    act(&mut printer, "p", pick());
    act(&mut printer, "x", Action::Present);
    assert_eq!(act(&mut printer, "r", Action::Reject), done(1));
    assert_eq!(
        printer.outcome(&id("x")),
        Some(&Outcome::NotTaken { serial: serial(1) })
    );
    act(&mut printer, "p2", pick());
    act(&mut printer, "x2", Action::Present);
    printer.stop_waiting(&id("x2")).unwrap();
    assert_eq!(printer.take(alice()), Ok(serial(2)));
    assert_eq!(
        printer.outcome(&id("x2")),
        Some(&Outcome::NotTaken { serial: serial(2) })
    );
}

#[test]
fn reject_means_the_card_of_its_job() {
    let mut printer = kiosk();
    act(&mut printer, "p1", pick());
    act(&mut printer, "x1", Action::Present);
    let mut second = request(pick());
    second.job = "operation-2".parse().unwrap();
    printer.begin(&id("p2"), &second).unwrap();
    printer.complete(&id("p2")).unwrap();
    let reject = printer.begin(&id("r"), &request(Action::Reject));
    assert_eq!(reject, Err(Refusal::PathOccupied));
    second.action = Action::Reject;
    printer.begin(&id("r"), &second).unwrap();
    assert_eq!(printer.complete(&id("r")), Ok(done(2)));
    assert_eq!(act(&mut printer, "s", Action::Reject), done(1));
}

#[test]
fn a_tray_waits_for_ever_and_lets_go_when_staff_decline() {
    let mut printer = Printer::new(setup(Exit::Tray, 50));
    act(&mut printer, "p", pick());
    let present = act(&mut printer, "x", Action::Present);
    assert_eq!(present, Completed::AtExit { patience: None });
    let reject = request(Action::Reject);
    assert_eq!(printer.begin(&id("r"), &reject), Err(Refusal::TrayHolds));
    assert_eq!(printer.decline(), Ok(serial(1)));
    assert!(printer.decline().is_err());
    assert_eq!(
        printer.outcome(&id("x")),
        Some(&Outcome::NotTaken { serial: serial(1) })
    );
    assert_eq!(act(&mut printer, "r", Action::Reject), done(1));
}

#[test]
fn a_stripe_that_cannot_be_written_fails_after_its_time() {
    let mut printer = kiosk();
    act(&mut printer, "p", pick());
    let mut wrong = tracks();
    wrong.track2 = "41X1".into();
    let encode = Action::EncodeStripe(wrong);
    assert_eq!(
        act(&mut printer, "e", encode),
        failed(Condition::StripeFailed, Some(1))
    );
    let encoded = act(&mut printer, "f", Action::EncodeStripe(tracks()));
    let read_back = Some(tracks());
    let expected = Completed::Finished(Outcome::Done {
        serial: serial(1),
        read_back,
    });
    assert_eq!(encoded, expected);
}

#[test]
fn conditions_are_told_when_they_come_and_go() {
    let mut printer = Printer::new(setup(Exit::Bezel, 1));
    assert_eq!(printer.take_facts(), [Fact::Raised(Condition::MediaLow)]);
    act(&mut printer, "p", pick());
    let told: Vec<Fact> = printer.take_facts();
    assert_eq!(
        told[1..],
        [
            Fact::Cleared(Condition::MediaLow),
            Fact::Raised(Condition::MediaEmpty)
        ]
    );
    printer.refill(1, 100).unwrap();
    let refilled = Fact::Refilled {
        hopper: 1,
        blanks: 100,
    };
    assert_eq!(
        printer.take_facts(),
        [refilled, Fact::Cleared(Condition::MediaEmpty)]
    );
}
