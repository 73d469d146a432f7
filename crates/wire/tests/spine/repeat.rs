//! The seed is the run: the same bytes in two processes, the same stories on both wires.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use persotwin_kernel::event::{Event, Failure, Phase};
use persotwin_link::{Face, Machine};
use persotwin_wire::{Fault, Ground, Latencies, Lost, Strike};
use tokio::sync::mpsc;

use crate::dummies::{ShopConfig, WIRES, baker, baker_seat, order, place, shop_seat, told};

const ORDERS: u64 = 200;
const PATIENCE: Duration = Duration::from_secs(2);

/// Two hundred orders at once through shop and baker; each till tries again until it is answered.
async fn story(ground: Ground, crashes: bool) {
    let config = ShopConfig {
        work: Duration::from_millis(700),
        asks_baker: true,
        ..ShopConfig::default()
    };
    let mut shop = shop_seat(&ground, config);
    let mut bakery = baker_seat(
        &ground,
        ShopConfig {
            work: Duration::from_millis(150),
            ..ShopConfig::default()
        },
    );
    shop.start().await;
    bakery.start().await;
    if crashes {
        arm_faults(&ground);
    }
    let host = ground.host(Machine::Issuer);
    let (tell, mut told) = mpsc::unbounded_channel();
    for number in 0..ORDERS {
        let (till, tell) = (host.clone(), tell.clone());
        host.life.spawn(async move {
            let mut answer = order(&till, number, vec![0; 50], PATIENCE).await;
            for attempt in 1_u32.. {
                if answer.is_ok_and(|reply| reply.is_success()) {
                    break;
                }
                till.clock.sleep(Duration::from_millis(100) * attempt).await;
                answer = place(&till, number, vec![0; 50], PATIENCE).await;
            }
            let _ = tell.send(number);
        });
    }
    drop(tell);
    if crashes {
        for _ in 0..3 {
            host.clock.sleep(Duration::from_millis(450)).await;
            shop.crash().await;
            host.clock.sleep(Duration::from_millis(150)).await;
            shop.start().await;
            bakery.cut_power().await;
            host.clock.sleep(Duration::from_millis(100)).await;
            bakery.start().await;
        }
    }
    for _ in 0..ORDERS {
        told.recv().await.unwrap();
    }
}

fn arm_faults(ground: &Ground) {
    let lost = |failure| Lost::Failure(failure);
    let faults = [
        (Face::Orders, 10, 20, Fault::After(lost(Failure::TimedOut))),
        (Face::Orders, 40, 20, Fault::Before(lost(Failure::Closed))),
        (Face::Orders, 90, 10, Fault::Twice),
        (
            Face::Jobs("BAKER".parse().unwrap()),
            5,
            30,
            Fault::Late(Duration::from_millis(333)),
        ),
        (
            Face::Jobs("BAKER".parse().unwrap()),
            60,
            10,
            Fault::OutOfOrder,
        ),
    ];
    for (to, skip, times, fault) in faults {
        ground.net().arm(Strike {
            from: None,
            to,
            skip,
            times,
            fault,
        });
    }
}

fn journal(wire: &str, seed: u64, crashes: bool) -> String {
    told(wire, Latencies::default(), seed, |ground| async move {
        let journal = ground.journal().clone();
        story(ground, crashes).await;
        journal.to_string()
    })
}

/// Not a test of its own: the second process of the test below asks for its output.
#[test]
fn prints_its_journal_when_asked() {
    if std::env::var_os("PERSOTWIN_SPINE_JOURNAL").is_some() {
        println!("JOURNAL\n{}JOURNAL", journal("in-process", 7, true));
    }
}

#[test]
fn one_seed_gives_the_same_bytes_in_another_process() {
    let here = journal("in-process", 7, true);
    assert!(here.lines().count() > 2000, "a story worth comparing");
    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "repeat::prints_its_journal_when_asked",
            "--nocapture",
        ])
        .env("PERSOTWIN_SPINE_JOURNAL", "1")
        .output()
        .unwrap();
    let out = String::from_utf8(child.stdout).unwrap();
    let there = out
        .split("JOURNAL\n")
        .nth(1)
        .unwrap()
        .strip_suffix("JOURNAL")
        .unwrap_or_default();
    let there = if there.is_empty() {
        out.split("JOURNAL\n").nth(1).unwrap()
    } else {
        there
    };
    assert!(
        here == there.trim_end_matches("JOURNAL"),
        "the journals of two processes differ"
    );
    assert_ne!(
        here,
        journal("in-process", 8, true),
        "another seed, another story"
    );
}

/// What happened to each order, by itself: the phases of its exchanges and its news, with times.
fn stories(wire: &str) -> BTreeMap<String, Vec<String>> {
    told(wire, Latencies::default(), 5, |ground| async move {
        let journal = ground.journal().clone();
        story(ground, false).await;
        let mut stories: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for record in journal.records() {
            let about = match &record.event {
                Event::Exchange(exchange) if matches!(exchange.phase, Phase::Sent { .. }) => {
                    &exchange.about
                }
                Event::Order(belief) => &belief.about,
                _ => continue,
            };
            let what = serde_json::to_value(&record.event).unwrap();
            let line = format!(
                "{} {} {} {}",
                record.moment, record.machine, what["event"], what["path"]
            );
            stories
                .entry(about.key().to_owned())
                .or_default()
                .push(line);
        }
        stories
    })
}

#[test]
fn both_wires_tell_the_same_story_of_each_order() {
    let [loopback, in_process] = WIRES.map(stories);
    assert_eq!(loopback.len(), usize::try_from(ORDERS).unwrap());
    assert_eq!(loopback, in_process);
    assert!(
        loopback
            .values()
            .all(|story| story.iter().any(|line| line.contains(&baker().to_string())))
    );
}
