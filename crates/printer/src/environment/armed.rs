//! What has not struck yet.

use std::num::NonZeroU32;

use persotwin_link::Stage;

use crate::environment::{Mishap, TroubleId};
use crate::progress::Progress;

/// A trouble that waits for its movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Armed {
    id: TroubleId,
    what: Mishap,
    /// One stage; none for every one in which the mishap can strike.
    stage: Option<Stage>,
    left: NonZeroU32,
    progress: Progress,
}

/// A trouble that strikes in the movement that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) id: TroubleId,
    pub(crate) what: Mishap,
    pub(crate) at: Progress,
}

impl Armed {
    /// In the nearest movement in which it can strike.
    pub(crate) fn next(id: TroubleId, what: Mishap) -> Self {
        let progress = match what {
            // Sensors tell at the end of the feeder's movement.
            Mishap::FeedFails | Mishap::DoubleFeed => Progress::WHOLE,
            _ => Progress::HALF,
        };
        Self {
            id,
            what,
            stage: None,
            left: NonZeroU32::MIN,
            progress,
        }
    }

    pub(crate) fn nth(
        id: TroubleId,
        what: Mishap,
        stage: Stage,
        left: NonZeroU32,
        progress: Progress,
    ) -> Self {
        Self {
            id,
            what,
            stage: Some(stage),
            left,
            progress,
        }
    }

    fn is_of(&self, stage: Stage) -> bool {
        match self.stage {
            Some(own) => own == stage,
            None => self.what.stages().is_some_and(|all| all.contains(&stage)),
        }
    }
}

/// Everything that has not struck yet, in the order of saying.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    armed: Vec<Armed>,
    given: u32,
}

impl Waiting {
    pub(crate) fn next_id(&mut self) -> TroubleId {
        self.given = self.given.wrapping_add(1);
        TroubleId(self.given)
    }

    pub(crate) fn push(&mut self, armed: Armed) {
        self.armed.push(armed);
    }

    pub(crate) fn withdraw(&mut self, id: TroubleId) -> bool {
        let before = self.armed.len();
        self.armed.retain(|armed| armed.id != id);
        self.armed.len() < before
    }

    pub(crate) fn withdraw_all(&mut self) {
        self.armed.clear();
    }

    /// A movement begins: what strikes in it, the earliest first.
    pub(crate) fn strike_in(&mut self, stage: Stage) -> Vec<Due> {
        let mut due = Vec::new();
        self.armed.retain_mut(|armed| {
            if !armed.is_of(stage) {
                return true;
            }
            if let Some(left) = NonZeroU32::new(armed.left.get() - 1) {
                armed.left = left;
                return true;
            }
            due.push(Due {
                id: armed.id,
                what: armed.what.clone(),
                at: armed.progress,
            });
            false
        });
        due.sort_by_key(|due| due.at);
        due
    }

    /// What was due and did not strike, because the movement ended before: it strikes in the next of its kind.
    pub(crate) fn again(&mut self, missed: Vec<(Stage, Due)>) {
        for (stage, Due { id, what, at }) in missed {
            self.armed
                .push(Armed::nth(id, what, stage, NonZeroU32::MIN, at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nth_movement_of_a_stage_is_struck() {
        let mut waiting = Waiting::default();
        let (id, third) = (waiting.next_id(), NonZeroU32::new(3).unwrap());
        let jam = Armed::nth(id, Mishap::CardJams, Stage::Flip, third, Progress::HALF);
        waiting.push(jam);
        for stage in [Stage::Flip, Stage::Pick, Stage::Flip] {
            assert_eq!(waiting.strike_in(stage), []);
        }
        assert_eq!(waiting.strike_in(Stage::Flip)[0].id, id);
        assert_eq!(waiting.strike_in(Stage::Flip), []);
        assert!(!waiting.withdraw(id));
    }

    #[test]
    fn what_can_strike_in_several_stages_strikes_in_the_next_of_them() {
        let mut waiting = Waiting::default();
        let id = waiting.next_id();
        waiting.push(Armed::next(id, Mishap::RibbonTears));
        assert_eq!(waiting.strike_in(Stage::Pick), []);
        assert_eq!(waiting.strike_in(Stage::PrintBack).len(), 1);
        waiting.push(Armed::next(id, Mishap::RibbonTears));
        assert!(waiting.withdraw(id));
        assert_eq!(waiting.strike_in(Stage::PrintBack), []);
        waiting.push(Armed::next(id, Mishap::RibbonTears));
        waiting.withdraw_all();
        assert_eq!(waiting.strike_in(Stage::PrintBack), []);
    }
}
