//! Actions: their ids, how long they take, how they stand, and why one is not accepted.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use persotwin_link::Stage;
use persotwin_link::device::{Action, ActionRequest, Outcome};
use persotwin_link::timings::Timings;
use serde::{Deserialize, Serialize};

use crate::environment::armed::Due;

/// The id under which an agent asks for an action: 1 to 64 letters, digits, `_`, `-` or `.` (ours).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ActionId(String);

/// A text that is no action id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an action id has 1 to 64 letters, digits, underscores, hyphens or dots")]
pub struct NotAnActionId;

impl FromStr for ActionId {
    type Err = NotAnActionId;

    fn from_str(text: &str) -> Result<Self, NotAnActionId> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let good = (1..=64).contains(&text.len()) && text.bytes().all(fits);
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnActionId)
        }
    }
}

impl TryFrom<String> for ActionId {
    type Error = NotAnActionId;

    fn try_from(text: String) -> Result<Self, NotAnActionId> {
        text.parse()
    }
}

impl From<ActionId> for String {
    fn from(id: ActionId) -> Self {
        id.0
    }
}

impl fmt::Display for ActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What the mechanics do now, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Movement {
    /// The stage of production it belongs to.
    pub stage: Stage,
    /// How long the head cools before; no time for most.
    pub cooling: Duration,
    /// How long it takes then, up to where it ends: a movement that is going to stop half way takes half its time.
    pub duration: Duration,
}

impl Movement {
    pub(crate) fn of(action: &Action, timings: &Timings) -> Self {
        let (stage, span) = match action {
            Action::Pick { .. } => (Stage::Pick, timings.feed),
            Action::MoveToChip => (Stage::Chip, timings.move_to_chip),
            Action::EncodeStripe(_) => (Stage::Stripe, timings.stripe),
            Action::PrintFront(_) => (Stage::PrintFront, timings.print_front),
            Action::Flip => (Stage::Flip, timings.flip),
            Action::PrintBack(_) => (Stage::PrintBack, timings.print_back),
            Action::Check => (Stage::Check, timings.check),
            Action::Present => (Stage::Present, timings.present),
            Action::Reject => (Stage::Reject, timings.reject),
        };
        Self {
            stage,
            cooling: Duration::ZERO,
            duration: span.get(),
        }
    }
}

/// What came of asking for an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// The mechanics move; complete the action when the time is over.
    Moving(Movement),
    /// Nothing moves: the same action was asked for before, or a sensor says that it is in vain.
    /// This is how it stands.
    Stands(Outcome),
}

/// What came of a movement that ran to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completed {
    /// The action is finished.
    Finished(Outcome),
    /// The card lies in the exit; the action lasts until it is taken or nobody did.
    AtExit {
        /// How long the exit waits; for ever where it is a tray.
        patience: Option<Duration>,
    },
}

/// Why an action is not accepted. Nothing has changed then, and the id is not used up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The id was used for another job or another action.
    #[error("action {0} was asked for with another content")]
    OtherContent(ActionId),
    /// Another action moves the path.
    #[error("action {0} is not finished")]
    Busy(ActionId),
    /// The printer has no power.
    #[error("the printer has no power")]
    NoPower,
    /// The printer counts another number of picks than the pick is to come after.
    #[error("the printer has picked {0} blanks, and not as many as the pick was to come after")]
    OtherCount(u32),
    /// The card on the path is another job's: the call comes late.
    #[error("the card on the path is another job's")]
    OtherJob,
    /// There is no card where the action needs one.
    #[error("there is no card on the path")]
    NoCard,
    /// There is a card where the action needs room.
    #[error("there is a card on the path")]
    PathOccupied,
    /// The other side of the card lies under the head.
    #[error("the other side of the card is under the print head")]
    WrongSide,
    /// That side was printed before.
    #[error("that side of the card is printed")]
    AlreadyPrinted,
    /// A tray takes nothing back as long as its card waits for somebody.
    #[error("a tray cannot take its card back")]
    TrayHolds,
}

/// The movement in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Running {
    pub(crate) id: ActionId,
    pub(crate) request: ActionRequest,
    pub(crate) movement: Movement,
    /// What stops it.
    pub(crate) stop: Option<Due>,
    /// What strikes in it and does not stop it.
    pub(crate) due: Vec<Due>,
}

/// How many finished actions are remembered (ours): an agent asks about its last few.
const REMEMBERED: usize = 256;

/// Every action of late, with its outcome. Lost with power.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Memory(VecDeque<Remembered>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Remembered {
    id: ActionId,
    request: ActionRequest,
    outcome: Outcome,
}

impl Memory {
    /// How the action stands, if this very one was asked for before.
    pub(crate) fn recall(
        &self,
        id: &ActionId,
        request: &ActionRequest,
    ) -> Result<Option<Outcome>, Refusal> {
        match self.0.iter().find(|known| known.id == *id) {
            None => Ok(None),
            Some(known) if known.request == *request => Ok(Some(known.outcome.clone())),
            Some(_) => Err(Refusal::OtherContent(id.clone())),
        }
    }

    pub(crate) fn outcome(&self, id: &ActionId) -> Option<&Outcome> {
        self.0
            .iter()
            .find(|known| known.id == *id)
            .map(|known| &known.outcome)
    }

    /// Notes a new action, or how a known one stands now.
    pub(crate) fn note(&mut self, id: &ActionId, request: &ActionRequest, outcome: Outcome) {
        if let Some(known) = self.0.iter_mut().find(|known| known.id == *id) {
            known.outcome = outcome;
            return;
        }
        self.0.push_back(Remembered {
            id: id.clone(),
            request: request.clone(),
            outcome,
        });
        if self.0.len() > REMEMBERED {
            // The oldest that is finished; at most two are not.
            let oldest = self
                .0
                .iter()
                .position(|known| known.outcome != Outcome::Running);
            oldest.and_then(|index| self.0.remove(index));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ActionId {
        text.parse().unwrap()
    }

    fn request(job: &str) -> ActionRequest {
        ActionRequest {
            job: job.parse().unwrap(),
            action: Action::Flip,
        }
    }

    #[test]
    fn ids_are_plain_words() {
        assert!("job-1.pick_2".parse::<ActionId>().is_ok());
        for bad in ["", "a b", "a/b", "é", &"a".repeat(65)] {
            assert_eq!(bad.parse::<ActionId>(), Err(NotAnActionId), "{bad:?}");
        }
    }

    #[test]
    fn the_same_id_means_the_same_content() {
        let mut memory = Memory::default();
        memory.note(&id("a"), &request("j1"), Outcome::Running);
        assert_eq!(
            memory.recall(&id("a"), &request("j1")),
            Ok(Some(Outcome::Running))
        );
        let other = memory.recall(&id("a"), &request("j2"));
        assert_eq!(other, Err(Refusal::OtherContent(id("a"))));
        assert_eq!(memory.recall(&id("b"), &request("j2")), Ok(None));
    }

    #[test]
    fn memory_is_bounded_and_keeps_what_is_running() {
        let failed = || Outcome::Failed {
            condition: persotwin_link::Condition::MediaEmpty,
            serial: None,
        };
        let mut memory = Memory::default();
        memory.note(&id("running"), &request("j"), Outcome::Running);
        for n in 0..1000 {
            memory.note(&id(&format!("a{n}")), &request("j"), failed());
        }
        assert_eq!(memory.0.len(), REMEMBERED);
        assert_eq!(memory.outcome(&id("running")), Some(&Outcome::Running));
        assert_eq!(memory.outcome(&id("a0")), None);
        assert!(memory.outcome(&id("a999")).is_some());
    }
}
