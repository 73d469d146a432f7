//! One request, one card in hands.

use std::collections::BTreeMap;

use persotwin_kernel::Record;
use persotwin_link::Serial;

use crate::cards::Cards;
use crate::orders::{Orders, Wish};
use crate::{Breach, Law};

const NAME: &str = "one-card";

/// One customer request never puts two personalised cards into hands.
///
/// Folds `requested`, `ordering` and whatever ties a card to its operation, and the hardware's truths. A card counts from the moment
/// that somebody has held it, whatever became of it then.
///
/// It does not say that a request gives a card at all, nor that two requests of one customer (a renewal, say) give one card only, nor
/// anything about cards that stay inside: a spoiled and a captured card of the same request are no breach.
#[derive(Debug, Default)]
pub(crate) struct OneCard {
    orders: Orders,
    cards: Cards,
    held: BTreeMap<Wish, Serial>,
}

impl Law for OneCard {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sentence(&self) -> &'static str {
        "One customer request never puts two personalised cards into hands."
    }

    fn see(&mut self, record: &Record) -> Option<Breach> {
        self.orders.learn(record);
        let (serial, card) = self.cards.learn(record)?;
        if !card.in_hand() || card.chip.is_none() {
            return None;
        }
        let wish = self.orders.wish_of(card.operation.as_ref()?);
        let first = self.held.entry(wish).or_insert_with(|| serial.clone());
        (first != serial).then(|| {
            let how =
                format!("{serial} is in a hand, and {first} of the same request was in one before");
            // The second order is the record's own; whether it should have been made hangs on the first card.
            Breach::at(NAME, record, how).on(first)
        })
    }

    fn at_rest(&mut self) -> Vec<Breach> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Story, setup};
    use crate::testing::{card, operation};
    use persotwin_kernel::event::{About, Event, News};
    use persotwin_link::Machine;

    /// Two cards for one request: a law at a time, so that only this one is asked.
    fn judged(story: &Story) -> usize {
        let mut law = OneCard::default();
        story
            .records()
            .iter()
            .filter_map(|record| law.see(record))
            .count()
    }

    fn again(personalised: bool) -> Story {
        let mut story = Story::happy();
        story.picked(2);
        if personalised {
            story.personalised(2);
        }
        story.taken(2);
        story
    }

    #[test]
    fn a_second_card_in_hands_is_one_too_many() {
        assert_eq!(judged(&again(true)), 1);
        let breaches = crate::judge(&setup(), again(true).records());
        assert_eq!(breaches[0].law, NAME);
        assert_eq!(breaches[0].customer.as_ref().unwrap().as_ref(), "alice");
    }

    #[test]
    fn two_requests_have_two_cards_and_one_request_has_one() {
        assert!(Story::of_two().broken().is_empty());
        let same = Story::of_two().changed(|event| {
            if let Event::Order(belief) = event
                && matches!(belief.news, News::Ordering { .. })
            {
                belief.about.request = Some("r-1".to_owned());
            }
        });
        assert_eq!(same.broken(), [NAME]);
    }

    #[test]
    fn an_empty_blank_is_no_second_card() {
        assert_eq!(judged(&again(false)), 0);
    }

    #[test]
    fn a_second_operation_of_the_request_is_the_same_request() {
        let other = |story: Story| {
            let from = Story::happy().records().len();
            story.changed_from(from, |event| {
                if let Event::Card(truth) = event {
                    truth.about = About::operation(&operation("op-2"));
                }
            })
        };
        let mut story = Story::happy();
        let both = About::card(&card()).with_operation(&operation("op-2"));
        story.news(Machine::Issuer, &both, News::Accepted);
        story.picked(2);
        story.personalised(2);
        story.taken(2);
        assert_eq!(judged(&other(story)), 1);
        assert_eq!(
            judged(&other(again(true))),
            0,
            "an unknown operation is another wish"
        );
    }
}
