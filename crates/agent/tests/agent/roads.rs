//! The roads that a job can take when nobody crashes.

use std::time::Duration;

use http::Response;
use persotwin_contract::production::ProductionCode;
use persotwin_kernel::event::{Failure, News};
use persotwin_link::jobs::{CaptureCause, Decision, JobStatus};
use persotwin_link::setup::{Present, Station};
use persotwin_link::stage::Work;
use persotwin_link::stock::Ribbon;
use persotwin_link::{Condition, Face, Span};
use persotwin_wire::{Fault, Lost, Strike};

use super::stage::{STATION, config, data, job_of, kiosk, told};

fn strike(to: Face, skip: u32, times: u32, fault: Fault) -> Strike {
    Strike {
        from: None,
        to,
        skip,
        times,
        fault,
    }
}

pub(crate) fn chip() -> Face {
    Face::Chip(STATION.parse().unwrap())
}

fn lost() -> Fault {
    Fault::After(Lost::Failure(Failure::Closed))
}

fn is_produced(status: &JobStatus) -> bool {
    matches!(status, JobStatus::Produced { .. })
}

#[test]
fn a_card_is_made_released_and_taken() {
    told(config(kiosk()), Decision::Release, |stage| async move {
        stage.order("a").await;
        let serial = stage.take().await;
        assert_eq!(stage.until_over("a").await, JobStatus::Taken);
        let produced = JobStatus::Produced {
            serial: serial.clone(),
        };
        assert_eq!(
            stage.books.heard("a"),
            [
                JobStatus::Started,
                produced,
                JobStatus::Presented,
                JobStatus::Taken
            ]
        );
        let printer = stage.steel.printer.lock().unwrap().clone();
        let card = printer.blank(&serial).unwrap();
        assert!(card.differences(&data()).is_empty());
        let works: Vec<_> = stage
            .news()
            .into_iter()
            .filter_map(|news| match news {
                News::WorkDone { work, .. } => Some(work),
                _ => None,
            })
            .collect();
        assert_eq!(works, [Work::Chip, Work::Stripe, Work::Print]);
        stage.check_book();
        assert_eq!(stage.books.enrolled(), 1);
        stage.pass(Duration::from_mins(1)).await;
        assert_eq!(stage.books.beats().last(), Some(&0));
    });
}

#[test]
fn ten_seconds_more_at_the_front_are_ten_seconds_more_at_the_end() {
    let produced_with = |print_front: u64| {
        let mut station = kiosk();
        station.timings.print_front = Span::from_secs(print_front);
        told(config(station), Decision::Release, |stage| async move {
            stage.order("a").await;
            stage.until_heard("a", is_produced).await.millis()
        })
    };
    assert_eq!(produced_with(26) - produced_with(16), 10_000);
    assert_eq!(produced_with(50) - produced_with(16), 34_000);
}

#[test]
fn work_is_done_in_the_stations_sequence() {
    let mut station = kiosk();
    station.sequence = vec![Work::Print, Work::Stripe, Work::Chip];
    told(config(station), Decision::Release, |stage| async move {
        stage.order("a").await;
        let serial = stage.take().await;
        let card = stage.steel.printer.lock().unwrap().blank(&serial).unwrap();
        assert!(card.differences(&data()).is_empty());
    });
}

#[test]
fn jobs_are_worked_on_one_after_the_other() {
    told(config(kiosk()), Decision::Release, |stage| async move {
        stage.order("b").await;
        stage.order("a").await;
        stage.take().await;
        assert!(!stage.books.heard("a").contains(&JobStatus::Started));
        stage.take().await;
        stage.until_over("a").await;
        stage.check_book();
    });
}

#[test]
fn a_card_that_must_be_kept_is_kept() {
    told(config(kiosk()), Decision::Capture, |stage| async move {
        stage.order("a").await;
        let why = CaptureCause::Decided;
        assert_eq!(stage.until_over("a").await, JobStatus::Captured { why });
        let listed = |news: &News| matches!(news, News::ForDestruction { .. });
        assert_eq!(stage.news().iter().filter(|it| listed(it)).count(), 1);
        stage.check_book();
    });
}

