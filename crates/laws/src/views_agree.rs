//! One story, whoever tells it.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_contract::ids::OperationId;
use persotwin_contract::notification::ProductionStatus;
use persotwin_kernel::event::{Belief, News};
use persotwin_kernel::{Moment, Record};
use persotwin_link::Place;
use persotwin_link::jobs::JobStatus;
use persotwin_link::kiosk::CardEvent;

use crate::cards::{Card, Cards, spot};
use crate::orders::{Orders, belief, forgotten_since};
use crate::{Breach, Law};

const NAME: &str = "views-agree";

/// When all is quiet, issuer, D1, agent and hardware tell the same story.
///
/// Folds the last word of each: the issuer's `heard` and `acted-on` and what its kiosk software saw (`card-seen`), D1's `status-is` and
/// `report-heard`, the agent's `reporting`, and where the hardware really has the card. Each is compared with its neighbour. A report
/// that D1 will never listen to (`report-unwanted`) is missed by nobody.
///
/// It does not compare silence: who never learnt an outcome is the matter of everyone-hears. Nor does it say that a done card is in a
/// hand ("done, not in hand" is told, not forbidden), nor what a kiosk's screen shows: an issuer that gave up has told the customer
/// sorry, and the order may still come true. Orders in doubt are left out.
#[derive(Debug, Default)]
pub(crate) struct ViewsAgree {
    orders: Orders,
    cards: Cards,
    views: BTreeMap<OperationId, Views>,
    accepted: BTreeMap<OperationId, Moment>,
    /// What D1 lost with a region: it has no view of these any more.
    forgotten: BTreeSet<OperationId>,
}

#[derive(Debug, Default)]
struct Views {
    at_d1: Option<ProductionStatus>,
    in_doubt: bool,
    heard: Option<ProductionStatus>,
    acted: Option<ProductionStatus>,
    seen: Option<CardEvent>,
    reported: BTreeSet<JobStatus>,
    arrived: BTreeSet<JobStatus>,
    unwanted: BTreeSet<JobStatus>,
    agents_last: Option<JobStatus>,
}

impl Views {
    fn learn(&mut self, news: &News) {
        match news {
            News::StatusIs { status, .. } => {
                self.at_d1 = Some(status.clone());
                self.in_doubt &= !status.is_final();
            }
            News::InDoubt => self.in_doubt = true,
            // Whatever it takes for news after the outcome, it takes for the latest.
            News::Heard { status, .. } if status.is_final() || self.heard.is_some() => {
                self.heard = Some(status.clone());
            }
            News::ActedOn { status } => self.acted = Some(status.clone()),
            News::CardSeen { state } => self.seen = Some(*state),
            News::Reporting { report } => {
                self.reported.insert(report.clone());
                self.agents_last = Some(report.clone());
            }
            News::ReportHeard { report } => {
                self.arrived.insert(report.clone());
            }
            News::ReportUnwanted { report } => {
                self.unwanted.insert(report.clone());
            }
            _ => {}
        }
    }

    /// Issuer against D1.
    fn outcomes(&self) -> Option<String> {
        let d1 = self.at_d1.as_ref()?;
        let differs =
            |view: &Option<ProductionStatus>| view.as_ref().is_some_and(|view| view != d1);
        if differs(&self.heard) {
            return Some(format!("D1 says {d1}, and the issuer heard otherwise"));
        }
        differs(&self.acted)
            .then(|| format!("D1 says {d1}, and the issuer acted on another outcome"))
    }

    /// D1 against the agent.
    fn reports(&self) -> Option<String> {
        let mut unheard = self.reported.difference(&self.arrived);
        let unheard = unheard.find(|report| !self.unwanted.contains(report));
        let invented = self.arrived.difference(&self.reported).next();
        match (unheard, invented) {
            (Some(report), _) => Some(format!("D1 never heard the report \"{}\"", word(report))),
            (_, Some(report)) => Some(format!("the agent never reported \"{}\"", word(report))),
            (None, None) => None,
        }
    }

    /// Agent, kiosk and D1 against the hardware.
    fn fate(&self, cards: &[&Card]) -> Option<String> {
        let held = cards.iter().any(|card| card.in_hand());
        let binned = cards
            .iter()
            // Somebody may have fed it again.
            .any(|card| matches!(card.place, Some(Place::RejectBin | Place::Hopper(_))));
        let agent = match &self.agents_last {
            Some(JobStatus::Taken) if !held => Some("taken"),
            Some(JobStatus::Captured { .. }) if held || !binned => Some("captured"),
            Some(JobStatus::Failed { .. }) if held => Some("failed"),
            _ => None,
        };
        if let Some(word) = agent {
            return Some(format!(
                "the agent says \"{word}\", and the card {}",
                lies(cards)
            ));
        }
        match self.seen {
            Some(CardEvent::Taken) if !held => {
                return Some(format!(
                    "the kiosk saw it taken, and the card {}",
                    lies(cards)
                ));
            }
            Some(CardEvent::Captured) if held => {
                return Some("the kiosk saw it captured, and the card is in a hand".to_owned());
            }
            _ => {}
        }
        let d1 = self.at_d1.as_ref().filter(|status| status.is_final())?;
        (held && *d1 != ProductionStatus::CardProdDone)
            .then(|| format!("D1 says {d1}, and the card is in a hand"))
    }
}

