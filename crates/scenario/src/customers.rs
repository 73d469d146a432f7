//! `customers:`: who wants a card, and how they behave.

mod values;

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;
use persotwin_contract::ids::PersoStation;
use persotwin_link::kiosk::Service;
use persotwin_link::setup::Station;
use persotwin_link::tenant::Tenant;
use persotwin_link::{CustomerName, Span};

use crate::customers::values::{
    default_cardholder, expires, ordering, pan, product, station, taking,
};
use crate::grammar::{Field, NAME, PRODUCT_ID, STATION_ID, Section, Shape};
use crate::node::{Node, Value};
use crate::order;
use crate::plan::{Customer, Taking, Taps};
use crate::reader::{Reader, shorten};

const SERVICES: &[(&str, Service)] = &[
    ("new", Service::New),
    ("renewal", Service::Renewal),
    ("replacement", Service::Replacement),
];
const TAPS: &[(&str, Taps)] = &[("once", Taps::Once), ("twice", Taps::Twice)];

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
            Shape::Any(&[Shape::Word(&["never"]), Shape::Section(&values::TAKES)]),
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
    let nobody = match &node.value {
        Value::Empty => true,
        Value::Map(entries) => entries.is_empty(),
        _ => false,
    };
    if nobody {
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
