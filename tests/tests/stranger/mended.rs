//! A failure and its repair, as an integrator rehearses them: broken and mended through the control face only, seen by a stranger's
//! issuer in what it is told.

use persotwin_kernel::TimeScale;
use persotwin_tests::stranger::{Order, Told, Wish, World};
use serde_json::{Value, json};

/// The agent waits minutes for an operator: too long for a test at real speed.
fn hasty() -> World {
    World::up(&Wish {
        time_scale: TimeScale::try_from(50.0).unwrap(),
        ..Wish::default()
    })
}

fn get(world: &World, path: &str) -> Value {
    let answer = world.control("GET", path, None);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Something goes wrong, or somebody does something: what the twin says of it.
fn post(world: &World, path: &str, entry: Value) -> Value {
    let answer = world.control("POST", path, Some(entry));
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

fn clear(world: &World, id: &str) -> u16 {
    world
        .control("DELETE", &format!("/faults/{id}"), None)
        .status
}

fn order(name: &str) -> Order {
    Order::good(name).with("persoStation", json!("KIOSK-PS-102"))
}

/// Places an order and hears it out: every status, and the last word.
fn produce(world: &World, name: &str) -> (Vec<String>, Told) {
    let placed = world.place(&order(name), &world.token());
    assert_eq!(placed.status, 202, "{placed:?}");
    let operation = placed.json()["operationId"].as_str().unwrap().to_owned();
    let mut heard = world.backend.hear_out(&operation);
    let statuses = heard.iter().map(|told| told.status().to_owned()).collect();
    (statuses, heard.pop().unwrap())
}

fn ends_well(world: &World, name: &str) {
    let (mut statuses, _) = produce(world, name);
    // On a busy computer a backend may seem slow to a hasty D1, which tells it again then.
    statuses.dedup();
    let good = ["CARD_PROD_REQUESTED", "CARD_PROD_READY", "CARD_PROD_DONE"];
    assert_eq!(statuses, good, "{name}");
    world.is_sound();
}

#[test]
fn a_torn_ribbon_fails_an_order_and_another_ribbon_helps_the_next() {
    let world = hasty();
    let torn = post(
        &world,
        "/faults",
        json!({ "fault": "ribbon-tears", "station": "KIOSK-PS-102", "id": "torn" }),
    );
    assert_eq!(
        torn,
        json!({ "id": "torn", "fault": "ribbon-tears", "on": "station/KIOSK-PS-102", "state": "armed", "times": 0 })
    );
    let (statuses, last) = produce(&world, "torn");
    assert_eq!(statuses.last().unwrap(), "CARD_PROD_EXCEPTION");
    let details = last.operation["details"].to_string();
    assert!(details.contains("The ribbon broke"), "{details}");
    let listed = get(&world, "/faults");
    assert_eq!(
        (&listed[0]["state"], &listed[0]["times"]),
        (&json!("struck"), &json!(1))
    );

    let refused = world.control("DELETE", "/faults/torn", None);
    assert_eq!(
        (refused.status, refused.json()),
        (
            409,
            json!({ "error": "it has struck, and only an operator mends it: {\"does\": \"replace-ribbon\"}" })
        )
    );
    let mended = post(
        &world,
        "/actions",
        json!({ "does": "replace-ribbon", "station": "KIOSK-PS-102" }),
    );
    assert_eq!(mended["state"], "done");
    ends_well(&world, "whole");
}

#[test]
fn an_open_cover_is_closed_by_clearing_the_fault() {
    let world = hasty();
    let opened = json!({ "fault": "cover-opens", "station": "KIOSK-PS-102" });
    assert_eq!(post(&world, "/faults", opened.clone())["state"], "struck");
    let again = post(&world, "/faults", opened);
    assert_eq!(again["id"], "cover-opens-2", "another id of its own");
    let (statuses, last) = produce(&world, "open");
    assert_eq!(statuses.last().unwrap(), "CARD_PROD_EXCEPTION");
    let reason = &last.operation["details"]["reason"];
    assert!(reason.to_string().contains("cover"), "{reason}");
    assert_eq!(clear(&world, "cover-opens"), 204);
    assert_eq!(clear(&world, "cover-opens"), 409, "it is cleared already");
    let status = get(&world, "/stations");
    assert!(
        !status["KIOSK-PS-102"]["printer"]
            .to_string()
            .contains("cover-open"),
        "{status}"
    );
    ends_well(&world, "closed");
}

#[test]
fn an_order_in_doubt_is_listed_until_the_agent_is_back_and_tells() {
    let world = World::up(&Wish {
        scenario: "persotwin: 1\nname: Cards come out at once\ncustomers: { nobody: {} }\n\
                   stations: { KIOSK-PS-102: { blanks: 9, present: at-once } }\n",
        time_scale: TimeScale::try_from(200.0).unwrap(),
        ..Wish::default()
    });
    let crash = json!({ "fault": "crash", "machine": "agent", "when": { "moment": "chip-done" }, "back-after": "never" });
    assert_eq!(post(&world, "/faults", crash)["state"], "waiting");
    let placed = world.place(&order("doubt"), &world.token());
    let operation = placed.json()["operationId"].as_str().unwrap().to_owned();
    world.until(|record| record["news"] == "in-doubt");
    let doubted = get(&world, "/orders/in-doubt");
    assert_eq!(doubted[0]["operationId"], json!(operation), "{doubted}");
    assert_eq!(clear(&world, "crash"), 204, "the agent is started again");
    let heard = world.backend.hear_out(&operation);
    assert!(heard.last().unwrap().is_final());
    assert_eq!(get(&world, "/orders/in-doubt"), json!([]));
    ends_well(&world, "sure");
}

#[test]
fn messages_are_struck_on_their_way_to_a_real_issuer() {
    let world = World::ordinary();
    let twice = json!({ "fault": "twice", "link": "issuer.notifications", "when": { "call": 2 } });
    assert_eq!(post(&world, "/faults", twice)["state"], "armed");
    let (statuses, _) = produce(&world, "twice");
    assert_eq!(
        statuses,
        [
            "CARD_PROD_REQUESTED",
            "CARD_PROD_READY",
            "CARD_PROD_READY",
            "CARD_PROD_DONE"
        ]
    );
    assert_eq!(get(&world, "/faults")[0]["state"], "over");
    assert_eq!(clear(&world, "twice"), 204, "nothing waits any more");
    let never = json!({ "fault": "twice", "link": "issuer.notifications", "id": "never" });
    post(&world, "/faults", never);
    assert_eq!(clear(&world, "never"), 204);
    ends_well(&world, "once");
    let states: Vec<Value> = get(&world, "/faults")
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["state"].clone())
        .collect();
    assert_eq!(states, ["cleared", "cleared"]);
}

#[test]
fn an_entry_that_was_to_be_torn_can_stay_whole() {
    let world = hasty();
    let torn = json!({ "fault": "torn-entry", "machine": "agent/KIOSK-PS-102", "id": "torn" });
    assert_eq!(post(&world, "/faults", torn)["state"], "armed");
    assert_eq!(clear(&world, "torn"), 204);
    ends_well(&world, "whole");
    let listed = get(&world, "/faults");
    assert_eq!(
        (&listed[0]["state"], &listed[0]["times"]),
        (&json!("cleared"), &json!(0))
    );
}
