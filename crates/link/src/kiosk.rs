//! Step 1: the kiosk (or the bank's app) and the issuer. Ours: every bank has its own.
//!
//! | call | answer |
//! |---|---|
//! | `POST /kiosk/v1/card-requests` with a [`CardRequest`] | 202 and a [`RequestView`]; the same `requestId` again gives the same request |
//! | `GET /kiosk/v1/card-requests/{requestId}` | 200 and a [`RequestView`]; 404 |
//! | the same with `?wait=SECONDS&unless=STATE` | the same, as soon as the state is another one; waits at most 60 s |
//! | `POST /kiosk/v1/card-requests/{requestId}/card` with a [`CardEvent`] | 204: the kiosk software saw the card taken or captured |

use persotwin_contract::ids::{CardProductId, PersoStation};
use serde::{Deserialize, Serialize};

use crate::names::CustomerName;

/// Where card requests are posted.
pub const CARD_REQUESTS: &str = "/kiosk/v1/card-requests";

/// A tap on "print my card".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CardRequest {
    /// The kiosk's own id of this wish; a second tap on the same screen sends the same one.
    pub request_id: String,
    /// Who is logged in.
    pub customer: CustomerName,
    /// The station that shall print: this kiosk's own, or the one chosen in the app.
    pub perso_station: PersoStation,
    /// Which card.
    pub product: CardProductId,
    /// New, renewed or replaced.
    pub service: Service,
}

/// Why the customer wants a card. The issuer orders it as the contract's `services.issuance`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// A first card.
    New,
    /// The same card with a later expiry.
    Renewal,
    /// The card was lost, stolen or spoiled.
    Replacement,
}

/// How a request stands, in words for a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestView {
    /// The kiosk's id.
    pub request_id: String,
    /// What to show.
    pub state: RequestState,
    /// A sentence when the answer is sorry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What the kiosk shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestState {
    /// Ordered, nothing heard yet.
    Waiting,
    /// D1 is at work on it.
    Printing,
    /// The card is made.
    TakeYourCard,
    /// There will be no card.
    Sorry,
}

impl RequestState {
    /// The word for it, in an answer and in a query.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Printing => "printing",
            Self::TakeYourCard => "take-your-card",
            Self::Sorry => "sorry",
        }
    }
}

/// What the kiosk software saw happen at the exit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum CardEvent {
    /// Somebody took the card.
    Taken,
    /// Nobody did: the card went to the reject bin.
    Captured,
}
