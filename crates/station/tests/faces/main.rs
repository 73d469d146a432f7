//! The hardware as its agent sees it over HTTP, and as people do who stand in front of it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a double that fails shall fail its test"
)]

mod garbage;
mod mishaps;

use std::collections::BTreeMap;
use std::time::Duration;

use persotwin_faults::Protections;
use persotwin_kernel::event::{CardSide, Physical as What};
use persotwin_kernel::{Ending, Event, Journal, Limits, Moment, run_virtual};
use persotwin_link::device::{
    Action, ActionRequest, Answer, Atr, Command, Outcome, Power, PrinterState, PrinterStatus,
    Tracks,
};
use persotwin_link::jobs::Layout;
use persotwin_link::setup::Station;
use persotwin_link::stock::StockName;
use persotwin_link::{Condition, CustomerName, Face, Machine, Place};
use persotwin_printer::Side;
use persotwin_station::{Physical, Wanted, run};
use persotwin_wire::{Call, Ground, Host, Latencies, Medium, Reply, Seat};
use serde_json::{Value, json};

const STATION: &str = "KIOSK-PS-101";

/// A station, its seat, and an agent's hands.
struct Stage {
    ground: Ground,
    seat: Seat,
    physical: Physical,
    agent: Host,
}

fn told<F: Future<Output = ()>>(station: Station, story: impl FnOnce(Stage) -> F) {
    let ending = run_virtual(Limits::default(), |alarm| async move {
        let journal = Journal::new("2026-06-17T10:00:00Z".parse().unwrap());
        let none = Latencies::NONE;
        let ground = Ground::new(alarm, journal, 1, Medium::InProcess, none, None);
        let machine = Machine::Station(station.id.clone());
        ground.net().reserve(machine.clone(), 0).unwrap();
        let physical = Physical::new(
            station.clone(),
            BTreeMap::new(),
            &Protections::default(),
            ground.host(machine.clone()),
        );
        let inside = physical.clone();
        let mut seat = Seat::new(&ground, machine, move |host| run(host, inside.clone()));
        seat.start().await;
        let agent = ground.host(Machine::Agent(station.id));
        story(Stage {
            ground,
            seat,
            physical,
            agent,
        })
        .await;
    });
    match ending.unwrap() {
        Ending::Told(()) => {}
        other => panic!("{other:?}"),
    }
}

fn kiosk() -> Station {
    Station::kiosk(STATION.parse().unwrap())
}

fn printer() -> Face {
    Face::Printer(STATION.parse().unwrap())
}

fn chip() -> Face {
    Face::Chip(STATION.parse().unwrap())
}

fn customer() -> CustomerName {
    "alice".parse().unwrap()
}

fn layout() -> Layout {
    Layout {
        artwork: "dawn".into(),
        pan: "4111 1111 1111 1111".into(),
        expiry: "06/29".into(),
        name: "ALICE MARTIN".into(),
        second_name: None,
        custom_lines: vec![],
        cvv2: "123".into(),
    }
}

fn tracks() -> Tracks {
    Tracks {
        track1: "B4111111111111111^MARTIN/ALICE^29062010000000123000000".into(),
        track2: "4111111111111111=29062010000123000000".into(),
        track3: None,
    }
}

fn pick() -> Action {
    Action::Pick {
        stock: StockName::default(),
        counted: None,
    }
}

impl Stage {
    async fn call(&self, call: Call) -> Reply {
        self.agent
            .wire
            .call(call.patience(Duration::from_secs(90)))
            .await
            .unwrap()
    }

    async fn put(&self, id: &str, action: Action) -> Reply {
        let path = format!("/printer/v1/{STATION}/actions/{id}");
        let job = "op-1".parse().unwrap();
        let request = ActionRequest { job, action };
        self.call(Call::put(printer(), &path).json(&request)).await
    }

    async fn poll(&self, id: &str, query: &str) -> Reply {
        let path = format!("/printer/v1/{STATION}/actions/{id}{query}");
        self.call(Call::get(printer(), &path)).await
    }

    async fn act(&self, id: &str, action: Action) -> Outcome {
        assert_eq!(self.put(id, action).await.status(), 202, "{id}");
        self.poll(id, "?wait=60").await.json().unwrap()
    }

    async fn status(&self) -> PrinterStatus {
        let path = format!("/printer/v1/{STATION}");
        self.call(Call::get(printer(), &path)).await.json().unwrap()
    }

    async fn power(&self, power: Power) -> Reply {
        let path = format!("/chip/v1/{STATION}/power");
        self.call(Call::post(chip(), &path).json(&power)).await
    }

    async fn apdu(&self, text: &str) -> Reply {
        let path = format!("/chip/v1/{STATION}/apdus");
        let command = hex::decode(text).unwrap();
        self.call(Call::post(chip(), &path).json(&Command { command }))
            .await
    }

