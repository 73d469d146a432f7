//! Reports from the lines that were written.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Count, Found, Line, Report, Says, Small, Summary, VERSION};

/// A text that is no report, or not a whole one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAReport {
    /// A line is none.
    #[error("line {line} is no line of an explore report, which has a JSON object a line")]
    Line {
        /// From 1.
        line: usize,
    },
    /// A line says what it is, and lacks what such a line has.
    #[error(
        "line {line} calls itself `{kind}` of an explore report, and is not one that this program reads"
    )]
    Spoiled {
        /// From 1.
        line: usize,
        /// What it calls itself.
        kind: String,
    },
    /// Another version.
    #[error(
        "line {line} is of version {version} of explore reports, and this program reads version {VERSION}"
    )]
    Version {
        /// From 1.
        line: usize,
        /// The version that it has.
        version: u64,
    },
    /// What `--meta` found out is about no law.
    #[error("line {line} is of `explore --meta`, which makes no report of laws")]
    Compared {
        /// From 1.
        line: usize,
    },
    /// There is nothing in it.
    #[error("it is empty: whoever should write the report was stopped before")]
    Empty,
    /// It was cut off.
    #[error("its last line, the summary, is missing: whoever wrote it was stopped")]
    NoSummary,
}

/// All reports of a text: each ends with its summary.
///
/// # Errors
/// At the first line that is none, or when the last summary is missing.
pub fn read(text: &str) -> Result<Vec<Report>, NotAReport> {
    let (mut reports, mut open) = (Vec::new(), Lines::default());
    for (n, text) in text.lines().enumerate() {
        if text.trim().is_empty() {
            continue;
        }
        open.any = true;
        match line(n + 1, text)? {
            Says::Progress(_) => {}
            Says::Finding(one) => open.found.push(one),
            Says::Shrunk(one) => open.shrunk.push(one),
            Says::Compared(_) => return Err(NotAReport::Compared { line: n + 1 }),
            Says::Summary(one) => reports.push(std::mem::take(&mut open).end(one)),
        }
    }
    match (open.any, reports.is_empty()) {
        (true, _) => Err(NotAReport::NoSummary),
        (false, true) => Err(NotAReport::Empty),
        (false, false) => Ok(reports),
    }
}

/// Lines before their summary.
#[derive(Default)]
struct Lines {
    any: bool,
    found: Vec<Found>,
    shrunk: Vec<Small>,
}

impl Lines {
    fn end(self, summary: Summary) -> Report {
        let ways = summary.ways.into_iter();
        let ways: BTreeMap<_, _> = ways.map(|Count { way, seeds, .. }| (way, seeds)).collect();
        let mut found = self.found;
        found.sort();
        Report {
            shares: summary.shares,
            behaviour: summary.behaviour,
            found,
            shrunk: self.shrunk,
            ways,
            core_ms: summary.core_ms,
            census: summary.census,
        }
    }
}

fn line(line: usize, text: &str) -> Result<Says, NotAReport> {
    let none = NotAReport::Line { line };
    let value: Value = serde_json::from_str(text).map_err(|_| none.clone())?;
    let (Some(version), Some(kind)) = (value["version"].as_u64(), value["kind"].as_str()) else {
        return Err(none);
    };
    if version != u64::from(VERSION) {
        return Err(NotAReport::Version { line, version });
    }
    let kind = kind.to_owned();
    let read = serde_json::from_value(value);
    read.map(|line: Line| line.says)
        .map_err(|_| NotAReport::Spoiled { line, kind })
}
