//! Who takes part, by which face they are reached, and which of the six steps an arrow belongs to.

use std::fmt;
use std::str::FromStr;

use persotwin_contract::ids::PersoStation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Somebody who acts in a run: a machine, or a person in front of one.
///
/// Printed as `issuer`, `d1`, `agent/KIOSK-PS-101`: the same text in journals, reports and diagnostics.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Machine {
    /// The twin itself: what happened by its own hand (verdicts, laws).
    World,
    /// Customers, and the kiosk software that they tap on.
    Kiosk,
    /// The mock issuer backend.
    Issuer,
    /// The mock D1 backend.
    D1,
    /// The simulated instant issuance agent of a station.
    Agent(PersoStation),
    /// The hardware of a station: printer, chip reader and the blanks in them.
    Station(PersoStation),
    /// People in a branch.
    Staff(PersoStation),
    /// A client that is not ours.
    Stranger,
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::World => f.write_str("world"),
            Self::Kiosk => f.write_str("kiosk"),
            Self::Issuer => f.write_str("issuer"),
            Self::D1 => f.write_str("d1"),
            Self::Agent(station) => write!(f, "agent/{station}"),
            Self::Station(station) => write!(f, "station/{station}"),
            Self::Staff(station) => write!(f, "staff/{station}"),
            Self::Stranger => f.write_str("stranger"),
        }
    }
}

impl Serialize for Machine {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A door at which a machine answers: links are named by the face that they lead to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Face {
    /// The issuer's own kiosk face (ours).
    Kiosk,
    /// The issuer's door for D1's notifications (documented).
    Notifications,
    /// The issuer's OAuth token endpoint for D1 (documented, optional).
    IssuerToken,
    /// The issuer's door at which D1 fetches PINs (documented; that instant issuance uses it is ours).
    Pins,
    /// D1's token endpoint (documented).
    Token,
    /// D1's physical issuance API (documented).
    Orders,
    /// D1's door for agents (ours).
    Stations,
    /// The agent's door for D1 (ours).
    Jobs(PersoStation),
    /// The printer (ours).
    Printer(PersoStation),
    /// The chip reader (ours).
    Chip(PersoStation),
    /// The twin's control face (ours).
    Control,
}

impl Face {
    /// The step of the flow that a call on this face belongs to, as journals and reports name it.
    pub fn step(&self) -> Option<Step> {
        match self {
            Self::Kiosk => Some(Step::Request),
            Self::Token | Self::Orders => Some(Step::Order),
            Self::Pins => Some(Step::Prepare),
            Self::Jobs(_) => Some(Step::Dispatch),
            Self::Stations | Self::Printer(_) | Self::Chip(_) => Some(Step::Produce),
            Self::Notifications | Self::IssuerToken => Some(Step::Notify),
            Self::Control => None,
        }
    }

    /// The machine that answers there.
    pub fn machine(&self) -> Machine {
        match self {
            Self::Kiosk | Self::Notifications | Self::IssuerToken | Self::Pins => Machine::Issuer,
            Self::Token | Self::Orders | Self::Stations => Machine::D1,
            Self::Jobs(station) => Machine::Agent(station.clone()),
            Self::Printer(station) | Self::Chip(station) => Machine::Station(station.clone()),
            Self::Control => Machine::World,
        }
    }

    /// The face of a machine that a path belongs to; none for a path that no face of it has.
    pub fn at(machine: &Machine, path: &str) -> Option<Self> {
        let faces: &[(&str, Self)] = match machine {
            Machine::Issuer => &[
                ("/kiosk/", Self::Kiosk),
                ("/notifications/", Self::Notifications),
                ("/authz/", Self::IssuerToken),
                ("/cms/", Self::Pins),
            ],
            Machine::D1 => &[
                ("/authz/", Self::Token),
                ("/banking/", Self::Orders),
                ("/stations/", Self::Stations),
            ],
            Machine::Agent(station) => &[("/agent/", Self::Jobs(station.clone()))],
            Machine::Station(station) => &[
                ("/printer/", Self::Printer(station.clone())),
                ("/chip/", Self::Chip(station.clone())),
            ],
            Machine::World | Machine::Kiosk | Machine::Staff(_) | Machine::Stranger => &[],
        };
        let face = faces.iter().find(|(prefix, _)| path.starts_with(prefix));
        face.map(|(_, face)| face.clone())
    }

    /// The station that this face belongs to, if it belongs to one.
    pub fn station(&self) -> Option<&PersoStation> {
        match self {
            Self::Jobs(station) | Self::Printer(station) | Self::Chip(station) => Some(station),
            _ => None,
        }
    }
}

impl fmt::Display for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kiosk => f.write_str("issuer.kiosk"),
            Self::Notifications => f.write_str("issuer.notifications"),
            Self::IssuerToken => f.write_str("issuer.token"),
            Self::Pins => f.write_str("issuer.pins"),
            Self::Token => f.write_str("d1.token"),
            Self::Orders => f.write_str("d1.orders"),
            Self::Stations => f.write_str("d1.stations"),
            Self::Jobs(station) => write!(f, "agent.jobs/{station}"),
            Self::Printer(station) => write!(f, "printer/{station}"),
            Self::Chip(station) => write!(f, "chip/{station}"),
            Self::Control => f.write_str("control"),
        }
    }
}

impl Serialize for Face {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One of the six steps of instant issuance (documented: the flow of D1's card order guide).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// 1: the end user asks for a card.
    Request = 1,
    /// 2: the issuer orders it from D1.
    Order = 2,
    /// 3: D1 prepares the production data.
    Prepare = 3,
    /// 4: D1 sends them to the agent of the station.
    Dispatch = 4,
    /// 5: the agent produces the card and returns the status.
    Produce = 5,
    /// 6: D1 notifies the issuer.
    Notify = 6,
}

impl Step {
    /// 1 to 6.
    pub fn number(self) -> u8 {
        self as u8
    }
}

impl Serialize for Step {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

/// What a scenario calls a customer, e.g. `alice`: 1 to 32 characters of `[A-Za-z0-9_-]`.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = r"^[A-Za-z0-9_-]{1,32}$"))]
pub struct CustomerName(String);

/// A text that is no customer name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a customer's name has 1 to 32 letters, digits, hyphens or underscores")]
pub struct NotACustomerName;

impl FromStr for CustomerName {
    type Err = NotACustomerName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=32).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        fits.then(|| Self(text.to_owned())).ok_or(NotACustomerName)
    }
}

impl TryFrom<String> for CustomerName {
    type Error = NotACustomerName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<CustomerName> for String {
    fn from(name: CustomerName) -> Self {
        name.0
    }
}

impl fmt::Display for CustomerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for CustomerName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
