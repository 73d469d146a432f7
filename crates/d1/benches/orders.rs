//! What an order costs D1: token check, JSON, JWE, every rule, the ledger, the answer, over HTTP in memory.
//!
//! `cargo bench -p persotwin-d1`. Figures are printed, never asserted. The same request sent again shows the cost without a new order;
//! one without a token, what remains of HTTP alone: the ratios in one run can be compared between machines.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and fails by panicking"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use persotwin_contract::card::CardData;
use persotwin_contract::ids::CardId;
use persotwin_contract::names::PrintName;
use persotwin_contract::order::{ClearOrder, Issuance, PaymentApplication, Services};
use persotwin_contract::path;
use persotwin_contract::seal::seal;
use persotwin_contract::token::assertion::sign_assertion;
use persotwin_contract::token::request::write_token_request;
use persotwin_d1::{Config, StationRegistration};
use persotwin_kernel::{Ending, Journal, Limits, run_virtual};
use persotwin_link::tenant::{AssertionKeys, Tenant};
use persotwin_link::{Face, Machine};
use persotwin_wire::{Call, Ground, Host, Latencies, Medium, Seat};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

const ORDERS: u32 = 1000;

/// An order for a card, sealed to D1.
fn order(config: &Config, number: u32, chance: &mut ChaCha8Rng) -> (CardId, Vec<u8>) {
    let name = PrintName::fold("ALICE MARTIN").unwrap();
    let card = CardData::new(
        "4111111111111111".parse().unwrap(),
        "2912".parse().unwrap(),
        name,
    );
    let application = PaymentApplication {
        config: "VISA-CLASSIC".parse().unwrap(),
        oda_key_index: "01".parse().unwrap(),
        derivation_key_index: "01".parse().unwrap(),
        cv_key_index: None,
        pv_key_index: None,
    };
    let sealed = seal(&card, config.jwe_key(), chance).unwrap();
    let station = "KIOSK-PS-101".parse().unwrap();
    let mut order = ClearOrder::instant(
        station,
        Services::of(Issuance::Creation),
        sealed,
        application,
    );
    order.card_product_id = Some("VISA-CLASSIC".parse().unwrap());
    order.issuer_request_id = Some(format!("order-{number}").parse().unwrap());
    (format!("card-{number}").parse().unwrap(), order.to_body())
}

async fn token(host: &Host, tenant: &Tenant) -> String {
    let AssertionKeys::Own(key) = &tenant.assertion_keys else {
        panic!("the built-in tenant signs")
    };
    let now = host.calendar.now();
    let assertion = sign_assertion(key, &tenant.issuer, now, SignedDuration::from_mins(5), None);
    let call = Call::post(Face::Token, path::TOKEN);
    let call = call.body(
        "application/x-www-form-urlencoded",
        write_token_request(&assertion),
    );
    let answer: serde_json::Value = host.wire.call(call).await.unwrap().json().unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

/// Sends every order, one after the other, and wants this status.
async fn send(
    host: &Host,
    tenant: &Tenant,
    orders: &[(CardId, Vec<u8>)],
    token: &str,
    status: u16,
) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "a bench measures the wall")]
    let begun = Instant::now();
    for (card, body) in orders {
        let call = Call::post(Face::Orders, &path::production(&tenant.issuer, card)).bearer(token);
        let reply = host
            .wire
            .call(call.body("application/json", body.clone()))
            .await
            .unwrap();
        assert_eq!(reply.status(), status);
    }
    begun.elapsed()
}

fn main() {
    let tenant = Arc::new(Tenant::built_in());
    let stations = BTreeMap::from([(
        "KIOSK-PS-101".parse().unwrap(),
        StationRegistration::default(),
    )]);
    let config = Config::new(Arc::clone(&tenant), stations);
    let mut chance = ChaCha8Rng::seed_from_u64(1);
    let orders: Vec<_> = (0..ORDERS)
        .map(|number| order(&config, number, &mut chance))
        .collect();
    let ending = run_virtual(Limits::default(), |alarm| async move {
        let journal = Journal::keeping("2026-06-17T10:00:00Z".parse().unwrap(), 1000);
        let ground = Ground::new(alarm, journal, 1, Medium::InProcess, Latencies::NONE, None);
        ground.net().reserve(Machine::D1, 0).unwrap();
        let seated = config.clone();
        Seat::new(&ground, Machine::D1, move |host| {
            persotwin_d1::run(host, seated.clone())
        })
        .start()
        .await;
        ground.net().everybody_listens().await;
        let host = ground.host(Machine::Issuer);
        let token = token(&host, &tenant).await;
        let refused = send(&host, &tenant, &orders, "nobody", 401).await;
        let accepted = send(&host, &tenant, &orders, &token, 202).await;
        let repeated = send(&host, &tenant, &orders, &token, 202).await;
        [
            ("refused, no token", refused),
            ("accepted, new", accepted),
            ("accepted, the same again", repeated),
        ]
    });
    let Ending::Told(figures) = ending.unwrap() else {
        panic!("the bench did not end")
    };
    let http = figures[0].1.as_secs_f64();
    for (what, wall) in figures {
        let micros = wall.as_secs_f64() * 1e6 / f64::from(ORDERS);
        println!(
            "  {what:<26} {micros:>7.1} µs an order   {:>5.1} times HTTP alone",
            wall.as_secs_f64() / http
        );
    }
}
