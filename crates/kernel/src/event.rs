//! What a journal holds: facts that somebody outside could have seen, of six kinds.
//!
//! No port, no URL and no secret is ever in one. Card data appear as [`Fingerprint`]s.

use std::time::Duration;

use persotwin_contract::ids::{CardId, OperationId, PersoStation};
use persotwin_contract::notification::ProductionStatus;
use persotwin_contract::production::ProductionCode;
use persotwin_link::device::PrinterState;
use persotwin_link::jobs::{Decision, JobStatus};
use persotwin_link::kiosk::{RequestState, Service};
use persotwin_link::stage::Work;
use persotwin_link::stock::StockName;
use persotwin_link::{Condition, CustomerName, Face, Machine, Place, Serial, Step};
use serde::Serialize;

use crate::chance::Fingerprint;

/// One fact.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A message between two machines.
    Exchange(Exchange),
    /// An order, as the machine that writes believes it stands.
    Order(Belief),
    /// A blank or a card, as it really is. From hardware only.
    Card(Truth),
    /// A condition of the hardware, raised or resolved.
    Condition(ConditionChange),
    /// Something that people or faults did to the world.
    Disturbance(Disturbance),
    /// What the twin concluded.
    Verdict(Verdict),
}

impl Event {
    /// The step of the flow that this belongs to.
    pub fn step(&self) -> Option<Step> {
        match self {
            Self::Exchange(exchange) => exchange.step(),
            Self::Order(belief) => belief.news.step(),
            Self::Card(_) | Self::Condition(_) => Some(Step::Produce),
            Self::Disturbance(_) | Self::Verdict(_) => None,
        }
    }
}

/// What an event or a call is about; as much of it as the machine knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// The kiosk's request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The issuer's card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<CardId>,
    /// D1's operation, which is the agent's job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationId>,
}

impl About {
    /// Nothing in particular.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// A kiosk's request.
    pub fn request(id: &str) -> Self {
        Self {
            request: Some(id.to_owned()),
            ..Self::default()
        }
    }

    /// A card of the issuer.
    pub fn card(card: &CardId) -> Self {
        Self {
            card: Some(card.clone()),
            ..Self::default()
        }
    }

    /// An operation of D1.
    pub fn operation(operation: &OperationId) -> Self {
        Self {
            operation: Some(operation.clone()),
            ..Self::default()
        }
    }

    /// The same, with the card too.
    #[must_use]
    pub fn with_card(self, card: &CardId) -> Self {
        Self {
            card: Some(card.clone()),
            ..self
        }
    }

    /// The same, with the operation too.
    #[must_use]
    pub fn with_operation(self, operation: &OperationId) -> Self {
        Self {
            operation: Some(operation.clone()),
            ..self
        }
    }

    /// One text that tells orders apart, for draws that are keyed by order: the longest-lived id there is.
    pub fn key(&self) -> &str {
        let card = self.card.as_ref().map(AsRef::as_ref);
        let operation = self.operation.as_ref().map(AsRef::as_ref);
        card.or(operation).or(self.request.as_deref()).unwrap_or("")
    }
}

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
    fn step(&self) -> Option<Step> {
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

/// An order as somebody believes it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Belief {
    /// Which.
    #[serde(flatten)]
    pub about: About,
    /// What is new.
    #[serde(flatten)]
    pub news: News,
}

/// What ties a card to its order, without telling either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Essence {
    /// PAN and expiry.
    pub number: Fingerprint,
    /// The cardholder's name, where this medium carries one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Fingerprint>,
}

