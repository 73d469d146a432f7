//! Drawn worlds per minute on one core, with what goes wrong in them and without, and what drawing and reading them costs.
//!
//! `cargo bench -p persotwin-explore`. Figures are printed, never asserted: machines are shared and noisy. The ratio of the same worlds
//! with their faults and without, in one run, is what can be compared between machines.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and fails by panicking"
)]

use std::time::{Duration, Instant};

use persotwin_explore::{Draft, draw, live};

const WORLDS: u64 = 300;

/// How long something takes.
fn timed<T>(what: impl FnOnce() -> T) -> (Duration, T) {
    #[expect(clippy::disallowed_methods, reason = "a bench measures the wall")]
    let begun = Instant::now();
    let done = what();
    (begun.elapsed(), done)
}

fn per_minute(many: usize, wall: Duration) -> f64 {
    f64::from(u32::try_from(many).unwrap()) * 60.0 / wall.as_secs_f64()
}

/// Lets worlds live, and says how many did so in a minute.
fn lived(title: &str, worlds: &[Draft]) -> Duration {
    let customers: usize = worlds
        .iter()
        .map(|draft| draft.customers.iter().count())
        .sum();
    let (wall, events) = timed(|| {
        worlds
            .iter()
            .map(|draft| live(draft).unwrap().events())
            .sum()
    });
    let a_world = |events: usize| events / worlds.len();
    println!(
        "  {title:<15} {:>7.0} worlds a minute   {:>7.0} customers a minute   {:>5} events a world",
        per_minute(worlds.len(), wall),
        per_minute(customers, wall),
        a_world(events),
    );
    wall
}

fn main() {
    let (drawing, faulted) = timed(|| (0..WORLDS).map(|seed| draw(seed, &[])).collect::<Vec<_>>());
    let good: Vec<_> = faulted
        .iter()
        .cloned()
        .map(|draft| Draft {
            faults: Vec::new(),
            operator: Vec::new(),
            ..draft
        })
        .collect();
    let (reading, ()) = timed(|| faulted.iter().for_each(|draft| drop(draft.plan().unwrap())));
    println!("{WORLDS} drawn worlds");
    let without = lived("without faults", &good);
    let with = lived("with faults", &faulted);
    let share = |part: Duration| 100.0 * part.as_secs_f64() / (drawing + with).as_secs_f64();
    println!(
        "  with faults they take {:.2} times as long; drawing takes {:.1} % of the time, reading what was drawn {:.1} %",
        with.as_secs_f64() / without.as_secs_f64(),
        share(drawing),
        share(reading),
    );
}
