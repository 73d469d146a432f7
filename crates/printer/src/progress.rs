//! How much of something is done.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A share of a whole in thousandths: 0 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Progress(u16);

/// A number above 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a share is at most 1000 thousandths")]
pub struct TooMuch;

impl Progress {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// One half.
    pub const HALF: Self = Self(500);
    /// The whole.
    pub const WHOLE: Self = Self(1000);

    /// The share that `elapsed` is of `whole`; a movement that takes no time is done.
    pub fn of(elapsed: Duration, whole: Duration) -> Self {
        let share = (elapsed.as_micros() * 1000).checked_div(whole.as_micros());
        Self::clamped(share.unwrap_or(1000))
    }

    /// How far a part from `start` to `end` has come when the whole has come this far.
    pub(crate) fn within(self, start: u16, end: u16) -> Self {
        let done = u128::from(self.0.saturating_sub(start)) * 1000;
        let share = done.checked_div(u128::from(end.saturating_sub(start)));
        Self::clamped(share.unwrap_or(1000))
    }

    /// This share of another one.
    #[must_use]
    pub fn of_share(self, whole: Self) -> Self {
        Self::clamped(u128::from(self.0) * u128::from(whole.0) / 1000)
    }

    /// So much of a length of time.
    pub fn of_time(self, whole: Duration) -> Duration {
        whole * u32::from(self.0) / 1000
    }

    /// How far the `part`-th of so many equal parts has come, counted from 0, that follow one another.
    pub(crate) fn share(self, part: usize, parts: usize) -> Self {
        let done = (usize::from(self.0) * parts).saturating_sub(part * 1000);
        Self(u16::try_from(done).unwrap_or(1000).min(1000))
    }

    /// So many of so many; the whole of none.
    pub(crate) fn of_count(part: usize, whole: usize) -> Self {
        let share = part.saturating_mul(1000).checked_div(whole);
        Self(
            share
                .and_then(|share| u16::try_from(share).ok())
                .unwrap_or(1000)
                .min(1000),
        )
    }

    /// The mean of some shares, rounded down; the whole of none.
    pub(crate) fn mean(shares: impl ExactSizeIterator<Item = Self>) -> Self {
        let count = shares.len();
        let sum: usize = shares.map(|share| usize::from(share.0)).sum();
        let mean = sum.checked_div(count);
        Self(
            mean.and_then(|mean| u16::try_from(mean).ok())
                .unwrap_or(1000),
        )
    }

    /// So many of `count` things, rounded down.
    pub(crate) fn share_of(self, count: usize) -> usize {
        count * usize::from(self.0) / 1000
    }

    /// In thousandths.
    pub fn permille(self) -> u16 {
        self.0
    }

    fn clamped(permille: u128) -> Self {
        Self(u16::try_from(permille).unwrap_or(1000).min(1000))
    }
}

impl TryFrom<u16> for Progress {
    type Error = TooMuch;

    fn try_from(permille: u16) -> Result<Self, TooMuch> {
        if permille <= 1000 {
            Ok(Self(permille))
        } else {
            Err(TooMuch)
        }
    }
}

impl From<Progress> for u16 {
    fn from(progress: Progress) -> Self {
        progress.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_bounded() {
        let ms = Duration::from_millis;
        assert_eq!(Progress::of(ms(8000), ms(16_000)), Progress(500));
        assert_eq!(Progress::of(ms(20), ms(10)), Progress::WHOLE);
        assert_eq!(Progress::of(ms(0), ms(10)), Progress::NONE);
        assert_eq!(Progress::of(ms(0), ms(0)), Progress::WHOLE);
        assert_eq!(Progress::of(Duration::MAX, ms(1)), Progress::WHOLE);
    }

    #[test]
    fn a_part_begins_late_and_ends_early() {
        assert_eq!(Progress(100).within(200, 600), Progress::NONE);
        assert_eq!(Progress(400).within(200, 600), Progress(500));
        assert_eq!(Progress(600).within(200, 600), Progress::WHOLE);
        assert_eq!(Progress(999).share_of(10), 9);
        assert_eq!(Progress(500).share(0, 2), Progress::WHOLE);
        assert_eq!(Progress(750).share(1, 2), Progress(500));
        assert_eq!(Progress(500).share(1, 2), Progress::NONE);
        let halves = [Progress::WHOLE, Progress::NONE];
        assert_eq!(Progress::mean(halves.into_iter()), Progress(500));
        assert_eq!(Progress::mean([].into_iter()), Progress::WHOLE);
    }
}
