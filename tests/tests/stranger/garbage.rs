//! Bytes that are no HTTP, or half of it, at the socket of every machine: an answer of 4xx or the end of the connection, soon.

use std::net::SocketAddr;

use persotwin_tests::stranger::{Connection, Request, World, ask};
use rand::rngs::ChaCha8Rng;
use rand::{Rng, RngExt, SeedableRng};

use crate::doors::{alice_gets_her_card, world_of_alice};

/// The sockets of issuer, D1, agent and hardware.
fn sockets(world: &World) -> Vec<SocketAddr> {
    let at = |pointer: &str| world.at(pointer).0;
    [
        "/issuer/kiosk",
        "/d1/orders",
        "/stations/KIOSK-PS-101/agent",
        "/stations/KIOSK-PS-101/printer",
    ]
    .map(at)
    .into()
}

/// Sends bytes and nothing more, and takes every answer that comes.
fn refused(address: SocketAddr, bytes: &[u8]) {
    let mut connection = Connection::open(address);
    connection.send(bytes);
    connection.finish();
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
    while let Some(answer) = connection.answer() {
        assert!(
            (400..500).contains(&answer.status) || answer.status == 505,
            "{shown:?}: {answer:?}"
        );
        assert!(!answer.text().contains("4111111111111111"));
    }
}

/// Things that look a little like HTTP.
fn nearly_http() -> Vec<Vec<u8>> {
    let post =
        "POST /authz/v1/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let long = "x".repeat(200_000);
    let many = "X: y\r\n".repeat(5000);
    let texts = [
        String::new(),
        "\r\n\r\n\r\n".to_owned(),
        "GET\r\n\r\n".to_owned(),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        "GET / FTP/1.1\r\n\r\n".to_owned(),
        "G\u{0}T / HTTP/1.1\r\n\r\n".to_owned(),
        "GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "GET /4111111111111111 HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nX: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{many}\r\n"),
        "GET / HTTP/1.1\r\nno colon\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nBad Name: x\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nX: a\u{1}b\r\n\r\n".to_owned(),
        "GET / HTTP/1.1".to_owned(),
        format!("{post}Content-Length: 100\r\n\r\n{{"),
        format!("{post}Content-Length: -1\r\n\r\n{{}}"),
        format!("{post}Content-Length: 1e3\r\n\r\n{{}}"),
        format!("{post}Content-Length: 99999999999999999999\r\n\r\n{{}}"),
        format!("{post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n0\r\n\r\n"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{{}}"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}"),
        format!("{post}Transfer-Encoding: gzip\r\n\r\n{{}}"),
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}".to_owned(),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

#[test]
fn what_is_no_http_gets_no_further_than_the_socket() {
    let world = world_of_alice();
    let mut chance = ChaCha8Rng::seed_from_u64(42);
    for address in sockets(&world) {
        for bytes in nearly_http() {
            refused(address, &bytes);
        }
        for _ in 0..100 {
            let mut bytes = vec![0; chance.random_range(1..2000)];
            chance.fill_bytes(&mut bytes);
            refused(address, &bytes);
        }
    }
    alice_gets_her_card(&world);
}

#[test]
fn random_bytes_as_bodies_are_refused_by_every_call() {
    let world = world_of_alice();
    let mut chance = ChaCha8Rng::seed_from_u64(43);
    let seeds = [
        "{\"requestId\":\"r\",\"customer\":\"alice\",\"persoStation\":\"KIOSK-PS-101\",\"product\":\"VISA-CLASSIC\",\"service\":\"new\"}",
        "{\"operations\":[{\"operationId\":\"op-1\",\"operation\":\"PRODUCE\",\"status\":\"PENDING\",\"cardId\":\"c\"}]}",
        "{\"job\":\"op-1\",\"action\":\"print-front\",\"artwork\":\"dawn\",\"pan\":\"4111111111111111\"}",
        "{\"sequence\":1,\"status\":\"PRODUCED\",\"serial\":\"A\"}",
    ];
    for address in sockets(&world) {
        for (method, path) in [
            ("POST", "/kiosk/v1/card-requests"),
            ("POST", "/notifications/d1/v2/issuers/TWINBANK01/cards"),
            ("POST", "/stations/v1/KIOSK-PS-101/jobs/op-1/reports"),
            ("PUT", "/agent/v1/KIOSK-PS-101/jobs/op-1"),
            ("PUT", "/printer/v1/KIOSK-PS-101/actions/a"),
            ("POST", "/chip/v1/KIOSK-PS-101/apdus"),
        ] {
            for round in 0..40 {
                let mut body = seeds[round % seeds.len()].as_bytes().to_vec();
                // A brace too few, and some bytes that are no text: never a message.
                body.pop();
                for _ in 0..chance.random_range(0..8) {
                    let at = chance.random_range(0..body.len());
                    body[at] = chance.random();
                }
                let request = Request::new(method, path).body("application/json", body.clone());
                let answer = ask(address, &request);
                assert!(
                    (400..500).contains(&answer.status),
                    "{path}: {answer:?} to {}",
                    String::from_utf8_lossy(&body)
                );
                assert!(answer.json()["error"].is_string(), "{path}: {answer:?}");
                assert!(!answer.text().contains("4111111111111111"));
            }
        }
    }
    alice_gets_her_card(&world);
}
