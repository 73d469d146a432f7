//! What the journal says of each customer, station and order, when it is read from the beginning.
//!
//! Expectations and the end of a story are judged on this and on nothing else: never on a machine's memory.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_contract::ids::{OperationId, PersoStation};
use persotwin_contract::notification::ProductionStatus;
use persotwin_faults::{Behaviour, FaultId, Milestone, Protections};
use persotwin_kernel::event::{Belief, Disturbance, Event, Exchange, News, Phase, Physical, Truth};
use persotwin_kernel::{Moment, Record};
use persotwin_link::jobs::JobStatus;
use persotwin_link::kiosk::RequestState;
use persotwin_link::setup::{Kind, Station};
use persotwin_link::{CustomerName, Face, Link, Machine, Place, Serial};
use persotwin_scenario::Plan;

use crate::director::{is_at, is_one};

/// A customer's story.
#[derive(Debug, Default)]
pub(crate) struct CustomerStory {
    pub(crate) issuer_knows: Vec<ProductionStatus>,
    pub(crate) refused: Option<Refusal>,
    pub(crate) ordered: Option<Moment>,
    pub(crate) screen: Option<RequestState>,
    /// When the card was in the hand, or the screen or the issuer said that there will be none.
    pub(crate) over: Option<Moment>,
    /// The cards that were finished for this customer.
    pub(crate) finished: BTreeSet<Serial>,
    /// The code that the issuer has heard with the outcome.
    pub(crate) code: Option<String>,
    /// The named moments there were.
    pub(crate) moments: Vec<Milestone>,
}

/// How D1 refused a customer's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: Option<String>,
    pub(crate) error: Option<String>,
}

/// What the hardware of a station counted.
#[derive(Debug, Default)]
pub(crate) struct StationStory {
    pub(crate) loaded: u32,
    pub(crate) picked: u32,
    /// Cards that somebody fed again.
    pub(crate) put_back: u32,
    pub(crate) presented: u32,
    pub(crate) taken: u32,
    pub(crate) rejected: u32,
    pub(crate) captured: u32,
}

/// Everything that is judged.
#[derive(Debug, Default)]
pub(crate) struct Fold {
    pub(crate) customers: BTreeMap<CustomerName, CustomerStory>,
    pub(crate) stations: BTreeMap<PersoStation, StationStory>,
    pub(crate) places: BTreeMap<Serial, Place>,
    pub(crate) notifications: u32,
    pub(crate) orders_accepted: u32,
    pub(crate) orders_refused: u32,
    /// Orders that D1 calls done, each with the card that the agent had reported by then.
    pub(crate) done: BTreeMap<OperationId, Option<Serial>>,
    /// Notifications that D1 has given up.
    pub(crate) dead_letters: u32,
    /// Orders in doubt, and whose.
    doubts: BTreeMap<OperationId, Option<CustomerName>>,
    /// What was declared and has happened.
    happened: BTreeSet<String>,
    /// Every call, and about whose card it was.
    calls: Vec<Made>,
    card_of: BTreeMap<OperationId, Serial>,
    /// Stations whose exit is a tray: a card there waits for people, not for a machine.
    trays: BTreeSet<PersoStation>,
    on_tray: BTreeSet<Serial>,
    /// When D1 accepted each order.
    accepted: BTreeMap<OperationId, Moment>,
    /// Orders that D1 lost with the end of its ledger: nobody there works on them any more.
    forgotten: BTreeSet<OperationId>,
    /// Whose agent took each job.
    at: BTreeMap<OperationId, PersoStation>,
    protections: Protections,
    open: Open,
}

/// A call that was made.
#[derive(Debug)]
struct Made {
    to: Face,
    method: String,
    path: String,
    customer: Option<CustomerName>,
}

