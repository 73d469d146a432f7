//! A report for people.

use std::fmt::{self, Display};

use persotwin_faults::catalogue;
use persotwin_link::Span;

use crate::shrink::Left;

use super::{Compared, Found, Progress, Report, Way, repeats};

/// Over fewer seeds it says nothing that a fault was not met.
const TELLING: u64 = 200;

/// So many of a thing: "1 seed", "2 seeds".
pub fn many(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Virtual time, without what is too small to matter.
fn time(millis: u64) -> Span {
    const MINUTE: u64 = 60_000;
    if millis < MINUTE {
        return Span::from_secs(millis / 1000);
    }
    Span::from_secs(millis / MINUTE * 60)
}

impl Display for Progress {
    /// What there is so far, without the seeds: "3 a second, 2h of virtual time, …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} a minute, {} of virtual time, {} struck, {}",
            self.seeds_per_minute,
            time(self.virtual_ms),
            many(self.strikes, "fault"),
            many(self.findings, "finding")
        )
    }
}

impl Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.share.is_empty() {
            return writeln!(f, "nothing to compare: {} holds no seed", self.share);
        }
        for differs in &self.differ {
            let (seed, line) = (differs.seed, differs.line);
            writeln!(f, "seed {seed}: the journals differ from line {line}")?;
        }
        let seeds = many(self.share.lived, "seed");
        write!(
            f,
            "{seeds} in two processes each, {} of journals: ",
            many(self.bytes, "byte")
        )?;
        match self.differ.len() {
            0 => f.write_str("all the same"),
            differ => write!(f, "{differ} differ"),
        }?;
        writeln!(f, "; whether laws hold was not asked")?;
        match self.share.stopped() {
            Some(stopped) => writeln!(f, "{stopped}"),
            None => Ok(()),
        }
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [share] = &self.shares[..]
            && share.is_empty()
        {
            return writeln!(f, "nothing to explore: {share} holds no seed");
        }
        self.small(f)?;
        self.failing(f)?;
        self.figures(f)?;
        self.ended(f)
    }
}

impl Report {
    /// By law and manner: how many seeds, and how the shortest story is repeated.
    fn failing(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (wrong, seeds) in self.wrong() {
            writeln!(f, "{wrong}: {}", many(seeds, "seed"))?;
            for (way, seeds) in self.ways.iter().filter(|(way, _)| way.wrong == wrong) {
                writeln!(f, "  {}, {}", way.manner, many(*seeds, "seed"))?;
                if let Some(shortest) = self.shortest(way) {
                    writeln!(f, "    {}", repeats(shortest.seed, &self.behaviour))?;
                }
            }
        }
        let is_small = |way: &Way| self.shrunk.iter().any(|small| small.way() == *way);
        let large = self.ways.keys().filter(|way| !is_small(way)).count() as u64;
        if large > 0 {
            let all = many(self.ways.len() as u64, "manner");
            writeln!(f, "{large} of {all} not shrunk; the commands above do that")?;
        }
        let listed = self.found.len() as u64;
        if listed < self.findings() {
            writeln!(
                f,
                "Report files and JSON lines list {listed} of these {}, the {} with the shortest stories of each manner; `--seeds` with a shorter range lists the others.",
                many(self.findings(), "seed"),
                super::LISTED
            )?;
        }
        Ok(())
    }

    fn shortest(&self, way: &Way) -> Option<&Found> {
        let found = self.found.iter().filter(|found| found.way() == *way);
        found.min()
    }

    fn small(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for small in &self.shrunk {
            writeln!(
                f,
                "seed {}, {}: {} are left of {} after {}, {} instead of {}{}:",
                small.seed,
                small.wrong,
                many(small.lines.1, "line"),
                small.lines.0,
                many(small.lives, "attempt"),
                many(small.events.1, "event"),
                small.events.0,
                small.left.map_or("", Left::remark)
            )?;
            for line in small.scenario.lines() {
                writeln!(f, "    {line}")?;
            }
            if let Some(file) = &small.file {
                writeln!(f, "  written to {file}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }

    fn figures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let census = &self.census;
        writeln!(
            f,
            "{}, {} went wrong; {} a minute and core",
            many(census.seeds, "seed"),
            self.findings(),
            many(self.speed(), "seed")
        )?;
        if self.is_good() && !self.behaviour.is_empty() && census.seeds > 0 {
            f.write_str(
                "no law noticed it: most behaviours show within 100 seeds, some take a thousand\n",
            )?;
        }
        if census.seeds == 0 {
            return Ok(());
        }
        writeln!(
            f,
            "{:.1} faults struck a seed on average, in {} of fault and moment of the flow",
            census.strikes_per_seed(),
            many(census.cells.len() as u64, "combination")
        )?;
        let orders = match census.orders {
            0 => "no order was made".to_owned(),
            orders => format!(
                "{:.0} % of {} ended other than done",
                census.otherwise() * 100.0,
                many(orders, "order")
            ),
        };
        writeln!(
            f,
            "{orders}; {} of virtual time, {}",
            time(census.virtual_ms),
            many(census.events, "event")
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
                .map(|(fault, seeds)| format!("{fault} in {seeds}"))
                .collect();
            writeln!(
                f,
                "the others, scaled to a thousand seeds: {}",
                list.join(", ")
            )?;
        }
        Ok(())
    }

    /// How far a single exploration came; of several their names must be told, too.
    fn ended(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.shares[..] {
            [share] => match share.stopped() {
                Some(stopped) => writeln!(f, "{stopped}"),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }
}
