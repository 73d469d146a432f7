//! How hardware moves: at which speed, and by itself or one movement at a time when somebody says so.
//!
//! ```text
//!              pause                         step(n): n movements, in the order in which they came
//! by itself ─────────▶ one at a time ◀───────────────┐
//!     ▲                  │        └──────────────────┘
//!     └────── resume ────┘
//! ```
//!
//! A movement that has begun when the hardware is paused goes on to its end, as mechanics do; the next one waits at its start. Only
//! movements wait: protocol waits run on, so whoever waits for a paused machine meets its own time-outs.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use persotwin_link::Machine;
use tokio::sync::Notify;

use crate::life::Life;

/// How the hardware of a world moves. Clones are handles on the same.
#[derive(Clone)]
pub struct Pace(Arc<Shared>);

struct Shared {
    /// 1000 is as it is, 2000 twice as fast.
    thousandths: AtomicU64,
    gate: Mutex<Gate>,
    changed: Notify,
}

#[derive(Default)]
struct Gate {
    going: Going,
    /// Movements that wait to be told, in the order in which they came.
    queue: BTreeMap<u64, Queued>,
    tickets: u64,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Going {
    #[default]
    ByItself,
    WhenTold {
        /// How many movements may still begin.
        permits: u32,
    },
}

struct Queued {
    life: Life,
    takes: Duration,
}

/// A movement that waits to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Whose it is.
    pub machine: Machine,
    /// How long it will take.
    pub takes: Duration,
}

/// Hardware that moves by itself takes no steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the hardware is not paused")]
pub struct NotPaused;

impl Default for Pace {
    fn default() -> Self {
        Self(Arc::new(Shared {
            thousandths: AtomicU64::new(1000),
            gate: Mutex::default(),
            changed: Notify::new(),
        }))
    }
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pace({} times)", self.factor())
    }
}

impl Pace {
    /// A world in which hardware is so many times as fast.
    pub fn times(factor: f64) -> Self {
        let pace = Self::default();
        pace.set(factor);
        pace
    }

