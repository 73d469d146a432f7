//! Every live card is accounted for.

use std::collections::BTreeSet;

use persotwin_kernel::Record;
use persotwin_kernel::event::{Belief, News};
use persotwin_link::{Place, Serial};

use crate::cards::{Card, Cards, Keys, spot};
use crate::orders::belief;
use crate::{Breach, Law};

const NAME: &str = "no-live-leftovers";

/// Every card with live keys is in its customer's hand or listed for destruction.
///
/// Folds the hardware's truths (a card is live from `keys-loaded` on, personalised or not) and the agent's `for-destruction`.
///
/// It does not say that a card in a hand may be there (no-ghost), nor that a listed card was destroyed. For orders without a known
/// customer, any hand will do.
#[derive(Debug, Default)]
pub(crate) struct NoLiveLeftovers {
    cards: Cards,
    listed: BTreeSet<Serial>,
}

fn left_over(serial: &Serial, card: &Card) -> Option<String> {
    let place = match (&card.place, &card.customer) {
        (Some(Place::Hand(holder)), Some(owner)) if holder != owner => {
            return Some(format!(
                "{serial} is the card of {owner} and in the hand of {holder}"
            ));
        }
        (Some(Place::Hand(_)), _) => return None,
        (Some(place), _) => spot(place),
        (None, _) => "nobody knows where".to_owned(),
    };
    Some(format!(
        "{serial} has live keys, lies {place} and is not listed for destruction"
    ))
}

impl Law for NoLiveLeftovers {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sentence(&self) -> &'static str {
        "Every card with live keys is in its customer's hand or listed for destruction."
    }

    fn see(&mut self, record: &Record) -> Option<Breach> {
        self.cards.learn(record);
        if let Belief {
            news: News::ForDestruction { serial },
            ..
        } = belief(record)?
        {
            self.listed.insert(serial.clone());
        }
        None
    }

    fn at_rest(&mut self) -> Vec<Breach> {
        let live = |(serial, card): &(&Serial, &Card)| {
            card.keys == Keys::Live && !self.listed.contains(*serial)
        };
        self.cards
            .iter()
            .filter(live)
            .filter_map(|(serial, card)| {
                let how = left_over(serial, card)?;
                Some(
                    Breach::at_rest(NAME, how)
                        .on(serial)
                        .of(card.customer.as_ref()),
                )
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Story, alice, news, operation, serial};
    use persotwin_kernel::event::{About, Physical};
    use persotwin_link::PathStation;

    fn left_in(place: Place) -> Vec<Breach> {
        let mut story = Story::begun();
        story.ordered();
        story.produced(1);
        story.moved(1, Place::Path(PathStation::Feeder), place);
        at_rest(&story)
    }

    fn at_rest(story: &Story) -> Vec<Breach> {
        let mut law = NoLiveLeftovers::default();
        assert!(
            story
                .records()
                .iter()
                .all(|record| law.see(record).is_none())
        );
        law.at_rest()
    }

    #[test]
    fn a_live_card_that_nobody_lists_is_left_over() {
        assert_eq!(left_in(Place::RejectBin).len(), 1);
        assert_eq!(left_in(Place::Exit).len(), 1);
        assert_eq!(left_in(Place::Hand("bob".parse().unwrap())).len(), 1);
        assert_eq!(left_in(Place::Hand(alice())).len(), 0);
    }

    #[test]
    fn keys_are_live_before_the_chip_is_personalised() {
        let mut story = Story::begun();
        story.ordered();
        story.picked(1);
        let about = About::operation(&operation("op-1"));
        story.truth(&about, Physical::KeysLoaded { serial: serial(1) });
        story.moved(1, Place::Path(PathStation::ChipContact), Place::RejectBin);
        assert_eq!(at_rest(&story).len(), 1);
        story.agent(News::ForDestruction { serial: serial(1) });
        assert_eq!(at_rest(&story), []);
    }

    #[test]
    fn a_captured_card_is_listed() {
        assert!(Story::captured().broken().is_empty());
        let unlisted =
            Story::captured().without(news(|news| matches!(news, News::ForDestruction { .. })));
        assert_eq!(unlisted.broken(), [NAME]);
    }

    #[test]
    fn a_listed_card_is_none_and_an_empty_blank_neither() {
        let mut story = Story::begun();
        story.ordered();
        story.picked(2);
        story.moved(2, Place::Path(PathStation::Feeder), Place::RejectBin);
        assert_eq!(at_rest(&story), []);
        story.produced(1);
        story.moved(1, Place::Path(PathStation::Feeder), Place::RejectBin);
        assert_eq!(at_rest(&story).len(), 1);
        story.agent(News::ForDestruction { serial: serial(1) });
        assert_eq!(at_rest(&story), []);
    }
}
