//! Whole orders, from 202 to the last notification.

use std::time::Duration;

use persotwin_contract::order::Issuance;
use persotwin_contract::production::ProductionCode;
use persotwin_contract::rules::{CardDataChecks, DoneWhen};
use persotwin_d1::{VaultTrouble, Whose};
use persotwin_kernel::event::News;
use persotwin_link::jobs::{CaptureCause, Decision, JobStatus};
use persotwin_link::tenant::Tenant;

use crate::doubles::{Agent, Wish, World, produced, told, told_in};
use crate::order::Order;

#[test]
fn an_order_goes_through_all_its_steps() {
    told(|world| async move {
        let body = Order::named("req-1").body(&world);
        let operation = world.order("card-1", body).await;
        assert_eq!(operation.as_str().len(), 36);
        world.sleep(120).await;
        assert_eq!(
            world.heard("card-1"),
            ["CARD_PROD_REQUESTED", "CARD_PROD_READY", "CARD_PROD_DONE"]
        );
        assert_eq!(
            world.status("card-1").await,
            ("CARD_PROD_DONE".into(), None)
        );
        let answers: Vec<Decision> = world
            .answers()
            .into_iter()
            .map(|(_, answer)| answer)
            .collect();
        let noted = Decision::Noted;
        assert_eq!(answers, [noted, Decision::Release, noted, noted]);
        assert!(world.config.desk.done_not_in_hand().await.is_empty());
        assert!(world.config.desk.in_doubt().await.is_empty());
    });
}

#[test]
fn the_journal_tells_the_order_in_the_order_in_which_it_came_true() {
    told(|world| async move {
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(120).await;
        let told: Vec<String> = world
            .news()
            .iter()
            .map(|news| {
                let json = serde_json::to_value(news).unwrap();
                let about = ["status", "decision"]
                    .iter()
                    .find_map(|name| json[name].as_str());
                format!(
                    "{} {}",
                    json["news"].as_str().unwrap(),
                    about.unwrap_or_default()
                )
            })
            .collect();
        let expected = [
            "enrolled ",
            "order-accepted ",
            "status-is CARD_PROD_REQUESTED",
            "notified CARD_PROD_REQUESTED",
            "prepared ",
            "status-is CARD_PROD_READY",
            "dispatched ",
            "notified CARD_PROD_READY",
            "report-heard STARTED",
            "report-heard PRODUCED",
            "decided release",
            "status-is CARD_PROD_DONE",
            "notified CARD_PROD_DONE",
            "report-heard PRESENTED",
            "report-heard TAKEN",
        ];
        let sorted = |mut list: Vec<String>| {
            list.sort();
            list
        };
        // Two messages under way at once may arrive in either order.
        assert_eq!(
            sorted(told.clone()),
            sorted(expected.map(str::to_owned).to_vec())
        );
        let place = |what: &str| told.iter().position(|line| line == what).unwrap();
        assert!(place("decided release") < place("status-is CARD_PROD_DONE"));
        assert!(place("prepared ") < place("status-is CARD_PROD_READY"));
        assert!(place("status-is CARD_PROD_READY") < place("dispatched "));
    });
}

#[test]
fn the_agent_gets_real_production_data() {
    told(|world| async move {
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(60).await;
        let data = world.production_data();
        // CVV1, iCVV and CVV2 of this number, month and key differ.
        assert!(
            data.track1
                .starts_with("B4111111111111111^MARTIN/ALICE^2906201000000")
        );
        assert!(data.track2.starts_with("4111111111111111=29062010000"));
        let cvv1 = &data.track2[28..31];
        assert_ne!(cvv1, data.layout.cvv2);
        assert_eq!(data.layout.pan, "4111 1111 1111 1111");
        assert_eq!(data.layout.expiry, "06/29");
        assert_eq!(data.layout.name, "ALICE MARTIN");
        assert_eq!(data.dgis.len(), 7);
        assert!(
            !data.dgis[0].contains(&format!("29062010000{cvv1}")),
            "the chip has iCVV"
        );
    });
}

fn ended(agent: Agent) -> (Vec<String>, (String, Option<String>), Vec<News>) {
    let wish = Wish {
        agent,
        ..Wish::default()
    };
    told_in(wish, |world| async move {
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(1000).await;
        (
            world.heard("card-1"),
            world.status("card-1").await,
            world.news(),
        )
    })
}

