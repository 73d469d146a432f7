//! The world's own machines while messages are lost, doubled and late, and machines crash: every law keeps, and the customer ends with
//! exactly one card, or is told honestly that there is none.
//!
//! Each story is told with ten seeds: latencies differ, and with them what is under way when something breaks.

use std::time::Duration;

use persotwin_kernel::event::{Disturbance, Event, Failure, News, Physical};
use persotwin_link::jobs::JobStatus;
use persotwin_link::stage::Work;
use persotwin_link::{Face, Machine, PathStation, Place};
use persotwin_tests::directed::{
    End, accepted, agent, count, crash_at, directed, end, is_news, station,
};
use persotwin_wire::{Fault, Lost, Strike};
use persotwin_world::Told;

const SEEDS: std::ops::RangeInclusive<u64> = 1..=10;

/// Every story with a strike must end like this.
fn struck(what: &str, strike: &Strike, wanted: End) -> Vec<Told> {
    let story = |seed| {
        let told = directed(seed, async |hands| {
            hands.arm(strike.clone());
            let struck =
                |event: &Event| matches!(event, Event::Disturbance(Disturbance::Wire { .. }));
            hands.seen(struck).await;
        });
        assert_eq!(end(&told, what), wanted, "{what}, seed {seed}");
        told
    };
    SEEDS.map(story).collect()
}

fn strike(to: Face, skip: u32, fault: Fault) -> Strike {
    Strike {
        from: None,
        to,
        skip,
        times: 1,
        fault,
    }
}

fn lost(why: Failure) -> Lost {
    Lost::Failure(why)
}

#[test]
fn an_order_whose_answer_is_lost_is_one_operation_and_one_card() {
    for why in [Failure::Closed, Failure::TimedOut, Failure::Garbled] {
        let what = format!("order answered, answer lost: {why}");
        for told in struck(
            &what,
            &strike(Face::Orders, 0, Fault::After(lost(why))),
            End::Card,
        ) {
            let repeated = count(
                &told,
                is_news(|news| matches!(news, News::OrderRepeated { .. })),
            );
            let noticed = count(&told, is_news(|news| matches!(news, News::Heard { .. })));
            assert!(
                repeated == 1 || noticed > 0,
                "the issuer asks again, or hears that it need not"
            );
            assert_eq!(accepted(&told), 1);
        }
    }
}

/// Not even a notification tells the issuer that its order arrived: it orders again, and D1 knows the order.
#[test]
fn an_order_that_nobody_speaks_of_is_repeated_and_known() {
    for why in [Failure::Closed, Failure::TimedOut] {
        for seed in SEEDS {
            let told = directed(seed, async |hands| {
                hands.arm(strike(Face::Orders, 0, Fault::After(lost(why))));
                let silence = Fault::Before(lost(Failure::TimedOut));
                hands.arm(Strike {
                    times: 2,
                    ..strike(Face::Notifications, 0, silence)
                });
            });
            let what = format!("order and notifications lost: {why}");
            assert_eq!(end(&told, &what), End::Card, "{what}, seed {seed}");
            let repeated = is_news(|news| matches!(news, News::OrderRepeated { .. }));
            assert_eq!(count(&told, repeated), 1, "{what}, seed {seed}");
            assert_eq!(accepted(&told), 1, "{what}, seed {seed}");
        }
    }
}

#[test]
fn an_order_that_never_arrives_is_sent_again() {
    for why in [Failure::Refused, Failure::Closed, Failure::TimedOut] {
        struck(
            "order lost",
            &strike(Face::Orders, 0, Fault::Before(lost(why))),
            End::Card,
        );
    }
}

#[test]
fn an_order_twice_or_late_is_one_order() {
    for fault in [
        Fault::Twice,
        Fault::Late(Duration::from_secs(8)),
        Fault::Late(Duration::from_secs(25)),
    ] {
        struck(
            "order twice or late",
            &strike(Face::Orders, 0, fault),
            End::Card,
        );
    }
}

#[test]
fn a_notification_may_be_lost_twice_late_or_out_of_order() {
    let faults = [
        Fault::Before(lost(Failure::Closed)),
        Fault::Before(lost(Failure::TimedOut)),
        Fault::After(lost(Failure::Closed)),
        Fault::After(lost(Failure::TimedOut)),
        Fault::Twice,
        Fault::Late(Duration::from_secs(8)),
        Fault::Late(Duration::from_secs(25)),
        Fault::OutOfOrder,
    ];
    for nth in 0..3 {
        for fault in &faults {
            let what = format!("notification {nth} {fault:?}");
            struck(
                &what,
                &strike(Face::Notifications, nth, fault.clone()),
                End::Card,
            );
        }
    }
}

#[test]
fn a_job_whose_answer_is_lost_is_one_job() {
    for fault in [
        Fault::After(lost(Failure::Closed)),
        Fault::After(lost(Failure::TimedOut)),
        Fault::Before(lost(Failure::TimedOut)),
        Fault::Twice,
        Fault::Late(Duration::from_secs(15)),
    ] {
        let what = format!("job {fault:?}");
        for told in struck(&what, &strike(Face::Jobs(station()), 0, fault), End::Card) {
            assert_eq!(
                count(&told, is_news(|news| matches!(news, News::JobTaken))),
                1
            );
        }
    }
}

