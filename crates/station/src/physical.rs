//! The handle on what survives: plastic, steel, and what people do at the machine.
//!
//! Each change happens at one instant, and what happened goes into the journal at that instant, in the station's name: truth does not
//! depend on whether the electronics have power. So the handle writes with a host that never crashes, and not with a machine's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use persotwin_chip::Profile;
use persotwin_contract::ids::{OperationId, PersoStation};
use persotwin_faults::Protections;
use persotwin_kernel::Life;
use persotwin_link::device::PrinterStatus;
use persotwin_link::setup::Station;
use persotwin_link::stock::{Ribbon, StockName};
use persotwin_link::{CustomerName, Place, Serial};
use persotwin_printer::people::{NoSuchHopper, NothingThere};
use persotwin_printer::{Blank, CannotMend, Census, Printer, Repair, Trouble, TroubleId, Unfit};
use persotwin_wire::Host;
use tokio::sync::Notify;

use crate::plant::Plant;

/// A station's hardware and every blank that was ever loaded into it. Clones are handles on the same.
#[derive(Debug, Clone)]
pub struct Physical(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    station: Station,
    host: Host,
    plant: Mutex<Plant>,
    /// Held while something changes and is written down, so that the journal has the order of events.
    turn: tokio::sync::Mutex<()>,
    changed: Notify,
}

/// Whose card somebody waits for at the exit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Whichever comes.
    Any,
    /// The card of this job.
    Job(OperationId),
}

/// A card that lies in the exit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardAtExit {
    /// Which.
    pub serial: Serial,
    /// The job that picked it.
    pub job: Option<OperationId>,
}

impl Wanted {
    fn fits(&self, card: &CardAtExit) -> bool {
        match self {
            Self::Any => true,
            Self::Job(job) => card.job.as_ref() == Some(job),
        }
    }
}

impl Physical {
    /// Builds and loads a station with blanks whose chips are of these kinds, by stock. `host` must be one that never crashes, of the station's own name:
    /// `ground.host(Machine::Station(id))`.
    pub fn new(
        station: Station,
        chips: BTreeMap<StockName, Profile>,
        protections: &Protections,
        host: Host,
    ) -> Self {
        let plant = Plant::new(&station, chips, protections, host.chance.clone());
        Self(Arc::new(Shared {
            station,
            host,
            plant: Mutex::new(plant),
            turn: tokio::sync::Mutex::default(),
            changed: Notify::new(),
        }))
    }

    /// Which station it is.
    pub fn id(&self) -> &PersoStation {
        &self.0.station.id
    }

    /// What it was built from.
    pub fn station(&self) -> &Station {
        &self.0.station
    }

    /// Waits until a card lies in the exit, and nobody has taken it yet.
    pub async fn card_at_exit(&self, wanted: &Wanted) -> CardAtExit {
        let there = || self.exit().filter(|card| wanted.fits(card));
        self.until(there).await
    }

    /// Waits until this card lies in the exit no more: it was taken, or drawn back.
    pub async fn exit_without(&self, serial: &Serial) {
        let gone = || self.exit().is_none_or(|card| card.serial != *serial);
        self.until(|| gone().then_some(())).await;
    }

    /// The card in the exit.
    pub fn exit(&self) -> Option<CardAtExit> {
        self.look(|printer| {
            let serial = printer.status().exit?;
            let job = printer.blank(&serial).and_then(|card| card.job().cloned());
            Some(CardAtExit { serial, job })
        })
    }

    /// Somebody takes the card out of the exit; none if there is no card (any more).
    pub async fn take(&self, by: &CustomerName) -> Option<Serial> {
        self.change(|plant| plant.printer.take(by.clone()).ok())
            .await
    }

    /// The same, if it is this card that lies there: whoever looks at it first takes no other.
    pub async fn take_this(&self, by: &CustomerName, card: &Serial) -> Option<Serial> {
        self.change(|plant| {
            let there = plant.printer.status().exit;
            let is_this = there.as_ref() == Some(card);
            is_this.then(|| plant.printer.take(by.clone()).ok())?
        })
        .await
    }

    /// Staff look at the card on the tray and will not hand it over: they put it back, and the agent takes it in.
    ///
    /// # Errors
    /// [`NothingThere`] when no card waits there.
    pub async fn decline(&self) -> Result<Serial, NothingThere> {
        self.change(|plant| plant.printer.decline()).await
    }

    /// An operator puts blanks of its stock into a hopper, numbered from 1. Returns how many.
    ///
    /// # Errors
    /// [`NoSuchHopper`].
    pub async fn refill(&self, hopper: u8, blanks: u32) -> Result<u32, NoSuchHopper> {
        self.change(|plant| plant.printer.refill(hopper, blanks))
            .await
    }