/// News of an order, in the words of the machine that writes them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(
    tag = "news",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum News {
    /// Issuer: a customer asked for a card.
    Requested {
        /// Who.
        customer: CustomerName,
        /// Where the card shall come out.
        station: PersoStation,
        /// First card, renewal or replacement.
        service: Service,
    },
    /// Issuer: the same request again; nothing new was begun.
    RequestRepeated,
    /// Issuer: there is nothing that it could order; the customer was told sorry.
    NotOrdered,
    /// Issuer: the order is written down and goes out.
    Ordering {
        /// What shall be on the card.
        essence: Essence,
    },
    /// Issuer: D1 answered 202.
    Accepted,
    /// Issuer: D1 answered with an error that repeating does not mend.
    Refused {
        /// HTTP status.
        status: u16,
        /// `errorCode`.
        code: Option<String>,
        /// `error`.
        error: Option<String>,
    },
    /// Issuer: D1 could not be reached; the customer was told sorry, the order may still come true.
    GaveUp,
    /// Issuer: a status was heard for the first time.
    Heard {
        /// Which.
        status: ProductionStatus,
        /// How.
        by: HeardBy,
        /// `errorCode`, for exceptions.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    /// Issuer: a status was heard again, or one that no longer matters.
    HeardAgain {
        /// Which.
        status: ProductionStatus,
    },
    /// Issuer: it acted on the outcome (books the card, tells the customer). Once.
    ActedOn {
        /// The outcome.
        status: ProductionStatus,
    },
    /// Issuer: the kiosk software saw what became of the card.
    CardSeen {
        /// Taken or captured.
        state: persotwin_link::kiosk::CardEvent,
    },
    /// Kiosk: what the screen shows the customer.
    Screen {
        /// Shown.
        state: RequestState,
    },
    /// D1: a new order is accepted and written down.
    OrderAccepted {
        /// The issuer's idempotency key.
        #[serde(skip_serializing_if = "Option::is_none")]
        issuer_request_id: Option<String>,
        /// Where it shall be produced.
        station: PersoStation,
        /// Tells the content of one order from another's.
        content: Fingerprint,
    },
    /// D1: the same order again; it gets the same operation.
    OrderRepeated {
        /// The content that was sent.
        content: Fingerprint,
    },
    /// D1: an order was refused.
    OrderRefused {
        /// HTTP status.
        status: u16,
        /// `errorCode`.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// `error`.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// D1: production data are ready.
    Prepared {
        /// What shall be on the card.
        essence: Essence,
    },
    /// D1: the agent has the job.
    Dispatched {
        /// Whose agent.
        station: PersoStation,
    },
    /// D1: the order has a new status, which the issuer will be told.
    StatusIs {
        /// Which.
        status: ProductionStatus,
        /// The code behind an exception.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<ProductionCode>,
    },
    /// D1: release or capture; written down before anybody is told, and never changed.
    Decided {
        /// Which.
        decision: Decision,
    },
    /// D1: nobody knows what became of the card.
    InDoubt,
    /// D1: a report of the agent arrived for the first time.
    ReportHeard {
        /// What it says.
        #[serde(flatten)]
        report: JobStatus,
    },
    /// D1: the issuer has taken a notification.
    Notified {
        /// Of which status.
        status: ProductionStatus,
        /// At which attempt.
        attempt: u32,
    },
    /// D1: a notification will not be tried again.
    DeadLetter {
        /// Of which status.
        status: ProductionStatus,
        /// The HTTP status that ended it; none when attempts ran out.
        #[serde(skip_serializing_if = "Option::is_none")]
        answer: Option<u16>,
    },
    /// D1: a station's agent has enrolled.
    Enrolled {
        /// Which.
        station: PersoStation,
    },
    /// Agent: a job was taken, once.
    JobTaken,
    /// Agent: the same job again.
    JobRepeated,
    /// Agent: a stretch of work is done and verified.
    WorkDone {
        /// Which.
        work: Work,
        /// On which card.
        serial: Serial,
    },
    /// Agent: this blank is spoiled.
    Spoiled {
        /// Which.
        serial: Serial,
        /// By what.
        condition: Condition,
    },
    /// Agent: after a restart nobody knows how far this half-made card had come; it is given up.
    LostTrack {
        /// Which.
        serial: Serial,
    },
    /// Agent: a card with live keys is listed for destruction.
    ForDestruction {
        /// Which.
        serial: Serial,
    },
    /// Agent: a status to be reported until D1 has answered.
    Reporting {
        /// Which.
        #[serde(flatten)]
        report: JobStatus,
    },
    /// Agent: the inventory book after a job.
    Book(Book),
}

impl News {
    fn step(&self) -> Option<Step> {
        Some(match self {
            Self::Requested { .. }
            | Self::RequestRepeated
            | Self::Screen { .. }
            | Self::CardSeen { .. } => Step::Request,
            Self::NotOrdered
            | Self::Ordering { .. }
            | Self::Accepted
            | Self::Refused { .. }
            | Self::GaveUp
            | Self::OrderAccepted { .. }
            | Self::OrderRepeated { .. }
            | Self::OrderRefused { .. } => Step::Order,
            Self::Prepared { .. } => Step::Prepare,
            Self::Dispatched { .. } | Self::JobTaken | Self::JobRepeated => Step::Dispatch,
            Self::Decided { .. }
            | Self::InDoubt
            | Self::ReportHeard { .. }
            | Self::WorkDone { .. }
            | Self::Spoiled { .. }
            | Self::LostTrack { .. }
            | Self::ForDestruction { .. }
            | Self::Reporting { .. }
            | Self::Book(_) => Step::Produce,
            Self::Heard { .. }
            | Self::HeardAgain { .. }
            | Self::ActedOn { .. }
            | Self::StatusIs { .. }
            | Self::Notified { .. }
            | Self::DeadLetter { .. } => Step::Notify,
            Self::Enrolled { .. } => return None,
        })
    }
}

/// How the issuer heard of a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeardBy {
    /// D1 notified it.
    Notification,
    /// It asked `productionStatus`.
    Poll,
}

/// An agent's inventory book: blanks by what became of them, as far as the agent knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Book {
    /// Declared as loaded.
    pub declared: u32,
    /// Picked from the hopper.
    pub picked: u32,
    /// Given out.
    pub given_out: u32,
    /// Spoiled on the way.
    pub spoiled: u32,
    /// Finished and then captured.
    pub captured: u32,
}