#[test]
fn reports_are_repeated_until_d1_has_heard_them() {
    // Enrolment first, then STARTED, a heartbeat or two among PRODUCED, PRESENTED and TAKEN.
    for nth in 0..6 {
        for why in [Failure::Closed, Failure::TimedOut] {
            for fault in [Fault::After(lost(why)), Fault::Before(lost(why))] {
                let what = format!("report {nth} {fault:?}");
                struck(&what, &strike(Face::Stations, nth, fault), End::Card);
            }
        }
    }
}

#[test]
fn d1_crashes_when_it_has_taken_the_order() {
    for seed in SEEDS {
        let told = directed(seed, async |hands| {
            crash_at(
                &hands,
                &Machine::D1,
                is_news(|news| matches!(news, News::OrderAccepted { .. })),
            )
            .await;
        });
        let notified = is_news(|news| matches!(news, News::Notified { .. }));
        assert_eq!(
            count(&told, notified),
            3,
            "seed {seed}: nothing that it owes is forgotten"
        );
        assert_eq!(
            end(&told, "D1 crashes at the order"),
            End::Card,
            "seed {seed}"
        );
    }
}

#[test]
fn the_agent_crashes_at_each_work_that_is_done() {
    for wanted in [Work::Chip, Work::Stripe, Work::Print] {
        for seed in SEEDS {
            let told = directed(seed, async |hands| {
                let done =
                    |news: &News| matches!(news, News::WorkDone { work, .. } if *work == wanted);
                crash_at(&hands, &agent(), is_news(done)).await;
            });
            end(&told, &format!("the agent crashes after {wanted}"));
        }
    }
}

#[test]
fn the_issuer_crashes_when_its_order_is_accepted() {
    for seed in SEEDS {
        let told = directed(seed, async |hands| {
            crash_at(
                &hands,
                &Machine::Issuer,
                is_news(|news| matches!(news, News::Accepted)),
            )
            .await;
        });
        assert_eq!(end(&told, "the issuer crashes"), End::Card, "seed {seed}");
    }
}

#[test]
fn the_station_loses_its_power_while_it_prints() {
    for seed in SEEDS {
        let told = directed(seed, async |hands| {
            let printing = |event: &Event| match event {
                Event::Card(truth) => {
                    matches!(
                        &truth.what,
                        Physical::Moved {
                            to: Place::Path(PathStation::PrintHead),
                            ..
                        }
                    )
                }
                _ => false,
            };
            hands.seen(printing).await;
            hands.clock().sleep(Duration::from_millis(700 * seed)).await;
            let station = Machine::Station(station());
            hands.cut_power(&station).await.unwrap();
            hands.clock().sleep(Duration::from_secs(4 * seed)).await;
            hands.start(&station).await.unwrap();
        });
        end(&told, "no power while it prints");
        let spoiled = count(
            &told,
            is_news(|news| matches!(news, News::Spoiled { .. } | News::LostTrack { .. })),
        );
        assert!(spoiled > 0, "seed {seed}: a half-printed card was kept");
    }
}

#[test]
fn the_station_is_without_power_for_longer_than_the_agent_waits() {
    for seed in SEEDS {
        let told = directed(seed, async |hands| {
            hands
                .seen(is_news(|news| {
                    matches!(
                        news,
                        News::WorkDone {
                            work: Work::Chip,
                            ..
                        }
                    )
                }))
                .await;
            let station = Machine::Station(station());
            hands.cut_power(&station).await.unwrap();
            hands.clock().sleep(Duration::from_secs(45)).await;
            hands.start(&station).await.unwrap();
        });
        assert_eq!(end(&told, "no power for long"), End::Sorry, "seed {seed}");
    }
}

#[test]
fn the_agent_crashes_with_the_card_held() {
    for seed in SEEDS {
        let told = directed(seed, async |hands| {
            let produced = |news: &News| {
                matches!(
                    news,
                    News::Reporting {
                        report: JobStatus::Produced { .. }
                    }
                )
            };
            crash_at(&hands, &agent(), is_news(produced)).await;
        });
        end(&told, "the agent crashes with the card held");
    }
}

/// Who crashes at which of all the facts of a story: each of them once, and back after a while that differs.
#[test]
fn anybody_may_crash_at_any_moment() {
    let plain = directed(1, async |_| ());
    let facts: Vec<u64> = plain
        .records
        .iter()
        .filter(|record| matches!(record.event, Event::Order(_) | Event::Card(_)))
        .map(|record| record.seq)
        .collect();
    assert!(facts.len() > 50);
    let machines = [
        Machine::Issuer,
        Machine::D1,
        agent(),
        Machine::Station(station()),
    ];
    let mut ends = [0, 0];
    for (nth, seq) in facts.iter().enumerate() {
        let machine = &machines[nth % machines.len()];
        let away = Duration::from_millis(500 + 700 * (nth as u64 % 13));
        let told = directed(1, async |hands| {
            let mut reader = hands.reader();
            while reader.next().await.seq != *seq {}
            hands.crash(machine).await.unwrap();
            hands.clock().sleep(away).await;
            hands.start(machine).await.unwrap();
        });
        let what = format!(
            "{machine} crashes at {seq} ({:?}) and is back after {away:?}",
            plain.records[usize::try_from(*seq).unwrap()].event
        );
        ends[usize::from(end(&told, &what) == End::Sorry)] += 1;
    }
    assert!(ends[0] > ends[1], "most stories end well: {ends:?}");
}
