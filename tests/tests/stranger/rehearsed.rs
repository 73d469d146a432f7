//! Stories of the library against a real backend: its orders play the customers, its calls are struck at D1's door.

use persotwin_kernel::TimeScale;
use persotwin_tests::stranger::{Answer, Connection, Order, Told, Wish, World, ask};
use persotwin_world::Customers;
use serde_json::json;

/// A story whose customers are played by whoever orders.
fn rehearsal(scenario: &'static str) -> World {
    World::up(&Wish {
        scenario,
        change: |_| (),
        time_scale: TimeScale::try_from(50.0).unwrap(),
        customers: Customers::Come,
        ..Wish::default()
    })
}

fn order(name: &str) -> Order {
    Order::good(name)
}

fn operation(answer: &Answer) -> String {
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()["operationId"].as_str().unwrap().to_owned()
}

fn last(world: &World, answer: &Answer) -> String {
    let heard = world.backend.hear_out(&operation(answer));
    heard.last().unwrap().status().to_owned()
}

#[test]
fn orders_play_the_customers_one_after_the_other() {
    let world = rehearsal(
        "persotwin: 1\nname: Bob never comes\ncustomers: { bob: { arrives: 1m }, alice: {} }\n\
         faults:\n  - { fault: ribbon-tears, when: { stage: print-front, customer: bob } }\n\
         operator:\n  - { does: replace-ribbon, after: ribbon-tears, wait: 10m }\n",
    );
    let token = world.token();
    assert_eq!(
        last(&world, &world.place(&order("first"), &token)),
        "CARD_PROD_DONE"
    );
    let taken = world.until(|record| record["to"]["hand"].is_string());
    assert_eq!(taken["customer"], "alice", "{taken}");
    assert_eq!(
        last(&world, &world.place(&order("second"), &token)),
        "CARD_PROD_EXCEPTION"
    );
    let struck = world.until(|record| record["kind"] == "fault");
    assert_eq!(struck["fault"], "ribbon-tears");
    world.until(|record| record["does"] == "replace-ribbon");
    assert_eq!(
        last(&world, &world.place(&order("third"), &token)),
        "CARD_PROD_DONE"
    );
    world.is_sound();
}

#[test]
fn calls_of_a_real_backend_are_struck_at_the_door() {
    let world = rehearsal(
        "persotwin: 1\nname: D1 is troubled\ncustomers: { alice: {} }\nfaults:\n\
         - { fault: service-unavailable, link: d1.orders order, retry-after: 3s }\n\
         - { fault: answer-lost, link: d1.orders order, from: issuer }\n\
         - { fault: garbled-body, link: d1.orders order }\n\
         - { fault: html, link: d1.orders poll }\n",
    );
    let token = world.token();
    let busy = world.place(&order("one"), &token);
    assert_eq!(
        (busy.status, busy.headers["retry-after"].as_str()),
        (503, "3")
    );
    // It takes effect, and nobody hears so.
    let mut lost = Connection::open(world.d1());
    lost.send(&world.request(&order("one"), &token).bytes());
    world.until(|record| record["news"] == "order-accepted");
    drop(lost);
    let garbled = ask(world.d1(), &world.request(&order("one"), &token));
    assert_eq!(garbled.status, 202);
    assert!(serde_json::from_slice::<serde_json::Value>(&garbled.body).is_err());
    let again = world.place(&order("one"), &token);
    let heard = world.backend.hear_out(&operation(&again));
    let mut statuses: Vec<&str> = heard.iter().map(Told::status).collect();
    statuses.dedup();
    assert_eq!(
        statuses,
        ["CARD_PROD_REQUESTED", "CARD_PROD_READY", "CARD_PROD_DONE"],
        "one order"
    );
    let page = world.status(&order("one").card_id, &token);
    assert_eq!(
        (page.status, page.headers["content-type"].as_str()),
        (200, "text/html; charset=utf-8")
    );
    let shown = world.status(&order("one").card_id, &token);
    assert_eq!(
        shown.json()["operations"][0]["details"]["status"],
        json!("CARD_PROD_DONE")
    );
    world.is_sound();
}

#[test]
fn what_the_backend_alone_could_do_does_not_seem_to_strike() {
    let world = rehearsal(
        "persotwin: 1\nname: Wrong orders\ncustomers: { alice: {} }\n\
         faults: [{ fault: unknown-product }, { fault: does-not-take }]\n",
    );
    let placed = world.place(&order("good"), &world.token());
    assert_eq!(last(&world, &placed), "CARD_PROD_DONE");
    let captured =
        world.until(|record| record["news"] == "captured" || record["to"] == "reject-bin");
    assert_eq!(captured["customer"], "alice", "nobody took it: {captured}");
}
