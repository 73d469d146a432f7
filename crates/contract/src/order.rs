//! The order, `cardRequest`: what an issuer sends to "Produce physical card", in the clear part.
//!
//! One type serves both ends: an issuer builds a [`ClearOrder`] and writes it with
//! [`ClearOrder::to_body`]; D1 gets one from [`read_order`](crate::read::read_order). The secret
//! part is [`CardData`](crate::card::CardData), inside [`ClearOrder::encrypted_data`].

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::card::TrackData;
use crate::ids::{
    CardProductId, ConfigName, ConsumerId, ImageId, IssuerRequestId, KeyIndex, PersoStation,
    ServiceOption,
};
use crate::words::closed_words;

closed_words! {
    /// Where a card is made (documented); the discriminator of `cardRequest`.
    DistributionChannel {
        /// In a Thales personalisation centre.
        Thales = "THALES",
        /// At a station in a branch or kiosk.
        Instant = "INSTANT",
        /// At the issuer's premises or a partner's centre.
        Central = "CENTRAL",
    }
}

closed_words! {
    /// Why a card is made, `services.issuance` (documented).
    Issuance {
        /// A new card for a new end user.
        Creation = "CREATION",
        /// The card expires.
        Renewal = "RENEWAL",
        /// The card was lost, stolen or damaged.
        Replacement = "REPLACEMENT",
    }
}

/// Where the card is made, with what that channel needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Channel {
    /// `INSTANT`, at this station.
    Instant(PersoStation),
    /// `THALES`: understood, and not part of this twin.
    Thales,
    /// `CENTRAL`: understood, and not part of this twin.
    Central,
}

impl Channel {
    /// The channel's word.
    pub const fn word(&self) -> DistributionChannel {
        match self {
            Self::Instant(_) => DistributionChannel::Instant,
            Self::Thales => DistributionChannel::Thales,
            Self::Central => DistributionChannel::Central,
        }
    }
}

/// `services` (documented, with its defaults).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Services {
    /// Why the card is made; the one required member.
    pub issuance: Issuance,
    /// Refines `issuance`; its values are agreed at onboarding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<ServiceOption>,
    /// How it is delivered; `NO_SHIPMENT` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<ServiceOption>,
    /// What it is mounted on; `NO_CARRIER` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_carrier: Option<ServiceOption>,
    /// How it is packed; `NO_PACK` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packaging: Option<ServiceOption>,
    /// Whether a PIN letter follows; not when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin_mailer: Option<bool>,
    /// Whether this is a sample card; not when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha_card: Option<bool>,
}

impl Services {
    /// What a kiosk sends: the reason, and defaults for the rest.
    pub const fn of(issuance: Issuance) -> Self {
        Self {
            issuance,
            priority: None,
            delivery: None,
            card_carrier: None,
            packaging: None,
            pin_mailer: None,
            alpha_card: None,
        }
    }

    /// The delivery in force.
    pub fn delivery(&self) -> &str {
        self.delivery
            .as_ref()
            .map_or("NO_SHIPMENT", ServiceOption::as_str)
    }

    /// The carrier in force.
    pub fn card_carrier(&self) -> &str {
        self.card_carrier
            .as_ref()
            .map_or("NO_CARRIER", ServiceOption::as_str)
    }

    /// The packaging in force.
    pub fn packaging(&self) -> &str {
        self.packaging
            .as_ref()
            .map_or("NO_PACK", ServiceOption::as_str)
    }
}

/// `paymentApplication`: which EMV configuration and keys D1 uses. The first three members are
/// required (documented in the chip guide).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentApplication {
    /// A configuration of predefined EMV tags, fixed at onboarding.
    pub config: ConfigName,
    /// The key of offline data authentication.
    pub oda_key_index: KeyIndex,
    /// The EMV master keys from which the chip's keys are derived.
    pub derivation_key_index: KeyIndex,
    /// The key of CVV1 and CVV2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cv_key_index: Option<KeyIndex>,
    /// The key of the PVV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pv_key_index: Option<KeyIndex>,
}

/// Free text of `cardDesign`: 1 to 64 characters, no control characters (ours).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct DesignText(String);

/// Text that cannot be put on a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a line of a card design must be 1 to 64 characters without control characters")]
pub struct InvalidDesignText;

impl DesignText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DesignText {
    type Err = InvalidDesignText;

