//! One start of a machine: the owner of all its tasks.
//!
//! ```text
//!            strike / crash                 crash
//! Running ────────────────────► Ended ◄──────────────── Frozen
//!    └──────────────── freeze (power cut) ─────────────────▲
//! ```
//!
//! *Running*: tasks are polled. *Ended* (a crash): no task is polled again; [`Life::crash`] drops them all, and with them their
//! sockets. *Frozen* (no power): no task is polled either, but everything they hold stays open and silent, so that callers run into
//! their own time-outs. In both cases every seam parks for ever, even in the very task that caused it.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use futures_util::FutureExt;
use persotwin_link::Machine;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::alarm::{Alarm, Trouble};

/// Events that one instant may hold before the world counts as spinning. The busiest honest instant of a thousand orders holds some
/// ten thousand.
const EVENTS_PER_INSTANT: u32 = 2_000_000;

/// Which life, unique in a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LifeId(u64);

/// The tasks of one start of a machine, and whether they still run.
#[derive(Debug, Clone)]
pub struct Life(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    id: LifeId,
    machine: Machine,
    state: AtomicU8,
    tasks: Mutex<JoinSet<()>>,
    over: Notify,
    pulse: Arc<Pulse>,
    alarm: Alarm,
}

const RUNNING: u8 = 0;
const FROZEN: u8 = 1;
const ENDED: u8 = 2;

/// Counts events per instant; shared by all lives of a world.
#[derive(Debug)]
struct Pulse {
    epoch: Instant,
    instant: AtomicU64,
    events: AtomicU32,
    bound: u32,
}

impl Pulse {
    fn beats_too_fast(&self) -> bool {
        let now = u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX);
        if self.instant.swap(now, Ordering::Relaxed) != now {
            self.events.store(0, Ordering::Relaxed);
        }
        self.events.fetch_add(1, Ordering::Relaxed) >= self.bound
    }
}

impl Life {
    /// The first life of a world; the others are made [`Life::beside`] it. Must be called inside a runtime.
    pub fn first(machine: Machine, alarm: Alarm) -> Self {
        Self::bounded(machine, alarm, EVENTS_PER_INSTANT)
    }

    /// As [`Life::first`], with another bound on events per instant.
    pub fn bounded(machine: Machine, alarm: Alarm, bound: u32) -> Self {
        let pulse = Pulse {
            epoch: Instant::now(),
            instant: AtomicU64::new(0),
            events: AtomicU32::new(0),
            bound,
        };
        Self::new(machine, alarm, Arc::new(pulse))
    }

    /// A new life in the same world.
    pub fn beside(&self, machine: Machine) -> Self {
        Self::new(machine, self.0.alarm.clone(), Arc::clone(&self.0.pulse))
    }

    fn new(machine: Machine, alarm: Alarm, pulse: Arc<Pulse>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(Arc::new(Shared {
            id: LifeId(NEXT.fetch_add(1, Ordering::Relaxed)),
            machine,
            state: AtomicU8::new(RUNNING),
            tasks: Mutex::new(JoinSet::new()),
            over: Notify::new(),
            pulse,
            alarm,
        }))
    }

    /// Which life this is.
    pub fn id(&self) -> LifeId {
        self.0.id
    }

    /// Whose life it is.
    pub fn machine(&self) -> &Machine {
        &self.0.machine
    }

    /// The alarm of the world.
    pub fn alarm(&self) -> &Alarm {
        &self.0.alarm
    }

    /// Whether tasks still run.
    pub fn is_running(&self) -> bool {
        self.0.state.load(Ordering::Relaxed) == RUNNING
    }

