//! Done means a real, verified card.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_contract::ids::{CardId, OperationId};
use persotwin_contract::notification::ProductionStatus;
use persotwin_contract::rules::DoneWhen;
use persotwin_kernel::Record;
use persotwin_kernel::event::{About, Belief, Essence, News};
use persotwin_link::jobs::JobStatus;
use persotwin_link::stage::Work;
use persotwin_link::{Place, Serial};

use crate::cards::{Card, Cards};
use crate::orders::{Orders, belief};
use crate::{Breach, Law, Setup};

const NAME: &str = "done-is-real";

/// What D1 calls done exists, was verified (and taken, where done means that), and chip, stripe and print agree with the order.
///
/// Folds the issuer's `ordering`, D1's `order-accepted`, `prepared`, `report-heard` (which card) and `status-is` `CARD_PROD_DONE`, the agent's `work-done`,
/// and the hardware's truths. Card numbers with expiry are compared everywhere, as fingerprints; names only between the order and the
/// printed front, because chip and stripe carry names in an encoding of their own.
///
/// An issuer that orders a card again in other words, because it has forgotten what it wrote, did not order this one so: what counts is what
/// it had written when D1 accepted the order.
///
/// It does not say where a done card ends (no-live-leftovers), nor that the personalised chip works in a terminal.
#[derive(Debug, Default)]
pub(crate) struct DoneIsReal {
    setup: Setup,
    orders: Orders,
    cards: Cards,
    /// What the issuer wrote of a card, each wording once.
    ordered: BTreeMap<CardId, Vec<Essence>>,
    accepted: BTreeMap<OperationId, Vec<Essence>>,
    prepared: BTreeMap<OperationId, Essence>,
    produced: BTreeMap<OperationId, Serial>,
    verified: BTreeSet<(Serial, Work)>,
    held: BTreeSet<Serial>,
}

impl DoneIsReal {
    pub(crate) fn new(setup: &Setup) -> Self {
        Self {
            setup: setup.clone(),
            ..Self::default()
        }
    }

    fn news(&mut self, about: &About, news: &News) -> Option<String> {
        match news {
            News::Ordering { essence } => {
                let wordings = self.ordered.entry(about.card.clone()?).or_default();
                if !wordings.contains(essence) {
                    wordings.push(essence.clone());
                }
            }
            News::OrderAccepted { .. } => {
                let operation = about.operation.clone()?;
                let wordings = self.ordered.get(self.orders.card(&operation)?)?;
                self.accepted.insert(operation, wordings.clone());
            }
            News::Prepared { essence, .. } => {
                let operation = about.operation.clone()?;
                self.prepared.insert(operation, essence.clone());
            }
            News::ReportHeard {
                report: JobStatus::Produced { serial },
            } => {
                let operation = about.operation.clone()?;
                self.produced.insert(operation, serial.clone());
            }
            News::WorkDone { work, serial } => {
                self.verified.insert((serial.clone(), *work));
            }
            News::StatusIs {
                status: ProductionStatus::CardProdDone,
                ..
            } => return self.unreal(self.orders.operation(about)?),
            _ => {}
        }
        None
    }

    /// What is not real about a done operation.
    fn unreal(&self, operation: &OperationId) -> Option<String> {
        let Some(serial) = self.produced.get(operation) else {
            return Some(format!("{operation} is done, and no card was reported"));
        };
        let Some(card) = self.cards.get(serial) else {
            return Some(format!(
                "{operation} is done, and {serial} was never touched"
            ));
        };
        if let Some(work) = self.unverified(card, serial) {
            return Some(format!(
                "{operation} is done, and the {work} of {serial} was not verified"
            ));
        }
        if self.setup.done_when == DoneWhen::Taken && !self.held.contains(serial) {
            return Some(format!(
                "{operation} is done, and nobody has taken {serial}"
            ));
        }
        let place = self.disagreement(operation, card)?;
        Some(format!(
            "{operation} is done, and the {place} of {serial} does not agree with the order"
        ))
    }

    fn unverified(&self, card: &Card, serial: &Serial) -> Option<Work> {
        let station = card.station.as_ref();
        let setup = station.and_then(|station| self.setup.stations.get(station));
        let needed = setup.map_or(
            [Work::Chip, Work::Stripe, Work::Print].as_slice(),
            |station| &station.sequence,
        );
        let verified = |work: &&Work| !self.verified.contains(&(serial.clone(), **work));
        needed.iter().find(verified).copied()
    }

    fn disagreement(&self, operation: &OperationId, card: &Card) -> Option<&'static str> {
        let prepared = self.prepared.get(operation);
        prepared
            .and_then(|wanted| differs(card, wanted))
            .or_else(|| {
                let ordered = self.accepted.get(operation)?.iter();
                let differ: Option<Vec<_>> = ordered.map(|wanted| differs(card, wanted)).collect();
                differ?.first().copied()
            })
    }
}

/// Where a card is not what was wanted.
fn differs(card: &Card, wanted: &Essence) -> Option<&'static str> {
    let number = |real: &Option<Essence>| {
        real.as_ref()
            .is_none_or(|real| real.number != wanted.number)
    };
    let name = || match (&wanted.name, card.front.as_ref().map(|front| &front.name)) {
        (Some(wanted), Some(Some(real))) => wanted != real,
        _ => false,
    };
    let places = [
        ("chip", number(&card.chip)),
        ("stripe", number(&card.stripe)),
        ("print", number(&card.front) || name()),
    ];
    places
        .into_iter()
        .find_map(|(place, wrong)| wrong.then_some(place))
}