fn word(report: &JobStatus) -> &'static str {
    match report {
        JobStatus::Started => "started",
        JobStatus::Produced { .. } => "produced",
        JobStatus::Presented => "presented",
        JobStatus::Taken => "taken",
        JobStatus::Captured { .. } => "captured",
        JobStatus::Failed { .. } => "failed",
    }
}

fn lies(cards: &[&Card]) -> String {
    match cards.last().and_then(|card| card.place.as_ref()) {
        Some(place) => format!("lies {}", spot(place)),
        None => "was never picked".to_owned(),
    }
}

impl Law for ViewsAgree {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sentence(&self) -> &'static str {
        "When all is quiet, issuer, D1, agent and hardware tell the same story."
    }

    fn see(&mut self, record: &Record) -> Option<Breach> {
        self.orders.learn(record);
        self.cards.learn(record);
        if let Some(since) = forgotten_since(record) {
            let lost = self.accepted.iter().filter(|(_, at)| **at > since);
            self.forgotten
                .extend(lost.map(|(operation, _)| operation.clone()));
        }
        let Belief { about, news } = belief(record)?;
        let operation = self.orders.operation(about)?;
        if let News::OrderAccepted { .. } = news {
            self.accepted.insert(operation.clone(), record.moment);
        }
        self.views.entry(operation.clone()).or_default().learn(news);
        None
    }

    fn at_rest(&mut self) -> Vec<Breach> {
        let mut by_operation = BTreeMap::<_, Vec<&Card>>::new();
        for (_, card) in self.cards.iter() {
            by_operation
                .entry(card.operation.as_ref())
                .or_default()
                .push(card);
        }
        let told = self
            .views
            .iter()
            .filter(|(operation, views)| !views.in_doubt && !self.forgotten.contains(*operation));
        told.filter_map(|(operation, views)| {
            let cards = by_operation
                .get(&Some(operation))
                .map_or(&[][..], Vec::as_slice);
            let how = views
                .outcomes()
                .or_else(|| views.reports())
                .or_else(|| views.fate(cards))?;
            let customer = cards.first().and_then(|card| card.customer.as_ref());
            let breach = Breach::at_rest(NAME, format!("{operation}: {how}"));
            Some(breach.in_order(operation).of(customer))
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Story, news, retell};
    use persotwin_link::jobs::CaptureCause;

    fn retold(change: impl Fn(&mut News)) -> Vec<&'static str> {
        Story::happy().changed(retell(change)).broken()
    }

    #[test]
    fn the_issuer_acts_on_what_d1_says() {
        let broken = retold(|news| {
            if let News::ActedOn { status } = news {
                *status = ProductionStatus::CardProdException;
            }
        });
        assert_eq!(broken, [NAME]);
    }

    #[test]
    fn every_report_arrives_and_none_is_invented() {
        let heard = news(|news| {
            matches!(
                news,
                News::ReportHeard {
                    report: JobStatus::Presented
                }
            )
        });
        assert_eq!(Story::happy().without(heard).broken(), [NAME]);
        let made = news(|news| {
            matches!(
                news,
                News::Reporting {
                    report: JobStatus::Presented
                }
            )
        });
        assert_eq!(Story::happy().without(made).broken(), [NAME]);
    }

    #[test]
    fn a_report_that_d1_will_not_listen_to_is_not_missed() {
        let report = JobStatus::Presented;
        let heard = news(|news| {
            *news
                == News::ReportHeard {
                    report: JobStatus::Presented,
                }
        });
        let mut story = Story::happy().without(heard);
        story.agent(News::ReportUnwanted { report });
        assert!(story.broken().is_empty());
    }

    #[test]
    fn what_is_said_of_the_card_is_where_it_lies() {
        let broken = retold(|news| {
            if let News::Reporting { report } | News::ReportHeard { report } = news
                && *report == JobStatus::Taken
            {
                let why = CaptureCause::NotTaken;
                *report = JobStatus::Captured { why };
            }
        });
        assert_eq!(broken, [NAME]);
        let broken = retold(|news| {
            if let News::CardSeen { state } = news {
                *state = CardEvent::Captured;
            }
        });
        assert_eq!(broken, [NAME]);
    }
}
