//! What a checked scenario is: types that the machines, the world and the laws can take as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use persotwin_contract::card::PanSequenceNumber;
use persotwin_contract::dates::Expiry;
use persotwin_contract::ids::{CardProductId, ConsumerId, PersoStation};
use persotwin_contract::jose::jwk::PrivateJwk;
use persotwin_contract::secret::Pan;
use persotwin_emv::pin::Pin;
use persotwin_faults::value::Percent;
use persotwin_faults::{Action, Fault, FaultId, Protections, When};
use persotwin_link::kiosk::Service;
use persotwin_link::order_override::{OrderChange, Seal};
use persotwin_link::setup::Station;
use persotwin_link::tenant::Tenant;
use persotwin_link::{CustomerName, Latencies, Machine, Span};

use crate::expectation::Expectation;
use crate::source::Source;

/// A scenario without a mistake.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The file, for showing failed expectations in it.
    pub source: Arc<Source>,
    /// The story's title.
    pub name: String,
    /// The story in a sentence or two.
    pub about: Option<String>,
    /// Where all chance comes from.
    pub seed: u64,
    /// When the world begins.
    pub starts: Timestamp,
    /// How long the story may take before it counts as hanging.
    pub horizon: Span,
    /// How long messages travel.
    pub link_latency: Latencies,
    /// How far machines' clocks are ahead (negative: behind); the others are right.
    pub clocks: BTreeMap<Machine, SignedDuration>,
    /// The issuer as D1 knows it.
    pub tenant: Tenant,
    /// Where this file says that the issuer signs with keys of its own: at `issuer-keys:`, or at the name of the tenant's file.
    pub issuer_keys: Option<Range<usize>>,
    /// The key with which the twin's issuer signs, when that is not the one that D1 knows.
    pub issuer_signs_with: Option<PrivateJwk>,
    /// Where the real issuer listens, when the tenant says so.
    pub issuer_url: Option<String>,
    /// The perso stations, one at least.
    pub stations: BTreeMap<PersoStation, Station>,
    /// The people in each branch; every branch has some.
    pub staff: BTreeMap<PersoStation, Staff>,
    /// Who wants a card, in the order of the file.
    pub customers: Vec<Customer>,
    /// What goes wrong, in the order of the file.
    pub faults: Vec<PlannedFault>,
    /// What operators and staff do about it, in the order of the file.
    pub actions: Vec<PlannedAction>,
    /// What the machines are protected against.
    pub protections: Protections,
    /// What shall be true when the story has ended, in the order of the file.
    pub expectations: Vec<Expectation>,
}

impl Plan {
    /// The same story with nothing going wrong: without faults and the actions that wait for one, and without what customers, staff,
    /// clocks and orders do otherwise than they should. What lies in hoppers and bins stays: that is how the world begins.
    #[must_use]
    pub fn without_faults(&self) -> Self {
        let mut plan = self.without(|_| true);
        plan.clocks.clear();
        for staff in plan.staff.values_mut() {
            staff.rejects.clear();
        }
        for customer in &mut plan.customers {
            customer.taps = Taps::Once;
            customer.order.clear();
            if !matches!(customer.takes, Taking::After(_)) {
                customer.takes = Taking::default();
            }
        }
        plan
    }

    /// The same story without some of its faults, and without the actions that wait for one of them.
    #[must_use]
    pub fn without(&self, unwanted: impl Fn(&PlannedFault) -> bool) -> Self {
        let mut plan = self.clone();
        let mut gone: BTreeSet<FaultId> = BTreeSet::new();
        plan.faults.retain(|fault| {
            let stays = !unwanted(fault);
            if !stays {
                gone.insert(fault.id.clone());
            }
            stays
        });
        // Whoever waits for what never happens does nothing, and so on.
        loop {
            let before = gone.len();
            let mut stays = |id: &FaultId, when: Option<&When>| {
                let vain = matches!(when, Some(When::After { id, .. }) if gone.contains(id));
                if vain {
                    gone.insert(id.clone());
                }
                !vain
            };
            plan.actions
                .retain(|action| stays(&action.id, Some(&action.when)));
            plan.faults
                .retain(|fault| stays(&fault.id, fault.when.as_ref()));
            if gone.len() == before {
                return plan;
            }
        }
    }

