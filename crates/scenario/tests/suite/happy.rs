//! The smallest file, what it means, and that nothing written says the same as every default written out.

use persotwin_link::Latencies;
use persotwin_link::kiosk::Service;
use persotwin_scenario::{Ordering, Taking, Taps};

use crate::common::plan;

pub(crate) const SMALLEST: &str = "\
# yaml-language-server: $schema=../../scenario.schema.json
persotwin: 1
name: A customer gets a card
customers:
  alice: { arrives: 0s }
";

#[test]
fn the_smallest_file_has_five_lines_and_every_default() {
    assert_eq!(SMALLEST.lines().count(), 5);
    let plan = plan(SMALLEST);
    assert_eq!(plan.name, "A customer gets a card");
    assert_eq!((plan.about, plan.seed), (None, 1));
    assert_eq!(plan.starts.to_string(), "2026-06-17T10:00:00Z");
    assert_eq!(plan.horizon.to_string(), "2h");
    assert_eq!(plan.link_latency, Latencies::default());
    assert!(plan.clocks.is_empty() && plan.staff.is_empty() && plan.expectations.is_empty());
    assert_eq!(plan.tenant.issuer.as_str(), "TWINBANK01");
    assert_eq!(plan.issuer_url, None);
    let station = persotwin_link::setup::Station::kiosk("KIOSK-PS-101".parse().unwrap());
    assert_eq!(plan.stations.values().collect::<Vec<_>>(), [&station]);
    assert_eq!(station.hoppers[0].blanks, 100);
    let [alice] = plan.customers.as_slice() else {
        panic!("one customer")
    };
    assert_eq!(alice.name.as_ref(), "alice");
    assert_eq!(alice.cardholder, "ALICE MARTIN");
    assert_eq!(
        (alice.station.as_str(), alice.product.as_str()),
        ("KIOSK-PS-101", "VISA-CLASSIC")
    );
    assert_eq!(
        (alice.service, alice.orders, alice.taps),
        (Service::New, Ordering::AtKiosk, Taps::Once)
    );
    assert_eq!(alice.takes, Taking::After("4s".parse().unwrap()));
    assert_eq!(
        (&alice.of, &alice.pan, &alice.expires),
        (&None, &None, &None)
    );
    assert!(alice.order.is_empty());
}
