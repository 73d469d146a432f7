//! A machine comes back from its ledger's bytes, in another runtime, and goes on alike.

use std::time::Duration;

use persotwin_kernel::Store;
use persotwin_link::Machine;
use persotwin_wire::{Latencies, Seat};

use crate::dummies::{ShopConfig, WIRES, order, shop, told, written};

const PATIENCE: Duration = Duration::from_secs(5);

/// Orders `from..to` into a shop that starts on these bytes; gives the last answer and the bytes afterwards.
fn day(wire: &str, entries: Vec<Vec<u8>>, from: u64, to: u64) -> (usize, Vec<Vec<u8>>) {
    told(wire, Latencies::default(), 3, |ground| async move {
        let mut seat = Seat::new(&ground, Machine::D1, |host| {
            shop(host, ShopConfig::default())
        })
        .with_store(Store::from_entries(entries));
        seat.start().await;
        let host = ground.host(Machine::Issuer);
        let mut count = 0;
        for number in from..to {
            count = order(&host, number, vec![1; 10], PATIENCE)
                .await
                .unwrap()
                .json()
                .unwrap();
        }
        assert_eq!(written(&seat).len(), count);
        (count, seat.store().entries())
    })
}

#[test]
fn two_days_with_a_rebuild_between_are_like_one_long_day() {
    for wire in WIRES {
        let (_, night) = day(wire, Vec::new(), 0, 5);
        let two_days = day(wire, night, 5, 10);
        assert_eq!(two_days, day(wire, Vec::new(), 0, 10), "{wire}");
        assert_eq!(two_days.0, 10);
    }
}
