//! In real time strangers come to the same doors: what they say stands in the journal too, once, and is told apart from our own.
#![expect(
    clippy::unwrap_used,
    reason = "a test double that fails shall fail its test"
)]

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::{Response, StatusCode};
use persotwin_kernel::event::{Event, Exchange, Failure, Phase};
use persotwin_kernel::{Alarm, Journal, TimeScale};
use persotwin_link::{Face, Machine};
use persotwin_wire::{
    Call, Distortion, Fault, Ground, Host, Latencies, Lost, Medium, Rewrite, Seat, Strike, Way,
    fetch,
};

async fn d1(host: Host) {
    let said = async |body: String| match body.as_str() {
        "" => "hello".to_owned(),
        body => format!("you said {body}"),
    };
    let router = Router::new().route("/banking/{*rest}", get(said).post(said));
    host.wire.serve(router).await.unwrap();
}

/// A world with D1 in it, its times a thousand times as short.
async fn world() -> (Ground, SocketAddr) {
    let journal = Journal::new("2026-06-17T10:00:00Z".parse().unwrap());
    let medium = Medium::RealTime(TimeScale::try_from(1000.0).unwrap());
    let ground = Ground::new(Alarm::default(), journal, 1, medium, Latencies::NONE, None);
    ground.net().reserve(Machine::D1, 0).unwrap();
    Seat::new(&ground, Machine::D1, d1).start().await;
    ground.net().everybody_listens().await;
    let address = ground.net().address(&Machine::D1).unwrap();
    (ground, address)
}

/// What a stranger hears who says `hello there` while this waits for it; nothing if the connection ends or stays silent.
async fn heard(fault: Fault, from: Option<Machine>) -> (Option<(u16, String)>, Vec<Exchange>) {
    let (ground, address) = world().await;
    ground.net().arm(Strike {
        from,
        to: Face::Orders,
        skip: 0,
        times: 1,
        fault,
    });
    let path = "/banking/v1/issuers/BANK/physicalCards/card-1/productionStatus";
    let request = Call::post(Face::Orders, path).body("text/plain", "hello there");
    let reply = fetch(address, request.into_request(), Duration::from_secs(1)).await;
    let reply = reply.ok().map(|reply| {
        let status = reply.status();
        (status, String::from_utf8_lossy(reply.body()).into_owned())
    });
    (reply, exchanges(&ground))
}

#[tokio::test]
async fn what_strangers_say_is_struck_at_the_door() {
    let said = || Some((200, "you said hello there".to_owned()));
    let second = Duration::from_secs(1);
    let drip = |way| Fault::Stream(Distortion::drip(way, 4, second));
    let rewrite = |way| Fault::Rewritten(way, Rewrite::Header("x-new".into(), "1".into()));
    let mut busy = Response::new(Bytes::from_static(b"busy"));
    *busy.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let failed = |why| Lost::Failure(why);
    for (fault, wanted) in [
        (
            Fault::Before(Lost::Answer(Box::new(busy))),
            Some((503, "busy".to_owned())),
        ),
        (Fault::Before(failed(Failure::Refused)), None),
        (Fault::Before(failed(Failure::TimedOut)), None),
        (Fault::After(failed(Failure::Closed)), None),
        (Fault::After(failed(Failure::TimedOut)), None),
        (Fault::Twice, said()),
        (Fault::Late(second), said()),
        (Fault::AnswerLate(second), said()),
        (Fault::OutOfOrder, said()),
        (drip(Way::Answer), said()),
        (drip(Way::Request), said()),
        (rewrite(Way::Answer), said()),
        (rewrite(Way::Request), said()),
    ] {
        let shown = format!("{fault:?}");
        let (reply, exchanges) = heard(fault, Some(Machine::Issuer)).await;
        assert_eq!(reply, wanted, "{shown}");
        let card = exchanges[0].about.card.as_ref().unwrap();
        assert_eq!(card.to_string(), "card-1", "{shown}");
    }
}

#[tokio::test]
async fn what_others_say_is_not() {
    let fault = Fault::Before(Lost::Failure(Failure::Closed));
    let (reply, _) = heard(fault, Some(Machine::Kiosk)).await;
    assert_eq!(reply.map(|(status, _)| status), Some(200));
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
