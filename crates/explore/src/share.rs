//! How far a process came with its share of a range, and which seeds two of them have in common.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::range::Seeds;
use crate::report::many;
use crate::shard::Shard;

/// What a process explored: the first seeds of its share, as many as lived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Share {
    /// The range.
    pub seeds: Seeds,
    /// The part of it.
    pub shard: Shard,
    /// How many worlds lived.
    pub lived: u64,
    /// Why there were no more.
    pub ended: Ended,
}

/// Why an exploration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// All seeds have lived.
    Done,
    /// Its time was up.
    TimeUp,
    /// Somebody interrupted it.
    Interrupted,
    /// The computer failed.
    Failed,
}

/// As it stands in JSON, with what follows from the rest.
#[derive(Serialize, Deserialize)]
struct Written {
    seeds: Seeds,
    shard: Shard,
    #[serde(default)]
    meant: Option<u64>,
    lived: u64,
    ended: Ended,
}

impl From<Written> for Share {
    fn from(written: Written) -> Self {
        Self {
            seeds: written.seeds,
            shard: written.shard,
            lived: written.lived,
            ended: written.ended,
        }
    }
}

impl From<Share> for Written {
    fn from(share: Share) -> Self {
        Self {
            seeds: share.seeds,
            shard: share.shard,
            meant: share.meant(),
            lived: share.lived,
            ended: share.ended,
        }
    }
}

impl Share {
    /// How many seeds it has; none without an end.
    pub fn meant(&self) -> Option<u64> {
        self.seeds.count(self.shard)
    }

    /// Whether it did not come to its end: there are seeds of it that have not lived. Without an end, the end of its time is its own.
    pub fn is_cut(&self) -> bool {
        self.stopped().is_some() && self.meant() != Some(self.lived)
    }

    /// Whether there is no seed in it.
    pub fn is_empty(&self) -> bool {
        self.meant() == Some(0)
    }

    /// The smallest seed that lived in both.
    pub fn common(&self, other: &Self) -> Option<u64> {
        let from = self.first()?.max(other.first()?);
        let to = self.last()?.min(other.last()?);
        // A share's seeds are equally far from each other, so those of the rarer one are asked.
        let (rare, often) = if self.shard.of() >= other.shard.of() {
            (self, other)
        } else {
            (other, self)
        };
        let step = rare.shard.of();
        let skipped = from.saturating_sub(rare.first()?).div_ceil(step);
        let begin = rare.seeds.nth(rare.shard, skipped)?;
        if rare.shard.of() == often.shard.of() {
            // Either none of them or the first of them.
            return (begin <= to && often.has(begin)).then_some(begin);
        }
        let steps = (0..).map_while(|n: u64| begin.checked_add(n.checked_mul(step)?));
        let mut all = steps.take_while(|seed| *seed <= to);
        all.find(|seed| often.has(*seed))
    }

    fn first(&self) -> Option<u64> {
        self.seeds.nth(self.shard, 0)
    }

    fn last(&self) -> Option<u64> {
        self.seeds.nth(self.shard, self.lived.checked_sub(1)?)
    }

    /// Whether this seed lived in it.
    fn has(&self, seed: u64) -> bool {
        let (Some(first), Some(last)) = (self.first(), self.last()) else {
            return false;
        };
        (first..=last).contains(&seed) && (seed - first).is_multiple_of(self.shard.of())
    }

    /// "12 of 50 seeds", or without an end "12 seeds".
    pub fn far(&self) -> String {
        match self.meant() {
            Some(meant) => format!("{} of {}", self.lived, many(meant, "seed")),
            None => many(self.lived, "seed"),
        }
    }

    /// How far it came, where it did not come to its end. Without an end, the end of its time is its own.
    pub fn stopped(&self) -> Option<Stopped> {
        match (self.ended, self.meant()) {
            (Ended::Done, _) | (Ended::TimeUp, None) => None,
            _ => Some(Stopped(*self)),
        }
    }
}

