//! One job: where it stands, and what of it D1 has heard.

use persotwin_contract::production::ProductionCode;
use persotwin_link::Serial;
use persotwin_link::jobs::{CaptureCause, Decision, Job, JobStatus, Report};

use super::entry::{End, Entry};

/// A job as the desk knows it.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// The how-manieth job this is, from 1: names its actions at the printer.
    pub(crate) number: usize,
    /// What was ordered; none for a job that was withdrawn before it came.
    pub(crate) job: Option<Job>,
    /// Where it stands.
    pub(crate) state: State,
    /// How often a blank was asked for.
    pub(crate) picks: u32,
    /// How many blanks were spoiled.
    pub(crate) spoiled: u32,
    /// The code of what went wrong last.
    pub(crate) setback: Option<ProductionCode>,
    /// The card that was picked last, as long as it may become good.
    card: Option<Serial>,
    reports: Vec<Filed>,
}

/// Where a job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// Not begun.
    Queued,
    /// Cards are made, until one is good.
    Making {
        /// The one on the path, if its serial number is known.
        card: Option<Serial>,
    },
    /// The good card waits inside.
    Held {
        /// Which.
        serial: Serial,
    },
    /// The card is on its way out, or lies in the exit.
    Presenting {
        /// Which.
        serial: Serial,
    },
    /// The card is on its way to the reject bin.
    Capturing {
        /// Which.
        serial: Serial,
        /// What the job ends with then.
        end: End,
    },
    /// Over.
    Over(End),
    /// Nobody wanted it any more before it had begun.
    Withdrawn,
}

impl State {
    /// Whether nothing more will be done.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Over(_) | Self::Withdrawn)
    }
}

/// A report and D1's answer to it.
#[derive(Debug, Clone)]
struct Filed {
    status: JobStatus,
    answer: Option<Decision>,
}

impl Record {
    pub(crate) fn new(number: usize, job: Option<Job>) -> Self {
        Self {
            number,
            job,
            state: State::Queued,
            picks: 0,
            spoiled: 0,
            setback: None,
            card: None,
            reports: Vec::new(),
        }
    }

    /// Makes an entry true. An entry that does not fit the state changes nothing. Returns what is to be reported.
    pub(super) fn apply(&mut self, entry: &Entry) -> Option<JobStatus> {
        let state = std::mem::replace(&mut self.state, State::Queued);
        let (state, report) = self.step(state, entry);
        self.state = state;
        if let Some(status) = &report {
            self.reports.push(Filed {
                status: status.clone(),
                answer: None,
            });
        }
        report
    }

    fn step(&mut self, state: State, entry: &Entry) -> (State, Option<JobStatus>) {
        match (state, entry) {
            (State::Queued, Entry::Withdrawn { .. }) => (State::Withdrawn, None),
            (State::Queued | State::Making { .. }, Entry::Picking { .. }) => {
                self.picks += 1;
                (State::Making { card: None }, None)
            }
            (State::Making { .. }, Entry::Picked { serial, .. }) => {
                let card = Some(serial.clone());
                self.card.clone_from(&card);
                (State::Making { card }, self.once(JobStatus::Started))
            }
            (State::Making { .. }, Entry::Spoiled { condition, .. }) => {
                let code = condition.code().unwrap_or(ProductionCode::UnknownError);
                (self.without_card(code), None)
            }
            (State::Making { card: None }, Entry::LostTrack { .. } | Entry::BlankLost { .. }) => {
                // A blank that the agent never had, like the second of a double feed: what spoiled the first is the cause.
                let code = self.setback.unwrap_or(ProductionCode::SatMemoryLost);
                (self.without_card(code), None)
            }
            (State::Making { .. } | State::Held { .. }, Entry::LostTrack { .. }) => {
                (self.without_card(ProductionCode::SatMemoryLost), None)
            }
            (State::Making { card: Some(serial) }, Entry::Finished { .. }) => {
                let report = JobStatus::Produced {
                    serial: serial.clone(),
                };
                (State::Held { serial }, Some(report))
            }
            (State::Presenting { .. }, Entry::BegunAgain { .. }) => {
                self.card = None;
                (State::Making { card: None }, None)
            }
            (State::Held { serial }, Entry::Presenting { .. }) => {
                (State::Presenting { serial }, None)
            }
            (state @ State::Presenting { .. }, Entry::Presented { .. }) => {
                (state, self.once(JobStatus::Presented))
            }
            (
                State::Held { serial } | State::Presenting { serial },
                Entry::Capturing { end, .. },
            ) => (State::Capturing { serial, end: *end }, None),
            (state, Entry::Over { end, .. }) if !state.is_final() => {
                (State::Over(*end), Some(end.report()))
            }
            (
                state,
                Entry::Answered {
                    sequence, decision, ..
                },
            ) => {
                self.hear(*sequence, *decision);
                (state, None)
            }
            (state, Entry::Unwanted { sequence, .. }) => {
                self.hear(*sequence, Decision::Capture);
                (state, None)
            }
            (state, Entry::Spent { sequence, .. }) => {
                let again = self.unanswered(*sequence).cloned();
                self.hear(*sequence, Decision::Noted);
                (state, again)
            }
            (state, _) => (state, None),
        }
    }

