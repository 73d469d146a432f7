//! One report of several.
//!
//! Each seed is counted once. The same report given twice is taken once; two reports of which only a part is the same have no sum, and
//! whoever gave them has to choose. What is missing does not spoil the sum, and is told.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::range::Seeds;
use crate::report::{Report, many};
use crate::shard::Shard;
use crate::share::Share;

/// How many missing shares a sentence names.
const NAMED: usize = 10;
/// How many the report names.
const LISTED: usize = 1000;

/// A report, and where it stands, in words for people.
#[derive(Debug, Clone)]
pub struct Named {
    /// Where it stands.
    pub name: String,
    /// What it says.
    pub report: Report,
}

/// One report of several, and what is to be said of it.
#[derive(Debug, Clone)]
pub struct Merged {
    /// The one.
    pub report: Report,
    /// What is to be said.
    pub remarks: Vec<Remark>,
}

/// Something that whoever merges should know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Remark {
    /// A report was given twice.
    #[error("{second} is the same report as {first}, and is counted once")]
    Twice {
        /// The one that counts.
        first: String,
        /// The other.
        second: String,
    },
    /// A share did not come to its end.
    #[error("{name}: {share}: {}", share.stopped().map(|stopped| stopped.to_string()).unwrap_or_default())]
    Stopped {
        /// Whose report it is.
        name: String,
        /// The share.
        share: Share,
    },
    /// Shares of a range are missing.
    #[error("{}", sentence(*seeds, named, *others))]
    Missing {
        /// The range.
        seeds: Seeds,
        /// The first that are missing.
        named: Vec<Shard>,
        /// How many more there are.
        others: u64,
    },
}

/// A share that nobody reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Missing {
    /// The range.
    pub seeds: Seeds,
    /// The share of it.
    pub shard: Shard,
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

/// Two reports that have no sum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// What other machines did has nothing to do with it, and no command would repeat both.
    #[error("{second} is of {others}, and {first} of {machines}: they are no one report")]
    Others {
        /// Where the first stands.
        first: String,
        /// Whose it is.
        machines: Machines,
        /// Where the second stands.
        second: String,
        /// Whose it is.
        others: Machines,
    },
    /// They tell of the same seed, which would be counted twice.
    #[error("{first} and {second} both tell of seed {seed} ({first}: {}; {second}: {}): leave one of them away", one.far(), other.far())]
    Overlap {
        /// Where the first stands.
        first: String,
        /// What it tells of.
        one: Told,
        /// Where the second stands.
        second: String,
        /// What it tells of.
        other: Told,
        /// The first seed of both.
        seed: u64,
    },
}

/// A share of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told(Share);

impl Told {
    fn far(self) -> String {
        let Self(share) = self;
        match share.stopped() {
            Some(stopped) => format!("{share}, {stopped}"),
            None => share.to_string(),
        }
    }
}

impl Remark {
    /// Whether it says that seeds are missing that somebody meant.
    pub fn is_gap(&self) -> bool {
        match self {
            Self::Twice { .. } => false,
            Self::Stopped { share, .. } => share.is_cut(),
            Self::Missing { .. } => true,
        }
    }
}

impl Merged {
    /// Whether all seeds are there that somebody meant.
    pub fn is_whole(&self) -> bool {
        !self.remarks.iter().any(Remark::is_gap)
    }

    /// As JSON lines, with the shares that are missing.
    pub fn to_lines(&self) -> String {
        let missing = missing(&self.report.shares).take(LISTED);
        self.report.lines(missing.collect())
    }
}

/// Puts reports together.
///
/// # Errors
/// With all that does not fit together; then there is no report.
pub fn merge(all: Vec<Named>) -> Result<Merged, Vec<Unfit>> {
    let (mut taken, mut unfit, mut remarks): (Vec<Named>, _, _) =
        (Vec::new(), Vec::new(), Vec::new());
    for second in all {
        match taken.iter().find_map(|first| fits(first, &second)) {
            Some(Ok(twice)) if remarks.contains(&twice) => {}
            Some(Ok(twice)) => remarks.push(twice),
            Some(Err(why)) => unfit.push(why),
            None => taken.push(second),
        }
    }
    if !unfit.is_empty() {
        return Err(unfit);
    }
    let mut report = Report::default();
    for Named { name, report: one } in taken {
        let stopped = one.shares.iter().filter(|share| share.stopped().is_some());
        remarks.extend(stopped.map(|share| Remark::Stopped {
            name: name.clone(),
            share: *share,
        }));
        add(&mut report, one);
    }
    report.shares.sort();
    report.found.sort();
    remarks.extend(sentences(&report.shares));
    Ok(Merged { report, remarks })
}

