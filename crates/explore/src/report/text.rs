//! A report for people.

use std::fmt::{self, Display};

use persotwin_faults::catalogue;

use super::{Found, Report, Way};

/// Over fewer seeds it says nothing that a fault was not met.
const TELLING: u64 = 200;

fn many(seeds: u64) -> String {
    let noun = if seeds == 1 { "seed" } else { "seeds" };
    format!("{seeds} {noun}")
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.small(f)?;
        self.failing(f)?;
        self.figures(f)
    }
}

impl Report {
    /// By law and manner: how many seeds, and how the shortest story is repeated.
    fn failing(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (wrong, seeds) in self.wrong() {
            writeln!(f, "{wrong}: {}", many(seeds))?;
            for (way, seeds) in self.ways.iter().filter(|(way, _)| way.wrong == wrong) {
                writeln!(f, "  {}, {}", way.manner, many(*seeds))?;
                if let Some(shortest) = self.shortest(way) {
                    writeln!(f, "    {}", self.repeats(shortest.seed))?;
                }
            }
        }
        Ok(())
    }

    fn shortest(&self, way: &Way) -> Option<&Found> {
        let found = self.found.iter().filter(|found| found.way() == *way);
        found.min()
    }

    /// The command that finds a seed's finding again.
    fn repeats(&self, seed: u64) -> String {
        let mut words = vec!["persotwin explore --seeds".to_owned(), seed.to_string()];
        for behaviour in &self.behaviour {
            words.extend(["--behaviour".to_owned(), behaviour.clone()]);
        }
        words.join(" ")
    }

    fn small(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for small in &self.shrunk {
            writeln!(
                f,
                "seed {}, {}, shrunk in {} lives: {} events to {}, {} lines to {}",
                small.seed,
                small.wrong,
                small.lives,
                small.events.0,
                small.events.1,
                small.lines.0,
                small.lines.1
            )?;
            for line in small.scenario.lines() {
                writeln!(f, "    {line}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }

    fn figures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let census = &self.census;
        writeln!(
            f,
            "{}, {} went wrong; {} seeds a minute and core",
            many(census.seeds),
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
