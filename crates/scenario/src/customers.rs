//! `customers:`: who wants a card, and how they behave.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use persotwin_contract::dates::Expiry;
use persotwin_contract::ids::{CardProductId, PersoStation};
use persotwin_contract::secret::Pan;
use persotwin_link::kiosk::Service;
use persotwin_link::setup::Station;
use persotwin_link::tenant::Tenant;
use persotwin_link::{CustomerName, Span};

use crate::grammar::{Field, NAME, PRODUCT_ID, STATION_ID, Section, Shape};
use crate::node::{Node, Value};
use crate::order;
use crate::plan::{Customer, Ordering, Taking, Taps};
use crate::reader::{Fields, Reader, shorten};

const SERVICES: &[(&str, Service)] = &[
    ("new", Service::New),
    ("renewal", Service::Renewal),
    ("replacement", Service::Replacement),
];
const TAPS: &[(&str, Taps)] = &[("once", Taps::Once), ("twice", Taps::Twice)];

/// The product of a customer who asks for none.
const DEFAULT_PRODUCT: &str = "VISA-CLASSIC";
/// The surname of a customer without `cardholder:`.
const SURNAME: &str = "MARTIN";
/// The longest given name that leaves room for the surname on a card.
const GIVEN_NAME: usize = 19;

/// `customers:`.
pub(crate) const CUSTOMERS: Shape = Shape::Names {
    what: "customer",
    pattern: NAME,
    value: &Shape::Section(&CUSTOMER),
};

pub(crate) static CUSTOMER: Section = Section {
    name: "a customer",
    doc: "Somebody who wants one card.",
    fields: &[
        Field::default(
            "arrives",
            Shape::Duration,
            "0s",
            "When, after the start, the customer asks for a card.",
        ),
        Field::optional(
            "station",
            STATION_ID,
            "The station that shall make the card. Without it: the only one.",
        ),
        Field::default("product", PRODUCT_ID, "VISA-CLASSIC", "Which card."),
        Field::optional(
            "cardholder",
            Shape::Text,
            "The name as the issuer knows it, any text. Without it: the customer's name in capitals, and MARTIN.",
        ),
        Field::default(
            "service",
            Shape::Word(&["new", "renewal", "replacement"]),
            "new",
            "Why the customer wants a card.",
        ),
        Field::optional(
            "of",
            Shape::Form("a customer's name", NAME),
            "Whose card is renewed or replaced. Without it: a card of long ago.",
        ),
        Field::optional(
            "pan",
            Shape::Form("a card number", "^[0-9]{10,19}$"),
            "The card number with its check digit. Without it the issuer chooses one of the product.",
        ),
        Field::optional(
            "expires",
            Shape::Form("an expiry", "^(in ([0-9]+y)? ?([0-9]+mo)?|[0-9]{4})$"),
            "When the card expires: `in 3y`, `in 6mo`, or `YYMM`. Without it the product decides.",
        ),
        Field::optional(
            "pan-sequence-number",
            Shape::Form("two digits", "^[0-9]{2}$"),
            "The PAN sequence number, when it is ordered.",
        ),
        Field::optional(
            "consumer",
            Shape::Form("a consumer id", "^[A-Za-z0-9_-]{1,64}$"),
            "The issuer's id of the customer, when it is ordered.",
        ),
        Field::default(
            "orders",
            Shape::Word(&["at-kiosk", "in-app"]),
            "at-kiosk",
            "Where the customer asks: in front of the station, or in the bank's app.",
        ),
        Field::optional(
            "fetches-at",
            Shape::Duration,
            "With `orders: in-app`: when, after the start, the customer stands at the station.",
        ),
        Field::default(
            "taps",
            Shape::Word(&["once", "twice"]),
            "once",
            "How often the customer taps on the same screen.",
        ),
        Field::default(
            "takes",
            Shape::Any(&[Shape::Word(&["never"]), Shape::Section(&TAKES)]),
            "{ after: 4s }",
            "What the customer does when the card is there: `never` takes it, `{ after: 4s }`, or `{ walks-away: 1s }`.",
        ),
        Field::optional(
            "order",
            Shape::Section(&order::ORDER),
            "What the issuer orders otherwise than it should.",
        ),
    ],
};

static TAKES: Section = Section {
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

/// What customers can refer to.
pub(crate) struct Surroundings<'a> {
    pub(crate) stations: &'a BTreeMap<PersoStation, Station>,
    pub(crate) tenant: &'a Tenant,
    pub(crate) starts: Timestamp,
}

/// A customer whose `of:` is not yet looked up.
struct Draft {
    customer: Customer,
    of: Option<(String, Range<usize>)>,
    written: Written,
}

/// Which keys with inherited defaults were written.
struct Written {
    product: bool,
    cardholder: bool,
}