/// What somebody still works on. The story is at rest when nothing is.
#[derive(Debug, Default)]
struct Open {
    /// Orders that the issuer has not heard the end of.
    orders: BTreeSet<OperationId>,
    /// Final statuses that the issuer has neither taken nor will get.
    untold: BTreeSet<OperationId>,
    /// Jobs that an agent has not closed.
    jobs: BTreeSet<OperationId>,
    /// Reports that D1 has not heard.
    reports: BTreeSet<(OperationId, JobStatus)>,
}

impl Fold {
    /// Nothing read yet, in this world.
    pub(crate) fn new(plan: &Plan) -> Self {
        let branch = |station: &&Station| station.kind == Kind::Branch;
        let trays = plan
            .stations
            .values()
            .filter(branch)
            .map(|station| station.id.clone());
        Self {
            trays: trays.collect(),
            protections: plan.protections.clone(),
            ..Self::default()
        }
    }

    /// Reads a whole journal.
    pub(crate) fn of<'a>(plan: &Plan, records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut fold = Self::new(plan);
        records.into_iter().for_each(|record| fold.see(record));
        fold
    }

    /// The cards that were finished, by whose they are.
    pub(crate) fn finished(&self) -> BTreeMap<CustomerName, BTreeSet<Serial>> {
        let all = self.customers.iter();
        let finished = all.map(|(customer, story)| (customer.clone(), story.finished.clone()));
        finished.collect()
    }

    /// Reads one more record.
    pub(crate) fn see(&mut self, record: &Record) {
        if let Some(customer) = record.customer.as_ref().filter(|_| is_one(record)) {
            let moments = Milestone::ALL
                .iter()
                .filter(|moment| is_at(**moment, record));
            let story = self.customers.entry(customer.clone()).or_default();
            story.moments.extend(moments);
        }
        match &record.event {
            Event::Order(belief) => self.see_order(record, belief),
            Event::Card(truth) => self.see_card(record, truth),
            Event::Exchange(exchange) => self.see_call(record, exchange),
            Event::Disturbance(Disturbance::Fault { id, .. } | Disturbance::Action { id, .. }) => {
                self.happened.insert(id.clone());
            }
            Event::Disturbance(Disturbance::FailedOver {
                of: Machine::D1,
                lost_ms,
            }) => self.forget_since(record.moment.millis().saturating_sub(*lost_ms)),
            Event::Disturbance(
                Disturbance::Crash {
                    of: Machine::Agent(station),
                }
                | Disturbance::PowerCut {
                    of: Machine::Agent(station),
                },
            ) if self.protections.lack(Behaviour::NoLedger) => self.forget_jobs(station),
            Event::Condition(_) | Event::Disturbance(_) | Event::Verdict(_) => {}
        }
    }

    /// An agent without a ledger falls, and nobody will go on with its jobs.
    fn forget_jobs(&mut self, station: &PersoStation) {
        let there = |operation: &OperationId| self.at.get(operation) == Some(station);
        self.open.jobs.retain(|operation| !there(operation));
        self.open.reports.retain(|(operation, _)| !there(operation));
    }

    fn forget_since(&mut self, millis: u64) {
        let since = Moment::from_millis(millis);
        let lost = self.accepted.iter().filter(|(_, at)| **at > since);
        let lost: BTreeSet<OperationId> = lost.map(|(operation, _)| operation.clone()).collect();
        self.open
            .orders
            .retain(|operation| !lost.contains(operation));
        self.open
            .untold
            .retain(|operation| !lost.contains(operation));
        self.forgotten.extend(lost);
    }

    fn see_call(&mut self, record: &Record, exchange: &Exchange) {
        if let Phase::Sent { .. } = exchange.phase {
            self.calls.push(Made {
                to: exchange.to.clone(),
                method: exchange.method.clone(),
                path: exchange.path.clone(),
                customer: record.customer.clone(),
            });
        }
    }

    /// Whether something that was declared has happened.
    pub(crate) fn happened(&self, id: &FaultId) -> bool {
        self.happened.contains(id.as_ref())
    }

    /// How many calls were made on a link, about this customer's card if given.
    pub(crate) fn calls(&self, link: &Link, customer: Option<&CustomerName>) -> u32 {
        let is_one = |made: &&Made| {
            link.carries(&made.to, &made.method, &made.path)
                && (customer.is_none() || customer == made.customer.as_ref())
        };
        u32::try_from(self.calls.iter().filter(is_one).count()).unwrap_or(u32::MAX)
    }

    /// Whose orders are in doubt.
    pub(crate) fn in_doubt(&self) -> BTreeSet<CustomerName> {
        self.doubts.values().flatten().cloned().collect()
    }

    /// Whether no machine has anything left to do for an order.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.work().next().is_none()
    }

    /// What machines have left to do, and for which order.
    pub(crate) fn work(&self) -> impl Iterator<Item = (&'static str, &OperationId)> {
        let Open {
            orders,
            untold,
            jobs,
            reports,
        } = &self.open;
        let for_machines = |operation: &&OperationId| {
            let card = self.card_of.get(*operation);
            card.is_none_or(|card| !self.on_tray.contains(card))
        };
        let known = |operation: &&OperationId| !self.forgotten.contains(*operation);
        let untold = untold
            .iter()
            .map(|it| ("D1 has not told the issuer its end", it));
        let reports = reports.iter().map(|(operation, _)| operation);
        let reports = reports
            .filter(known)
            .map(|it| ("a report of the agent was not heard", it));
        let orders = orders
            .iter()
            .filter(for_machines)
            .map(|it| ("D1 has not ended it", it));
        let jobs = jobs
            .iter()
            .filter(for_machines)
            .map(|it| ("the agent has not ended it", it));
        untold.chain(reports).chain(orders).chain(jobs)
    }

    /// How many cards D1 calls done that are in nobody's hand.
    pub(crate) fn done_not_in_hand(&self) -> usize {
        let in_hand = |operation: &&OperationId| {
            let place = self
                .card_of
                .get(*operation)
                .and_then(|serial| self.places.get(serial));
            matches!(place, Some(Place::Hand(_)))
        };
        self.done.len() - self.done.keys().filter(in_hand).count()
    }

    /// The cards that D1 calls done.
    pub(crate) fn done_cards(&self) -> BTreeSet<Serial> {
        let card = |(operation, then): (&OperationId, &Option<Serial>)| {
            then.as_ref()
                .or_else(|| self.card_of.get(operation))
                .cloned()
        };
        self.done.iter().filter_map(card).collect()
    }

    /// Where the cards are that were finished for a customer.
    pub(crate) fn finished_cards(&self, customer: &CustomerName) -> Vec<&Place> {
        let story = self.customers.get(customer);
        let serials = story.into_iter().flat_map(|story| &story.finished);
        serials
            .filter_map(|serial| self.places.get(serial))
            .collect()
    }

    /// How many cards a customer holds.
    pub(crate) fn cards_in_hand(&self, customer: &CustomerName) -> usize {
        self.places
            .values()
            .filter(|place| matches!(place, Place::Hand(hand) if hand == customer))
            .count()
    }

    fn see_order(&mut self, record: &Record, belief: &Belief) {
        let operation = belief.about.operation.as_ref();
        match &record.machine {
            Machine::Issuer | Machine::Kiosk => self.see_issuer(record, &belief.news),
            Machine::D1 => self.see_d1(record, operation, &belief.news),
            Machine::Agent(station) => {
                self.see_agent(station, record.customer.as_ref(), operation, &belief.news);
            }
            Machine::World | Machine::Station(_) | Machine::Staff(_) | Machine::Stranger => {}
        }
    }

    fn see_issuer(&mut self, record: &Record, news: &News) {
        let Some(customer) = &record.customer else {
            return;
        };
        let story = self.customers.entry(customer.clone()).or_default();
        match news {
            News::Ordering { .. } => {
                story.ordered.get_or_insert(record.moment);
            }
            News::Refused {
                status,
                code,
                error,
            } => {
                story.refused = Some(Refusal {
                    status: *status,
                    code: code.clone(),
                    error: error.clone(),
                });
            }
            News::Heard { status, code, .. } => {
                story.issuer_knows.push(status.clone());
                if status.is_final() {
                    story.code.clone_from(code);
                }
                self.notifications += 1;
            }
            News::Screen { state } => {
                story.screen = Some(*state);
                if *state == RequestState::Sorry {
                    story.over.get_or_insert(record.moment);
                }
            }
            _ => {}
        }
    }

    fn see_d1(&mut self, record: &Record, operation: Option<&OperationId>, news: &News) {
        if matches!(news, News::OrderRefused { .. }) {
            self.orders_refused += 1;
        }
        if matches!(news, News::DeadLetter { .. }) {
            self.dead_letters += 1;
        }
        let Some(operation) = operation else { return };
        match news {
            News::InDoubt => {
                // Nobody works on it any more; whoever knows better reports it.
                self.open.orders.remove(operation);
                self.doubts
                    .insert(operation.clone(), record.customer.clone());
            }
            News::OrderAccepted { .. } => {
                self.orders_accepted += 1;
                self.accepted.insert(operation.clone(), record.moment);
                self.open.orders.insert(operation.clone());
            }
            News::StatusIs { status, .. } if status.is_final() => {
                self.open.orders.remove(operation);
                self.doubts.remove(operation);
                self.open.untold.insert(operation.clone());
                if *status == ProductionStatus::CardProdDone {
                    let card = self.card_of.get(operation).cloned();
                    self.done.entry(operation.clone()).or_insert(card);
                }
            }
            News::Notified { status, .. } | News::DeadLetter { status, .. }
                if status.is_final() =>
            {
                self.open.untold.remove(operation);
            }
            News::ReportHeard { report } => {
                self.open
                    .reports
                    .remove(&(operation.clone(), report.clone()));
            }
            _ => {}
        }
    }

    fn see_agent(
        &mut self,
        station: &PersoStation,
        customer: Option<&CustomerName>,
        operation: Option<&OperationId>,
        news: &News,
    ) {
        let Some(operation) = operation else { return };
        match news {
            News::JobTaken => {
                self.at.insert(operation.clone(), station.clone());
                self.open.jobs.insert(operation.clone());
            }
            News::Book(_) | News::JobWithdrawn => {
                self.open.jobs.remove(operation);
            }
            News::ReportUnwanted { report } => {
                self.open
                    .reports
                    .remove(&(operation.clone(), report.clone()));
            }
            News::Reporting { report } => {
                self.open
                    .reports
                    .insert((operation.clone(), report.clone()));
                if let JobStatus::Produced { serial } = report {
                    self.card_of.insert(operation.clone(), serial.clone());
                    if let Some(customer) = customer {
                        self.customers
                            .entry(customer.clone())
                            .or_default()
                            .finished
                            .insert(serial.clone());
                    }
                }
            }
            _ => {}
        }
    }

    fn see_card(&mut self, record: &Record, truth: &Truth) {
        let Machine::Station(station) = &record.machine else {
            return;
        };
        let story = self.stations.entry(station.clone()).or_default();
        match &truth.what {
            Physical::Loaded { count, .. } => story.loaded += count,
            Physical::Moved { serial, from, to } => {
                if matches!(from, Place::Hopper(_)) {
                    story.picked += 1;
                }
                match to {
                    Place::Exit => story.presented += 1,
                    Place::RejectBin => {
                        story.rejected += 1;
                        story.captured +=
                            u32::from(self.card_of.values().any(|card| card == serial));
                    }
                    Place::Hand(hand) => {
                        story.taken += 1;
                        let customer = self.customers.entry(hand.clone()).or_default();
                        customer.over.get_or_insert(record.moment);
                    }
                    Place::Hopper(_) => story.put_back += 1,
                    Place::Path(_) => {}
                }
                if *to == Place::Exit && self.trays.contains(station) {
                    self.on_tray.insert(serial.clone());
                } else {
                    self.on_tray.remove(serial);
                }
                self.places.insert(serial.clone(), to.clone());
            }
            _ => {}
        }
    }
}