    /// An operator puts in another ribbon.
    pub async fn change_ribbon(&self, ribbon: Ribbon) {
        self.change(|plant| plant.printer.change_ribbon(ribbon))
            .await;
    }

    /// An operator empties the reject bin; returns what was in it.
    pub async fn empty_bin(&self) -> Vec<Serial> {
        self.change(|plant| plant.printer.empty_bin()).await
    }

    /// Something goes wrong, now or later.
    ///
    /// # Errors
    /// [`Unfit`].
    pub async fn suffer(&self, trouble: Trouble) -> Result<TroubleId, Unfit> {
        let now = self.0.host.clock.now();
        self.change(|plant| {
            let done = plant.progress(now);
            let suffered = plant.printer.suffer(trouble, done);
            if plant.printer.moving().is_none() {
                plant.moving = None;
            }
            suffered
        })
        .await
    }

    /// Takes back a trouble that has not struck yet; whether it had not.
    pub async fn withdraw(&self, id: TroubleId) -> bool {
        self.change(|plant| plant.printer.withdraw(id)).await
    }

    /// Takes back every trouble that has not struck yet.
    pub async fn withdraw_all(&self) {
        self.change(|plant| plant.printer.withdraw_all()).await;
    }

    /// Whether a trouble has struck.
    pub fn has_struck(&self, id: TroubleId) -> bool {
        self.plant().struck.contains(&id)
    }

    /// Waits until a trouble has struck.
    pub async fn struck(&self, id: TroubleId) {
        self.until(|| self.has_struck(id).then_some(())).await;
    }

    /// An operator does something about it.
    ///
    /// # Errors
    /// [`CannotMend`].
    pub async fn repair(&self, repair: Repair) -> Result<(), CannotMend> {
        self.change(|plant| plant.printer.repair(repair)).await
    }

    /// How many blanks lie where.
    pub fn census(&self) -> Census {
        self.look(Printer::census)
    }

    /// What the printer would say of itself.
    pub fn status(&self) -> PrinterStatus {
        self.look(Printer::status)
    }

    /// Every card that left its hopper, with its place.
    pub fn cards(&self) -> Vec<(Blank, Place)> {
        self.look(|printer| {
            let cards = printer.cards();
            cards.map(|(card, place)| (card.clone(), place)).collect()
        })
    }

    /// The cards in somebody's hand.
    pub fn in_hand_of(&self, who: &CustomerName) -> Vec<Blank> {
        self.look(|printer| printer.in_hand_of(who).cloned().collect())
    }

    /// A card that somebody holds, for the moment of one command to its chip; none if nobody holds that card. What a cardholder does
    /// with a chip is no fact of issuance, and nothing is journalled.
    pub fn card_in_hand<T>(&self, card: &Serial, work: impl FnOnce(&mut Blank) -> T) -> Option<T> {
        self.plant().printer.card_in_hand(card).map(work)
    }

    /// A look at the printer as it is now. Must not wait for anything.
    pub fn look<T>(&self, look: impl FnOnce(&Printer) -> T) -> T {
        look(&self.plant().printer)
    }

    /// The electronics start: whatever moved was interrupted, and power comes back. When `life` is over, power goes.
    pub(crate) async fn power_up(&self, life: &Life) {
        self.cut().await;
        let start = self
            .change(|plant| {
                plant.starts += 1;
                plant.printer.restore_power();
                plant.starts
            })
            .await;
        let (physical, life) = (self.clone(), life.clone());
        self.0.host.life.spawn(async move {
            life.over().await;
            if physical.plant().starts == start {
                physical.cut().await;
            }
        });
    }

    /// Power goes. What moved stops where it is.
    async fn cut(&self) {
        let now = self.0.host.clock.now();
        self.change(|plant| {
            // Before its first start a printer has nothing to lose.
            if plant.starts > 0 && plant.printer.has_power() {
                let progress = plant.progress(now);
                plant.printer.lose_power(progress);
            }
            plant.moving = None;
        })
        .await;
    }

    /// Changes something, and writes down what happened before anything else can.
    pub(crate) async fn change<T>(&self, change: impl FnOnce(&mut Plant) -> T) -> T {
        let _turn = self.0.turn.lock().await;
        let now = self.0.host.clock.now();
        let (outcome, events) = {
            let mut plant = self.plant();
            plant.printer.pass_to(now.since_start());
            let outcome = change(&mut plant);
            (outcome, plant.news())
        };
        for event in events {
            self.0.host.pen.write(event).await;
        }
        self.0.changed.notify_waiters();
        outcome
    }

    /// Waits until something is so.
    pub(crate) async fn until<T>(&self, is_so: impl Fn() -> Option<T>) -> T {
        loop {
            let changed = self.0.changed.notified();
            if let Some(found) = is_so() {
                return found;
            }
            changed.await;
        }
    }

    fn plant(&self) -> MutexGuard<'_, Plant> {
        self.0.plant.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
