//! Where a blank can lie. At any moment it lies in exactly one of these places.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::names::CustomerName;

/// The serial number of a blank, unique in a world: station, lot and count, e.g. `KIOSK-PS-101/A/00017`.
///
/// A serial number names plastic, never a card number; it is not secret.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Serial(String);

impl Serial {
    /// The `count`-th blank of a lot that was loaded at a station.
    pub fn new(station: &str, lot: &str, count: u32) -> Self {
        Self(format!("{station}/{lot}/{count:05}"))
    }

    /// As printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A part of the printer's card path.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PathStation {
    /// Just picked.
    Feeder,
    /// Under the contacts of the chip reader.
    ChipContact,
    /// At the stripe encoder.
    StripeEncoder,
    /// Under the print head.
    PrintHead,
    /// In the flipper.
    Flipper,
}

impl fmt::Display for PathStation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Feeder => "feeder",
            Self::ChipContact => "chip-contact",
            Self::StripeEncoder => "stripe-encoder",
            Self::PrintHead => "print-head",
            Self::Flipper => "flipper",
        })
    }
}

/// Where a blank lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In a hopper, numbered from 1.
    Hopper(u8),
    /// On the path.
    Path(PathStation),
    /// In the bezel or on the tray.
    Exit,
    /// In somebody's hand.
    Hand(CustomerName),
    /// In the reject bin.
    RejectBin,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hopper(number) => write!(f, "hopper {number}"),
            Self::Path(station) => write!(f, "{station}"),
            Self::Exit => f.write_str("exit"),
            Self::Hand(customer) => write!(f, "hand of {customer}"),
            Self::RejectBin => f.write_str("reject bin"),
        }
    }
}
