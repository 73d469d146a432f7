//! Crashes of the agent and of the hardware at any moment of a job.

use std::time::Duration;

use persotwin_kernel::event::News;
use persotwin_link::jobs::{CaptureCause, Decision, JobStatus};
use persotwin_link::{Latencies, setup::Present};

use super::stage::{Stage, config, kiosk, told};

/// A customer who takes whatever lies in the exit.
fn wait_for_cards(stage: &Stage) {
    let steel = stage.steel.clone();
    stage.caller.life.spawn(async move {
        loop {
            steel.until(|printer| printer.status().exit).await;
            let who = "alice".parse().unwrap();
            let _ = steel.change(|printer| printer.take(who));
        }
    });
}

/// A job with a crash in it.
#[derive(Debug, Clone, Copy)]
struct Crash {
    who: Who,
    millis: u64,
    down: Duration,
    decision: Decision,
    customer: Customer,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Customer {
    Waits,
    IsGone,
}

impl Crash {
    fn of(who: Who, millis: u64) -> Self {
        Self {
            who,
            millis,
            down: Duration::from_secs(5),
            decision: Decision::Release,
            customer: Customer::Waits,
        }
    }

    /// How the job ends, and how many cards are in hands then.
    fn ends(self) -> (JobStatus, u64) {
        told(config(kiosk()), self.decision, |mut stage| async move {
            if self.customer == Customer::Waits {
                wait_for_cards(&stage);
            }
            stage.order("a").await;
            stage.pass(Duration::from_millis(self.millis)).await;
            self.seat(&mut stage).crash().await;
            stage.pass(self.down).await;
            self.seat(&mut stage).start().await;
            let end = stage.until_over("a").await;
            stage.pass(Duration::from_mins(2)).await;
            stage.check_book();
            check_live_cards(&stage);
            let hands = stage.steel.printer.lock().unwrap().census().hands;
            (end, hands)
        })
    }

    fn seat(self, stage: &mut Stage) -> &mut persotwin_wire::Seat {
        match self.who {
            Who::Agent => &mut stage.agent,
            Who::Station => &mut stage.station,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Who {
    Agent,
    Station,
}

/// Every card with keys is in a hand or listed.
fn check_live_cards(stage: &Stage) {
    let printer = stage.steel.printer.lock().unwrap();
    let news = stage.news();
    for (card, place) in printer.cards() {
        let serial = card.serial().clone();
        let held = matches!(place, persotwin_link::Place::Hand(_));
        let listed = News::ForDestruction { serial };
        assert!(
            !card.is_live() || held || news.contains(&listed),
            "{card:?}"
        );
    }
}

#[test]
fn whoever_crashes_at_any_moment_one_card_is_made() {
    for who in [Who::Agent, Who::Station] {
        for millis in (0..42_000).step_by(190) {
            let crash = Crash::of(who, millis);
            assert_eq!(crash.ends(), (JobStatus::Taken, 1), "{crash:?}");
        }
    }
}

#[test]
fn whoever_crashes_no_card_is_given_out_that_shall_be_kept() {
    let kept = [
        (Decision::Capture, Customer::Waits, CaptureCause::Decided),
        (Decision::Release, Customer::IsGone, CaptureCause::NotTaken),
    ];
    for (decision, customer, why) in kept {
        for who in [Who::Agent, Who::Station] {
            for millis in (0..78_000).step_by(1100) {
                let crash = Crash {
                    decision,
                    customer,
                    ..Crash::of(who, millis)
                };
                let end = JobStatus::Captured { why };
                assert_eq!(crash.ends(), (end, 0), "{crash:?}");
            }
        }
    }
}

#[test]
fn hardware_that_stays_down_fails_what_is_not_finished() {
    for millis in (0..34_000).step_by(1700) {
        let crash = Crash {
            down: Duration::from_hours(1),
            ..Crash::of(Who::Station, millis)
        };
        match crash.ends() {
            (JobStatus::Failed { .. }, hands) => assert_eq!(hands, 0, "{crash:?}"),
            other => assert_eq!(other, (JobStatus::Taken, 1), "{crash:?}"),
        }
    }
}

#[test]
fn a_held_card_is_reported_again_after_a_crash() {
    told(config(kiosk()), Decision::Release, |mut stage| async move {
        stage.order("a").await;
        stage
            .until_heard("a", |status| *status == JobStatus::Started)
            .await;
        stage.d1.crash().await;
        stage
            .steel
            .until(|printer| {
                let back = persotwin_printer::Side::Back;
                let mut cards = printer.cards();
                cards
                    .any(|(card, _)| card.face(back).is_some())
                    .then_some(())
            })
            .await;
        stage.pass(Duration::from_secs(3)).await;
        stage.agent.crash().await;
        stage.d1.start().await;
        stage.agent.start().await;
        stage.take().await;
        assert_eq!(stage.until_over("a").await, JobStatus::Taken);
        assert_eq!(stage.books.heard("a").len(), 4);
        stage.check_book();
    });
}

#[test]
fn a_run_is_the_same_again_with_its_crash() {
    let journal = || {
        told(config(kiosk()), Decision::Release, |mut stage| async move {
            wait_for_cards(&stage);
            for id in ["a", "b", "c"] {
                stage.order(id).await;
            }
            stage.pass(Duration::from_secs(20)).await;
            stage.agent.crash().await;
            stage.agent.start().await;
            stage.until_over("c").await;
            stage.ground.journal().to_string()
        })
    };
    assert_ne!(Latencies::default(), Latencies::NONE);
    assert_eq!(journal(), journal());
}

#[test]
fn at_once_survives_crashes_too() {
    for millis in (30_000..42_000).step_by(300) {
        let mut station = kiosk();
        station.present = Present::AtOnce;
        told(config(station), Decision::Release, |mut stage| async move {
            wait_for_cards(&stage);
            stage.order("a").await;
            stage.pass(Duration::from_millis(millis)).await;
            stage.agent.start().await;
            assert_eq!(stage.until_over("a").await, JobStatus::Taken);
            stage.pass(Duration::from_mins(2)).await;
            stage.check_book();
        });
    }
}