    /// Changes it for every movement that begins from now on. A factor of zero or less counts as the slowest there is.
    pub fn set(&self, factor: f64) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to a small positive range"
        )]
        let thousandths = (factor * 1000.0).clamp(1.0, 1e9) as u64;
        self.0.thousandths.store(thousandths, Ordering::Relaxed);
    }

    /// How many times as fast as it is.
    pub fn factor(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "at most 1e9")]
        let thousandths = self.0.thousandths.load(Ordering::Relaxed) as f64;
        thousandths / 1000.0
    }

    pub(crate) fn stretch(&self, duration: Duration) -> Duration {
        let speed = u128::from(self.0.thousandths.load(Ordering::Relaxed));
        let millis = duration.as_millis() * 1000 / speed;
        Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
    }

    /// From now on movements wait to be told.
    pub fn pause(&self) {
        let mut gate = self.gate();
        if gate.going == Going::ByItself {
            gate.going = Going::WhenTold { permits: 0 };
        }
    }

    /// From now on movements begin by themselves again; those that waited begin at once.
    pub fn resume(&self) {
        self.gate().going = Going::ByItself;
        self.0.changed.notify_waiters();
    }

    /// The next movements, so many, may begin: those that wait now, or that come.
    ///
    /// # Errors
    /// [`NotPaused`].
    pub fn step(&self, movements: u32) -> Result<(), NotPaused> {
        match &mut self.gate().going {
            Going::ByItself => return Err(NotPaused),
            Going::WhenTold { permits } => *permits = permits.saturating_add(movements),
        }
        self.0.changed.notify_waiters();
        Ok(())
    }

    /// Whether movements wait to be told.
    pub fn is_paused(&self) -> bool {
        self.gate().going != Going::ByItself
    }

    /// The movements that wait to be told, in the order in which they will begin. Those that were told, and begin at this moment, do not.
    pub fn waiting(&self) -> Vec<Waiting> {
        let gate = self.gate();
        let told = match gate.going {
            Going::ByItself => usize::MAX,
            Going::WhenTold { permits } => usize::try_from(permits).unwrap_or(usize::MAX),
        };
        let queued = gate.queue.values().filter(|one| one.life.is_running());
        let queued = queued.skip(told);
        let waiting = queued.map(|one| Waiting {
            machine: one.life.machine().clone(),
            takes: self.stretch(one.takes),
        });
        waiting.collect()
    }

    /// Waits until a movement of this length may begin.
    pub(crate) async fn turn(&self, life: &Life, takes: Duration) {
        if !self.is_paused() {
            return;
        }
        let place = self.queue_up(life, takes);
        loop {
            let changed = self.0.changed.notified();
            if self.gate().admits(place.ticket) {
                return;
            }
            changed.await;
        }
    }

    fn queue_up(&self, life: &Life, takes: Duration) -> Place {
        let mut gate = self.gate();
        let ticket = gate.tickets;
        gate.tickets += 1;
        let life = life.clone();
        gate.queue.insert(ticket, Queued { life, takes });
        let pace = self.clone();
        Place { pace, ticket }
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.0.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate {
    /// Whether the movement with this ticket may begin; takes a permit if it needs one.
    fn admits(&mut self, ticket: u64) -> bool {
        let mut queue = self.queue.iter();
        // A machine without power queues for ever; it holds nobody up.
        let first = queue.find(|(_, queued)| queued.life.is_running());
        let is_first = first.is_some_and(|(first, _)| *first == ticket);
        match &mut self.going {
            Going::ByItself => true,
            Going::WhenTold { permits } if is_first && *permits > 0 => {
                *permits -= 1;
                true
            }
            Going::WhenTold { .. } => false,
        }
    }
}

/// A place in the queue, given up when the movement begins, or when the machine crashes.
struct Place {
    pace: Pace,
    ticket: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.pace.gate().queue.remove(&self.ticket);
        // The next one may be first now.
        self.pace.0.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::Alarm;
    use crate::clock::{Clock, Moment};
    use std::sync::atomic::AtomicUsize;
    use tokio::time::Instant;

    fn clock(pace: &Pace) -> (Life, Clock) {
        let life = Life::first(Machine::D1, Alarm::default());
        let clock = Clock::new(life.clone(), Instant::now(), pace.clone());
        (life, clock)
    }

    /// Three movements of a second each, one after the other, counted as they end.
    fn three_movements(life: &Life, clock: &Clock) -> Arc<AtomicUsize> {
        let done = Arc::new(AtomicUsize::new(0));
        let (clock, count) = (clock.clone(), done.clone());
        life.spawn(async move {
            for _ in 0..3 {
                clock.work(Duration::from_secs(1)).await;
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        done
    }

    #[tokio::test(start_paused = true)]
    async fn paused_hardware_moves_when_it_is_told() {
        let pace = Pace::default();
        let (life, clock) = clock(&pace);
        assert_eq!(pace.step(1), Err(NotPaused));
        pace.pause();
        let done = three_movements(&life, &clock);
        clock.sleep(Duration::from_secs(10)).await;
        assert_eq!(done.load(Ordering::Relaxed), 0);
        let waiting = Waiting {
            machine: Machine::D1,
            takes: Duration::from_secs(1),
        };
        assert_eq!(pace.waiting(), [waiting]);
        pace.step(2).unwrap();
        assert_eq!(pace.waiting(), [], "it was told to begin");
        clock.sleep(Duration::from_secs(10)).await;
        assert_eq!(done.load(Ordering::Relaxed), 2);
        pace.resume();
        clock.sleep(Duration::from_secs(10)).await;
        assert_eq!(done.load(Ordering::Relaxed), 3);
        assert_eq!(pace.waiting(), []);
        assert_eq!(clock.now(), Moment::from_millis(30_000));
    }

    #[tokio::test(start_paused = true)]
    async fn a_movement_under_way_comes_to_its_end() {
        let pace = Pace::default();
        let (life, clock) = clock(&pace);
        let done = three_movements(&life, &clock);
        clock.sleep(Duration::from_millis(500)).await;
        pace.pause();
        clock.sleep(Duration::from_secs(10)).await;
        assert_eq!(done.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn who_crashed_or_lost_power_holds_nobody_up() {
        let pace = Pace::default();
        let (frozen, first) = clock(&pace);
        let (crashed, second) = clock(&pace);
        let (life, third) = clock(&pace);
        pace.pause();
        let all = [(&frozen, &first), (&crashed, &second), (&life, &third)];
        let done: Vec<_> = all
            .iter()
            .map(|(life, clock)| three_movements(life, clock))
            .collect();
        third.sleep(Duration::from_secs(1)).await;
        frozen.freeze();
        crashed.crash().await;
        pace.step(1).unwrap();
        third.sleep(Duration::from_secs(10)).await;
        let done: Vec<_> = done
            .iter()
            .map(|done| done.load(Ordering::Relaxed))
            .collect();
        assert_eq!(done, [0, 0, 1]);
    }
}