/// Reads `customers:`.
pub(crate) fn read(reader: &mut Reader, node: &Node, around: &Surroundings<'_>) -> Vec<Customer> {
    let mut drafts = Vec::new();
    for (key, value) in reader.entries(node, "the customers") {
        let Ok(name) = key.text.parse::<CustomerName>() else {
            let title = format!("`{}` is no customer's name", shorten(&key.text));
            let mistake = reader
                .mistake(
                    &key.span,
                    title,
                    "expected 1 to 32 letters, digits, hyphens or underscores",
                )
                .help("this is a name for the story; what is printed is `cardholder:`");
            reader.report(mistake);
            continue;
        };
        drafts.push(draft(reader, value, name, around));
    }
    if drafts.is_empty() && matches!(node.value, Value::Empty | Value::Map(_)) {
        reader.conflict(
            &node.span,
            "a story needs somebody",
            "no customer here",
            "write `alice: { arrives: 0s }`",
        );
    }
    look_up_owners(reader, drafts)
}

fn draft(reader: &mut Reader, node: &Node, name: CustomerName, around: &Surroundings<'_>) -> Draft {
    let fields = reader.fields(node, &CUSTOMER);
    let mut arrives = Span::ZERO;
    reader.set_duration(&fields, "arrives", &mut arrives);
    let service = match fields.get("service") {
        Some(node) => reader
            .word(node, "a service", SERVICES)
            .unwrap_or(Service::New),
        None => Service::New,
    };
    let cardholder = fields
        .get("cardholder")
        .and_then(|node| reader.text(node, "a cardholder's name"));
    let customer = Customer {
        arrives,
        station: station(reader, &fields, node, around.stations),
        product: product(reader, &fields, around.tenant),
        cardholder: cardholder.map_or_else(|| default_cardholder(&name), str::to_owned),
        service,
        of: None,
        pan: fields.get("pan").and_then(|node| pan(reader, node)),
        expires: fields
            .get("expires")
            .and_then(|node| expires(reader, node, around.starts)),
        pan_sequence_number: fields
            .get("pan-sequence-number")
            .and_then(|node| reader.parsed(node, "a PAN sequence number")),
        consumer: fields
            .get("consumer")
            .and_then(|node| reader.parsed(node, "a consumer id")),
        orders: ordering(reader, &fields, arrives),
        taps: fields
            .get("taps")
            .and_then(|node| reader.word(node, "a number of taps", TAPS))
            .unwrap_or(Taps::Once),
        takes: fields
            .get("takes")
            .and_then(|node| taking(reader, node))
            .unwrap_or(Taking::After(Span::from_secs(4))),
        order: fields
            .get("order")
            .map(|node| order::read(reader, node))
            .unwrap_or_default(),
        name,
    };
    let of = fields.get("of").and_then(|node| {
        Some((
            reader.text(node, "a customer's name")?.to_owned(),
            node.span.clone(),
        ))
    });
    if let (Some(key), Service::New) = (fields.key("of"), service) {
        reader.conflict(
            &key.span,
            "a new card is nobody's old one",
            "only with a renewal or a replacement",
            "write `service: renewal` or `service: replacement`",
        );
    }
    let written = Written {
        product: fields.get("product").is_some(),
        cardholder: cardholder.is_some(),
    };
    Draft {
        customer,
        of,
        written,
    }
}

fn station(
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

fn product(reader: &mut Reader, fields: &Fields<'_>, tenant: &Tenant) -> CardProductId {
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
    of_name(DEFAULT_PRODUCT)
        .or_else(|| products.keys().next().cloned())
        .unwrap_or_else(crate::scenario::default_product)
}

fn pan(reader: &mut Reader, node: &Node) -> Option<Pan> {
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

fn expires(reader: &mut Reader, node: &Node, starts: Timestamp) -> Option<Expiry> {
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

fn ordering(reader: &mut Reader, fields: &Fields<'_>, arrives: Span) -> Ordering {
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

fn taking(reader: &mut Reader, node: &Node) -> Option<Taking> {
    if let Value::Scalar(..) = node.value {
        return reader.word(node, "a way to take a card", &[("never", Taking::Never)]);
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
            reader.wrong(
                node,
                "a way to take a card",
                "`never`, `{ after: 4s }` or `{ walks-away: 1s }`",
            );
            None
        }
    }
}

/// The letters of the name in capitals, and a surname.
fn default_cardholder(name: &CustomerName) -> String {
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

/// Each `of:` names somebody whose card comes first; name and product are that customer's unless written.
fn look_up_owners(reader: &mut Reader, drafts: Vec<Draft>) -> Vec<Customer> {
    let mut customers: Vec<Customer> = Vec::new();
    let names: Vec<String> = drafts
        .iter()
        .map(|draft| draft.customer.name.to_string())
        .collect();
    for Draft {
        mut customer,
        of,
        written,
    } in drafts
    {
        if let Some((name, span)) = of {
            match customers.iter().find(|other| other.name.as_ref() == name) {
                Some(owner) => {
                    customer.of = Some(owner.name.clone());
                    inherit(&mut customer, owner, &written);
                }
                None if names.contains(&name) => {
                    reader.conflict(
                        &span,
                        format!("`{name}` has no card before `{}` asks", customer.name),
                        "expected a customer further up",
                        "write the first card's customer first",
                    );
                }
                None => reader.unknown_name(&span, "customer", &name, &names),
            }
        }
        customers.push(customer);
    }
    customers
}

fn inherit(customer: &mut Customer, owner: &Customer, written: &Written) {
    if !written.product {
        customer.product = owner.product.clone();
    }
    if !written.cardholder {
        customer.cardholder.clone_from(&owner.cardholder);
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
