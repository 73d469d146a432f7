//! The last jobs that are over.

use std::collections::VecDeque;

use persotwin_contract::ids::OperationId;
use persotwin_link::device::{JobAt, JobState};

/// How many are remembered (ours).
const REMEMBERED: usize = 16;

/// Jobs of which a card was taken or rejected, the last one first. Lost with power.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Finished(VecDeque<JobAt>);

impl Finished {
    /// Its card was taken, or went to the bin.
    pub(crate) fn note(&mut self, job: &OperationId, state: JobState) {
        self.0.retain(|known| known.job != *job);
        self.0.push_front(JobAt {
            job: job.clone(),
            state,
        });
        self.0.truncate(REMEMBERED);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// All of them but those at work again, on another blank.
    pub(crate) fn but(&self, at_work: &[JobAt]) -> Vec<JobAt> {
        let over = |known: &&JobAt| at_work.iter().all(|it| it.job != known.job);
        self.0.iter().filter(over).cloned().collect()
    }
}