#[test]
fn a_failed_production_tells_its_code() {
    let code = ProductionCode::PrdFeederEmpty;
    let reports = vec![(Duration::from_secs(3), JobStatus::Failed { code })];
    let (heard, status, news) = ended(Agent {
        reports,
        ..Agent::default()
    });
    assert_eq!(heard.last().unwrap(), "CARD_PROD_EXCEPTION");
    assert_eq!(
        status,
        (
            "CARD_PROD_EXCEPTION".into(),
            Some("PRD_FEEDER_EMPTY".into())
        )
    );
    assert!(news.contains(&News::Decided {
        decision: Decision::Capture
    }));
}

#[test]
fn a_station_that_never_enrols_fails_the_order_in_time() {
    let (_, status, _) = ended(Agent {
        enrols: false,
        ..Agent::default()
    });
    let code = "SAT_SERVER_NOT_REACHABLE".to_owned();
    assert_eq!(status, ("CARD_PROD_EXCEPTION".into(), Some(code)));
}

#[test]
fn an_agent_that_is_busy_gets_the_same_job_again_until_it_takes_it() {
    let agent = Agent {
        answers: [503, 500, 503].into(),
        ..Agent::default()
    };
    let wish = Wish {
        agent,
        ..Wish::default()
    };
    told_in(wish, |world| async move {
        let operation = world.order("card-1", Order::good().body(&world)).await;
        world.sleep(200).await;
        assert_eq!(world.status("card-1").await.0, "CARD_PROD_DONE");
        let agent = world.agent.lock().unwrap();
        let jobs = &agent.jobs[&operation];
        assert_eq!(jobs.len(), 4);
        assert!(
            jobs.iter().all(|job| *job == jobs[0]),
            "the same bytes each time"
        );
    });
}

#[test]
fn an_agent_that_does_not_want_the_job_fails_the_order_at_once() {
    let (_, status, _) = ended(Agent {
        answers: [400].into(),
        ..Agent::default()
    });
    assert_eq!(status.1.unwrap(), "PRD_UNEXPECTED_DATA");
}

#[test]
fn a_silent_production_is_failed_and_its_late_card_captured() {
    let reports = vec![(Duration::from_secs(700), produced())];
    let agent = Agent {
        reports,
        ..Agent::default()
    };
    told_in(
        Wish {
            agent,
            ..Wish::default()
        },
        |world| async move {
            let operation = world.order("card-1", Order::good().body(&world)).await;
            world.sleep(1000).await;
            let no_report = Some("SAT_NO_REPORT".to_owned());
            assert_eq!(
                world.status("card-1").await,
                ("CARD_PROD_EXCEPTION".into(), no_report)
            );
            assert_eq!(world.answers()[0], (produced(), Decision::Capture));
            assert_eq!(world.agent.lock().unwrap().withdrawn, [operation]);
            assert_eq!(world.heard("card-1").len(), 3);
        },
    );
}

#[test]
fn a_card_that_is_not_taken_is_done_and_not_in_hand() {
    let released = vec![
        JobStatus::Presented,
        JobStatus::Captured {
            why: CaptureCause::NotTaken,
        },
    ];
    let agent = Agent {
        released,
        ..Agent::default()
    };
    told_in(
        Wish {
            agent,
            ..Wish::default()
        },
        |world| async move {
            let first = world.order("card-1", Order::good().body(&world)).await;
            world.sleep(120).await;
            assert_eq!(world.status("card-1").await.0, "CARD_PROD_DONE");
            let listed = world.config.desk.done_not_in_hand().await;
            assert_eq!(listed.len(), 1);
            assert_eq!(listed[0].0.operation, first);
            let replacement = Order::good().again(Issuance::Replacement).body(&world);
            let second = world.order("card-1", replacement).await;
            assert_ne!(first, second);
        },
    );
}

fn done_when_taken(agent: Agent) -> Wish {
    let mut tenant = Tenant::built_in();
    tenant.d1_rules.done_when = DoneWhen::Taken;
    Wish {
        tenant,
        agent,
        ..Wish::default()
    }
}

#[test]
fn done_may_wait_for_the_customer() {
    told_in(done_when_taken(Agent::default()), |world| async move {
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(120).await;
        let news = world.news();
        let place = |wanted: &News| news.iter().position(|news| news == wanted).unwrap();
        let taken = place(&News::ReportHeard {
            report: JobStatus::Taken,
        });
        let released = place(&News::Decided {
            decision: Decision::Release,
        });
        let done = news
            .iter()
            .position(|news| matches!(news, News::StatusIs { status, .. } if status.is_final()));
        assert!(released < taken && taken < done.unwrap());
        assert_eq!(world.status("card-1").await.0, "CARD_PROD_DONE");
    });
}