    /// How much longer a story can take because of what goes wrong in it: every wait of every fault and action, one after the other.
    pub fn longest_disturbance(&self) -> Span {
        let faults = self.faults.iter().map(|planned| {
            let when = planned.when.as_ref().map_or(Duration::ZERO, When::longest);
            let lasts = planned.lasts.unwrap_or_default().get();
            when + lasts + planned.fault.longest()
        });
        let actions = self.actions.iter().map(|planned| planned.when.longest());
        Span::from(faults.chain(actions).sum::<Duration>())
    }

    /// The names of the faults that happen in it.
    pub fn fault_names(&self) -> BTreeSet<&'static str> {
        self.faults
            .iter()
            .map(|planned| planned.fault.name())
            .collect()
    }
}

/// Something that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFault {
    /// What the story calls it.
    pub id: FaultId,
    /// Where it stands in the file.
    pub span: Range<usize>,
    /// What it is, and what it strikes.
    pub fault: Fault,
    /// When; none for what is there from the start.
    pub when: Option<When>,
    /// How often it strikes; as often as it can where nobody says.
    pub times: Option<u32>,
    /// For how long.
    pub lasts: Option<Span>,
    /// How likely it strikes each time.
    pub chance: Percent,
    /// What it means when it never strikes.
    pub absence: Absence,
}

/// Something that an operator or the staff do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedAction {
    /// What the story calls it.
    pub id: FaultId,
    /// Where it stands in the file.
    pub span: Range<usize>,
    /// What it is.
    pub action: Action,
    /// When.
    pub when: When,
    /// What it means when it is never done.
    pub absence: Absence,
}

/// What it means when something that a scenario declares never happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// The scenario fails.
    Fails,
    /// Nothing: it may miss.
    Allowed,
}

/// Somebody who wants one card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The name in journals and reports.
    pub name: CustomerName,
    /// When, after the start, the customer asks for a card.
    pub arrives: Span,
    /// The station that shall make it.
    pub station: PersoStation,
    /// Which card.
    pub product: CardProductId,
    /// The name as the issuer knows it, which may be one that no card can carry.
    pub cardholder: String,
    /// New, renewed or replaced.
    pub service: Service,
    /// Whose card is renewed or replaced, when the story has it; else a card of long ago.
    pub of: Option<CustomerName>,
    /// The card number, when the scenario and not the issuer chooses it.
    pub pan: Option<Pan>,
    /// The month of expiry, when the scenario and not the product decides.
    pub expires: Option<Expiry>,
    /// The PAN sequence number, when it is ordered.
    pub pan_sequence_number: Option<PanSequenceNumber>,
    /// The PIN, when the scenario and not the issuer chooses it; its product has PINs.
    pub pin: Option<Pin>,
    /// The issuer's id of the customer, when it is ordered.
    pub consumer: Option<ConsumerId>,
    /// Where the customer asks.
    pub orders: Ordering,
    /// How often.
    pub taps: Taps,
    /// What the customer does when the card is there.
    pub takes: Taking,
    /// What the issuer orders otherwise than it should.
    pub order: Vec<OrderChange>,
    /// How the issuer seals the card data.
    pub seal: Seal,
}

/// Where a customer asks for the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ordering {
    /// In front of the station.
    AtKiosk,
    /// In the bank's app.
    InApp {
        /// When, after the start, the customer stands at the station.
        fetches_at: Span,
    },
}

/// How often a customer taps on "print my card".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taps {
    /// As one should.
    Once,
    /// Twice on the same screen, which is one request.
    Twice,
}

/// What a customer does when the card is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taking {
    /// Takes it this long after it was offered.
    After(Span),
    /// Stands there and does not take it.
    Never,
    /// Leaves this long after asking, and takes nothing.
    WalksAway(Span),
}

impl Default for Taking {
    fn default() -> Self {
        Self::After(Span::from_secs(4))
    }
}

/// The people in a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// How long they look at a card on the tray.
    pub looks_for: Span,
    /// Which cards of this station they find not good enough, counted from 1 as they come to the tray.
    pub rejects: BTreeSet<u32>,
}

impl Default for Staff {
    fn default() -> Self {
        Self {
            looks_for: Span::from_secs(5),
            rejects: BTreeSet::new(),
        }
    }
}
