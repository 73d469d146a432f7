//! Which seeds a process explores: a range, and its share of it where several machines explore together.

use std::fmt;
use std::str::FromStr;

/// Seeds from one on, up to another that is not meant any more; without it, for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seeds {
    /// The first.
    pub first: u64,
    /// The first that is not meant any more.
    pub end: Option<u64>,
}

/// A text that is no range of seeds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSeeds {
    /// A part of it is no number.
    #[error(
        "`{0}` is no seed: seeds are whole numbers, written `1..1000` (1000 is not meant), `1..` or `17`"
    )]
    Number(String),
    /// It holds no seed, for its end is not meant.
    #[error(
        "there is no seed in `{0}..{0}`, for the second number is not meant: seed {0} alone is `{0}`"
    )]
    Empty(u64),
    /// It ends before it begins.
    #[error("`{0}..{1}` goes backwards: from {1} on, {0} not meant, is `{1}..{0}`")]
    Backwards(u64, u64),
}

impl FromStr for Seeds {
    type Err = NotSeeds;

    fn from_str(text: &str) -> Result<Self, NotSeeds> {
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            let number = text.parse::<u64>().ok().filter(|_| digits);
            number.ok_or_else(|| NotSeeds::Number(text.to_owned()))
        };
        let Some((first, end)) = text.split_once("..") else {
            let only = number(text)?;
            let end = only.checked_add(1);
            let end = end.ok_or_else(|| NotSeeds::Number(text.to_owned()))?;
            return Ok(Self {
                first: only,
                end: Some(end),
            });
        };
        let first = number(first)?;
        let end = match end {
            "" => None,
            end => Some(number(end)?),
        };
        match end {
            Some(end) if end == first => Err(NotSeeds::Empty(first)),
            Some(end) if end < first => Err(NotSeeds::Backwards(first, end)),
            _ => Ok(Self { first, end }),
        }
    }
}

impl fmt::Display for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.end {
            Some(end) if end == self.first + 1 => write!(f, "{}", self.first),
            Some(end) => write!(f, "{}..{end}", self.first),
            None => write!(f, "{}..", self.first),
        }
    }
}

impl Seeds {
    /// The `n`-th seed of a share, from 0; none behind the end.
    pub fn nth(&self, shard: Shard, n: u64) -> Option<u64> {
        let steps = n.checked_mul(shard.of)?.checked_add(shard.index)?;
        let seed = self.first.checked_add(steps)?;
        self.end.is_none_or(|end| seed < end).then_some(seed)
    }

    /// How many seeds a share has; none without an end.
    pub fn count(&self, shard: Shard) -> Option<u64> {
        let all = self.end? - self.first;
        Some(all.saturating_sub(shard.index).div_ceil(shard.of))
    }
}

/// One of several shares, which have no seed in common and all seeds together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    #[error("{index} says which shard this is, but {count} does not say of how many")]
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
    /// Variables of the environment do not fit together.
    #[error("{name} says {index}, which is no shard of {of}")]
    Unfit {
        /// The variable with the index.
        name: &'static str,
        /// What it says.
        index: u64,
        /// How many shards there are.
        of: u64,
    },
}

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

    /// The share that a batch system gives by its environment: an indexed job of Kubernetes (`JOB_COMPLETION_INDEX`, with
    /// `PERSOTWIN_SHARDS` beside it) or an array of Slurm (`SLURM_ARRAY_TASK_ID`, `…_COUNT`, `…_MIN`, `…_STEP`). None elsewhere.
    ///
    /// # Errors
    /// When the variables do not fit together.
    pub fn of_environment(
        get: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, NotAShard> {
        let number = |name: &'static str| {
            let text = get(name);
            text.map(|found| {
                let number = found.trim().parse::<u64>();
                number.map_err(|_| NotAShard::Variable { name, found })
            })
            .transpose()
        };
        let missing = |index, count| NotAShard::CountMissing { index, count };
        if let Some(index) = number(KUBERNETES)? {
            let of = number(SHARDS)?.ok_or_else(|| missing(KUBERNETES, SHARDS))?;
            let name = KUBERNETES;
            return Self::checked(index, of)
                .ok_or(NotAShard::Unfit { name, index, of })
                .map(Some);
        }
        let Some(id) = number(SLURM)? else {
            return Ok(None);
        };
        let of = number(SLURM_COUNT)?.ok_or_else(|| missing(SLURM, SLURM_COUNT))?;
        let first = number(SLURM_MIN)?.unwrap_or(0);
        let step = number(SLURM_STEP)?.unwrap_or(1);
        let index = id
            .checked_sub(first)
            .and_then(|steps| steps.checked_div(step));
        index
            .and_then(|index| Self::checked(index, of))
            .ok_or(NotAShard::Unfit {
                name: SLURM,
                index: id,
                of,
            })
            .map(Some)
    }

    fn checked(index: u64, of: u64) -> Option<Self> {
        (index < of).then_some(Self { index, of })
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
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn environment(all: &'static [(&str, &str)]) -> Result<Option<Shard>, NotAShard> {
        Shard::of_environment(|name| {
            let found = all.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn ranges_are_read_and_written() {
        for text in ["1..1000", "5..", "17"] {
            assert_eq!(text.parse::<Seeds>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "..",
            "5..5",
            "9..3",
            "a..b",
            "-1..2",
            "1..2..3",
            "18446744073709551615",
        ] {
            assert!(text.parse::<Seeds>().is_err(), "{text}");
        }
        for (text, says) in [
            (
                "9..3",
                "`9..3` goes backwards: from 3 on, 9 not meant, is `3..9`",
            ),
            (
                "5..5",
                "there is no seed in `5..5`, for the second number is not meant: seed 5 alone is `5`",
            ),
            (
                "1..x",
                "`x` is no seed: seeds are whole numbers, written `1..1000` (1000 is not meant), `1..` or `17`",
            ),
        ] {
            assert_eq!(text.parse::<Seeds>().unwrap_err().to_string(), says);
        }
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
        assert_eq!(kubernetes.unwrap().unwrap().to_string(), "3/5");
        let slurm = environment(&[
            ("SLURM_ARRAY_TASK_ID", "14"),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
            ("SLURM_ARRAY_TASK_MIN", "10"),
            ("SLURM_ARRAY_TASK_STEP", "2"),
        ]);
        assert_eq!(slurm.unwrap().unwrap().to_string(), "3/3");
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

    proptest! {
        #[test]
        fn shards_share_nothing_and_leave_nothing_out(first in 0_u64..1000, many in 1_u64..200, of in 1_u64..9) {
            let seeds = Seeds { first, end: Some(first + many) };
            let mut all = BTreeSet::new();
            for index in 0..of {
                let shard = Shard { index, of };
                let mut count = 0;
                while let Some(seed) = seeds.nth(shard, count) {
                    prop_assert!(all.insert(seed));
                    count += 1;
                }
                prop_assert_eq!(seeds.count(shard), Some(count));
            }
            prop_assert_eq!(all.len() as u64, many);
        }
    }
}
