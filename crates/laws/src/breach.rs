//! What a law found wrong.

use std::fmt;

use persotwin_contract::ids::{OperationId, PersoStation};
use persotwin_kernel::Record;
use persotwin_kernel::event::{About, Event};
use persotwin_link::{CustomerName, Serial};

/// A broken law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The law's name.
    pub law: &'static str,
    /// What is wrong, in a fragment without any secret: `a second card, …, is in a hand`.
    pub how: String,
    /// The journal's record at which it showed; none at rest.
    pub seq: Option<u64>,
    /// Whose card it is about, where that is known.
    pub customer: Option<CustomerName>,
    /// What it is about.
    pub about: Matter,
    /// Who is to blame.
    pub by: Blame,
}

/// What a breach is about, as far as its law knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matter {
    /// The order.
    pub operation: Option<OperationId>,
    /// The plastic.
    pub serial: Option<Serial>,
    /// The station.
    pub station: Option<PersoStation>,
}

/// Who is to blame for a breach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Blame {
    /// A machine could have kept the law.
    #[default]
    Machines,
    /// What went wrong broke it by itself, whatever machines did.
    AFault,
}

impl Breach {
    /// Shown by a record.
    pub(crate) fn at(law: &'static str, record: &Record, how: String) -> Self {
        Self {
            law,
            how,
            seq: Some(record.seq),
            customer: record.customer.clone(),
            about: Matter {
                operation: about(record).and_then(|about| about.operation.clone()),
                ..Matter::default()
            },
            by: Blame::Machines,
        }
    }

    /// Found when all is quiet.
    pub(crate) fn at_rest(law: &'static str, how: String) -> Self {
        Self {
            law,
            how,
            seq: None,
            customer: None,
            about: Matter::default(),
            by: Blame::Machines,
        }
    }

    /// The same, about an order.
    pub(crate) fn in_order(mut self, operation: &OperationId) -> Self {
        self.about.operation = Some(operation.clone());
        self
    }

    /// The same, about a piece of plastic.
    pub(crate) fn on(mut self, serial: &Serial) -> Self {
        self.about.serial = Some(serial.clone());
        self
    }

    /// The same, about a station.
    pub(crate) fn at_station(mut self, station: &PersoStation) -> Self {
        self.about.station = Some(station.clone());
        self
    }

    /// The same, about a customer.
    pub(crate) fn of(self, customer: Option<&CustomerName>) -> Self {
        Self {
            customer: customer.cloned(),
            ..self
        }
    }
}

/// What a record is about.
pub(crate) fn about(record: &Record) -> Option<&About> {
    match &record.event {
        Event::Order(belief) => Some(&belief.about),
        Event::Card(truth) => Some(&truth.about),
        Event::Exchange(exchange) => Some(&exchange.about),
        _ => None,
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.law, self.how)
    }
}
