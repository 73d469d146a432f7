//! What enactments have at hand.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;
use persotwin_contract::ids::PersoStation;
use persotwin_d1::{Desk, Vault};
use persotwin_faults::FaultId;
use persotwin_kernel::event::Disturbance;
use persotwin_kernel::{Event, Outstanding};
use persotwin_link::card_stock::CardStock;
use persotwin_link::stock::StockName;
use persotwin_link::{CustomerName, Machine};
use persotwin_scenario::{Customer, PlannedAction, PlannedFault};
use persotwin_station::Physical;
use persotwin_wire::Host;

use crate::director::book::Book;
use crate::hands::Hands;

/// Machines, hardware and people of a running world, for whoever strikes or helps them. Clones are means of the same world.
#[derive(Debug, Clone)]
pub(crate) struct Means {
    /// The world's own host, which never ends.
    pub(crate) host: Host,
    /// Wire, life, power and clocks.
    pub(crate) hands: Hands,
    /// The physical environment.
    pub(crate) physicals: BTreeMap<PersoStation, Physical>,
    /// D1's operator.
    pub(crate) desk: Desk,
    /// D1's key vault.
    pub(crate) vault: Vault,
    /// Customers who go away.
    pub(crate) leavers: Leavers,
    /// How far machines' clocks are ahead when nothing is wrong with them.
    pub(crate) clocks: BTreeMap<Machine, SignedDuration>,
    /// The kiosk software.
    pub(crate) kiosk: Host,
    /// Who wants a card.
    pub(crate) customers: Vec<Customer>,
    /// What blanks there can be.
    pub(crate) stocks: Arc<BTreeMap<StockName, CardStock>>,
    /// What became of everything that was declared.
    pub(crate) book: Book,
    /// Deeds on their way.
    pub(crate) busy: Outstanding,
    /// Repairs on their way.
    pub(crate) mending: Outstanding,
}

/// The customers who have gone away without their cards.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leavers(Arc<Mutex<BTreeSet<CustomerName>>>);

impl Leavers {
    /// This one goes.
    pub(crate) fn add(&self, customer: &CustomerName) {
        let mut gone = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gone.insert(customer.clone());
    }

    /// Whether this one has gone.
    pub(crate) fn has(&self, customer: &CustomerName) -> bool {
        let gone = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gone.contains(customer)
    }
}

impl Means {
    /// A customer of the story.
    pub(crate) fn customer(&self, name: &CustomerName) -> Option<&Customer> {
        self.customers
            .iter()
            .find(|customer| customer.name == *name)
    }

    /// Does something that takes time; the story's end waits for it.
    pub(crate) fn later(&self, deed: impl Future<Output = ()> + Send + 'static) {
        self.occupy(&self.busy, deed);
    }

    /// Repairs something, which takes no time of the story but a turn at the hardware.
    pub(crate) fn mend(&self, repair: impl Future<Output = ()> + Send + 'static) {
        self.occupy(&self.mending, repair);
    }

    fn occupy(&self, with: &Outstanding, deed: impl Future<Output = ()> + Send + 'static) {
        let begun = with.begin();
        self.host.life.spawn(async move {
            deed.await;
            drop(begun);
        });
    }

    /// Waits until no repair is on its way.
    pub(crate) async fn mended(&self) {
        self.mending.none_left().await;
    }

    /// Waits until no deed is on its way.
    pub(crate) async fn settled(&self) {
        self.busy.none_left().await;
    }

    /// Notes that something that was declared cannot be; the journal has only what happens.
    pub(crate) fn missed(&self, id: &FaultId, why: impl Into<String>) {
        self.book.missed(id, why.into());
    }

    /// Writes down that a fault has struck.
    pub(crate) fn struck(&self, planned: &PlannedFault) {
        self.write(Disturbance::Fault {
            id: planned.id.to_string(),
            fault: planned.fault.name(),
            on: planned.fault.on(),
            exchange: None,
            how: None,
        });
    }

    /// Writes down that a fault is over.
    pub(crate) fn over(&self, planned: &PlannedFault) {
        self.write(Disturbance::FaultOver {
            id: planned.id.to_string(),
            fault: planned.fault.name(),
            on: planned.fault.on(),
        });
    }

    /// Writes down that somebody has acted.
    pub(crate) fn acted(&self, planned: &PlannedAction) {
        self.write(Disturbance::Action {
            id: planned.id.to_string(),
            does: planned.action.name(),
            on: planned.action.on(),
        });
    }

    fn write(&self, disturbance: Disturbance) {
        self.host.pen.write_now(Event::Disturbance(disturbance));
    }
}
