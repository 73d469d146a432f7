//! A scenario from its first instant to its verdict, in virtual time.
//!
//! Two phases. The story lasts until every customer has left and nobody works on an order any more: in it anything may fail, and
//! nothing wrong may happen; at its end expectations are judged. Then everything is put in order (machines that are down start, staff
//! clear their trays, operators empty full bins), all must come to rest again, and the laws are judged.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use persotwin_contract::ids::PersoStation;
use persotwin_kernel::event::Verdict;
use persotwin_kernel::{
    Ending, Event, Guard, Journal, Limits, Moment, Record, Sockets, Trouble, run_virtual,
};
use persotwin_laws::no_secret_leaks::Searcher;
use persotwin_laws::{Asks, Breach, Setup};
use persotwin_link::setup::Kind;
use persotwin_link::tenant::Tenant;
use persotwin_link::{CustomerName, Machine, Place, Serial};
use persotwin_printer::{Blank, CardFile};
use persotwin_scenario::{Customer, Diagnostic, Plan, Taking};
use persotwin_station::Physical;
use persotwin_wire::{Ground, Medium, NetError, Tap, Tapped};
use tokio::sync::mpsc;

use crate::assemble::{Issuer, Machines};
use crate::director::{self, Director};
use crate::examine;
use crate::fold::Fold;
use crate::hands::Hands;
use crate::judge;
use crate::onlooker::Onlooker;
use crate::overseer::{Bounds, Cut, OnBreach, Overseer};
use crate::people::{self, AtStation, Presence};
use crate::recovery;
use crate::secrets;

/// How long machines may go on after the last customer has left. Longer than every time-out of theirs together.
pub(crate) const FINISH_WITHIN: Duration = Duration::from_hours(1);
/// What still follows the last word: answers under way, ledgers, screens.
pub(crate) const AFTERWARDS: Duration = Duration::from_secs(2);

/// What messages travel on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireKind {
    /// TCP on 127.0.0.1.
    Loopback,
    /// Pipes in memory.
    InProcess,
}

impl WireKind {
    /// The word that the command line has for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::InProcess => "in-process",
        }
    }
}

/// How a scenario is run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What messages travel on.
    pub wire: WireKind,
    /// Another seed than the scenario's own.
    pub seed: Option<u64>,
}

/// A story that was told to its end.
#[derive(Debug)]
pub struct Told {
    /// The seed it came from.
    pub seed: u64,
    /// What messages travelled on.
    pub wire: WireKind,
    /// The journal.
    pub records: Vec<Arc<Record>>,
    /// Every exchange, with masked bodies.
    pub tapped: Vec<Tapped>,
    /// The finished cards, by whose they are; what is in the customer's hand comes first.
    pub cards: Vec<(CustomerName, CardFile)>,
    /// The other cards in the reject bins.
    pub rejected: Vec<CardFile>,
    /// Expectations that were not met.
    pub unmet: Vec<Diagnostic>,
    /// Laws that were broken.
    pub breaches: Vec<Breach>,
    /// How many cards D1 calls done that are in nobody's hand.
    pub done_not_in_hand: usize,
    /// How long it took in the world.
    pub took: Duration,
    /// Whether all happened that somebody wanted to do to it.
    pub direction: Direction,
    /// Finds the run's secrets in any text.
    pub secrets: Searcher,
}

/// What became of the direction of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It came to its end.
    Followed,
    /// It still waited for something when the story was over.
    GivenUp,
}

impl Told {
    /// Whether all was as expected.
    pub fn is_ok(&self) -> bool {
        self.unmet.is_empty() && self.breaches.is_empty()
    }
}

