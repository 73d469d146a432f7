//! The issuer's one act.

use std::collections::BTreeMap;

use persotwin_contract::ids::OperationId;
use persotwin_kernel::Record;
use persotwin_kernel::event::{Belief, News};
use persotwin_link::CustomerName;

use crate::orders::{Orders, belief};
use crate::{Breach, Law};

const NAME: &str = "acts-once";

/// The issuer acts on one outcome once.
///
/// Folds the issuer's `heard` and `acted-on`: it never acts twice on one operation, and at rest it has acted on every outcome that it
/// heard.
///
/// It does not say that an outcome was heard (everyone-hears), nor that it is the one that D1 means (views-agree).
#[derive(Debug, Default)]
pub(crate) struct ActsOnce {
    orders: Orders,
    operations: BTreeMap<OperationId, Acts>,
}

#[derive(Debug, Default)]
struct Acts {
    customer: Option<CustomerName>,
    heard: bool,
    acted: bool,
}

impl Law for ActsOnce {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sentence(&self) -> &'static str {
        "The issuer acts on one outcome once."
    }

    fn see(&mut self, record: &Record) -> Option<Breach> {
        self.orders.learn(record);
        let Belief { about, news } = belief(record)?;
        let (News::Heard { status, .. } | News::ActedOn { status }) = news else {
            return None;
        };
        let operation = self.orders.operation(about)?;
        let acts = self.operations.entry(operation.clone()).or_default();
        acts.customer.clone_from(&record.customer);
        if let News::Heard { .. } = news {
            acts.heard |= status.is_final();
            return None;
        }
        let again = std::mem::replace(&mut acts.acted, true);
        again.then(|| {
            let how = format!("the issuer acts on {operation} again, now on {status}");
            Breach::at(NAME, record, how).in_order(operation)
        })
    }

    fn at_rest(&mut self) -> Vec<Breach> {
        let idle = |(operation, acts): (&OperationId, &Acts)| {
            (acts.heard && !acts.acted).then(|| {
                let how =
                    format!("the issuer heard the outcome of {operation} and never acted on it");
                Breach::at_rest(NAME, how)
                    .in_order(operation)
                    .of(acts.customer.as_ref())
            })
        };
        self.operations.iter().filter_map(idle).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Story, news};
    use persotwin_contract::notification::ProductionStatus;

    #[test]
    fn a_second_act_is_one_too_many() {
        let mut story = Story::happy();
        story.acted(ProductionStatus::CardProdDone);
        assert_eq!(story.broken(), [NAME]);
    }

    #[test]
    fn an_outcome_that_was_heard_is_acted_on() {
        let acted = news(|news| matches!(news, News::ActedOn { .. }));
        assert_eq!(Story::happy().without(acted).broken(), [NAME]);
    }
}
