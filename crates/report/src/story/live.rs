//! The story of a world that stays up, as it happens: the lines of [`story()`](super::story()), each with whose it is.
//!
//! ```text
//! 22:50:31  alice       6b   D1 → issuer             CARD_PROD_READY
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;

use persotwin_contract::ids::PersoStation;
use persotwin_kernel::Record;
use persotwin_kernel::event::{Belief, Event, News, Phase};
use persotwin_link::{Face, Machine};

use super::facts::{Facts, Whose};
use super::tell::Teller;
use super::words;
use crate::style::tame;

/// Tells records in their order, each as soon as it is there. A pure fold.
#[derive(Debug)]
pub struct LiveStory {
    teller: Teller<'static>,
    /// Where each order's card is made.
    homes: BTreeMap<Whose, PersoStation>,
}

impl Default for LiveStory {
    fn default() -> Self {
        Self {
            teller: Teller::new(Cow::Owned(Facts::so_far())),
            homes: BTreeMap::new(),
        }
    }
}

impl LiveStory {
    /// The line of the next record, without a line end; nothing for what goes without saying.
    pub fn tell(&mut self, record: &Record) -> Option<String> {
        let facts = self.teller.facts.to_mut();
        facts.learn(record);
        facts.forget_old_messages();
        let whose = facts.whose(record);
        if let Some(whose) = &whose {
            self.learn(whose, record);
        }
        let home = whose.as_ref().and_then(|whose| self.homes.get(whose));
        let told = self.teller.tell(record, home);
        let (step, who, what) = match told {
            Some(line) => (line.step, line.who, line.what),
            None => refused(record)?,
        };
        let time = record.at.strftime("%H:%M:%S");
        let name = match whose {
            Some(Whose::Customer(customer)) => customer.to_string(),
            Some(Whose::Card(card)) => card.to_string(),
            Some(Whose::World) | None => String::new(),
        };
        let step = step.unwrap_or_default();
        let line = format!("{time}  {name:<10}  {step:<3}  {who:<22}  {what}");
        Some(tame(&line))
    }

    fn learn(&mut self, whose: &Whose, record: &Record) {
        if let Event::Order(Belief {
            news: News::Requested { station, .. } | News::OrderAccepted { station, .. },
            ..
        }) = &record.event
        {
            self.homes.insert(whose.clone(), station.clone());
        }
    }
}

/// A call of a stranger that brought no good answer: whoever made it wants to know.
fn refused(record: &Record) -> Option<(Option<&'static str>, String, String)> {
    let Event::Exchange(exchange) = &record.event else {
        return None;
    };
    // Of an order that it refuses D1 tells itself.
    let told = |status| exchange.to == Face::Orders && matches!(status, 400 | 409);
    let strange = exchange.from == Machine::Stranger;
    match exchange.phase {
        Phase::Answered { status, .. } if status >= 400 && strange && !told(status) => {
            let asked = words::asked(&exchange.to, &exchange.method);
            let who = super::tell::arrow(
                &words::face(&exchange.to, None),
                &words::machine(&exchange.from, None),
            );
            Some((None, who, format!("{asked}: answered {status}")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use persotwin_contract::notification::ProductionStatus;
    use persotwin_kernel::Moment;
    use persotwin_kernel::event::{About, Disturbance, Exchange, Verdict};

    fn record(machine: Machine, event: Event) -> Record {
        Record {
            seq: 0,
            at: "2026-06-17T10:00:24.107Z".parse().unwrap(),
            moment: Moment::from_millis(24_107),
            machine,
            step: event.step(),
            customer: Some("alice".parse().unwrap()),
            event,
        }
    }

    fn told(machine: Machine, event: Event) -> Option<String> {
        LiveStory::default().tell(&record(machine, event))
    }

    #[test]
    fn a_line_says_when_whose_which_step_who_and_what() {
        let news = News::Notified {
            status: ProductionStatus::CardProdReady,
            attempt: 1,
        };
        let about = About::operation(&"operation-1".parse().unwrap());
        assert_eq!(
            told(Machine::D1, Event::Order(Belief { about, news })).unwrap(),
            "10:00:24  alice       6b   D1 → issuer             CARD_PROD_READY: delivered"
        );
    }

    #[test]
    fn what_strikes_the_world_is_told() {
        let fault = Disturbance::Fault {
            id: "torn".to_owned(),
            fault: "ribbon-tears",
            on: "station/KIOSK-PS-101".to_owned(),
            exchange: None,
            how: None,
        };
        let line = told(Machine::World, Event::Disturbance(fault)).unwrap();
        assert!(
            line.contains("station/KIOSK-PS-101    fault: ribbon tears"),
            "{line}"
        );
    }

    #[test]
    fn a_stranger_hears_of_refusals() {
        let took = std::time::Duration::from_millis(3);
        let answered = |status| {
            let phase = Phase::Answered {
                status,
                bytes: 0,
                took,
            };
            let exchange = Exchange {
                exchange: 7,
                from: Machine::Stranger,
                to: Face::Orders,
                method: "POST".to_owned(),
                path: "/banking/v1/x".to_owned(),
                about: About::nothing(),
                phase,
            };
            told(Machine::Stranger, Event::Exchange(exchange))
        };
        assert_eq!(answered(202), None);
        assert_eq!(answered(400), None, "D1 tells");
        let line = answered(401).unwrap();
        assert!(line.ends_with("answered 401"), "{line}");
    }

    #[test]
    fn verdicts_are_no_news() {
        let verdict = "ok".to_owned();
        assert_eq!(
            told(Machine::World, Event::Verdict(Verdict::End { verdict })),
            None
        );
    }
}
