//! A taken card of a world that is up, in a reader.

use std::fs;
use std::net::SocketAddr;

use persotwin_tests::command::{Folder, Staying};
use persotwin_tests::stranger::{Answer, Request, ask};
use persotwin_tests::vpcd::CardReader;
use serde_json::{Value, json};

/// A world's control face.
struct Control(SocketAddr);

impl Control {
    fn get(&self, path: &str) -> Value {
        let answer = ask(self.0, &self.request("GET", path));
        assert_eq!(answer.status, 200);
        answer.json()
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.request("POST", path);
        ask(self.0, &request.body("application/json", body.to_string()))
    }

    fn request(&self, method: &str, path: &str) -> Request {
        let request = Request::new(method, &format!("/twin/v1{path}"));
        request.header("Host", &self.0.to_string())
    }
}

#[test]
fn a_taken_card_is_put_into_a_reader_and_taken_out() {
    let folder = Folder::new("up-reader");
    let file = folder.at("endpoints.json");
    let mut up = Staying::up(&[
        "scenarios/journeys/happy-path.yaml",
        "--endpoints",
        &file,
        "--hardware-speed",
        "1000",
    ]);
    let endpoints: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let url = endpoints["control"].as_str().unwrap();
    let address = url.split('/').nth(2).unwrap();
    let control = Control(address.parse().unwrap());
    let card = "/cards/KIOSK-PS-101/A/00001";
    let insert =
        |reader: &str| control.post(&format!("{card}/insert"), &json!({ "reader": reader }));
    let reader = CardReader::listen();
    assert_eq!(
        insert(&reader.address()).status,
        404,
        "it lies in the hopper"
    );
    up.until("takes card");

    assert_eq!(insert("192.0.2.1:35963").status, 400);
    assert_eq!(insert("somewhere").status, 400);
    let free = CardReader::listen().address();
    assert_eq!(insert(&free).status, 502, "nobody listens there");
    let other = format!("{}/insert", card.replace('1', "2"));
    assert_eq!(control.post(&other, &json!({})).status, 404);
    let remove = || control.post(&format!("{card}/remove"), &json!({})).status;
    assert_eq!(remove(), 409);
    assert_eq!(control.get("/cards")[0]["reader"], Value::Null);

    assert_eq!(insert(&reader.address()).status, 204);
    assert_eq!(insert(&reader.address()).status, 409, "it is in one");
    let mut inserted = reader.card();
    inserted.power_on();
    inserted.command("00A40400 07 A0000000031010 00");
    let counter = "80CA9F3600";
    let before = inserted.command(counter);
    assert!(
        inserted
            .command("80A80000 04 83020840 00")
            .ends_with("9000")
    );
    let seen = &control.get("/cards")[0]["reader"];
    assert_eq!(seen["at"], reader.address());
    assert_eq!(seen["said"][1], "GET DATA 9F36 → 9000, 9F36");
    assert_eq!(remove(), 204);
    inserted.is_empty();

    let one_segment = "/cards/KIOSK-PS-101%2FA%2F00001/insert";
    let once_more = control.post(one_segment, &json!({ "reader": reader.address() }));
    assert_eq!(once_more.status, 204, "as often as one likes");
    let mut again = reader.card();
    again.power_on();
    again.command("00A40400 07 A0000000031010 00");
    assert_ne!(again.command(counter), before, "the card is the same one");
    up.interrupt();
    again.is_empty();
}
