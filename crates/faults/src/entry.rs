//! What an entry of the catalogue is made of.

use persotwin_link::Step;

use crate::law::Law;
use crate::value::{Kind, Parameter};

words! {
    /// Where a fault strikes.
    Place {
        /// Who wants a card.
        Customer = "customer",
        /// Any message between two machines.
        Wire = "wire",
        /// What D1's published change policy allows.
        Evolution = "evolution",
        /// Any machine as a whole.
        Machine = "machine",
        /// What the issuer orders.
        Issuer = "issuer",
        /// Clocks and days.
        Calendar = "calendar",
        /// Inside D1.
        D1 = "d1",
        /// The instant issuance agent.
        Agent = "agent",
        /// Blanks and the book of them.
        Stock = "stock",
        /// The card printer.
        Printer = "printer",
        /// The chip.
        Chip = "chip",
        /// What D1 tells the issuer.
        Notification = "notification",
        /// A whole branch, or D1's whole region.
        Region = "region",
    }
}

/// What a fault of a place strikes, and so which keys name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// A link: `link:`, and `from:` and `customer:` for some of its messages.
    Link,
    /// A machine: `machine:`.
    Machine,
    /// A perso station: `station:`.
    Station,
    /// A customer: `customer:`.
    Customer,
    /// Orders: all, or those of one `customer:`.
    Orders,
}

/// Since when a fault is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onset {
    /// It strikes during the story; `when:` says when.
    Live,
    /// The world begins with it.
    FromTheStart,
}

/// A parameter of a fault or of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Param {
    /// As Rust writes it; [`Param::key`] is the key in a file.
    pub(crate) name: &'static str,
    /// What its values look like.
    pub kind: Kind,
    /// Its text when it is not written; none where it must be.
    pub default: Option<&'static str>,
    /// What it means.
    pub doc: &'static str,
}

impl Param {
    /// The key in a file.
    pub fn key(&self) -> String {
        self.name.replace('_', "-")
    }
}

/// A fault as the catalogue lists it.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// In kebab-case.
    pub name: &'static str,
    /// Where it strikes.
    pub place: Place,
    /// Since when it is there.
    pub onset: Onset,
    /// The steps that it can strike, the most telling one first.
    pub steps: &'static [Step],
    /// Its parameters.
    pub params: &'static [Param],
    pub(crate) doc: &'static str,
    /// What D1's issuer sees.
    pub seen: &'static str,
    /// The laws that it can break by itself, whatever machines do about it. Of which orders, cards and stations, the laws know.
    pub breaks: &'static [Law],
}

impl Entry {
    /// What it is, in a sentence.
    pub fn sentence(&self) -> &'static str {
        self.doc.trim_start()
    }
}

/// A parameter of one of these entries.
pub(crate) fn param(entries: &'static [Entry], fault: &str, name: &str) -> Option<&'static Param> {
    let entry = entries.iter().find(|entry| entry.name == fault)?;
    entry.params.iter().find(|param| param.name == name)
}

/// Whoever reads the parameters of a fault: a file, with its mistakes.
pub trait Arguments {
    /// The value of a parameter: what is written, or its default; none after a mistake, which the reader keeps to itself.
    fn take<T: Parameter>(&mut self, param: &'static Param) -> Option<T>;
}

/// Nothing written: every default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Defaults;

impl Arguments for Defaults {
    fn take<T: Parameter>(&mut self, param: &'static Param) -> Option<T> {
        T::read(param.default?)
    }
}
