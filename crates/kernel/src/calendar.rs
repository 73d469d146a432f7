//! Wall time: what a machine's calendar says, rightly or wrongly.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A machine's wall clock: the world's start, the time since, and the machine's own offset.
#[derive(Debug, Clone)]
pub struct Calendar {
    starts: Timestamp,
    epoch: Instant,
    offset: SignedDuration,
}

impl Calendar {
    /// The calendar of a world that starts at an instant; `offset` is how far this machine's clock is ahead.
    pub fn new(starts: Timestamp, epoch: Instant, offset: SignedDuration) -> Self {
        Self {
            starts,
            epoch,
            offset,
        }
    }

    /// What this machine believes the time is.
    pub fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.epoch.elapsed()).unwrap_or(SignedDuration::MAX);
        let shift = elapsed.saturating_add(self.offset);
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
        let behind = Calendar::new(starts, Instant::now(), SignedDuration::from_mins(-5));
        tokio::time::advance(Duration::from_secs(90)).await;
        assert_eq!(behind.now().to_string(), "2026-06-17T09:56:30Z");
    }
}
