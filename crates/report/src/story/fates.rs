//! What became of every operation, every blank and every customer: the fold behind the last lines.

use std::collections::BTreeMap;

use persotwin_contract::ids::OperationId;
use persotwin_contract::notification::ProductionStatus;
use persotwin_kernel::event::{Belief, Event, News, Physical, Truth};
use persotwin_kernel::{Moment, Record};
use persotwin_link::{CustomerName, Place, Serial};

use super::cast::Chapter;
use super::facts::Whose;
use super::words;
use crate::style::Tone;

/// What became of a customer's card, or of a stranger's.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// In hand, so long after it was asked for.
    InHand(Moment),
    /// D1 calls it done, and it lies there.
    DoneElsewhere(String),
    /// In a hand, and D1 says this.
    NotDone(String),
    /// No card, because of this.
    None(String),
    /// Nobody knows.
    InDoubt,
    /// Neither an outcome nor an error.
    Open,
}

impl Fate {
    pub(super) fn told(&self, name: &str) -> (Tone, String) {
        let (tone, what) = match self {
            Self::InHand(after) => (Tone::Good, format!("card in hand after {after}")),
            Self::DoneElsewhere(place) => (
                Tone::Trouble,
                format!("done, and the card lies in the {place}"),
            ),
            Self::NotDone(status) => (Tone::Bad, format!("card in hand, and D1 says {status}")),
            Self::None(why) => (Tone::Trouble, format!("no card, {why}")),
            Self::InDoubt => (Tone::Bad, "in doubt".to_owned()),
            Self::Open => (Tone::Trouble, "no outcome".to_owned()),
        };
        (tone, format!("{name}: {what}"))
    }
}

/// How one operation went.
#[derive(Debug, Default)]
struct Course {
    status: Option<ProductionStatus>,
    code: Option<String>,
    in_doubt: bool,
    /// The card that it used last, and where that lies.
    card: Option<(Serial, Place)>,
    held_at: Option<Moment>,
}

impl Course {
    fn done(&self) -> bool {
        self.status == Some(ProductionStatus::CardProdDone)
    }

    fn in_hand(&self) -> bool {
        matches!(self.card, Some((_, Place::Hand(_))))
    }

    fn lies(&self) -> String {
        match &self.card {
            Some((_, place)) => words::place(place),
            None => "printer".to_owned(),
        }
    }

    /// Somebody who feeds a card again that this operation has used and done without does not touch the one that it has now.
    fn used(&mut self, serial: &Serial, lies: &Place) {
        let fed_again = matches!(lies, Place::Hopper(_));
        let other = |(card, _): &(Serial, Place)| card != serial;
        if !(fed_again && self.card.as_ref().is_some_and(other)) {
            self.card = Some((serial.clone(), lies.clone()));
        }
    }

    fn status(&self) -> String {
        match (&self.status, &self.code) {
            (Some(status), Some(code)) => format!("{status}, {code}"),
            (Some(status), None) => status.to_string(),
            (None, _) => "nothing".to_owned(),
        }
    }
}

/// The fold.
#[derive(Debug, Default)]
pub(super) struct Fates {
    courses: BTreeMap<OperationId, Course>,
    places: BTreeMap<Serial, Place>,
    asked: BTreeMap<CustomerName, Moment>,
    /// Why a customer's latest wish came to no order.
    refused: BTreeMap<CustomerName, String>,
}

impl Fates {
    pub(super) fn learn(&mut self, record: &Record) {
        match &record.event {
            Event::Order(belief) => {
                if let Some(customer) = &record.customer {
                    self.wish(customer, record.moment, &belief.news);
                }
                self.belief(belief);
            }
            Event::Card(truth) => self.truth(record.moment, truth),
            _ => {}
        }
    }

    fn wish(&mut self, customer: &CustomerName, at: Moment, news: &News) {
        let why = match news {
            News::Requested { .. } => {
                self.asked.insert(customer.clone(), at);
                self.refused.remove(customer);
                return;
            }
            News::Refused { status, code, .. } => {
                let code = code
                    .as_deref()
                    .map_or(String::new(), |code| format!(" {code}"));
                format!("D1 answered {status}{code}")
            }
            News::NotOrdered => "the name cannot be printed".to_owned(),
            News::GaveUp => "the issuer gave up".to_owned(),
            _ => return,
        };
        self.refused.insert(customer.clone(), why);
    }

    fn belief(&mut self, Belief { about, news }: &Belief) {
        let Some(operation) = &about.operation else {
            return;
        };
        match news {
            News::StatusIs { status, code } => {
                let course = self.courses.entry(operation.clone()).or_default();
                course.status = Some(status.clone());
                course.code = code.map(|code| code.to_string());
                course.in_doubt &= !status.is_final();
            }
            News::InDoubt => self.courses.entry(operation.clone()).or_default().in_doubt = true,
            _ => {}
        }
    }

    fn truth(&mut self, at: Moment, truth: &Truth) {
        let Physical::Moved { serial, to, .. } = &truth.what else {
            return;
        };
        self.places.insert(serial.clone(), to.clone());
        let Some(operation) = &truth.about.operation else {
            return;
        };
        let course = self.courses.entry(operation.clone()).or_default();
        if let Place::Hand(_) = to {
            course.held_at.get_or_insert(at);
        }
        course.used(serial, to);
    }

    /// What became of a chapter's latest operation that came to anything.
    pub(super) fn of(&self, chapter: &Chapter) -> Fate {
        let customer = match &chapter.whose {
            Whose::Customer(customer) => Some(customer),
            Whose::Card(_) | Whose::World => None,
        };
        let refused = customer.and_then(|customer| self.refused.get(customer));
        let open = || refused.map_or(Fate::Open, |why| Fate::None(why.clone()));
        let mut courses = chapter.operations.iter().rev();
        let Some(course) = courses.find_map(|id| self.courses.get(id)) else {
            return open();
        };
        let asked = customer.and_then(|customer| self.asked.get(customer));
        match (&course.status, course.held_at) {
            _ if course.in_doubt => Fate::InDoubt,
            (_, Some(held)) if course.done() && course.in_hand() => {
                let after = held.since(asked.copied().unwrap_or(Moment::START));
                Fate::InHand(Moment::START + after)
            }
            _ if course.in_hand() => Fate::NotDone(course.status()),
            _ if course.done() => Fate::DoneElsewhere(course.lies()),
            (Some(status), _) if status.is_final() => Fate::None(course.status()),
            _ => open(),
        }
    }

    /// How many operations of a chapter are done without a card in a hand.
    pub(super) fn done_not_in_hand(&self, chapter: &Chapter) -> usize {
        let courses = chapter
            .operations
            .iter()
            .filter_map(|id| self.courses.get(id));
        courses
            .filter(|course| course.done() && !course.in_hand())
            .count()
    }

    /// `blanks used: 2 (1 in hand, 1 in the reject bin)`; nothing where none was.
    pub(super) fn plastic(&self) -> Option<String> {
        let count = |fits: fn(&Place) -> bool| self.places.values().filter(|p| fits(p)).count();
        let parts = [
            (count(|place| matches!(place, Place::Hand(_))), "in hand"),
            (count(|place| *place == Place::Exit), "in the exit"),
            (
                count(|place| matches!(place, Place::Path(_))),
                "on the path",
            ),
            (
                count(|place| *place == Place::RejectBin),
                "in the reject bin",
            ),
        ];
        let used: usize = parts.iter().map(|(count, _)| count).sum();
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, place)| format!("{count} {place}"))
            .collect();
        (used > 0).then(|| format!("blanks used: {used} ({})", parts.join(", ")))
    }
}
