//! What operators and staff do.

use persotwin_contract::ids::PersoStation;
use persotwin_link::{CustomerName, Machine, Span};

use crate::entry::{Aim, Arguments, Param};

/// An action as the language knows it.
#[derive(Debug, Clone, Copy)]
pub struct ActionEntry {
    /// The word behind `does:`.
    pub name: &'static str,
    /// What it is done to.
    pub aim: Aim,
    /// Its parameters.
    pub params: &'static [Param],
    doc: &'static str,
}

impl ActionEntry {
    /// What somebody does, in a sentence.
    pub fn sentence(&self) -> &'static str {
        self.doc.trim_start()
    }
}

/// Actions, each with what it is done to.
macro_rules! actions {
    (
        $(#[$meta:meta])*
        $name:ident on $aim:ident {
            $(
                #[doc = $doc:literal]
                $word:literal = $variant:ident $({ $($param:ident: $type:ty = $default:literal, $pdoc:literal);+ $(;)? })?;
            )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $(
                #[doc = $doc]
                $variant $({ $(#[doc = $pdoc] $param: $type),+ })?,
            )+
        }

        impl $name {
            /// What the language knows.
            pub const ENTRIES: &'static [ActionEntry] = &[$(
                ActionEntry {
                    name: $word,
                    aim: Aim::$aim,
                    params: &[$($(Param {
                        name: stringify!($param),
                        kind: <$type as $crate::value::Parameter>::KIND,
                        default: Some($default),
                        doc: $pdoc,
                    }),+)?],
                    doc: $doc,
                },
            )+];

            /// The word behind `does:`.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$variant $({ $($param: _),+ })? => $word),+ }
            }

            /// The action of this name; none for another one's, and after a mistake.
            pub fn read<A: Arguments>(name: &str, arguments: &mut A) -> Option<Self> {
                let _ = &arguments;
                match name {
                    $($word => {
                        $($(let $param = param(Self::ENTRIES, $word, stringify!($param))
                            .and_then(|param| arguments.take::<$type>(param));)+)?
                        Some(Self::$variant $({ $($param: $param?),+ })?)
                    })+
                    _ => None,
                }
            }
        }
    };
}

fn param(entries: &'static [ActionEntry], action: &str, name: &str) -> Option<&'static Param> {
    let entry = entries.iter().find(|entry| entry.name == action)?;
    entry.params.iter().find(|param| param.name == name)
}

actions! {
    /// Done at a station.
    AtStation on Station {
        /// An operator puts blanks into a hopper.
        "refill" = Refill { hopper: u32 = "1", "Which hopper, from 1."; blanks: u32 = "100", "How many." };
        /// An operator puts in another ribbon.
        "replace-ribbon" = ReplaceRibbon { panel_sets: u32 = "500", "How many panel sets are on it." };
        /// An operator empties the reject bin, of whatever fills it.
        "empty-bin" = EmptyBin;
        /// An operator takes every card out of the path, for destruction.
        "clear-jam" = ClearJam;
        /// An operator closes the cover.
        "close-cover" = CloseCover;
        /// An operator locks the printer.
        "lock-printer" = Lock;
        /// An operator closes the door of the output.
        "close-door" = CloseDoor;
        /// An operator lets a paused printer go on.
        "resume-printer" = Resume;
        /// An operator takes out of the exit what is no card.
        "clear-exit" = ClearExit;
        /// An operator makes the mouth of the bezel move again.
        "free-bezel" = FreeBezel;
        /// An operator cleans heads, contacts and camera.
        "clean-printer" = Clean;
        /// An operator puts right what lies in a hopper: turns blanks, exchanges those of another stock, takes out used cards.
        "put-blanks-right" = PutBlanksRight { hopper: u32 = "1", "Which hopper, from 1." };
        /// An operator prints a page of tests on a blank, which goes to the reject bin.
        "test-print" = TestPrint { hopper: u32 = "1", "From which hopper, from 1." };
        /// An operator puts in another chip reader.
        "replace-reader" = ReplaceReader;
        /// An operator puts in another printer, with the old one's hoppers, bin and ribbon.
        "replace-printer" = ReplacePrinter;
        /// An operator switches the hardware off and on.
        "power-cycle" = PowerCycle { off_for: Span = "5s", "How long it is off." };
        /// Staff put the card on the tray back: it is not good enough.
        "reject-card" = RejectCard;
    }
}

actions! {
    /// Done to a machine.
    ToMachine on Machine {
        /// An operator starts a machine, anew if it is up.
        "restart-machine" = Restart { down_for: Span = "0s", "How long it is down before it starts." };
    }
}

actions! {
    /// Done to a customer's order.
    ToOrder on Customer {
        /// D1's operator cancels the order, if nothing is decided yet.
        "cancel-order" = Cancel;
        /// Staff order the customer's card anew, as a replacement.
        "reissue" = Reissue;
    }
}

/// An action, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// At a station.
    Station(PersoStation, AtStation),
    /// To a machine.
    Machine(Machine, ToMachine),
    /// To a customer's order.
    Order(CustomerName, ToOrder),
}

impl Action {
    /// The word behind `does:`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Station(_, does) => does.name(),
            Self::Machine(_, does) => does.name(),
            Self::Order(_, does) => does.name(),
        }
    }

    /// What it is done to.
    pub fn on(&self) -> String {
        match self {
            Self::Station(station, _) => Machine::Station(station.clone()).to_string(),
            Self::Machine(machine, _) => machine.to_string(),
            Self::Order(customer, _) => customer.to_string(),
        }
    }
}

/// Every action there is.
pub fn actions() -> impl Iterator<Item = &'static ActionEntry> {
    let all = [AtStation::ENTRIES, ToMachine::ENTRIES, ToOrder::ENTRIES];
    all.into_iter().flatten()
}

/// The action of this name.
pub fn action(name: &str) -> Option<&'static ActionEntry> {
    actions().find(|entry| entry.name == name)
}
