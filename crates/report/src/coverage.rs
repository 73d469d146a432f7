//! Which of the ways in which a step can go wrong really happened, scenario by scenario.
//!
//! A message is struck **before** its handler (the effect did not happen), **after** it (it happened, and the caller does not know),
//! it arrives **twice**, **late** or **out of order**; or a machine **crashes**, or loses its power, while the step was its last work, or
//! with an order in preparation. The step of a message is that of its link; the third one's only messages are D1's questions for a PIN.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Deref;

use persotwin_contract::ids::OperationId;
use persotwin_kernel::Record;
use persotwin_kernel::event::{Belief, Disturbance, Event, News};
use persotwin_link::{Machine, Step};

/// The steps with their names for people.
const STEPS: [(Step, &str); 6] = [
    (Step::Request, "request"),
    (Step::Order, "order"),
    (Step::Prepare, "prepare"),
    (Step::Dispatch, "dispatch"),
    (Step::Produce, "produce"),
    (Step::Notify, "notify"),
];

/// A way in which a step can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// A message never came to its handler.
    Before,
    /// A message took effect, and its answer never came.
    After,
    /// A message came twice.
    Twice,
    /// A message, or its answer, came late.
    Late,
    /// A message came after the next one.
    OutOfOrder,
    /// A machine crashed or lost its power.
    Crash,
}

impl Way {
    /// Every one, in the order of the table.
    pub const ALL: [Self; 6] = [
        Self::Before,
        Self::After,
        Self::Twice,
        Self::Late,
        Self::OutOfOrder,
        Self::Crash,
    ];

    /// What the net calls it; none for what leaves a message what it is.
    fn of(fault: &str) -> Option<Self> {
        Some(match fault {
            "before" => Self::Before,
            "after" => Self::After,
            "twice" => Self::Twice,
            "late" | "answer-late" => Self::Late,
            "out-of-order" => Self::OutOfOrder,
            _ => return None,
        })
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Before => "before",
            Self::After => "after",
            Self::Twice => "twice",
            Self::Late => "late",
            Self::OutOfOrder => "out of order",
            Self::Crash => "crash",
        })
    }
}

/// A step, and a way in which it went wrong.
pub type Cell = (Step, Way);

/// In how many scenarios each step went wrong in each way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage(BTreeMap<Cell, u32>);

impl Coverage {
    /// Every cell of the table, row by row.
    pub fn cells() -> impl Iterator<Item = Cell> {
        STEPS
            .into_iter()
            .flat_map(|(step, _)| Way::ALL.map(|way| (step, way)))
    }

    /// Counts one more scenario, by its journal.
    pub fn count<R: Deref<Target = Record>>(&mut self, journal: &[R]) {
        for cell in struck(journal) {
            *self.0.entry(cell).or_default() += 1;
        }
    }

    /// In how many scenarios it happened.
    pub fn scenarios(&self, cell: Cell) -> u32 {
        self.0.get(&cell).copied().unwrap_or_default()
    }
}

impl fmt::Display for Coverage {
    /// A table, a line a step; nothing ends with a blank.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<10}", "scenarios")?;
        for way in Way::ALL {
            write!(f, "  {way:>6}")?;
        }
        for (step, name) in STEPS {
            write!(f, "\n{} {name:<8}", step.number())?;
            for way in Way::ALL {
                let width = way.to_string().len().max(6);
                write!(f, "  {:>width$}", self.scenarios((step, way)))?;
            }
        }
        Ok(())
    }
}

/// The cells that one story fills.
fn struck<R: Deref<Target = Record>>(journal: &[R]) -> BTreeSet<Cell> {
    let mut messages = BTreeSet::new();
    let mut cells = BTreeSet::new();
    let mut preparing = BTreeSet::new();
    for (nth, record) in journal.iter().enumerate() {
        let disturbance = match &record.event {
            Event::Order(belief) => {
                prepare(&mut preparing, belief);
                continue;
            }
            Event::Disturbance(disturbance) => disturbance,
            _ => continue,
        };
        match disturbance {
            Disturbance::Wire { exchange, fault } => {
                messages.extend(Way::of(fault).map(|way| (*exchange, way)));
            }
            Disturbance::Fault {
                exchange: Some(exchange),
                how: Some(how),
                ..
            } => messages.extend(Way::of(how).map(|way| (*exchange, way))),
            Disturbance::Crash { of } | Disturbance::PowerCut { of } => {
                let mut work = journal[..nth].iter().rev();
                let last = work.find_map(|record| step_of(record, of));
                cells.extend(last.map(|step| (step, Way::Crash)));
                if *of == Machine::D1 && !preparing.is_empty() {
                    cells.insert((Step::Prepare, Way::Crash));
                }
            }
            _ => {}
        }
    }
    if messages.is_empty() {
        return cells;
    }
    for record in journal {
        if let (Event::Exchange(exchange), Some(step)) = (&record.event, record.step) {
            let id = exchange.exchange;
            let ways = messages.range((id, Way::Before)..=(id, Way::Crash));
            cells.extend(ways.map(|(_, way)| (step, *way)));
        }
    }
    cells
}

/// Keeps the orders that D1 has taken and not yet prepared: of that work nothing is seen before it is done.
fn prepare(preparing: &mut BTreeSet<OperationId>, belief: &Belief) {
    let Some(operation) = &belief.about.operation else {
        return;
    };
    match &belief.news {
        News::OrderAccepted { .. } => {
            preparing.insert(operation.clone());
        }
        News::Prepared { .. } => {
            preparing.remove(operation);
        }
        News::StatusIs { status, .. } if status.is_final() => {
            preparing.remove(operation);
        }
        _ => {}
    }
}

/// The step of what a machine did or was asked to do.
fn step_of(record: &Record, machine: &Machine) -> Option<Step> {
    let asked =
        matches!(&record.event, Event::Exchange(exchange) if exchange.to.machine() == *machine);
    (asked || record.machine == *machine)
        .then_some(record.step)
        .flatten()
}
