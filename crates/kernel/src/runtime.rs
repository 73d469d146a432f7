//! Running a world in virtual time: one thread, a paused clock, and bounds so that nothing hangs.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::alarm::{Alarm, Trouble};

/// Bounds of a run.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How much virtual time a story may take.
    pub horizon: Duration,
    /// Whether it may open sockets.
    pub sockets: Sockets,
}

/// Whether a run may open sockets: a runtime that watches for them asks the operating system whenever nobody has anything to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sockets {
    /// It may.
    Open,
    /// All that it says travels in memory.
    None,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            horizon: Duration::from_hours(48),
            sockets: Sockets::Open,
        }
    }
}

/// How a run ended.
#[derive(Debug)]
pub enum Ending<T> {
    /// As it should.
    Told(T),
    /// The horizon came first.
    Horizon,
    /// The twin itself failed.
    Trouble(Trouble),
}

/// Runs a story to its end in a current-thread runtime of its own, whose clock is paused from the first moment.
///
/// The story is handed the alarm of its world. Whatever comes first ends the run: the story's end, the horizon, the alarm.
pub fn run_virtual<T, F, S>(limits: Limits, story: S) -> std::io::Result<Ending<T>>
where
    F: Future<Output = T>,
    S: FnOnce(Alarm) -> F,
{
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true);
    if limits.sockets == Sockets::Open {
        runtime.enable_io();
    }
    let runtime = runtime.build()?;
    let alarm = Alarm::default();
    Ok(runtime.block_on(async {
        let story = pin!(tokio::time::timeout(limits.horizon, story(alarm.clone())));
        match select(pin!(alarm.wait()), story).await {
            Either::Left((trouble, _)) => Ending::Trouble(trouble),
            Either::Right((told, _)) => match (told, alarm.trouble()) {
                (_, Some(trouble)) => Ending::Trouble(trouble),
                (Ok(told), None) => Ending::Told(told),
                (Err(_), None) => Ending::Horizon,
            },
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Life;
    use persotwin_link::Machine;

    #[test]
    fn a_story_that_never_ends_meets_the_horizon() {
        let ending = run_virtual(Limits::default(), |_| std::future::pending::<()>()).unwrap();
        assert!(matches!(ending, Ending::Horizon));
    }

    #[test]
    fn a_story_that_spins_meets_the_bound() {
        let spin = |alarm| async move {
            let life = Life::bounded(Machine::Agent("KIOSK-PS-101".parse().unwrap()), alarm, 1000);
            let own = life.clone();
            life.spawn(async move {
                loop {
                    own.alive().await;
                }
            });
            std::future::pending::<()>().await;
        };
        let Ending::Trouble(trouble) = run_virtual(Limits::default(), spin).unwrap() else {
            panic!("a spinning world must not end well")
        };
        assert_eq!(
            trouble.to_string(),
            "agent/KIOSK-PS-101 spins: more than 1000 events in one instant"
        );
    }

    #[test]
    fn hours_pass_in_no_time() {
        let ending = run_virtual(Limits::default(), |_| async {
            #[expect(clippy::disallowed_methods, reason = "the clock itself is under test")]
            tokio::time::sleep(Duration::from_hours(20)).await;
            42
        });
        assert!(matches!(ending.unwrap(), Ending::Told(42)));
    }
}