    /// Starts a task that runs no longer than this life. A panic in it rings the alarm.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if self.is_running() {
            self.keep(Box::pin(task));
        }
    }

    /// In a box, because a runtime moves its tasks from place to place, and some of ours hold many kilobytes.
    fn keep(&self, task: Pin<Box<dyn Future<Output = ()> + Send>>) {
        let life = self.clone();
        let mortal = async move {
            let mut task = AssertUnwindSafe(task).catch_unwind();
            let outcome = poll_fn(|cx| {
                if life.is_running() {
                    task.poll_unpin(cx)
                } else {
                    Poll::Pending
                }
            });
            if let Err(panic) = outcome.await {
                let machine = life.machine().clone();
                life.alarm().raise(Trouble::Panic {
                    machine,
                    message: text_of(panic.as_ref()),
                });
            }
        };
        let mut tasks = self.tasks();
        while tasks.try_join_next().is_some() {}
        tasks.spawn(mortal);
    }

    /// The seam: goes on at once while the life runs, parks for ever when it does not.
    pub async fn alive(&self) {
        if self.is_running() && self.0.pulse.beats_too_fast() {
            let machine = self.machine().clone();
            self.alarm().raise(Trouble::Spin {
                machine,
                bound: self.0.pulse.bound,
            });
            std::future::pending::<()>().await;
        }
        if !self.is_running() {
            std::future::pending::<()>().await;
        }
    }

    /// Ends the life on the spot, even from one of its own tasks; somebody outside still has to [`Life::crash`] it.
    pub fn strike(&self) {
        self.0.state.store(ENDED, Ordering::Relaxed);
        self.0.over.notify_waiters();
        self.0.over.notify_one();
    }

    /// Waits until somebody strikes.
    pub async fn struck(&self) {
        loop {
            let over = self.0.over.notified();
            if self.0.state.load(Ordering::Relaxed) == ENDED {
                return;
            }
            over.await;
        }
    }

    /// Takes the power away: nothing runs, nothing is closed.
    pub fn freeze(&self) {
        let _ =
            self.0
                .state
                .compare_exchange(RUNNING, FROZEN, Ordering::Relaxed, Ordering::Relaxed);
        self.0.over.notify_waiters();
    }

    /// Waits until no task of it runs any more, for whatever reason: for what must notice from outside, like hardware whose
    /// electronics stop.
    pub async fn over(&self) {
        loop {
            let over = self.0.over.notified();
            if !self.is_running() {
                return;
            }
            over.await;
        }
    }

    /// Ends the life and drops all its tasks before it returns. Must not be called from a task of this life.
    pub async fn crash(&self) {
        self.strike();
        let mut tasks = std::mem::take(&mut *self.tasks());
        tasks.abort_all();
        while tasks.join_next().await.is_some() {}
    }

    fn tasks(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    fn life() -> Life {
        Life::first(Machine::D1, Alarm::default())
    }

    #[tokio::test(start_paused = true)]
    async fn a_crash_drops_what_tasks_hold() {
        let life = life();
        let held = Arc::new(());
        let in_task = Arc::clone(&held);
        life.spawn(async move {
            let _held = in_task;
            std::future::pending::<()>().await;
        });
        tokio::task::yield_now().await;
        assert_eq!(Arc::strong_count(&held), 2);
        life.crash().await;
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_strikes_its_own_life_gets_no_further_than_the_next_seam() {
        let life = life();
        let passed = Arc::new(AtomicBool::new(false));
        let (own, seen) = (life.clone(), Arc::clone(&passed));
        life.spawn(async move {
            own.strike();
            own.alive().await;
            seen.store(true, Ordering::Relaxed);
        });
        life.struck().await;
        life.crash().await;
        assert!(!passed.load(Ordering::Relaxed));
    }

    #[tokio::test(start_paused = true)]
    async fn a_frozen_life_holds_what_it_has() {
        let life = life();
        let held = Arc::new(());
        let in_task = Arc::clone(&held);
        life.spawn(async move {
            let _held = in_task;
            tokio::task::yield_now().await;
            panic!("ran without power");
        });
        life.freeze();
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        assert_eq!(Arc::strong_count(&held), 2);
        assert_eq!(life.alarm().trouble(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_watches_notices_a_crash_and_a_power_cut() {
        for stop in [Life::strike as fn(&Life), Life::freeze] {
            let watched = life();
            let watcher = watched.beside(Machine::World);
            let (own, seen) = (watched.clone(), Arc::new(AtomicBool::new(false)));
            let in_task = Arc::clone(&seen);
            watcher.spawn(async move {
                own.over().await;
                in_task.store(true, Ordering::Relaxed);
            });
            tokio::task::yield_now().await;
            assert!(!seen.load(Ordering::Relaxed));
            stop(&watched);
            tokio::task::yield_now().await;
            assert!(seen.load(Ordering::Relaxed));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_rings_the_alarm() {
        let life = life();
        life.spawn(async { panic!("out of cheese") });
        let trouble = life.alarm().wait().await;
        assert_eq!(
            trouble,
            Trouble::Panic {
                machine: Machine::D1,
                message: "out of cheese".into()
            }
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_world_that_spins_rings_the_alarm() {
        let life = Life::bounded(Machine::Issuer, Alarm::default(), 100);
        let spinner = life.clone();
        life.spawn(async move {
            loop {
                spinner.alive().await;
            }
        });
        assert_eq!(
            life.alarm().wait().await,
            Trouble::Spin {
                machine: Machine::Issuer,
                bound: 100
            }
        );
    }
}
