//! The director: it follows the journal and lets happen what a scenario declares, faults and people's actions alike.
//!
//! ```text
//! declared ─ its instant comes ─▶ cued ─ wait, chance ─▶ struck ─ for, back-after ─▶ over
//!                └── strikes messages: a trap on the net, which says itself what it caught
//! ```
//!
//! It sees each record at the instant in which it is written, before whoever wrote it does anything else. So a machine that is struck
//! at a moment gets no further than its next seam. It acts by the six seams only: wire, ledger, life and power, clock, the
//! physical environment, D1's key vault. The same director works in virtual and in real time.
//!
//! | room | holds |
//! |---|---|
//! | `book` | what became of each |
//! | `clear` | how faults are taken back |
//! | `cue` | which record is which instant |
//! | `moments` | the named moments in the journal |
//! | `means` | what enactments have at hand |
//! | `enact` | a file for each place of the catalogue: how its faults come about |
//! | `operator` | how actions come about |

mod book;
mod clear;
mod cue;
mod enact;
mod means;
mod moments;
mod operator;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use persotwin_faults::place::issuer::IssuerFault;
use persotwin_faults::value::Percent;
use persotwin_faults::{Fault, When};
use persotwin_kernel::{Moment, Record};
use persotwin_scenario::{Plan, PlannedFault};
use rand::RngExt;

pub(crate) use book::{Book, Declared, Full, Part, State};
pub(crate) use clear::CannotClear;
pub(crate) use cue::Due;
pub(crate) use means::{Leavers, Means};
pub use moments::moment_of;
pub(crate) use moments::{is_at, is_one};

use book::Snare;
use cue::{Cue, OfStage};

/// Lets a plan's faults and actions happen, and those that join the story later. Clones direct the same world.
#[derive(Clone)]
pub(crate) struct Director(Arc<Shared>);

struct Shared {
    means: Means,
    script: Mutex<Script>,
}

#[derive(Default)]
struct Script {
    cues: Vec<(Part, Cue)>,
    /// Somebody has asked to be shown every record.
    watches: bool,
    /// Nothing happens any more.
    closed: bool,
}

impl std::fmt::Debug for Director {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Director({} declared)", self.0.means.book.ids().len())
    }
}

impl Director {
    /// Takes the direction of a world that is not started yet.
    pub(crate) fn begin(plan: &Plan, means: Means) -> Self {
        let script = Mutex::default();
        let director = Self(Arc::new(Shared { means, script }));
        let faults = plan.faults.iter().cloned();
        let actions = plan.actions.iter().cloned();
        let parts: Vec<Part> = faults
            .map(|planned| Part::Fault(Arc::new(planned)))
            .chain(actions.map(|planned| Part::Action(Arc::new(planned))))
            .collect();
        for part in &parts {
            // A file of more than the book holds plays all the same; only the list at the control face is shorter then.
            let _ = director.0.means.book.enter(part.clone(), State::Waiting);
        }
        for part in parts {
            director.watch();
            director.declare(part);
        }
        director
    }

    /// Lets one more join the story.
    ///
    /// # Errors
    /// [`Full`].
    pub(crate) fn join(&self, part: Part) -> Result<(), Full> {
        self.watch();
        self.0.means.book.enter(part.clone(), State::Waiting)?;
        let now = self.0.means.host.clock.now();
        match part.when() {
            Some(When::At(at)) if now >= Moment::START + at.get() => self.play(&part, 0),
            _ => self.declare(part),
        }
        Ok(())
    }

    /// What is at hand.
    pub(crate) fn means(&self) -> &Means {
        &self.0.means
    }

    /// Waits until it is known what came of something that joined the story, if its instant has come.
    pub(crate) async fn decided(&self, part: &Part) -> Option<State> {
        self.0.means.book.decided(part.id()).await
    }

    /// Sees every record from now on.
    fn watch(&self) {
        if std::mem::replace(&mut self.script().watches, true) {
            return;
        }
        // The journal outlives a world's direction, and must not hold on to it: it is in everybody's hands, the director's too.
        let watcher = Arc::downgrade(&self.0);
        let journal = self.0.means.host.pen.journal().clone();
        journal.watch(move |record| {
            if let Some(director) = watcher.upgrade() {
                Self(director).see(record);
            }
        });
    }

    fn declare(&self, part: Part) {
        match &part {
            Part::Fault(planned) => match planned.when.clone() {
                // What is there from the start was built in; a trap knows its messages itself.
                None => self.0.means.struck(planned),
                Some(When::OwnCall(_)) => self.play(&part, 0),
                Some(when) => {
                    let (of_stage, times) = (enact::of_stage(&planned.fault), strikes(planned));
                    self.cue(part, &when, of_stage, times);
                }
            },
            Part::Action(planned) => {
                let when = planned.when.clone();
                self.cue(part, &when, OfStage::Reached, 1);
            }
        }
    }

