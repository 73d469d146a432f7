//! What a scenario expects, each expectation with its place in the file, so that a failed one is shown at its line.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use persotwin_contract::ids::PersoStation;
use persotwin_contract::notification::ProductionStatus;
use persotwin_contract::production::ProductionCode;
use persotwin_contract::refusal::ErrorCode;
use persotwin_faults::{Law, Milestone};
use persotwin_link::{CustomerName, Link, Span};

use crate::diagnostic::Diagnostic;
use crate::source::Source;

/// Something that shall be true when the story has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The bytes of the expected value in the scenario's file.
    pub span: Range<usize>,
    /// What.
    pub wanted: Wanted,
}

/// What shall be true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Of one customer.
    Customer(CustomerName, OfCustomer),
    /// Of one station: so many.
    Station(PersoStation, StationCount, u32),
    /// How many notifications the issuer accepted as new: one for each status of each order.
    Notifications(u32),
    /// How many orders D1 accepted with 202 (the same order again counts once).
    OrdersAccepted(u32),
    /// How many orders D1 refused with a 4xx.
    OrdersRefused(u32),
    /// How many cards D1 calls done that are in nobody's hand.
    DoneNotInHand(u32),
    /// How many notifications D1 has given up.
    DeadLetters(u32),
    /// Whose orders are in doubt, and nobody else's.
    InDoubt(BTreeSet<CustomerName>),
    /// That anybody's order may end in doubt.
    AnyDoubt,
    /// How many calls were made on a link.
    Calls(Link, u32),
    /// That this law is broken.
    LawBroken(Law),
    /// That this law may break.
    LawMayBreak(Law),
}

/// What shall be true of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfCustomer {
    /// Which statuses the issuer has learnt of the order, in this order, and no other.
    IssuerKnows(Vec<ProductionStatus>),
    /// That D1 refused the order.
    Refused(Refused),
    /// That the customer's story was over in time.
    Within(Span, Since),
    /// Where the card is.
    Card(CardEnd),
    /// How many cards the customer holds.
    Cards(u32),
    /// What the kiosk or the app shows last.
    Screen(Screen),
    /// The code that the issuer has heard with the outcome.
    Code(ProductionCode),
    /// How many calls about this customer's card were made on a link.
    Calls(Link, u32),
    /// Which named moments there were, in this order, among others.
    Happens(Vec<Milestone>),
}

/// How D1 refused an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// With this `errorCode`, and with this field in `error` when one is given.
    Code(ErrorCode, Option<String>),
    /// With this HTTP status.
    Status(u16),
}

/// From when a limit is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// The customer's arrival.
    Arrival,
    /// The issuer's first order at D1.
    Order,
}

/// Where a customer's card is in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardEnd {
    /// In the customer's hand.
    Taken,
    /// In the reject bin, after it was finished.
    Captured,
    /// On the tray of a branch.
    InTray,
    /// There is none that was finished.
    None,
}

/// What is counted at a station, by the hardware itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StationCount {
    /// Cards taken out of the exit.
    Taken,
    /// Cards and blanks in the reject bin, captured ones included.
    Rejected,
    /// Finished cards in the reject bin.
    Captured,
    /// Cards that came to the exit.
    Presented,
    /// Blanks left in all hoppers.
    BlanksLeft,
}

/// What a customer reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// Please wait.
    Waiting,
    /// Your card is being made.
    Printing,
    /// Please take your card.
    TakeYourCard,
    /// There will be no card.
    Sorry,
}

impl Expectation {
    /// The mistake that this expectation was: what was found instead.
    pub fn failed(&self, source: &Arc<Source>, found: &str) -> Diagnostic {
        let title = format!("expectation failed: {}", self.wanted);
        Diagnostic::new(
            Arc::clone(source),
            self.span.clone(),
            title,
            format!("found {found}"),
        )
    }
}

impl fmt::Display for Wanted {
    /// The path of the expectation in the file, e.g. `expect.customers.alice.card`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(name, wanted) => write!(f, "expect.customers.{name}.{}", wanted.path()),
            Self::Station(id, count, _) => write!(f, "expect.stations.{id}.{}", count.key()),
            Self::Notifications(_) => f.write_str("expect.notifications.count"),
            Self::OrdersAccepted(_) => f.write_str("expect.orders.accepted"),
            Self::OrdersRefused(_) => f.write_str("expect.orders.refused"),
            Self::DoneNotInHand(_) => f.write_str("expect.done-not-in-hand"),
            Self::DeadLetters(_) => f.write_str("expect.dead-letters"),
            Self::InDoubt(_) | Self::AnyDoubt => f.write_str("expect.in-doubt"),
            Self::Calls(link, _) => write!(f, "expect.calls.{link}"),
            Self::LawBroken(law) | Self::LawMayBreak(law) => write!(f, "expect.laws.{law}"),
        }
    }
}

impl OfCustomer {
    /// The key in the file.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::IssuerKnows(_) => "issuer-knows",
            Self::Refused(_) => "refused",
            Self::Within(..) => "within",
            Self::Card(_) => "card",
            Self::Cards(_) => "cards",
            Self::Screen(_) => "screen",
            Self::Code(_) => "code",
            Self::Calls(..) => "calls",
            Self::Happens(_) => "happens",
        }
    }

    /// Where it stands below the customer.
    fn path(&self) -> String {
        match self {
            Self::Calls(link, _) => format!("calls.{link}"),
            _ => self.key().to_owned(),
        }
    }
}

/// An enum of the file's words.
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every value under the word that the file has for it.
            pub(crate) const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];

            /// The word in the file.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.key())
            }
        }
    };
}

words! { CardEnd { Taken = "taken", Captured = "captured", InTray = "in-tray", None = "none" } }
words! { Since { Arrival = "arrival", Order = "order" } }
words! {
    StationCount {
        Taken = "taken",
        Rejected = "rejected",
        Captured = "captured",
        Presented = "presented",
        BlanksLeft = "blanks-left",
    }
}
words! {
    Screen { Waiting = "waiting", Printing = "printing", TakeYourCard = "take-your-card", Sorry = "sorry" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Style, render};

    #[test]
    fn a_failed_expectation_looks_like_any_other_mistake() {
        let source = Arc::new(Source::new("a.yaml", "expect: { done-not-in-hand: 0 }\n"));
        let expectation = Expectation {
            span: 28..29,
            wanted: Wanted::DoneNotInHand(0),
        };
        let expected = "\
error: expectation failed: expect.done-not-in-hand
 --> a.yaml:1:29
  |
1 | expect: { done-not-in-hand: 0 }
  |                             ^ found 1
";
        assert_eq!(
            render(&[expectation.failed(&source, "1")], Style::Plain),
            expected
        );
    }
}