impl fmt::Display for Share {
    /// Which: "seeds 1..200, shard 2/8".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.seeds.only().is_some() {
            "seed"
        } else {
            "seeds"
        };
        write!(f, "{noun} {}", self.seeds)?;
        if self.shard != Shard::WHOLE {
            write!(f, ", shard {}", self.shard)?;
        }
        Ok(())
    }
}

/// How far it came: "interrupted after 12 of 50 seeds".
#[derive(Debug, Clone, Copy)]
pub struct Stopped(Share);

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(share) = self;
        let why = match share.ended {
            Ended::Done => "done",
            Ended::TimeUp => "out of time",
            Ended::Interrupted => "interrupted",
            Ended::Failed => "stopped by a failure of the machine",
        };
        write!(f, "{why} after {}", share.far())?;
        if share.ended == Ended::Interrupted && share.meant() == Some(share.lived) {
            f.write_str(", before all was shrunk")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn share(seeds: &str, shard: &str, lived: u64, ended: Ended) -> Share {
        Share {
            seeds: seeds.parse().unwrap(),
            shard: shard.parse().unwrap(),
            lived,
            ended,
        }
    }

    #[test]
    fn it_says_how_far_it_came() {
        let cut = share("1..101", "2/4", 12, Ended::Interrupted);
        assert_eq!(cut.to_string(), "seeds 1..101, shard 2/4");
        let stopped = |share: Share| share.stopped().unwrap().to_string();
        assert_eq!(stopped(cut), "interrupted after 12 of 25 seeds");
        assert!(cut.is_cut());
        let late = share("1..26", "1/1", 25, Ended::Interrupted);
        assert_eq!(
            stopped(late),
            "interrupted after 25 of 25 seeds, before all was shrunk"
        );
        assert!(!late.is_cut(), "each of its seeds has lived");
        let open = share("7..", "1/1", 1, Ended::Interrupted);
        assert_eq!(stopped(open), "interrupted after 1 seed");
        let short = share("7..9", "1/1", 1, Ended::TimeUp);
        assert_eq!(stopped(short), "out of time after 1 of 2 seeds");
        assert!(short.is_cut(), "a seed of the range has not lived");
        let minute = share("7..", "1/1", 1, Ended::TimeUp);
        assert!(minute.stopped().is_none(), "it has no other end");
        assert!(!minute.is_cut());
        assert!(share("1..3", "3/3", 0, Ended::Done).is_empty());
    }

    #[test]
    fn in_json_it_says_how_many_were_meant() {
        let share = share("1..101", "2/4", 12, Ended::TimeUp);
        let json = serde_json::to_string(&share).unwrap();
        assert_eq!(
            json,
            r#"{"seeds":"1..101","shard":"2/4","meant":25,"lived":12,"ended":"time-up"}"#
        );
        assert_eq!(serde_json::from_str::<Share>(&json).unwrap(), share);
    }

    prop_compose! {
        fn some()(first in 0_u64..60, many in 1_u64..60, of in 1_u64..7, index in 0_u64..7, lived in 0_u64..60) -> Share {
            let shard = format!("{}/{of}", index % of + 1);
            let mut share = share(&format!("{first}..{}", first + many), &shard, 0, Ended::TimeUp);
            share.lived = lived.min(share.meant().unwrap());
            share
        }
    }

    fn all(share: &Share) -> BTreeSet<u64> {
        let seeds = (0..share.lived).filter_map(|n| share.seeds.nth(share.shard, n));
        seeds.collect()
    }

    proptest! {
        #[test]
        fn what_two_have_in_common_is_found(a in some(), b in some()) {
            let common = all(&a).intersection(&all(&b)).next().copied();
            prop_assert_eq!(a.common(&b), common);
            prop_assert_eq!(b.common(&a), common);
        }
    }
}
