//! Who decides, who holds: stations that give cards out at once, lost answers, cards that are out and must not be.

use std::time::Duration;

use persotwin_contract::rules::DoneWhen;
use persotwin_d1::StationRegistration;
use persotwin_kernel::event::{Failure, News};
use persotwin_link::jobs::{CaptureCause, Decision, JobStatus, Reply as Answer};
use persotwin_link::setup::Present;
use persotwin_link::tenant::Tenant;
use persotwin_link::{Face, Machine};
use persotwin_wire::{Fault, Lost, Strike};

use crate::doubles::{Agent, Wish, World, produced, serial, station, told_in};
use crate::order::Order;

fn at_once() -> StationRegistration {
    StationRegistration {
        present: Present::AtOnce,
        ..StationRegistration::default()
    }
}

/// An agent that reports nothing by itself.
fn silent() -> Agent {
    Agent {
        reports: Vec::new(),
        ..Agent::default()
    }
}

fn strike(to: Face, times: u32, fault: Fault) -> Strike {
    Strike {
        from: None,
        to,
        skip: 0,
        times,
        fault,
    }
}

async fn ask(world: &World) -> u16 {
    let token = world.token().await;
    world
        .post(&token, "card-1", Order::good().body(world))
        .await
        .unwrap()
        .status()
}

#[test]
fn a_silent_station_that_gives_cards_out_at_once_leaves_the_order_in_doubt() {
    let wish = Wish {
        registration: at_once(),
        agent: silent(),
        ..Wish::default()
    };
    told_in(wish, |world| async move {
        let operation = world.order("card-1", Order::good().body(&world)).await;
        world.sleep(700).await;
        assert_eq!(world.status("card-1").await.0, "CARD_PROD_READY");
        assert_eq!(world.config.desk.in_doubt().await[0].operation, operation);
        assert_eq!(ask(&world).await, 403);
        assert_eq!(
            world.config.desk.cancel(&operation).await,
            Err(persotwin_d1::CancelError::MayBeOut)
        );
        // A late report resolves it.
        let answer: Answer = world
            .report(&operation, 1, produced())
            .await
            .json()
            .unwrap();
        assert_eq!(answer.decision, Decision::Release);
        assert!(world.config.desk.in_doubt().await.is_empty());
        assert_eq!(world.status("card-1").await.0, "CARD_PROD_DONE");
    });
}

#[test]
fn a_dispatch_without_any_answer_is_in_doubt_only_where_cards_leave_at_once() {
    for (registration, in_doubt) in [(at_once(), 1), (StationRegistration::default(), 0)] {
        let wish = Wish {
            registration,
            agent: silent(),
            ..Wish::default()
        };
        told_in(wish, |world| async move {
            let lost = Fault::After(Lost::Failure(Failure::Closed));
            world
                .ground
                .net()
                .arm(strike(Face::Jobs(station()), 99, lost));
            world.order("card-1", Order::good().body(&world)).await;
            world.sleep(300).await;
            assert_eq!(world.config.desk.in_doubt().await.len(), in_doubt);
        });
    }
}

#[test]
fn an_unreachable_station_is_never_in_doubt() {
    let agent = Agent {
        enrols: false,
        ..silent()
    };
    let wish = Wish {
        registration: at_once(),
        agent,
        ..Wish::default()
    };
    told_in(wish, |world| async move {
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(300).await;
        assert!(world.config.desk.in_doubt().await.is_empty());
        assert_eq!(
            world.status("card-1").await.1.unwrap(),
            "SAT_SERVER_NOT_REACHABLE"
        );
    });
}

#[test]
fn a_station_that_refuses_every_connection_is_never_in_doubt() {
    let wish = Wish {
        registration: at_once(),
        agent: silent(),
        ..Wish::default()
    };
    told_in(wish, |mut world| async move {
        world.sleep(1).await;
        world.agent_seat.crash().await;
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(300).await;
        assert!(world.config.desk.in_doubt().await.is_empty());
        let status = world.status("card-1").await;
        assert_eq!(status.1.unwrap(), "SAT_SERVER_NOT_REACHABLE");
    });
}

#[test]
fn a_job_whose_acceptance_got_lost_is_known_by_its_first_report() {
    let wish = Wish::default();
    told_in(wish, |world| async move {
        let lost = Fault::After(Lost::Failure(Failure::TimedOut));
        world
            .ground
            .net()
            .arm(strike(Face::Jobs(station()), 1, lost));
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(200).await;
        assert_eq!(world.status("card-1").await.0, "CARD_PROD_DONE");
        let dispatched = |news: &&News| matches!(news, News::Dispatched { .. });
        assert_eq!(world.news().iter().filter(dispatched).count(), 1);
    });
}