    fn cue(&self, part: Part, when: &When, of_stage: OfStage, times: u32) {
        if let When::At(at) = when {
            let at = Moment::START + at.get();
            let clock = self.0.means.host.clock.clone();
            let director = self.clone();
            self.0.means.later(async move {
                clock.sleep_until(at).await;
                director.play(&part, 0);
            });
            return;
        }
        let cue = Cue::new(when.clone(), of_stage, times);
        self.script().cues.push((part, cue));
    }

    /// Sees one more record.
    fn see(&self, record: &Record) {
        self.0.means.book.see(record);
        let due: Vec<(Part, Due)> = {
            let mut script = self.script();
            if script.closed {
                return;
            }
            let stations = &self.0.means;
            let cues = script.cues.iter_mut();
            cues.filter_map(|(part, cue)| Some((part.clone(), cue.see(record, stations)?)))
                .collect()
        };
        for (part, Due { nth, wait }) in due {
            if wait == Duration::ZERO {
                self.play(&part, nth);
                continue;
            }
            let director = self.clone();
            let clock = self.0.means.host.clock.clone();
            self.0.means.later(async move {
                clock.sleep(wait).await;
                director.play(&part, nth);
            });
        }
    }

    /// The instant of a fault or an action has come, for the `nth` time, from 0.
    fn play(&self, part: &Part, nth: u32) {
        let means = &self.0.means;
        if self.script().closed || !means.book.tries(part.id()) {
            return;
        }
        match part {
            Part::Action(planned) => operator::act(means, planned),
            Part::Fault(planned) if self.is_drawn(planned, nth) => {
                enact::strike(means, planned);
                self.end_later(planned);
                if means.hands.is_armed(&planned.id) {
                    means.book.armed(&planned.id, Snare::Net);
                }
            }
            Part::Fault(planned) => means.missed(&planned.id, "chance would not have it"),
        }
    }

    /// Whether chance lets it strike. Traps draw for each message.
    fn is_drawn(&self, planned: &PlannedFault, nth: u32) -> bool {
        if planned.chance == Percent::ALL || enact::strikes_messages(&planned.fault) {
            return true;
        }
        let chance = &self.0.means.host.chance;
        let mut draw = chance.draw("fault", &[&planned.id, &nth]);
        draw.random_range(0..100) < planned.chance.get()
    }

    /// Ends a fault that lasts for a while; the story does not wait for that.
    fn end_later(&self, planned: &Arc<PlannedFault>) {
        let (Some(lasts), false) = (planned.lasts, enact::strikes_messages(&planned.fault)) else {
            return;
        };
        let (means, planned) = (self.0.means.clone(), Arc::clone(planned));
        self.0.means.host.life.clone().spawn(async move {
            means.host.clock.sleep(lasts.get()).await;
            if means.book.is_wanted(&planned.id) {
                enact::mend(&means, &planned);
                means.over(&planned);
            }
        });
    }

    /// Waits until nothing is on its way that has its time already: what waits for a moment that never comes is not waited for.
    pub(crate) async fn settled(&self) {
        self.0.means.settled().await;
    }

    /// Ends every fault: nothing strikes any more, and what struck is mended, machines that are down apart.
    pub(crate) async fn end_all(&self) {
        self.script().closed = true;
        self.0.means.hands.disarm_all();
        for physical in self.0.means.physicals.values() {
            physical.withdraw_all().await;
        }
        for declared in self.0.means.book.all() {
            if let Part::Fault(planned) = &declared.part {
                enact::mend(&self.0.means, planned);
            }
        }
        self.0.means.mended().await;
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often a fault's cue is taken: a trap counts messages itself.
fn strikes(planned: &PlannedFault) -> u32 {
    if enact::strikes_messages(&planned.fault) {
        1
    } else {
        planned.times.unwrap_or(1)
    }
}

/// The plan with what its world begins with.
pub(crate) fn prepared(plan: &Plan) -> Plan {
    let mut prepared = plan.clone();
    // Who writes the card number into an id writes the one that the order has, whatever else is wrong with that.
    let (numbers, others): (Vec<_>, Vec<_>) = plan.faults.iter().partition(|planned| {
        matches!(
            planned.fault,
            Fault::Issuer(_, IssuerFault::NumberAsRequestId)
        )
    });
    for planned in others.into_iter().chain(numbers) {
        enact::prepare(&mut prepared, planned);
    }
    prepared
}
