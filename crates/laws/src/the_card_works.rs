//! A produced card is a card.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_contract::ids::OperationId;
use persotwin_contract::notification::ProductionStatus;
use persotwin_kernel::Record;
use persotwin_kernel::event::{Belief, Content, Defect, News, Physical};
use persotwin_link::Serial;
use persotwin_link::jobs::JobStatus;

use crate::cards::{Card, Cards};
use crate::orders::{Orders, belief, truth};
use crate::{Breach, Law};

const NAME: &str = "the-card-works";

/// A card in a hand, or one that D1 calls done, reads to the last byte as D1 prepared it, agrees with itself, and pays with the issuer's keys.
///
/// Folds D1's `prepared`, `report-heard` (which card) and `status-is` `CARD_PROD_DONE`, where cards lie, and what the world found when it
/// `examined` them. A card that was never examined breaks it too, or nobody would notice that none is.
///
/// It does not say that the card was verified before (done-is-real), nor whose hand it lies in (no-live-leftovers).
#[derive(Debug, Default)]
pub(crate) struct TheCardWorks {
    orders: Orders,
    cards: Cards,
    prepared: BTreeMap<OperationId, Content>,
    produced: BTreeMap<OperationId, Serial>,
    /// The cards of which D1 said done.
    done: BTreeSet<Serial>,
    examined: BTreeMap<Serial, Examined>,
}

/// What was found last.
#[derive(Debug)]
struct Examined {
    defects: BTreeSet<Defect>,
    content: Content,
}

impl TheCardWorks {
    /// What is wrong with a card.
    fn fault(&self, serial: &Serial, card: &Card) -> Option<String> {
        let Some(Examined { defects, content }) = self.examined.get(serial) else {
            return Some("nobody has examined it".to_owned());
        };
        if !defects.is_empty() {
            let defects: Vec<String> = defects.iter().map(ToString::to_string).collect();
            return Some(defects.join("; "));
        }
        let wanted = self.prepared.get(card.operation.as_ref()?)?;
        let medium = content.differs_from(wanted)?;
        Some(format!("its {medium} does not read as it was prepared"))
    }
}

impl Law for TheCardWorks {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sentence(&self) -> &'static str {
        "A card in a hand, or one that D1 calls done, reads to the last byte as D1 prepared it, agrees with itself, and pays with the issuer's keys."
    }

    fn see(&mut self, record: &Record) -> Option<Breach> {
        self.orders.learn(record);
        self.cards.learn(record);
        if let Some(Physical::Examined {
            serial,
            defects,
            content,
        }) = truth(record).map(|truth| &truth.what)
        {
            let (defects, content) = (defects.clone(), content.clone());
            self.examined
                .insert(serial.clone(), Examined { defects, content });
        }
        let Belief { about, news } = belief(record)?;
        let operation = self.orders.operation(about)?.clone();
        match news {
            News::Prepared { content, .. } => {
                self.prepared.insert(operation, content.clone());
            }
            News::ReportHeard {
                report: JobStatus::Produced { serial },
            } => {
                self.produced.insert(operation, serial.clone());
            }
            News::StatusIs {
                status: ProductionStatus::CardProdDone,
                ..
            } => self.done.extend(self.produced.get(&operation).cloned()),
            _ => {}
        }
        None
    }

    fn at_rest(&mut self) -> Vec<Breach> {
        let finished =
            |(serial, card): &(&Serial, &Card)| card.in_hand() || self.done.contains(*serial);
        self.cards
            .iter()
            .filter(finished)
            .filter_map(|(serial, card)| {
                let fault = self.fault(serial, card)?;
                let how = format!("{serial}: {fault}");
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
    use crate::testing::{Story, content, retell, truth as is_truth};
    use persotwin_kernel::Event;
    use persotwin_kernel::event::Medium;

    fn examined(change: impl Fn(&mut BTreeSet<Defect>, &mut Content)) -> impl Fn(&mut Event) {
        move |event| {
            if let Event::Card(truth) = event
                && let Physical::Examined {
                    defects, content, ..
                } = &mut truth.what
            {
                change(defects, content);
            }
        }
    }

    #[test]
    fn every_defect_breaks_it_and_is_told() {
        for defect in [Defect::Keys, Defect::FileLocator, Defect::StripeDiffers] {
            let story = Story::happy().changed(examined(|defects, _| {
                defects.insert(defect);
            }));
            assert_eq!(story.broken(), [NAME]);
        }
    }

    #[test]
    fn what_reads_otherwise_than_it_was_prepared_breaks_it() {
        for medium in [Medium::Chip, Medium::Stripe, Medium::Print] {
            let story = Story::happy().changed(examined(|_, content| {
                let place = match medium {
                    Medium::Chip => &mut content.chip,
                    Medium::Stripe => &mut content.stripe,
                    Medium::Print => &mut content.print,
                };
                *place = None;
            }));
            assert_eq!(story.broken(), [NAME], "{medium}");
        }
        let other = Story::happy().changed(retell(|news| {
            if let News::Prepared { content: is, .. } = news {
                *is = content("another card");
            }
        }));
        assert_eq!(other.broken(), [NAME]);
    }

    #[test]
    fn a_card_that_nobody_examined_breaks_it() {
        let unseen = is_truth(|what| matches!(what, Physical::Examined { .. }));
        assert_eq!(Story::happy().without(&unseen).broken(), [NAME]);
        // Done, and captured then: it may go into no hand any more, but it was called done.
        assert_eq!(Story::captured().without(&unseen).broken(), [NAME]);
    }

    #[test]
    fn a_spoiled_blank_need_not_work() {
        let mut story = Story::begun();
        story.ordered();
        story.produced(1);
        let mut law = TheCardWorks::default();
        story.records().iter().for_each(|record| {
            law.see(record);
        });
        assert_eq!(law.at_rest(), []);
    }
}
