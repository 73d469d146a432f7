//! A fault with what it strikes.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use persotwin_contract::ids::PersoStation;
use persotwin_link::{CustomerName, Link, Machine};
use serde::Serialize;

use crate::entry::{Aim, Arguments, Entry, Place};
use crate::place::agent::AgentFault;
use crate::place::calendar::CalendarFault;
use crate::place::chip::ChipFault;
use crate::place::customer::CustomerFault;
use crate::place::d1::D1Fault;
use crate::place::evolution::Evolution;
use crate::place::issuer::IssuerFault;
use crate::place::machine::MachineFault;
use crate::place::notification::NotificationFault;
use crate::place::printer::PrinterFault;
use crate::place::region::RegionFault;
use crate::place::stock::StockFault;
use crate::place::wire::WireFault;

/// What a scenario calls a fault or an action: 1 to 64 letters, digits, hyphens or underscores.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FaultId(String);

/// A text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id has 1 to 64 letters, digits, hyphens or underscores")]
pub struct NotAFaultId;

impl FromStr for FaultId {
    type Err = NotAFaultId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(plain);
        fits.then(|| Self(text.to_owned())).ok_or(NotAFaultId)
    }
}

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for FaultId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Some messages of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traffic {
    /// The link.
    pub link: Link,
    /// Only what this machine says.
    pub from: Option<Machine>,
    /// Only what is about this customer's card.
    pub customer: Option<CustomerName>,
}

/// All orders, or one customer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orders {
    /// Whose; everybody's without.
    pub customer: Option<CustomerName>,
}

/// What is struck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Messages.
    Link(Traffic),
    /// A machine.
    Machine(Machine),
    /// A station.
    Station(PersoStation),
    /// A customer.
    Customer(CustomerName),
    /// Orders.
    Orders(Orders),
}

impl Place {
    /// What faults of this place strike.
    pub const fn aim(self) -> Aim {
        match self {
            Self::Wire | Self::Evolution => Aim::Link,
            Self::Machine | Self::Calendar => Aim::Machine,
            Self::Agent | Self::Stock | Self::Printer | Self::Chip | Self::Region => Aim::Station,
            Self::Customer => Aim::Customer,
            Self::Issuer | Self::D1 | Self::Notification => Aim::Orders,
        }
    }
}

/// The places: one variant and one row each.
macro_rules! places {
    ($($place:ident: $target:ident($type:ty) => $fault:ty),+ $(,)?) => {
        /// A fault, complete: what strikes, and what is struck.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Fault {
            $(
                #[doc = concat!("See [`Place::", stringify!($place), "`].")]
                $place($type, $fault),
            )+
        }

        impl Fault {
            /// Its name in the catalogue.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$place(_, fault) => fault.name()),+ }
            }

            /// The fault of an entry, aimed; none when the target is not of its kind, and after a mistake in a parameter.
            pub fn read<A: Arguments>(entry: &Entry, target: Target, arguments: &mut A) -> Option<Self> {
                match (entry.place, target) {
                    $((Place::$place, Target::$target(at)) => {
                        Some(Self::$place(at, <$fault>::read(entry.name, arguments)?))
                    })+
                    _ => None,
                }
            }
        }

        /// Every fault there is, place by place.
        pub fn catalogue() -> impl Iterator<Item = &'static Entry> {
            let all: [&'static [Entry]; Place::ALL.len()] = [$(<$fault>::ENTRIES),+];
            all.into_iter().flatten()
        }
    };
}

places! {
    Customer: Customer(CustomerName) => CustomerFault,
    Wire: Link(Traffic) => WireFault,
    Evolution: Link(Traffic) => Evolution,
    Machine: Machine(Machine) => MachineFault,
    Issuer: Orders(Orders) => IssuerFault,
    Calendar: Machine(Machine) => CalendarFault,
    D1: Orders(Orders) => D1Fault,
    Agent: Station(PersoStation) => AgentFault,
    Stock: Station(PersoStation) => StockFault,
    Printer: Station(PersoStation) => PrinterFault,
    Chip: Station(PersoStation) => ChipFault,
    Notification: Orders(Orders) => NotificationFault,
    Region: Station(PersoStation) => RegionFault,
}

impl Fault {
    /// Its entry in the catalogue.
    pub fn entry(&self) -> Option<&'static Entry> {
        entry(self.name())
    }

    /// How long it keeps somebody from working, by its own parameters.
    pub fn longest(&self) -> Duration {
        match self {
            Self::Machine(_, fault) => fault.longest(),
            Self::Notification(_, NotificationFault::HeldBack { by })
            | Self::Customer(_, CustomerFault::FetchesLate { by })
            | Self::Wire(_, WireFault::Late { by } | WireFault::AnswerLate { by }) => by.get(),
            _ => Duration::ZERO,
        }
    }

    /// What it strikes, as journals and people name it.
    pub fn on(&self) -> String {
        match self {
            Self::Wire(traffic, _) | Self::Evolution(traffic, _) => traffic.link.to_string(),
            Self::Machine(machine, _) | Self::Calendar(machine, _) => machine.to_string(),
            Self::Customer(customer, _) => customer.to_string(),
            Self::Agent(station, _) => Machine::Agent(station.clone()).to_string(),
            Self::Stock(station, _)
            | Self::Printer(station, _)
            | Self::Chip(station, _)
            | Self::Region(station, _) => Machine::Station(station.clone()).to_string(),
            Self::Issuer(..) => Machine::Issuer.to_string(),
            Self::D1(..) | Self::Notification(..) => Machine::D1.to_string(),
        }
    }
}

/// The entry of this name.
pub fn entry(name: &str) -> Option<&'static Entry> {
    catalogue().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::entry::Defaults;

    fn target(aim: Aim) -> Target {
        let station: PersoStation = "KIOSK-PS-101".parse().unwrap();
        match aim {
            Aim::Link => Target::Link(Traffic {
                link: "d1.orders".parse().unwrap(),
                from: None,
                customer: None,
            }),
            Aim::Machine => Target::Machine(Machine::D1),
            Aim::Station => Target::Station(station),
            Aim::Customer => Target::Customer("alice".parse().unwrap()),
            Aim::Orders => Target::Orders(Orders { customer: None }),
        }
    }

    #[test]
    fn every_entry_can_be_read_back_with_its_defaults() {
        for entry in catalogue() {
            if entry.params.iter().any(|param| param.default.is_none()) {
                continue;
            }
            let fault = Fault::read(entry, target(entry.place.aim()), &mut Defaults);
            let fault = fault.unwrap_or_else(|| panic!("{}: a default does not read", entry.name));
            assert_eq!(fault.name(), entry.name);
        }
    }

    #[test]
    fn names_are_kebab_case_and_unique_and_sentences_end() {
        let mut names = BTreeSet::new();
        for entry in catalogue() {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            assert!(entry.name.bytes().all(plain), "{}", entry.name);
            assert!(names.insert(entry.name), "{} twice", entry.name);
            let sentences = [entry.sentence(), entry.seen];
            let docs = entry.params.iter().map(|param| param.doc);
            for sentence in sentences.into_iter().chain(docs) {
                assert!(sentence.ends_with('.'), "{}: {sentence}", entry.name);
            }
        }
    }

    #[test]
    fn one_name_of_a_parameter_means_one_kind_of_value() {
        let mut kinds = std::collections::BTreeMap::new();
        for entry in catalogue() {
            for param in entry.params {
                let kind = *kinds.entry(param.name).or_insert(param.kind);
                assert_eq!(kind, param.kind, "{} of {}", param.name, entry.name);
            }
        }
    }
}
