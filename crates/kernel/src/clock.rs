//! Monotonic time, of two kinds: protocol waits, and the movements of hardware.

use std::fmt;
use std::future::Future;
use std::ops::Add;
use std::str::FromStr;
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

/// How many times as fast as real the time of a world passes: all of it, hardware and protocol waits alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeScale {
    thousandths: u32,
}

/// A number that is no time scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time scale is a number from 1 to 1000")]
pub struct NotATimeScale;

impl TimeScale {
    /// As fast as real.
    pub const REAL: Self = Self { thousandths: 1000 };

    /// How many times.
    pub fn times(self) -> f64 {
        f64::from(self.thousandths) / 1000.0
    }

    /// How long something of the world takes outside of it.
    pub fn outside(self, duration: Duration) -> Duration {
        match self {
            Self::REAL => duration,
            Self { thousandths } => duration.saturating_mul(1000) / thousandths,
        }
    }

    /// How long something outside takes in the world.
    fn inside(self, duration: Duration) -> Duration {
        match self {
            Self::REAL => duration,
            Self { thousandths } => duration.saturating_mul(thousandths) / 1000,
        }
    }
}

impl TryFrom<f64> for TimeScale {
    type Error = NotATimeScale;

    fn try_from(times: f64) -> Result<Self, NotATimeScale> {
        if !(1.0..=1000.0).contains(&times) {
            return Err(NotATimeScale);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within a small positive range"
        )]
        let thousandths = (times * 1000.0) as u32;
        Ok(Self { thousandths })
    }
}

impl FromStr for TimeScale {
    type Err = NotATimeScale;

    fn from_str(text: &str) -> Result<Self, NotATimeScale> {
        let times: f64 = text.parse().map_err(|_| NotATimeScale)?;
        times.try_into()
    }
}

impl fmt::Display for TimeScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.times())
    }
}

/// A machine's monotonic time.
#[derive(Debug, Clone)]
pub struct Clock {
    life: Life,
    epoch: Instant,
    pace: Pace,
    scale: TimeScale,
}

/// The time that was allowed is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the time is over")]
pub struct Elapsed;

impl Clock {
    /// A clock of a world that started at `epoch`.
    pub fn new(life: Life, epoch: Instant, pace: Pace) -> Self {
        let scale = TimeScale::REAL;
        Self {
            life,
            epoch,
            pace,
            scale,
        }
    }

    /// The same clock in a world whose time passes otherwise.
    #[must_use]
    pub fn at_scale(self, scale: TimeScale) -> Self {
        Self { scale, ..self }
    }

    /// The same clock with hardware at another pace.
    #[must_use]
    pub fn at_pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
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
        self.moment_of(self.elapsed())
    }

    /// How long the world has been there, as people outside count.
    pub(crate) fn elapsed(&self) -> Duration {
        self.epoch.elapsed()
    }

    pub(crate) fn moment_of(&self, elapsed: Duration) -> Moment {
        Moment::START + self.scale.inside(elapsed)
    }

    /// How long a time of this world takes outside of it.
    pub fn outside(&self, duration: Duration) -> Duration {
        self.scale.outside(duration)
    }

    /// When the world started.
    pub fn epoch(&self) -> Instant {
        self.epoch
    }

    /// Waits, as a protocol waits.
    pub async fn sleep(&self, duration: Duration) {
        self.life.alive().await;
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        tokio::time::sleep(self.scale.outside(duration)).await;
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
        let outcome = tokio::time::timeout(self.scale.outside(patience), wait).await;
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

    #[tokio::test(start_paused = true)]
    async fn at_a_scale_everything_is_shorter_outside_and_as_ever_inside() {
        let life = Life::first(Machine::D1, Alarm::default());
        let begun = Instant::now();
        let clock = Clock::new(life, begun, Pace::times(4.0)).at_scale("50".parse().unwrap());
        clock.work(Duration::from_secs(16)).await;
        clock.sleep(Duration::from_secs(100)).await;
        let never = std::future::pending::<()>();
        assert!(clock.within(Duration::from_secs(46), never).await.is_err());
        assert_eq!(clock.now(), Moment::from_millis(150_000));
        assert_eq!(begun.elapsed(), Duration::from_secs(3));
        clock.sleep_until(Moment::from_millis(200_000)).await;
        assert_eq!(begun.elapsed(), Duration::from_secs(4));
    }

    #[test]
    fn a_time_scale_is_a_number_from_1_to_1000() {
        for (text, times) in [("1", 1.0), ("2.5", 2.5), ("1000", 1000.0)] {
            let scale: TimeScale = text.parse().unwrap();
            assert_eq!((scale.times(), scale.to_string()), (times, text.to_owned()));
        }
        for text in ["0", "0.5", "-3", "1001", "NaN", "inf", "fast", ""] {
            assert_eq!(text.parse::<TimeScale>(), Err(NotATimeScale), "{text}");
        }
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
