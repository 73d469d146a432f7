//! Journals of real runs, with one event changed or removed.

use persotwin_kernel::Record;
use persotwin_kernel::event::{Belief, Event, News};
use persotwin_laws::judge;
use persotwin_scenario::Plan;
use persotwin_world::{Told, WireKind, setup};

use crate::{read, told};

/// Alice and bob take their cards, carol does not.
const THREE: &str = "\
persotwin: 1
name: Three at one kiosk
customers: { alice: {}, bob: { arrives: 2m }, carol: { arrives: 4m, takes: never } }
";

/// A real run whose journal can be tampered with, and what the laws must know of its world.
#[derive(Debug)]
pub struct Run {
    /// Its plan.
    pub plan: Plan,
    /// Its story.
    pub told: Told,
}

impl Run {
    /// The story of three customers at one kiosk: two take their cards, carol does not.
    pub fn of_three() -> Self {
        Self::of_three_with("")
    }

    /// The same with more in the scenario.
    pub fn of_three_with(more: &str) -> Self {
        let plan = read("three.yaml", &format!("{THREE}{more}"));
        let told = told(&plan, WireKind::InProcess);
        assert!(told.is_ok(), "{:#?}", told.breaches);
        Self { plan, told }
    }

    /// A copy of its journal, to be changed.
    pub fn journal(&self) -> Vec<Record> {
        self.told
            .records
            .iter()
            .map(|record| (**record).clone())
            .collect()
    }

    /// The laws that a journal breaks, each once.
    pub fn broken(&self, journal: &[Record]) -> Vec<&'static str> {
        let mut laws: Vec<_> = judge(&setup(&self.plan), journal)
            .iter()
            .map(|breach| breach.law)
            .collect();
        laws.sort_unstable();
        laws.dedup();
        laws
    }

    /// The laws that break when the first event that `change` wants to change is changed.
    pub fn changed(&self, change: impl Fn(&mut Record) -> bool) -> Vec<&'static str> {
        let mut journal = self.journal();
        let place = journal.iter_mut().position(|record| {
            let before = record.clone();
            change(record) && *record != before
        });
        assert!(place.is_some(), "there is no such event");
        self.broken(&journal)
    }

    /// The laws that break without the first event that `is_it`.
    pub fn without(&self, is_it: impl Fn(&Record) -> bool) -> Vec<&'static str> {
        let mut journal = self.journal();
        let place = journal
            .iter()
            .position(is_it)
            .expect("there is such an event");
        journal.remove(place);
        self.broken(&journal)
    }
}

/// The news in a record of one customer's order.
pub fn news_of<'a>(record: &'a Record, customer: &str) -> Option<&'a News> {
    let about = record.customer.as_ref()?;
    match &record.event {
        Event::Order(Belief { news, .. }) if about.as_ref() == customer => Some(news),
        _ => None,
    }
}

/// Whether a record is such news of one customer's order.
pub fn is_news(customer: &'static str, wanted: impl Fn(&News) -> bool) -> impl Fn(&Record) -> bool {
    move |record| news_of(record, customer).is_some_and(&wanted)
}

/// Changes news of one customer's order.
pub fn retold(
    customer: &'static str,
    change: impl Fn(&mut News) -> bool,
) -> impl Fn(&mut Record) -> bool {
    move |record| match &mut record.event {
        Event::Order(Belief { news, .. })
            if record
                .customer
                .as_ref()
                .is_some_and(|who| who.as_ref() == customer) =>
        {
            change(news)
        }
        _ => false,
    }
}
