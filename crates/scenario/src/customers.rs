//! `customers:`: who wants a card, and how they behave.

mod values;

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;
use persotwin_contract::ids::PersoStation;
use persotwin_link::kiosk::Service;
use persotwin_link::order_override::Seal;
use persotwin_link::product::PinRule;
use persotwin_link::setup::Station;
use persotwin_link::tenant::Tenant;
use persotwin_link::{CustomerName, Span};

use crate::customers::values::{
    before_the_end, cardholder, default_cardholder, expires, ordering, pan, pin, product, station,
    taking,
};
use crate::grammar::{Field, NAME, PRODUCT_ID, STATION_ID, Section, Shape};
use crate::node::{Node, Value};
use crate::order;
use crate::plan::{Customer, Taps};
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
            "pin",
            Shape::Form("a PIN", "^[0-9]{4,12}$"),
            "The card's PIN, 4 to 12 digits. Without it the issuer draws one, where the product has PINs.",
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
    /// When the story is over; unknown after a mistake there.
    pub(crate) horizon: Option<Span>,
}

/// A customer whose `of:` is not yet looked up.
struct Draft {
    customer: Customer,
    /// When the customer asks; unknown after a mistake there.
    asks: Option<Span>,
    of: Option<(String, Range<usize>)>,
    /// Where a PIN is written.
    pin: Option<Range<usize>>,
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
    let drafts = look_up_owners(reader, drafts);
    drafts
        .iter()
        .for_each(|draft| has_use_for_its_pin(reader, draft, around.tenant));
    drafts.into_iter().map(|draft| draft.customer).collect()
}

/// A PIN that no card would have is a mistake.
fn has_use_for_its_pin(reader: &mut Reader, draft: &Draft, tenant: &Tenant) {
    let product = tenant.products.get(&draft.customer.product);
    let (Some(span), Some(product)) = (&draft.pin, product) else {
        return;
    };
    if product.pin == PinRule::None {
        reader.conflict(
            span,
            format!("cards of {} have no PIN", draft.customer.product),
            "nobody would use this one",
            "write `pin: in-order` or `pin: fetched` at the product",
        );
    }
}

fn draft(reader: &mut Reader, node: &Node, name: CustomerName, around: &Surroundings<'_>) -> Draft {
    let fields = reader.fields(node, &CUSTOMER);
    let asks = match fields.get("arrives") {
        Some(node) => reader.duration(node).inspect(|arrives| {
            before_the_end(reader, node, *arrives, around.horizon);
        }),
        None => Some(Span::ZERO),
    };
    let arrives = asks.unwrap_or_default();
    let service = match fields.get("service") {
        Some(node) => reader
            .word(node, "a service", SERVICES)
            .unwrap_or(Service::New),
        None => Service::New,
    };
    let cardholder = fields
        .get("cardholder")
        .and_then(|node| cardholder(reader, node));
    let product = product(reader, &fields, around.tenant);
    let customer = Customer {
        arrives,
        station: station(reader, &fields, node, around.stations),
        pin: fields.get("pin").and_then(|node| pin(reader, node)),
        product,
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
        orders: ordering(reader, &fields, arrives, around.horizon),
        seal: Seal::Proper,
        taps: fields
            .get("taps")
            .and_then(|node| reader.word(node, "a number of taps", TAPS))
            .unwrap_or(Taps::Once),
        takes: fields
            .get("takes")
            .and_then(|node| taking(reader, node))
            .unwrap_or_default(),
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
        asks,
        of,
        pin: fields.get("pin").map(|node| node.span.clone()),
        written,
    }
}

/// Each `of:` names somebody who asks earlier, wherever in the file; name and product are that customer's unless written.
fn look_up_owners(reader: &mut Reader, mut drafts: Vec<Draft>) -> Vec<Draft> {
    // Whoever asks earlier has inherited already when somebody inherits from them.
    let mut by_time: Vec<usize> = (0..drafts.len()).collect();
    by_time.sort_by_key(|index| drafts[*index].asks);
    for index in by_time {
        let Some((name, span)) = drafts[index].of.take() else {
            continue;
        };
        let draft = &drafts[index];
        let owner = drafts
            .iter()
            .find(|other| other.customer.name.as_ref() == name);
        let Some(owner) = owner else {
            let known: Vec<String> = drafts
                .iter()
                .map(|draft| draft.customer.name.to_string())
                .collect();
            reader.unknown_name(&span, "customer", &name, &known);
            continue;
        };
        if comes_first(reader, &span, owner, draft) {
            let owner = owner.customer.clone();
            let Draft {
                customer, written, ..
            } = &mut drafts[index];
            inherit(customer, &owner, written);
            customer.of = Some(owner.name);
        }
    }
    drafts
}

/// Whether the owner asks before the draft's customer does; says so if not.
fn comes_first(reader: &mut Reader, span: &Range<usize>, owner: &Draft, draft: &Draft) -> bool {
    let (Some(first), Some(second)) = (owner.asks, draft.asks) else {
        return false;
    };
    let (old, new) = (&owner.customer.name, &draft.customer.name);
    if old == new {
        reader.conflict(
            span,
            format!("`{new}` asks for one card only, which is nobody's old one"),
            "expected another customer",
            "leave `of:` away for a card of long ago",
        );
    } else if first >= second {
        let title = format!("`{old}` has no card yet when `{new}` asks");
        let label = format!("`{old}` arrives at {first}, `{new}` at {second}");
        let help = format!("let `{new}` arrive when `{old}` has the card");
        reader.conflict(span, title, label, &help);
    }
    first < second
}

fn inherit(customer: &mut Customer, owner: &Customer, written: &Written) {
    if !written.product {
        customer.product = owner.product.clone();
    }
    if !written.cardholder {
        customer.cardholder.clone_from(&owner.cardholder);
    }
}
