//! What a printer, its stripe encoder or its chip reader reports when something is not as it should be.
//!
//! One table (ours) maps each condition to the IPP `printer-state-reasons` keyword and to the issuer-facing production code.

use std::fmt;

use persotwin_contract::production::ProductionCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad a condition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Work goes on.
    Warning,
    /// The printer waits until somebody helps; the card, if one is in the path, is not lost.
    Stopped,
    /// The card in the path is spoiled.
    CardLost,
}

/// A condition of the station's hardware.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// No blank of the stock that the job needs.
    MediaEmpty,
    /// Few blanks left.
    MediaLow,
    /// A blank did not feed.
    FeedJam,
    /// A card is stuck on the path.
    PathJam,
    /// Few panel sets left.
    RibbonLow,
    /// No panel set left.
    RibbonEnded,
    /// No ribbon in the printer.
    RibbonMissing,
    /// The ribbon tore.
    RibbonBroken,
    /// The cover is open.
    CoverOpen,
    /// The lock is open.
    Unlocked,
    /// Paused by an operator.
    Paused,
    /// The print head cools down.
    HeadHot,
    /// The stripe could not be written, or did not read back.
    StripeFailed,
    /// The chip does not answer.
    ChipMute,
    /// The chip refused a personalisation command.
    ChipRefused,
    /// The reject bin is full.
    RejectFull,
    /// A card still lies in the exit.
    ExitBlocked,
    /// The card was not taken in time.
    NotTaken,
    /// No power.
    PowerOff,
}

impl Condition {
    /// Every condition, for catalogues and tests.
    pub const ALL: [Self; 19] = [
        Self::MediaEmpty,
        Self::MediaLow,
        Self::FeedJam,
        Self::PathJam,
        Self::RibbonLow,
        Self::RibbonEnded,
        Self::RibbonMissing,
        Self::RibbonBroken,
        Self::CoverOpen,
        Self::Unlocked,
        Self::Paused,
        Self::HeadHot,
        Self::StripeFailed,
        Self::ChipMute,
        Self::ChipRefused,
        Self::RejectFull,
        Self::ExitBlocked,
        Self::NotTaken,
        Self::PowerOff,
    ];

    /// The IPP keyword, with its severity suffix (RFC 8011 keywords; the mapping is ours).
    pub fn ipp(self) -> &'static str {
        match self {
            Self::MediaEmpty => "media-empty-error",
            Self::MediaLow => "media-low-warning",
            Self::FeedJam | Self::PathJam => "media-jam-error",
            Self::RibbonLow => "marker-supply-low-warning",
            Self::RibbonEnded => "marker-supply-empty-error",
            Self::RibbonMissing => "marker-supply-missing-error",
            Self::RibbonBroken => "marker-failure-error",
            Self::CoverOpen => "cover-open-error",
            Self::Unlocked => "interlock-open-error",
            Self::Paused => "paused",
            Self::HeadHot => "other-warning",
            Self::StripeFailed | Self::ChipMute | Self::ChipRefused => "other-error",
            Self::RejectFull | Self::ExitBlocked | Self::NotTaken => "output-area-full-error",
            Self::PowerOff => "timed-out-error",
        }
    }

    /// The code that the issuer sees if an order fails because of it; none where it never fails an order by itself.
    pub fn code(self) -> Option<ProductionCode> {
        match self {
            Self::MediaEmpty => Some(ProductionCode::PrdFeederEmpty),
            Self::FeedJam => Some(ProductionCode::PrdFeederJam),
            Self::PathJam | Self::ExitBlocked => Some(ProductionCode::PrdHopperJam),
            Self::RibbonEnded => Some(ProductionCode::PrtRibbonEnded),
            Self::RibbonMissing => Some(ProductionCode::PrtRibbonMissing),
            Self::RibbonBroken => Some(ProductionCode::PrtRibbon),
            Self::CoverOpen => Some(ProductionCode::PrtCoverOpen),
            Self::Unlocked => Some(ProductionCode::PrtLockError),
            Self::Paused => Some(ProductionCode::PrtPaused),
            Self::StripeFailed => Some(ProductionCode::PrdMagstripe),
            Self::ChipMute => Some(ProductionCode::PrdSmartcardCardNotInReader),
            Self::ChipRefused => Some(ProductionCode::PrdSmartcard),
            Self::RejectFull => Some(ProductionCode::PrdRejectFull),
            Self::PowerOff => Some(ProductionCode::PrtNotReachable),
            Self::MediaLow | Self::RibbonLow | Self::HeadHot | Self::NotTaken => None,
        }
    }

    /// How bad it is.
    pub fn severity(self) -> Severity {
        match self {
            Self::MediaLow | Self::RibbonLow | Self::HeadHot => Severity::Warning,
            Self::MediaEmpty
            | Self::RibbonEnded
            | Self::RibbonMissing
            | Self::CoverOpen
            | Self::Unlocked
            | Self::Paused
            | Self::RejectFull
            | Self::ExitBlocked
            | Self::NotTaken => Severity::Stopped,
            Self::FeedJam
            | Self::PathJam
            | Self::RibbonBroken
            | Self::StripeFailed
            | Self::ChipMute
            | Self::ChipRefused
            | Self::PowerOff => Severity::CardLost,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::MediaEmpty => "media-empty",
            Self::MediaLow => "media-low",
            Self::FeedJam => "feed-jam",
            Self::PathJam => "path-jam",
            Self::RibbonLow => "ribbon-low",
            Self::RibbonEnded => "ribbon-ended",
            Self::RibbonMissing => "ribbon-missing",
            Self::RibbonBroken => "ribbon-broken",
            Self::CoverOpen => "cover-open",
            Self::Unlocked => "unlocked",
            Self::Paused => "paused",
            Self::HeadHot => "head-hot",
            Self::StripeFailed => "stripe-failed",
            Self::ChipMute => "chip-mute",
            Self::ChipRefused => "chip-refused",
            Self::RejectFull => "reject-full",
            Self::ExitBlocked => "exit-blocked",
            Self::NotTaken => "not-taken",
            Self::PowerOff => "power-off",
        })
    }
}
