//! The last jobs that are over.

use std::collections::VecDeque;

use persotwin_contract::ids::OperationId;
use persotwin_link::device::{JobAt, JobState};

/// How many are remembered (ours).
const REMEMBERED: usize = 16;

/// Jobs of which a card was taken or rejected, the last one first. What the printer saw of them itself is lost with power; whose cards
/// people threw away they write down, and nothing makes them forget it (ours).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Finished(VecDeque<Noted>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Noted {
    job: JobAt,
    by: By,
}

/// Who knows that a job is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// The printer, which did it or saw it.
    ThePrinter,
    /// Whoever took the card out by hand.
    Hand,
}

impl Finished {
    /// Its card was taken, or went to the bin.
    pub(crate) fn note(&mut self, job: &OperationId, state: JobState, by: By) {
        self.0.retain(|known| known.job.job != *job);
        let job = job.clone();
        let job = JobAt { job, state };
        self.0.push_front(Noted { job, by });
        self.0.truncate(REMEMBERED);
    }

    /// Without power, or in another printer.
    pub(crate) fn forget(&mut self) {
        self.0.retain(|known| known.by == By::Hand);
    }

    /// All of them but those at work again, on another blank.
    pub(crate) fn but(&self, at_work: &[JobAt]) -> Vec<JobAt> {
        let all = self.0.iter().map(|known| &known.job);
        let over = |known: &&JobAt| at_work.iter().all(|it| it.job != known.job);
        all.filter(over).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_down_outlasts_the_printers_memory() {
        let [seen, thrown_away]: [OperationId; 2] =
            ["seen", "thrown-away"].map(|id| id.parse().unwrap());
        let mut finished = Finished::default();
        finished.note(&seen, JobState::Completed, By::ThePrinter);
        finished.note(&thrown_away, JobState::Aborted, By::Hand);
        assert_eq!(finished.but(&[]).len(), 2);
        finished.forget();
        let left = finished.but(&[]);
        assert_eq!(left.len(), 1);
        assert_eq!(
            (&left[0].job, left[0].state),
            (&thrown_away, JobState::Aborted)
        );
    }
}
