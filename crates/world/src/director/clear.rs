//! How a fault is taken back before it strikes, and mended afterwards; and how an action is called off.

use persotwin_faults::FaultId;

use crate::director::Director;
use crate::director::book::{Declared, Part, Snare, State};
use crate::director::enact::aftermath::{self, Aftermath};
use crate::director::enact::mend;

/// Why something cannot be taken back. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CannotClear {
    /// Nobody declared it.
    #[error("there is nothing of this id")]
    Unknown,
    /// Nothing comes of it any more.
    #[error("it is {0} already")]
    Final(&'static str),
    /// It has struck, and people mend it.
    #[error("it has struck, and only an operator mends it: {{\"does\": \"{0}\"}}")]
    Needs(&'static str),
    /// It has struck, and what it did is done.
    #[error("it has struck, and leaves nothing behind that could be taken away")]
    Past,
    /// It strikes at this moment.
    #[error("it is about to strike")]
    Striking,
}

impl Director {
    /// Takes a fault back, or mends what it did; calls an action off.
    ///
    /// # Errors
    /// [`CannotClear`].
    pub(crate) async fn clear(&self, id: &FaultId) -> Result<(), CannotClear> {
        let means = self.means();
        let declared = means.book.of(id).ok_or(CannotClear::Unknown)?;
        match &declared.state {
            State::Waiting => self.forget_cue(id),
            State::Armed(Snare::Net | Snare::Entry) => {
                if let Part::Fault(planned) = &declared.part {
                    mend(means, planned);
                }
            }
            State::Trying => return Err(CannotClear::Striking),
            State::Armed(Snare::Hardware(station, trouble)) => {
                let physical = means.physicals.get(station);
                let physical = physical.ok_or(CannotClear::Unknown)?;
                if !physical.withdraw(*trouble).await {
                    return Err(CannotClear::Striking);
                }
            }
            State::Struck => return self.mend(id, &declared).await,
            State::Done | State::Missed(_) | State::Over | State::Cleared => {
                return Err(CannotClear::Final(declared.state.word()));
            }
        }
        means.book.cleared(id);
        Ok(())
    }

    async fn mend(&self, id: &FaultId, declared: &Declared) -> Result<(), CannotClear> {
        let means = self.means();
        let Part::Fault(planned) = &declared.part else {
            return Err(CannotClear::Past);
        };
        match aftermath::of(&planned.fault) {
            Aftermath::Past => return Err(CannotClear::Past),
            Aftermath::Needs(does) => return Err(CannotClear::Needs(does)),
            Aftermath::Mendable => {
                mend(means, planned);
                means.mended().await;
            }
            Aftermath::Down(machines) => {
                for machine in &machines {
                    means.hands.start_if_down(machine).await;
                }
            }
        }
        self.forget_cue(id);
        means.over(planned);
        means.book.cleared(id);
        Ok(())
    }

    fn forget_cue(&self, id: &FaultId) {
        self.script().cues.retain(|(part, _)| part.id() != id);
    }
}
