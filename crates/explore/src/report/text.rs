//! A report for people.

use std::fmt::{self, Display};

use persotwin_faults::catalogue;

use super::Report;

/// How many failing seeds are shown for each kind.
const SHOWN: usize = 5;
/// Over fewer seeds it says nothing that a fault was not met.
const TELLING: u64 = 200;

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failing(f)?;
        self.small(f)?;
        self.figures(f)
    }
}

impl Report {
    fn failing(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (wrong, count) in &self.wrong {
            writeln!(f, "{wrong}: {count} seeds")?;
            let found = self.found.iter().filter(|found| found.wrong == *wrong);
            let mut found: Vec<_> = found.collect();
            found.sort();
            for found in found.into_iter().take(SHOWN) {
                writeln!(
                    f,
                    "  seed {}, {} events: {}",
                    found.seed, found.events, found.how
                )?;
            }
        }
        Ok(())
    }

    fn small(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for small in &self.shrunk {
            writeln!(
                f,
                "\nseed {} shrunk in {} lives: {} events to {}, {} lines to {}",
                small.seed,
                small.lives,
                small.events.0,
                small.events.1,
                small.lines.0,
                small.lines.1
            )?;
            for line in small.scenario.lines() {
                writeln!(f, "    {line}")?;
            }
        }
        if self.shrunk.is_empty() {
            return Ok(());
        }
        writeln!(f)
    }

    fn figures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let census = &self.census;
        writeln!(
            f,
            "{} seeds, {} went wrong; {} seeds a minute and core",
            census.seeds,
            self.findings(),
            self.speed()
        )?;
        writeln!(
            f,
            "{:.1} faults struck a seed; {:.0} % of {} orders ended other than done; {} cells of faults and moments; {} virtual hours, {} events",
            census.strikes_per_seed(),
            census.otherwise() * 100.0,
            census.orders,
            census.cells.len(),
            census.virtual_ms / 3_600_000,
            census.events
        )?;
        if census.seeds < TELLING {
            return Ok(());
        }
        let seldom = census.seldom();
        writeln!(
            f,
            "{} of {} faults struck in at least 10 seeds of a thousand",
            catalogue().count() - seldom.len(),
            catalogue().count()
        )?;
        if !seldom.is_empty() {
            let list: Vec<String> = seldom
                .iter()
                .map(|(fault, seeds)| format!("{fault} {seeds}"))
                .collect();
            writeln!(f, "seldom, in so many of a thousand: {}", list.join(", "))?;
        }
        Ok(())
    }
}
