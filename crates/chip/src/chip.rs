//! The chip: what lasts, and power.

use std::fmt;

use crate::application::{Access, Application};
use crate::domain::Domain;
use crate::profile::Profile;
use crate::session::{Power, Selected, Session};
use crate::status::Status;

/// A chip serial number: eight bytes, the last four of which go into key data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChipSerial(pub [u8; 8]);

impl fmt::Display for ChipSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode_upper(self.0))
    }
}

impl fmt::Debug for ChipSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChipSerial({self})")
    }
}

/// A payment card's chip. `Debug` shows no key and no card data.
///
/// Two chips are equal when they hold the same; power and what is selected do not count.
#[derive(Debug, Clone)]
pub struct Chip {
    serial: ChipSerial,
    domain: Option<Domain>,
    /// Whether the issuer blocked the card as a whole.
    pub(crate) access: Access,
    /// How many challenges were given out.
    pub(crate) challenges: u32,
    pub(crate) applications: Vec<Application>,
    pub(crate) power: Power,
}

impl Chip {
    /// The chip of a fresh blank, without power.
    pub fn blank(serial: ChipSerial, profile: &Profile) -> Self {
        let applications = profile
            .aids()
            .iter()
            .cloned()
            .map(Application::installed)
            .collect();
        Self {
            serial,
            domain: profile
                .factory()
                .map(|factory| Domain::delivered(factory, serial)),
            access: Access::Open,
            challenges: 0,
            applications,
            power: Power::Off,
        }
    }

    /// Its serial number.
    pub fn serial(&self) -> ChipSerial {
        self.serial
    }

    /// Its security domain; a chip of open stock has none, and takes data from anybody.
    pub fn domain(&self) -> Option<&Domain> {
        self.domain.as_ref()
    }

    pub(crate) fn set_domain(&mut self, domain: Domain) {
        self.domain = Some(domain);
    }

    /// Whether the issuer blocked the card as a whole.
    pub fn access(&self) -> Access {
        self.access
    }

    /// Every application, in the order of delivery: the truth about the chip, without asking it.
    pub fn applications(&self) -> &[Application] {
        &self.applications
    }

    /// The first personalised application.
    pub fn personalised(&self) -> Option<&Application> {
        self.applications
            .iter()
            .find(|application| application.is_personalised())
    }

    /// Whether keys of a card lie on it, be it personalised or not.
    pub fn holds_keys(&self) -> bool {
        self.applications.iter().any(Application::holds_keys)
    }

    /// Switches power on, or resets the chip when it is on: cold and warm reset forget the same
    /// (ours). The security domain, if there is one, is selected then (documented). Returns the ATR.
    pub fn power_on(&mut self) -> Vec<u8> {
        self.power = Power::On(Session {
            selected: self.domain.is_some().then_some(Selected::Domain(None)),
            ..Session::default()
        });
        Profile::ATR.to_vec()
    }

    /// Switches power off: selection, transaction and a half-sent grouping are forgotten.
    pub fn power_off(&mut self) {
        self.power = Power::Off;
    }

    /// Whether it has power.
    pub fn is_powered(&self) -> bool {
        matches!(self.power, Power::On(_))
    }

    pub(crate) fn directory(&self) -> impl Iterator<Item = &Application> + Clone {
        self.applications
            .iter()
            .filter(|application| application.is_personalised())
    }

    pub(crate) fn application(&self, index: usize) -> Result<&Application, Status> {
        self.applications.get(index).ok_or(Status::FileNotFound)
    }
}

impl PartialEq for Chip {
    fn eq(&self, other: &Self) -> bool {
        (self.serial, &self.domain) == (other.serial, &other.domain)
            && (self.access, self.challenges) == (other.access, other.challenges)
            && self.applications == other.applications
    }
}

impl Eq for Chip {}
