//! Figures over many worlds: how hard they were, and what they reached.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use persotwin_contract::notification::ProductionStatus;
use persotwin_faults::catalogue;
use persotwin_kernel::Record;
use persotwin_kernel::event::{Disturbance, Event, News};
use persotwin_link::Machine;
use persotwin_world::moment_of;
use serde::{Deserialize, Serialize};

use crate::life::Lived;

/// Faults that strike in fewer seeds of a thousand are hardly explored.
const SELDOM: u64 = 10;

/// What was counted. Two of them add up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Census {
    /// Worlds that lived.
    pub seeds: u64,
    /// In how many worlds each fault struck.
    pub struck: BTreeMap<String, u64>,
    /// Orders that D1 got.
    pub orders: u64,
    /// Orders that D1 called done.
    pub done: u64,
    /// Virtual time.
    pub virtual_ms: u64,
    /// Records of all journals.
    pub events: u64,
    /// A fault at a moment of the flow: which was the last before it struck.
    pub cells: BTreeSet<String>,
}

impl Census {
    /// The figures of one world.
    pub fn of(lived: &Lived) -> Self {
        let mut census = Self {
            seeds: 1,
            ..Self::default()
        };
        let Some(told) = &lived.told else {
            return census;
        };
        census.virtual_ms = u64::try_from(told.took.as_millis()).unwrap_or(u64::MAX);
        census.events = told.records.len() as u64;
        let mut struck = BTreeSet::new();
        let mut done = BTreeSet::new();
        for (n, record) in told.records.iter().enumerate() {
            match &record.event {
                Event::Disturbance(Disturbance::Fault { fault, .. }) => {
                    struck.insert(*fault);
                    census.cells.insert(cell(fault, &told.records[..n]));
                }
                Event::Order(belief) if record.machine == Machine::D1 => match &belief.news {
                    News::OrderAccepted { .. } | News::OrderRefused { .. } => census.orders += 1,
                    News::StatusIs {
                        status: ProductionStatus::CardProdDone,
                        ..
                    } => {
                        done.extend(belief.about.operation.clone());
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        census.done = done.len() as u64;
        census.struck = struck
            .into_iter()
            .map(|fault| (fault.to_owned(), 1))
            .collect();
        census
    }

    /// Adds another's figures.
    pub fn add(&mut self, other: Self) {
        self.seeds += other.seeds;
        for (fault, seeds) in other.struck {
            *self.struck.entry(fault).or_default() += seeds;
        }
        self.orders += other.orders;
        self.done += other.done;
        self.virtual_ms += other.virtual_ms;
        self.events += other.events;
        self.cells.extend(other.cells);
    }

    /// How many faults struck, each counted once in a world, however often it struck there.
    pub fn strikes(&self) -> u64 {
        self.struck.values().sum()
    }

    /// How many faults struck in a world, on average.
    pub fn strikes_per_seed(&self) -> f64 {
        share(self.strikes(), self.seeds)
    }

    /// The share of orders that ended other than done, from 0 to 1.
    pub fn otherwise(&self) -> f64 {
        share(self.orders.saturating_sub(self.done), self.orders)
    }

    /// In how many seeds of a thousand a fault struck.
    pub fn per_thousand(&self, fault: &str) -> u64 {
        let struck = self.struck.get(fault).copied().unwrap_or_default();
        (struck * 1000).checked_div(self.seeds).unwrap_or_default()
    }

    /// The faults of the catalogue that struck in fewer than ten seeds of a thousand, with how many.
    pub fn seldom(&self) -> Vec<(&'static str, u64)> {
        catalogue()
            .map(|entry| (entry.name, self.per_thousand(entry.name)))
            .filter(|(_, seeds)| *seeds < SELDOM)
            .collect()
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a figure for people, of counts far below what a float holds"
)]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64
}

/// A fault at the last named moment before it.
fn cell(fault: &str, before: &[Arc<Record>]) -> String {
    let moment = before.iter().rev().find_map(|record| moment_of(record));
    let moment = moment.map_or("start", |moment| moment.word());
    format!("{fault}@{moment}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Draft;
    use crate::life::live;
    use crate::value::Settings;

    fn world() -> Census {
        let mut draft = Draft::empty(1);
        draft.customers.set("alice", Settings::new());
        draft
            .customers
            .set("bob", Settings::new().with("arrives", "3m"));
        let fault = Settings::new()
            .with("fault", "order-cancelled")
            .with("customer", "alice")
            .with("when", Settings::new().with("moment", "prepared"));
        draft.faults.push(fault);
        Census::of(&live(&draft).unwrap())
    }

    #[test]
    fn a_world_is_counted() {
        let census = world();
        assert_eq!((census.seeds, census.orders, census.done), (1, 2, 1));
        assert_eq!(census.strikes(), 1);
        assert_eq!(census.struck["order-cancelled"], 1);
        let cell = |cell: &String| cell.starts_with("order-cancelled@");
        assert!(census.cells.iter().any(cell), "{:?}", census.cells);
        assert!((census.otherwise() - 0.5).abs() < f64::EPSILON);
    }

    #[test]
    fn two_add_up_and_what_is_seldom_is_told() {
        let mut census = world();
        census.add(world());
        assert_eq!((census.seeds, census.orders), (2, 4));
        assert_eq!(census.per_thousand("order-cancelled"), 1000);
        let seldom = census.seldom();
        assert!(seldom.contains(&("crash", 0)));
        assert!(seldom.iter().all(|(fault, _)| *fault != "order-cancelled"));
    }
}
