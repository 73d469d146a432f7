//! In real time strangers come to the same doors: what they say stands in the journal too, once, and is told apart from our own.
#![expect(
    clippy::unwrap_used,
    reason = "a test double that fails shall fail its test"
)]

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use persotwin_kernel::event::{Event, Exchange, Phase};
use persotwin_kernel::{Alarm, Journal, TimeScale};
use persotwin_link::{Face, Machine};
use persotwin_wire::{Call, Ground, Host, Latencies, Medium, Seat, fetch};

async fn d1(host: Host) {
    let router = Router::new().route("/banking/{*rest}", get(async || "hello"));
    host.wire.serve(router).await.unwrap();
}

fn exchanges(ground: &Ground) -> Vec<Exchange> {
    let records = ground.journal().records();
    let exchange = |event: &Event| match event {
        Event::Exchange(exchange) => Some(exchange.clone()),
        _ => None,
    };
    records
        .iter()
        .filter_map(|record| exchange(&record.event))
        .collect()
}

#[tokio::test]
async fn a_strangers_call_is_one_exchange_and_our_own_is_not_theirs() {
    let journal = Journal::new("2026-06-17T10:00:00Z".parse().unwrap());
    let ground = Ground::new(
        Alarm::default(),
        journal,
        1,
        Medium::RealTime(TimeScale::REAL),
        Latencies::NONE,
        None,
    );
    ground.net().reserve(Machine::D1, 0).unwrap();
    Seat::new(&ground, Machine::D1, d1).start().await;
    ground.net().everybody_listens().await;
    let address = ground.net().address(&Machine::D1).unwrap();

    let issuer = ground.host(Machine::Issuer);
    let own = Call::get(Face::Orders, "/banking/own");
    assert_eq!(issuer.wire.call(own).await.unwrap().status(), 200);
    let theirs = Call::get(Face::Orders, "/banking/4111111111111111").into_request();
    let reply = fetch(address, theirs, Duration::from_secs(10))
        .await
        .unwrap();
    assert_eq!(reply.status(), 200);

    let told: Vec<_> = exchanges(&ground)
        .iter()
        .map(|exchange| {
            let phase = match exchange.phase {
                Phase::Sent { .. } => "sent",
                Phase::Answered {
                    status: 200,
                    bytes: 5,
                    ..
                } => "answered",
                _ => "otherwise",
            };
            (exchange.from.to_string(), exchange.path.clone(), phase)
        })
        .collect();
    let line = |from: &str, path: &str, phase| (from.to_owned(), path.to_owned(), phase);
    assert_eq!(
        told,
        [
            line("issuer", "/banking/own", "sent"),
            line("issuer", "/banking/own", "answered"),
            line("stranger", "/banking/(digits)", "sent"),
            line("stranger", "/banking/(digits)", "answered"),
        ]
    );
}