#[test]
fn without_an_answer_the_card_is_kept_and_d1_learns_that_first() {
    told(config(kiosk()), Decision::Release, |mut stage| async move {
        stage.order("a").await;
        stage
            .until_heard("a", |status| *status == JobStatus::Started)
            .await;
        stage.d1.crash().await;
        stage.pass(Duration::from_mins(10)).await;
        assert_eq!(stage.steel.status().counters.rejected, 1);
        stage.d1.start().await;
        let why = CaptureCause::NoAnswer;
        assert_eq!(stage.until_over("a").await, JobStatus::Captured { why });
        stage.until_heard("a", is_produced).await;
        let heard = stage.books.heard("a");
        assert_eq!(heard[1], JobStatus::Captured { why });
        assert!(is_produced(&heard[2]));
        stage.check_book();
    });
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again() {
    told(config(kiosk()), Decision::Release, |stage| async move {
        // Enrolment and STARTED pass, then two answers to PRODUCED get lost.
        stage.ground.net().arm(strike(Face::Stations, 2, 2, lost()));
        stage.order("a").await;
        stage.take().await;
        assert_eq!(stage.until_over("a").await, JobStatus::Taken);
        assert_eq!(stage.books.heard("a").len(), 4);
    });
}

#[test]
fn nobody_takes_the_card() {
    told(config(kiosk()), Decision::Release, |stage| async move {
        stage.order("a").await;
        let why = CaptureCause::NotTaken;
        assert_eq!(stage.until_over("a").await, JobStatus::Captured { why });
        stage.check_book();
    });
}

#[test]
fn somebody_takes_the_card_at_the_last_moment() {
    told(config(kiosk()), Decision::Release, |stage| async move {
        stage.order("a").await;
        // The bezel has stopped waiting; the agent's call to draw the card back is on its way.
        let conditions = |printer: &persotwin_printer::Printer| printer.conditions();
        stage
            .steel
            .until(|printer| {
                conditions(printer)
                    .contains(&Condition::NotTaken)
                    .then_some(())
            })
            .await;
        stage.take().await;
        assert_eq!(stage.until_over("a").await, JobStatus::Taken);
        stage.check_book();
    });
}

#[test]
fn staff_hand_over_or_reject() {
    let branch = || Station::branch(STATION.parse().unwrap());
    told(config(branch()), Decision::Release, |stage| async move {
        stage.order("a").await;
        stage
            .until_heard("a", |it| *it == JobStatus::Presented)
            .await;
        stage.pass(Duration::from_hours(3)).await;
        stage.take().await;
        assert_eq!(stage.until_over("a").await, JobStatus::Taken);
        stage.order("b").await;
        stage
            .until_heard("b", |it| *it == JobStatus::Presented)
            .await;
        stage
            .steel
            .change(persotwin_printer::Printer::decline)
            .unwrap();
        let why = CaptureCause::StaffRejected;
        assert_eq!(stage.until_over("b").await, JobStatus::Captured { why });
        stage.check_book();
    });
}

#[test]
fn at_once_means_without_d1() {
    let mut station = kiosk();
    station.present = Present::AtOnce;
    told(config(station), Decision::Capture, |mut stage| async move {
        stage.order("a").await;
        stage
            .until_heard("a", |status| *status == JobStatus::Started)
            .await;
        stage.d1.crash().await;
        stage.take().await;
        stage.d1.start().await;
        assert_eq!(stage.until_over("a").await, JobStatus::Taken);
        assert!(is_produced(&stage.books.heard("a")[1]));
        stage.check_book();
    });
}

#[test]
fn a_lost_command_spoils_the_blank_and_is_never_repeated() {
    told(config(kiosk()), Decision::Release, |stage| async move {
        // Power, SELECT and the opening of the channel pass; the answer to the first STORE DATA gets lost.
        stage.ground.net().arm(strike(chip(), 4, 1, lost()));
        stage.order("a").await;
        let serial = stage.take().await;
        assert_eq!(serial.as_str(), "KIOSK-PS-101/A/00002");
        stage.until_over("a").await;
        let commands = stage.steel.commands.lock().unwrap().clone();
        let stored = commands.iter().filter(|command| command[1] == 0xE2);
        assert_eq!(
            stored.count(),
            1 + 3,
            "one on the first chip, all on the second"
        );
        let news = stage.news();
        let first = persotwin_link::Serial::new(STATION, "A", 1);
        let spoiled = News::Spoiled {
            serial: first.clone(),
            condition: Condition::ChipMute,
        };
        assert!(news.contains(&spoiled));
        assert!(news.contains(&News::ForDestruction { serial: first }));
        stage.check_book();
    });
}

#[test]
fn attempts_come_to_an_end() {
    told(config(kiosk()), Decision::Release, |stage| async move {
        stage.ground.net().arm(strike(chip(), 0, 100, lost()));
        stage.order("a").await;
        let code = ProductionCode::PrdSmartcardCardNotInReader;
        assert_eq!(stage.until_over("a").await, JobStatus::Failed { code });
        assert_eq!(stage.steel.status().counters.rejected, 2);
        stage.check_book();
    });
}

#[test]
fn a_stripe_that_reads_otherwise_spoils_the_blank() {
    told(config(kiosk()), Decision::Release, |stage| async move {
        let outcome = serde_json::json!({
            "outcome": "done", "serial": "KIOSK-PS-101/A/00001",
            "read_back": {"track1": "B1", "track2": "1"},
        });
        let body = Response::new(outcome.to_string().into());
        let wrong = Fault::After(Lost::Answer(Box::new(body)));
        let printer = Face::Printer(STATION.parse().unwrap());
        // Status, pick and its poll, chip and its poll, stripe; then the poll of the stripe.
        stage.ground.net().arm(strike(printer, 6, 1, wrong));
        stage.order("a").await;
        stage.take().await;
        stage.until_over("a").await;
        let spoiled = |news: &News| {
            let condition = Condition::StripeFailed;
            matches!(news, News::Spoiled { condition: met, .. } if *met == condition)
        };
        assert_eq!(stage.news().iter().filter(|it| spoiled(it)).count(), 1);
        stage.check_book();
    });
}

#[test]
fn what_a_fresh_blank_does_not_mend_fails_at_once() {
    let mut empty = kiosk();
    empty.hoppers[0].blanks = 0;
    let mut dry = kiosk();
    dry.ribbon = Ribbon::of(0);
    let mut ends = kiosk();
    ends.ribbon = Ribbon::of(1);
    let mut full = kiosk();
    full.reject_bin = 0;
    for (station, code, used) in [
        (empty, ProductionCode::PrdFeederEmpty, 0),
        (dry, ProductionCode::PrtRibbonEnded, 0),
        (ends, ProductionCode::PrtRibbonEnded, 1),
        (full, ProductionCode::PrdRejectFull, 0),
    ] {
        told(config(station), Decision::Release, |stage| async move {
            stage.order("a").await;
            assert_eq!(stage.until_over("a").await, JobStatus::Failed { code });
            assert_eq!(stage.steel.status().counters.picked, used, "{code}");
            stage.check_book();
        });
    }
}

#[test]
fn an_operator_helps_in_time() {
    let mut station = kiosk();
    station.hoppers[0].blanks = 0;
    station.ribbon = Ribbon::of(1);
    let mut config = config(station);
    config.timing.help_limit = Span::from_secs(120);
    told(config, Decision::Release, |stage| async move {
        stage.order("a").await;
        stage.pass(Duration::from_secs(90)).await;
        stage.steel.change(|printer| printer.refill(1, 50)).unwrap();
        stage.pass(Duration::from_secs(90)).await;
        let ribbon = Ribbon::of(100);
        stage.steel.change(|printer| printer.change_ribbon(ribbon));
        stage.take().await;
        assert_eq!(stage.until_over("a").await, JobStatus::Taken);
        assert_eq!(stage.book().spoiled, 1);
        stage.check_book();
    });
}

#[test]
fn data_that_make_no_card_use_no_blank() {
    let mut other_application = data();
    other_application.dgis.clear();
    let mut scrambled = job_of(&data());
    scrambled.production_data.replace_range(400..404, "AAAA");
    let jobs = [
        job_of(&other_application),
        scrambled,
        persotwin_link::jobs::Job {
            production_data: "ey".into(),
            ..job_of(&data())
        },
    ];
    told(config(kiosk()), Decision::Release, |stage| async move {
        for (job, id) in jobs.iter().zip(["a", "b", "c"]) {
            assert_eq!(stage.put(id, job).await, 202);
            let code = ProductionCode::PrdUnexpectedData;
            assert_eq!(stage.until_over(id).await, JobStatus::Failed { code });
        }
        assert_eq!(stage.steel.status().counters.picked, 0);
    });
}

#[test]
fn a_card_stuck_behind_a_full_bin_is_cleared_when_there_is_room() {
    let mut station = kiosk();
    station.reject_bin = 1;
    told(config(station), Decision::Release, |stage| async move {
        stage.ground.net().arm(strike(chip(), 0, 100, lost()));
        stage.order("a").await;
        let code = ProductionCode::PrdRejectFull;
        assert_eq!(stage.until_over("a").await, JobStatus::Failed { code });
        stage.steel.change(persotwin_printer::Printer::empty_bin);
        stage.pass(Duration::from_mins(2)).await;
        stage.check_book();
    });
}

#[test]
fn a_forgotten_agent_enrols_again() {
    told(config(kiosk()), Decision::Release, |stage| async move {
        stage.pass(Duration::from_secs(40)).await;
        stage.books.forget_the_agent();
        stage.pass(Duration::from_secs(40)).await;
        assert_eq!(stage.books.enrolled(), 1);
    });
}