    fn truths(&self) -> Vec<What> {
        let records = self.ground.journal().records();
        let truths = records.iter().filter_map(|record| match &record.event {
            Event::Card(truth) => Some(truth.what.clone()),
            _ => None,
        });
        truths.collect()
    }

    fn now(&self) -> Moment {
        self.agent.clock.now()
    }
}

#[test]
fn a_card_is_made_and_taken_in_the_time_that_it_takes() {
    told(kiosk(), |stage| async move {
        let done = |outcome| assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
        done(stage.act("pick", pick()).await);
        assert_eq!(stage.now(), Moment::from_millis(2000));
        done(stage.act("chip", Action::MoveToChip).await);
        assert_eq!(stage.now(), Moment::from_millis(3500));
        let atr: Atr = stage.power(Power::On).await.json().unwrap();
        assert_eq!((atr.atr[0], stage.now()), (0x3B, Moment::from_millis(4000)));
        let answer: Answer = stage
            .apdu("00A4040007A000000003101000")
            .await
            .json()
            .unwrap();
        assert!(answer.answer.ends_with(&[0x90, 0x00]));
        assert_eq!(stage.now(), Moment::from_millis(4025));
        let Outcome::Done { read_back, .. } =
            stage.act("stripe", Action::EncodeStripe(tracks())).await
        else {
            panic!("the stripe failed")
        };
        assert_eq!(read_back, Some(tracks()));
        done(stage.act("front", Action::PrintFront(layout())).await);
        done(stage.act("flip", Action::Flip).await);
        done(stage.act("back", Action::PrintBack(layout())).await);
        assert_eq!(stage.put("present", Action::Present).await.status(), 202);
        let at_exit = stage.poll("present", "?wait=60&until=exit").await;
        assert_eq!(at_exit.json::<Outcome>().unwrap(), Outcome::Running);
        assert_eq!(stage.now(), Moment::from_millis(33_025));
        let wanted = Wanted::Job("op-1".parse().unwrap());
        let card = stage.physical.card_at_exit(&wanted).await;
        let taken = stage.physical.take(&customer()).await;
        assert_eq!(taken.as_ref(), Some(&card.serial));
        let outcome: Outcome = stage.poll("present", "?wait=60").await.json().unwrap();
        let serial = card.serial.clone();
        assert_eq!(outcome, Outcome::Taken { serial });
        assert_eq!(stage.physical.take(&customer()).await, None);
        assert!(stage.physical.census().adds_up());
        let number = stage
            .agent
            .chance
            .fingerprint(&["4111111111111111", "2906"]);
        let essences: Vec<_> = stage
            .truths()
            .into_iter()
            .filter_map(|what| match what {
                What::Encoded { essence, .. } => Some(essence),
                What::Printed {
                    side: CardSide::Front,
                    essence,
                    ..
                } => essence,
                _ => None,
            })
            .collect();
        assert_eq!(essences.len(), 2);
        assert!(essences.iter().all(|essence| essence.number == number));
        let moved_to_hand = What::Moved {
            serial: card.serial,
            from: Place::Exit,
            to: Place::Hand(customer()),
        };
        assert!(stage.truths().contains(&moved_to_hand));
    });
}

#[test]
fn a_bezel_stops_waiting_and_takes_its_card_back() {
    told(kiosk(), |stage| async move {
        stage.act("pick", pick()).await;
        assert_eq!(stage.put("present", Action::Present).await.status(), 202);
        let outcome: Outcome = stage.poll("present", "?wait=60").await.json().unwrap();
        assert!(matches!(outcome, Outcome::NotTaken { .. }));
        assert_eq!(stage.now(), Moment::from_millis(34_000));
        assert_eq!(stage.status().await.conditions, [Condition::NotTaken]);
        stage.act("reject", Action::Reject).await;
        let census = stage.physical.census();
        assert_eq!((census.exit, census.rejected), (0, 1));
    });
}

#[test]
fn a_tray_waits_until_staff_decide() {
    let branch = Station::branch(STATION.parse().unwrap());
    told(branch, |stage| async move {
        stage.act("pick", pick()).await;
        assert_eq!(stage.put("present", Action::Present).await.status(), 202);
        stage.agent.clock.sleep(Duration::from_hours(5)).await;
        assert_eq!(stage.put("reject", Action::Reject).await.status(), 409);
        let declined = stage.physical.decline().await.unwrap();
        let outcome: Outcome = stage.poll("present", "").await.json().unwrap();
        let serial = declined.clone();
        assert_eq!(outcome, Outcome::NotTaken { serial });
        stage.act("reject-2", Action::Reject).await;
        assert_eq!(stage.physical.cards()[0].1, Place::RejectBin);
    });
}

