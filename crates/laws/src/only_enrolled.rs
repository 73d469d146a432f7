//! Production data go to one place only.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_contract::ids::{OperationId, PersoStation};
use persotwin_kernel::Record;
use persotwin_kernel::event::{Belief, Event, Exchange, News, Phase};
use persotwin_link::{Face, Machine};

use crate::orders::belief;
use crate::{Breach, Law};

const NAME: &str = "only-enrolled";

/// Production data go only to the enrolled station of the order.
///
/// Folds D1's `enrolled`, `revoked`, `order-accepted` and `dispatched`, the `PUT` exchanges on a station's jobs face when they are sent, and the
/// agent's `job-taken`.
///
/// It sees where data were sent, not what was in them: that they are encrypted to the station's own key is the contract's business.
#[derive(Debug, Default)]
pub(crate) struct OnlyEnrolled {
    enrolled: BTreeSet<PersoStation>,
    ordered: BTreeMap<OperationId, PersoStation>,
}

impl OnlyEnrolled {
    fn misplaced(&self, operation: Option<&OperationId>, to: &PersoStation) -> Option<String> {
        let Some(operation) = operation else {
            return Some(format!("data of no known operation went to {to}"));
        };
        match self.ordered.get(operation) {
            None => Some(format!(
                "data of {operation}, which nobody ordered, went to {to}"
            )),
            Some(station) if station != to => Some(format!(
                "data of {operation} went to {to} and belong to {station}"
            )),
            Some(_) if !self.enrolled.contains(to) => Some(format!(
                "data of {operation} went to {to}, which is not enrolled"
            )),
            Some(_) => None,
        }
    }

    fn sent(&self, exchange: &Exchange) -> Option<String> {
        match (&exchange.to, &exchange.phase) {
            (Face::Jobs(to), Phase::Sent { .. }) if exchange.method == "PUT" => {
                self.misplaced(exchange.about.operation.as_ref(), to)
            }
            _ => None,
        }
    }
}

impl Law for OnlyEnrolled {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sentence(&self) -> &'static str {
        "Production data go only to the enrolled station of the order."
    }

    fn see(&mut self, record: &Record) -> Option<Breach> {
        if let Event::Exchange(exchange) = &record.event {
            let how = self.sent(exchange)?;
            return Some(Breach::at(NAME, record, how));
        }
        let Belief { about, news } = belief(record)?;
        let operation = about.operation.as_ref();
        let how = match (news, &record.machine) {
            (News::Enrolled { station }, _) => {
                self.enrolled.insert(station.clone());
                None
            }
            (News::Revoked { station }, _) => {
                self.enrolled.remove(station);
                None
            }
            (News::OrderAccepted { station, .. }, _) => {
                self.ordered.insert(operation?.clone(), station.clone());
                None
            }
            (News::Dispatched { station }, _) | (News::JobTaken, Machine::Agent(station)) => {
                self.misplaced(operation, station)
            }
            _ => None,
        }?;
        Some(Breach::at(NAME, record, how))
    }

    fn at_rest(&mut self) -> Vec<Breach> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Story, news, retell};

    fn other() -> PersoStation {
        "KIOSK-PS-102".parse().unwrap()
    }

    #[test]
    fn a_station_enrols_before_it_gets_data() {
        let enrolled = news(|news| matches!(news, News::Enrolled { .. }));
        assert_eq!(Story::happy().without(enrolled).broken(), [NAME]);
    }

    #[test]
    fn data_go_to_the_station_of_the_order() {
        let story = Story::happy().changed(retell(|news| {
            if let News::Dispatched { station } = news {
                *station = other();
            }
        }));
        assert_eq!(story.broken(), [NAME]);
    }

    #[test]
    fn a_job_that_is_sent_elsewhere_is_noticed_on_the_wire() {
        let story = Story::happy().changed(|event| {
            if let Event::Exchange(exchange) = event {
                exchange.to = Face::Jobs(other());
            }
        });
        assert_eq!(story.broken(), [NAME]);
    }
}
