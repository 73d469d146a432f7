//! What a stranger's client needs to place an order at a running twin and to hear of it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use persotwin_contract::ids::IssuerId;
use persotwin_contract::jose::jwk::{PrivateJwk, PublicJwk};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The endpoints file, version 1. Keys in it are test keys.
#[derive(Debug, Serialize, Deserialize)]
pub struct Endpoints {
    /// 1.
    pub version: u32,
    /// D1's faces.
    pub d1: D1Endpoints,
    /// The issuer's faces, and who it is.
    pub issuer: IssuerEndpoints,
    /// The control face.
    pub control: String,
    /// Each station's faces.
    pub stations: BTreeMap<String, StationEndpoints>,
}

/// D1's faces.
#[derive(Debug, Serialize, Deserialize)]
pub struct D1Endpoints {
    /// Token requests go to this URL.
    pub token: String,
    /// Orders go below this URL.
    pub orders: String,
    /// `encryptedData` is encrypted to this key.
    pub jwe_key: PublicJwk,
}

/// The issuer's faces.
#[derive(Debug, Serialize, Deserialize)]
pub struct IssuerEndpoints {
    /// Who it is at D1.
    pub id: IssuerId,
    /// Card requests of customers go below this URL; absent when the issuer is a real one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kiosk: Option<String>,
    /// D1 posts its notifications below this URL.
    pub notifications: String,
    /// The private key for assertions, unless the tenant brought its own public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_key: Option<Box<RawValue>>,
    /// What can be ordered, with the leading digits and the length of its card numbers.
    pub products: BTreeMap<String, ProductEndpoint>,
}

/// What an order of a product needs.
#[derive(Debug, Serialize, Deserialize)]
pub struct ProductEndpoint {
    /// `paymentApplication.config`.
    pub config: String,
    /// The leading digits of its card numbers.
    pub bin: String,
    /// How many digits a card number has.
    pub pan_length: u8,
}

/// A station's faces.
#[derive(Debug, Serialize, Deserialize)]
pub struct StationEndpoints {
    /// D1 sends jobs below this URL.
    pub agent: String,
    /// The printer's face.
    pub printer: String,
    /// The chip reader's face.
    pub chip: String,
}

impl Endpoints {
    /// Writes the file whole: to a temporary name first, then renamed.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
        std::fs::write(&temporary, text + "\n")?;
        std::fs::rename(&temporary, path).inspect_err(|_| {
            let _ = std::fs::remove_file(&temporary);
        })
    }

    /// Reads the file.
    pub fn read(path: &Path) -> io::Result<Self> {
        serde_json::from_str(&std::fs::read_to_string(path)?).map_err(io::Error::from)
    }
}

/// A private key as the file has it.
pub(crate) fn private_key(key: &PrivateJwk) -> Option<Box<RawValue>> {
    RawValue::from_string(key.to_json().to_string()).ok()
}
