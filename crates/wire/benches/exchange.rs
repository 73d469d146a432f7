//! What one HTTP exchange between two machines costs, on both wires, with everything that is around it: net, guard, journal.
//!
//! `cargo bench -p persotwin-wire`. Figures are printed, never asserted; the ratio of the wires in one run is what can be compared.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and fails by panicking"
)]

use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::post;
use persotwin_kernel::{Ending, Guard, Journal, Limits, run_virtual};
use persotwin_link::{Face, Machine};
use persotwin_wire::{Call, Ground, Host, Latencies, Medium, Seat};

const EXCHANGES: u32 = 20_000;

async fn echo(host: Host) {
    let router = Router::new().route("/echo", post(async |body: bytes::Bytes| body));
    host.wire.serve(router).await.unwrap();
}

/// Wall time of so many exchanges, one after the other.
fn one_by_one(medium: Medium) -> Duration {
    let ending = run_virtual(Limits::default(), |alarm| async move {
        let journal = Journal::keeping("2026-06-17T10:00:00Z".parse().unwrap(), 1000);
        let ground = Ground::new(alarm, journal, 1, medium, Latencies::NONE, None);
        ground.net().reserve(Machine::D1, 0).unwrap();
        Seat::new(&ground, Machine::D1, echo).start().await;
        ground.net().everybody_listens().await;
        let host = ground.host(Machine::Issuer);
        #[expect(clippy::disallowed_methods, reason = "a bench measures the wall")]
        let begun = Instant::now();
        for _ in 0..EXCHANGES {
            let call = Call::post(Face::Orders, "/echo").body("application/json", "{\"a\":1}");
            assert_eq!(host.wire.call(call).await.unwrap().status(), 200);
        }
        begun.elapsed()
    });
    let Ending::Told(wall) = ending.unwrap() else {
        panic!("the bench did not end")
    };
    wall
}

fn main() {
    let micros = |wall: Duration| wall.as_secs_f64() * 1e6 / f64::from(EXCHANGES);
    for _ in 0..3 {
        let memory = micros(one_by_one(Medium::InProcess));
        let loopback = micros(one_by_one(Medium::Loopback(Guard::default())));
        println!(
            "one exchange: in-process {memory:.1} µs, loopback {loopback:.1} µs, {:.2} times as much",
            loopback / memory
        );
    }
}