/// What stands against counting the second after the first.
fn fits(first: &Named, second: &Named) -> Option<Result<Remark, Unfit>> {
    let (one, other) = (&first.report, &second.report);
    let (first, second) = (first.name.clone(), second.name.clone());
    if one.behaviour != other.behaviour {
        return Some(Err(Unfit::Others {
            first,
            machines: Machines(one.behaviour.clone()),
            second,
            others: Machines(other.behaviour.clone()),
        }));
    }
    if tell_the_same(one, other) {
        return Some(Ok(Remark::Twice { first, second }));
    }
    let pairs = one
        .shares
        .iter()
        .flat_map(|a| other.shares.iter().map(move |b| (a, b)));
    let (one, other, seed) = { pairs }.find_map(|(a, b)| a.common(b).map(|seed| (a, b, seed)))?;
    Some(Err(Unfit::Overlap {
        first,
        one: Told(*one),
        second,
        other: Told(*other),
        seed,
    }))
}

/// Whether one tells what the other tells, however long the computer took.
fn tell_the_same(one: &Report, other: &Report) -> bool {
    let told = |report: &Report| {
        let mut found = report.found.clone();
        found.sort();
        (
            report.shares.clone(),
            report.ways.clone(),
            found,
            report.census.clone(),
        )
    };
    !one.shares.is_empty() && told(one) == told(other)
}

fn add(report: &mut Report, other: Report) {
    report.shares.extend(other.shares);
    report.behaviour = other.behaviour;
    report.found.extend(other.found);
    report.shrunk.extend(other.shrunk);
    for (way, seeds) in other.ways {
        *report.ways.entry(way).or_default() += seeds;
    }
    report.core_ms += other.core_ms;
    report.census.add(other.census);
}

/// By range and number of shares, the shares that are there.
fn there(shares: &[Share]) -> BTreeMap<(Seeds, u64), BTreeSet<Shard>> {
    let mut all: BTreeMap<_, BTreeSet<Shard>> = BTreeMap::new();
    for share in shares {
        let shards = all.entry((share.seeds, share.shard.of())).or_default();
        shards.insert(share.shard);
    }
    all
}

/// The shares with seeds that are missing among as many, where these are there.
fn absent(seeds: Seeds, of: u64, there: BTreeSet<Shard>) -> impl Iterator<Item = Shard> {
    // Shares without any seed come last, and nobody needs them.
    let with_seeds = Shard::all(of).take_while(move |shard| seeds.count(*shard) != Some(0));
    with_seeds.filter(move |shard| !there.contains(shard))
}

/// All shares that are missing.
fn missing(shares: &[Share]) -> impl Iterator<Item = Missing> {
    let all = there(shares).into_iter();
    all.flat_map(|((seeds, of), there)| {
        absent(seeds, of, there).map(move |shard| Missing { seeds, shard })
    })
}

/// What is missing, range by range.
fn sentences(shares: &[Share]) -> impl Iterator<Item = Remark> {
    let all = there(shares).into_iter();
    all.filter_map(|((seeds, of), there)| {
        let needed = seeds.count(Shard::WHOLE).map_or(of, |count| count.min(of));
        let here = there.iter().filter(|shard| shard.index() < needed).count() as u64;
        let named: Vec<Shard> = absent(seeds, of, there).take(NAMED).collect();
        (!named.is_empty()).then(|| Remark::Missing {
            seeds,
            others: needed - here - named.len() as u64,
            named,
        })
    })
}

/// "shards 2/4 and 3/4 of seeds 1..200 are missing".
fn sentence(seeds: Seeds, named: &[Shard], others: u64) -> String {
    let mut parts: Vec<String> = named.iter().map(ToString::to_string).collect();
    if others > 0 {
        parts.push(many(others, "other"));
    }
    let (noun, verb) = if parts.len() == 1 {
        ("shard", "is")
    } else {
        ("shards", "are")
    };
    let last = parts.pop().unwrap_or_default();
    let list = if parts.is_empty() {
        last
    } else {
        format!("{} and {last}", parts.join(", "))
    };
    format!("{noun} {list} of seeds {seeds} {verb} missing")
}
