//! What a D1 is configured with: one tenant, its registered stations, and D1's own keys.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use persotwin_contract::dates::WireTime;
use persotwin_contract::ids::PersoStation;
use persotwin_contract::jose::jwk::{JwkSet, KeyId, PrivateJwk, PublicJwk};
use persotwin_faults::Protections;
use persotwin_link::setup::{Present, Station};
use persotwin_link::tenant::{Tenant, test_key};
use sha2::{Digest, Sha256};

use crate::desk::Desk;
use crate::vault::Vault;

/// All that D1 knows from onboarding.
#[derive(Debug, Clone)]
pub struct Config {
    /// The issuer, its products and keys, the switches and the times.
    pub tenant: Arc<Tenant>,
    /// The registered stations. An order for another one is refused; an agent of another one cannot enrol.
    pub stations: BTreeMap<PersoStation, StationRegistration>,
    /// D1's own keys.
    pub keys: Keys,
    /// Where an operator reaches the running D1.
    pub desk: Desk,
    /// Where its keys are used.
    pub vault: Vault,
    /// What protects it.
    pub protections: Protections,
}

impl Config {
    /// A D1 with the built-in test keys.
    pub fn new(tenant: Arc<Tenant>, stations: BTreeMap<PersoStation, StationRegistration>) -> Self {
        Self {
            tenant,
            stations,
            keys: Keys::default(),
            desk: Desk::default(),
            vault: Vault::default(),
            protections: Protections::default(),
        }
    }

    /// The public key to which issuers encrypt `encryptedData`, with its `kid`.
    pub fn jwe_key(&self) -> &PublicJwk {
        self.keys.current().public()
    }
}

/// What D1 has to know of a station (ours: its registration is not public).
#[derive(Debug, Clone, PartialEq)]
pub struct StationRegistration {
    /// Whether its cards stay inside until D1 releases them. Only then a deadline is a safe decision.
    pub present: Present,
    /// Its time zone, whose dates the card carries.
    pub zone: TimeZone,
}

impl StationRegistration {
    /// The calendar day of an instant at the station.
    pub(crate) fn day(&self, at: WireTime) -> Date {
        self.zone.to_datetime(at.timestamp()).date()
    }
}

impl Default for StationRegistration {
    /// A kiosk that gives nothing out before its release, in UTC.
    fn default() -> Self {
        Self {
            present: Present::OnRelease,
            zone: TimeZone::UTC,
        }
    }
}

impl From<&Station> for StationRegistration {
    fn from(station: &Station) -> Self {
        Self {
            present: station.present,
            zone: station.zone.clone(),
        }
    }
}

/// D1's own keys. All are test keys.
#[derive(Clone)]
pub struct Keys {
    jwe: PrivateJwk,
    retiring: Vec<PrivateJwk>,
    token: PrivateJwk,
    digest: [u8; 32],
}

impl Keys {
    /// Keys of these: the one that issuers are told to encrypt to, older ones that still open what was encrypted to them, and the
    /// one that signs access tokens.
    pub fn new(jwe: PrivateJwk, retiring: Vec<PrivateJwk>, token: PrivateJwk) -> Self {
        // The ledger's digests must compare after a restart, so their key hangs on a key that stays.
        let digest = Sha256::digest([b"same request ", token.to_json().as_bytes()].concat()).into();
        Self {
            jwe,
            retiring,
            token,
            digest,
        }
    }

    /// The key that issuers encrypt to.
    pub const fn current(&self) -> &PrivateJwk {
        &self.jwe
    }

    /// Every active key for `encryptedData` (ours: several at once, so that keys can be changed).
    pub(crate) fn opens(&self, kid: &KeyId) -> Option<&PrivateJwk> {
        std::iter::once(&self.jwe)
            .chain(&self.retiring)
            .find(|key| key.kid() == kid)
    }

    pub(crate) const fn token(&self) -> &PrivateJwk {
        &self.token
    }

    pub(crate) fn token_set(&self) -> JwkSet {
        JwkSet {
            keys: vec![self.token.public().clone()],
        }
    }

    pub(crate) const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

impl Default for Keys {
    /// Keys that anybody can make again from their names: `d1-jwe-2` in use, `d1-jwe-1` still open, `d1-token-1` for tokens.
    fn default() -> Self {
        Self::new(
            test_key("d1-jwe-2"),
            vec![test_key("d1-jwe-1")],
            test_key("d1-token-1"),
        )
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({}, {}, ..)", self.jwe.kid(), self.token.kid())
    }
}
