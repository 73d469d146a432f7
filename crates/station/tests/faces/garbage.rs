//! Whatever anybody sends to the two device faces: an answer below 500, and hardware that is none the worse.

use persotwin_link::device::{Action, Power};
use persotwin_wire::Call;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::{STATION, Stage, chip, kiosk, pick, printer, told};

/// A call that no agent would make.
#[derive(Debug, Clone)]
struct Odd {
    verb: Verb,
    at: String,
    content_type: &'static str,
    body: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Verb {
    Get,
    Put,
    Post,
}

fn paths() -> Vec<String> {
    let below = [
        "",
        "/actions/pick",
        "/actions/b",
        "/actions/b?wait=0",
        "/actions/b?wait=-1&until=never",
        "/actions/%00",
        "/actions/%F0%9F%92%A5",
        "/power",
        "/apdus",
    ];
    let faces = ["printer", "chip"];
    let of = |face| below.map(|below| format!("/{face}/v1/{STATION}{below}"));
    faces.into_iter().flat_map(of).collect()
}

/// JSON that is nearly what a face takes.
fn near() -> impl Strategy<Value = Vec<u8>> {
    let bodies: Vec<Value> = vec![
        json!(null),
        json!([]),
        json!({}),
        json!({"job": "op-1", "action": "explode"}),
        json!({"job": "", "action": "flip"}),
        json!({"job": "op-1", "action": "pick", "stock": "NO SUCH STOCK"}),
        json!({"job": "op-1", "action": "pick", "stock": "unheard-of"}),
        json!({"job": "op-1", "action": "encode-stripe", "track1": 1, "track2": "x"}),
        json!({"job": "op-1", "action": "print-front", "artwork": "dawn"}),
        json!({"job": {"job": {"job": []}}, "action": "present"}),
        json!({"power": "maybe"}),
        json!({"command": "zz"}),
        json!({"command": "0"}),
        json!({"command": ""}),
        json!({"command": "00A404"}),
        json!({"command": "FF".repeat(300)}),
    ];
    select(bodies).prop_map(|body| body.to_string().into_bytes())
}

fn odd() -> impl Strategy<Value = Odd> {
    let body = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        near(),
        any::<String>().prop_map(String::into_bytes),
    ];
    let verb = select(vec![Verb::Get, Verb::Put, Verb::Post]);
    let types = select(vec![
        "application/json",
        "text/plain",
        "application/xml",
        "",
    ]);
    (verb, select(paths()), types, body).prop_map(|(verb, at, content_type, body)| Odd {
        verb,
        at,
        content_type,
        body,
    })
}

impl Odd {
    fn call(&self) -> Call {
        let face = if self.at.starts_with("/chip") {
            chip()
        } else {
            printer()
        };
        let call = match self.verb {
            Verb::Get => Call::get(face, &self.at),
            Verb::Put => Call::put(face, &self.at),
            Verb::Post => Call::post(face, &self.at),
        };
        call.body(self.content_type, self.body.clone())
    }
}

async fn work_on(stage: &Stage) {
    stage.act("pick", pick()).await;
    stage.act("chip", Action::MoveToChip).await;
    assert_eq!(stage.power(Power::On).await.status(), 200);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn garbage_gets_an_answer_and_changes_nothing(odds in proptest::collection::vec(odd(), 1..24)) {
        told(kiosk(), |stage| async move {
            work_on(&stage).await;
            let before = stage.status().await;
            for odd in odds {
                let reply = stage.call(odd.call()).await;
                assert!(reply.status() < 500, "{} to {odd:?}", reply.status());
                if !reply.is_success() {
                    assert!(reply.json::<Value>().is_ok(), "{odd:?}");
                }
            }
            assert_eq!(stage.status().await, before);
            assert!(stage.physical.census().adds_up());
            assert_eq!(stage.power(Power::On).await.status(), 200);
            assert!(stage.apdu("00A4040007A000000003101000").await.is_success());
        });
    }
}
