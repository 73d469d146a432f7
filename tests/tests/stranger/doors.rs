//! The doors that D1 does not document (ours): what does not belong there is refused as what it is, in JSON, and harms nobody.

use std::net::SocketAddr;

use persotwin_tests::stranger::{Answer, Request, Wish, World, ask};
use serde_json::json;

/// A world with the mock issuer, whose customer Alice taps when the test does it for her.
pub(crate) fn world_of_alice() -> World {
    World::up(&Wish {
        real_issuer: false,
        change: |_| (),
        scenario: SCENARIO,
        ..Wish::default()
    })
}

const SCENARIO: &str =
    "persotwin: 1\nname: Alice\ncustomers: { alice: { cardholder: ALICE MARTIN } }\n";

/// A call that takes JSON.
struct Door {
    name: &'static str,
    address: SocketAddr,
    method: &'static str,
    target: String,
    token: Option<String>,
}

impl Door {
    fn request(&self) -> Request {
        let request = Request::new(self.method, &self.target);
        self.token
            .iter()
            .fold(request, |request, token| request.bearer(token))
    }

    fn told(&self, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
        ask(self.address, &self.request().body(content_type, body))
    }
}

/// Every call of every machine that takes JSON.
fn doors(world: &World) -> Vec<Door> {
    let station = "/stations/KIOSK-PS-101";
    let notified = format!("/issuers/{}/cards", world.issuer());
    let rows: Vec<(&'static str, String, &'static str, String)> = vec![
        (
            "a tap",
            "/issuer/kiosk".into(),
            "POST",
            "/card-requests".into(),
        ),
        (
            "a card seen",
            "/issuer/kiosk".into(),
            "POST",
            "/card-requests/req-alice/card".into(),
        ),
        (
            "a notification",
            "/issuer/notifications".into(),
            "POST",
            notified,
        ),
        (
            "a job",
            format!("{station}/agent"),
            "PUT",
            "/jobs/op-1".into(),
        ),
        (
            "a load",
            format!("{station}/agent"),
            "PUT",
            "/loads/load-1".into(),
        ),
        (
            "an action",
            format!("{station}/printer"),
            "PUT",
            "/actions/action-1".into(),
        ),
        ("power", format!("{station}/chip"), "POST", "/power".into()),
        (
            "an APDU",
            format!("{station}/chip"),
            "POST",
            "/apdus".into(),
        ),
    ];
    let own = |(name, pointer, method, rest): (&'static str, String, &'static str, String)| {
        let (address, base) = world.at(&pointer);
        Door {
            name,
            address,
            method,
            target: base + &rest,
            token: None,
        }
    };
    let d1 = |name, target: &str, token| {
        let target = target.to_owned();
        Door {
            name,
            address: world.d1(),
            method: "POST",
            target,
            token,
        }
    };
    let mut doors: Vec<Door> = rows.into_iter().map(own).collect();
    doors.push(d1(
        "an enrolment",
        "/stations/v1/KIOSK-PS-101/enrolment",
        None,
    ));
    doors.push(d1(
        "a heartbeat",
        "/stations/v1/KIOSK-PS-101/heartbeats",
        None,
    ));
    doors.push(d1(
        "a report",
        "/stations/v1/KIOSK-PS-101/jobs/op-1/reports",
        None,
    ));
    doors.push(d1("an order", &world.target("card-1"), Some(world.token())));
    doors.push(d1("a token", "/authz/v1/oauth2/token", None));
    doors
}

/// The status is this one, and the body is a JSON object whose texts are short and repeat nothing.
fn refused(door: &Door, answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{}: {what}: {answer:?}", door.name);
    let body = answer.json();
    let texts = body
        .as_object()
        .unwrap_or_else(|| panic!("{}: {answer:?}", door.name))
        .values();
    assert!(
        texts
            .clone()
            .all(|text| text.as_str().is_some_and(|text| text.len() < 200)),
        "{}: {body}",
        door.name
    );
    assert!(!answer.text().contains("4111111"), "{}: {body}", door.name);
}

