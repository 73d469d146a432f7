//! What goes wrong with the hardware, as its agent sees it over HTTP.

use std::time::Duration;

use persotwin_link::device::{Action, JobState, Outcome, Power};
use persotwin_link::setup::{HeadLimits, Leftover};
use persotwin_link::{Condition, PathStation, Place, Stage as At};
use persotwin_printer::environment::{ChipDefect, Mishap};
use persotwin_printer::{Progress, Repair, Side, Trouble, When};
use persotwin_wire::Call;
use serde_json::Value;

use crate::{STATION, Stage, customer, kiosk, layout, pick, printer, told};

fn now(what: Mishap) -> Trouble {
    let when = When::Now;
    Trouble { what, when }
}

fn failed(outcome: &Outcome) -> Option<Condition> {
    match outcome {
        Outcome::Failed { condition, .. } => Some(*condition),
        _ => None,
    }
}

impl Stage {
    async fn raw_status(&self) -> Value {
        let status = Call::get(printer(), &format!("/printer/v1/{STATION}"));
        self.call(status).await.json().unwrap()
    }
}

#[test]
fn a_cover_that_is_opened_ends_a_print_at_that_instant() {
    told(kiosk(), |stage| async move {
        stage.act("pick", pick()).await;
        stage.put("front", Action::PrintFront(layout())).await;
        stage.agent.clock.sleep(Duration::from_secs(4)).await;
        stage
            .physical
            .suffer(now(Mishap::CoverOpens))
            .await
            .unwrap();
        let at = stage.now();
        let outcome: Outcome = stage.poll("front", "?wait=60").await.json().unwrap();
        assert_eq!(failed(&outcome), Some(Condition::CoverOpen));
        assert_eq!(stage.now(), at);
        let (card, _) = stage.physical.cards().remove(0);
        assert_eq!(card.face(Side::Front).unwrap().printed().permille(), 250);
        let status = stage.raw_status().await;
        let told = &status["conditions"][0];
        assert_eq!(told["condition"], "cover-open");
        assert_eq!(told["severity"], "stopped");
        assert_eq!(told["ipp"], "cover-open-error");
        assert_eq!(told["code"], "PRT_COVER_OPEN");
        assert_eq!(status["sensors"]["cover"], "open");
        assert_eq!(status["jobs"][0]["state"], "processing-stopped");
        // The print's own end, twelve seconds later, finds another movement and leaves it alone.
        stage.physical.repair(Repair::CloseCover).await.unwrap();
        stage.agent.clock.sleep(Duration::from_secs(11)).await;
        let rejected = stage.act("reject", Action::Reject).await;
        assert!(matches!(rejected, Outcome::Done { .. }), "{rejected:?}");
        assert_eq!(stage.status().await.jobs[0].state, JobState::Aborted);
    });
}

#[test]
fn a_trouble_tells_when_it_has_struck() {
    told(kiosk(), |stage| async move {
        let when = When::next(At::Flip, Progress::HALF);
        let jam = Trouble {
            what: Mishap::CardJams,
            when,
        };
        let id = stage.physical.suffer(jam).await.unwrap();
        stage.act("pick", pick()).await;
        assert!(!stage.physical.has_struck(id));
        stage.put("flip", Action::Flip).await;
        stage.physical.struck(id).await;
        assert_eq!(stage.now().since_start(), Duration::from_secs(3));
        let outcome: Outcome = stage.poll("flip", "?wait=60").await.json().unwrap();
        assert_eq!(failed(&outcome), Some(Condition::PathJam));
        assert!(!stage.physical.withdraw(id).await);
    });
}

#[test]
fn a_print_waits_for_a_hot_head() {
    let mut station = kiosk();
    station.head = HeadLimits {
        hot: 50,
        resume: 40,
    };
    told(station, |stage| async move {
        stage.act("pick", pick()).await;
        stage
            .physical
            .suffer(now(Mishap::HeadOverheats))
            .await
            .unwrap();
        let began = stage.now();
        stage.put("front", Action::PrintFront(layout())).await;
        stage.agent.clock.sleep(Duration::from_secs(49)).await;
        assert_eq!(stage.status().await.conditions, [Condition::HeadHot]);
        stage.agent.clock.sleep(Duration::from_secs(2)).await;
        assert_eq!(stage.status().await.conditions, []);
        let outcome: Outcome = stage.poll("front", "?wait=60").await.json().unwrap();
        assert!(matches!(outcome, Outcome::Done { .. }));
        let took = stage.now().since(began);
        assert_eq!(took, Duration::from_secs(50 + 16));
    });
}

#[test]
fn a_chip_may_be_slow_or_say_nothing() {
    told(kiosk(), |stage| async move {
        let slow = Mishap::ChipDefect(ChipDefect::Slow { times: 100 });
        stage.physical.suffer(now(slow)).await.unwrap();
        stage.act("pick", pick()).await;
        stage.act("chip", Action::MoveToChip).await;
        let began = stage.now();
        assert_eq!(stage.power(Power::On).await.status(), 200);
        assert_eq!(stage.now().since(began), Duration::from_secs(50));
        stage
            .physical
            .suffer(now(Mishap::ContactsDirty))
            .await
            .unwrap();
        let reply = stage.apdu("00A4040007A000000003101000").await;
        assert_eq!(reply.status(), 409);
        assert_eq!(
            reply.json::<Value>().unwrap()["error"],
            "the chip does not answer"
        );
    });
}

#[test]
fn a_bezel_does_what_it_is_set_to_do_with_a_leftover_card() {
    for (leftover, place) in [
        (Leftover::Leave, Place::Exit),
        (Leftover::DrawIn, Place::Path(PathStation::Flipper)),
        (Leftover::Reject, Place::RejectBin),
    ] {
        let mut station = kiosk();
        station.leftover = leftover;
        told(station, |stage| async move {
            stage.act("pick", pick()).await;
            stage.put("present", Action::Present).await;
            let outcome: Outcome = stage.poll("present", "?wait=60").await.json().unwrap();
            assert!(matches!(outcome, Outcome::NotTaken { .. }));
            assert_eq!(stage.physical.cards()[0].1, place);
            let late = stage.physical.take(&customer()).await;
            assert_eq!(late.is_some(), leftover == Leftover::Leave);
        });
    }
}
