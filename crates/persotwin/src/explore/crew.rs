//! Several worlds at once, each in a thread with a runtime of its own.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::Scope;
use std::time::Instant;

use persotwin_explore::report::{Small, many};
use persotwin_explore::{Census, Ended, Finding, Seeds, Shard, Share, draw, live, shrink};
use persotwin_faults::Behaviour;
use persotwin_link::Span;
use tokio::sync::mpsc::UnboundedSender;

/// Who explores what, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crew<'a> {
    pub(crate) seeds: Seeds,
    pub(crate) shard: Shard,
    /// The variable of the environment that says which share it is.
    pub(crate) given_by: Option<&'static str>,
    pub(crate) behaviour: &'a [Behaviour],
    pub(crate) jobs: usize,
    pub(crate) time: Option<Span>,
}

/// What a worker has to tell.
#[derive(Debug)]
pub(crate) enum News {
    /// A world has lived.
    Lived(Box<World>),
    /// No world can live here.
    Failed(String),
}

/// A world that has lived.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) census: Census,
    pub(crate) events: usize,
    pub(crate) finding: Option<Finding>,
}

impl fmt::Display for Crew<'_> {
    /// "seeds 1..9, shard 1/2, for 1m, 2 worlds at once".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.share(0, Ended::Done))?;
        if let Some(name) = self.given_by {
            write!(f, " by {name}")?;
        }
        for behaviour in self.behaviour {
            write!(f, ", {behaviour}")?;
        }
        if let Some(time) = self.time {
            write!(f, ", for {time}")?;
        }
        let jobs = u64::try_from(self.jobs).unwrap_or(u64::MAX);
        write!(f, ", {} at once", many(jobs, "world"))
    }
}

impl<'a> Crew<'a> {
    /// How far it came.
    pub(crate) fn share(&self, lived: u64, ended: Ended) -> Share {
        Share {
            seeds: self.seeds,
            shard: self.shard,
            lived,
            ended,
        }
    }

    /// Begins with the first seeds; each worker goes on until the seeds are used up or it is told to stop.
    pub(crate) fn begin<'scope>(
        &self,
        scope: &'scope Scope<'scope, '_>,
        stop: &'scope AtomicBool,
        tell: &UnboundedSender<News>,
    ) where
        'a: 'scope,
    {
        let next = Arc::new(AtomicU64::new(0));
        for _ in 0..self.jobs {
            let (crew, next, tell) = (*self, Arc::clone(&next), tell.clone());
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some(seed) = crew.seeds.nth(crew.shard, n) else {
                        return;
                    };
                    if tell.send(world(seed, crew.behaviour)).is_err() {
                        return;
                    }
                }
            });
        }
    }

    /// Shrinks worlds, several at once, for as long again as the search was to take. Then, and when it is told to stop, each worker tells
    /// what it has come to and begins no other.
    pub(crate) fn shrink<'scope>(
        &self,
        scope: &'scope Scope<'scope, '_>,
        all: &'scope [(u64, Finding)],
        begun: Instant,
        stop: &'scope AtomicBool,
        tell: &UnboundedSender<Small>,
    ) where
        'a: 'scope,
    {
        let next = Arc::new(AtomicUsize::new(0));
        for _ in 0..self.jobs.min(all.len()) {
            let (crew, next, tell) = (*self, Arc::clone(&next), tell.clone());
            scope.spawn(move || {
                while let Some((seed, finding)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let is_time = || {
                        crew.time
                            .is_none_or(|time| begun.elapsed() < 2 * time.get())
                    };
                    let go_on = || !stop.load(Ordering::Relaxed) && is_time();
                    let draft = draw(*seed, crew.behaviour);
                    let shrunk = shrink(&draft, &finding.wrong, &go_on);
                    if tell.send(Small::new(*seed, finding, &shrunk)).is_err() || !go_on() {
                        return;
                    }
                }
            });
        }
    }
}

fn world(seed: u64, behaviour: &[Behaviour]) -> News {
    match live(&draw(seed, behaviour)) {
        Ok(lived) => News::Lived(Box::new(World {
            seed,
            census: Census::of(&lived),
            events: lived.events(),
            finding: lived.finding,
        })),
        Err(error) => News::Failed(error.to_string()),
    }
}
