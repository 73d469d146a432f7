//! No accepted order is lost.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_contract::ids::{CardId, OperationId};
use persotwin_contract::notification::ProductionStatus;
use persotwin_kernel::event::{About, Belief, Event, Exchange, News, Phase};
use persotwin_kernel::{Moment, Record};
use persotwin_link::{CustomerName, Face};

use crate::orders::{Orders, belief, forgotten_since};
use crate::{Asks, Breach, InDoubt, Law, Setup};

const NAME: &str = "everyone-hears";

/// An accepted order reaches a final state, or is listed in doubt, and the issuer learns it, within a bound after the last fault ends.
///
/// Folds D1's `order-accepted`, `status-is`, `in-doubt` and `notified`, and the issuer's `ordering` and `heard`. The bound is the
/// world's: it asks at rest when that time is over. An order that the twin's issuer placed counts as learnt when it was heard, by
/// notification or poll; a stranger's when D1 has delivered it.
///
/// An issuer that asks more seldom than the world waits learns after the story what it was told in words that it does not understand, and
/// what it was not told; unless D1 left it untold too early: before as many attempts as there are to be, and without a refusal.
///
/// It does not say which outcome it is, nor that a customer got a card. An order in doubt breaks it unless the setup allows doubts;
/// the issuer then has nothing final to learn. An order that D1 lost with a region is D1's no more: the issuer's own order counts again
/// when it is accepted again.
#[derive(Debug, Default)]
pub(crate) struct EveryoneHears {
    in_doubt: InDoubt,
    asks: Asks,
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
    /// Calls to the issuer since the last status that was told or given up.
    attempts: u32,
    left: Option<Left>,
}

/// The outcome as D1 left it: it will not tell it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// The issuer refused it.
    Refused,
    /// After so many calls.
    Tried(u32),
}

impl EveryoneHears {
    pub(crate) fn new(setup: &Setup) -> Self {
        Self {
            in_doubt: setup.in_doubt,
            asks: setup.asks,
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
            News::Notified { status, .. } => {
                fate.attempts = 0;
                if status.is_final() {
                    fate.delivered = Some(status.clone());
                }
            }
            News::DeadLetter { status, answer } => {
                let tried = std::mem::take(&mut fate.attempts);
                if status.is_final() {
                    fate.left = Some(answer.map_or(Left::Tried(tried), |_| Left::Refused));
                }
            }
            _ => {}
        }
        None
    }

    /// D1 calls the issuer about an order.
    fn calls(&mut self, exchange: &Exchange) -> Option<()> {
        let tells = matches!(exchange.to, Face::Notifications | Face::IssuerToken);
        if tells && let Phase::Sent { .. } = exchange.phase {
            let operation = self.orders.operation(&exchange.about)?;
            self.accepted.get_mut(operation)?.attempts += 1;
        }
        None
    }

    /// Whether the issuer is to ask for the outcome, and does so after the story: D1 has told it, and the issuer did not understand, or D1
    /// has left it.
    fn will_ask(&self, fate: &Fate) -> bool {
        let Asks::TooLate { attempts } = self.asks else {
            return false;
        };
        match fate.left {
            _ if fate.delivered.is_some() => true,
            Some(Left::Refused) => true,
            Some(Left::Tried(tried)) => tried >= attempts,
            None => false,
        }
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
            None if ours && self.will_ask(fate) => None,
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
        if let Event::Exchange(exchange) = &record.event {
            self.calls(exchange);
        }
        let Belief { about, news } = belief(record)?;
        self.news(about, news, record.customer.as_ref(), record.moment);
        None
    }

    fn at_rest(&mut self) -> Vec<Breach> {
        let lost = |(operation, fate): (&OperationId, &Fate)| {
            let how = self.silence(operation, fate)?;
            Some(
                Breach::at_rest(NAME, how)
                    .in_order(operation)
                    .of(fate.customer.as_ref()),
            )
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
    fn what_d1_rightly_left_untold_a_seldom_asking_issuer_learns_later() {
        let deaf = || {
            let said = |news: &News| {
                matches!(news, News::Heard { status, .. } if status.is_final())
                    || matches!(news, News::Notified { status, .. } if status.is_final())
            };
            Story::happy().without(news(said))
        };
        let left = |answer| {
            let mut story = deaf();
            story.agent(News::DeadLetter {
                status: ProductionStatus::CardProdDone,
                answer,
            });
            story
        };
        let seldom = Setup {
            asks: Asks::TooLate { attempts: 20 },
            ..setup()
        };
        assert_eq!(quiet(&seldom, &deaf()).len(), 1, "it was never left");
        assert_eq!(quiet(&seldom, &left(None)).len(), 1, "too early");
        assert_eq!(quiet(&seldom, &left(Some(400))), []);
        assert_eq!(
            quiet(&setup(), &left(Some(400))).len(),
            1,
            "it asks in time"
        );
        let impatient = Setup {
            asks: Asks::TooLate { attempts: 0 },
            ..setup()
        };
        assert_eq!(quiet(&impatient, &left(None)), []);
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
