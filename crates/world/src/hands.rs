//! What can be done to a running world from outside: faults on the wire, crashes, power cuts, starts.
//!
//! Whoever directs a story follows the journal or lets time pass, and acts. A machine that is crashed when an event is seen gets no
//! further than the next seam after it.

use std::sync::Arc;

use std::time::Duration;

use jiff::SignedDuration;
use persotwin_faults::FaultId;
use persotwin_kernel::event::Disturbance;
use persotwin_kernel::{Clock, Event, Life, Reader, Record, Skew, Spared, Store};
use persotwin_link::Machine;
use persotwin_wire::{Grip, Ground, Seat, Trap};
use tokio::sync::Mutex;

/// Why nothing can be done to a machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no machine of this world")]
pub struct NoSuchMachine(pub Machine);

/// Why no entry of a machine was torn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untorn {
    /// There is no such machine.
    #[error(transparent)]
    NoSuchMachine(#[from] NoSuchMachine),
    /// Somebody would not have it any more.
    #[error(transparent)]
    Spared(#[from] Spared),
}

/// The hands on a running world. Clones are hands on the same one.
#[derive(Debug, Clone)]
pub struct Hands {
    ground: Ground,
    clock: Clock,
    seats: Arc<[Place]>,
}

/// A seat, one hand at a time, and what stays readable meanwhile.
#[derive(Debug)]
struct Place {
    machine: Machine,
    store: Store,
    grip: Grip,
    skew: Skew,
    seat: Mutex<Seat>,
}

impl Hands {
    pub(crate) fn new(ground: &Ground, seats: Vec<Seat>) -> Self {
        let clock = ground.host(Machine::World).clock;
        let place = |seat: Seat| Place {
            machine: seat.machine().clone(),
            store: seat.store().clone(),
            grip: seat.grip(),
            skew: seat.skew().clone(),
            seat: Mutex::new(seat),
        };
        Self {
            ground: ground.clone(),
            clock,
            seats: seats.into_iter().map(place).collect(),
        }
    }

    /// Every machine that can be crashed and started, in the order in which they were started first.
    pub fn machines(&self) -> impl Iterator<Item = &Machine> {
        self.seats.iter().map(|place| &place.machine)
    }

    /// The world's time.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// A reader of the journal from its first record.
    pub fn reader(&self) -> Reader {
        self.ground.journal().reader()
    }

    /// Waits until something stands in the journal, from its first record on.
    pub async fn seen(&self, is_it: impl Fn(&Event) -> bool) -> Arc<Record> {
        let mut reader = self.reader();
        loop {
            let record = reader.next().await;
            if is_it(&record.event) {
                return record;
            }
        }
    }

    /// Lets a fault wait for its messages.
    pub fn arm(&self, trap: impl Into<Trap>) {
        self.ground.net().arm(trap);
    }

    /// Whether something waits for messages by this name.
    pub(crate) fn is_armed(&self, id: &FaultId) -> bool {
        self.ground.net().is_armed(id)
    }

    /// Takes away what waits for messages by this name.
    pub(crate) fn disarm(&self, id: &FaultId) {
        self.ground.net().disarm(id);
    }

    /// Takes away all that waits for messages.
    pub(crate) fn disarm_all(&self) {
        self.ground.net().disarm_all();
    }

    /// Whether a machine is one of this world's own.
    pub(crate) fn has(&self, machine: &Machine) -> bool {
        self.place(machine).is_ok()
    }

    /// The present life of a machine, for whoever must strike it on the spot.
    pub(crate) fn life(&self, machine: &Machine) -> Option<Life> {
        self.place(machine).ok()?.grip.life()
    }

    /// How far a machine's clock is ahead.
    pub(crate) fn clock_of(&self, machine: &Machine) -> Option<SignedDuration> {
        Some(self.place(machine).ok()?.skew.get())
    }

    /// Starts a machine with its next life; one that is up is crashed first.
    ///
    /// # Errors
    /// [`NoSuchMachine`].
    pub async fn start(&self, machine: &Machine) -> Result<(), NoSuchMachine> {
        self.seat(machine)?.lock().await.start().await;
        Ok(())
    }

    /// Crashes a machine: its memory is gone, calls to it are refused until it is started.
    ///
    /// # Errors
    /// [`NoSuchMachine`].
    pub async fn crash(&self, machine: &Machine) -> Result<(), NoSuchMachine> {
        self.seat(machine)?.lock().await.crash().await;
        Ok(())
    }

    /// Cuts a machine's power: it is silent until it is started.
    ///
    /// # Errors
    /// [`NoSuchMachine`].
    pub async fn cut_power(&self, machine: &Machine) -> Result<(), NoSuchMachine> {
        self.seat(machine)?.lock().await.cut_power().await;
        Ok(())
    }

    /// Sets a machine's wall clock: from now on it is so far ahead of the world's; negative for behind.
    ///
    /// # Errors
    /// [`NoSuchMachine`].
    pub fn set_clock(&self, machine: &Machine, ahead: SignedDuration) -> Result<(), NoSuchMachine> {
        self.place(machine)?.skew.set(ahead);
        Ok(())
    }

    /// A machine's ledger is full: it takes nothing more until there is [room](Self::make_room).
    ///
    /// # Errors
    /// [`NoSuchMachine`].
    pub fn fill_ledger(&self, machine: &Machine) -> Result<(), NoSuchMachine> {
        self.place(machine)?.store.fill();
        Ok(())
    }

    /// A machine's ledger takes entries again.
    ///
    /// # Errors
    /// [`NoSuchMachine`].
    pub fn make_room(&self, machine: &Machine) -> Result<(), NoSuchMachine> {
        self.place(machine)?.store.make_room();
        Ok(())
    }

    /// How many entries a machine's ledger holds.
    ///
    /// # Errors
    /// [`NoSuchMachine`].
    pub fn entries(&self, machine: &Machine) -> Result<usize, NoSuchMachine> {
        Ok(self.place(machine)?.store.entries().len())
    }

    /// Crashes a machine in the middle of the next entry that it writes down. Returns when that has happened.
    ///
    /// # Errors
    /// [`Untorn`].
    pub async fn tear_next_entry(&self, machine: &Machine) -> Result<(), Untorn> {
        let place = self.place(machine)?;
        place.store.tear_next().await?;
        place.seat.lock().await.crash().await;
        Ok(())
    }

    /// The next entry of a machine stays whole after all: nobody [waits](Self::tear_next_entry) to crash it any more.
    ///
    /// # Errors
    /// [`NoSuchMachine`].
    pub fn spare_next_entry(&self, machine: &Machine) -> Result<(), NoSuchMachine> {
        self.place(machine)?.store.spare_next();
        Ok(())
    }

    /// Starts a machine on a copy of its ledger that lost the last so much: a failover. Returns how many entries are gone.
    ///
    /// # Errors
    /// [`NoSuchMachine`].
    pub async fn fail_over(
        &self,
        machine: &Machine,
        lost: Duration,
    ) -> Result<usize, NoSuchMachine> {
        let place = self.place(machine)?;
        let mut seat = place.seat.lock().await;
        seat.crash().await;
        let entries = place.store.lose_last(self.clock.outside(lost));
        let failed_over = Disturbance::FailedOver {
            of: machine.clone(),
            lost_ms: u64::try_from(lost.as_millis()).unwrap_or(u64::MAX),
        };
        let pen = self.ground.host(Machine::World).pen;
        pen.write(Event::Disturbance(failed_over)).await;
        seat.start().await;
        Ok(entries)
    }

    /// Every machine's ledger.
    pub(crate) fn ledgers(&self) -> impl Iterator<Item = (&Machine, &Store)> {
        self.seats
            .iter()
            .map(|place| (&place.machine, &place.store))
    }

    /// Starts every machine.
    pub(crate) async fn start_all(&self) {
        for place in self.seats.iter() {
            place.seat.lock().await.start().await;
        }
    }

    /// Starts every machine that was crashed or lost its power.
    pub(crate) async fn start_what_is_down(&self) {
        for place in self.seats.iter() {
            start_if_down(place).await;
        }
    }

    /// Starts a machine unless it is up.
    pub(crate) async fn start_if_down(&self, machine: &Machine) {
        if let Ok(place) = self.place(machine) {
            start_if_down(place).await;
        }
    }

    fn seat(&self, machine: &Machine) -> Result<&Mutex<Seat>, NoSuchMachine> {
        Ok(&self.place(machine)?.seat)
    }

    fn place(&self, machine: &Machine) -> Result<&Place, NoSuchMachine> {
        let place = self.seats.iter().find(|place| place.machine == *machine);
        place.ok_or_else(|| NoSuchMachine(machine.clone()))
    }
}

async fn start_if_down(place: &Place) {
    let mut seat = place.seat.lock().await;
    if !seat.life().is_some_and(|life| life.is_running()) {
        seat.start().await;
    }
}
