//! Which share of a range a process explores, where several machines explore together.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of several shares, which have no seed in common and all seeds together. In JSON the text of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    /// From 0.
    index: u64,
    /// How many there are, one at least.
    of: u64,
}

/// A share that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAShard {
    /// The text is none.
    #[error("a shard is written `2/8`: the second of eight")]
    Text,
    /// There are not so many.
    #[error("there is no shard {index} of {of}: they are `1/{of}` to `{of}/{of}`")]
    Outside {
        /// From 1.
        index: u64,
        /// How many there are.
        of: u64,
    },
    /// The environment says which, and not of how many.
    #[error(
        "{index} says which shard this is, but {count} does not say of how many: set it, or write --shard I/N"
    )]
    CountMissing {
        /// The variable with the index.
        index: &'static str,
        /// The variable with the count.
        count: &'static str,
    },
    /// A variable of the environment is no number.
    #[error("{name} says `{found}`, which is no whole number")]
    Variable {
        /// Its name.
        name: &'static str,
        /// What it says.
        found: String,
    },
    /// The variable that says both is no share.
    #[error("{SHARD} says `{found}`: {why}")]
    Both {
        /// What it says.
        found: String,
        /// What is wrong with it.
        why: Box<NotAShard>,
    },
    /// Variables of the environment do not fit together.
    #[error("{name} says {index}, which is none of {of} shards")]
    Unfit {
        /// The variable with the index.
        name: &'static str,
        /// What it says.
        index: u64,
        /// How many shards there are.
        of: u64,
    },
}

