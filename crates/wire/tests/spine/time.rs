//! Virtual time is exact on both wires, however busy the computer is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use persotwin_kernel::{Ending, Moment};
use persotwin_link::Machine;
use persotwin_wire::Latencies;
use tokio::sync::mpsc;

use crate::dummies::{ShopConfig, WIRES, ending, order, shop_seat, told};

/// Keeps the other cores busy while it lives.
struct BusyLoops(Arc<AtomicBool>, Vec<std::thread::JoinHandle<()>>);

impl BusyLoops {
    fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let spin = || {
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || while !stop.load(Ordering::Relaxed) {})
        };
        let threads = vec![spin(), spin()];
        Self(stop, threads)
    }
}

impl Drop for BusyLoops {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        self.1.drain(..).for_each(|thread| drop(thread.join()));
    }
}

/// So many orders at once, each with a body of this size and one second of work; every time-out is barely long enough.
fn orders_at_once(wire: &str, orders: u64, body: usize) -> Moment {
    told(wire, Latencies::NONE, 1, |ground| async move {
        let config = ShopConfig {
            work: Duration::from_secs(1),
            ..ShopConfig::default()
        };
        let mut shop = shop_seat(&ground, config);
        shop.start().await;
        let host = ground.host(Machine::Issuer);
        let (tell, mut told) = mpsc::unbounded_channel();
        for n in 0..orders {
            let (till, tell) = (host.clone(), tell.clone());
            host.life.spawn(async move {
                let answer = order(&till, n, vec![7; body], Duration::from_millis(1001)).await;
                let _ = tell.send(answer.map(|reply| reply.status()));
            });
        }
        drop(tell);
        let mut answers = 0;
        while let Some(answer) = told.recv().await {
            assert_eq!(
                answer,
                Ok(200),
                "no time-out fires because the computer is busy"
            );
            answers += 1;
            if answers == orders {
                break;
            }
        }
        host.clock.now()
    })
}

#[test]
fn a_thousand_exchanges_at_once_take_exactly_their_time() {
    let _busy = BusyLoops::start();
    for wire in WIRES {
        for _run in 0..3 {
            assert_eq!(
                orders_at_once(wire, 1000, 100),
                Moment::from_millis(1000),
                "{wire}"
            );
        }
    }
}

#[test]
fn four_megabytes_at_once_take_exactly_their_time() {
    let _busy = BusyLoops::start();
    for wire in WIRES {
        for _run in 0..5 {
            assert_eq!(
                orders_at_once(wire, 8, 4 << 20),
                Moment::from_millis(1000),
                "{wire}"
            );
        }
    }
}

#[test]
fn many_short_runs_never_see_a_false_time_out() {
    for wire in WIRES {
        for _run in 0..30 {
            assert_eq!(
                orders_at_once(wire, 20, 1000),
                Moment::from_millis(1000),
                "{wire}"
            );
        }
    }
}

#[test]
fn a_story_that_waits_for_ever_meets_the_horizon() {
    for wire in WIRES {
        let ending = ending(wire, Latencies::NONE, 1, |ground| async move {
            shop_seat(&ground, ShopConfig::default()).start().await;
            std::future::pending::<()>().await;
        });
        assert!(matches!(ending, Ending::Horizon), "{wire}");
    }
}