/// A blank or a card, as it really is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Truth {
    /// The job on whose behalf it happened, by the label of the printer's action.
    #[serde(flatten)]
    pub about: About,
    /// What happened.
    #[serde(flatten)]
    pub what: Physical,
}

/// What happens to plastic.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(
    tag = "what",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum Physical {
    /// Blanks were put into a hopper.
    Loaded {
        /// Which hopper, from 1.
        hopper: u8,
        /// Which blanks.
        stock: StockName,
        /// How many.
        count: u32,
    },
    /// A blank or card moved.
    Moved {
        /// Which.
        serial: Serial,
        /// From where.
        from: Place,
        /// To where.
        to: Place,
    },
    /// The printer changed its state.
    Printer {
        /// Idle, processing or stopped.
        state: PrinterState,
    },
    /// The chip in the reader woke up.
    ChipReset {
        /// Of which card.
        serial: Serial,
    },
    /// A command and its answer, secrets masked.
    Apdu {
        /// Of which card.
        serial: Serial,
        /// The command, hexadecimal, secrets as `**`.
        command: String,
        /// The answer, hexadecimal, secrets as `**`.
        answer: String,
    },
    /// The chip is personalised: live keys are on it.
    Personalised {
        /// Of which card.
        serial: Serial,
        /// What is on it.
        essence: Essence,
    },
    /// The stripe was written.
    Encoded {
        /// Of which card.
        serial: Serial,
        /// What is on it.
        essence: Essence,
    },
    /// A side was printed.
    Printed {
        /// Of which card.
        serial: Serial,
        /// Which side.
        side: CardSide,
        /// What can be read on it; none for a side that shows no number.
        #[serde(skip_serializing_if = "Option::is_none")]
        essence: Option<Essence>,
    },
}

/// A side of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardSide {
    /// With chip and number.
    Front,
    /// With stripe and signature panel.
    Back,
}

/// A condition came or went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConditionChange {
    /// Which.
    pub condition: Condition,
    /// Its IPP keyword.
    pub ipp: &'static str,
    /// Raised or resolved.
    pub change: Change,
}

/// Raised or resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It came.
    Raised,
    /// It went.
    Resolved,
}

/// Something that people or faults did to the world.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum Disturbance {
    /// A fault struck a message.
    Wire {
        /// The exchange.
        exchange: u64,
        /// In one word.
        fault: String,
    },
    /// A machine crashed.
    Crash {
        /// Which.
        of: Machine,
    },
    /// A machine lost its power.
    PowerCut {
        /// Which.
        of: Machine,
    },
    /// A machine started.
    Start {
        /// Which.
        of: Machine,
        /// Its first life is 1.
        life: u32,
    },
    /// A customer or somebody of the staff did something that nobody asked a machine for.
    Person {
        /// In a few words.
        does: String,
    },
}

/// What the twin concluded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Verdict {
    /// A law was broken.
    LawBroken {
        /// Its name.
        law: String,
        /// How.
        how: String,
    },
    /// An expectation was not met.
    Unmet {
        /// Which.
        expectation: String,
    },
    /// The story was told.
    End {
        /// `ok` or `failed`.
        verdict: String,
    },
}