/// The variable that says which share this is, as `--shard` does.
pub const SHARD: &str = "PERSOTWIN_SHARD";
/// The variable that says of how many completions a Kubernetes job is one, which Kubernetes itself does not say.
pub const SHARDS: &str = "PERSOTWIN_SHARDS";
const KUBERNETES: &str = "JOB_COMPLETION_INDEX";
const SLURM: &str = "SLURM_ARRAY_TASK_ID";
const SLURM_COUNT: &str = "SLURM_ARRAY_TASK_COUNT";
const SLURM_MIN: &str = "SLURM_ARRAY_TASK_MIN";
const SLURM_STEP: &str = "SLURM_ARRAY_TASK_STEP";

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// The share that the environment gives, and the variable that says which: `PERSOTWIN_SHARD`, an indexed job of Kubernetes
    /// (`JOB_COMPLETION_INDEX`, with `PERSOTWIN_SHARDS` beside it) or an array of Slurm (`SLURM_ARRAY_TASK_ID`, `…_COUNT`, `…_MIN`,
    /// `…_STEP`). None elsewhere.
    ///
    /// # Errors
    /// When a variable says nothing that is understood, or several do not fit together.
    pub fn of_environment(
        get: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<(Self, &'static str)>, NotAShard> {
        if let Some(found) = get(SHARD) {
            let shard = found.trim().parse();
            return match shard {
                Ok(shard) => Ok(Some((shard, SHARD))),
                Err(why) => Err(NotAShard::Both {
                    found,
                    why: Box::new(why),
                }),
            };
        }
        let kubernetes = || Ok(Self::of_kubernetes(&get)?.map(|shard| (shard, KUBERNETES)));
        let slurm = || Ok(Self::of_slurm(&get)?.map(|shard| (shard, SLURM)));
        kubernetes()?.map_or_else(slurm, |shard| Ok(Some(shard)))
    }

    fn of_kubernetes(
        get: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, NotAShard> {
        let Some(index) = variable(&get, KUBERNETES)? else {
            return Ok(None);
        };
        let of = needed(&get, KUBERNETES, SHARDS)?;
        let name = KUBERNETES;
        let shard = Self::checked(index, of);
        shard.ok_or(NotAShard::Unfit { name, index, of }).map(Some)
    }

    fn of_slurm(get: impl Fn(&'static str) -> Option<String>) -> Result<Option<Self>, NotAShard> {
        let Some(id) = variable(&get, SLURM)? else {
            return Ok(None);
        };
        let of = needed(&get, SLURM, SLURM_COUNT)?;
        let first = variable(&get, SLURM_MIN)?.unwrap_or(0);
        let step = variable(&get, SLURM_STEP)?.unwrap_or(1);
        let index = id
            .checked_sub(first)
            .and_then(|steps| steps.checked_div(step));
        let shard = index.and_then(|index| Self::checked(index, of));
        let unfit = NotAShard::Unfit {
            name: SLURM,
            index: id,
            of,
        };
        shard.ok_or(unfit).map(Some)
    }

    /// The same share's place among as many, from 0 on.
    pub(crate) fn index(self) -> u64 {
        self.index
    }

    /// How many shares there are.
    pub(crate) fn of(self) -> u64 {
        self.of
    }

    /// All shares of as many.
    pub(crate) fn all(of: u64) -> impl Iterator<Item = Self> {
        (0..of).map(move |index| Self { index, of })
    }

    fn checked(index: u64, of: u64) -> Option<Self> {
        (index < of).then_some(Self { index, of })
    }
}

/// The number that a variable of the environment says.
fn variable(
    get: impl Fn(&'static str) -> Option<String>,
    name: &'static str,
) -> Result<Option<u64>, NotAShard> {
    let Some(found) = get(name) else {
        return Ok(None);
    };
    match found.trim().parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(NotAShard::Variable { name, found }),
    }
}

/// The number of shares, which must be there where another variable says which.
fn needed(
    get: impl Fn(&'static str) -> Option<String>,
    index: &'static str,
    count: &'static str,
) -> Result<u64, NotAShard> {
    variable(get, count)?.ok_or(NotAShard::CountMissing { index, count })
}

impl TryFrom<String> for Shard {
    type Error = NotAShard;

    fn try_from(text: String) -> Result<Self, NotAShard> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl FromStr for Shard {
    type Err = NotAShard;

    fn from_str(text: &str) -> Result<Self, NotAShard> {
        let (which, of) = text.split_once('/').ok_or(NotAShard::Text)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| NotAShard::Text);
        let (index, of) = (number(which)?, number(of)?);
        if of == 0 {
            return Err(NotAShard::Text);
        }
        let shard = index.checked_sub(1);
        let shard = shard.and_then(|index| Self::checked(index, of));
        shard.ok_or(NotAShard::Outside { index, of })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(all: &'static [(&str, &str)]) -> Result<Option<String>, NotAShard> {
        let shard = Shard::of_environment(|name| {
            let found = all.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        let told = |(shard, variable)| format!("{shard} by {variable}");
        shard.map(|shard| shard.map(told))
    }

    #[test]
    fn shards_are_read_from_one_on() {
        assert_eq!("2/8".parse::<Shard>().unwrap().to_string(), "2/8");
        for text in ["1/0", "1", "a/b", ""] {
            assert_eq!(text.parse::<Shard>(), Err(NotAShard::Text), "{text}");
        }
        for (text, index) in [("0/8", 0), ("9/8", 9)] {
            let outside = NotAShard::Outside { index, of: 8 };
            assert_eq!(text.parse::<Shard>(), Err(outside));
        }
    }

    #[test]
    fn batch_systems_say_which_shard_this_is() {
        assert_eq!(environment(&[]), Ok(None));
        let kubernetes = environment(&[("JOB_COMPLETION_INDEX", "2"), ("PERSOTWIN_SHARDS", "5")]);
        assert_eq!(kubernetes.unwrap().unwrap(), "3/5 by JOB_COMPLETION_INDEX");
        let slurm = environment(&[
            ("SLURM_ARRAY_TASK_ID", "14"),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
            ("SLURM_ARRAY_TASK_MIN", "10"),
            ("SLURM_ARRAY_TASK_STEP", "2"),
        ]);
        assert_eq!(slurm.unwrap().unwrap(), "3/3 by SLURM_ARRAY_TASK_ID");
        let ours = environment(&[("PERSOTWIN_SHARD", "2/8"), ("JOB_COMPLETION_INDEX", "x")]);
        assert_eq!(ours.unwrap().unwrap(), "2/8 by PERSOTWIN_SHARD");
        let wrong = environment(&[("PERSOTWIN_SHARD", "2")]).unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "PERSOTWIN_SHARD says `2`: a shard is written `2/8`: the second of eight"
        );
        for wrong in [
            &[("JOB_COMPLETION_INDEX", "2")] as &[_],
            &[("JOB_COMPLETION_INDEX", "5"), ("PERSOTWIN_SHARDS", "5")],
            &[("JOB_COMPLETION_INDEX", "x"), ("PERSOTWIN_SHARDS", "5")],
            &[
                ("SLURM_ARRAY_TASK_ID", "1"),
                ("SLURM_ARRAY_TASK_COUNT", "1"),
            ],
            &[("SLURM_ARRAY_TASK_ID", "1")],
        ] {
            assert!(environment(wrong).is_err(), "{wrong:?}");
        }
    }
}
