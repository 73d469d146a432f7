//! The agent's desk: its jobs, the cards that it touched, what it has to report. Pure: no clock, no calls, no chance.
//!
//! ```text
//!  Taken        Picking, Picked, Loading           Finished        Presenting, Presented
//! ───────▶ Queued ───────▶ Making ─────────────────▶ Held ────────────▶ Presenting ────────────▶ Over(Given)
//!             │             │  ▲                      │ "capture",           │ not taken, rejected
//!   Withdrawn │      Failed │  └─ Spoiled, LostTrack  │ no answer            │ by staff, stuck
//!             ▼             ▼     (a fresh blank)     ▼                      ▼
//!         Withdrawn    Over(Failed)               Capturing ◀────────────────┘
//!                                                     └──▶ Over(Captured), Over(Failed)
//! ```
//!
//! **The happy path.** A job is taken and queued. A blank is picked, its chip loaded, its stripe written, both sides printed, each
//! verified: the card is *held* inside and PRODUCED is reported. D1 answers "release"; the card is presented and taken.
//!
//! **A blank is spoiled** (jam, refused command, stripe that does not read back): it goes to the reject bin; if keys were sent to its
//! chip it is listed for destruction; the job goes on with a fresh blank as long as attempts are left, else FAILED with the code of
//! what spoiled it last.
//!
//! **The printer needs help** (no blanks, no ribbon, cover open, …): another blank would not help. The job fails at once with the
//! condition's code, or after a configured wait for an operator.
//!
//! **D1 decides "capture"**, or does not answer within the hold limit: the card goes to the reject bin, and CAPTURED says why. When
//! nobody answered, CAPTURED goes to D1 *before* the PRODUCED that it has not heard, so that D1 does not release a card that is gone.
//!
//! **D1 gives the order up.** A job that has not begun is withdrawn, also while an operator is waited for; one that has begun goes on, and
//! D1 answers its PRODUCED with "capture". A report to which D1 answers 410 (it knows nothing of the job, or has revoked the station) is
//! *unwanted*: it is sent no more, and counts as "capture". One to which it answers 409 goes out again under the next number (*spent*): an
//! earlier life used this one, and the ledger lost that.
//!
//! **Nobody takes the card**, or staff reject it on the tray: captured too.
//!
//! **The agent crashes.** The ledger says how far each job was. A half-made card is given up (*lost track*), for no command to a chip
//! is ever repeated; a blank that was asked for and lies nowhere is told from the printer's counter (*blank lost*); a finished card is still held, and its PRODUCED reported again if D1 has not answered; a presented one is asked
//! for; a capture that was begun is ended.

mod book;
mod entry;
mod job;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use persotwin_contract::ids::OperationId;
use persotwin_kernel::event::{Book, News};
use persotwin_link::Serial;
use persotwin_link::jobs::{Decision, Job, JobStatus, Report};

use book::Cards;
pub(crate) use book::Fate;
pub(crate) use entry::{End, Entry};
pub(crate) use job::{Record, State};

/// All that the agent remembers, made from its ledger's entries alone.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    jobs: BTreeMap<OperationId, Record>,
    /// Jobs that are not over, in the order of acceptance.
    queue: VecDeque<OperationId>,
    cards: Cards,
    /// The pick of which nobody knows yet what came of it.
    picking: Option<Pick>,
    /// Blanks that operators declared later, by the name of the load.
    loads: BTreeMap<String, u32>,
    /// What the book said was loaded at first.
    declared: u32,
}

/// A blank that was asked for.
#[derive(Debug)]
struct Pick {
    id: OperationId,
    /// What the printer had counted before.
    counted: u32,
}

/// What a job that is offered is to the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    /// Not known.
    New,
    /// Known, with the same content.
    Same,
    /// Known, with another content, or withdrawn.
    Other,
}

impl Desk {
    /// The desk of a station whose book starts with so many blanks.
    pub(crate) fn new(declared: u32) -> Self {
        Self {
            declared,
            ..Self::default()
        }
    }

