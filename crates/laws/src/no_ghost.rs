//! No card in a hand without D1's word.

use std::collections::BTreeSet;

use persotwin_contract::ids::OperationId;
use persotwin_kernel::Record;
use persotwin_kernel::event::{Belief, News};
use persotwin_link::Serial;
use persotwin_link::jobs::Decision;
use persotwin_link::setup::Present;

use crate::cards::{Card, Cards};
use crate::orders::belief;
use crate::{Breach, Law, Setup};

const NAME: &str = "no-ghost";

/// At every instant, a card in a hand means that D1 has written "released", or lists the order as in doubt.
///
/// Folds D1's `decided` and `in-doubt`, and the hardware's truths. At a station that presents cards at once, D1 may come to know of a
/// card only after it is gone: there the law is judged at rest.
///
/// It does not say that the card is good (done-is-real), nor whose hand it is (no-live-leftovers), nor that a released card is taken.
#[derive(Debug, Default)]
pub(crate) struct NoGhost {
    setup: Setup,
    cards: Cards,
    known: BTreeSet<OperationId>,
}

impl NoGhost {
    pub(crate) fn new(setup: &Setup) -> Self {
        Self {
            setup: setup.clone(),
            ..Self::default()
        }
    }
}

fn ghost(known: &BTreeSet<OperationId>, serial: &Serial, card: &Card) -> Option<String> {
    if !card.in_hand() {
        return None;
    }
    match &card.operation {
        Some(operation) if known.contains(operation) => None,
        Some(operation) => Some(format!(
            "{serial} is in a hand, and D1 has not released {operation}"
        )),
        None => Some(format!("{serial} is in a hand, and no job was made on it")),
    }
}

impl Law for NoGhost {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sentence(&self) -> &'static str {
        "At every instant, a card in a hand means that D1 has written \"released\", or lists the order as in doubt."
    }

    fn see(&mut self, record: &Record) -> Option<Breach> {
        if let Some(Belief { about, news }) = belief(record) {
            let release = News::Decided {
                decision: Decision::Release,
            };
            if *news == release || *news == News::InDoubt {
                self.known.extend(about.operation.clone());
            }
            return None;
        }
        let (serial, card) = self.cards.learn(record)?;
        if self.setup.present(card.station.as_ref()) == Present::AtOnce {
            return None;
        }
        let how = ghost(&self.known, serial, card)?;
        Some(Breach::at(NAME, record, how))
    }

    fn at_rest(&mut self) -> Vec<Breach> {
        let late = |card: &Card| self.setup.present(card.station.as_ref()) == Present::AtOnce;
        self.cards
            .iter()
            .filter(|(_, card)| late(card))
            .filter_map(|(serial, card)| {
                let how = ghost(&self.known, serial, card)?;
                let breach = Breach::at_rest(NAME, how).on(serial);
                Some(breach.of(card.customer.as_ref()))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Story, news, setup, station};

    fn held_too_early() -> Story {
        let mut story = Story::begun();
        story.ordered();
        story.produced(1);
        story.taken(1);
        story.released();
        story.booked();
        story.examined(1);
        story
    }

    #[test]
    fn a_card_taken_without_a_release_is_a_ghost() {
        let decided = news(|news| matches!(news, News::Decided { .. }));
        assert_eq!(Story::happy().without(decided).broken(), [NAME]);
    }

    #[test]
    fn a_release_that_comes_too_late_is_none() {
        assert_eq!(held_too_early().broken(), [NAME]);
    }

    #[test]
    fn at_once_stations_are_judged_at_rest() {
        let mut setup = setup();
        setup.stations.get_mut(&station()).unwrap().present = Present::AtOnce;
        assert!(held_too_early().broken_in(&setup).is_empty());
        let decided = news(|news| matches!(news, News::Decided { .. }));
        assert_eq!(Story::happy().without(decided).broken_in(&setup), [NAME]);
    }

    #[test]
    fn a_doubt_that_is_listed_is_no_ghost() {
        let doubted = Story::happy().changed(crate::testing::retell(|news| {
            if let News::Decided { .. } = news {
                *news = News::InDoubt;
            }
        }));
        assert!(doubted.broken().is_empty());
    }

    #[test]
    fn a_decision_to_capture_is_no_release() {
        let captured = Story::happy().changed(crate::testing::retell(|news| {
            if let News::Decided { decision } = news {
                *decision = Decision::Capture;
            }
        }));
        assert_eq!(captured.broken(), [NAME]);
    }
}
