//! Mishaps that spoil a card: stripe, print, blanks, chips.

use persotwin_link::device::{Action, Outcome};
use persotwin_link::stock::{Panel, StockName};
use persotwin_link::{Condition, Place, Stage};

use crate::environment::tests::{stands, suffer};
use crate::environment::{ChipDefect, Lasting, Mishap, Slip, Spoil, When};
use crate::face::{Field, Flaw, Shift, Side};
use crate::tests::{act, done, failed, kiosk, layout, personalise, pick, produce, serial, tracks};
use crate::{CardFile, Completed, NoContact, Printer, Progress, Repair};

#[test]
fn a_weak_head_fails_once_or_until_it_is_cleaned() {
    let encode = || Action::EncodeStripe(tracks());
    for (lasting, again) in [
        (Lasting::Once, None),
        (Lasting::UntilCleaned, Some(Condition::StripeFailed)),
    ] {
        let mut printer = kiosk();
        act(&mut printer, "p", pick());
        suffer(&mut printer, Mishap::StripeWritesWeakly(lasting), When::Now);
        assert_eq!(
            stands(&mut printer, "a", encode()),
            Some(Condition::StripeFailed)
        );
        let card = printer.blank(&serial(1)).unwrap();
        assert!(card.stripe().read().is_err() && !card.stripe().is_blank());
        assert_eq!(stands(&mut printer, "b", encode()), again);
        printer.repair(Repair::Clean).unwrap();
        assert_eq!(stands(&mut printer, "c", encode()), None);
        assert_eq!(printer.status().counters.encoded, 3);
    }
}

#[test]
fn a_head_that_misreads_says_so_to_whoever_compares() {
    let mut printer = kiosk();
    act(&mut printer, "p", pick());
    let once = Mishap::StripeReadsWrong(Lasting::Once);
    suffer(
        &mut printer,
        once,
        When::next(Stage::Stripe, Progress::NONE),
    );
    let encoded = act(&mut printer, "a", Action::EncodeStripe(tracks()));
    let Completed::Finished(Outcome::Done { read_back, .. }) = encoded else {
        panic!("{encoded:?}")
    };
    assert_ne!(read_back, Some(tracks()));
    let card = printer.blank(&serial(1)).unwrap();
    assert_eq!(card.stripe().read(), Ok(tracks()));
}

#[test]
fn a_spoiled_print_is_found_by_the_final_check_unless_its_camera_is_blind() {
    let line = Field::Pan;
    let by = Shift::SLIP;
    for spoil in [
        Spoil::Flaw(Flaw::ShiftedLine { line, by }),
        Spoil::MissingPanel(Panel::Black),
    ] {
        let mut printer = kiosk();
        suffer(
            &mut printer,
            Mishap::PrintSpoils(spoil),
            When::next(Stage::PrintFront, Progress::NONE),
        );
        produce(&mut printer, "a");
        let card = printer.blank(&serial(1)).unwrap();
        let face = card.face(Side::Front).unwrap();
        assert_eq!(face.legible(Side::Front, Field::Pan), None);
        let spoiled = failed(Condition::PrintSpoiled, Some(1));
        assert_eq!(act(&mut printer, "k", Action::Check), spoiled);
        suffer(&mut printer, Mishap::CameraBlind, When::Now);
        assert_eq!(act(&mut printer, "l", Action::Check), done(1));
        printer.repair(Repair::Clean).unwrap();
        assert_eq!(act(&mut printer, "m", Action::Check), spoiled);
    }
}

#[test]
fn blanks_may_be_of_another_stock_or_lie_upside_down() {
    let mut printer = kiosk();
    let metal: StockName = "metal".parse().unwrap();
    let (hopper, count) = (1, 1);
    let stock = metal.clone();
    let others = Mishap::OtherBlanks {
        hopper,
        stock,
        count,
    };
    suffer(&mut printer, others, When::Now);
    suffer(
        &mut printer,
        Mishap::BlanksUpsideDown { hopper, count },
        When::Now,
    );
    assert_eq!(act(&mut printer, "p", pick()), done(1));
    assert_eq!(printer.blank(&serial(1)).unwrap().stock(), &metal);
    act(&mut printer, "c", Action::MoveToChip);
    assert_eq!(printer.reset_chip(), Err(NoContact::Mute));
    let stripe = Action::EncodeStripe(tracks());
    assert_eq!(
        stands(&mut printer, "e", stripe),
        Some(Condition::StripeFailed)
    );
    act(&mut printer, "f", Action::PrintFront(layout()));
    let card = printer.blank(&serial(1)).unwrap();
    assert!(card.stripe().is_blank() && card.face(Side::Front).is_none());
    assert!(!card.face(Side::Back).unwrap().is_good());
    act(&mut printer, "r", Action::Reject);
    produce(&mut printer, "b");
    assert_eq!(act(&mut printer, "k", Action::Check), done(2));
}

