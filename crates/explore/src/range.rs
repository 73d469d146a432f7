//! Which seeds are explored: a range.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::shard::Shard;

/// The last seed that a range can hold: behind it there is a number that is not meant any more.
const LAST: u64 = u64::MAX - 1;

/// Seeds from one on, up to another that is not meant any more; without it, for ever. In JSON the text of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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
    /// A part of it is a number that no seed has.
    #[error("`{0}` is too large: the last seed is {LAST}")]
    TooLarge(String),
    /// It does not say where it begins.
    #[error("`{0}` does not say which seed is the first: `0{0}` begins with seed 0")]
    NoFirst(String),
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
        let Some((first, end)) = text.split_once("..") else {
            let only = seed(text)?;
            return Ok(Self {
                first: only,
                end: Some(only + 1),
            });
        };
        if first.is_empty() && (end.is_empty() || number(end).is_ok()) {
            return Err(NotSeeds::NoFirst(text.to_owned()));
        }
        let first = seed(first)?;
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

/// A whole number, without any sign.
fn number(text: &str) -> Result<u64, NotSeeds> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NotSeeds::Number(text.to_owned()));
    }
    let number = text.parse();
    number.map_err(|_| NotSeeds::TooLarge(text.to_owned()))
}

/// One that a seed can have.
fn seed(text: &str) -> Result<u64, NotSeeds> {
    let number = number(text)?;
    if number > LAST {
        return Err(NotSeeds::TooLarge(text.to_owned()));
    }
    Ok(number)
}

impl TryFrom<String> for Seeds {
    type Error = NotSeeds;

    fn try_from(text: String) -> Result<Self, NotSeeds> {
        text.parse()
    }
}

impl From<Seeds> for String {
    fn from(seeds: Seeds) -> Self {
        seeds.to_string()
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
        let steps = n.checked_mul(shard.of())?.checked_add(shard.index())?;
        let seed = self.first.checked_add(steps)?;
        let end = self.end.unwrap_or(u64::MAX);
        (seed < end).then_some(seed)
    }

    /// The only seed; none of a longer range.
    pub fn only(&self) -> Option<u64> {
        (self.count(Shard::WHOLE) == Some(1)).then_some(self.first)
    }

    /// How many seeds a share has; none without an end.
    pub fn count(&self, shard: Shard) -> Option<u64> {
        let all = self.end? - self.first;
        Some(all.saturating_sub(shard.index()).div_ceil(shard.of()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_are_read_and_written() {
        for text in [
            "1..1000",
            "5..",
            "17",
            "18446744073709551614",
            "3..18446744073709551615",
        ] {
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
            (
                "-1..3",
                "`-1` is no seed: seeds are whole numbers, written `1..1000` (1000 is not meant), `1..` or `17`",
            ),
            (
                "..5",
                "`..5` does not say which seed is the first: `0..5` begins with seed 0",
            ),
            (
                "18446744073709551615",
                "`18446744073709551615` is too large: the last seed is 18446744073709551614",
            ),
            (
                "1..18446744073709551616",
                "`18446744073709551616` is too large: the last seed is 18446744073709551614",
            ),
        ] {
            assert_eq!(text.parse::<Seeds>().unwrap_err().to_string(), says);
        }
    }

    proptest! {
        #[test]
        fn shards_share_nothing_and_leave_nothing_out(first in 0_u64..1000, many in 1_u64..200, of in 1_u64..9) {
            let seeds = Seeds { first, end: Some(first + many) };
            let mut all = BTreeSet::new();
            for shard in Shard::all(of) {
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
