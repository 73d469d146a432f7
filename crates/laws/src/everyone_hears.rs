//! No accepted order is lost.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_contract::ids::{CardId, OperationId};
use persotwin_contract::notification::ProductionStatus;
use persotwin_kernel::event::{About, Belief, News};
use persotwin_kernel::{Moment, Record};
use persotwin_link::CustomerName;

use crate::orders::{Orders, belief, forgotten_since};
use crate::{Breach, InDoubt, Law, Setup};

const NAME: &str = "everyone-hears";

/// An accepted order reaches a final state, or is listed in doubt, and the issuer learns it, within a bound after the last fault ends.
///
/// Folds D1's `order-accepted`, `status-is`, `in-doubt` and `notified`, and the issuer's `ordering` and `heard`. The bound is the
/// world's: it asks at rest when that time is over. An order that the twin's issuer placed counts as learnt when it was heard, by
/// notification or poll; a stranger's when D1 has delivered it.
///
/// It does not say which outcome it is, nor that a customer got a card. An order in doubt breaks it unless the setup allows doubts;
/// the issuer then has nothing final to learn. An order that D1 lost with a region is D1's no more: the issuer's own order counts again
/// when it is accepted again.
#[derive(Debug, Default)]
pub(crate) struct EveryoneHears {
    in_doubt: InDoubt,
    orders: Orders,
    accepted: BTreeMap<OperationId, Fate>,
    ours: BTreeSet<CardId>,
}

#[derive(Debug, Default)]
struct Fate {
    accepted: Moment,
    customer: Option<CustomerName>,
    outcome: Option<ProductionStatus>,
    doubtful: bool,
    heard: Option<ProductionStatus>,
    delivered: Option<ProductionStatus>,
}

impl EveryoneHears {
    pub(crate) fn new(setup: &Setup) -> Self {
        Self {
            in_doubt: setup.in_doubt,
            ..Self::default()
        }
    }

    fn news(
        &mut self,
        about: &About,
        news: &News,
        customer: Option<&CustomerName>,
        at: Moment,
    ) -> Option<()> {
        if let News::Ordering { .. } = news {
            self.ours.extend(about.card.clone());
        }
        let operation = self.orders.operation(about)?;
        if let News::OrderAccepted { .. } = news {
            let fate = self.accepted.entry(operation.clone()).or_default();
            fate.customer = customer.cloned();
            fate.accepted = at;
            return None;
        }
        let fate = self.accepted.get_mut(operation)?;
        match news {
            News::StatusIs { status, .. } if status.is_final() => {
                fate.outcome = Some(status.clone());
            }
            News::InDoubt => fate.doubtful = true,
            News::Heard { status, .. } if status.is_final() => fate.heard = Some(status.clone()),
            News::Notified { status, .. } if status.is_final() => {
                fate.delivered = Some(status.clone());
            }
            _ => {}
        }
        None
    }

    fn silence(&self, operation: &OperationId, fate: &Fate) -> Option<String> {
        let Some(outcome) = &fate.outcome else {
            return match (fate.doubtful, self.in_doubt) {
                (true, InDoubt::Allowed) => None,
                (true, InDoubt::Broken) => Some(format!("{operation} is still in doubt")),
                (false, _) => Some(format!("{operation} was accepted and has no outcome")),
            };
        };
        let card = self.orders.card(operation);
        let ours = card.is_some_and(|card| self.ours.contains(card));
        let learnt = if ours { &fate.heard } else { &fate.delivered };
        match learnt {
            Some(_) => None,
            None => Some(format!(
                "the issuer never learnt of {outcome} for {operation}"
            )),
        }
    }
}

impl Law for EveryoneHears {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sentence(&self) -> &'static str {
        "An accepted order reaches a final state, or is listed in doubt, and the issuer learns it, within a bound after the last fault ends."
    }

    fn see(&mut self, record: &Record) -> Option<Breach> {
        self.orders.learn(record);
        if let Some(since) = forgotten_since(record) {
            self.accepted.retain(|_, fate| fate.accepted <= since);
        }
        let Belief { about, news } = belief(record)?;
        self.news(about, news, record.customer.as_ref(), record.moment);
        None
    }

    fn at_rest(&mut self) -> Vec<Breach> {
        let lost = |(operation, fate): (&OperationId, &Fate)| {
            let how = self.silence(operation, fate)?;
            Some(Breach::at_rest(NAME, how).of(fate.customer.as_ref()))
        };
        self.accepted.iter().filter_map(lost).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Story, news, setup};

    fn quiet(setup: &Setup, story: &Story) -> Vec<Breach> {
        let mut law = EveryoneHears::new(setup);
        assert!(
            story
                .records()
                .iter()
                .all(|record| law.see(record).is_none())
        );
        law.at_rest()
    }

    fn unfinished() -> Story {
        let mut story = Story::begun();
        story.ordered();
        story
    }

    #[test]
    fn an_accepted_order_without_an_outcome_is_lost() {
        let found = quiet(&setup(), &unfinished());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].customer.as_ref().unwrap().as_ref(), "alice");
    }

    #[test]
    fn doubt_counts_as_broken_unless_it_is_allowed() {
        let mut story = unfinished();
        story.agent(News::InDoubt);
        let found = quiet(&setup(), &story);
        assert!(found[0].how.contains("in doubt"));
        let mut setup = setup();
        setup.in_doubt = InDoubt::Allowed;
        assert_eq!(quiet(&setup, &story), []);
    }

    #[test]
    fn the_issuer_must_hear_of_what_it_ordered_itself() {
        let deaf = Story::happy().without(news(
            |news| matches!(news, News::Heard { status, .. } if status.is_final()),
        ));
        assert_eq!(deaf.broken(), [NAME]);
    }

    #[test]
    fn a_strangers_order_is_learnt_when_it_is_delivered() {
        let strangers = |event: &persotwin_kernel::Event| {
            news(|news| matches!(news, News::Ordering { .. } | News::Heard { .. }))(event)
        };
        let story = Story::happy().without(strangers);
        assert_eq!(quiet(&setup(), &story), []);
        let notified = news(|news| matches!(news, News::Notified { .. }));
        assert_eq!(quiet(&setup(), &story.without(notified)).len(), 1);
    }
}
