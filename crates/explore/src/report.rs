//! What was found, as JSON lines that several processes write and one merges, and as text for people.

mod text;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::census::Census;
use crate::life::Finding;
use crate::shrink::Shrunk;

/// The version of the lines.
const VERSION: u32 = 1;
/// How many seeds that went wrong in one way a report lists; it counts all.
const LISTED: u64 = 50;

/// A line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    version: u32,
    /// What it says.
    #[serde(flatten)]
    pub says: Says,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Says {
    /// How far it is.
    Progress(Progress),
    /// A seed whose world went wrong.
    Finding(Found),
    /// A world that was shrunk.
    Shrunk(Small),
    /// The end of a report.
    Summary(Summary),
}

/// How far an exploration is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Worlds that lived.
    pub seeds: u64,
    /// Seeds a minute, all cores together.
    pub seeds_per_minute: u64,
    /// Virtual time of all worlds.
    pub virtual_ms: u64,
    /// Faults that struck.
    pub strikes: u64,
    /// Faults at moments of the flow, each counted once.
    pub cells: u64,
    /// Worlds that went wrong.
    pub findings: u64,
}

/// A seed whose world went wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Found {
    /// How many records its journal has: the fewer, the faster it is understood.
    pub events: u64,
    /// The seed.
    pub seed: u64,
    /// The broken law, `never-ends` or `twin-fails`.
    pub wrong: String,
    /// In which manner it was broken: what happened, without names, serial numbers and counts.
    pub manner: String,
    /// A sentence's fragment.
    pub how: String,
}

impl Found {
    /// A finding of a seed.
    pub fn new(seed: u64, events: usize, finding: &Finding) -> Self {
        Self {
            events: events as u64,
            seed,
            wrong: finding.wrong.to_string(),
            manner: finding.wrong.manner().to_owned(),
            how: finding.how.clone(),
        }
    }

    /// The way in which it went wrong.
    pub fn way(&self) -> Way {
        Way {
            wrong: self.wrong.clone(),
            manner: self.manner.clone(),
        }
    }
}

/// A way of going wrong: what is wrong, and in which manner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Way {
    /// The broken law, `never-ends` or `twin-fails`.
    pub wrong: String,
    /// What happened, without names, serial numbers and counts.
    pub manner: String,
}

/// How many seeds went wrong in a way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Count {
    #[serde(flatten)]
    way: Way,
    seeds: u64,
}

/// A world that was shrunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Small {
    /// The seed of the large world.
    pub seed: u64,
    /// What is wrong with it.
    pub wrong: String,
    /// In which manner.
    pub manner: String,
    /// How many worlds lived to make it small.
    pub lives: u64,
    /// Records of the journal, before and after.
    pub events: (u64, u64),
    /// Lines of the file, before and after.
    pub lines: (u64, u64),
    /// The file.
    pub scenario: String,
}

impl Small {
    /// What became of a seed's world.
    pub fn new(seed: u64, finding: &Finding, shrunk: &Shrunk) -> Self {
        let both = |(before, after): (usize, usize)| (before as u64, after as u64);
        Self {
            seed,
            wrong: finding.wrong.to_string(),
            manner: finding.wrong.manner().to_owned(),
            lives: shrunk.lives as u64,
            events: both(shrunk.events),
            lines: both(shrunk.lines),
            scenario: shrunk.draft.to_text(),
        }
    }
}

/// The end of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Behaviours of the machines, by name.
    pub behaviour: Vec<String>,
    /// Wall time, in milliseconds, times the cores that worked.
    pub core_ms: u64,
    /// How many seeds went wrong, by what is wrong.
    pub wrong: BTreeMap<String, u64>,
    /// The same by the manner, too.
    ways: Vec<Count>,
    /// The figures.
    pub census: Census,
}

