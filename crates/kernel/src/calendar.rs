//! Wall time: what a machine's calendar says, rightly or wrongly.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// How far a machine's clock is ahead of the world's, in whole milliseconds; negative when it is behind. Outlives the machine's lives.
///
/// Clones are the same clock: somebody can set it while the machine runs, and then its wall time jumps.
#[derive(Debug, Clone, Default)]
pub struct Skew(Arc<AtomicI64>);

impl Skew {
    /// A clock that is so far ahead.
    pub fn new(ahead: SignedDuration) -> Self {
        let skew = Self::default();
        skew.set(ahead);
        skew
    }

    /// Sets the clock: from now on it is so far ahead.
    pub fn set(&self, ahead: SignedDuration) {
        let millis = i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX);
        self.0.store(millis, Ordering::Relaxed);
    }

    /// How far it is ahead.
    pub fn get(&self) -> SignedDuration {
        SignedDuration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// A machine's wall clock: the world's start, the time since, and the machine's own offset.
#[derive(Debug, Clone)]
pub struct Calendar {
    starts: Timestamp,
    epoch: Instant,
    skew: Skew,
}

impl Calendar {
    /// The calendar of a world that starts at an instant; `skew` is what is wrong with this machine's clock.
    pub fn new(starts: Timestamp, epoch: Instant, skew: Skew) -> Self {
        Self {
            starts,
            epoch,
            skew,
        }
    }

    /// What this machine believes the time is.
    pub fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.epoch.elapsed()).unwrap_or(SignedDuration::MAX);
        let shift = elapsed.saturating_add(self.skew.get());
        self.starts.saturating_add(shift).unwrap_or(Timestamp::MAX)
    }

    /// Seconds since 1970, as tokens count.
    pub fn epoch_seconds(&self) -> i64 {
        self.now().as_second()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_clock_may_be_wrong_but_runs_as_fast() {
        let starts: Timestamp = "2026-06-17T10:00:00Z".parse().unwrap();
        let skew = Skew::new(SignedDuration::from_mins(-5));
        let behind = Calendar::new(starts, Instant::now(), skew.clone());
        tokio::time::advance(Duration::from_secs(90)).await;
        assert_eq!(behind.now().to_string(), "2026-06-17T09:56:30Z");
        skew.set(SignedDuration::from_hours(-1));
        assert_eq!(behind.now().to_string(), "2026-06-17T09:01:30Z");
    }
}