#[test]
fn the_same_id_acts_once() {
    told(kiosk(), |stage| async move {
        for _ in 0..3 {
            assert_eq!(stage.put("pick", pick()).await.status(), 202);
        }
        assert_eq!(stage.put("pick", Action::Flip).await.status(), 409);
        assert_eq!(stage.put("other", Action::Flip).await.status(), 409);
        stage.poll("pick", "?wait=60").await;
        assert_eq!(stage.put("pick", pick()).await.status(), 202);
        assert_eq!(stage.status().await.counters.picked, 1);
        assert_eq!(stage.poll("nobody", "?wait=60").await.status(), 404);
    });
}

#[test]
fn a_crash_stops_a_print_half_way_and_its_outcome_is_forgotten() {
    told(kiosk(), |mut stage| async move {
        let serial = match stage.act("pick", pick()).await {
            Outcome::Done { serial, .. } => serial,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            stage
                .put("front", Action::PrintFront(layout()))
                .await
                .status(),
            202
        );
        stage.agent.clock.sleep(Duration::from_secs(4)).await;
        stage.seat.crash().await;
        stage.agent.clock.sleep(Duration::from_hours(1)).await;
        stage.seat.start().await;
        assert_eq!(stage.poll("front", "?wait=60").await.status(), 404);
        let status = stage.status().await;
        assert_eq!(status.path.map(|card| card.serial), Some(serial.clone()));
        let card = stage
            .physical
            .look(|printer| printer.blank(&serial))
            .unwrap();
        assert_eq!(card.face(Side::Front).unwrap().printed().permille(), 250);
        stage.act("reject", Action::Reject).await;
        assert!(stage.physical.census().adds_up());
    });
}

#[test]
fn a_power_cut_is_seen_at_its_own_instant() {
    told(kiosk(), |mut stage| async move {
        stage.act("pick", pick()).await;
        stage.seat.cut_power().await;
        stage.agent.clock.sleep(Duration::from_secs(1)).await;
        assert_eq!(stage.physical.status().conditions, [Condition::PowerOff]);
        let silent = Call::get(printer(), &format!("/printer/v1/{STATION}"));
        let patience = Duration::from_secs(5);
        assert!(
            stage
                .agent
                .wire
                .call(silent.patience(patience))
                .await
                .is_err()
        );
        stage.seat.start().await;
        assert_eq!(stage.status().await.state, PrinterState::Idle);
    });
}

#[test]
fn people_put_in_what_is_missing() {
    let mut station = kiosk();
    station.hoppers[0].blanks = 0;
    told(station, |stage| async move {
        let outcome = stage.act("pick", pick()).await;
        let condition = Condition::MediaEmpty;
        assert_eq!(
            outcome,
            Outcome::Failed {
                condition,
                serial: None
            }
        );
        assert_eq!(stage.physical.refill(1, 5).await, Ok(5));
        assert!(stage.physical.refill(2, 5).await.is_err());
        assert!(matches!(
            stage.act("pick-2", pick()).await,
            Outcome::Done { .. }
        ));
        let loaded = |what: &What| matches!(what, What::Loaded { count: 5, .. });
        assert_eq!(stage.truths().iter().filter(|what| loaded(what)).count(), 1);
    });
}

#[test]
fn wrong_requests_get_their_answers_as_json() {
    told(kiosk(), |stage| async move {
        let at = |path: &str| Call::get(printer(), path);
        let action = format!("/printer/v1/{STATION}/actions/a");
        let odd = format!("/printer/v1/{STATION}/actions/a~b");
        let flip = json!({"job": "op-1", "action": "flip"});
        let chip_power = format!("/chip/v1/{STATION}/power");
        let calls = [
            (at("/printer/v1/OTHER"), 404),
            (at("/printer/v1/%FF"), 404),
            (at("/elsewhere"), 404),
            (at(&chip_power), 405),
            (at(&format!("{action}?wait=soon")), 400),
            (Call::put(printer(), &action).body("text/plain", "x"), 415),
            (
                Call::put(printer(), &action).body("application/json", "{"),
                400,
            ),
            (
                Call::put(printer(), &action).json(&json!({"job": "op-1"})),
                400,
            ),
            (Call::put(printer(), &odd).json(&flip), 400),
            (Call::put(printer(), &action).json(&flip), 409),
            (Call::put(printer(), &action).json(&"x".repeat(70_000)), 413),
            (Call::post(chip(), &chip_power).json(&Power::On), 409),
        ];
        for (call, status) in calls {
            let shown = format!("{call:?}");
            let reply = stage.call(call).await;
            assert_eq!(reply.status(), status, "{shown}");
            let body: Value = reply.json().unwrap();
            assert!(body["error"].as_str().unwrap().contains(' '), "{body}");
        }
        stage.act("pick", pick()).await;
        stage.act("chip", Action::MoveToChip).await;
        assert_eq!(stage.apdu("00A40400").await.status(), 409);
        assert_eq!(stage.power(Power::On).await.status(), 200);
        assert_eq!(stage.apdu("").await.status(), 200);
        assert_eq!(stage.power(Power::Off).await.status(), 200);
        assert_eq!(stage.apdu("00A40400").await.status(), 409);
    });
}
