//! The printer without power, and after it.

use std::collections::BTreeSet;

use persotwin_link::condition::Condition;
use persotwin_link::device::Action;
use persotwin_link::{PathStation, Place};

use crate::tests::{act, done, id, kiosk, layout, pick, request, serial, setup, tracks};
use crate::{Counting, Exit, Printer, Progress, Refusal, Side};

#[test]
fn power_loss_leaves_a_half_printed_card_and_no_memory() {
    let mut printer = kiosk();
    act(&mut printer, "p", pick());
    printer
        .begin(&id("f"), &request(Action::PrintFront(layout())))
        .unwrap();
    let half = Progress::try_from(500).unwrap();
    assert_eq!(printer.lose_power(half), [id("f")]);
    assert!(!printer.has_power());
    assert_eq!(
        printer.begin(&id("f"), &request(pick())),
        Err(Refusal::NoPower)
    );
    printer.restore_power();
    let card = printer.blank(&serial(1)).unwrap();
    assert_eq!(card.face(Side::Front).unwrap().printed(), half);
    assert_eq!(printer.status().path.unwrap().at, PathStation::PrintHead);
    assert_eq!(printer.status().panel_sets(), 99);
    assert_eq!(printer.status().counters.picked, 1);
    assert_eq!(
        (printer.outcome(&id("f")), printer.outcome(&id("p"))),
        (None, None)
    );
    assert_eq!(act(&mut printer, "r", Action::Reject), done(1));
}

#[test]
fn power_loss_elsewhere_leaves_the_card_where_it_was() {
    for (action, at) in [
        (Action::MoveToChip, PathStation::Feeder),
        (Action::Present, PathStation::Feeder),
        (Action::Flip, PathStation::Flipper),
        (Action::EncodeStripe(tracks()), PathStation::StripeEncoder),
        (Action::Reject, PathStation::Feeder),
    ] {
        let mut printer = kiosk();
        act(&mut printer, "p", pick());
        printer.begin(&id("a"), &request(action.clone())).unwrap();
        printer.lose_power(Progress::try_from(500).unwrap());
        printer.restore_power();
        assert_eq!(
            printer.place_of(&serial(1)),
            Some(Place::Path(at)),
            "{action:?}"
        );
        let card = printer.blank(&serial(1)).unwrap();
        let encoded = matches!(action, Action::EncodeStripe(_));
        assert_eq!(card.stripe().is_blank(), !encoded);
        assert!(card.stripe().read().is_err());
    }
}

#[test]
fn power_loss_forgets_that_a_card_waits() {
    let mut printer = Printer::new(setup(Exit::Tray, 50));
    act(&mut printer, "p", pick());
    act(&mut printer, "x", Action::Present);
    assert_eq!(printer.lose_power(Progress::NONE), [id("x")]);
    assert!(printer.conditions().contains(&Condition::PowerOff));
    printer.restore_power();
    assert_eq!(printer.conditions(), BTreeSet::from([Condition::NotTaken]));
    assert_eq!(act(&mut printer, "r", Action::Reject), done(1));
}

#[test]
fn counters_that_do_not_last_start_from_nothing() {
    for (counting, picked) in [(Counting::Lasting, 1), (Counting::Volatile, 0)] {
        let mut printer = Printer::new(crate::Setup {
            counting,
            ..setup(Exit::Bezel, 50)
        });
        act(&mut printer, "p", pick());
        assert_eq!(printer.status().counters.picked, 1);
        printer.lose_power(Progress::NONE);
        printer.restore_power();
        assert_eq!(printer.status().counters.picked, picked, "{counting:?}");
        assert!(printer.census().adds_up());
    }
}