#[test]
fn a_card_that_is_not_taken_may_be_an_exception() {
    let why = CaptureCause::NotTaken;
    let released = vec![JobStatus::Presented, JobStatus::Captured { why }];
    let agent = Agent {
        released,
        ..Agent::default()
    };
    told_in(done_when_taken(agent), |world| async move {
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(120).await;
        let status = world.status("card-1").await;
        assert_eq!(status.1.unwrap(), "PRD_CARD_NOT_TAKEN");
        // Failed: the same card may be ordered anew.
        world.order("card-1", Order::good().body(&world)).await;
    });
}

#[test]
fn a_number_too_long_for_its_tracks_ends_in_a_data_exception() {
    told(|world| async move {
        let mut order = Order::good();
        order.data.pan = persotwin_contract::secret::Pan::complete("411111000000000000").unwrap();
        world.order("card-1", order.body(&world)).await;
        world.sleep(10).await;
        let refused = Some("DP_DATA_REFUSED".to_owned());
        assert_eq!(
            world.status("card-1").await,
            ("DATA_EXCEPTION".into(), refused)
        );
        assert_eq!(
            world.heard("card-1"),
            ["CARD_PROD_REQUESTED", "DATA_EXCEPTION"]
        );
    });
}

#[test]
fn a_vault_is_asked_again_and_what_it_lacks_has_a_code() {
    for (trouble, code) in [
        (VaultTrouble::Away, "DP_NOT_AVAILABLE"),
        (VaultTrouble::LacksKey, "DP_IO_ERROR"),
        (VaultTrouble::LacksImage, "DP_DATA_REFUSED"),
    ] {
        told(|world| async move {
            world.config.vault.suffer(trouble, Whose::All);
            world.order("card-1", Order::good().body(&world)).await;
            world.sleep(90).await;
            let failed = ("DATA_EXCEPTION".to_owned(), Some(code.to_owned()));
            assert_eq!(world.status("card-1").await, failed);
        });
    }
    told(|world| async move {
        world.config.vault.suffer(VaultTrouble::Away, Whose::All);
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(30).await;
        world.config.vault.mend();
        world.sleep(120).await;
        let done = ("CARD_PROD_DONE".to_owned(), None);
        assert_eq!(world.status("card-1").await, done);
    });
}

#[test]
fn bad_card_data_may_end_in_a_data_exception() {
    let mut tenant = Tenant::built_in();
    tenant.d1_rules.card_data_checks = CardDataChecks::InPreparation;
    told_in(
        Wish {
            tenant,
            ..Wish::default()
        },
        |world: World| async move {
            let bad = [
                ("pan", "4111111111111112"),
                ("exp", "2501"),
                ("pan", "5413330000000000"),
            ];
            for (number, (member, value)) in bad.into_iter().enumerate() {
                let mut order = Order::named(&format!("req-{number}"));
                let card = format!("card-{number}");
                let body = order.changed_inside(&world, |data| data[member] = value.into());
                let first = world.order(&card, body).await;
                // The same bad data in a fresh JWE are the same request.
                order.seed = 2;
                let body = order.changed_inside(&world, |data| data[member] = value.into());
                assert_eq!(world.order(&card, body).await, first);
                world.sleep(10).await;
                assert_eq!(
                    world.status(&card).await.0,
                    "DATA_EXCEPTION",
                    "{member} {value}"
                );
            }
        },
    );
}

#[test]
fn the_issuer_cancels_until_the_ruling() {
    told(|world| async move {
        let operation = world.order("card-1", Order::good().body(&world)).await;
        world.sleep(10).await;
        world.config.desk.cancel(&operation).await.unwrap();
        world.sleep(100).await;
        assert_eq!(world.heard("card-1").last().unwrap(), "CARD_PROD_CANCELED");
        assert_eq!(world.agent.lock().unwrap().withdrawn.len(), 1);
        assert!(world.answers().contains(&(produced(), Decision::Capture)));
        let again = world.config.desk.cancel(&operation).await.unwrap_err();
        assert_eq!(again, persotwin_d1::CancelError::Decided);
        let nobody = "nobody".parse().unwrap();
        let unknown = world.config.desk.cancel(&nobody).await.unwrap_err();
        assert_eq!(unknown, persotwin_d1::CancelError::Unknown);
    });
}