#[test]
fn a_rejected_card_may_be_fed_again() {
    let mut printer = kiosk();
    let again = || Mishap::CardFedAgain { hopper: 1 };
    suffer(&mut printer, again(), When::Now);
    produce(&mut printer, "a");
    act(&mut printer, "r", Action::Reject);
    suffer(&mut printer, again(), When::Now);
    assert_eq!(printer.place_of(&serial(1)), Some(Place::Hopper(1)));
    assert!(printer.census().adds_up());
    assert_eq!(act(&mut printer, "p", pick()), done(1));
    act(&mut printer, "c", Action::MoveToChip);
    assert!(printer.chip().unwrap().personalised().is_some());
}

#[test]
fn counters_may_lie_and_the_census_never_does() {
    let mut printer = kiosk();
    produce(&mut printer, "a");
    suffer(
        &mut printer,
        Mishap::CountersSlip(Slip::Picked(3)),
        When::Now,
    );
    assert_eq!(printer.status().counters.picked, 4);
    suffer(&mut printer, Mishap::CountersSlip(Slip::Lost), When::Now);
    assert_eq!(printer.status().counters.picked, 0);
    assert_eq!(printer.census().path, 1);
}

#[test]
fn chips_have_defects_of_their_own() {
    let chip = |defect| {
        let mut printer = kiosk();
        suffer(&mut printer, Mishap::ChipDefect(defect), When::Now);
        act(&mut printer, "p", pick());
        act(&mut printer, "c", Action::MoveToChip);
        printer
    };
    assert_eq!(chip(ChipDefect::Mute).reset_chip(), Err(NoContact::Mute));
    assert_eq!(chip(ChipDefect::Slow { times: 40 }).chip_slowness(), 40);
    assert_eq!(chip(ChipDefect::Slow { times: 0 }).chip_slowness(), 1);
    let good = kiosk_at_chip().reset_chip().unwrap();
    assert_ne!(chip(ChipDefect::WrongAtr).reset_chip().unwrap(), good);
    let mut printer = chip(ChipDefect::MemoryFails { at: 2 });
    printer.reset_chip().unwrap();
    let store = [0x80, 0xE2, 0x00, 0x00, 0x00];
    let first = printer.transmit(&store).unwrap();
    assert_ne!(first, [0x65, 0x81]);
    for _ in 0..2 {
        assert_eq!(printer.transmit(&store).unwrap(), [0x65, 0x81]);
    }
    // Whoever reads the card later meets the same defect, as far as it has come.
    let card = printer.cards().next().unwrap().0.clone();
    let file = serde_json::to_string(&CardFile::of(card)).unwrap();
    let mut later = serde_json::from_str::<CardFile>(&file).unwrap().into_card();
    assert_eq!(later.chip_defect(), Some(ChipDefect::MemoryFails { at: 2 }));
    later.power_on().unwrap();
    assert_eq!(later.transmit(&store), Some(vec![0x65, 0x81]));
    // The next card's chip is a good one.
    act(&mut printer, "r", Action::Reject);
    act(&mut printer, "q", pick());
    act(&mut printer, "d", Action::MoveToChip);
    personalise(&mut printer);
}

fn kiosk_at_chip() -> Printer {
    let mut printer = kiosk();
    act(&mut printer, "p", pick());
    act(&mut printer, "c", Action::MoveToChip);
    printer
}

#[test]
fn contacts_and_reader_fail_for_every_chip() {
    let mut printer = kiosk_at_chip();
    suffer(&mut printer, Mishap::ContactsDirty, When::Now);
    assert_eq!(printer.check_contact(), Err(NoContact::Mute));
    printer.repair(Repair::Clean).unwrap();
    assert_eq!(printer.check_contact(), Ok(()));
    suffer(&mut printer, Mishap::ReaderGone, When::Now);
    assert_eq!(printer.transmit(&[0; 5]), Err(NoContact::NoReader));
    assert!(printer.conditions().contains(&Condition::ReaderGone));
    let vain = stands(&mut printer, "d", Action::MoveToChip);
    assert_eq!(vain, Some(Condition::ReaderGone));
    printer.lose_power(Progress::NONE);
    printer.restore_power();
    assert_eq!(printer.check_contact(), Ok(()));
}
