//! The legal graph of an operation's statuses.

use std::collections::BTreeMap;

use persotwin_contract::ids::OperationId;
use persotwin_contract::notification::ProductionStatus;
use persotwin_kernel::Record;
use persotwin_kernel::event::{Belief, News};

use crate::orders::{Orders, belief};
use crate::{Breach, Law};

const NAME: &str = "states-move-forward";

/// Notifications of an operation follow the legal graph and have one final outcome.
///
/// Folds D1's `status-is` and `notified`, and the issuer's `heard`: D1's statuses follow the graph of the contract, it delivers them
/// in their order, and the issuer never hears two different outcomes.
///
/// It does not say that an outcome is reached or delivered (everyone-hears). What the issuer hears may come in any order, and a status
/// may be delivered twice.
#[derive(Debug, Default)]
pub(crate) struct StatesMoveForward {
    orders: Orders,
    operations: BTreeMap<OperationId, Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    is: Option<ProductionStatus>,
    delivered: Option<ProductionStatus>,
    outcome_heard: Option<ProductionStatus>,
}

impl Progress {
    fn becomes(&mut self, status: &ProductionStatus) -> Option<String> {
        let before = self.is.replace(status.clone());
        match before {
            before if status.may_follow(before.as_ref()) => None,
            Some(before) => Some(format!("{status} follows {before} at D1")),
            None => Some(format!("{status} is the first status at D1")),
        }
    }

    fn delivers(&mut self, status: &ProductionStatus) -> Option<String> {
        let before = self.delivered.replace(status.clone())?;
        let forward = *status == before || status.supersedes(&before) || status.phase().is_none();
        (!forward).then(|| format!("{status} is delivered after {before}"))
    }

    fn hears(&mut self, status: &ProductionStatus) -> Option<String> {
        if !status.is_final() {
            return None;
        }
        let before = self.outcome_heard.replace(status.clone())?;
        (*status != before).then(|| format!("the issuer hears {status} after {before}"))
    }
}

impl Law for StatesMoveForward {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sentence(&self) -> &'static str {
        "Notifications of an operation follow the legal graph and have one final outcome."
    }

    fn see(&mut self, record: &Record) -> Option<Breach> {
        self.orders.learn(record);
        let Belief { about, news } = belief(record)?;
        let (News::StatusIs { status, .. }
        | News::Notified { status, .. }
        | News::Heard { status, .. }
        | News::HeardAgain { status }) = news
        else {
            return None;
        };
        let operation = self.orders.operation(about)?;
        let progress = self.operations.entry(operation.clone()).or_default();
        let how = match news {
            News::StatusIs { .. } => progress.becomes(status),
            News::Notified { .. } => progress.delivers(status),
            _ => progress.hears(status),
        }?;
        Some(Breach::at(NAME, record, format!("{operation}: {how}")).in_order(operation))
    }

    fn at_rest(&mut self) -> Vec<Breach> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Story, news, retell};

    fn d1s(wanted: ProductionStatus) -> impl Fn(&persotwin_kernel::Event) -> bool {
        news(move |news| matches!(news, News::StatusIs { status, .. } if *status == wanted))
    }

    #[test]
    fn a_status_left_out_is_not_the_graph() {
        for status in [
            ProductionStatus::CardProdRequested,
            ProductionStatus::CardProdReady,
        ] {
            assert_eq!(Story::happy().without(d1s(status)).broken(), [NAME]);
        }
    }

    #[test]
    fn deliveries_keep_their_order() {
        let story = Story::happy().changed(retell(|news| {
            if let News::Notified { status, .. } = news {
                *status = match &*status {
                    ProductionStatus::CardProdReady => ProductionStatus::CardProdDone,
                    ProductionStatus::CardProdDone => ProductionStatus::CardProdReady,
                    other => other.clone(),
                };
            }
        }));
        let mut laws = story.broken();
        laws.dedup();
        assert!(laws.contains(&NAME), "{laws:?}");
    }

    #[test]
    fn what_is_heard_may_come_in_any_order_and_twice() {
        let mut story = Story::happy();
        let late = News::HeardAgain {
            status: ProductionStatus::CardProdRequested,
        };
        story.heard(late);
        assert!(story.broken().is_empty());
    }

    #[test]
    fn two_outcomes_are_one_too_many() {
        let mut story = Story::happy();
        let other = News::HeardAgain {
            status: ProductionStatus::CardProdException,
        };
        story.heard(other);
        assert_eq!(story.broken(), [NAME]);
    }
}
