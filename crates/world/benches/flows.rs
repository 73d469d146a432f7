//! Whole six-step flows per wall second on one core, on both wires, and how virtual time compares with the wall.
//!
//! `cargo bench -p persotwin-world`. Figures are printed, never asserted: machines are shared and noisy. The ratio between the two
//! wires in one run is what can be compared between machines.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and fails by panicking"
)]

use std::fmt::Write;
use std::time::Instant;

use persotwin_scenario::{Plan, parse};
use persotwin_world::{Options, WireKind, run};

/// So many kiosks, each with so many customers one after the other.
fn plan(kiosks: u32, customers: u32) -> Plan {
    let mut text = "persotwin: 1\nname: A bench\nhorizon: 24h\nstations:\n".to_owned();
    for kiosk in 0..kiosks {
        writeln!(
            text,
            "  KIOSK-{kiosk}: {{ blanks: {customers}, reject-bin: {customers} }}"
        )
        .unwrap();
    }
    text.push_str("customers:\n");
    for kiosk in 0..kiosks {
        for customer in 0..customers {
            let arrives = customer * 60;
            writeln!(
                text,
                "  c{kiosk}-{customer}: {{ arrives: {arrives}s, station: KIOSK-{kiosk} }}"
            )
            .unwrap();
        }
    }
    let none = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    parse("bench.yaml", &text, &none).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn flows(plan: &Plan, wire: WireKind) -> f64 {
    #[expect(clippy::disallowed_methods, reason = "a bench measures the wall")]
    let begun = Instant::now();
    let told = run(plan, &Options { wire, seed: None }).unwrap();
    let wall = begun.elapsed();
    assert!(
        told.is_ok(),
        "{:?} {:?}",
        told.breaches.first(),
        told.unmet.first()
    );
    let flows = f64::from(u32::try_from(plan.customers.len()).unwrap());
    let (events, virtual_time) = (told.records.len(), told.took);
    println!(
        "  {:<11} {:>7.0} flows/s   {:>6.0} µs a flow   {:>7.0} events a flow   {:>9.0} virtual s a wall s",
        wire.word(),
        flows / wall.as_secs_f64(),
        wall.as_secs_f64() * 1e6 / flows,
        f64::from(u32::try_from(events).unwrap()) / flows,
        virtual_time.as_secs_f64() / wall.as_secs_f64(),
    );
    wall.as_secs_f64()
}

fn main() {
    for (kiosks, customers) in [(1, 100), (20, 20), (200, 2)] {
        let plan = plan(kiosks, customers);
        println!("{kiosks} kiosks, {customers} customers each");
        let memory = flows(&plan, WireKind::InProcess);
        let loopback = flows(&plan, WireKind::Loopback);
        println!(
            "  loopback takes {:.2} times as long as in-process",
            loopback / memory
        );
    }
}
