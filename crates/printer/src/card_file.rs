//! A produced card in a file, version 1.
//!
//! This is the one file that holds card data in the clear, keys too, as the card itself does.
//!
//! ```json
//! {"version": 1, "digest": "…",
//!  "serial": "KIOSK-PS-101/A/00001", "stock": "generic-dual", "job": "…",
//!  "chip": {"version": 1, "serial": "…", "domain": {…}, "applications": […], …},
//!  "stripe": {"coercivity": "hico", "track1": {"text": "%B…?", "bits": "1010…"}, "track2": …, "track3": null},
//!  "front": {"layout": {…}, "panels": {"yellow": 1000, "magenta": 1000, "cyan": 420, "black": 0, "overlay": 0}},
//!  "back": {"layout": {…}, "panels": {"black": 1000}, "flaws": [{"flaw": "dead-line", "across": 300}]}}
//! ```
//!
//! `panels` says how much of each panel was laid, in thousandths of the card's length; `flaws` what is
//! physically wrong with a side ([`Flaw`](crate::Flaw)). Of a track, `bits` is the truth and `text`
//! what they read as; it is not read again.
//!
//! `digest` is SHA-256 over everything but `version` and itself, as JSON without spaces and line
//! ends, the members of each object in the order of their names. It tells that a file is as it was
//! written, not who wrote it (ours).

use std::fmt;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::blank::Blank;

/// The file of a card. `Debug` shows no card data.
#[derive(Clone, PartialEq, Eq)]
pub struct CardFile {
    card: Blank,
}

/// What stands in the file.
#[derive(Serialize, Deserialize)]
#[serde(expecting = "a card as an object")]
struct Written {
    version: Version,
    digest: String,
    /// The card.
    #[serde(flatten)]
    card: Map<String, Value>,
}

/// The only version there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
struct Version;

/// A card file of a version that this program does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("card files of version {0} are unknown here; this Persotwin reads version 1")]
pub struct UnknownVersion(pub u32);

/// A card file that is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was changed since it was written: its digest is another")]
struct Changed;

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
        Self { card }
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

impl Serialize for CardFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = serde_json::to_value(&self.card).map_err(S::Error::custom)?;
        let Value::Object(card) = value else {
            return Err(S::Error::custom("a card is an object"));
        };
        let written = Written {
            version: Version,
            digest: digest(&card).map_err(S::Error::custom)?,
            card,
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CardFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written {
            digest: told, card, ..
        } = Written::deserialize(deserializer)?;
        let found = digest(&card).map_err(D::Error::custom)?;
        if found != told {
            return Err(D::Error::custom(Changed));
        }
        let card = Blank::deserialize(Value::Object(card)).map_err(D::Error::custom)?;
        Ok(Self { card })
    }
}

/// SHA-256 of the compact JSON. A map orders its members by their names.
fn digest(card: &Map<String, Value>) -> serde_json::Result<String> {
    let text = Zeroizing::new(serde_json::to_vec(card)?);
    Ok(hex::encode(Sha256::digest(&*text)))
}

impl fmt::Debug for CardFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardFile({:?})", self.card)
    }
}
