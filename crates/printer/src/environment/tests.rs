//! Each mishap with what follows from it, and its repair.

use std::num::NonZeroU32;
use std::time::Duration;

use persotwin_link::device::{Action, JobState, Level, Mouth, Outcome};
use persotwin_link::setup::HeadLimits;
use persotwin_link::stock::{Panel, Ribbon, RibbonKind, StockName};
use persotwin_link::{Condition, PathStation, Place, Stage};

use crate::environment::{Mishap, Unfit, When};
use crate::face::Side;
use crate::tests::{
    act, alice, done, failed, id, kiosk, layout, pick, produce, request, serial, setup, tracks,
};
use crate::{
    Begun, CannotMend, Completed, Exit, Fact, Printer, Progress, Repair, Trouble, TroubleId,
};

pub(crate) fn suffer(printer: &mut Printer, what: Mishap, when: When) -> TroubleId {
    let trouble = Trouble { what, when };
    printer.suffer(trouble, Progress::NONE).unwrap()
}

fn has_struck(printer: &mut Printer, id: TroubleId) -> bool {
    printer.take_facts().contains(&Fact::Struck(id))
}

fn share(permille: u16) -> Progress {
    permille.try_into().unwrap()
}

pub(crate) fn stands(printer: &mut Printer, name: &str, action: Action) -> Option<Condition> {
    match act(printer, name, action) {
        Completed::Finished(Outcome::Failed { condition, .. }) => Some(condition),
        _ => None,
    }
}

#[test]
fn a_blank_that_does_not_feed_stays_in_its_hopper() {
    let mut printer = kiosk();
    let slips = suffer(&mut printer, Mishap::FeedFails, When::Now);
    assert!(!has_struck(&mut printer, slips));
    assert_eq!(
        act(&mut printer, "p", pick()),
        failed(Condition::FeedJam, None)
    );
    assert!(has_struck(&mut printer, slips));
    assert_eq!(printer.census().hoppers, [50]);
    assert_eq!(act(&mut printer, "q", pick()), done(1));
}

#[test]
fn a_double_feed_brings_a_second_blank_to_light() {
    let mut printer = kiosk();
    suffer(&mut printer, Mishap::DoubleFeed, When::Now);
    let jam = failed(Condition::FeedJam, Some(1));
    assert_eq!(act(&mut printer, "p", pick()), jam);
    let census = printer.census();
    assert_eq!((census.path, census.hoppers.as_slice()), (2, &[48][..]));
    assert_eq!(printer.status().counters.picked, 1);
    assert_eq!(act(&mut printer, "r", Action::Reject), done(1));
    assert_eq!(printer.status().path.unwrap().serial, serial(2));
    assert_eq!(act(&mut printer, "s", Action::Reject), done(2));
    assert!(printer.status().path.is_none() && printer.census().adds_up());
}

#[test]
fn a_double_feed_that_jams_has_fed_twice_once() {
    let mut printer = kiosk();
    let double = suffer(&mut printer, Mishap::DoubleFeed, When::Now);
    printer.begin(&id("p"), &request(pick())).unwrap();
    suffer(&mut printer, Mishap::CardJams, When::Now);
    assert!(printer.take_facts().contains(&Fact::Struck(double)));
    printer.repair(Repair::ClearJam).unwrap();
    assert_eq!(printer.census().hoppers, [48]);
    assert_eq!(act(&mut printer, "q", pick()), done(3));
}

#[test]
fn a_card_that_jams_is_moved_by_nobody_but_an_operator() {
    for (stage, action, at) in [
        (Stage::Chip, Action::MoveToChip, PathStation::Feeder),
        (
            Stage::PrintFront,
            Action::PrintFront(layout()),
            PathStation::PrintHead,
        ),
        (Stage::Flip, Action::Flip, PathStation::Flipper),
        (
            Stage::Stripe,
            Action::EncodeStripe(tracks()),
            PathStation::StripeEncoder,
        ),
    ] {
        let mut printer = kiosk();
        suffer(
            &mut printer,
            Mishap::CardJams,
            When::next(stage, Progress::HALF),
        );
        act(&mut printer, "p", pick());
        assert_eq!(
            stands(&mut printer, "a", action),
            Some(Condition::PathJam),
            "{stage}"
        );
        let stuck = stands(&mut printer, "r", Action::Reject);
        let expected = match at {
            PathStation::Feeder => Condition::FeedJam,
            _ => Condition::PathJam,
        };
        assert_eq!(stuck, Some(expected), "{stage}");
        assert_eq!(printer.place_of(&serial(1)), Some(Place::Path(at)));
        printer.repair(Repair::ClearJam).unwrap();
        assert_eq!(printer.place_of(&serial(1)), Some(Place::RejectBin));
        assert_eq!(printer.conditions().len(), 0);
        assert_eq!(act(&mut printer, "q", pick()), done(2));
    }
}

