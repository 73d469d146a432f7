//! A till that orders, a shop that writes orders down, and a baker that the shop asks.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::routing::post;
use axum::{Json, Router};
use persotwin_contract::ids::CardId;
use persotwin_kernel::event::{About, Failure, News};
use persotwin_kernel::{Alarm, Ending, Guard, Journal, Limits, run_virtual};
use persotwin_link::kiosk::Service;
use persotwin_link::{Face, Machine};
use persotwin_wire::{Call, Ground, Host, Latencies, Medium, Reply, Seat};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

/// Both kinds of wire.
pub(crate) const WIRES: [&str; 2] = ["loopback", "in-process"];

pub(crate) fn medium(wire: &str) -> Medium {
    match wire {
        "loopback" => Medium::Loopback(Guard::default()),
        _ => Medium::InProcess,
    }
}

/// Runs a story on a fresh ground and wants it told.
pub(crate) fn told<T, F>(
    wire: &str,
    latencies: Latencies,
    seed: u64,
    story: impl FnOnce(Ground) -> F,
) -> T
where
    F: Future<Output = T>,
{
    match ending(wire, latencies, seed, story) {
        Ending::Told(told) => told,
        Ending::Horizon => panic!("the story met the horizon"),
        Ending::Trouble(trouble) => panic!("{trouble}"),
    }
}

pub(crate) fn ending<T, F>(
    wire: &str,
    latencies: Latencies,
    seed: u64,
    story: impl FnOnce(Ground) -> F,
) -> Ending<T>
where
    F: Future<Output = T>,
{
    persotwin_wire::raise_descriptor_limit();
    let medium = medium(wire);
    run_virtual(Limits::default(), |alarm: Alarm| async move {
        let journal = Journal::new("2026-06-17T10:00:00Z".parse().unwrap());
        let ground = Ground::new(alarm, journal, seed, medium, latencies, None);
        for machine in [Machine::Issuer, Machine::D1, baker()] {
            ground.net().reserve(machine, 0).unwrap();
        }
        story(ground).await
    })
    .unwrap()
}

pub(crate) fn baker() -> Machine {
    Machine::Agent("BAKER".parse().unwrap())
}

/// How the shop works on an order.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ShopConfig {
    /// How long an order takes.
    pub(crate) work: Duration,
    /// Whether it asks the baker for each.
    pub(crate) asks_baker: bool,
    /// Which order makes the shop crash itself after it was written down.
    pub(crate) dies_of: Option<u64>,
    /// Which order makes it panic.
    pub(crate) panics_of: Option<u64>,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub(crate) struct Written {
    pub(crate) order: u64,
    pub(crate) bytes: usize,
}

struct Shop {
    host: Host,
    config: ShopConfig,
    book: Mutex<Vec<Written>>,
}

/// The shop: `POST /orders/{n}` with any body, answered with how many orders are in the book.
pub(crate) async fn shop(host: Host, config: ShopConfig) {
    let book = host.ledger.replay().unwrap();
    let shop = Arc::new(Shop {
        host: host.clone(),
        config,
        book: Mutex::new(book),
    });
    let router = Router::new()
        .route("/orders/{order}", post(take_order))
        .layer(DefaultBodyLimit::disable())
        .with_state(shop);
    host.wire.serve(router).await.unwrap();
}

async fn take_order(
    State(shop): State<Arc<Shop>>,
    Path(order): Path<u64>,
    body: bytes::Bytes,
) -> Json<usize> {
    let host = &shop.host;
    host.clock.work(shop.config.work).await;
    if shop.config.asks_baker {
        let face = Face::Jobs("BAKER".parse().unwrap());
        let call = Call::post(face, &format!("/orders/{order}")).about(about(order));
        let _ = host.wire.call(call).await;
    }
    assert!(shop.config.panics_of != Some(order), "the shop has a bug");
    let mut book = shop.book.lock().await;
    if book.iter().any(|written| written.order == order) {
        host.pen.news(about(order), News::JobRepeated).await;
    } else {
        let written = Written {
            order,
            bytes: body.len(),
        };
        host.ledger.append(&written).await.unwrap();
        book.push(written);
        host.pen.news(about(order), News::JobTaken).await;
    }
    if shop.config.dies_of == Some(order) {
        host.life.strike();
    }
    Json(book.len())
}

pub(crate) fn about(order: u64) -> About {
    let card: CardId = format!("order-{order}").parse().unwrap();
    About::card(&card)
}

pub(crate) fn shop_seat(ground: &Ground, config: ShopConfig) -> Seat {
    Seat::new(ground, Machine::D1, move |host| shop(host, config))
}

pub(crate) fn baker_seat(ground: &Ground, config: ShopConfig) -> Seat {
    Seat::new(ground, baker(), move |host| shop(host, config))
}

/// The till's call; written down as requested, so that the journal knows whose order it is.
pub(crate) async fn order(
    host: &Host,
    order: u64,
    body: Vec<u8>,
    patience: Duration,
) -> Result<Reply, Failure> {
    let customer = format!("customer-{order}").parse().unwrap();
    let station = "KIOSK-PS-101".parse().unwrap();
    host.pen
        .news(
            about(order),
            News::Requested {
                customer,
                station,
                service: Service::New,
            },
        )
        .await;
    place(host, order, body, patience).await
}

pub(crate) async fn place(
    host: &Host,
    order: u64,
    body: Vec<u8>,
    patience: Duration,
) -> Result<Reply, Failure> {
    let call = Call::post(Face::Orders, &format!("/orders/{order}")).about(about(order));
    host.wire
        .call(
            call.body("application/octet-stream", body)
                .patience(patience),
        )
        .await
}

pub(crate) fn written(seat: &Seat) -> Vec<Written> {
    seat.store()
        .entries()
        .iter()
        .map(|bytes| serde_json::from_slice(bytes).unwrap())
        .collect()
}
