//! Every default that the reference names is the one that counts: writing it out changes nothing.

use std::collections::BTreeMap;
use std::path::Path;

use crate::diagnostic::{Style, render};
use crate::grammar::{Presence, Section};
use crate::scenario::{SCENARIO, parse};
use crate::schema::collect;
use crate::tenant::TENANT;

/// Where a section's keys can be written, by the section's name; `@` is the place.
const PLACES: &[(&str, &str)] = &[
    ("a scenario", "@\ncustomers: { a: {} }"),
    ("a customer", "customers: { a: { @ } }"),
    (
        "a station",
        "stations: { KIOSK-PS-101: { @ } }\ncustomers: { a: {} }",
    ),
    (
        "a hopper",
        "stations: { A: { hoppers: [{ blanks: 5, @ }] } }\ncustomers: { a: {} }",
    ),
    (
        "a ribbon",
        "stations: { K: { ribbon: { panel-sets: 9, @ } } }\ncustomers: { a: { station: K } }",
    ),
    (
        "a print head",
        "stations: { K: { head: { @ } } }\ncustomers: { a: { station: K } }",
    ),
    (
        "`timings:`",
        "stations: { A: { timings: { @ } } }\ncustomers: { a: {} }",
    ),
    (
        "staff",
        "stations: { A: { kind: branch } }\nstaff: { A: { @ } }\ncustomers: { a: {} }",
    ),
    (
        "a product",
        "products: { NEW: { @ } }\ncustomers: { a: {} }",
    ),
    (
        "a stock",
        "tenant: { stocks: { new: { @ } } }\ncustomers: { a: {} }",
    ),
    ("a tenant", "tenant: { @ }\ncustomers: { a: {} }"),
    ("`d1_rules:`", "d1_rules: { @ }\ncustomers: { a: {} }"),
    ("D1's timing", "d1: { @ }\ncustomers: { a: {} }"),
    ("the issuer's timing", "issuer: { @ }\ncustomers: { a: {} }"),
    (
        "`link-latency:`",
        "link-latency: { @ }\ncustomers: { a: {} }",
    ),
    (
        "a fault",
        "customers: { a: {} }\nfaults: [{ fault: twice, link: d1.orders, @ }]",
    ),
    (
        "an action",
        "customers: { a: {} }\noperator: [{ does: empty-bin, at: 1s, @ }]",
    ),
    (
        "an instant",
        "customers: { a: {} }\nfaults: [{ fault: crash, machine: d1, when: { stage: pick, @ } }]",
    ),
    (
        "a latency",
        "link-latency: { branch: { base: 1ms, @ } }\ncustomers: { a: {} }",
    ),
];

fn plan(place: &str, written: &str) -> String {
    let text = format!("persotwin: 1\nname: x\n{}\n", place.replace('@', written));
    match parse("a.yaml", &text, &|_: &Path| Ok(String::new())) {
        Ok(plan) => format!("{plan:#?}"),
        Err(mistakes) => panic!("{}", render(&mistakes, Style::Plain)),
    }
}

#[test]
fn a_default_that_is_written_out_changes_nothing() {
    let places: BTreeMap<_, _> = PLACES.iter().copied().collect();
    let mut sections: BTreeMap<String, &Section> = BTreeMap::new();
    collect(&SCENARIO, &mut sections);
    collect(&TENANT, &mut sections);
    let mut checked = 0;
    for section in sections.values() {
        for field in section.fields {
            let Presence::Default(text) = field.presence else {
                continue;
            };
            let Some(place) = places.get(section.name) else {
                panic!("no place for {}", section.name)
            };
            let written = plan(place, &format!("{}: {text}", field.name));
            assert_eq!(
                plan(place, ""),
                written,
                "{}: {text} of {}",
                field.name,
                section.name
            );
            checked += 1;
        }
    }
    assert!(checked > 70, "{checked}");
}
