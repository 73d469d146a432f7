//! Requests that are none.

use http::Method;
use persotwin_link::Face;
use persotwin_link::kiosk::CARD_REQUESTS;
use persotwin_wire::Call;
use serde_json::{Value, json};

use crate::world::{Making, NOTIFICATIONS, World, request, update};

/// A request and the status that it gets.
struct Case {
    method: Method,
    path: String,
    media: Option<&'static str>,
    body: String,
    status: u16,
}

const JSON: &str = "application/json";

fn post(path: &str, media: Option<&'static str>, body: impl Into<String>, status: u16) -> Case {
    Case {
        method: Method::POST,
        path: path.to_owned(),
        media,
        body: body.into(),
        status,
    }
}

fn json(path: &str, body: impl Into<String>, status: u16) -> Case {
    post(path, Some(JSON), body, status)
}

fn bare(method: Method, path: &str, status: u16) -> Case {
    Case {
        method,
        ..post(path, None, "", status)
    }
}

async fn ask(world: &World, case: &Case) {
    let mut call = Call::new(case.method.clone(), Face::Kiosk, &case.path);
    if let Some(media) = case.media {
        call = call.body(media, case.body.clone());
    }
    let told = format!("{} {} {:.80}", case.method, case.path, case.body);
    let reply = world.kiosk.wire.call(call).await.unwrap();
    assert_eq!(reply.status(), case.status, "{told}");
    assert_eq!(reply.header("content-type"), Some(JSON), "{told}");
    let answer: Value = reply.json().unwrap();
    assert!(!answer["error"].as_str().unwrap().is_empty(), "{told}");
    assert_eq!(answer.as_object().unwrap().len(), 1, "{told}");
}

fn each_is_answered_and_changes_nothing(cases: Vec<Case>) {
    Making::default().tell(|world| async move {
        for case in &cases {
            ask(&world, case).await;
        }
        assert!(world.ledger().is_empty());
        assert!(world.news().is_empty());
        // A good one is taken after all of them, with a parameter too.
        let good = serde_json::to_vec(&request("r-1", "alice")).unwrap();
        let call = Call::post(Face::Kiosk, CARD_REQUESTS);
        let call = call.body("application/json; charset=utf-8", good);
        assert_eq!(world.kiosk.wire.call(call).await.unwrap().status(), 202);
    });
}

#[test]
fn kiosks() {
    let good = serde_json::to_string(&request("r-1", "alice")).unwrap();
    let instead = |old: &str, new: &str| good.replace(old, new);
    let of = |id: &str| format!("{CARD_REQUESTS}/{id}");
    let seen = of("r-9/card");
    each_is_answered_and_changes_nothing(vec![
        bare(Method::GET, "/", 404),
        bare(Method::PUT, CARD_REQUESTS, 405),
        post(CARD_REQUESTS, Some("text/plain"), good.clone(), 415),
        bare(Method::POST, CARD_REQUESTS, 415),
        json(CARD_REQUESTS, "", 400),
        json(CARD_REQUESTS, "{", 400),
        json(CARD_REQUESTS, "[]", 400),
        json(CARD_REQUESTS, instead("alice", "al ice"), 400),
        json(CARD_REQUESTS, instead("r-1", "r/1"), 400),
        json(CARD_REQUESTS, instead("requestId", "id"), 400),
        json(CARD_REQUESTS, instead("alice", "mallory"), 422),
        json(CARD_REQUESTS, instead("VISA-CLASSIC", "PLATINUM"), 422),
        json(CARD_REQUESTS, instead("r-1", &"x".repeat(300_000)), 413),
        bare(Method::GET, &of("r-9"), 404),
        bare(Method::GET, &of("r-9?wait=60&unless=waiting"), 404),
        bare(Method::GET, &of("%FF"), 404),
        bare(Method::GET, &of("r-9?wait=soon"), 400),
        bare(Method::GET, &of("r-9?wait=-1&unless=waiting"), 400),
        bare(Method::GET, &of("r-9?wait=1&unless=never"), 400),
        bare(Method::GET, &of("r-9?until=exit"), 400),
        json(&seen, r#"{"event":"taken"}"#, 404),
        json(&seen, r#"{"event":"eaten"}"#, 400),
    ]);
}

#[test]
fn notifications() {
    let told = json!({"operations": [update("card-1", "CARD_PROD_DONE")]}).to_string();
    let instead = |old: &str, new: &str| told.replace(old, new);
    let of = |issuer: &str| NOTIFICATIONS.replace("TWINBANK01", issuer);
    each_is_answered_and_changes_nothing(vec![
        bare(Method::GET, NOTIFICATIONS, 405),
        post(NOTIFICATIONS, Some("text/xml"), told.clone(), 415),
        json(&of("OTHERBANK1"), told.clone(), 404),
        json(&of("%FF"), told.clone(), 404),
        json(NOTIFICATIONS, "[]", 400),
        json(NOTIFICATIONS, "{}", 400),
        json(NOTIFICATIONS, r#"{"operations":[{}]}"#, 400),
        json(NOTIFICATIONS, instead("cardId", "x"), 400),
        json(NOTIFICATIONS, instead("operationId", "x"), 400),
        json(NOTIFICATIONS, instead("startTime", "x"), 400),
        json(NOTIFICATIONS, instead("card-1", "card 1"), 400),
        json(NOTIFICATIONS, instead("2026-", "26-"), 400),
        json(NOTIFICATIONS, "x".repeat(300_000), 413),
    ]);
}