impl Law for DoneIsReal {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sentence(&self) -> &'static str {
        "What D1 calls done exists, was verified (and taken, where done means that), and chip, stripe and print agree with the order."
    }

    fn see(&mut self, record: &Record) -> Option<Breach> {
        self.orders.learn(record);
        if let Some((serial, card)) = self.cards.learn(record) {
            if let Some(Place::Hand(_)) = card.place {
                self.held.insert(serial.clone());
            }
            return None;
        }
        let Belief { about, news } = belief(record)?;
        let how = self.news(about, news)?;
        Some(Breach::at(NAME, record, how))
    }

    fn at_rest(&mut self) -> Vec<Breach> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Story, essence, news, retell, setup, truth};
    use persotwin_kernel::Event;
    use persotwin_kernel::event::Physical;

    #[test]
    fn unverified_work_is_not_done() {
        let stripe = news(|news| {
            matches!(
                news,
                News::WorkDone {
                    work: Work::Stripe,
                    ..
                }
            )
        });
        assert_eq!(Story::happy().without(stripe).broken(), [NAME]);
    }

    #[test]
    fn a_station_without_a_stripe_encoder_verifies_none() {
        let mut setup = setup();
        for station in setup.stations.values_mut() {
            station.sequence = vec![Work::Chip, Work::Print];
        }
        let stripe = news(|news| {
            matches!(
                news,
                News::WorkDone {
                    work: Work::Stripe,
                    ..
                }
            )
        });
        assert!(Story::happy().without(stripe).broken_in(&setup).is_empty());
    }

    #[test]
    fn a_card_that_was_never_encoded_is_not_done() {
        let encoded = truth(|what| matches!(what, Physical::Encoded { .. }));
        assert_eq!(Story::happy().without(encoded).broken(), [NAME]);
    }

    #[test]
    fn another_number_on_one_medium_is_not_the_order() {
        for medium in ["chip", "stripe", "print"] {
            let story = Story::happy().changed(|event| {
                if let Event::Card(truth) = event {
                    match (&mut truth.what, medium) {
                        (Physical::Personalised { essence, .. }, "chip")
                        | (Physical::Encoded { essence, .. }, "stripe")
                        | (
                            Physical::Printed {
                                essence: Some(essence),
                                ..
                            },
                            "print",
                        ) => {
                            *essence = crate::testing::essence("5413330000000003", "BOB");
                        }
                        _ => {}
                    }
                }
            });
            assert_eq!(story.broken(), [NAME], "{medium}");
        }
    }

    #[test]
    fn d1_may_not_prepare_another_card_than_was_ordered() {
        let other = Story::happy().changed(retell(|news| {
            if let News::Prepared { essence: is, .. } = news {
                *is = essence("4111110000000011 2906", "ALICE MARTIN");
            }
        }));
        assert_eq!(other.broken(), [NAME]);
    }

    #[test]
    fn what_the_issuer_writes_after_the_order_was_accepted_is_not_the_order() {
        let ordering = |event: &Event| news(|news| matches!(news, News::Ordering { .. }))(event);
        let is_accepted =
            |event: &Event| news(|news| matches!(news, News::OrderAccepted { .. }))(event);
        let broken = |other_first: bool, own: bool| {
            let mut records = Story::happy().records().to_vec();
            let at = records.iter().position(|r| ordering(&r.event)).unwrap();
            let mut other = records[at].clone();
            if let Event::Order(Belief {
                news: News::Ordering { essence },
                ..
            }) = &mut other.event
            {
                *essence = crate::testing::essence("4111110000000011 2906", "ALICE MARTIN");
            }
            if !own {
                records.remove(at);
            }
            let accepted = records.iter().position(|r| is_accepted(&r.event)).unwrap();
            records.insert(accepted + usize::from(!other_first), other);
            let mut law = DoneIsReal::new(&setup());
            records.iter().any(|record| law.see(record).is_some())
        };
        assert!(!broken(false, true), "it forgot, and was refused");
        assert!(!broken(true, true), "D1 took the first of two");
        assert!(broken(true, false), "D1 took what nobody wrote");
    }

    #[test]
    fn another_name_is_printed_and_the_encoded_one_may_differ() {
        let name = |on_front: bool| {
            Story::happy().changed(move |event| {
                if let Event::Card(truth) = event {
                    let other = crate::testing::print("MARTIN/ALICE");
                    match &mut truth.what {
                        Physical::Personalised { essence, .. } if !on_front => {
                            essence.name = Some(other);
                        }
                        Physical::Printed {
                            essence: Some(essence),
                            ..
                        } if on_front => {
                            essence.name = Some(other);
                        }
                        _ => {}
                    }
                }
            })
        };
        assert_eq!(name(true).broken(), [NAME]);
        assert!(name(false).broken().is_empty());
    }

    #[test]
    fn where_done_means_taken_the_card_is_in_a_hand_first() {
        let mut setup = setup();
        setup.done_when = DoneWhen::Taken;
        assert_eq!(Story::happy().broken_in(&setup), [NAME]);
    }

    #[test]
    fn done_needs_a_reported_card() {
        let mut law = DoneIsReal::new(&setup());
        let mut story = Story::begun();
        story.ordered();
        story.released();
        let found: Vec<_> = story.records().iter().filter_map(|r| law.see(r)).collect();
        assert!(found[0].how.contains("no card was reported"), "{found:?}");
    }
}
