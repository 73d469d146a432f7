//! A chip in a file, version 1, and back. What is lost is what a power cycle forgets.
//!
//! ```json
//! {"version": 1, "serial": "0102030405060708", "access": "open", "challenges": 0,
//!  "domain": {"protocol": "scp03-i70", "keys": ["40…", "50…", "60…"], "keyVersion": "01",
//!             "keyData": "423456FFFFFF05060708", "level": "33", "counter": 1, "drawn": 1,
//!             "triesLeft": 10, "tries": 10},
//!  "applications": [
//!    {"aid": "A0000000031010",
//!     "lasting": {"transactions": 3, "lastOnline": 2, "pinTries": 3, "access": "open",
//!                 "standing": "000000"},
//!     "groupings": {"0101": "70…", "8000": "…"}}]}
//! ```
//!
//! `domain` is absent on a chip of open stock, `lasting` before personalisation, `pinTries` without a PIN. `standing` is what later
//! transactions tell of earlier ones, as card verification results.
//!
//! An image holds the card's data and keys in the clear, as the chip does. Reading one replays its
//! groupings through the same rules as STORE DATA, so that no file can bring up a chip which no
//! sequence of commands could have made.

use std::collections::BTreeMap;
use std::fmt;

use persotwin_emv::aid::Aid;
use persotwin_emv::dgi::DgiId;
use persotwin_emv::results::CardResults;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::application::{Access, Application, Lasting, Life, Standing};
use crate::chip::{Chip, ChipSerial};
use crate::domain_image::{DomainImage, DomainImageError};
use crate::profile::{Profile, ProfileError};
use crate::status::Status;
use crate::store::Store;

/// A chip as a file holds it. `Debug` shows no card data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChipImage {
    version: Version,
    /// Chip serial number.
    #[serde(with = "hex::serde")]
    serial: [u8; 8],
    /// Its security domain; a chip of open stock has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    domain: Option<DomainImage>,
    /// Whether the issuer blocked the card.
    access: Access,
    /// How many challenges were given out.
    challenges: u32,
    /// Its applications, in the order of delivery.
    applications: Vec<ApplicationImage>,
}

/// The only version there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
struct Version;

/// A chip of a version that this program does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("chips of version {0} are unknown; this is version 1")]
struct UnknownVersion(u32);

impl TryFrom<u32> for Version {
    type Error = UnknownVersion;

    fn try_from(version: u32) -> Result<Self, UnknownVersion> {
        match version {
            1 => Ok(Self),
            other => Err(UnknownVersion(other)),
        }
    }
}

impl From<Version> for u32 {
    fn from(Version: Version) -> Self {
        1
    }
}

/// An application as a file holds it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ApplicationImage {
    /// Its name.
    #[serde(with = "aid_text")]
    aid: Aid,
    /// What a personalised application remembers; absent before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lasting: Option<LastingImage>,
    /// Content by grouping, both hexadecimal.
    groupings: BTreeMap<String, String>,
}

/// What an application remembers, as a file holds it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LastingImage {
    transactions: u16,
    last_online: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pin_tries: Option<u8>,
    access: Access,
    #[serde(with = "hex::serde")]
    standing: [u8; 3],
}

impl From<Lasting> for LastingImage {
    fn from(lasting: Lasting) -> Self {
        Self {
            transactions: lasting.transactions,
            last_online: lasting.last_online,
            pin_tries: lasting.pin_tries,
            access: lasting.access,
            standing: lasting.standing.results().0,
        }
    }
}

impl LastingImage {
    fn restore(self) -> Option<Lasting> {
        Some(Lasting {
            transactions: self.transactions,
            last_online: self.last_online,
            pin_tries: self.pin_tries,
            access: self.access,
            standing: Standing::new(CardResults(self.standing))?,
        })
    }
}

/// Why an image is none of a chip.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// The security domain.
    #[error("security domain: {0}")]
    Domain(#[from] DomainImageError),
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
    /// Counters or findings that do not agree.
    #[error("application {0} remembers what it cannot have come to")]
    Lasting(Aid),
}

impl From<&Chip> for ChipImage {
    fn from(chip: &Chip) -> Self {
        Self {
            version: Version,
            serial: chip.serial().0,
            domain: chip.domain().map(DomainImage::from),
            access: chip.access(),
            challenges: chip.challenges,
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
            lasting: match application.life() {
                Life::Selectable => None,
                Life::Personalised(lasting) => Some(lasting.into()),
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
        let profile = Profile::new(aids)?;
        let applications: Result<_, _> = image
            .applications
            .iter()
            .map(ApplicationImage::restore)
            .collect();
        let serial = ChipSerial(image.serial);
        let mut chip = Self::blank(serial, &profile);
        if let Some(domain) = &image.domain {
            chip.set_domain(domain.restore(serial)?);
        }
        chip.access = image.access;
        chip.challenges = image.challenges;
        chip.applications = applications?;
        Ok(chip)
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
        let lasting = match self.lasting.map(LastingImage::restore) {
            Some(None) => return Err(ImageError::Lasting(self.aid.clone())),
            Some(lasting) => lasting,
            None => None,
        };
        application.at(lasting).map_err(|status| match status {
            Status::WrongP1P2 => ImageError::Incomplete(self.aid.clone()),
            _ => ImageError::Lasting(self.aid.clone()),
        })
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