/// A whole report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Behaviours of the machines.
    pub behaviour: Vec<String>,
    /// Failing seeds, those with the shortest stories first.
    pub found: Vec<Found>,
    /// Shrunk worlds.
    pub shrunk: Vec<Small>,
    /// How many seeds went wrong, by the way in which they did.
    pub ways: BTreeMap<Way, u64>,
    /// Wall time times cores, in milliseconds.
    pub core_ms: u64,
    /// The figures.
    pub census: Census,
}

/// Machines by the protections that they lack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machines(Vec<String>);

impl fmt::Display for Machines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            f.write_str("machines that lack nothing")
        } else {
            write!(f, "machines that are {}", self.0.join(" and "))
        }
    }
}

/// A text that is no report.
#[derive(Debug, thiserror::Error)]
pub enum NotAReport {
    /// A line is none.
    #[error("line {line} is no line of a report: {why}")]
    Line {
        /// From 1.
        line: usize,
        /// Why.
        why: serde_json::Error,
    },
    /// Another version.
    #[error("line {line} is of version {version}, and this program reads version 1")]
    Version {
        /// From 1.
        line: usize,
        /// The version that it has.
        version: u32,
    },
    /// It is of other machines than those before it.
    #[error("it is of {found}, and those before it are of {before}: they are no one report")]
    Others {
        /// Whose it is.
        found: Machines,
        /// Whose the others are.
        before: Machines,
    },
    /// It was cut off.
    #[error("the summary is missing: whoever wrote it was stopped")]
    NoSummary,
}

impl Line {
    /// A line that says this.
    pub fn new(says: Says) -> Self {
        Self {
            version: VERSION,
            says,
        }
    }

    /// As JSON, with its line end.
    pub fn to_json(&self) -> String {
        // Maps with texts as keys, texts and numbers: there is nothing that could fail.
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("{json}\n")
    }
}

impl Report {
    /// Counts a finding, and lists it if there are not too many of its way.
    pub fn find(&mut self, found: Found) {
        let count = self.ways.entry(found.way()).or_default();
        *count += 1;
        if *count <= LISTED {
            self.found.push(found);
        }
    }

    /// As JSON lines: failing seeds first, those with the shortest stories before the others.
    pub fn to_lines(&self) -> String {
        let mut found = self.found.clone();
        found.sort();
        let found = found.into_iter().map(Says::Finding);
        let shrunk = self.shrunk.iter().cloned().map(Says::Shrunk);
        let summary = Says::Summary(Summary {
            behaviour: self.behaviour.clone(),
            core_ms: self.core_ms,
            wrong: self.wrong(),
            ways: self.counts().collect(),
            census: self.census.clone(),
        });
        let all = found.chain(shrunk).chain([summary]);
        all.map(|says| Line::new(says).to_json()).collect()
    }

    /// Adds what another process found, from its JSON lines.
    ///
    /// # Errors
    /// When the text is no whole report; then nothing was added.
    pub fn merge(&mut self, text: &str) -> Result<(), NotAReport> {
        let (mut found, mut shrunk, mut summaries) = (Vec::new(), Vec::new(), Vec::new());
        for (n, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let line: Line =
                serde_json::from_str(line).map_err(|why| NotAReport::Line { line: n + 1, why })?;
            if line.version != VERSION {
                let (line, version) = (n + 1, line.version);
                return Err(NotAReport::Version { line, version });
            }
            match line.says {
                Says::Progress(_) => {}
                Says::Finding(one) => found.push(one),
                Says::Shrunk(one) => shrunk.push(one),
                Says::Summary(one) => summaries.push(one),
            }
        }
        if summaries.is_empty() {
            return Err(NotAReport::NoSummary);
        }
        for summary in &summaries {
            self.same_machines(summary)?;
        }
        self.found.extend(found);
        self.found.sort();
        self.shrunk.extend(shrunk);
        for summary in summaries {
            for Count { way, seeds } in summary.ways {
                *self.ways.entry(way).or_default() += seeds;
            }
            self.behaviour = summary.behaviour;
            self.core_ms += summary.core_ms;
            self.census.add(summary.census);
        }
        Ok(())
    }