/// Why a story was not told to its end: the twin itself failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The horizon came first.
    #[error("the story did not end within its horizon of {0}")]
    Horizon(persotwin_link::Span),
    /// It had more records than it was to have.
    #[error("the story had not ended after {0} events")]
    TooLong(u64),
    /// A bug, a bound, or the computer.
    #[error("{0}")]
    Trouble(#[from] Trouble),
    /// No runtime.
    #[error("cannot start a runtime: {0}")]
    Runtime(#[source] io::Error),
    /// No socket.
    #[error(transparent)]
    Net(#[from] NetError),
}

/// Runs a scenario in virtual time.
pub fn run(plan: &Plan, options: &Options) -> Result<Told, RunError> {
    run_directed(plan, options, async |_| ())
}

/// Runs a scenario in virtual time until a law breaks that it does not expect to be broken: the story ends at the record that shows it,
/// and that breach is the only one told. A story in which none breaks on the way is told as [`run`] tells it, to the last byte.
///
/// # Errors
/// Those of [`run`], and [`RunError::TooLong`] when there are more records than `at_most`.
pub fn run_until_broken(plan: &Plan, options: &Options, at_most: u64) -> Result<Told, RunError> {
    let bounds = Bounds {
        on_breach: OnBreach::End,
        at_most,
    };
    tell(plan, options, bounds, async |_| ())
}

/// Runs a scenario in virtual time to its end, unless that is too far away.
///
/// # Errors
/// As those of [`run_until_broken`].
pub fn run_within(plan: &Plan, options: &Options, at_most: u64) -> Result<Told, RunError> {
    let bounds = Bounds {
        on_breach: OnBreach::GoOn,
        at_most,
    };
    tell(plan, options, bounds, async |_| ())
}

/// Runs a scenario in virtual time while somebody directs it: strikes its messages, crashes and starts its machines.
///
/// The story does not end before its direction does, nor while anybody still works. A direction that never ends (it waits for something
/// that does not happen) is given up when the story counts as over; [`Told::direction`] says so.
pub fn run_directed<D>(plan: &Plan, options: &Options, direct: D) -> Result<Told, RunError>
where
    D: AsyncFnOnce(Hands),
{
    let bounds = Bounds {
        on_breach: OnBreach::GoOn,
        at_most: u64::MAX,
    };
    tell(plan, options, bounds, direct)
}

fn tell<D>(plan: &Plan, options: &Options, bounds: Bounds, direct: D) -> Result<Told, RunError>
where
    D: AsyncFnOnce(Hands),
{
    persotwin_wire::raise_descriptor_limit();
    // The horizon is the story's; what is put in order after it has bounds of its own.
    let limits = Limits {
        horizon: plan.horizon.get() + repair_within(plan),
        sockets: match options.wire {
            WireKind::Loopback => Sockets::Open,
            WireKind::InProcess => Sockets::None,
        },
    };
    let ending = run_virtual(limits, |alarm| async move {
        let medium = match options.wire {
            WireKind::Loopback => Medium::Loopback(Guard::default()),
            WireKind::InProcess => Medium::InProcess,
        };
        let seed = options.seed.unwrap_or(plan.seed);
        let tap = Tap::default();
        let journal = Journal::new(plan.starts);
        let latencies = plan.link_latency;
        let ground = Ground::new(alarm, journal, seed, medium, latencies, Some(tap.clone()));
        let prepared = director::prepared(plan);
        let machines = Machines::seat(&prepared, ground, Issuer::Ours, None)?;
        // Before the director: whoever writes while it sees a record is seen after that record.
        let overseer = Overseer::of(&prepared, machines.ground.journal(), bounds);
        let director = Director::begin(&prepared, machines.means(&prepared));
        let told = (seed, options.wire);
        let whole = async {
            machines.hands.start_all().await;
            let directed = direct(machines.hands.clone());
            let clock = machines.ground.host(Machine::World).clock;
            let played = play(&prepared, &machines, &director, directed);
            let Ok(played) = clock.within(plan.horizon.get(), played).await else {
                return Err(RunError::Horizon(plan.horizon));
            };
            Ok(conclude(
                &prepared, &machines, &overseer, &director, &tap, told, played,
            )
            .await)
        };
        match select(pin!(overseer.cut()), pin!(whole)).await {
            Either::Right((told, _)) => told,
            Either::Left((Cut::Broken(breach), _)) => {
                Ok(cut_short(&prepared, &machines, &tap, told, breach))
            }
            Either::Left((Cut::TooLong, _)) => Err(RunError::TooLong(bounds.at_most)),
        }
    });
    match ending.map_err(RunError::Runtime)? {
        Ending::Told(told) => told,
        Ending::Horizon => Err(RunError::Horizon(plan.horizon)),
        Ending::Trouble(trouble) => Err(trouble.into()),
    }
}

/// What a play came to.
struct Played {
    took: Duration,
    direction: Direction,
    onlooker: Onlooker,
}

/// Lets people come and machines work until all is quiet.
async fn play(
    plan: &Plan,
    machines: &Machines,
    director: &Director,
    direction: impl Future<Output = ()>,
) -> Played {
    let clock = machines.ground.host(Machine::World).clock;
    let mut onlooker = Onlooker::of(plan, machines.ground.journal());
    let work = async {
        let mut customers = let_in(plan, machines, Presence::Themselves);
        while customers.recv().await.is_some() {}
        let deadline = clock.now() + finish_within(plan);
        let _ = clock.within(finish_within(plan), onlooker.rest()).await;
        deadline
    };
    let (deadline, direction) = match select(pin!(work), pin!(direction)).await {
        Either::Right(((), work)) => (work.await, Direction::Followed),
        Either::Left((deadline, direction)) => {
            let ended = clock.within(deadline.since(clock.now()), direction).await;
            let direction = ended.map_or(Direction::GivenUp, |()| Direction::Followed);
            (deadline, direction)
        }
    };
    // What is done last may give somebody work.
    let afterwards = async {
        director.settled().await;
        machines.ground.net().all_arrived().await;
        onlooker.rest().await;
    };
    let _ = clock.within(deadline.since(clock.now()), afterwards).await;
    let took = clock.now().since(Moment::START);
    clock.sleep(AFTERWARDS).await;
    Played {
        took,
        direction,
        onlooker,
    }
}

/// How long all may take when the last customer has left: what a scenario makes longer takes longer.
fn finish_within(plan: &Plan) -> Duration {
    FINISH_WITHIN + plan.longest_disturbance().get()
}

/// How long it may take to put everything in order: each tray, then whoever has work again.
fn repair_within(plan: &Plan) -> Duration {
    let steps =
        u32::try_from(plan.stations.len()).map_or(u32::MAX, |trays| trays.saturating_add(2));
    FINISH_WITHIN.saturating_mul(steps)
}

/// Sends everybody in; the channel closes when the last customer has left.
pub(crate) fn let_in(
    plan: &Plan,
    machines: &Machines,
    presence: Presence,
) -> mpsc::UnboundedReceiver<()> {
    let (leaves, left) = mpsc::unbounded_channel();
    let kiosk = machines.ground.host(Machine::Kiosk);
    let come = match presence {
        Presence::Themselves => plan.customers.as_slice(),
        Presence::Played => &[],
    };
    for customer in come {
        let Some(physical) = machines.physicals.get(&customer.station) else {
            continue;
        };
        let here = AtStation {
            host: kiosk.clone(),
            customer: customer.clone(),
            physical: physical.clone(),
            staffed: physical.station().kind == Kind::Branch,
            leavers: machines.leavers.clone(),
        };
        let leaves = leaves.clone();
        kiosk.life.spawn(async move {
            people::customer(here).await;
            drop(leaves);
        });
    }
    staff_in(plan, machines, presence);
    left
}

/// Staff come to every branch.
fn staff_in(plan: &Plan, machines: &Machines, presence: Presence) {
    for (id, physical) in &machines.physicals {
        if physical.station().kind == Kind::Branch {
            let host = machines.ground.host(Machine::Staff(id.clone()));
            let staff = plan.staff.get(id).cloned().unwrap_or_default();
            let customers = plan.customers.iter();
            let customers = customers.map(|customer| as_staff_know(customer, id, presence));
            let customers = customers.collect();
            host.life
                .clone()
                .spawn(people::staff(host, staff, physical.clone(), customers));
        }
    }
}

/// A customer as the staff of a branch know them: who stands elsewhere does not take a card here. Whoever plays a customer may order to
/// any station.
fn as_staff_know(customer: &Customer, branch: &PersoStation, presence: Presence) -> Customer {
    let mut known = customer.clone();
    if presence == Presence::Themselves && customer.station != *branch {
        known.takes = Taking::Never;
    }
    known
}

async fn conclude(
    plan: &Plan,
    machines: &Machines,
    overseer: &Overseer,
    director: &Director,
    tap: &Tap,
    (seed, wire): (u64, WireKind),
    played: Played,
) -> Told {
    let Played {
        took,
        direction,
        mut onlooker,
    } = played;
    let journal = machines.ground.journal();
    let mut examined = BTreeMap::new();
    examine::everything(plan, machines, onlooker.look(), &mut examined).await;
    let fold = onlooker.look();
    let mut unmet = judge::unmet(plan, fold);
    let done_not_in_hand = fold.done_not_in_hand();
    let finished = fold.finished();
    director.end_all().await;
    recovery::put_in_order(plan, machines, &mut onlooker).await;
    examine::everything(plan, machines, onlooker.look(), &mut examined).await;
    let records = journal.records();
    let secrets = secrets::searcher(plan, machines);
    let mut breaches = overseer.breaches();
    let tapped = tap.take();
    breaches.extend(secrets::leaks(&secrets, machines, &records, &tapped));
    let (expected, breaches) = judge::as_expected(plan, breaches);
    unmet.extend(judge::unbroken(plan, &expected));
    unmet.extend(judge::restless(plan, onlooker.look()));
    let pen = machines.ground.host(Machine::World).pen;
    for breach in &expected {
        let broken = Verdict::LawBrokenAsExpected {
            law: breach.law.to_owned(),
            how: breach.how.clone(),
        };
        pen.write(Event::Verdict(broken)).await;
    }
    for breach in &breaches {
        let broken = Verdict::LawBroken {
            law: breach.law.to_owned(),
            how: breach.how.clone(),
        };
        pen.write(Event::Verdict(broken)).await;
    }
    for diagnostic in &unmet {
        pen.write(Event::Verdict(Verdict::Unmet {
            expectation: diagnostic.title.clone(),
        }))
        .await;
    }
    let verdict = if unmet.is_empty() && breaches.is_empty() {
        "ok"
    } else {
        "failed"
    };
    pen.write(Event::Verdict(Verdict::End {
        verdict: verdict.to_owned(),
    }))
    .await;
    let (cards, rejected) = cards(machines, &finished);
    Told {
        seed,
        wire,
        records: journal.records(),
        tapped,
        cards,
        rejected,
        unmet,
        breaches,
        done_not_in_hand,
        took,
        direction,
        secrets,
    }
}

/// What is told of a story that ended where a law broke.
fn cut_short(
    plan: &Plan,
    machines: &Machines,
    tap: &Tap,
    (seed, wire): (u64, WireKind),
    breach: Breach,
) -> Told {
    let records = machines.ground.journal().records();
    // What was written after it, in the same instant, is another story.
    let records: Vec<_> = records
        .into_iter()
        .take_while(|record| breach.seq.is_none_or(|seq| record.seq <= seq))
        .collect();
    let fold = Fold::of(plan, records.iter().map(AsRef::as_ref));
    let took = records.last().map_or(Moment::START, |record| record.moment);
    Told {
        seed,
        wire,
        records,
        tapped: tap.take(),
        cards: Vec::new(),
        rejected: Vec::new(),
        unmet: Vec::new(),
        breaches: vec![breach],
        done_not_in_hand: fold.done_not_in_hand(),
        took: took.since(Moment::START),
        direction: Direction::GivenUp,
        secrets: secrets::searcher(plan, machines),
    }
}

/// What the laws must know of a plan besides its journal.
pub fn setup(plan: &Plan) -> Setup {
    Setup {
        stations: plan.stations.clone(),
        done_when: plan.tenant.d1_rules.done_when,
        in_doubt: judge::in_doubt(plan),
        asks: asks(&plan.tenant),
    }
}

fn asks(tenant: &Tenant) -> Asks {
    if tenant.issuer_timing.poll_after.get() <= recovery::RECOVERY {
        Asks::InTime
    } else {
        Asks::TooLate {
            attempts: tenant.d1_timing.notification_attempts,
        }
    }
}

/// The finished cards by customer, and what else is in the reject bins.
fn cards(
    machines: &Machines,
    finished: &BTreeMap<CustomerName, BTreeSet<Serial>>,
) -> (Vec<(CustomerName, CardFile)>, Vec<CardFile>) {
    let all: Vec<_> = machines
        .physicals
        .values()
        .flat_map(Physical::cards)
        .collect();
    let mut cards = Vec::new();
    for (customer, finished) in finished {
        let theirs = all
            .iter()
            .filter(|(card, _)| finished.contains(card.serial()));
        let (in_hand, elsewhere): (Vec<_>, Vec<_>) =
            theirs.partition(|(_, place)| matches!(place, Place::Hand(_)));
        let file = |(card, _): &(Blank, Place)| (customer.clone(), CardFile::of(card.clone()));
        cards.extend(in_hand.into_iter().chain(elsewhere).map(file));
    }
    let is_finished = |card: &Blank| {
        let mut serials = finished.values();
        serials.any(|serials| serials.contains(card.serial()))
    };
    let rejected = all
        .iter()
        .filter(|(card, place)| *place == Place::RejectBin && !is_finished(card))
        .map(|(card, _)| CardFile::of(card.clone()))
        .collect();
    (cards, rejected)
}