    /// Makes an entry true, the only way in which anything changes. Returns what is new, in order.
    pub(crate) fn apply(&mut self, entry: &Entry) -> Vec<News> {
        let known = entry.id().is_some_and(|id| self.jobs.contains_key(id));
        match entry {
            Entry::Taken { id, job } => {
                if known {
                    return Vec::new();
                }
                let number = self.jobs.len() + 1;
                self.jobs
                    .insert(id.clone(), Record::new(number, Some(job.clone())));
                self.queue.push_back(id.clone());
                return vec![News::JobTaken];
            }
            Entry::Withdrawn { id } if !known => {
                let number = self.jobs.len() + 1;
                self.jobs.insert(id.clone(), Record::new(number, None));
            }
            Entry::Declared { load, blanks } => {
                self.loads.insert(load.clone(), *blanks);
                return vec![News::Book(self.book())];
            }
            _ => {}
        }
        self.follow_pick(entry);
        let mut news = Vec::new();
        if let Some(job) = entry.id().and_then(|id| self.jobs.get_mut(id)) {
            let was_wanted = job.state != State::Withdrawn;
            let reports = job.apply(entry);
            self.cards.apply(entry, job, &mut news);
            match entry {
                Entry::Withdrawn { .. } if known && was_wanted && job.state == State::Withdrawn => {
                    news.push(News::JobWithdrawn);
                }
                Entry::Unwanted { sequence, .. } => {
                    let report = job.filed(*sequence).cloned();
                    news.extend(report.map(|report| News::ReportUnwanted { report }));
                }
                _ => {}
            }
            news.extend(reports.into_iter().map(|report| News::Reporting { report }));
        } else {
            self.cards.apply_stray(entry, &mut news);
        }
        self.queue
            .retain(|id| self.jobs.get(id).is_some_and(|job| !job.state.is_final()));
        // A job that is being worked on tells the book when it is over.
        let idle = |id| {
            let state = self.jobs.get(id).map(|job| &job.state);
            state.is_none_or(|state| *state == State::Queued || state.is_final())
        };
        let counted = match entry {
            Entry::Over { .. } | Entry::LostTrack { id: None, .. } => true,
            Entry::LostTrack { id: Some(id), .. } | Entry::BlankLost { id } => idle(id),
            _ => false,
        };
        if counted {
            news.push(News::Book(self.book()));
        }
        news
    }

    fn follow_pick(&mut self, entry: &Entry) {
        match entry {
            Entry::Picking { id, counted } => {
                let (id, counted) = (id.clone(), *counted);
                self.picking = Some(Pick { id, counted });
            }
            Entry::Picked { .. } | Entry::NotFed { .. } | Entry::BlankLost { .. } => {
                self.picking = None;
            }
            // The blank that was asked for was found: the path was clear before, so it is that one even if it was fed before.
            Entry::LostTrack { .. } => self.picking = None,
            _ => {}
        }
    }

    /// The job whose blank left the hopper and is nowhere, as the printer now counts. Asked when the path is clear.
    pub(crate) fn lost_blank(&self, counted: u32) -> Option<&OperationId> {
        let pick = self.picking.as_ref()?;
        (counted > pick.counted).then_some(&pick.id)
    }

    /// Whether a blank was asked for, and nobody knows what became of it.
    pub(crate) const fn awaits_blank(&self) -> bool {
        self.picking.is_some()
    }

    /// How an offered job compares with what is known.
    pub(crate) fn judge(&self, id: &OperationId, job: &Job) -> Offer {
        match self.jobs.get(id) {
            None => Offer::New,
            Some(known) if known.state == State::Withdrawn => Offer::Other,
            Some(known) if known.job.as_ref() == Some(job) => Offer::Same,
            Some(_) => Offer::Other,
        }
    }

    /// The job to work on: the one that was accepted first and is not over.
    pub(crate) fn current(&self) -> Option<&OperationId> {
        self.queue.front()
    }

    /// Jobs accepted and not over.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// A job.
    pub(crate) fn job(&self, id: &OperationId) -> Option<&Record> {
        self.jobs.get(id)
    }

    /// Whether anything was ever done here.
    pub(crate) fn has_history(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// Jobs of which D1 has not answered every report.
    pub(crate) fn unanswered(&self) -> Vec<OperationId> {
        let open = self
            .jobs
            .iter()
            .filter(|(_, job)| job.next_report().is_some());
        open.map(|(id, _)| id.clone()).collect()
    }

    /// The report that is to be sent next.
    pub(crate) fn next_report(&self, id: &OperationId) -> Option<Report> {
        self.jobs.get(id)?.next_report()
    }

    /// D1's decision on the card of a job, once it has answered PRODUCED.
    pub(crate) fn decision(&self, id: &OperationId) -> Option<Decision> {
        let job = self.jobs.get(id)?;
        let produced = |status: &JobStatus| matches!(status, JobStatus::Produced { .. });
        job.answer_to(produced)
    }

    /// What became of a card; none for one that the desk never heard of.
    pub(crate) fn fate(&self, serial: &Serial) -> Option<Fate> {
        self.cards.fate(serial)
    }

    /// The cards that are to be destroyed, by serial number, with what became of them.
    pub(crate) fn for_destruction(&self) -> impl Iterator<Item = (&Serial, Fate)> {
        self.cards.for_destruction()
    }

    /// Whether a card is to be destroyed: one that is fed again is no blank.
    pub(crate) fn is_for_destruction(&self, serial: &Serial) -> bool {
        self.for_destruction().any(|(listed, _)| listed == serial)
    }

    /// How many blanks an operator declared with a load.
    pub(crate) fn declared(&self, load: &str) -> Option<u32> {
        self.loads.get(load).copied()
    }

    /// The inventory book.
    pub(crate) fn book(&self) -> Book {
        let later: u32 = self.loads.values().copied().fold(0, u32::saturating_add);
        Book {
            declared: self.declared.saturating_add(later),
            ..self.cards.count()
        }
    }
}
