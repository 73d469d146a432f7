//! What callers and callees see when a machine crashes, loses its power, or has a bug.

use std::time::Duration;

use persotwin_kernel::event::Failure;
use persotwin_kernel::{Ending, Moment, Trouble};
use persotwin_link::Machine;
use persotwin_wire::{Ground, Host, Latencies};
use tokio::sync::oneshot;

use crate::dummies::{ShopConfig, WIRES, ending, order, place, shop_seat, told, written};

const PATIENCE: Duration = Duration::from_secs(5);

fn slow_shop() -> ShopConfig {
    ShopConfig {
        work: Duration::from_secs(1),
        ..ShopConfig::default()
    }
}

/// Orders in the background; tells the answer and when it came.
fn ordering(
    ground: &Ground,
    host: &Host,
    number: u64,
) -> oneshot::Receiver<(Result<u16, Failure>, Moment)> {
    let (tell, told) = oneshot::channel();
    let till = host.clone();
    ground.life().spawn(async move {
        let answer = order(&till, number, Vec::new(), PATIENCE).await;
        let _ = tell.send((answer.map(|reply| reply.status()), till.clock.now()));
    });
    told
}

#[test]
fn callers_fail_at_the_instant_of_the_crash() {
    for wire in WIRES {
        told(wire, Latencies::NONE, 1, |ground| async move {
            let mut shop = shop_seat(&ground, slow_shop());
            shop.start().await;
            let host = ground.host(Machine::Issuer);
            let answer = ordering(&ground, &host, 1);
            host.clock.sleep(Duration::from_millis(300)).await;
            shop.crash().await;
            assert_eq!(
                answer.await.unwrap(),
                (Err(Failure::Closed), Moment::from_millis(300)),
                "{wire}"
            );
            assert!(written(&shop).is_empty());
        });
    }
}

#[test]
fn a_machine_that_is_down_refuses_and_comes_back_at_the_same_place() {
    for wire in WIRES {
        told(wire, Latencies::NONE, 1, |ground| async move {
            let mut shop = shop_seat(&ground, ShopConfig::default());
            shop.start().await;
            let host = ground.host(Machine::Issuer);
            assert_eq!(
                order(&host, 1, Vec::new(), PATIENCE)
                    .await
                    .unwrap()
                    .status(),
                200
            );
            let address = ground.net().address(&Machine::D1);
            shop.crash().await;
            assert_eq!(
                place(&host, 2, Vec::new(), PATIENCE).await.unwrap_err(),
                Failure::Refused,
                "{wire}"
            );
            shop.start().await;
            assert_eq!(ground.net().address(&Machine::D1), address);
            let reply = order(&host, 3, Vec::new(), PATIENCE).await.unwrap();
            assert_eq!(
                reply.json::<usize>().unwrap(),
                2,
                "the new life knows what the old one wrote: {wire}"
            );
        });
    }
}

#[test]
fn a_handler_that_crashes_its_machine_never_answers() {
    for wire in WIRES {
        told(wire, Latencies::NONE, 1, |ground| async move {
            let mut shop = shop_seat(
                &ground,
                ShopConfig {
                    dies_of: Some(1),
                    ..ShopConfig::default()
                },
            );
            shop.start().await;
            let host = ground.host(Machine::Issuer);
            let mut answer = ordering(&ground, &host, 1);
            shop.life().unwrap().struck().await;
            host.clock.sleep(Duration::from_millis(1)).await;
            assert!(answer.try_recv().is_err(), "nobody dead answers: {wire}");
            shop.crash().await;
            let (answer, at) = answer.await.unwrap();
            assert_eq!(
                (answer, at),
                (Err(Failure::Closed), Moment::from_millis(1)),
                "{wire}"
            );
            assert_eq!(written(&shop).len(), 1, "the effect happened all the same");
        });
    }
}

#[test]
fn a_caller_that_gave_up_undoes_nothing() {
    for wire in WIRES {
        told(wire, Latencies::NONE, 1, |ground| async move {
            let mut shop = shop_seat(&ground, slow_shop());
            shop.start().await;
            let host = ground.host(Machine::Issuer);
            let answer = order(&host, 1, Vec::new(), Duration::from_millis(400)).await;
            assert_eq!(answer.unwrap_err(), Failure::TimedOut);
            assert_eq!(host.clock.now(), Moment::from_millis(400));
            host.clock.sleep(Duration::from_secs(1)).await;
            assert_eq!(written(&shop).len(), 1, "{wire}");
        });
    }
}

#[test]
fn a_caller_that_crashed_recalls_nothing() {
    for wire in WIRES {
        told(wire, Latencies::default(), 1, |ground| async move {
            let mut shop = shop_seat(&ground, slow_shop());
            shop.start().await;
            let host = ground.host(Machine::Issuer);
            let till = host.clone();
            host.life.spawn(async move {
                let _ = order(&till, 1, Vec::new(), PATIENCE).await;
                panic!("a dead caller hears no answer");
            });
            ground
                .host(Machine::Kiosk)
                .clock
                .sleep(Duration::from_millis(5))
                .await;
            host.life.crash().await;
            ground
                .host(Machine::Kiosk)
                .clock
                .sleep(Duration::from_secs(3))
                .await;
            assert_eq!(written(&shop).len(), 1, "{wire}");
        });
    }
}

#[test]
fn a_powerless_machine_leaves_callers_to_their_time_outs() {
    for wire in WIRES {
        told(wire, Latencies::NONE, 1, |ground| async move {
            let mut shop = shop_seat(&ground, slow_shop());
            shop.start().await;
            let host = ground.host(Machine::Issuer);
            let before = ordering(&ground, &host, 1);
            host.clock.sleep(Duration::from_millis(300)).await;
            shop.cut_power().await;
            let after = ordering(&ground, &host, 2);
            assert_eq!(
                before.await.unwrap(),
                (Err(Failure::TimedOut), Moment::from_millis(5000)),
                "{wire}"
            );
            assert_eq!(
                after.await.unwrap(),
                (Err(Failure::TimedOut), Moment::from_millis(5300)),
                "{wire}"
            );
            shop.start().await;
            assert_eq!(
                order(&host, 3, Vec::new(), PATIENCE)
                    .await
                    .unwrap()
                    .status(),
                200,
                "{wire}"
            );
        });
    }
}

#[test]
fn a_panic_ends_the_run_as_trouble() {
    for wire in WIRES {
        let ending = ending(wire, Latencies::NONE, 1, |ground| async move {
            let mut shop = shop_seat(
                &ground,
                ShopConfig {
                    panics_of: Some(1),
                    ..ShopConfig::default()
                },
            );
            shop.start().await;
            let host = ground.host(Machine::Issuer);
            let _ = order(&host, 1, Vec::new(), PATIENCE).await;
            std::future::pending::<()>().await;
        });
        let Ending::Trouble(Trouble::Panic { machine, message }) = ending else {
            panic!("a panic must not pass: {wire}")
        };
        assert_eq!(
            (machine, message.as_str()),
            (Machine::D1, "the shop has a bug")
        );
    }
}
