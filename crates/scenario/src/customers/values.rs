//! The values of a customer's keys.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use persotwin_contract::dates::Expiry;
use persotwin_contract::ids::{CardProductId, PersoStation};
use persotwin_contract::secret::Pan;
use persotwin_emv::pin::Pin;
use persotwin_link::setup::Station;
use persotwin_link::tenant::Tenant;
use persotwin_link::{CustomerName, Span};

use crate::grammar::{Field, Section, Shape};
use crate::node::{Node, Value};
use crate::plan::{Ordering, Taking};
use crate::reader::{Fields, Reader};

/// The surname of a customer without `cardholder:`.
const SURNAME: &str = "MARTIN";
/// The longest given name that leaves room for the surname on a card.
const GIVEN_NAME: usize = 19;

pub(super) static TAKES: Section = Section {
    name: "`takes:`",
    doc: "What a customer does at the exit.",
    fields: &[
        Field::optional(
            "after",
            Shape::Duration,
            "Takes the card this long after it was offered.",
        ),
        Field::optional(
            "walks-away",
            Shape::Duration,
            "Leaves this long after asking, and takes nothing.",
        ),
    ],
};

pub(super) fn station(
    reader: &mut Reader,
    fields: &Fields<'_>,
    customer: &Node,
    stations: &BTreeMap<PersoStation, Station>,
) -> PersoStation {
    let known = || stations.keys().map(ToString::to_string).collect::<Vec<_>>();
    if let Some(node) = fields.get("station") {
        let text = reader
            .text(node, "a perso station's id")
            .unwrap_or_default();
        if let Some(id) = stations.keys().find(|id| id.as_str() == text) {
            return id.clone();
        }
        if !text.is_empty() {
            reader.unknown_name(&node.span, "station", text, &known());
        }
    } else if stations.len() > 1 {
        let mistake = reader
            .mistake(
                &customer.span,
                "it is not said at which station",
                "`station:` is missing here",
            )
            .note(format!("there are several: {}", known().join(", ")));
        reader.report(mistake);
    }
    // After a mistake any station serves to read on with.
    stations
        .keys()
        .next()
        .cloned()
        .unwrap_or_else(crate::scenario::default_station)
}

pub(super) fn product(reader: &mut Reader, fields: &Fields<'_>, tenant: &Tenant) -> CardProductId {
    let products = &tenant.products;
    let of_name = |name: &str| products.keys().find(|id| id.as_str() == name).cloned();
    if let Some(node) = fields.get("product") {
        let text = reader.text(node, "a card product's id").unwrap_or_default();
        if let Some(id) = of_name(text) {
            return id;
        }
        if !text.is_empty() {
            let known: Vec<String> = products.keys().map(ToString::to_string).collect();
            reader.unknown_name(&node.span, "product", text, &known);
        }
    }
    of_name(crate::scenario::default_product().as_str())
        .or_else(|| products.keys().next().cloned())
        .unwrap_or_else(crate::scenario::default_product)
}

/// A name that a person can have: with a letter in it, of whatever script.
pub(super) fn cardholder<'n>(reader: &mut Reader, node: &'n Node) -> Option<&'n str> {
    let text = reader.text(node, "a cardholder's name")?;
    if text.chars().any(char::is_alphabetic) {
        return Some(text);
    }
    let title = if text.trim().is_empty() {
        "a person has a name"
    } else {
        "a person's name has letters"
    };
    reader.conflict(
        &node.span,
        title,
        "expected a name, like `ALICE MARTIN`",
        "to order another name on purpose, write `order: { encryptedData.name: ... }`",
    );
    None
}

/// Whatever happens at or after the horizon does not happen.
pub(super) fn before_the_end(reader: &mut Reader, node: &Node, when: Span, horizon: Option<Span>) {
    let Some(horizon) = horizon.filter(|horizon| when >= *horizon) else {
        return;
    };
    reader.conflict(
        &node.span,
        "the story is over before that",
        format!("expected less than the horizon, {horizon}"),
        "raise `horizon:`, which is 2h unless it is written",
    );
}

/// A PIN. What was written instead is not repeated.
pub(super) fn pin(reader: &mut Reader, node: &Node) -> Option<Pin> {
    let text = reader.text(node, "a PIN")?;
    let pin = Pin::parse(text).ok();
    if pin.is_none() {
        let mistake = reader.mistake(&node.span, "this is no PIN", "expected 4 to 12 digits");
        reader.report(mistake);
    }
    pin
}

pub(super) fn pan(reader: &mut Reader, node: &Node) -> Option<Pan> {
    let pan: Pan = reader.parsed(node, "a card number")?;
    if pan.check_digit_is_right() {
        return Some(pan);
    }
    let mistake = reader
        .mistake(
            &node.span,
            "the last digit of this card number is not its check digit",
            "expected a number with a Luhn check digit",
        )
        .help("to order a wrong one on purpose, write `order: { encryptedData.pan: ... }`");
    reader.report(mistake);
    None
}

