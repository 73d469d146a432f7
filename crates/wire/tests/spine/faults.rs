//! Before means before, after means after: asserted on the callee's ledger, never on the answer.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use persotwin_kernel::Moment;
use persotwin_kernel::event::{Event, Failure, News};
use persotwin_link::{Face, Machine};
use persotwin_wire::{Distortion, Fault, Host, Latencies, Lost, Seat, Strike, Way};

use crate::dummies::{ShopConfig, WIRES, order, shop_seat, told, written};

const PATIENCE: Duration = Duration::from_secs(5);

/// One order into a shop while a fault waits; gives the caller's outcome and the orders in the shop's ledger at the end.
fn struck(wire: &str, fault: Fault) -> (Result<u16, Failure>, Moment, usize) {
    told(wire, Latencies::NONE, 1, |ground| async move {
        let mut shop = shop_seat(&ground, ShopConfig::default());
        shop.start().await;
        ground.net().arm(Strike {
            from: None,
            to: Face::Orders,
            skip: 0,
            times: 1,
            fault,
        });
        let host = ground.host(Machine::Issuer);
        let answer = order(&host, 1, vec![7; 1000], PATIENCE).await;
        let at = host.clock.now();
        host.clock.sleep(Duration::from_mins(2)).await;
        (answer.map(|reply| reply.status()), at, written(&shop).len())
    })
}

fn answer(status: u16) -> Lost {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    Lost::Answer(Box::new(response))
}

#[test]
fn before_means_that_the_effect_did_not_happen() {
    for wire in WIRES {
        let refused = struck(wire, Fault::Before(Lost::Failure(Failure::Refused)));
        assert_eq!(refused, (Err(Failure::Refused), Moment::START, 0), "{wire}");
        let silence = struck(wire, Fault::Before(Lost::Failure(Failure::TimedOut)));
        assert_eq!(
            silence,
            (Err(Failure::TimedOut), Moment::from_millis(5000), 0),
            "{wire}"
        );
        assert_eq!(
            struck(wire, Fault::Before(answer(503))),
            (Ok(503), Moment::START, 0),
            "{wire}"
        );
    }
}

#[test]
fn after_means_that_it_happened_and_the_caller_does_not_know() {
    for wire in WIRES {
        let reset = struck(wire, Fault::After(Lost::Failure(Failure::Closed)));
        assert_eq!(reset, (Err(Failure::Closed), Moment::START, 1), "{wire}");
        let silence = struck(wire, Fault::After(Lost::Failure(Failure::TimedOut)));
        assert_eq!(
            silence,
            (Err(Failure::TimedOut), Moment::from_millis(5000), 1),
            "{wire}"
        );
        assert_eq!(
            struck(wire, Fault::After(answer(504))),
            (Ok(504), Moment::START, 1),
            "{wire}"
        );
    }
}

#[test]
fn late_by_more_than_the_patience_still_takes_effect() {
    for wire in WIRES {
        let late = struck(wire, Fault::Late(Duration::from_secs(8)));
        assert_eq!(
            late,
            (Err(Failure::TimedOut), Moment::from_millis(5000), 1),
            "{wire}"
        );
    }
}

#[test]
fn twice_reaches_the_handler_twice() {
    for wire in WIRES {
        told(wire, Latencies::NONE, 1, |ground| async move {
            let mut shop = shop_seat(&ground, ShopConfig::default());
            shop.start().await;
            ground.net().arm(Strike {
                from: None,
                to: Face::Orders,
                skip: 0,
                times: 1,
                fault: Fault::Twice,
            });
            let host = ground.host(Machine::Issuer);
            assert_eq!(
                order(&host, 1, Vec::new(), PATIENCE)
                    .await
                    .unwrap()
                    .status(),
                200,
                "{wire}"
            );
            let news: Vec<News> = ground
                .journal()
                .records()
                .iter()
                .filter_map(|record| match &record.event {
                    Event::Order(belief) if record.machine == Machine::D1 => {
                        Some(belief.news.clone())
                    }
                    _ => None,
                })
                .collect();
            assert_eq!(news, [News::JobTaken, News::JobRepeated], "{wire}");
        });
    }
}

#[test]
fn out_of_order_lets_the_next_one_pass() {
    for wire in WIRES {
        told(wire, Latencies::NONE, 1, |ground| async move {
            let mut shop: Seat = shop_seat(&ground, ShopConfig::default());
            shop.start().await;
            let strike = Strike {
                from: None,
                to: Face::Orders,
                skip: 0,
                times: 1,
                fault: Fault::OutOfOrder,
            };
            ground.net().arm(strike);
            let host: Host = ground.host(Machine::Issuer);
            let till = host.clone();
            host.life.spawn(async move {
                let _ = order(&till, 1, Vec::new(), PATIENCE).await;
            });
            host.clock.sleep(Duration::from_millis(10)).await;
            order(&host, 2, Vec::new(), PATIENCE).await.unwrap();
            host.clock.sleep(Duration::from_millis(10)).await;
            let orders: Vec<u64> = written(&shop).iter().map(|written| written.order).collect();
            assert_eq!(orders, [2, 1], "{wire}");
        });
    }
}

#[test]
fn a_stream_that_drips_takes_its_time_and_arrives_whole() {
    for wire in WIRES {
        let drip = Distortion::drip(Way::Request, 100, Duration::from_millis(100));
        let (answer, at, orders) = struck(wire, Fault::Stream(drip));
        assert_eq!((answer, orders), (Ok(200), 1), "{wire}");
        // A head of some 150 bytes and a body of 1000, 100 bytes at a time.
        assert!((1000..=1500).contains(&at.millis()), "{wire}: {at}");
    }
}

#[test]
fn a_stream_that_is_cut_or_stalls_never_reaches_the_handler_whole() {
    for wire in WIRES {
        let (answer, _, orders) = struck(wire, Fault::Stream(Distortion::cut(Way::Request, 400)));
        assert_eq!((answer, orders), (Err(Failure::Closed), 0), "{wire}");
        let (answer, at, orders) =
            struck(wire, Fault::Stream(Distortion::stall(Way::Request, 400)));
        assert_eq!(
            (answer, at.millis(), orders),
            (Err(Failure::TimedOut), 5000, 0),
            "{wire}"
        );
        let (answer, _, orders) = struck(wire, Fault::Stream(Distortion::cut(Way::Answer, 20)));
        assert_eq!(
            (answer, orders),
            (Err(Failure::Closed), 1),
            "the answer was cut, the effect stays: {wire}"
        );
    }
}
