//! The JSON Schema: it takes every file that the reader takes, and finds the commonest mistakes.

use persotwin_scenario::{schema, tenant_schema};
use serde_json::Value;

use crate::common::plan;
use crate::happy::SMALLEST;
use crate::validator;

/// The complaints about a file as an editor's language server sees it: with numbers and booleans.
fn complaints(schema: &Value, text: &str) -> Vec<String> {
    validator::complaints(schema, &serde_saphyr::from_str(text).expect("YAML"))
}

#[test]
fn every_valid_file_satisfies_the_schema() {
    let scenario = schema();
    for text in [include_str!("everything.yaml"), SMALLEST] {
        assert_eq!(complaints(&scenario, text), [""; 0]);
    }
    assert_eq!(
        complaints(&tenant_schema(), include_str!("tenant.yaml")),
        [""; 0]
    );
}

#[test]
fn whatever_the_reader_takes_the_schema_takes() {
    let scenario = schema();
    for lines in [
        "customers: { a: }",
        "customers: { a: ~ }\nexpect:",
        "customers: { a: {} }\nseed: \"7\"",
        "customers: { a: {} }\nabout: 5",
        "customers: { a: { takes: never, cardholder: true } }",
        "customers: { a: { fetches_at: 1.5m, orders: in-app, pan: \"4111111111111111\" } }",
        "customers: { a: { expires: in 3y, arrives: 1h 2m 3s 4ms } }",
        "customers: { a: { arrives: 90 s } }",
        "customers: { a: { order: { encryptedData.x-y: 1, services: { issuance: absent }, trackData: absent } } }",
        "customers: { a: {} }\nlink-latency: none",
        "customers: { a: {} }\nd1-rules: { done-when: taken, rate_limit: 5 }",
        "customers: { a: {} }\nstations: { A: { ribbon: 1 panel set, reject_bin: 3 } }",
        "customers: { a: {} }\nexpect: { customers: { a: { refused: 403 } } }",
        "customers: { a: {} }\nstarts: 2026-06-17T12:00:00+02:00",
    ] {
        let text = format!("persotwin: 1\nname: x\n{lines}\n");
        let _ = plan(&text);
        assert_eq!(complaints(&scenario, &text), [""; 0], "{lines}");
    }
}

#[test]
fn an_editor_sees_the_commonest_mistakes() {
    let scenario = schema();
    for lines in [
        "customers: { a: { arives: 0s } }",
        "customers: { a: { arrives: soon } }",
        "customers: { a: { taps: thrice } }",
        "customers: { a: {} }\nstations: { A: { kind: brunch } }",
        "customers: { a: {} }\nexpect: { customers: { a: { issuer-knows: [CARD_PROD_REDY] } } }",
        "customers: { a: { order: { color: red } } }",
        "about: nobody",
    ] {
        let text = format!("persotwin: 1\nname: x\n{lines}\n");
        assert!(!complaints(&scenario, &text).is_empty(), "{lines}");
    }
    assert!(!complaints(&scenario, "persotwin: 2\nname: x\ncustomers: {}\n").is_empty());
}
