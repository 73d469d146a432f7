//! The control face as an operator's script uses it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use persotwin_tests::stranger::{Order, World};
use serde_json::{Value, json};

fn hardware(world: &World) -> Value {
    let answer = world.control("GET", "/hardware", None);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// The first movement that waits, as soon as one does.
fn next_movement(world: &World) -> Value {
    loop {
        if let Some(first) = hardware(world)["waiting"].get(0) {
            return first.clone();
        }
    }
}

#[test]
fn paused_hardware_waits_to_be_told() {
    let world = World::ordinary();
    assert_eq!(
        hardware(&world),
        json!({ "moves": "by-itself", "times": 1000.0, "waiting": [] })
    );
    let early = world.control("POST", "/hardware/step", Some(json!({ "movements": 1 })));
    assert_eq!(
        (early.status, early.json()),
        (409, json!({ "error": "the hardware is not paused" }))
    );
    assert_eq!(world.control("POST", "/hardware/pause", None).status, 200);

    let order = Order::good("told");
    let placed = world.place(&order, &world.token());
    assert_eq!(placed.status, 202, "{placed:?}");
    let feed = next_movement(&world);
    assert_eq!(
        feed,
        json!({ "machine": "station/KIOSK-PS-101", "takesMs": 2 })
    );
    let cards = world.control("GET", "/cards", None).json();
    assert_eq!(cards[0]["place"], "feeder", "gripped, and not moved");

    let step = world.control("POST", "/hardware/step", Some(json!({ "movements": 1 })));
    assert_eq!(step.status, 200);
    let to_chip = next_movement(&world);
    assert_ne!(to_chip, feed);
    assert_eq!(world.control("POST", "/hardware/resume", None).status, 200);
    let operation = placed.json()["operationId"].as_str().unwrap().to_owned();
    let heard = world.backend.hear_out(&operation);
    assert_eq!(heard.last().unwrap().status(), "CARD_PROD_DONE");
}

#[test]
fn the_speed_can_be_changed() {
    let world = World::ordinary();
    let set = world.control("PUT", "/hardware/speed", Some(json!({ "times": 20_000 })));
    assert_eq!(
        (set.status, set.json()["times"].as_f64()),
        (200, Some(20_000.0))
    );
    world.still_works();
}

#[test]
fn what_makes_no_sense_is_refused() {
    let world = World::ordinary();
    for (method, path, body, status) in [
        ("POST", "/hardware/step", json!({ "movements": 0 }), 400),
        ("POST", "/hardware/step", json!({ "movements": -1 }), 400),
        (
            "POST",
            "/hardware/step",
            json!({ "movements": 4_000_000_000_u32 }),
            400,
        ),
        ("POST", "/hardware/step", json!({}), 400),
        (
            "POST",
            "/hardware/step",
            json!({ "movements": 1, "also": 2 }),
            400,
        ),
        ("PUT", "/hardware/speed", json!({ "times": 0 }), 400),
        ("PUT", "/hardware/speed", json!({ "times": "fast" }), 400),
        ("PUT", "/hardware/speed", json!({ "times": 1e300 }), 400),
        ("GET", "/hardware/step", json!({}), 405),
        ("GET", "/hardware/stop", json!({}), 404),
        ("GET", "/events?from=yesterday", json!({}), 400),
    ] {
        let answer = world.control(method, path, Some(body.clone()));
        assert!(
            (400..500).contains(&answer.status) && answer.json()["error"].is_string(),
            "{method} {path} {body}: {answer:?}"
        );
        assert_eq!(answer.status, status, "{method} {path} {body}");
    }
    assert_eq!(hardware(&world)["moves"], "by-itself");
    world.still_works();
}

/// Listens to the events until this is in them.
fn hear(world: &World, query: &str, last: Option<&str>, until: &str) -> String {
    let (address, base) = world.at("/control");
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let last = last.map(|last| format!("Last-Event-ID: {last}\r\n"));
    let request = format!(
        "GET {base}/events{query} HTTP/1.1\r\nHost: localhost\r\n{}\r\n",
        last.unwrap_or_default()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut heard = String::new();
    let mut part = [0; 4096];
    while !heard.contains(until) {
        let read = stream.read(&mut part).unwrap();
        assert!(read > 0, "the stream ended: {heard}");
        heard.push_str(&String::from_utf8_lossy(&part[..read]));
    }
    heard
}

#[test]
fn events_are_told_as_they_are_written() {
    let world = World::ordinary();
    world.still_works();
    let all = hear(&world, "?from=0", None, "CARD_PROD_DONE");
    assert!(all.starts_with("HTTP/1.1 200 OK\r\n"), "{all}");
    assert!(all.contains("content-type: text/event-stream"), "{all}");
    assert!(all.contains("data: {\"seq\":0,"), "{all}");
    assert!(all.contains("id: 0\n"), "{all}");
    let on = hear(&world, "", Some("4"), "\"seq\":5,");
    assert!(!on.contains("\"seq\":4,"), "{on}");
}
