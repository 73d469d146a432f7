//! Mishaps of the hardware, and what the agent that nobody attends makes of them.

use std::time::Duration;

use persotwin_contract::production::ProductionCode;
use persotwin_kernel::event::News;
use persotwin_link::jobs::{CaptureCause, Decision, JobStatus};
use persotwin_link::stock::Panel;
use persotwin_link::{Span, Stage};
use persotwin_printer::environment::{Lasting, Mishap, Spoil};
use persotwin_printer::{Printer, Progress, Repair, Trouble, When};

use super::stage::{config, kiosk, told};

fn next(what: Mishap, stage: Stage) -> Trouble {
    let when = When::next(stage, Progress::HALF);
    Trouble { what, when }
}

fn now(what: Mishap) -> Trouble {
    let when = When::Now;
    Trouble { what, when }
}

#[test]
fn another_blank_is_used_where_one_is_spoiled() {
    let missing = Mishap::PrintSpoils(Spoil::MissingPanel(Panel::Cyan));
    for trouble in [
        next(missing, Stage::PrintFront),
        now(Mishap::StripeWritesWeakly(Lasting::Once)),
        now(Mishap::StripeReadsWrong(Lasting::Once)),
        now(Mishap::BlanksUpsideDown {
            hopper: 1,
            count: 1,
        }),
    ] {
        told(config(kiosk()), Decision::Release, |stage| async move {
            let suffered = |printer: &mut Printer| printer.suffer(trouble.clone(), Progress::NONE);
            stage.steel.change(suffered).unwrap();
            stage.order("a").await;
            stage.take().await;
            assert_eq!(stage.until_over("a").await, JobStatus::Taken, "{trouble:?}");
            let census = stage.steel.printer.lock().unwrap().census();
            assert!(census.adds_up() && census.rejected > 0, "{trouble:?}");
        });
    }
}

#[test]
fn what_nobody_mends_fails_with_its_code() {
    for (trouble, code) in [
        (
            next(Mishap::CardJams, Stage::Flip),
            ProductionCode::PrdHopperJam,
        ),
        (
            next(Mishap::CoverOpens, Stage::PrintFront),
            ProductionCode::PrtCoverOpen,
        ),
        // Two blanks are lost, and there are two attempts.
        (now(Mishap::DoubleFeed), ProductionCode::PrdFeederJam),
        (now(Mishap::LockOpens), ProductionCode::PrtLockError),
        (now(Mishap::Pauses), ProductionCode::PrtPaused),
        (
            next(Mishap::RibbonTaken, Stage::PrintBack),
            ProductionCode::PrtRibbonMissing,
        ),
        (
            next(Mishap::ReaderGone, Stage::Pick),
            ProductionCode::PrdSmartcardCardNotInReader,
        ),
    ] {
        told(config(kiosk()), Decision::Release, |stage| async move {
            let suffered = |printer: &mut Printer| printer.suffer(trouble.clone(), Progress::NONE);
            stage.steel.change(suffered).unwrap();
            stage.order("a").await;
            let over = stage.until_over("a").await;
            assert_eq!(over, JobStatus::Failed { code }, "{trouble:?}");
        });
    }
}

#[test]
fn a_card_that_an_operator_takes_out_of_a_jam_is_made_anew() {
    let mut config = config(kiosk());
    config.timing.help_limit = Span::from_secs(120);
    told(config, Decision::Release, |stage| async move {
        let jam = next(Mishap::CardJams, Stage::PrintFront);
        let suffered = |printer: &mut Printer| printer.suffer(jam, Progress::NONE);
        stage.steel.change(suffered).unwrap();
        stage.order("a").await;
        stage.pass(Duration::from_secs(90)).await;
        let clear = |printer: &mut Printer| printer.repair(Repair::ClearJam);
        stage.steel.change(clear).unwrap();
        stage.take().await;
        assert_eq!(stage.until_over("a").await, JobStatus::Taken);
        assert_eq!(stage.book().spoiled, 1);
    });
}

#[test]
fn a_job_that_is_withdrawn_while_an_operator_is_waited_for_uses_no_blank() {
    let mut config = config(kiosk());
    config.timing.help_limit = Span::from_secs(180);
    told(config, Decision::Release, |stage| async move {
        let pause = |printer: &mut Printer| printer.suffer(now(Mishap::Pauses), Progress::NONE);
        stage.steel.change(pause).unwrap();
        stage.order("a").await;
        stage.pass(Duration::from_secs(42)).await;
        assert_eq!(stage.delete("a").await, 204);
        let resume = |printer: &mut Printer| printer.repair(Repair::Resume);
        stage.steel.change(resume).unwrap();
        stage.pass(Duration::from_mins(5)).await;
        assert_eq!(stage.steel.status().counters.picked, 0);
        assert_eq!(stage.news().last(), Some(&News::JobWithdrawn));
        // The next one does not suffer from it.
        stage.order("b").await;
        stage.take().await;
        assert_eq!(stage.until_over("b").await, JobStatus::Taken);
    });
}

#[test]
fn an_agent_that_is_not_listened_to_keeps_the_card_and_reports_no_more() {
    told(config(kiosk()), Decision::Release, |stage| async move {
        stage.order("a").await;
        stage.until_heard("a", |it| *it == JobStatus::Started).await;
        stage.books.revoke();
        stage.pass(Duration::from_mins(5)).await;
        stage.check_book();
        assert_eq!(stage.book().captured, 1);
        let unwanted = stage.news().into_iter().filter_map(|news| match news {
            News::ReportUnwanted { report } => Some(report),
            _ => None,
        });
        let why = CaptureCause::Decided;
        let [produced, captured] = unwanted.collect::<Vec<_>>().try_into().unwrap();
        assert!(matches!(produced, JobStatus::Produced { .. }));
        assert_eq!(captured, JobStatus::Captured { why });
    });
}
