//! What the issuer writes into its ledger. No card number, expiry or name is ever in it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use persotwin_contract::ids::{CardId, CardProductId, IssuerRequestId, PersoStation};
use persotwin_link::CustomerName;
use persotwin_link::kiosk::{CardRequest, Service};
use serde::{Deserialize, Serialize};

use super::order::Fact;

/// One line of the ledger, under the version of its form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "version")]
pub(crate) enum Page {
    /// The first form.
    #[serde(rename = "1")]
    One(Entry),
}

/// A fact that survives a crash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
pub(crate) enum Entry {
    /// A customer asked for a card.
    Requested(Asked),
    /// The kiosk asked for it again under another id.
    AlsoKnownAs {
        /// The card.
        card: CardId,
        /// The other id.
        request: RequestId,
    },
    /// Something became known of an order.
    Of {
        /// The card.
        card: CardId,
        /// What.
        #[serde(flatten)]
        fact: Fact,
    },
}

impl Entry {
    /// The card that it is about.
    pub(crate) const fn card(&self) -> &CardId {
        match self {
            Self::Requested(Asked { card, .. })
            | Self::AlsoKnownAs { card, .. }
            | Self::Of { card, .. } => card,
        }
    }
}

/// A customer's wish, and the ids that the issuer gave it.
///
/// What is on the card follows from it by pure functions, so that a restarted issuer orders the same card again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Asked {
    /// The kiosk's id.
    pub(crate) request: RequestId,
    /// Who wants it.
    pub(crate) customer: CustomerName,
    /// Where it shall come out.
    pub(crate) station: PersoStation,
    /// Which card.
    pub(crate) product: CardProductId,
    /// First card, renewal or replacement.
    pub(crate) service: Service,
    /// The issuer's id of the card.
    pub(crate) card: CardId,
    /// The issuer's id of the order, its idempotency key.
    pub(crate) key: IssuerRequestId,
    /// When, by the issuer's calendar.
    pub(crate) at: Timestamp,
    /// The card that this one renews, where the book has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) renews: Option<CardId>,
}

impl Asked {
    /// Whether a request under the same id wants the same.
    pub(crate) fn is_for(&self, request: &CardRequest) -> bool {
        self.customer == request.customer
            && self.station == request.perso_station
            && self.product == request.product
            && self.service == request.service
    }
}

/// A kiosk's id of a request (ours): 1 to 64 letters, digits or `-._:~`, so that it can stand in a path and in a journal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct RequestId(String);

/// A text that is no request id. It is not repeated: it may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a requestId has 1 to 64 letters, digits or -._:~")]
pub(crate) struct InvalidRequestId;

impl RequestId {
    /// As the kiosk wrote it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RequestId {
    type Err = InvalidRequestId;

    fn from_str(text: &str) -> Result<Self, InvalidRequestId> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~".contains(&byte);
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(allowed);
        fits.then(|| Self(text.to_owned())).ok_or(InvalidRequestId)
    }
}

impl TryFrom<String> for RequestId {
    type Error = InvalidRequestId;

    fn try_from(text: String) -> Result<Self, InvalidRequestId> {
        text.parse()
    }
}

impl From<RequestId> for String {
    fn from(id: RequestId) -> Self {
        id.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