#[test]
fn every_door_refuses_what_is_no_message() {
    let world = world_of_alice();
    let deep = "[".repeat(50_000);
    let objects = "{\"a\":".repeat(5_000);
    let bodies: Vec<&[u8]> = vec![
        b"",
        b"{",
        b"}",
        b"nonsense",
        b"null",
        b"true",
        b"7",
        b"-1e999",
        b"\"4111111111111111\"",
        b"[]",
        b"[\"4111111111111111 \"]",
        b"{}{}",
        b"{\"pan\":\"4111111111111111\"",
        b"{\"4111111111111111\":\"4111111111111111\"}",
        b"{\"action\":\"pick\",\"power\":\"sideways\",\"event\":\"eaten\",\"status\":\"LOST\",\"jobs\":-1,\"blanks\":4294967296}",
        b"{\"command\":\"00A4\xff\"}",
        b"{\"command\":\"00A40\"}",
        b"{\"command\":7,\"job\":null}",
        b"{\"operations\":7}",
        b"{\"operations\":[{\"operationId\":\"4111111111111111 4111111111111111\"}]}",
        b"\xff\xfe\x00\x00",
        b"\xef\xbb\xbf{}",
        deep.as_bytes(),
        objects.as_bytes(),
    ];
    for door in doors(&world) {
        for body in &bodies {
            let what = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            refused(&door, &door.told("application/json", *body), 400, &what);
        }
        for other in ["text/plain", "application/xml", ""] {
            refused(&door, &door.told(other, "{}"), 415, other);
        }
        let untyped = Request {
            body: b"{}".to_vec(),
            ..door.request()
        };
        refused(&door, &ask(door.address, &untyped), 415, "no type");
        refused(
            &door,
            &door.told("application/json", vec![b' '; 256 * 1024 + 1]),
            413,
            "too large",
        );
        for method in ["PATCH", "OPTIONS", "BREW"] {
            let other = Request::new(method, &door.target);
            refused(&door, &ask(door.address, &other), 405, method);
        }
    }
    alice_gets_her_card(&world);
}

#[test]
fn every_door_refuses_paths_that_lead_nowhere() {
    let world = world_of_alice();
    for door in doors(&world) {
        let (base, _) = door.target.rsplit_once('/').unwrap();
        let far = format!("{base}/{}", "x/".repeat(2000));
        let mut paths = vec![
            "/".to_owned(),
            "/%2e%2e/".to_owned(),
            base.to_owned() + "/%00/",
            far,
            "/%FF/%FE".to_owned(),
        ];
        paths.push(door.target.replace("v1", "v9").replace("v2", "v9"));
        for path in paths {
            let request = Request::new(door.method, &path).body("application/json", "{}");
            refused(&door, &ask(door.address, &request), 404, &path);
        }
        // Ids that are none: not text, too long, with a step upwards.
        for id in ["%FF", "%C3", &"a".repeat(3000), "..%2F..", "a%00b", "a%20b"] {
            for part in [
                "KIOSK-PS-101",
                "op-1",
                "action-1",
                "load-1",
                "req-alice",
                world.issuer(),
                "card-1",
            ] {
                if !door.target.contains(part) {
                    continue;
                }
                let path = door.target.replace(part, id);
                let request = Request {
                    start: format!("{} {path}", door.method),
                    ..door.request()
                };
                let answer = ask(door.address, &request.body("application/json", "{}"));
                assert!(
                    (400..500).contains(&answer.status),
                    "{}: {path}: {answer:?}",
                    door.name
                );
                refused(&door, &answer, answer.status, &path);
            }
        }
    }
    alice_gets_her_card(&world);
}

/// Alice taps, and the kiosk's screen comes to say that her card lies there.
pub(crate) fn alice_gets_her_card(world: &World) {
    let (address, base) = world.at("/issuer/kiosk");
    let wish = json!({
        "requestId": "req-alice", "customer": "alice", "persoStation": "KIOSK-PS-101", "product": "VISA-CLASSIC", "service": "new",
    });
    let tap = Request::new("POST", &format!("{base}/card-requests"))
        .body("application/json", wish.to_string());
    let answer = ask(address, &tap);
    assert_eq!(answer.status, 202, "{answer:?}");
    let view = Request::new("GET", &format!("{base}/card-requests/req-alice"));
    world.until(|_| {
        let state = ask(address, &view).json()["state"].clone();
        assert_ne!(state, "sorry");
        state == "take-your-card"
    });
    world.is_sound();
}