#[test]
fn a_ribbon_that_tears_leaves_half_a_panel() {
    let mut printer = kiosk();
    act(&mut printer, "p", pick());
    let half = When::next(Stage::PrintFront, Progress::HALF);
    suffer(&mut printer, Mishap::RibbonTears, half);
    let print = request(Action::PrintFront(layout()));
    let Begun::Moving(movement) = printer.begin(&id("f"), &print).unwrap() else {
        panic!("it does not move")
    };
    assert_eq!(movement.duration, Duration::from_secs(8));
    let broken = failed(Condition::RibbonBroken, Some(1));
    assert_eq!(printer.complete(&id("f")).unwrap(), broken);
    let card = printer.blank(&serial(1)).unwrap();
    let panels = card.face(Side::Front).unwrap().panels();
    assert_eq!(panels.of(Panel::Magenta), Progress::WHOLE);
    assert_eq!(panels.of(Panel::Cyan), Progress::HALF);
    assert_eq!(panels.of(Panel::Black), Progress::NONE);
    assert!(printer.conditions().contains(&Condition::RibbonBroken));
    assert_eq!(act(&mut printer, "r", Action::Reject), done(1));
    let ribbon = Ribbon::of(200);
    printer.repair(Repair::ChangeRibbon(ribbon)).unwrap();
    produce(&mut printer, "b");
    assert!(printer.blank(&serial(2)).unwrap().is_well_printed());
}

#[test]
fn a_ribbon_ends_where_a_panel_should_begin() {
    let mut printer = kiosk();
    act(&mut printer, "p", pick());
    suffer(
        &mut printer,
        Mishap::RibbonEnds { at: Panel::Black },
        When::Now,
    );
    let front = Action::PrintFront(layout());
    assert_eq!(
        stands(&mut printer, "f", front),
        Some(Condition::RibbonEnded)
    );
    let card = printer.blank(&serial(1)).unwrap();
    let panels = card.face(Side::Front).unwrap().panels();
    assert_eq!(panels.of(Panel::Cyan), Progress::WHOLE);
    assert_eq!(panels.of(Panel::Black), Progress::NONE);
    assert_eq!(printer.status().panel_sets(), 0);
}

#[test]
fn a_ribbon_may_be_missing_or_wrong() {
    let mut printer = kiosk();
    act(&mut printer, "p", pick());
    suffer(&mut printer, Mishap::RibbonTaken, When::Now);
    let front = || Action::PrintFront(layout());
    assert_eq!(
        stands(&mut printer, "a", front()),
        Some(Condition::RibbonMissing)
    );
    assert_eq!(printer.status().ribbon, None);
    let wrong = Ribbon {
        kind: RibbonKind::Ymckok,
        panel_sets: 50,
    };
    suffer(&mut printer, Mishap::RibbonSwapped(wrong), When::Now);
    assert_eq!(
        stands(&mut printer, "b", front()),
        Some(Condition::RibbonWrong)
    );
    printer
        .repair(Repair::ChangeRibbon(Ribbon::of(50)))
        .unwrap();
    assert_eq!(act(&mut printer, "c", front()), done(1));
}

#[test]
fn what_people_open_stops_whatever_moves() {
    for (what, condition, mend) in [
        (Mishap::CoverOpens, Condition::CoverOpen, Repair::CloseCover),
        (Mishap::LockOpens, Condition::Unlocked, Repair::Lock),
    ] {
        let mut printer = kiosk();
        act(&mut printer, "p", pick());
        let print = request(Action::PrintFront(layout()));
        printer.begin(&id("f"), &print).unwrap();
        let trouble = Trouble {
            what,
            when: When::Now,
        };
        printer.suffer(trouble, share(250)).unwrap();
        assert_eq!(printer.moving(), None);
        let outcome = printer.outcome(&id("f")).cloned().unwrap();
        let expected = failed(condition, Some(1));
        assert_eq!(Completed::Finished(outcome), expected);
        let card = printer.blank(&serial(1)).unwrap();
        assert_eq!(card.face(Side::Front).unwrap().printed(), share(250));
        assert!(printer.complete(&id("f")).is_err());
        assert_eq!(act(&mut printer, "r", Action::Reject), expected);
        printer.repair(mend).unwrap();
        assert_eq!(act(&mut printer, "s", Action::Reject), done(1));
    }
}

