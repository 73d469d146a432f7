//! Orders, as machines believe they stand.

use persotwin_contract::ids::PersoStation;
use persotwin_contract::notification::ProductionStatus;
use persotwin_contract::production::ProductionCode;
use persotwin_link::chip_failure::ChipFailure;
use persotwin_link::jobs::{Decision, JobStatus};
use persotwin_link::kiosk::{RequestState, Service};
use persotwin_link::stage::Work;
use persotwin_link::{Condition, CustomerName, Serial, Step};
use serde::Serialize;

use super::{About, Content};
use crate::chance::Fingerprint;

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
        /// Who; a record names its customer already.
        #[serde(skip)]
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
    /// Issuer: D1 says again and again that it knows nothing of an order that it accepted; the order goes out again.
    Forgotten,
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
        /// What shall be read of it, to the last byte.
        content: Content,
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
    /// D1: a station's enrolment was revoked.
    Revoked {
        /// Whose.
        station: PersoStation,
    },
    /// Agent: a job was taken, once.
    JobTaken,
    /// Agent: the same job again.
    JobRepeated,
    /// Agent: a job that it had is not wanted any more, and will not be begun.
    JobWithdrawn,
    /// Agent: a stretch of work is done and verified.
    WorkDone {
        /// Which.
        work: Work,
        /// On which card.
        serial: Serial,
    },
    /// Agent: the chip has proved that it knows the keys of its stock, and the channel to it is open.
    ChipOpened {
        /// On which card.
        serial: Serial,
        /// Protocol and option, `scp02-i55`.
        protocol: String,
        /// The security level, `03`.
        level: String,
        /// The version of its keys, `01`.
        key_version: String,
    },
    /// Agent: the data are in the chip.
    ChipLoaded {
        /// On which card.
        serial: Serial,
        /// The names of the data groupings, in the order in which they were sent.
        groupings: Vec<String>,
    },
    /// Agent: the chip will not become that of a card.
    ChipFailed {
        /// On which card.
        serial: Serial,
        /// Why.
        #[serde(flatten)]
        why: ChipFailure,
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
    /// Agent: D1 will never listen to this report: it knows nothing of the job, or trusts the station no more.
    ReportUnwanted {
        /// Which.
        #[serde(flatten)]
        report: JobStatus,
    },
    /// Agent: the inventory book after a job.
    Book(Book),
}

impl News {
    pub(super) fn step(&self) -> Option<Step> {
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
            | Self::Forgotten
            | Self::OrderAccepted { .. }
            | Self::OrderRepeated { .. }
            | Self::OrderRefused { .. } => Step::Order,
            Self::Prepared { .. } => Step::Prepare,
            Self::Dispatched { .. } | Self::JobTaken | Self::JobRepeated | Self::JobWithdrawn => {
                Step::Dispatch
            }
            Self::Decided { .. }
            | Self::InDoubt
            | Self::ReportHeard { .. }
            | Self::WorkDone { .. }
            | Self::ChipOpened { .. }
            | Self::ChipLoaded { .. }
            | Self::ChipFailed { .. }
            | Self::Spoiled { .. }
            | Self::LostTrack { .. }
            | Self::ForDestruction { .. }
            | Self::Reporting { .. }
            | Self::ReportUnwanted { .. }
            | Self::Book(_) => Step::Produce,
            Self::Heard { .. }
            | Self::HeardAgain { .. }
            | Self::ActedOn { .. }
            | Self::StatusIs { .. }
            | Self::Notified { .. }
            | Self::DeadLetter { .. } => Step::Notify,
            Self::Enrolled { .. } | Self::Revoked { .. } => return None,
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
