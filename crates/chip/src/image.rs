//! A chip in a file, and back. What is lost is what a power cycle forgets.
//!
//! An image holds the card's data and keys in the clear, as the chip does. Reading one replays its
//! groupings through the same rules as STORE DATA, so that no file can bring up a chip which no
//! sequence of commands could have made.

use std::collections::BTreeMap;
use std::fmt;

use persotwin_emv::aid::Aid;
use persotwin_emv::dgi::DgiId;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::application::{Application, Life};
use crate::chip::{Chip, ChipSerial};
use crate::profile::{Profile, ProfileError};
use crate::status::Status;
use crate::store::Store;

/// A chip as a file holds it. `Debug` shows no card data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChipImage {
    /// Chip serial number.
    #[serde(with = "hex::serde")]
    serial: [u8; 8],
    /// Version of the keys of a secure channel.
    key_version: u8,
    /// Its applications, in the order of delivery.
    applications: Vec<ApplicationImage>,
}

/// An application as a file holds it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ApplicationImage {
    /// Its name.
    #[serde(with = "aid_text")]
    aid: Aid,
    /// The transaction counter of a personalised application; absent before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transactions: Option<u16>,
    /// Content by grouping, both hexadecimal.
    groupings: BTreeMap<String, String>,
}

/// Why an image is none of a chip.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Number or names of the applications.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A grouping's name or content is not hexadecimal.
    #[error("grouping {0} is not hexadecimal")]
    NotHex(String),
    /// A grouping that the chip would refuse.
    #[error("application {aid}, grouping {grouping}: the chip would answer {status}")]
    Refused {
        /// Where.
        aid: Aid,
        /// Which.
        grouping: DgiId,
        /// How.
        status: Status,
    },
    /// A personalised application that lacks something.
    #[error("application {0} is called personalised and is not complete")]
    Incomplete(Aid),
}

impl From<&Chip> for ChipImage {
    fn from(chip: &Chip) -> Self {
        Self {
            serial: chip.serial().0,
            key_version: chip.key_version(),
            applications: chip
                .applications()
                .iter()
                .map(ApplicationImage::from)
                .collect(),
        }
    }
}

impl From<&Application> for ApplicationImage {
    fn from(application: &Application) -> Self {
        let grouping = |(id, value): (DgiId, &[u8])| (id.to_string(), hex::encode_upper(value));
        Self {
            aid: application.aid().clone(),
            transactions: match application.life() {
                Life::Selectable => None,
                Life::Personalised { transactions } => Some(transactions),
            },
            groupings: application.groupings().map(grouping).collect(),
        }
    }
}

impl TryFrom<&ChipImage> for Chip {
    type Error = ImageError;

    fn try_from(image: &ChipImage) -> Result<Self, ImageError> {
        let aids = image
            .applications
            .iter()
            .map(|application| application.aid.clone())
            .collect();
        let profile = Profile::new(image.key_version, aids)?;
        let applications: Result<_, _> = image
            .applications
            .iter()
            .map(ApplicationImage::restore)
            .collect();
        Ok(Self::from_parts(
            ChipSerial(image.serial),
            profile.key_version(),
            applications?,
        ))
    }
}

impl Drop for ApplicationImage {
    fn drop(&mut self) {
        self.groupings.values_mut().for_each(Zeroize::zeroize);
    }
}

impl ApplicationImage {
    fn restore(&self) -> Result<Application, ImageError> {
        let mut groupings = BTreeMap::new();
        for (name, content) in &self.groupings {
            let not_hex = || ImageError::NotHex(name.chars().take(8).collect());
            let id = u16::from_str_radix(name, 16).map_err(|_| not_hex())?;
            let content = hex::decode(content).map_err(|_| not_hex())?;
            groupings.insert(DgiId(id), Zeroizing::new(content));
        }
        let mut store = Store::default();
        // A PIN comes after its counter; otherwise ids already are in an order that the chip takes.
        let pin = groupings.remove_entry(&DgiId::PIN_BLOCK);
        for (id, content) in groupings.into_iter().chain(pin) {
            store
                .put(id, &content)
                .map_err(|status| ImageError::Refused {
                    aid: self.aid.clone(),
                    grouping: id,
                    status,
                })?;
        }
        let application = Application::installed(self.aid.clone()).with_store(store);
        application
            .at(self.transactions)
            .map_err(|_| ImageError::Incomplete(self.aid.clone()))
    }
}

impl Serialize for Chip {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ChipImage::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Chip {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let image = ChipImage::deserialize(deserializer)?;
        Self::try_from(&image).map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for ChipImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChipImage({})", hex::encode_upper(self.serial))
    }
}

/// An application's name as hexadecimal text.
mod aid_text {
    use persotwin_emv::aid::Aid;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(aid: &Aid, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(aid)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Aid, D::Error> {
        Aid::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
