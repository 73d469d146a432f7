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
//! | `cue` | which record is which instant |
//! | `moments` | the named moments in the journal |
//! | `means` | what enactments have at hand |
//! | `enact` | a file for each place of the catalogue: how its faults come about |
//! | `operator` | how actions come about |

mod cue;
mod enact;
mod means;
mod moments;
mod operator;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use persotwin_faults::When;
use persotwin_faults::value::Percent;
use persotwin_kernel::{Moment, Record};
use persotwin_scenario::{Plan, PlannedAction, PlannedFault};
use rand::RngExt;

pub(crate) use cue::Due;
pub(crate) use means::{Leavers, Means};
pub(crate) use moments::is_at;

use cue::{Cue, OfStage};

/// Lets a plan's faults and actions happen. Clones direct the same world.
#[derive(Clone)]
pub(crate) struct Director(Arc<Shared>);

struct Shared {
    means: Means,
    faults: Vec<PlannedFault>,
    actions: Vec<PlannedAction>,
    script: Mutex<Script>,
}

struct Script {
    cues: Vec<(Part, Cue)>,
    /// Nothing happens any more.
    closed: bool,
}

/// What a cue is for.
#[derive(Debug, Clone, Copy)]
enum Part {
    Fault(usize),
    Action(usize),
}

impl Director {
    /// Takes the direction of a world that is not started yet.
    pub(crate) fn begin(plan: &Plan, means: Means) -> Self {
        let script = Script {
            cues: Vec::new(),
            closed: false,
        };
        let director = Self(Arc::new(Shared {
            means,
            faults: plan.faults.clone(),
            actions: plan.actions.clone(),
            script: Mutex::new(script),
        }));
        if !plan.faults.is_empty() || !plan.actions.is_empty() {
            director.open();
        }
        director
    }

    fn open(&self) {
        let watcher = self.clone();
        let journal = self.0.means.host.pen.journal().clone();
        journal.watch(move |record| watcher.see(record));
        for (index, planned) in self.0.faults.iter().enumerate() {
            let part = Part::Fault(index);
            match &planned.when {
                // What is there from the start was built in; a trap knows its messages itself.
                None => self.0.means.struck(planned),
                Some(When::OwnCall(_)) => self.play(part, 0),
                Some(when) => {
                    let of_stage = enact::of_stage(&planned.fault);
                    self.cue(part, when, of_stage, strikes(planned));
                }
            }
        }
        for (index, planned) in self.0.actions.iter().enumerate() {
            self.cue(Part::Action(index), &planned.when, OfStage::Reached, 1);
        }
    }

    fn cue(&self, part: Part, when: &When, of_stage: OfStage, times: u32) {
        if let When::At(at) = when {
            let (director, at) = (self.clone(), at.get());
            let clock = self.0.means.host.clock.clone();
            self.0.means.later(async move {
                clock.sleep_until(Moment::START + at).await;
                director.play(part, 0);
            });
            return;
        }
        self.script()
            .cues
            .push((part, Cue::new(when.clone(), of_stage, times)));
    }

    /// Sees one more record.
    fn see(&self, record: &Record) {
        let due: Vec<(Part, Due)> = {
            let mut script = self.script();
            if script.closed {
                return;
            }
            let stations = &self.0.means;
            let cues = script.cues.iter_mut();
            cues.filter_map(|(part, cue)| Some((*part, cue.see(record, stations)?)))
                .collect()
        };
        for (part, Due { nth, wait }) in due {
            if wait == Duration::ZERO {
                self.play(part, nth);
                continue;
            }
            let director = self.clone();
            let clock = self.0.means.host.clock.clone();
            self.0.means.later(async move {
                clock.sleep(wait).await;
                director.play(part, nth);
            });
        }
    }

    /// The instant of a fault or an action has come, for the `nth` time, from 0.
    fn play(&self, part: Part, nth: u32) {
        if self.script().closed {
            return;
        }
        match part {
            Part::Action(index) => operator::act(&self.0.means, &self.0.actions[index]),
            Part::Fault(index) => {
                let planned = &self.0.faults[index];
                if self.is_drawn(planned, nth) {
                    enact::strike(&self.0.means, planned);
                    self.end_later(planned);
                }
            }
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
    fn end_later(&self, planned: &PlannedFault) {
        let (Some(lasts), false) = (planned.lasts, enact::strikes_messages(&planned.fault)) else {
            return;
        };
        let (means, planned) = (self.0.means.clone(), planned.clone());
        self.0.means.host.life.clone().spawn(async move {
            means.host.clock.sleep(lasts.get()).await;
            enact::mend(&means, &planned);
            means.over(&planned);
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
        for planned in &self.0.faults {
            enact::mend(&self.0.means, planned);
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
    for planned in &plan.faults {
        enact::prepare(&mut prepared, planned);
    }
    prepared
}
