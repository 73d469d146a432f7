//! A good order from a stranger's side: what D1 answers, tells and shows, member by member.

use std::collections::BTreeSet;

use persotwin_tests::stranger::{Connection, Order, Request, Told, World, ask};
use serde_json::{Value, json};

fn members(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// `YYYY-MM-DDThh:mm:ss.sssZ`.
fn is_instant(value: &Value) -> bool {
    let shape = |byte: u8| if byte.is_ascii_digit() { b'0' } else { byte };
    let shape: Vec<u8> = value
        .as_str()
        .unwrap_or_default()
        .bytes()
        .map(shape)
        .collect();
    shape == b"0000-00-00T00:00:00.000Z"
}

fn is_documented(told: &Told, world: &World, order: &Order) {
    let start = format!(
        "POST /notifications/d1/v2/issuers/{}/cards HTTP/1.1",
        world.issuer()
    );
    assert_eq!(told.start, start);
    assert_eq!(told.headers["content-type"], "application/json");
    assert_eq!(members(&told.body), BTreeSet::from(["operations"]));
    let operation = &told.operation;
    let last = told.is_final();
    let mut wanted = BTreeSet::from([
        "operationId",
        "operation",
        "status",
        "startTime",
        "cardId",
        "details",
        "issuerRequestId",
    ]);
    if last {
        wanted.insert("endTime");
    }
    assert_eq!(members(operation), wanted);
    assert_eq!(operation["operation"], "PRODUCE");
    assert_eq!(operation["cardId"], json!(order.card_id));
    assert_eq!(
        operation["status"],
        if last { "SUCCESSFUL" } else { "PENDING" }
    );
    assert_eq!(operation["issuerRequestId"], order.clear["issuerRequestId"]);
    assert!(
        is_instant(&operation["startTime"]) && (!last || is_instant(&operation["endTime"])),
        "{operation}"
    );
    for secret in order.secrets() {
        assert!(
            !told.body.to_string().contains(&secret),
            "a notification has card data"
        );
    }
}

#[test]
fn a_good_order_is_told_of_as_documented() {
    let world = World::ordinary();
    let token = world.token();
    let order = Order::good("1").with("encryptedData.cvv2", json!("987"));
    let answer = world.place(&order, &token);
    assert_eq!(
        (answer.status, members(&answer.json())),
        (202, BTreeSet::from(["operationId"]))
    );
    let operation = answer.json()["operationId"].as_str().unwrap().to_owned();
    let heard = world.backend.hear_out(&operation);
    let statuses: Vec<&str> = heard.iter().map(Told::status).collect();
    assert_eq!(
        statuses,
        ["CARD_PROD_REQUESTED", "CARD_PROD_READY", "CARD_PROD_DONE"]
    );
    for told in &heard {
        is_documented(told, &world, &order);
    }
    let shown = world.status(&order.card_id, &token);
    assert_eq!(
        (shown.status, shown.json()),
        (200, heard[2].body.clone()),
        "the status shows what was told last"
    );
    world.still_works();
}

#[test]
fn whoever_stalls_is_hung_up_on_and_holds_up_nobody() {
    let world = World::ordinary();
    let token = world.token();
    let half_a_head = b"POST /authz/v1/oauth2/token HTTP/1.1\r\nHost: twin.example\r\nContent-";
    let mut stalling: Vec<Connection> = (0..64)
        .map(|n| {
            let mut connection = Connection::open(world.d1());
            connection.send(&half_a_head[..n]);
            connection
        })
        .collect();
    // Others who begin a body and never end it; their end is the end of their connection.
    let body = Request::new("POST", &world.target("card-1"))
        .bearer(&token)
        .header("Content-Type", "application/json");
    let half_a_body: Vec<Connection> = (0..64)
        .map(|_| {
            let mut connection = Connection::open(world.d1());
            connection.send(&body.clone().header("Content-Length", "1000").head());
            connection
        })
        .collect();
    world.still_works();
    for connection in &mut stalling {
        let answer = connection.answer();
        assert!(
            answer.as_ref().is_none_or(|answer| answer.status == 408),
            "{answer:?}"
        );
    }
    drop(half_a_body);
    let after = ask(world.d1(), &Request::new("GET", "/nowhere"));
    assert_eq!(after.told(), "404 - no such path");
    world.is_sound();
}
