//! Messages between machines.

use std::time::Duration;

use persotwin_link::{Face, Machine, Step};
use serde::Serialize;

use super::About;

/// A message between two machines: one event when it is sent, one when its fate is known to the caller.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// The number of the exchange in its run.
    pub exchange: u64,
    /// Who called.
    pub from: Machine,
    /// At which face.
    pub to: Face,
    /// The HTTP method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// What it was about.
    #[serde(flatten)]
    pub about: About,
    /// How far it has come.
    #[serde(flatten)]
    pub phase: Phase,
}

impl Exchange {
    pub(super) fn step(&self) -> Option<Step> {
        let polls = self.to == Face::Orders && self.method == "GET";
        if polls {
            Some(Step::Notify)
        } else {
            self.to.step()
        }
    }
}

/// How far an exchange has come.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "phase", rename_all = "kebab-case")]
pub enum Phase {
    /// It left the caller.
    Sent {
        /// Body bytes.
        bytes: usize,
    },
    /// The caller has the answer.
    Answered {
        /// The HTTP status.
        status: u16,
        /// Body bytes.
        bytes: usize,
        /// From sent to answered.
        #[serde(rename = "tookMs", serialize_with = "millis")]
        took: Duration,
    },
    /// The caller has no answer and waits no longer.
    Failed {
        /// How it looks to the caller.
        why: Failure,
        /// From sent to failed.
        #[serde(rename = "tookMs", serialize_with = "millis")]
        took: Duration,
    },
    /// An answer came back for which nobody waited any more.
    Unheard {
        /// The HTTP status.
        status: u16,
    },
}

/// How a failed call looks to its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// Nobody listens there.
    #[error("connection refused")]
    Refused,
    /// The connection ended before the answer was complete.
    #[error("connection closed before the answer")]
    Closed,
    /// No answer within the caller's patience.
    #[error("no answer in time")]
    TimedOut,
    /// What came back is no HTTP.
    #[error("the answer is not HTTP")]
    Garbled,
}

fn millis<S: serde::Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}
