//! What real client stacks send, byte for byte; and bodies that are too large, of another type, or nothing.

use std::net::SocketAddr;

use persotwin_tests::stranger::{Answer, Connection, Order, Request, World, ask};
use serde_json::json;

const LIMIT: usize = 256 * 1024;

fn accepted(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.version.as_str()),
        (202, "HTTP/1.1"),
        "{answer:?}"
    );
    assert!(answer.json()["operationId"].is_string());
}

/// An order of its own each time.
fn request(world: &World, token: &str, name: &str) -> Request {
    world.request(&Order::good(name), token)
}

#[test]
fn the_habits_of_client_stacks_are_understood() {
    let world = World::ordinary();
    let token = world.token();
    let typed = |name: &str, content_type: &str| {
        let mut request = request(&world, &token, name);
        request.headers.retain(|(name, _)| name != "Content-Type");
        ask(world.d1(), &request.header("Content-Type", content_type))
    };
    accepted(&typed("charset", "application/json; charset=utf-8"));
    accepted(&typed("case", "APPLICATION/JSON ;charset=\"UTF-8\""));
    for size in [1, 7, 100_000] {
        accepted(&ask(
            world.d1(),
            &request(&world, &token, &format!("chunked-{size}")).chunked(size),
        ));
    }
    for (name, colon) in [
        ("upper", "operations%3Aproduction"),
        ("lower", "operations%3aproduction"),
    ] {
        let mut request = request(&world, &token, name);
        request.start = request.start.replace("operations:production", colon);
        accepted(&ask(world.d1(), &request));
    }
    let mut whole = request(&world, &token, "absolute-form");
    whole.start = whole.start.replace("POST ", "POST http://twin.example");
    accepted(&ask(world.d1(), &whole));
    let lower = Order::good("lower-scheme");
    let mut request = world.request(&lower, &token);
    request.headers.retain(|(name, _)| name != "Authorization");
    accepted(&ask(
        world.d1(),
        &request.header("AUTHORIZATION", &format!("bearer  {token}")),
    ));
    world.still_works();
}

#[test]
fn expect_100_continue_is_answered_before_the_body() {
    let world = World::ordinary();
    let token = world.token();
    let request = request(&world, &token, "expect").header("Expect", "100-continue");
    let mut connection = Connection::open(world.d1());
    connection.send(&request.head());
    let interim = connection.answer().expect("leave to go on");
    assert_eq!(interim.status, 100, "{interim:?}");
    connection.send(&request.body);
    accepted(&connection.answer().unwrap());
    // A body that would be refused is not asked for.
    let large = Request::new("POST", &world.target("card-1"))
        .bearer(&token)
        .header("Expect", "100-continue");
    let large = large
        .header("Content-Type", "application/json")
        .header("Content-Length", &(LIMIT + 1).to_string());
    let mut connection = Connection::open(world.d1());
    connection.send(&large.head());
    assert_eq!(
        connection.answer().unwrap().told(),
        "413 - the body is too large"
    );
    world.still_works();
}

#[test]
fn an_upgrade_to_http_2_is_declined() {
    let world = World::ordinary();
    let token = world.token();
    let upgrading = request(&world, &token, "h2c")
        .header("Connection", "Upgrade, HTTP2-Settings")
        .header("Upgrade", "h2c")
        .header("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA");
    accepted(&ask(world.d1(), &upgrading));
    let mut connection = Connection::open(world.d1());
    connection.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00");
    let answer = connection.answer();
    assert!(
        answer.is_none_or(|answer| answer.status >= 400),
        "HTTP/2 without asking is refused"
    );
    world.still_works();
}

#[test]
fn one_connection_carries_good_and_bad_requests_one_after_another() {
    let world = World::ordinary();
    let token = world.token();
    let mut connection = Connection::open(world.d1());
    let mut statuses = Vec::new();
    let good = request(&world, &token, "pipelined");
    let bad = request(&world, "nonsense", "pipelined");
    let none = Request::new("GET", "/nowhere");
    let untyped = Request::new("POST", &world.target("card-1"))
        .bearer(&token)
        .body("text/plain", "x");
    // All at once on the wire: answers come in order.
    connection.send(
        &[
            bad.bytes(),
            none.bytes(),
            untyped.bytes(),
            good.bytes(),
            good.bytes(),
        ]
        .concat(),
    );
    for _ in 0..5 {
        statuses.push(connection.answer().unwrap().status);
    }
    assert_eq!(statuses, [401, 404, 415, 202, 202]);
    world.still_works();
}

