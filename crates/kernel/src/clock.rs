//! Monotonic time, of two kinds: protocol waits, and the movements of hardware.

use std::fmt;
use std::future::Future;
use std::ops::Add;
use std::time::Duration;

use tokio::time::Instant;

use crate::life::Life;
use crate::pace::Pace;

/// A moment of a run, counted from its start in whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(u64);

impl Moment {
    /// The start of the run.
    pub const START: Self = Self(0);

    /// So many milliseconds after the start.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the start.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// Time since the start.
    pub const fn since_start(self) -> Duration {
        Duration::from_millis(self.0)
    }

    /// Time since an earlier moment; zero if that one is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)),
        )
    }
}

impl fmt::Display for Moment {
    /// `0:24.107`, minutes, seconds and milliseconds; hours when there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes) = (self.0 / 3_600_000, self.0 / 60_000 % 60);
        let (seconds, millis) = (self.0 / 1000 % 60, self.0 % 1000);
        let text = match hours {
            0 => format!("{minutes}:{seconds:02}.{millis:03}"),
            _ => format!("{hours}:{minutes:02}:{seconds:02}.{millis:03}"),
        };
        f.pad(&text)
    }
}

/// A machine's monotonic time.
#[derive(Debug, Clone)]
pub struct Clock {
    life: Life,
    epoch: Instant,
    pace: Pace,
}

/// The time that was allowed is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the time is over")]
pub struct Elapsed;

impl Clock {
    /// A clock of a world that started at `epoch`.
    pub fn new(life: Life, epoch: Instant, pace: Pace) -> Self {
        Self { life, epoch, pace }
    }

    /// The same world's clock for another life.
    pub fn of(&self, life: Life) -> Self {
        Self {
            life,
            ..self.clone()
        }
    }

    /// Now.
    pub fn now(&self) -> Moment {
        Moment::START + self.epoch.elapsed()
    }

    /// When the world started.
    pub fn epoch(&self) -> Instant {
        self.epoch
    }

    /// Waits, as a protocol waits.
    pub async fn sleep(&self, duration: Duration) {
        self.life.alive().await;
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        tokio::time::sleep(duration).await;
        self.life.alive().await;
    }

    /// Waits until a moment; not at all if it is over.
    pub async fn sleep_until(&self, moment: Moment) {
        self.sleep(moment.since(self.now())).await;
    }

    /// Takes the time that hardware needs for a movement; while the hardware is paused, waits first until it is told to go on.
    pub async fn work(&self, duration: Duration) {
        self.life.alive().await;
        self.pace.turn(&self.life, duration).await;
        self.sleep(self.pace.stretch(duration)).await;
    }

    /// What a movement of this length takes at the current pace.
    pub fn work_time(&self, duration: Duration) -> Duration {
        self.pace.stretch(duration)
    }

    /// Waits for something, but no longer than `patience`.
    pub async fn within<F: Future>(
        &self,
        patience: Duration,
        wait: F,
    ) -> Result<F::Output, Elapsed> {
        self.life.alive().await;
        let outcome = tokio::time::timeout(patience, wait).await;
        self.life.alive().await;
        outcome.map_err(|_| Elapsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::Alarm;
    use persotwin_link::Machine;

    #[tokio::test(start_paused = true)]
    async fn work_follows_the_pace_and_waits_do_not() {
        let life = Life::first(Machine::D1, Alarm::default());
        let clock = Clock::new(life, Instant::now(), Pace::times(4.0));
        clock.work(Duration::from_secs(16)).await;
        assert_eq!(clock.now(), Moment::from_millis(4000));
        clock.sleep(Duration::from_secs(1)).await;
        assert_eq!(clock.now(), Moment::from_millis(5000));
    }

    #[test]
    fn moments_read_like_a_stop_watch() {
        assert_eq!(Moment::from_millis(24_107).to_string(), "0:24.107");
        assert_eq!(
            Moment::from_millis(3_600_000 + 61_002).to_string(),
            "1:01:01.002"
        );
    }
}
