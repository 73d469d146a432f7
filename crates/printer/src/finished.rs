//! The last jobs that are over.

use std::collections::VecDeque;

use persotwin_contract::ids::OperationId;
use persotwin_link::device::{JobAt, JobState};

/// How many are remembered (ours).
const REMEMBERED: usize = 16;

/// Jobs of which a card was taken or rejected, the last one first. What left through the exit is forgotten with power; whose cards lie in
/// the bin is not, nor in another printer, which takes over the bin: people can look (ours).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Finished(VecDeque<JobAt>);

impl Finished {
    /// Its card was taken, or went to the bin.
    pub(crate) fn note(&mut self, job: &OperationId, state: JobState) {
        self.0.retain(|known| known.job != *job);
        let job = job.clone();
        self.0.push_front(JobAt { job, state });
        self.0.truncate(REMEMBERED);
    }

    /// Without power, or in another printer.
    pub(crate) fn forget(&mut self) {
        self.0.retain(|known| known.state == JobState::Aborted);
    }

    /// All of them but those at work again, on another blank.
    pub(crate) fn but(&self, at_work: &[JobAt]) -> Vec<JobAt> {
        let over = |known: &&JobAt| at_work.iter().all(|it| it.job != known.job);
        self.0.iter().filter(over).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_cards_lie_in_the_bin_outlasts_the_printers_memory() {
        let [taken, rejected]: [OperationId; 2] =
            ["taken", "rejected"].map(|id| id.parse().unwrap());
        let mut finished = Finished::default();
        finished.note(&taken, JobState::Completed);
        finished.note(&rejected, JobState::Aborted);
        assert_eq!(finished.but(&[]).len(), 2);
        finished.forget();
        let left = finished.but(&[]);
        assert_eq!(left.len(), 1);
        assert_eq!(
            (&left[0].job, left[0].state),
            (&rejected, JobState::Aborted)
        );
    }
}
