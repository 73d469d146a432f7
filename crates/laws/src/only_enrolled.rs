//! Production data go to one place only.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_contract::ids::{OperationId, PersoStation};
use persotwin_kernel::event::{Belief, Event, Exchange, News, Phase};
use persotwin_kernel::{Moment, Record};
use persotwin_link::{Face, Machine};

use crate::orders::{belief, forgotten_since};
use crate::{Breach, Law};

const NAME: &str = "only-enrolled";

/// Production data go only to the enrolled station of the order.
///
/// Folds D1's `enrolled`, `revoked`, `order-accepted` and `dispatched`, the `PUT` exchanges on a station's jobs face when they are sent, and the
/// agent's `job-taken`.
///
/// What is sent in the very instant in which a station is taken back is no breach, nor is its arrival afterwards: nobody can recall it.
///
/// A D1 that goes on with a copy of its ledger may have forgotten that it took a station back, and takes it for enrolled again.
///
/// It sees where data were sent, not what was in them: that they are encrypted to the station's own key is the contract's business.
#[derive(Debug, Default)]
pub(crate) struct OnlyEnrolled {
    enrolled: BTreeSet<PersoStation>,
    /// When each was taken back that is not enrolled any more.
    revoked: BTreeMap<PersoStation, Moment>,
    ordered: BTreeMap<OperationId, PersoStation>,
    /// What was on its way to a station while it was enrolled.
    rightly_sent: BTreeSet<(OperationId, PersoStation)>,
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

    fn sent(&mut self, exchange: &Exchange, at: Moment) -> Option<String> {
        let (Face::Jobs(to), Phase::Sent { .. }) = (&exchange.to, &exchange.phase) else {
            return None;
        };
        if exchange.method != "PUT" {
            return None;
        }
        let operation = exchange.about.operation.as_ref();
        let was_enrolled = self.revoked.get(to) == Some(&at) && self.enrolled.insert(to.clone());
        let how = self.misplaced(operation, to);
        if was_enrolled {
            self.enrolled.remove(to);
        }
        if let (None, Some(operation)) = (&how, operation) {
            self.rightly_sent.insert((operation.clone(), to.clone()));
        }
        how
    }

    /// D1 lost what it had learnt after that moment.
    fn forgets(&mut self, since: Moment) {
        let forgotten = self.revoked.extract_if(.., |_, at| *at > since);
        self.enrolled.extend(forgotten.map(|(station, _)| station));
    }

    fn arrived(&self, operation: Option<&OperationId>, to: &PersoStation) -> Option<String> {
        let rightly = operation
            .is_some_and(|operation| self.rightly_sent.contains(&(operation.clone(), to.clone())));
        if rightly {
            return None;
        }
        self.misplaced(operation, to)
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
        if let Some(since) = forgotten_since(record) {
            self.forgets(since);
        }
        if let Event::Exchange(exchange) = &record.event {
            let how = self.sent(exchange, record.moment)?;
            return Some(Breach::at(NAME, record, how));
        }
        let Belief { about, news } = belief(record)?;
        let operation = about.operation.as_ref();
        let how = match (news, &record.machine) {
            (News::Enrolled { station }, _) => {
                self.enrolled.insert(station.clone());
                self.revoked.remove(station);
                None
            }
            (News::Revoked { station }, _) => {
                self.enrolled.remove(station);
                self.revoked.insert(station.clone(), record.moment);
                None
            }
            (News::OrderAccepted { station, .. }, _) => {
                self.ordered.insert(operation?.clone(), station.clone());
                None
            }
            (News::Dispatched { station }, _) | (News::JobTaken, Machine::Agent(station)) => {
                self.arrived(operation, station)
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
    use persotwin_kernel::event::{About, Disturbance};

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
    fn what_was_on_its_way_when_the_station_was_taken_back_may_arrive() {
        let station = || "KIOSK-PS-101".parse().unwrap();
        let happy = Story::happy();
        let is_sent = |record: &Record| matches!(record.event, Event::Exchange(_));
        let sent = happy.records().iter().position(is_sent).unwrap();
        let broken = |revoked_at: usize| {
            let (mut law, mut story) = (OnlyEnrolled::default(), happy.records().to_vec());
            let mut revoked = story[revoked_at].clone();
            revoked.event = Event::Order(Belief {
                about: About::nothing(),
                news: News::Revoked { station: station() },
            });
            story.insert(revoked_at, revoked);
            story.iter().any(|record| law.see(record).is_some())
        };
        assert!(!broken(sent + 1), "it was sent before");
        assert!(!broken(sent), "it was sent in the same instant");
        assert!(broken(sent - 1), "it was sent after");
    }

    #[test]
    fn a_d1_that_forgot_that_it_took_a_station_back_may_send() {
        let happy = Story::happy();
        let is_sent = |record: &Record| matches!(record.event, Event::Exchange(_));
        let sent = happy.records().iter().position(is_sent).unwrap();
        let broken = |lost_ms: u64| {
            let (mut law, mut story) = (OnlyEnrolled::default(), happy.records().to_vec());
            let mut revoked = story[sent - 1].clone();
            revoked.moment = Moment::from_millis(1000);
            revoked.event = Event::Order(Belief {
                about: About::nothing(),
                news: News::Revoked {
                    station: "KIOSK-PS-101".parse().unwrap(),
                },
            });
            let mut failed_over = revoked.clone();
            failed_over.moment = Moment::from_millis(3000);
            failed_over.event = Event::Disturbance(Disturbance::FailedOver {
                of: Machine::D1,
                lost_ms,
            });
            for later in &mut story[sent..] {
                later.moment = Moment::from_millis(4000);
            }
            story.splice(sent..sent, [revoked, failed_over]);
            story.iter().any(|record| law.see(record).is_some())
        };
        assert!(!broken(2001), "it forgot");
        assert!(broken(2000), "it lost what came later");
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
