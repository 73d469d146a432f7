//! A produced card in a file, version 1.
//!
//! This is the one file that holds card data in the clear, keys too, as the card itself does.
//!
//! ```json
//! {"version": 1,
//!  "serial": "KIOSK-PS-101/A/00001", "stock": "generic-dual", "job": "…",
//!  "chip": {"serial": "…", "domain": {"protocol": "scp03-i70", …},
//!           "applications": [{"aid": "A0000000031010", "transactions": 0,
//!                             "groupings": {"0101": "70…", "8000": "…"}}]},
//!  "stripe": {"track1": {"text": "%B…?", "bits": "1010…"}, "track2": …, "track3": null},
//!  "front": {"layout": {…}, "panels": {"yellow": 1000, "magenta": 1000, "cyan": 420, "black": 0, "overlay": 0}},
//!  "back": {"layout": {…}, "panels": {"black": 1000}, "flaws": [{"flaw": "dead-line", "across": 300}]}}
//! ```
//!
//! `panels` says how much of each panel was laid, in thousandths of the card's length; `flaws` what is
//! physically wrong with a side ([`Flaw`](crate::Flaw)). Of a track, `bits` is the truth and `text`
//! what they read as; it is not read again.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::blank::Blank;

/// The file of a card. `Debug` shows no card data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardFile {
    version: Version,
    /// The card.
    #[serde(flatten)]
    card: Blank,
}

/// The only version there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
struct Version;

/// A card file of a version that this program does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("card files of version {0} are unknown; this is version 1")]
pub struct UnknownVersion(pub u32);

impl TryFrom<u32> for Version {
    type Error = UnknownVersion;

    fn try_from(version: u32) -> Result<Self, UnknownVersion> {
        if version == 1 {
            Ok(Self)
        } else {
            Err(UnknownVersion(version))
        }
    }
}

impl From<Version> for u32 {
    fn from(Version: Version) -> Self {
        1
    }
}

impl CardFile {
    /// The file of a card as it is now.
    pub fn of(card: Blank) -> Self {
        Self {
            version: Version,
            card,
        }
    }

    /// The card.
    pub fn card(&self) -> &Blank {
        &self.card
    }

    /// The card itself.
    pub fn into_card(self) -> Blank {
        self.card
    }
}

impl fmt::Debug for CardFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardFile({:?})", self.card)
    }
}