#[test]
fn a_pause_lets_the_movement_end_and_nothing_begin() {
    let mut printer = kiosk();
    printer.begin(&id("p"), &request(pick())).unwrap();
    suffer(&mut printer, Mishap::Pauses, When::Now);
    assert_eq!(printer.complete(&id("p")), Ok(done(1)));
    assert_eq!(
        stands(&mut printer, "a", Action::MoveToChip),
        Some(Condition::Paused)
    );
    let job = &printer.status().jobs[0];
    assert_eq!(
        (job.state, job.state.ipp()),
        (JobState::ProcessingStopped, 6)
    );
    printer.repair(Repair::Resume).unwrap();
    assert_eq!(act(&mut printer, "b", Action::MoveToChip), done(1));
    assert_eq!(printer.status().jobs[0].state, JobState::Processing);
}

#[test]
fn a_hot_head_makes_the_next_print_wait() {
    let mut printer = Printer::new(crate::Setup {
        head: HeadLimits {
            hot: 50,
            resume: 40,
        },
        ..setup(Exit::Bezel, 50)
    });
    act(&mut printer, "p", pick());
    suffer(&mut printer, Mishap::HeadOverheats, When::Now);
    assert!(printer.conditions().contains(&Condition::HeadHot));
    assert_eq!(printer.status().sensors.head, 90);
    printer.pass_to(Duration::from_secs(10));
    let print = request(Action::PrintFront(layout()));
    let Begun::Moving(movement) = printer.begin(&id("f"), &print).unwrap() else {
        panic!("it does not move")
    };
    assert_eq!(movement.cooling, Duration::from_secs(40));
    printer.pass_to(Duration::from_secs(50));
    assert!(!printer.conditions().contains(&Condition::HeadHot));
    assert_eq!(printer.complete(&id("f")), Ok(done(1)));
    // 12 degrees more: too hot again.
    assert!(printer.conditions().contains(&Condition::HeadHot));
    let trouble = Trouble {
        what: Mishap::HeadOverheats,
        when: When::Now,
    };
    act(&mut printer, "g", Action::Flip);
    let back = request(Action::PrintBack(layout()));
    printer.begin(&id("b"), &back).unwrap();
    printer.suffer(trouble, Progress::HALF).unwrap();
    assert_eq!(
        printer.outcome(&id("b")).cloned().map(Completed::Finished),
        Some(failed(Condition::HeadHot, Some(1)))
    );
}

#[test]
fn the_ways_out_may_be_closed() {
    for (what, condition, mend) in [
        (Mishap::DoorOpens, Condition::DoorOpen, Repair::CloseDoor),
        (
            Mishap::ExitBlocks,
            Condition::ExitBlocked,
            Repair::ClearExit,
        ),
        (
            Mishap::BezelSticks,
            Condition::BezelStuck,
            Repair::FreeBezel,
        ),
    ] {
        let mut printer = kiosk();
        act(&mut printer, "p", pick());
        suffer(&mut printer, what.clone(), When::Now);
        assert!(printer.conditions().contains(&condition));
        let present = act(&mut printer, "x", Action::Present);
        assert_eq!(present, failed(condition, Some(1)));
        printer.repair(mend).unwrap();
        // The same in mid-movement.
        suffer(
            &mut printer,
            what,
            When::next(Stage::Present, Progress::HALF),
        );
        let present = act(&mut printer, "y", Action::Present);
        assert_eq!(present, failed(condition, Some(1)));
        printer.repair(mend).unwrap();
        assert!(matches!(
            act(&mut printer, "z", Action::Present),
            Completed::AtExit { .. }
        ));
    }
}

#[test]
fn a_stuck_bezel_keeps_its_card_for_whoever_takes_it() {
    let mut printer = kiosk();
    act(&mut printer, "p", pick());
    act(&mut printer, "x", Action::Present);
    suffer(&mut printer, Mishap::BezelSticks, When::Now);
    assert_eq!(
        stands(&mut printer, "r", Action::Reject),
        Some(Condition::BezelStuck)
    );
    assert_eq!(printer.take(alice()), Ok(serial(1)));
}

#[test]
fn what_is_no_card_fills_bin_and_exit() {
    let mut printer = kiosk();
    suffer(&mut printer, Mishap::BinFills, When::Now);
    suffer(&mut printer, Mishap::ExitBlocks, When::Now);
    let sensors = printer.status().sensors;
    assert_eq!(
        (sensors.reject_bin, sensors.exit),
        (Level::Full, Mouth::Object)
    );
    act(&mut printer, "p", pick());
    assert_eq!(
        stands(&mut printer, "r", Action::Reject),
        Some(Condition::RejectFull)
    );
    printer.repair(Repair::EmptyBin).unwrap();
    assert_eq!(act(&mut printer, "s", Action::Reject), done(1));
}