pub(super) fn expires(reader: &mut Reader, node: &Node, starts: Timestamp) -> Option<Expiry> {
    let text = reader.text(node, "an expiry")?;
    let today = starts.to_zoned(TimeZone::UTC).date();
    let expiry = match text.strip_prefix("in ") {
        Some(ahead) => {
            months(ahead).and_then(|months| Expiry::of(today.saturating_add(months.months())))
        }
        None => text.parse().ok(),
    };
    match expiry {
        None => reader.wrong(
            node,
            "an expiry",
            "`in 3y`, `in 6mo`, or the month as `YYMM`",
        ),
        Some(expiry) if expiry.is_past(today) => {
            let mistake = reader
                .mistake(
                    &node.span,
                    "this month is over when the world starts",
                    format!("expected a month from {today} on"),
                )
                .help(
                    "to order a past expiry on purpose, write `order: { encryptedData.exp: ... }`",
                );
            reader.report(mistake);
        }
        Some(_) => {}
    }
    expiry
}

/// `3y`, `6mo` or `1y 6mo` in months.
fn months(text: &str) -> Option<i32> {
    let mut sum: i32 = 0;
    for part in text.split(' ') {
        let (digits, months) = match (part.strip_suffix('y'), part.strip_suffix("mo")) {
            (Some(years), _) => (years, 12),
            (_, Some(months)) => (months, 1),
            _ => return None,
        };
        let count: i32 = digits.parse::<u8>().ok()?.into();
        sum = sum.checked_add(count.checked_mul(months)?)?;
    }
    Some(sum)
}

pub(super) fn ordering(
    reader: &mut Reader,
    fields: &Fields<'_>,
    arrives: Span,
    horizon: Option<Span>,
) -> Ordering {
    const WORDS: &[(&str, bool)] = &[("at-kiosk", false), ("in-app", true)];
    let in_app = fields
        .get("orders")
        .and_then(|node| reader.word(node, "a place to order", WORDS))
        .unwrap_or(false);
    match (in_app, fields.get("fetches-at"), fields.key("orders")) {
        (true, Some(node), _) => {
            let fetches_at = reader.duration(node).unwrap_or(arrives);
            if fetches_at < arrives {
                reader.conflict(
                    &node.span,
                    "nobody fetches a card before asking for it",
                    format!("expected {arrives} or later"),
                    "both are counted from the start",
                );
            } else {
                before_the_end(reader, node, fetches_at, horizon);
            }
            Ordering::InApp { fetches_at }
        }
        (true, None, Some(key)) => {
            reader.conflict(
                &key.span,
                "it is not said when the card is fetched",
                "`fetches-at:` is missing here",
                "write `fetches-at: 5m`",
            );
            Ordering::AtKiosk
        }
        (false, Some(node), _) => {
            reader.conflict(
                &node.span,
                "who orders at the kiosk need not come to fetch",
                "only with `orders: in-app`",
                "write `orders: in-app` or remove `fetches-at:`",
            );
            Ordering::AtKiosk
        }
        _ => Ordering::AtKiosk,
    }
}

pub(super) fn taking(reader: &mut Reader, node: &Node) -> Option<Taking> {
    const EXPECTED: &str = "`never`, `{ after: 4s }` or `{ walks-away: 1s }`";
    if let Value::Scalar(text, _) = &node.value {
        if text == "never" {
            return Some(Taking::Never);
        }
        reader.wrong(node, "a way to take a card", EXPECTED);
        return None;
    }
    let fields = reader.fields(node, &TAKES);
    match (fields.get("after"), fields.get("walks-away")) {
        (Some(node), None) => reader.duration(node).map(Taking::After),
        (None, Some(node)) => reader.duration(node).map(Taking::WalksAway),
        (Some(_), Some(node)) => {
            reader.conflict(
                &node.span,
                "who walks away takes no card",
                "not beside `after:`",
                "keep one of the two",
            );
            None
        }
        (None, None) => {
            reader.wrong(node, "a way to take a card", EXPECTED);
            None
        }
    }
}

/// The letters of the name in capitals, and a surname.
pub(super) fn default_cardholder(name: &CustomerName) -> String {
    let letters = name.as_ref().chars().map(|c| {
        if c.is_ascii_alphabetic() {
            c.to_ascii_uppercase()
        } else {
            ' '
        }
    });
    let given: String = letters
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(GIVEN_NAME)
        .collect();
    match given.trim_end() {
        "" => format!("CUSTOMER {SURNAME}"),
        given => format!("{given} {SURNAME}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_for_the_story_gives_one_for_the_card() {
        for (name, cardholder) in [
            ("alice", "ALICE MARTIN"),
            ("anne-marie_2", "ANNE MARIE MARTIN"),
            ("007", "CUSTOMER MARTIN"),
            ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRS MARTIN"),
        ] {
            let name: CustomerName = name.parse().unwrap();
            assert_eq!(default_cardholder(&name), cardholder);
            assert!(default_cardholder(&name).len() <= 26);
        }
    }

    #[test]
    fn relative_expiries_are_months() {
        for (text, sum) in [
            ("3y", Some(36)),
            ("6mo", Some(6)),
            ("1y 6mo", Some(18)),
            ("3m", None),
            ("y", None),
            ("", None),
        ] {
            assert_eq!(months(text), sum, "{text}");
        }
    }
}
