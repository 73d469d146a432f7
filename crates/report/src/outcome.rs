//! How a scenario ended: what every summary is made of.

use std::fmt;
use std::time::Duration;

/// How one scenario ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The scenario's path as the user gave it, with `/` between folders.
    pub scenario: String,
    /// Its `name:`.
    pub name: String,
    /// The seed of the run.
    pub seed: u64,
    /// Virtual time from start to rest.
    pub virtual_time: Duration,
    /// Time on the wall, as measured by whoever ran it.
    pub wall: Duration,
    /// How it ended.
    pub verdict: Verdict,
}

/// How a scenario ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All as expected.
    Ok,
    /// Laws or expectations were broken, at least one.
    Failed(Vec<Broken>),
    /// It could not be run, or the twin itself failed: a sentence that says why.
    Error(String),
}

impl Verdict {
    /// `ok`, `failed` or `error`: an interface.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed(_) => "failed",
            Self::Error(_) => "error",
        }
    }

    /// What was broken.
    pub fn broken(&self) -> &[Broken] {
        match self {
            Self::Failed(broken) => broken,
            Self::Ok | Self::Error(_) => &[],
        }
    }
}

/// A broken law or expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The law's name, or the expectation as `customers.alice.card`.
    pub what: String,
    /// What was expected and what was found instead: `expected captured, found taken`. Of a law: what breaks it.
    pub how: String,
    /// Where the expectation stands; laws stand nowhere.
    pub spot: Option<Spot>,
}

/// A place in a scenario file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The file.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

#[cfg(test)]
pub(crate) mod examples {
    use super::*;

    pub(crate) fn ok() -> Outcome {
        Outcome {
            scenario: "scenarios/journeys/happy-path.yaml".to_owned(),
            name: "The happy path".to_owned(),
            seed: 1,
            virtual_time: Duration::from_millis(37_650),
            wall: Duration::from_millis(12),
            verdict: Verdict::Ok,
        }
    }

    pub(crate) fn failed() -> Outcome {
        let law = Broken {
            what: "no-ghost".to_owned(),
            how: "KIOSK-PS-101/A/00001 is in a hand, and D1 has not released op-1".to_owned(),
            spot: None,
        };
        let expectation = Broken {
            what: "customers.alice.card".to_owned(),
            how: "expected taken, found captured".to_owned(),
            spot: Some(Spot {
                file: "scenarios/5-produce/ghost.yaml".to_owned(),
                line: 12,
                column: 7,
            }),
        };
        Outcome {
            scenario: "scenarios/5-produce/ghost.yaml".to_owned(),
            name: "A ghost, 100 % sure".to_owned(),
            verdict: Verdict::Failed(vec![law, expectation]),
            ..ok()
        }
    }

    pub(crate) fn error() -> Outcome {
        Outcome {
            scenario: "scenarios/endless.yaml".to_owned(),
            name: "Endless".to_owned(),
            verdict: Verdict::Error("nothing ended within 1h of virtual time".to_owned()),
            ..ok()
        }
    }
}
