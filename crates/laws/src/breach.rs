//! What a law found wrong.

use std::fmt;

use persotwin_kernel::Record;
use persotwin_link::CustomerName;

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
}

impl Breach {
    /// Shown by a record.
    pub(crate) fn at(law: &'static str, record: &Record, how: String) -> Self {
        Self {
            law,
            how,
            seq: Some(record.seq),
            customer: record.customer.clone(),
        }
    }

    /// Found when all is quiet.
    pub(crate) fn at_rest(law: &'static str, how: String) -> Self {
        Self {
            law,
            how,
            seq: None,
            customer: None,
        }
    }

    /// The same, about a customer.
    pub(crate) fn of(self, customer: Option<&CustomerName>) -> Self {
        Self {
            customer: customer.cloned(),
            ..self
        }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.law, self.how)
    }
}
