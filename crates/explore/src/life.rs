//! One life of a drawn world, and what went wrong in it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use persotwin_kernel::Trouble;
use persotwin_laws::Breach;
use persotwin_scenario::Plan;
use persotwin_world::{Options, RunError, Told, WireKind, run_until_broken, run_within};

use crate::draft::Draft;
use crate::manner::manner;

/// What is wrong with a world. Two stories that are wrong in the same way are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// A law was broken.
    Law {
        /// Its name.
        law: String,
        /// In which manner: what was said of it, without the names, serial numbers and counts of this one world.
        manner: String,
    },
    /// It went on for ever.
    NeverEnds,
    /// A machine of the twin panicked, or spun.
    Fails(String),
}

impl Wrong {
    fn of(breach: &Breach, names: &[String]) -> Self {
        Self::Law {
            law: breach.law.to_owned(),
            manner: manner(&breach.how, names),
        }
    }

    /// The manner in which a law was broken; of all else what happened.
    pub fn manner(&self) -> &str {
        match self {
            Self::Law { manner, .. } => manner,
            Self::NeverEnds => "the story does not end",
            Self::Fails(how) => how,
        }
    }
}

impl fmt::Display for Wrong {
    /// In one word, for reports and the names of files.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Law { law, .. } => law,
            Self::NeverEnds => "never-ends",
            Self::Fails(_) => "twin-fails",
        })
    }
}

/// A world that went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// In which way.
    pub wrong: Wrong,
    /// A sentence's fragment without any secret.
    pub how: String,
}

/// How a world's life ended.
#[derive(Debug)]
pub struct Lived {
    /// The story, as far as it was told; none when it did not come to an end.
    pub told: Option<Told>,
    /// What went wrong first, if anything did.
    pub finding: Option<Finding>,
    /// Every law that broke, each with what was said of it.
    broken: Vec<Finding>,
}

/// A world could not live: nothing that its story could do about it.
#[derive(Debug, thiserror::Error)]
pub enum LifeError {
    /// What was drawn is no scenario: a bug of the drawing.
    #[error("what seed {seed} draws is no scenario: {mistake}")]
    NoScenario {
        /// The seed.
        seed: u64,
        /// The first mistake.
        mistake: String,
    },
    /// The computer failed: memory, descriptors.
    #[error("{0}")]
    Computer(String),
}

/// How many events a world may see. No drawn one comes near it, so one that does counts as one that goes on for ever.
pub(crate) const MOST_EVENTS: u64 = 200_000;

/// Lets a world live until it has come to rest, or until a law breaks.
///
/// # Errors
/// Only what is no story: see [`LifeError`].
pub fn live(draft: &Draft) -> Result<Lived, LifeError> {
    live_within(draft, MOST_EVENTS)
}

/// The same, for so many events at most.
pub(crate) fn live_within(draft: &Draft, events: u64) -> Result<Lived, LifeError> {
    lived(draft, |plan, options| {
        run_until_broken(plan, options, events)
    })
}

/// The same, and where a law breaks the story goes on.
pub(crate) fn live_on(draft: &Draft, events: u64) -> Result<Lived, LifeError> {
    lived(draft, |plan, options| run_within(plan, options, events))
}

fn lived(
    draft: &Draft,
    tell: impl Fn(&Plan, &Options) -> Result<Told, RunError>,
) -> Result<Lived, LifeError> {
    let plan = draft.plan().map_err(|mistakes| LifeError::NoScenario {
        seed: draft.seed,
        mistake: mistakes
            .first()
            .map(|mistake| mistake.title.clone())
            .unwrap_or_default(),
    })?;
    let options = Options {
        wire: WireKind::InProcess,
        seed: None,
    };
    let ended = catch_unwind(AssertUnwindSafe(|| tell(&plan, &options)));
    let Ok(ended) = ended else {
        let fails = "a panic outside of every machine".to_owned();
        return Ok(Lived::without_end(Wrong::Fails(fails.clone()), fails));
    };
    match ended {
        Ok(told) => Ok(Lived::told(told, draft)),
        Err(error @ (RunError::Horizon(_) | RunError::TooLong(_))) => {
            Ok(Lived::without_end(Wrong::NeverEnds, error.to_string()))
        }
        Err(RunError::Trouble(trouble @ (Trouble::Panic { .. } | Trouble::Spin { .. }))) => {
            let how = trouble.to_string();
            Ok(Lived::without_end(Wrong::Fails(how.clone()), how))
        }
        Err(error) => Err(LifeError::Computer(error.to_string())),
    }
}

impl Lived {
    fn told(told: Told, draft: &Draft) -> Self {
        let names = draft.names();
        let finding = |breach: &Breach| Finding {
            wrong: Wrong::of(breach, &names),
            how: breach.how.clone(),
        };
        let broken: Vec<Finding> = told.breaches.iter().map(finding).collect();
        Self {
            told: Some(told),
            finding: broken.first().cloned(),
            broken,
        }
    }

    fn without_end(wrong: Wrong, how: String) -> Self {
        Self {
            told: None,
            finding: Some(Finding { wrong, how }),
            broken: Vec::new(),
        }
    }

    /// What is wrong in this way, among others.
    pub fn finding_of(&self, wrong: &Wrong) -> Option<&Finding> {
        let mut all = self.broken.iter().chain(&self.finding);
        all.find(|finding| finding.wrong == *wrong)
    }

    /// The laws that broke.
    pub(crate) fn laws(&self) -> impl Iterator<Item = &str> {
        self.broken
            .iter()
            .filter_map(|finding| match &finding.wrong {
                Wrong::Law { law, .. } => Some(law.as_str()),
                Wrong::NeverEnds | Wrong::Fails(_) => None,
            })
    }

    /// How many records its journal has.
    pub fn events(&self) -> usize {
        self.told.as_ref().map_or(0, |told| told.records.len())
    }
}
