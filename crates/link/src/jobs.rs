//! Steps 4 and 5: D1 and the agent of a perso station. Ours, version 1: the real protocol is private.
//!
//! At D1's door ([`crate::Face::Stations`]):
//!
//! | call | answer |
//! |---|---|
//! | `POST /stations/v1/{persoStation}/enrolment` with an [`Enrolment`] | 200; 403 for a station that nobody registered |
//! | `POST /stations/v1/{persoStation}/heartbeats` with a [`Heartbeat`] | 204; 403 when not enrolled |
//! | `POST /stations/v1/{persoStation}/jobs/{jobId}/reports` with a [`Report`] | 200 and a [`Reply`], the same for the same report; 410 when D1 knows of no such job of this station |
//!
//! At the agent's door ([`crate::Face::Jobs`]):
//!
//! | call | answer |
//! |---|---|
//! | `PUT /agent/v1/{persoStation}/jobs/{jobId}` with a [`Job`] | 202, once or again; 409 for another content under the same id; 503 when the queue is full |
//! | `DELETE /agent/v1/{persoStation}/jobs/{jobId}` | 204 if the job had not begun, 409 if it had |
//!
//! `jobId` is D1's `operationId`. Production data travel encrypted to the station's key.

use persotwin_contract::ids::PersoStation;
use persotwin_contract::jose::jwk::PublicJwk;
use persotwin_contract::production::ProductionCode;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::place::Serial;
use crate::stock::StockName;

/// "I am the agent of this station, and this is the key for my production data."
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Enrolment {
    /// The station's public key for production data.
    pub key: PublicJwk,
    /// Name and version of the agent's software.
    pub software: String,
}

/// "I am alive."
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Heartbeat {
    /// Jobs accepted and not yet finished.
    pub jobs: u32,
}

/// One card to produce.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Must be the agent's own station.
    pub perso_station: PersoStation,
    /// Which blank it needs.
    pub stock: StockName,
    /// A compact JWE whose plaintext is [`ProductionData`] as JSON.
    pub production_data: String,
}

/// What goes onto one card. Secret: it exists in clear only in D1's preparation, in the agent while it works, and on the card.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProductionData {
    /// The application to select on the chip, hexadecimal.
    pub aid: String,
    /// STORE DATA groupings in the order to send them: each a complete DGI, hexadecimal.
    pub dgis: Vec<String>,
    /// Track 1 without sentinels and LRC.
    pub track1: String,
    /// Track 2 without sentinels and LRC.
    pub track2: String,
    /// Track 3, where the order brought one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track3: Option<String>,
    /// The picture.
    pub layout: Layout,
}

impl std::fmt::Debug for ProductionData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ProductionData({} groupings)", self.dgis.len())
    }
}

/// What is printed, side by side with the artwork of the product.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Layout {
    /// Which artwork.
    pub artwork: String,
    /// The PAN in groups, as the front shows it.
    pub pan: String,
    /// `MM/YY`.
    pub expiry: String,
    /// The cardholder's name.
    pub name: String,
    /// A second line, where the order brought one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_name: Option<String>,
    /// Extra lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_lines: Vec<String>,
    /// On the back.
    pub cvv2: String,
}

impl std::fmt::Debug for Layout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Layout({})", self.artwork)
    }
}

/// How a job stands, as the agent reports it. Each is reported until D1 has answered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "status")]
pub enum JobStatus {
    /// Work has begun on a blank.
    Started,
    /// Personalised, verified and still inside the machine: D1 decides now.
    Produced {
        /// The card.
        serial: Serial,
    },
    /// The card lies in the exit.
    Presented,
    /// Somebody took it.
    Taken,
    /// It went to the reject bin after it was finished.
    Captured {
        /// Why.
        why: CaptureCause,
    },
    /// There will be no card.
    Failed {
        /// The issuer-facing code.
        code: ProductionCode,
    },
}

/// Why a finished card went to the reject bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaptureCause {
    /// D1 answered "capture".
    Decided,
    /// D1 did not answer within the hold limit.
    NoAnswer,
    /// The customer did not take it in time.
    NotTaken,
    /// Staff found it not good enough to hand over.
    StaffRejected,
}

/// A status on its way to D1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// 1 for the first report of a job, one more for each next.
    pub sequence: u32,
    /// The status.
    #[serde(flatten)]
    pub status: JobStatus,
}

/// D1's answer to a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    /// What to do.
    pub decision: Decision,
}

/// What D1 decides; for one order it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Noted, nothing to decide.
    Noted,
    /// Give the card out.
    Release,
    /// Keep the card: to the reject bin.
    Capture,
}
