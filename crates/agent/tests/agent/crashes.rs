//! Crashes of the agent and of the hardware at any moment of a job.

use std::time::Duration;

use persotwin_kernel::event::News;
use persotwin_link::jobs::{Decision, JobStatus};
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

/// How a job ends with a crash of one machine so long after its start.
fn crash_at(millis: u64, down: Duration, who: Who) -> (JobStatus, u64) {
    told(config(kiosk()), Decision::Release, |mut stage| async move {
        wait_for_cards(&stage);
        stage.order("a").await;
        stage.pass(Duration::from_millis(millis)).await;
        let seat = match who {
            Who::Agent => &mut stage.agent,
            Who::Station => &mut stage.station,
        };
        seat.crash().await;
        stage.caller.clock.sleep(down).await;
        let seat = match who {
            Who::Agent => &mut stage.agent,
            Who::Station => &mut stage.station,
        };
        seat.start().await;
        let end = stage.until_over("a").await;
        stage.pass(Duration::from_mins(2)).await;
        stage.check_book();
        check_live_cards(&stage);
        let hands = stage.steel.printer.lock().unwrap().census().hands;
        (end, hands)
    })
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
fn an_agent_that_crashes_at_any_moment_makes_one_card() {
    for millis in (0..42_000).step_by(150) {
        let (end, hands) = crash_at(millis, Duration::from_secs(5), Who::Agent);
        assert_eq!((end, hands), (JobStatus::Taken, 1), "crash at {millis} ms");
    }
}

#[test]
fn hardware_that_crashes_at_any_moment_makes_one_card() {
    for millis in (0..42_000).step_by(150) {
        let (end, hands) = crash_at(millis, Duration::from_secs(5), Who::Station);
        assert_eq!((end, hands), (JobStatus::Taken, 1), "crash at {millis} ms");
    }
}

#[test]
fn hardware_that_stays_down_fails_what_is_not_finished() {
    for millis in (0..34_000).step_by(1700) {
        let (end, hands) = crash_at(millis, Duration::from_hours(1), Who::Station);
        match end {
            JobStatus::Failed { .. } => assert_eq!(hands, 0, "crash at {millis} ms"),
            other => assert_eq!(
                (other, hands),
                (JobStatus::Taken, 1),
                "crash at {millis} ms"
            ),
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
