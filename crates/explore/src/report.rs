//! What was found, as JSON lines that several processes write and one merges, and as text for people.

mod merge;
mod read;
mod text;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::census::Census;
use crate::life::Finding;
use crate::share::Share;
use crate::shrink::{Left, Shrunk};

pub use merge::{Machines, Merged, Missing, Named, Remark, Unfit, merge};
pub use read::{NotAReport, read};
pub use text::many;

/// The version of the lines.
const VERSION: u32 = 1;
/// How many seeds that went wrong in one way a process lists, those with the shortest stories; it counts all.
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
    /// Journals that two processes wrote, and how they compare.
    Compared(Compared),
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

/// What came of comparing the journals of two processes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// Which seeds, and of how many the journals were compared.
    #[serde(flatten)]
    pub share: Share,
    /// Bytes of journals that were the same.
    pub bytes: u64,
    /// Where journals were not.
    pub differ: Vec<Differs>,
}

/// A seed with two journals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Differs {
    /// The seed.
    pub seed: u64,
    /// The first line that differs, from 1.
    pub line: u64,
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
    /// How many of them the report lists.
    #[serde(default)]
    listed: u64,
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
    /// Why it is not as small as can be; none where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Left>,
    /// How many worlds lived to make it small.
    pub lives: u64,
    /// Records of the journal, before and after.
    pub events: (u64, u64),
    /// Lines of the file, before and after.
    pub lines: (u64, u64),
    /// Where the file was written, seen from where this line stands; none where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What the file says.
    pub scenario: String,
}

impl Small {
    /// What became of a seed's world. The file says which world it is made of.
    pub fn new(seed: u64, finding: &Finding, shrunk: &Shrunk) -> Self {
        let both = |(before, after): (usize, usize)| (before as u64, after as u64);
        let behaviour = shrunk.draft.behaviour.iter().map(ToString::to_string);
        let found_by = repeats(seed, &behaviour.collect::<Vec<_>>());
        let scenario = format!(
            "# What is left of the world of seed {seed}{}: {found_by}\n{}",
            shrunk.left.remark(),
            shrunk.draft.to_text()
        );
        Self {
            seed,
            wrong: finding.wrong.to_string(),
            manner: finding.wrong.manner().to_owned(),
            left: shrunk.left.of_large(),
            lives: shrunk.lives as u64,
            events: both(shrunk.events),
            lines: (shrunk.lines.0 as u64, scenario.lines().count() as u64),
            file: None,
            scenario,
        }
    }

    /// The way in which it goes wrong.
    fn way(&self) -> Way {
        Way {
            wrong: self.wrong.clone(),
            manner: self.manner.clone(),
        }
    }

    /// What the file is called.
    pub fn file_name(&self) -> String {
        format!("{}-{}.yaml", self.wrong, self.seed)
    }

    /// The same line, to stand somewhere from where the report's folder is this way.
    #[must_use]
    pub fn seen_from(mut self, folder: &Path) -> Self {
        let at = |file: String| folder.join(file).to_string_lossy().into_owned();
        self.file = self.file.map(at);
        self
    }
}

/// The command that finds a seed's finding again.
fn repeats(seed: u64, behaviour: &[String]) -> String {
    let mut words = vec!["persotwin explore --seeds".to_owned(), seed.to_string()];
    for behaviour in behaviour {
        words.extend(["--behaviour".to_owned(), behaviour.clone()]);
    }
    words.join(" ")
}

/// The end of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// What was explored, and how far: one share for each process.
    shares: Vec<Share>,
    /// After a merge, the shares of these ranges that nobody reported: worth a try.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    missing: Vec<Missing>,
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
    /// What was explored, and how far: one share for each process.
    pub shares: Vec<Share>,
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
    /// Counts a finding, and lists it if there are not too many of its way with shorter stories.
    pub fn find(&mut self, found: Found) {
        let way = found.way();
        self.found.push(found);
        let count = self.ways.entry(way.clone()).or_default();
        *count += 1;
        if *count <= LISTED {
            return;
        }
        let alike = self.found.iter().enumerate();
        let alike = alike.filter(|(_, found)| found.way() == way);
        if let Some((longest, _)) = alike.max_by_key(|(_, found)| *found) {
            self.found.swap_remove(longest);
        }
    }

    /// As JSON lines: failing seeds first, those with the shortest stories before the others.
    pub fn to_lines(&self) -> String {
        self.lines(Vec::new())
    }

    fn lines(&self, missing: Vec<Missing>) -> String {
        let mut found = self.found.clone();
        found.sort();
        let found = found.into_iter().map(Says::Finding);
        let shrunk = self.shrunk.iter().cloned().map(Says::Shrunk);
        let summary = Says::Summary(Summary {
            shares: self.shares.clone(),
            missing,
            behaviour: self.behaviour.clone(),
            core_ms: self.core_ms,
            wrong: self.wrong(),
            ways: self.counts().collect(),
            census: self.census.clone(),
        });
        let all = found.chain(shrunk).chain([summary]);
        all.map(|says| Line::new(says).to_json()).collect()
    }

    fn counts(&self) -> impl Iterator<Item = Count> {
        let all = self.ways.iter();
        all.map(|(way, seeds)| Count {
            way: way.clone(),
            seeds: *seeds,
            listed: self
                .found
                .iter()
                .filter(|found| found.way() == *way)
                .count() as u64,
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
mod tests;
