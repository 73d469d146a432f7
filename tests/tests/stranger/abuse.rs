//! The control face, abused: whatever is wrong is refused with a reason, and the twin goes on.

use persotwin_tests::stranger::{Answer, Request, World, ask};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// Every call that this face has, and what it takes.
const CALLS: [(&str, &str); 22] = [
    ("GET", "/journal"),
    ("GET", "/events"),
    ("GET", "/stations"),
    ("GET", "/cards"),
    ("GET", "/cards/for-destruction"),
    ("GET", "/orders/in-doubt"),
    ("GET", "/orders/done-not-in-hand"),
    ("GET", "/dead-letters"),
    ("POST", "/orders/op-1/cancel"),
    ("POST", "/cards/KIOSK-PS-101/lot/1/insert"),
    ("POST", "/cards/KIOSK-PS-101%2Flot%2F1/insert"),
    ("POST", "/cards/KIOSK-PS-101/lot/1/remove"),
    ("GET", "/faults"),
    ("POST", "/faults"),
    ("DELETE", "/faults/x"),
    ("GET", "/actions"),
    ("POST", "/actions"),
    ("DELETE", "/actions/x"),
    ("GET", "/hardware"),
    ("POST", "/hardware/pause"),
    ("POST", "/hardware/resume"),
    ("PUT", "/hardware/speed"),
];

fn request(world: &World, method: &str, path: &str) -> Request {
    let (_, base) = world.at("/control");
    Request::new(method, &format!("{base}{path}"))
}

fn send(world: &World, request: &Request) -> Answer {
    let (address, _) = world.at("/control");
    ask(address, request)
}

fn posted(world: &World, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    let request = request(world, "POST", path)
        .header("Host", "localhost")
        .body("application/json", body);
    send(world, &request)
}

fn refused(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {answer:?}");
    assert!(answer.json()["error"].is_string(), "{what}: {answer:?}");
}

#[test]
fn no_other_site_and_no_other_method_gets_in() {
    let world = World::ordinary();
    for (method, path) in CALLS {
        for host in [
            "twin.example",
            "127.0.0.1.twin.example",
            "",
            "192.168.0.1:80",
        ] {
            let call = request(&world, method, path).header("Host", host);
            refused(
                &send(&world, &call),
                403,
                &format!("{method} {path} at {host}"),
            );
        }
        let call = request(&world, method, path)
            .header("Host", "127.0.0.1")
            .header("Origin", "http://twin.example");
        refused(
            &send(&world, &call),
            403,
            &format!("{method} {path} from a page"),
        );
        let preflight = request(&world, "OPTIONS", path)
            .header("Host", "127.0.0.1")
            .header("Access-Control-Request-Method", method);
        let answer = send(&world, &preflight);
        refused(&answer, 405, path);
        let allows = answer
            .headers
            .keys()
            .any(|name| name.starts_with("access-control"));
        assert!(!allows, "{path}: {answer:?}");
        for other in ["PATCH", "BREW"] {
            let call = request(&world, other, path).header("Host", "127.0.0.1");
            refused(&send(&world, &call), 405, &format!("{other} {path}"));
        }
    }
    world.still_works();
}

#[test]
fn what_is_no_entry_is_refused() {
    let world = World::ordinary();
    let deep = "[".repeat(30_000);
    let nested = format!(
        "{{\"fault\":{}1{}}}",
        "{\"a\":".repeat(100),
        "}".repeat(100)
    );
    for path in ["/faults", "/actions"] {
        for body in [
            "",
            "{",
            "}",
            "nonsense",
            "fault: late",
            "{}{}",
            "{'fault':'late'}",
            "null",
            "7",
            "[]",
            "\"late\"",
            "{}",
            "{\"\":1}",
            "{\"fault\":null}",
            "{\"fault\":7,\"does\":7}",
            "{\"fault\":[\"late\"],\"does\":{}}",
            "{\"fault\":\"late\",\"fault\":\"twice\"}",
            "{\"fault\":\"\\ud800\"}",
            "\u{feff}{}",
            deep.as_str(),
            nested.as_str(),
        ] {
            let what: String = body.chars().take(40).collect();
            refused(&posted(&world, path, body), 400, &what);
        }
        refused(&posted(&world, path, [0xFF, 0xFE]), 400, "no text");
        refused(
            &posted(&world, path, vec![b' '; 64 * 1024 + 1]),
            413,
            "too large",
        );
        let untyped = request(&world, "POST", path)
            .header("Host", "localhost")
            .body("text/plain", "{}");
        refused(&send(&world, &untyped), 415, "another type");
    }
    world.still_works();
}

