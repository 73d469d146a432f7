//! What D1 writes into its ledger. No card data in the clear: the order's JWE as it came, and a keyed digest of what is in it.

use persotwin_contract::dates::WireTime;
use persotwin_contract::ids::{CardId, IssuerRequestId, OperationId, PersoStation};
use persotwin_contract::jose::jwk::PublicJwk;
use persotwin_contract::notification::ProductionStatus;
use persotwin_contract::order::Issuance;
use persotwin_contract::production::ProductionCode;
use persotwin_contract::report::ProductionState;
use persotwin_contract::same::{NumberDigest, RequestDigest};
use persotwin_link::jobs::{Decision, JobStatus};
use serde::{Deserialize, Serialize};

/// One entry; each is whole, so that what belongs together survives together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry")]
pub(crate) enum Entry {
    /// An agent enrolled its station.
    #[serde(rename = "enrolled-1")]
    Enrolled {
        station: PersoStation,
        key: PublicJwk,
        software: String,
    },
    /// A station is not to be trusted any more.
    #[serde(rename = "revoked-1")]
    Revoked { station: PersoStation },
    /// An order was accepted.
    #[serde(rename = "accepted-1")]
    Accepted(Box<Acceptance>),
    /// An order went on.
    #[serde(rename = "moved-1")]
    Moved {
        operation: OperationId,
        at: WireTime,
        changes: Vec<Change>,
    },
}

/// A new order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Acceptance {
    pub(crate) operation: OperationId,
    pub(crate) at: WireTime,
    pub(crate) card: CardId,
    pub(crate) request: Option<IssuerRequestId>,
    pub(crate) station: PersoStation,
    pub(crate) issuance: Issuance,
    #[serde(with = "digest")]
    pub(crate) digest: RequestDigest,
    /// Of its number and sequence number; none where they could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "number")]
    pub(crate) number: Option<NumberDigest>,
    pub(crate) sealed: Sealed,
}

/// The order's content, its secrets encrypted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sealed {
    /// The clear order as JSON with its JWE, without track data.
    pub(crate) order: String,
    /// Track data that came in the clear, encrypted by D1 to itself.
    pub(crate) tracks: Option<String>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} characters)", self.order.len())
    }
}

/// One thing that becomes true of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub(crate) enum Change {
    /// The production data are ready.
    Prepared,
    /// From here on the agent may have the job.
    Offered,
    /// The agent has the job.
    Dispatched,
    /// The agent reported, and got this answer.
    Heard {
        sequence: u32,
        report: JobStatus,
        answer: Decision,
    },
    /// The one decision; written once.
    Ruled { ruling: Ruling },
    /// The order has its final status.
    Ended { end: End },
    /// Nobody knows what became of the card.
    Doubted,
    /// The issuer took a notification.
    Told {
        status: ProductionStatus,
        attempt: u32,
    },
    /// A notification was given up.
    Dead {
        status: ProductionStatus,
        answer: Option<u16>,
    },
}

/// What D1 decides about an order, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ruling {
    /// The finished card may be given out.
    Released,
    /// There will be no card.
    Failed,
    /// The issuer does not want it any more.
    Canceled,
}

impl Ruling {
    /// What the agent is told.
    pub(crate) const fn decision(self) -> Decision {
        match self {
            Self::Released => Decision::Release,
            Self::Failed | Self::Canceled => Decision::Capture,
        }
    }
}

/// How an order ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "kebab-case")]
pub(crate) enum End {
    /// `CARD_PROD_DONE`.
    Done,
    /// `DATA_EXCEPTION`.
    DataException { code: ProductionCode },
    /// `CARD_PROD_EXCEPTION`.
    Exception { code: ProductionCode },
    /// `CARD_PROD_CANCELED`.
    Canceled,
}

impl End {
    /// The documented state.
    pub(crate) const fn at(self, at: WireTime) -> ProductionState {
        match self {
            Self::Done => ProductionState::Done(at),
            Self::DataException { code } => ProductionState::DataException(at, code),
            Self::Exception { code } => ProductionState::ProductionException(at, code),
            Self::Canceled => ProductionState::Canceled(at),
        }
    }
}

mod digest {
    use persotwin_contract::same::RequestDigest;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(
        digest: &RequestDigest,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(digest.to_bytes()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<RequestDigest, D::Error> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(String::deserialize(deserializer)?, &mut bytes)
            .map_err(de::Error::custom)?;
        Ok(RequestDigest::from_bytes(bytes))
    }
}

mod number {
    use persotwin_contract::same::NumberDigest;
    use serde::{Deserialize, Deserializer, Serializer, de};

    #[expect(clippy::ref_option, reason = "serde calls it like this")]
    pub(super) fn serialize<S: Serializer>(
        digest: &Option<NumberDigest>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match digest {
            Some(digest) => serializer.serialize_str(&hex::encode(digest.to_bytes())),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<NumberDigest>, D::Error> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(String::deserialize(deserializer)?, &mut bytes)
            .map_err(de::Error::custom)?;
        Ok(Some(NumberDigest::from_bytes(bytes)))
    }
}
