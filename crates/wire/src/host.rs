//! The one value that a machine is handed, and the seat from which it is started, crashed and cut off.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use persotwin_kernel::event::Disturbance;
use persotwin_kernel::{
    Alarm, Calendar, Chance, Clock, Event, Journal, Ledger, Life, Pace, Pen, Skew, Store,
    TimeScale, Trouble,
};
use persotwin_link::{Latencies, Machine};
use tokio::time::Instant;

use crate::io::Medium;
use crate::net::{Net, Parts, Wire};
use crate::tap::Tap;

/// All that a machine has from outside.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its tasks.
    pub life: Life,
    /// Its monotonic time.
    pub clock: Clock,
    /// Its wall time.
    pub calendar: Calendar,
    /// Its share of the run's chance.
    pub chance: Chance,
    /// Its handle on the net.
    pub wire: Wire,
    /// What its earlier lives wrote down.
    pub ledger: Ledger,
    /// What it writes the journal with.
    pub pen: Pen,
}

impl Host {
    /// Something outside failed that no machine can meet in a story (a port, a disk): the run ends.
    pub async fn give_up(&self, error: &(dyn std::error::Error + Sync)) {
        let cause = error
            .source()
            .map(|cause| format!(": {cause}"))
            .unwrap_or_default();
        self.life
            .alarm()
            .raise(Trouble::Outside(format!("{error}{cause}")));
        std::future::pending::<()>().await;
    }
}

/// What all machines of a world stand on.
#[derive(Debug, Clone)]
pub struct Ground {
    life: Life,
    clock: Clock,
    chance: Chance,
    journal: Journal,
    starts: Timestamp,
    net: Net,
}

impl Ground {
    /// A world that starts now, at this instant of its calendar. Must be called inside a runtime.
    pub fn new(
        alarm: Alarm,
        journal: Journal,
        seed: u64,
        medium: Medium,
        latencies: Latencies,
        tap: Option<Tap>,
    ) -> Self {
        let starts = journal.starts();
        let life = Life::first(Machine::World, alarm);
        let epoch = Instant::now();
        let scale = match medium {
            Medium::RealTime(scale) => scale,
            Medium::Loopback(_) | Medium::InProcess => TimeScale::REAL,
        };
        let clock = Clock::new(life.clone(), epoch, Pace::default()).at_scale(scale);
        let chance = Chance::new(seed);
        let parts = Parts {
            medium,
            latencies,
            life: life.clone(),
            clock: clock.clone(),
            calendar: Calendar::new(starts, epoch, Skew::default()),
            chance: chance.of("net"),
            pen: journal.pen(life.clone(), clock.clone()),
            tap,
        };
        let net = Net::new(parts);
        Self {
            life,
            clock,
            chance,
            journal,
            starts,
            net,
        }
    }

    /// The same ground with hardware at another pace.
    #[must_use]
    pub fn at_pace(self, pace: Pace) -> Self {
        let clock = self.clock.clone().at_pace(pace);
        Self { clock, ..self }
    }

    /// The net.
    pub fn net(&self) -> &Net {
        &self.net
    }

    /// The journal.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The life of the world itself.
    pub fn life(&self) -> &Life {
        &self.life
    }

    /// A host for somebody who never crashes: customers, staff, the control face.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "most callers name the machine on the spot"
    )]
    pub fn host(&self, machine: Machine) -> Host {
        self.host_with(&machine, Store::default(), Skew::default())
    }

    fn host_with(&self, machine: &Machine, store: Store, skew: Skew) -> Host {
        let life = self.life.beside(machine.clone());
        let clock = self.clock.of(life.clone());
        let calendar = Calendar::new(self.starts, self.clock.epoch(), skew);
        Host {
            chance: self.chance.of(machine),
            wire: self.net.wire(life.clone(), clock.clone(), calendar.clone()),
            ledger: Ledger::new(life.clone(), store),
            pen: self.journal.pen(life.clone(), clock.clone()),
            life,
            clock,
            calendar,
        }
    }
}

type Main = Arc<dyn Fn(Host) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// The place of a machine in a world: what stays when it crashes.
pub struct Seat {
    ground: Ground,
    machine: Machine,
    store: Store,
    skew: Skew,
    main: Main,
    life: Grip,
    lives: u32,
}

/// A hold on whatever life a machine has: what must be done to it on the spot, by whoever cannot wait for its seat.
#[derive(Debug, Clone, Default)]
pub struct Grip(Arc<Mutex<Option<Life>>>);

impl Grip {
    /// The present life, if there is one.
    pub fn life(&self) -> Option<Life> {
        self.held().clone()
    }

    fn held(&self) -> MutexGuard<'_, Option<Life>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Seat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Seat({}, life {})", self.machine, self.lives)
    }
}

impl Seat {
    /// A seat for a machine, which is not started yet. `main` is called again with the next life after every crash.
    pub fn new<F>(
        ground: &Ground,
        machine: Machine,
        main: impl Fn(Host) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self {
            ground: ground.clone(),
            machine,
            store: Store::default(),
            skew: Skew::default(),
            main: Arc::new(move |host| Box::pin(main(host))),
            life: Grip::default(),
            lives: 0,
        }
    }

    /// The machine's calendar is so far ahead of the world's.
    #[must_use]
    pub fn ahead_by(self, offset: SignedDuration) -> Self {
        self.skew.set(offset);
        self
    }

    /// The machine finds these entries in its ledger.
    #[must_use]
    pub fn with_store(self, store: Store) -> Self {
        Self { store, ..self }
    }

    /// The bytes of its ledger.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What is wrong with its calendar, to be changed while it runs.
    pub fn skew(&self) -> &Skew {
        &self.skew
    }

    /// Its present life, if it has one.
    pub fn life(&self) -> Option<Life> {
        self.life.life()
    }

    /// A hold on its lives, this one and the next.
    pub fn grip(&self) -> Grip {
        self.life.clone()
    }

    /// Which machine sits here.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Starts the machine with its next life. A machine that is still up is crashed first.
    pub async fn start(&mut self) {
        let former = self.life.held().take();
        if let Some(life) = former {
            life.crash().await;
        }
        self.lives += 1;
        let host = self
            .ground
            .host_with(&self.machine, self.store.clone(), self.skew.clone());
        let life = host.life.clone();
        self.note(Disturbance::Start {
            of: self.machine.clone(),
            life: self.lives,
        })
        .await;
        life.spawn((self.main)(host));
        *self.life.held() = Some(life);
    }

    /// Crashes the machine: its memory is gone, its connections are closed, calls are refused.
    pub async fn crash(&mut self) {
        let life = self.life.held().take();
        if let Some(life) = life {
            life.strike();
            self.note(Disturbance::Crash {
                of: self.machine.clone(),
            })
            .await;
            life.crash().await;
        }
    }

    /// Cuts the machine's power: it does nothing any more, and its sockets stay open and silent until it starts again.
    pub async fn cut_power(&mut self) {
        if let Some(life) = self.life.life() {
            life.freeze();
            self.ground.net.put_to_sleep(&life);
            self.note(Disturbance::PowerCut {
                of: self.machine.clone(),
            })
            .await;
        }
    }

    async fn note(&self, disturbance: Disturbance) {
        let pen = self
            .ground
            .journal
            .pen(self.ground.life.clone(), self.ground.clock.clone());
        pen.write(Event::Disturbance(disturbance)).await;
    }
}