    fn from_str(text: &str) -> Result<Self, InvalidDesignText> {
        let fits = (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidDesignText)
        }
    }
}

/// `cardDesign`: what is printed beside the standard artwork; every member is optional
/// (documented; that `images` and `customLines` are lists is inferred).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CardDesign {
    /// A picture of the end user's choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_image: Option<ImageId>,
    /// Further pictures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ImageId>,
    /// Further lines of text, such as `Credit`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub custom_lines: Vec<DesignText>,
    /// A member number, as text or bar code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_id: Option<DesignText>,
}

/// `encryptedData`: 1 to 8192 characters (documented on other operations). That they are a compact
/// JWE is found out by opening it, because a wrong JWE is a `CRYPTO_ERROR` and no format error.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct EncryptedData(String);

/// An `encryptedData` that is empty or longer than 8192 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("encryptedData must be 1 to 8192 characters")]
pub struct InvalidEncryptedData;

impl EncryptedData {
    /// The greatest length, in characters.
    pub const MAX: usize = 8192;

    /// The compact JWE.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EncryptedData {
    type Err = InvalidEncryptedData;

    fn from_str(text: &str) -> Result<Self, InvalidEncryptedData> {
        if (1..=Self::MAX).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidEncryptedData)
        }
    }
}

impl fmt::Debug for EncryptedData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncryptedData({} characters)", self.0.len())
    }
}

/// An order as it stands in the clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClearOrder {
    /// `distributionChannel` and, for `INSTANT`, `persoStation`.
    pub channel: Channel,
    /// `services`.
    pub services: Services,
    /// `encryptedData`.
    pub encrypted_data: EncryptedData,
    /// `paymentApplication`.
    pub payment_application: PaymentApplication,
    /// `cardProductId`.
    pub card_product_id: Option<CardProductId>,
    /// `consumerId`.
    pub consumer_id: Option<ConsumerId>,
    /// `issuerRequestId`, the idempotency key.
    pub issuer_request_id: Option<IssuerRequestId>,
    /// `cardDesign`.
    pub card_design: Option<CardDesign>,
    /// `trackData` where the issuer sent it in the clear; see
    /// [`TrackDataPlace`](crate::rules::TrackDataPlace).
    pub track_data: Option<TrackData>,
}

impl ClearOrder {
    /// An order for a card at a station, without any optional member.
    pub const fn instant(
        station: PersoStation,
        services: Services,
        encrypted_data: EncryptedData,
        payment_application: PaymentApplication,
    ) -> Self {
        Self {
            channel: Channel::Instant(station),
            services,
            encrypted_data,
            payment_application,
            card_product_id: None,
            consumer_id: None,
            issuer_request_id: None,
            card_design: None,
            track_data: None,
        }
    }

    /// The JSON body of the request, members in the order of the documentation.
    pub fn to_body(&self) -> Vec<u8> {
        let station = match &self.channel {
            Channel::Instant(station) => Some(station),
            Channel::Thales | Channel::Central => None,
        };
        let body = Body {
            distribution_channel: self.channel.word(),
            perso_station: station,
            services: &self.services,
            encrypted_data: &self.encrypted_data,
            payment_application: &self.payment_application,
            card_product_id: self.card_product_id.as_ref(),
            consumer_id: self.consumer_id.as_ref(),
            issuer_request_id: self.issuer_request_id.as_ref(),
            card_design: self.card_design.as_ref(),
            track_data: self.track_data.as_ref().map(TrackData::wire),
        };
        crate::json::write(&body)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    distribution_channel: DistributionChannel,
    #[serde(skip_serializing_if = "Option::is_none")]
    perso_station: Option<&'a PersoStation>,
    services: &'a Services,
    encrypted_data: &'a EncryptedData,
    payment_application: &'a PaymentApplication,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_product_id: Option<&'a CardProductId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumer_id: Option<&'a ConsumerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer_request_id: Option<&'a IssuerRequestId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_design: Option<&'a CardDesign>,
    #[serde(skip_serializing_if = "Option::is_none")]
    track_data: Option<crate::card::TrackWire<'a>>,
}

/// `{"operationId": …}`, the body of 202. The member is optional in the documented schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    /// The operation that was begun, or that the same request began before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_id: Option<crate::ids::OperationId>,
}

#[cfg(test)]
pub(crate) mod tests;