#[test]
fn a_test_print_costs_a_blank_and_a_panel_set() {
    let mut printer = kiosk();
    printer.repair(Repair::TestPrint { hopper: 1 }).unwrap();
    let status = printer.status();
    assert_eq!((status.counters.picked, status.panel_sets()), (1, 99));
    assert_eq!(printer.census().rejected, 1);
    assert!(!printer.blank(&serial(1)).unwrap().is_live());
    act(&mut printer, "p", pick());
    let test = printer.repair(Repair::TestPrint { hopper: 1 });
    assert_eq!(test, Err(CannotMend::NotReady));
}

#[test]
fn a_head_wants_to_be_cleaned_after_a_thousand_sides() {
    let mut printer = kiosk();
    printer.counters.since_cleaning = 998;
    produce(&mut printer, "a");
    assert!(printer.conditions().contains(&Condition::CleaningDue));
    printer.repair(Repair::Clean).unwrap();
    assert!(!printer.conditions().contains(&Condition::CleaningDue));
    let counters = printer.status().counters;
    assert_eq!((counters.cleanings, counters.printed), (1, 2));
}

#[test]
fn another_printer_counts_from_nothing_and_remembers_nothing() {
    let mut printer = kiosk();
    suffer(
        &mut printer,
        Mishap::CoverOpens,
        When::next(Stage::Flip, Progress::HALF),
    );
    act(&mut printer, "p", pick());
    act(&mut printer, "f", Action::Flip);
    printer.repair(Repair::ReplacePrinter).unwrap();
    assert_eq!(printer.outcome(&id("p")), None);
    assert_eq!(printer.status().counters.picked, 0);
    assert_eq!(printer.place_of(&serial(1)), Some(Place::RejectBin));
    assert_eq!(printer.conditions().len(), 0);
    printer.begin(&id("q"), &request(pick())).unwrap();
    let moving = printer.repair(Repair::ReplacePrinter);
    assert_eq!(moving, Err(CannotMend::Moving));
}

#[test]
fn the_third_pick_may_be_the_one() {
    let mut printer = kiosk();
    let third = When::During {
        stage: Stage::Pick,
        nth: NonZeroU32::new(3).unwrap(),
        progress: Progress::WHOLE,
    };
    suffer(&mut printer, Mishap::FeedFails, third);
    for n in 1..=2 {
        assert_eq!(act(&mut printer, &format!("p{n}"), pick()), done(n));
        act(&mut printer, &format!("r{n}"), Action::Reject);
    }
    printer.repair(Repair::EmptyBin).unwrap();
    let jam = failed(Condition::FeedJam, None);
    assert_eq!(act(&mut printer, "p3", pick()), jam);
    assert_eq!(act(&mut printer, "p4", pick()), done(3));
}

#[test]
fn what_power_loss_forestalls_strikes_the_next_time() {
    let mut printer = kiosk();
    act(&mut printer, "p", pick());
    let late = When::next(Stage::PrintFront, share(800));
    let tears = suffer(&mut printer, Mishap::RibbonTears, late);
    let front = || Action::PrintFront(layout());
    printer.begin(&id("f"), &request(front())).unwrap();
    // Half of what was announced, which is four fifths of a print.
    printer.lose_power(Progress::HALF);
    printer.restore_power();
    let card = printer.blank(&serial(1)).unwrap();
    assert_eq!(card.face(Side::Front).unwrap().printed(), share(400));
    assert!(!has_struck(&mut printer, tears));
    act(&mut printer, "r", Action::Reject);
    act(&mut printer, "q", pick());
    assert_eq!(
        stands(&mut printer, "g", front()),
        Some(Condition::RibbonBroken)
    );
    assert!(has_struck(&mut printer, tears));
}

#[test]
fn what_cannot_happen_is_refused_and_what_has_not_is_taken_back() {
    let mut printer = kiosk();
    let mut refused = |what, stage| {
        let when = When::next(stage, Progress::HALF);
        printer.suffer(Trouble { what, when }, Progress::NONE)
    };
    let stage = Stage::Flip;
    let what = "ribbon-tears";
    assert_eq!(
        refused(Mishap::RibbonTears, stage),
        Err(Unfit::Stage { what, stage })
    );
    assert!(refused(Mishap::CoverOpens, Stage::Hold).is_err());
    let nowhere = Mishap::CardFedAgain { hopper: 2 };
    assert_eq!(refused(nowhere, Stage::Pick), Err(Unfit::NoSuchHopper(2)));
    let stock: StockName = "nobodys".parse().unwrap();
    let unknown = Mishap::OtherBlanks {
        hopper: 1,
        stock: stock.clone(),
        count: 1,
    };
    assert_eq!(
        refused(unknown, Stage::Pick),
        Err(Unfit::NoSuchStock(stock))
    );
    let id = suffer(&mut printer, Mishap::FeedFails, When::Now);
    assert!(printer.withdraw(id) && !printer.withdraw(id));
    assert_eq!(act(&mut printer, "p", pick()), done(1));
}
