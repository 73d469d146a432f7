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

/// Worlds that lived, and how long they took.
#[derive(Default)]
struct Lives {
    worlds: u32,
    customers: usize,
    events: usize,
    wall: Duration,
}

impl Lives {
    fn live(&mut self, draft: &Draft) {
        let (wall, lived) = timed(|| live(draft).unwrap());
        self.worlds += 1;
        self.customers += draft.customers.iter().count();
        self.events += lived.events();
        self.wall += wall;
    }

    fn tell(&self, title: &str) {
        let minutes = self.wall.as_secs_f64() / 60.0;
        let of = |many: usize| f64::from(u32::try_from(many).unwrap());
        println!(
            "  {title:<15} {:>7.0} worlds a minute   {:>7.0} customers a minute   {:>5.0} events a world",
            f64::from(self.worlds) / minutes,
            of(self.customers) / minutes,
            of(self.events) / f64::from(self.worlds),
        );
    }
}

fn main() {
    let (mut without, mut with) = (Lives::default(), Lives::default());
    let (mut drawing, mut reading) = (Duration::ZERO, Duration::ZERO);
    // Each world both ways, one after the other: what else the machine does slows both alike.
    for seed in 0..WORLDS {
        let (took, faulted) = timed(|| draw(seed, &[]));
        drawing += took;
        reading += timed(|| faulted.plan().unwrap()).0;
        with.live(&faulted);
        without.live(&Draft {
            faults: Vec::new(),
            operator: Vec::new(),
            ..faulted
        });
    }
    println!("{WORLDS} drawn worlds");
    without.tell("without faults");
    with.tell("with faults");
    let share = |part: Duration| 100.0 * part.as_secs_f64() / (drawing + with.wall).as_secs_f64();
    println!(
        "  with faults they take {:.2} times as long; drawing takes {:.1} % of the time, reading what was drawn {:.1} %",
        with.wall.as_secs_f64() / without.wall.as_secs_f64(),
        share(drawing),
        share(reading),
    );
}