    /// What other machines did would make one report of two that have nothing to do with each other, and no command would repeat it.
    fn same_machines(&self, summary: &Summary) -> Result<(), NotAReport> {
        if self.census.seeds == 0 || self.behaviour == summary.behaviour {
            return Ok(());
        }
        Err(NotAReport::Others {
            found: Machines(summary.behaviour.clone()),
            before: Machines(self.behaviour.clone()),
        })
    }

    fn counts(&self) -> impl Iterator<Item = Count> {
        let all = self.ways.iter();
        all.map(|(way, seeds)| Count {
            way: way.clone(),
            seeds: *seeds,
        })
    }

    /// How many seeds went wrong, by what is wrong.
    pub fn wrong(&self) -> BTreeMap<String, u64> {
        let mut all = BTreeMap::new();
        for (way, seeds) in &self.ways {
            *all.entry(way.wrong.clone()).or_default() += seeds;
        }
        all
    }

    /// Whether nothing went wrong.
    pub fn is_good(&self) -> bool {
        self.ways.is_empty()
    }

    /// How many worlds went wrong.
    pub fn findings(&self) -> u64 {
        self.ways.values().sum()
    }

    /// Seeds a minute and core.
    pub fn speed(&self) -> u64 {
        (self.census.seeds * 60_000)
            .checked_div(self.core_ms)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::life::Wrong;

    fn report(seed: u64) -> Report {
        let finding = Finding {
            wrong: Wrong::Law {
                law: "one-card".to_owned(),
                manner: "a second card is in a hand".to_owned(),
            },
            how: "a second card is in a hand".to_owned(),
        };
        let mut report = Report {
            core_ms: 1000,
            census: Census {
                seeds: 100,
                ..Census::default()
            },
            ..Report::default()
        };
        report.find(Found::new(
            seed,
            usize::try_from(1000 - seed).unwrap(),
            &finding,
        ));
        report
    }

    #[test]
    fn shards_merge_to_one_report_with_the_shortest_story_first() {
        let mut merged = Report::default();
        merged.merge(&report(3).to_lines()).unwrap();
        merged.merge(&report(8).to_lines()).unwrap();
        let seeds: Vec<u64> = merged.found.iter().map(|found| found.seed).collect();
        assert_eq!(seeds, [8, 3]);
        assert_eq!(merged.wrong()["one-card"], 2);
        assert_eq!((merged.census.seeds, merged.speed()), (200, 6000));
        let mut again = Report::default();
        again.merge(&merged.to_lines()).unwrap();
        assert_eq!(again, merged);
    }

    #[test]
    fn what_is_no_whole_report_adds_nothing() {
        let mut merged = Report::default();
        let whole = report(3).to_lines();
        let cut = whole.lines().next().unwrap();
        assert!(matches!(merged.merge(cut), Err(NotAReport::NoSummary)));
        assert!(matches!(
            merged.merge("{}"),
            Err(NotAReport::Line { line: 1, .. })
        ));
        let newer = whole.replace("\"version\":1", "\"version\":2");
        assert!(matches!(
            merged.merge(&newer),
            Err(NotAReport::Version { version: 2, .. })
        ));
        assert_eq!(merged, Report::default());
    }

    #[test]
    fn reports_of_other_machines_are_not_mixed() {
        let mut merged = report(3);
        let naive = Report {
            behaviour: vec!["naive-no-outbox".to_owned()],
            ..report(8)
        };
        let why = merged.merge(&naive.to_lines()).unwrap_err().to_string();
        assert!(
            why.starts_with("it is of machines that are naive-no-outbox"),
            "{why}"
        );
        assert_eq!(merged, report(3));
    }

    #[test]
    fn every_line_has_its_version() {
        for line in report(3).to_lines().lines() {
            assert!(line.starts_with("{\"version\":1,\"kind\":\""), "{line}");
        }
    }
}