#[test]
fn the_status_is_found_in_both_spellings() {
    let world = World::ordinary();
    let token = world.token();
    let order = Order::good("spelt");
    let operation = world.place(&order, &token).json()["operationId"].clone();
    let path = format!("/banking/v1/issuers/{}", world.issuer());
    for (cards, status) in [
        ("physicalCards", "productionStatus"),
        ("physicalcards", "productionstatus"),
        ("physicalCards", "productionstatus"),
        ("physicalcards", "productionStatus"),
    ] {
        let target = format!("{path}/{cards}/{}/{status}", order.card_id);
        let answer = ask(world.d1(), &Request::new("GET", &target).bearer(&token));
        assert_eq!(answer.status, 200, "{target}");
        let told = &answer.json()["operations"][0];
        assert_eq!(
            (&told["operationId"], &told["operation"]),
            (&operation, &json!("PRODUCE"))
        );
    }
    world.still_works();
}

fn posted(
    address: SocketAddr,
    target: &str,
    token: &str,
    content_type: &str,
    body: Vec<u8>,
) -> String {
    ask(
        address,
        &Request::new("POST", target)
            .bearer(token)
            .body(content_type, body),
    )
    .told()
}

#[test]
fn bodies_that_are_no_order_are_refused_as_what_they_are() {
    let world = World::ordinary();
    let token = world.token();
    let target = world.target("card-1");
    let order = world.body(&Order::good("1")).to_string();
    let post = |content_type: &str, body: &[u8]| {
        posted(world.d1(), &target, &token, content_type, body.to_vec())
    };
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    let bare = order.trim_end_matches('}');
    for body in [
        "{",
        "[]",
        "null",
        "\"text\"",
        "7",
        "{}{}",
        "{\"a\":1,}",
        "not JSON",
        "\u{feff}{}",
        bare,
        &deep,
    ] {
        assert_eq!(
            post("application/json", body.as_bytes()),
            "400 - -",
            "{}",
            &body[..body.len().min(40)]
        );
    }
    assert_eq!(post("application/json", &[0xff, 0xfe, 0x00]), "400 - -");
    let empty = Request::new("POST", &target)
        .bearer(&token)
        .header("Content-Type", "application/json");
    assert_eq!(
        ask(world.d1(), &empty.clone().header("Content-Length", "0")).told(),
        "400 - -"
    );
    assert_eq!(ask(world.d1(), &empty).told(), "400 - -", "no body at all");
    assert_eq!(
        post("application/json", b"{}"),
        "400 FIELD_INVALID_FORMAT distributionChannel"
    );
    let twice = order.replacen('{', "{\"consumerId\":\"a\",", 1);
    assert_eq!(
        post("application/json", twice.as_bytes()),
        "400 FIELD_INVALID_FORMAT consumerId",
        "a member twice"
    );
    for other in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/problem+json",
        "json",
        "",
    ] {
        assert_eq!(
            post(other, order.as_bytes()),
            "415 - the body must be application/json",
            "{other}"
        );
    }
    let mut untyped = Request::new("POST", &target).bearer(&token);
    untyped.body = order.clone().into_bytes();
    assert_eq!(
        ask(world.d1(), &untyped).told(),
        "415 - the body must be application/json",
        "no type at all"
    );
    world.still_works();
}

#[test]
fn a_body_has_its_limit_and_its_sender_hears_of_it() {
    let world = World::ordinary();
    let token = world.token();
    let target = world.target("card-large");
    let padded = |length: usize| {
        let order = world.body(&Order::good("large")).to_string();
        let mut body = order.into_bytes();
        body.resize(length, b' ');
        body
    };
    let large = |length: usize| {
        Request::new("POST", &target)
            .bearer(&token)
            .body("application/json", padded(length))
    };
    for length in [LIMIT + 1, 4 * LIMIT, 40 * LIMIT] {
        assert_eq!(
            ask(world.d1(), &large(length)).told(),
            "413 - the body is too large",
            "{length}"
        );
    }
    assert_eq!(
        ask(world.d1(), &large(LIMIT + 1).chunked(10_000)).told(),
        "413 - the body is too large"
    );
    accepted(&ask(world.d1(), &large(LIMIT)));
    world.still_works();
}