#[test]
fn whoever_names_what_there_is_not_hears_what_there_is() {
    let world = World::ordinary();
    for (path, entry, error) in [
        (
            "/faults",
            json!({ "fault": "ribbon-tear", "station": "KIOSK-PS-101" }),
            "there is no fault `ribbon-tear`: did you mean `ribbon-tears`?",
        ),
        (
            "/faults",
            json!({ "fault": "ribbon-tears", "station": "KIOSK-PS-103" }),
            "there is no station `KIOSK-PS-103`: did you mean `KIOSK-PS-101`?",
        ),
        (
            "/faults",
            json!({ "fault": "ribbon-tears" }),
            "this needs `station:`: write `station: KIOSK-PS-101`",
        ),
        (
            "/faults",
            json!({ "fault": "ribbon-tears", "station": "KIOSK-PS-101", "colour": "red" }),
            "`ribbon-tears` has no `colour:`: unknown key",
        ),
        (
            "/faults",
            json!({ "fault": "late", "link": "d1.order", "by": "8s" }),
            "there is no link `d1.order`: did you mean `d1.orders`?",
        ),
        (
            "/faults",
            json!({ "fault": "late", "link": "d1.orders", "by": "soon" }),
            "`soon` is not a duration: expected a number with its unit, like 90s, 1m 30s, 250ms or 2h",
        ),
        (
            "/faults",
            json!({ "fault": "twice", "link": "d1.orders", "customer": "alice" }),
            "there is no customer `alice`: unknown customer",
        ),
        (
            "/faults",
            json!({ "fault": "taps-twice" }),
            "this needs `customer:`: write `customer: alice`",
        ),
        (
            "/actions",
            json!({ "does": "refil", "station": "KIOSK-PS-101" }),
            "nobody knows how to `refil`: did you mean `refill`?",
        ),
        (
            "/actions",
            json!({ "does": "refill", "station": "KIOSK-PS-101", "blanks": "4111 1111 1111 1111" }),
            "`4111 11** **** 1111` is not a value of `blanks:`: expected a whole number, like 50",
        ),
        (
            "/actions",
            json!({ "does": "clear-jam", "station": "KIOSK-PS-101", "after": "nobody" }),
            "there is no fault or action `nobody`: unknown fault or action",
        ),
    ] {
        let answer = posted(&world, path, entry.to_string());
        refused(&answer, 400, error);
        assert_eq!(answer.json()["error"], error);
    }
    let both =
        json!({ "fault": "late", "link": "d1.orders", "by": "soon", "times": 0, "chance": "0%" });
    let answer = posted(&world, "/faults", both.to_string()).json();
    assert_eq!(
        answer["mistakes"].as_array().map(Vec::len),
        Some(3),
        "{answer}"
    );
    world.still_works();
}

#[test]
fn what_cannot_be_is_refused_with_its_reason() {
    let world = World::ordinary();
    let at = "KIOSK-PS-101";
    for (path, entry, why) in [
        (
            "/actions",
            json!({ "does": "reject-card", "station": at }),
            "there is no card in the exit",
        ),
        (
            "/actions",
            json!({ "does": "refill", "station": at, "hopper": 9 }),
            "there is no hopper 9",
        ),
        (
            "/actions",
            json!({ "does": "restart-machine", "machine": "issuer" }),
            "it is none of the twin's own machines",
        ),
        (
            "/faults",
            json!({ "fault": "crash", "machine": "issuer" }),
            "it is none of the twin's own machines",
        ),
        (
            "/faults",
            json!({ "fault": "blanks-upside-down", "station": at, "hopper": 9 }),
            "there is no hopper 9",
        ),
        (
            "/faults",
            json!({ "fault": "order-cancelled" }),
            "it needs `customer`: whose order?",
        ),
    ] {
        let answer = posted(&world, path, entry.to_string());
        refused(&answer, 409, &entry.to_string());
        assert_eq!(answer.json()["error"], why, "{entry}");
    }
    for path in ["/faults", "/actions"] {
        let list = send(
            &world,
            &request(&world, "GET", path).header("Host", "127.0.0.1"),
        );
        assert_eq!(list.json(), json!([]), "as if it had never been asked for");
        for id in ["crash", "no-such-id", "%2e%2e", "a%20b", &"a".repeat(3000)] {
            let call =
                request(&world, "DELETE", &format!("{path}/{id}")).header("Host", "127.0.0.1");
            refused(&send(&world, &call), 404, id);
        }
    }
    world.still_works();
}

/// Entries with something wrong in them, put together by chance.
fn wrong() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "fault", "does", "id", "when", "at", "times", "for", "chance", "may-miss", "station",
        "machine", "link", "customer", "by", "blanks",
    ]);
    let value = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!(null)),
        Just(json!({ "at": "5s", "moment": "taken" })),
        Just(json!([[], {}])),
        prop::sample::select(vec![
            "late",
            "ribbon-tears",
            "refill",
            "KIOSK-PS-101",
            "d1",
            "d1.orders",
            "8s"
        ])
        .prop_map(Value::from),
    ];
    prop::collection::btree_map(key, value, 0..6).prop_map(|members| {
        let members = members
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value));
        // No fault and no action has this one.
        let wrong = ("nonsense".to_owned(), json!(1));
        Value::Object(members.chain([wrong]).collect())
    })
}

#[test]
fn nothing_that_is_wrong_is_ever_taken() {
    let world = World::ordinary();
    let mut runner = TestRunner::new(Config {
        cases: 200,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&wrong(), |entry| {
        for path in ["/faults", "/actions"] {
            let answer = posted(&world, path, entry.to_string());
            prop_assert_eq!(answer.status, 400, "{} {}", path, &entry);
            prop_assert!(!answer.json()["mistakes"].as_array().unwrap().is_empty());
        }
        Ok(())
    });
    outcome.unwrap();
    world.still_works();
}
