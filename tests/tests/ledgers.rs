//! Ledgers that are full for a while, torn by a crash, or behind after a failover; and clocks that somebody sets.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

use std::time::Duration;

use jiff::SignedDuration;
use persotwin_kernel::event::{Event, News};
use persotwin_link::Machine;
use persotwin_link::jobs::Decision;
use persotwin_tests::directed::{End, accepted, agent, directed, end, news, taken};
use persotwin_world::{Direction, Hands, Told};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=4;

fn machines() -> [Machine; 3] {
    [Machine::Issuer, Machine::D1, agent()]
}

fn is_accepted(event: &Event) -> bool {
    matches!(news(event), Some(News::OrderAccepted { .. }))
}

/// Whatever is full takes nothing, loses nothing, and goes on when there is room.
#[test]
fn a_full_ledger_delays_and_loses_nothing() {
    for machine in machines() {
        for (since, for_so_long) in [(0, 8), (0, 25), (1, 8), (10, 30), (35, 15), (50, 40)] {
            let what = format!("{machine} full after {since} s for {for_so_long} s");
            for seed in SEEDS {
                let told = directed(seed, async |hands| {
                    hands.clock().sleep(Duration::from_secs(since)).await;
                    hands.fill_ledger(&machine).unwrap();
                    hands.clock().sleep(Duration::from_secs(for_so_long)).await;
                    hands.make_room(&machine).unwrap();
                });
                assert!(told.is_ok(), "{what}, seed {seed}: {:#?}", told.breaches);
                assert_eq!(told.direction, Direction::Followed, "{what}");
                assert!(
                    taken(&told) <= 1 && accepted(&told) <= 1,
                    "{what}, seed {seed}"
                );
            }
        }
    }
}

#[test]
fn while_d1_can_write_nothing_down_it_accepts_nothing() {
    let told = directed(1, async |hands| {
        hands.fill_ledger(&Machine::D1).unwrap();
        hands.clock().sleep(Duration::from_secs(20)).await;
        hands.make_room(&Machine::D1).unwrap();
    });
    assert_eq!(end(&told, "D1 was full"), End::Card);
    let first = told
        .records
        .iter()
        .find(|record| is_accepted(&record.event));
    assert!(first.unwrap().moment.millis() >= 20_000);
}

/// A crash in the middle of any entry of any machine: the entry was never written, and nobody was told of it.
#[test]
fn a_crash_in_the_middle_of_an_entry_is_as_a_crash_before_it() {
    for machine in machines() {
        let entries = entries_of(&machine);
        assert!(entries > 4, "{machine}: {entries}");
        for nth in 0..entries {
            let told = directed(1, async |hands| tear(&hands, &machine, nth).await);
            let what = format!("{machine}, entry {nth}");
            assert!(told.is_ok(), "{what}: {:#?}", told.breaches);
            assert!(taken(&told) <= 1 && accepted(&told) <= 1, "{what}");
        }
    }
}

/// How many entries a machine writes when nothing goes wrong.
fn entries_of(machine: &Machine) -> usize {
    let mut entries = 0;
    let told = directed(1, async |hands| {
        hands
            .seen(|event| matches!(news(event), Some(News::ActedOn { .. })))
            .await;
        entries = hands.entries(machine).unwrap();
    });
    assert!(told.is_ok());
    entries
}

async fn tear(hands: &Hands, machine: &Machine, nth: usize) {
    while hands.entries(machine).unwrap() < nth {
        hands.clock().sleep(Duration::from_millis(1)).await;
    }
    hands.tear_next_entry(machine).await.unwrap();
    hands.clock().sleep(Duration::from_secs(3)).await;
    hands.start(machine).await.unwrap();
}

/// The region that took the order is gone, and the other one never heard of it: the issuer orders again.
#[test]
fn a_failover_that_lost_the_order_is_mended_by_the_issuer_that_asks_again() {
    for seed in SEEDS {
        let told = directed(seed, async |hands| {
            let accepted = hands.seen(is_accepted).await;
            let lost = hands
                .fail_over(&Machine::D1, Duration::from_millis(1))
                .await;
            assert!(lost.unwrap() >= 1, "at {}", accepted.moment);
        });
        assert!(told.is_ok(), "seed {seed}: {:#?}", told.breaches);
        assert_eq!((accepted(&told), taken(&told)), (2, 1), "seed {seed}");
    }
}

/// A decision that was written down and lost again must not be taken the other way.
#[test]
fn a_decision_lost_with_the_region_puts_no_second_card_into_a_hand() {
    for seed in SEEDS {
        let told = directed(seed, async |hands| {
            let released = |event: &Event| {
                matches!(
                    news(event),
                    Some(News::Decided {
                        decision: Decision::Release
                    })
                )
            };
            hands.seen(released).await;
            hands
                .fail_over(&Machine::D1, Duration::from_secs(5))
                .await
                .unwrap();
        });
        assert!(taken(&told) <= 1, "seed {seed}: {}", taken(&told));
    }
}

fn with_clock(machine: &Machine, after: u64, ahead: SignedDuration) -> Told {
    directed(3, async |hands| {
        hands.clock().sleep(Duration::from_secs(after)).await;
        hands.set_clock(machine, ahead).unwrap();
    })
}

#[test]
fn a_clock_that_is_set_in_mid_job_spoils_no_card() {
    for machine in machines() {
        for after in [0, 5, 30] {
            for ahead in [-300, -3, 3, 200] {
                let told = with_clock(&machine, after, SignedDuration::from_secs(ahead));
                let what = format!("{machine} set {ahead} s ahead after {after} s");
                assert_eq!(end(&told, &what), End::Card, "{what}");
            }
        }
    }
}