#[test]
fn an_answer_that_got_lost_is_given_again() {
    told_in(Wish::default(), |world| async move {
        let mut lost = strike(
            Face::Stations,
            2,
            Fault::After(Lost::Failure(Failure::Closed)),
        );
        // Enrolment and STARTED pass; PRODUCED and its first repetition lose their answers.
        lost.from = Some(Machine::Agent(station()));
        lost.skip = 2;
        world.ground.net().arm(lost);
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(200).await;
        assert!(world.answers().contains(&(produced(), Decision::Release)));
        let decided = |news: &&News| matches!(news, News::Decided { .. });
        assert_eq!(world.news().iter().filter(decided).count(), 1);
        assert_eq!(world.heard("card-1").len(), 3);
    });
}

#[test]
fn a_release_that_the_agent_never_heard_is_done_and_not_in_hand() {
    for (rule, expected) in [
        (DoneWhen::Released, ("CARD_PROD_DONE".to_owned(), None)),
        (
            DoneWhen::Taken,
            (
                "CARD_PROD_EXCEPTION".to_owned(),
                Some("PRD_NOT_RELEASED".to_owned()),
            ),
        ),
    ] {
        let mut tenant = Tenant::built_in();
        tenant.d1_rules.done_when = rule;
        told_in(
            Wish {
                tenant,
                agent: silent(),
                ..Wish::default()
            },
            |world| async move {
                let operation = world.order("card-1", Order::good().body(&world)).await;
                world.sleep(10).await;
                world.report(&operation, 1, produced()).await;
                let why = CaptureCause::NoAnswer;
                world
                    .report(&operation, 2, JobStatus::Captured { why })
                    .await;
                assert_eq!(world.status("card-1").await, expected);
                let listed = world.config.desk.done_not_in_hand().await.len();
                assert_eq!(listed, usize::from(rule == DoneWhen::Released));
            },
        );
    }
}

#[test]
fn a_released_card_that_nobody_reports_is_in_doubt_where_done_means_taken() {
    let mut tenant = Tenant::built_in();
    tenant.d1_rules.done_when = DoneWhen::Taken;
    told_in(
        Wish {
            tenant,
            agent: silent(),
            ..Wish::default()
        },
        |world| async move {
            let operation = world.order("card-1", Order::good().body(&world)).await;
            world.sleep(10).await;
            world.report(&operation, 1, produced()).await;
            world.sleep(700).await;
            assert_eq!(world.config.desk.in_doubt().await.len(), 1);
            assert_eq!(ask(&world).await, 403);
            world.report(&operation, 2, JobStatus::Taken).await;
            assert_eq!(world.status("card-1").await.0, "CARD_PROD_DONE");
            assert!(world.config.desk.in_doubt().await.is_empty());
        },
    );
}

#[test]
fn a_second_card_of_a_released_order_is_captured() {
    told_in(
        Wish {
            agent: silent(),
            ..Wish::default()
        },
        |world| async move {
            let operation = world.order("card-1", Order::good().body(&world)).await;
            world.sleep(10).await;
            let answer = async |sequence, count| {
                let status = JobStatus::Produced {
                    serial: serial(count),
                };
                let reply = world.report(&operation, sequence, status).await;
                reply.json::<Answer>().unwrap().decision
            };
            assert_eq!(answer(1, 1).await, Decision::Release);
            assert_eq!(answer(2, 2).await, Decision::Capture);
            assert_eq!(answer(3, 1).await, Decision::Release);
            assert_eq!(answer(1, 1).await, Decision::Release);
            assert_eq!(
                world
                    .report(&operation, 1, JobStatus::Started)
                    .await
                    .status(),
                409
            );
        },
    );
}

#[test]
fn a_card_that_is_out_after_its_order_failed_puts_it_in_doubt() {
    told_in(
        Wish {
            agent: silent(),
            ..Wish::default()
        },
        |world| async move {
            let operation = world.order("card-1", Order::good().body(&world)).await;
            world.sleep(700).await;
            assert_eq!(world.status("card-1").await.0, "CARD_PROD_EXCEPTION");
            world.report(&operation, 1, JobStatus::Taken).await;
            assert_eq!(world.config.desk.in_doubt().await.len(), 1);
            assert_eq!(ask(&world).await, 403);
        },
    );
}

#[test]
fn a_clock_that_is_wrong_does_not_change_how_long_d1_waits() {
    // The deadline is counted on D1's own calendar, whose offset is the same at both ends.
    let reports = vec![(Duration::from_secs(590), produced())];
    told_in(
        Wish {
            agent: Agent {
                reports,
                ..Agent::default()
            },
            ..Wish::default()
        },
        |world| async move {
            world.order("card-1", Order::good().body(&world)).await;
            world.sleep(700).await;
            assert_eq!(world.status("card-1").await.0, "CARD_PROD_DONE");
        },
    );
}