    fn without_card(&mut self, code: ProductionCode) -> State {
        self.spoiled += 1;
        self.setback = Some(code);
        self.card = None;
        State::Making { card: None }
    }

    /// The card that was picked last, unless it was spoiled.
    pub(super) fn card(&self) -> Option<&Serial> {
        self.card.as_ref()
    }

    /// The report, unless it was filed before.
    fn once(&self, status: JobStatus) -> Option<JobStatus> {
        let filed = self.reports.iter().any(|filed| filed.status == status);
        (!filed).then_some(status)
    }

    fn hear(&mut self, sequence: u32, decision: Decision) {
        if let Some(filed) = place(sequence).and_then(|index| self.reports.get_mut(index)) {
            filed.answer.get_or_insert(decision);
        }
    }

    /// The report that has this sequence number, if D1 has not answered it.
    fn unanswered(&self, sequence: u32) -> Option<&JobStatus> {
        let filed = place(sequence).and_then(|index| self.reports.get(index))?;
        filed.answer.is_none().then_some(&filed.status)
    }

    /// The report that has this sequence number.
    pub(super) fn filed(&self, sequence: u32) -> Option<&JobStatus> {
        let filed = place(sequence).and_then(|index| self.reports.get(index));
        filed.map(|filed| &filed.status)
    }

    /// D1's answer to the report that is like this.
    pub(super) fn answer_to(&self, like: impl Fn(&JobStatus) -> bool) -> Option<Decision> {
        // The last one: a job that lost a finished card may have reported another since.
        let filed = self.reports.iter().rev().find(|filed| like(&filed.status));
        filed?.answer
    }

    /// The report that is to be sent next: they go in order, but for one that could call for a card that is gone.
    pub(super) fn next_report(&self) -> Option<Report> {
        let open = (1..).zip(&self.reports);
        let mut open = open.filter(|(_, filed)| filed.answer.is_none());
        let (mut first, last) = (open.next()?, open.last());
        let produced = matches!(first.1.status, JobStatus::Produced { .. });
        if produced && self.is_kept_without_answer() {
            first = last?;
        }
        let (sequence, filed) = first;
        Some(Report {
            sequence,
            status: filed.status.clone(),
        })
    }

    /// Whether the card is kept because D1 did not answer in time.
    fn is_kept_without_answer(&self) -> bool {
        let end = match &self.state {
            State::Capturing { end, .. } => end,
            // Once D1 knows the end, it may hear the rest.
            State::Over(end) if self.reports.last().is_some_and(|it| it.answer.is_none()) => end,
            _ => return false,
        };
        *end == End::Captured(CaptureCause::NoAnswer)
    }
}

/// Where the report with a sequence number stands: they count from 1.
fn place(sequence: u32) -> Option<usize> {
    usize::try_from(sequence).ok()?.checked_sub(1)
}

impl End {
    fn report(self) -> JobStatus {
        match self {
            Self::Given => JobStatus::Taken,
            Self::Captured(why) => JobStatus::Captured { why },
            Self::Failed(code) => JobStatus::Failed { code },
        }
    }
}
