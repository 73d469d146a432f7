//! Well-formed messages that are not true, at the doors that D1 does not document (ours).

use std::net::SocketAddr;

use persotwin_tests::stranger::{Key, Request, ask};
use serde_json::{Value, json};

use crate::doors::{alice_gets_her_card, world_of_alice};

/// A stranger's call that is well formed, and its status.
fn status((address, base): (SocketAddr, String), method: &str, rest: &str, body: &Value) -> u16 {
    let request = Request::new(method, &(base + rest)).body("application/json", body.to_string());
    let answer = ask(address, &request);
    assert!(
        answer.body.is_empty() || answer.json().is_object(),
        "{answer:?}"
    );
    answer.status
}

#[test]
fn well_formed_untruths_are_refused_where_they_can_be_known() {
    let world = world_of_alice();
    let key = Key::fresh("stranger").public();
    let d1 = |rest: &str, body: Value| {
        status(
            (world.d1(), "/stations/v1/".to_owned()),
            "POST",
            rest,
            &body,
        )
    };
    assert_eq!(
        d1(
            "KIOSK-PS-999/enrolment",
            json!({ "key": key, "software": "x" })
        ),
        403
    );
    assert_eq!(d1("KIOSK-PS-999/heartbeats", json!({ "jobs": 0 })), 403);
    let off = json!({ "kty": "EC", "crv": "P-256", "kid": "k", "x": key["y"], "y": key["x"] });
    assert_eq!(
        d1(
            "KIOSK-PS-101/enrolment",
            json!({ "key": off, "software": "x" })
        ),
        400
    );
    let kiosk = |rest: &str, body: Value| status(world.at("/issuer/kiosk"), "POST", rest, &body);
    let tap = |customer: &str, product: &str| json!({ "requestId": "r", "customer": customer, "persoStation": "KIOSK-PS-101", "product": product, "service": "new" });
    assert_eq!(kiosk("/card-requests", tap("mallory", "VISA-CLASSIC")), 422);
    assert_eq!(kiosk("/card-requests", tap("alice", "NO-SUCH")), 422);
    assert_eq!(
        kiosk("/card-requests/none/card", json!({ "event": "taken" })),
        404
    );
    let operation = json!({
        "operationId": "op-1", "operation": "PRODUCE", "status": "SUCCESSFUL", "startTime": "2026-06-17T10:00:00.000Z",
        "cardId": "card-of-nobody", "details": { "status": "CARD_PROD_DONE" },
    });
    let hear = |issuer: &str| {
        let at = world.at("/issuer/notifications");
        status(
            at,
            "POST",
            &format!("/issuers/{issuer}/cards"),
            &json!({ "operations": [operation] }),
        )
    };
    assert_eq!(
        (hear("OTHERBANK1"), hear(world.issuer())),
        (404, 204),
        "of a card that is nobody's: heard, and nothing done"
    );
    let chip = |rest: &str, body: Value| {
        status(world.at("/stations/KIOSK-PS-101/chip"), "POST", rest, &body)
    };
    assert_eq!(
        chip("/power", json!({ "power": "on" })),
        409,
        "no card under the contacts"
    );
    assert_eq!(chip("/apdus", json!({ "command": "00A4040000" })), 409);
    let printer = |rest: &str, body: Value| {
        status(
            world.at("/stations/KIOSK-PS-101/printer"),
            "PUT",
            rest,
            &body,
        )
    };
    assert_eq!(
        printer("/actions/a", json!({ "job": "op-1", "action": "flip" })),
        409,
        "no card on the path"
    );
    let agent = |rest: &str, body: Value| {
        status(world.at("/stations/KIOSK-PS-101/agent"), "PUT", rest, &body)
    };
    let job = |station: &str| json!({ "persoStation": station, "stock": "standard", "productionData": "a..b.c.d" });
    assert_eq!(agent("/jobs/op-1", job("KIOSK-PS-999")), 403);
    // A job of nobody with data that nobody can open: taken, failed, and out of the way.
    assert_eq!(agent("/jobs/op-of-nobody", job("KIOSK-PS-101")), 202);
    alice_gets_her_card(&world);
    let report = json!({ "sequence": 1, "status": "STARTED" });
    assert_eq!(d1("KIOSK-PS-101/jobs/op-1/reports", report), 410);
}

#[test]
fn questions_that_make_no_sense_are_refused() {
    let world = world_of_alice();
    let (address, base) = world.at("/stations/KIOSK-PS-101/printer");
    for query in ["wait=soon", "wait=-1", "until=never", "x=1", "%FF=%FF"] {
        let answer = ask(
            address,
            &Request::new("GET", &format!("{base}/actions/a?{query}")),
        );
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["error"].is_string());
    }
    for (method, pointer, rest) in [
        ("GET", "/issuer/kiosk", "/card-requests/%FF"),
        (
            "GET",
            "/stations/KIOSK-PS-101/printer",
            "/actions/%FF?wait=1",
        ),
        ("GET", "/stations/KIOSK-PS-101/printer", "%FF"),
        ("DELETE", "/stations/KIOSK-PS-101/agent", "/jobs/%FF"),
        ("DELETE", "/stations/KIOSK-PS-101/agent", "/jobs/a~b"),
    ] {
        let (address, base) = world.at(pointer);
        let answer = ask(address, &Request::new(method, &(base + rest)));
        assert_eq!(answer.status, 404, "{method} {rest}: {answer:?}");
        assert!(answer.json()["error"].is_string());
    }
    alice_gets_her_card(&world);
}
