//! `expect:`: what shall be true when the story has ended.

use std::collections::BTreeMap;

use persotwin_contract::ids::PersoStation;
use persotwin_contract::notification::ProductionStatus;
use persotwin_contract::production::ProductionCode;
use persotwin_contract::refusal::ErrorCode;
use persotwin_faults::{Law, Milestone};
use persotwin_link::setup::Station;
use persotwin_link::{CustomerName, Link, Span};

use crate::expectation::{
    CardEnd, Expectation, OfCustomer, Refused, Screen, Since, StationCount, Wanted,
};
use crate::faults;
use crate::grammar::{Field, ID, NAME, Section, Shape};
use crate::node::{Key, Node, Value};
use crate::plan::Customer;
use crate::reader::{Fields, Reader};

pub(crate) static EXPECT: Section = Section {
    name: "`expect:`",
    doc: "What shall be true when the story has ended. Whatever is not written is not judged, except by the laws.",
    fields: &[
        Field::optional(
            "customers",
            Shape::Names {
                what: "customer",
                pattern: NAME,
                value: &Shape::Section(&CUSTOMER),
            },
            "Of each customer.",
        ),
        Field::optional(
            "stations",
            Shape::Names {
                what: "perso station",
                pattern: ID,
                value: &Shape::Section(&STATION),
            },
            "Of each station, counted by its hardware.",
        ),
        Field::optional(
            "notifications",
            Shape::Section(&NOTIFICATIONS),
            "Of D1's notifications.",
        ),
        Field::optional("orders", Shape::Section(&ORDERS), "Of the orders at D1."),
        Field::optional(
            "done-not-in-hand",
            Shape::Count,
            "How many cards D1 calls done that are in nobody's hand.",
        ),
        Field::optional(
            "dead-letters",
            Shape::Count,
            "How many notifications D1 has given up.",
        ),
        Field::optional(
            "in-doubt",
            Shape::Any(&[
                Shape::Word(&["any"]),
                Shape::List(&Shape::Form("a customer's name", NAME)),
            ]),
            "Whose orders D1 lists as in doubt, and nobody else's; `any` allows every doubt. Without it no order may end in doubt.",
        ),
        Field::optional("calls", CALLS, "How many calls were made on a link."),
        Field::optional(
            "laws",
            Shape::Names {
                what: "law",
                pattern: "^[a-z-]+$",
                value: &Shape::Word(&["broken", "may-break"]),
            },
            "Laws that are `broken` in this story, or that `may-break` as far as a fault breaks them by itself, whatever machines do about it; all others must hold.",
        ),
    ],
};

/// `calls:`.
const CALLS: Shape = Shape::Names {
    what: "link",
    pattern: r"^\S+( \S+)?$",
    value: &Shape::Count,
};

static CUSTOMER: Section = Section {
    name: "an expected customer",
    doc: "What shall be true of a customer.",
    fields: &[
        Field::optional(
            "issuer-knows",
            Shape::List(&Shape::Word(STATUSES)),
            "Which statuses of the order the issuer has learnt, in this order, and no other. `UNKNOWN` is any that no document lists.",
        ),
        Field::optional(
            "refused",
            Shape::Form("a refusal", "^([A-Z_]+( [A-Za-z0-9_.-]+)?|4[0-9][0-9])$"),
            "How D1 refused the order: `FIELD_INVALID_VALUE persoStation` (an error code, and the field that D1 names), an error code alone, or an HTTP status like `403`.",
        ),
        Field::optional(
            "within",
            Shape::Form("a limit", "^.+ of (arrival|order)$"),
            "When the story was over at the latest, `4m of arrival` or `2m of order`: the card in the hand, in the bin or on the tray and the issuer informed, or the customer told sorry.",
        ),
        Field::optional(
            "card",
            Shape::Word(&["taken", "captured", "in-tray", "none"]),
            "Where the card is: in the hand, finished but in the reject bin, on a branch's tray, or not finished at all.",
        ),
        Field::optional("cards", Shape::Count, "How many cards the customer holds."),
        Field::optional(
            "screen",
            Shape::Word(&["waiting", "printing", "take-your-card", "sorry"]),
            "What kiosk or app show last.",
        ),
        Field::optional(
            "code",
            Shape::Form("a production code", "^[A-Z][A-Z_]+$"),
            "The code that the issuer has heard with the outcome, like `PRD_FEEDER_EMPTY`.",
        ),
        Field::optional(
            "calls",
            CALLS,
            "How many calls about this customer's card were made on a link.",
        ),
        Field::optional(
            "happens",
            Shape::List(&Shape::Word(Milestone::WORDS)),
            "Named moments that there were, in this order; others may lie between them.",
        ),
    ],
};

static STATION: Section = Section {
    name: "an expected station",
    doc: "What the hardware of a station counted.",
    fields: &[
        Field::optional("taken", Shape::Count, "Cards taken out of the exit."),
        Field::optional(
            "rejected",
            Shape::Count,
            "Cards and blanks in the reject bin, captured ones included.",
        ),
        Field::optional(
            "captured",
            Shape::Count,
            "Finished cards in the reject bin.",
        ),
        Field::optional("presented", Shape::Count, "Cards that came to the exit."),
        Field::optional("blanks-left", Shape::Count, "Blanks left in all hoppers."),
    ],
};

static NOTIFICATIONS: Section = Section {
    name: "`notifications:`",
    doc: "What shall be true of D1's notifications.",
    fields: &[Field::required(
        "count",
        Shape::Count,
        "How many the issuer accepted as new: one for each status of each order.",
    )],
};

static ORDERS: Section = Section {
    name: "`orders:`",
    doc: "What shall be true of the orders at D1.",
    fields: &[
        Field::optional(
            "accepted",
            Shape::Count,
            "How many D1 accepted; the same order again counts once.",
        ),
        Field::optional("refused", Shape::Count, "How many D1 refused with a 4xx."),
    ],
};

/// The documented words of instant issuance, and one for all others.
const STATUSES: &[&str] = &[
    "CARD_PROD_REQUESTED",
    "CARD_PROD_READY",
    "CARD_PROD_DONE",
    "DATA_EXCEPTION",
    "CARD_PROD_EXCEPTION",
    "CARD_PROD_CANCELED",
    UNKNOWN,
];
/// Stands for any status that no document lists.
const UNKNOWN: &str = "UNKNOWN";

/// Reads `expect:`; who is expected must exist.
pub(crate) fn read(
    reader: &mut Reader,
    node: &Node,
    customers: &[Customer],
    stations: &BTreeMap<PersoStation, Station>,
) -> Vec<Expectation> {
    let fields = reader.fields(node, &EXPECT);
    let mut found = Vec::new();
    let all = fields
        .get("customers")
        .map(|node| reader.entries(node, "the expected customers"))
        .unwrap_or_default();
    for (key, value) in all {
        let of_customer = of_customer(reader, value);
        if let Some(name) = known_customer(reader, key, customers) {
            found.extend(
                of_customer.into_iter().map(|(node, wanted)| {
                    expectation(node, Wanted::Customer(name.clone(), wanted))
                }),
            );
        }
    }
    let all = fields
        .get("stations")
        .map(|node| reader.entries(node, "the expected stations"))
        .unwrap_or_default();
    for (key, value) in all {
        let of_station = of_station(reader, value);
        if let Some(id) = known_station(reader, key, stations) {
            found.extend(of_station.into_iter().map(|(node, what, count)| {
                expectation(node, Wanted::Station(id.clone(), what, count))
            }));
        }
    }
    if let Some(node) = fields.get("notifications") {
        let fields = reader.fields(node, &NOTIFICATIONS);
        counted(
            reader,
            fields.get("count"),
            Wanted::Notifications,
            &mut found,
        );
    }
    if let Some(node) = fields.get("orders") {
        let fields = reader.fields(node, &ORDERS);
        counted(
            reader,
            fields.get("accepted"),
            Wanted::OrdersAccepted,
            &mut found,
        );
        counted(
            reader,
            fields.get("refused"),
            Wanted::OrdersRefused,
            &mut found,
        );
    }
    counted(
        reader,
        fields.get("done-not-in-hand"),
        Wanted::DoneNotInHand,
        &mut found,
    );
    counted(
        reader,
        fields.get("dead-letters"),
        Wanted::DeadLetters,
        &mut found,
    );
    of_the_end(reader, &fields, customers, &mut found);
    found.sort_by_key(|expectation| expectation.span.start);
    found
}

/// Doubts, calls and laws.
fn of_the_end(
    reader: &mut Reader,
    fields: &Fields<'_>,
    customers: &[Customer],
    found: &mut Vec<Expectation>,
) {
    if let Some(node) = fields.get("in-doubt") {
        if let Value::Scalar(..) = node.value {
            if reader
                .word(node, "a list of customers", &[("any", ())])
                .is_some()
            {
                found.push(expectation(node, Wanted::AnyDoubt));
            }
        } else {
            found.extend(doubts(reader, node, customers));
        }
    }
    let calls = fields.get("calls").map(|node| calls(reader, node));
    for (node, link, count) in calls.into_iter().flatten() {
        found.push(expectation(node, Wanted::Calls(link, count)));
    }
    let laws = fields
        .get("laws")
        .map(|node| reader.entries(node, "the laws"));
    for (key, node) in laws.into_iter().flatten() {
        type Becomes = fn(Law) -> Wanted;
        let words: [(&str, Becomes); 2] = [
            ("broken", Wanted::LawBroken),
            ("may-break", Wanted::LawMayBreak),
        ];
        let becomes = reader.word(node, "what becomes of a law", &words);
        match (Law::of(&key.text), becomes) {
            (Some(law), Some(becomes)) => found.push(expectation(node, becomes(law))),
            (Some(_), None) => {}
            (None, _) => {
                let known: Vec<String> = Law::WORDS.iter().map(ToString::to_string).collect();
                reader.unknown_name(&key.span, "law", &key.text, &known);
            }
        }
    }
}

/// The orders that shall be in doubt.
fn doubts(reader: &mut Reader, node: &Node, customers: &[Customer]) -> Option<Expectation> {
    let items = reader.items(node, "a list of customers");
    let names: Vec<Option<CustomerName>> = items
        .iter()
        .map(|item| doubted(reader, item, customers))
        .collect();
    let names: Option<_> = names.into_iter().collect();
    names.map(|names| expectation(node, Wanted::InDoubt(names)))
}

fn doubted(reader: &mut Reader, node: &Node, customers: &[Customer]) -> Option<CustomerName> {
    let text = reader.text(node, "a customer")?;
    let key = Key {
        text: text.to_owned(),
        span: node.span.clone(),
    };
    known_customer(reader, &key, customers)
}

/// Counts of calls by link.
fn calls<'n>(reader: &mut Reader, node: &'n Node) -> Vec<(&'n Node, Link, u32)> {
    let mut found = Vec::new();
    for (key, value) in reader.entries(node, "the calls") {
        let link = faults::link_of(reader, &key.text, &key.span);
        let count = reader.count(value, 0..=u32::MAX);
        if let (Some(link), Some(count)) = (link, count) {
            found.push((value, link, count));
        }
    }
    found
}

fn expectation(node: &Node, wanted: Wanted) -> Expectation {
    Expectation {
        span: node.span.clone(),
        wanted,
    }
}

fn counted(
    reader: &mut Reader,
    node: Option<&Node>,
    wanted: fn(u32) -> Wanted,
    found: &mut Vec<Expectation>,
) {
    let Some(node) = node else { return };
    found.extend(
        reader
            .count(node, 0..=u32::MAX)
            .map(|count| expectation(node, wanted(count))),
    );
}

fn known_customer(reader: &mut Reader, key: &Key, customers: &[Customer]) -> Option<CustomerName> {
    let found = customers
        .iter()
        .find(|customer| customer.name.as_ref() == key.text);
    if found.is_none() {
        let known: Vec<String> = customers
            .iter()
            .map(|customer| customer.name.to_string())
            .collect();
        reader.unknown_name(&key.span, "customer", &key.text, &known);
    }
    found.map(|customer| customer.name.clone())
}

fn known_station(
    reader: &mut Reader,
    key: &Key,
    stations: &BTreeMap<PersoStation, Station>,
) -> Option<PersoStation> {
    let found = stations.keys().find(|id| id.as_str() == key.text);
    if found.is_none() {
        let known: Vec<String> = stations.keys().map(ToString::to_string).collect();
        reader.unknown_name(&key.span, "station", &key.text, &known);
    }
    found.cloned()
}

fn of_customer<'n>(reader: &mut Reader, node: &'n Node) -> Vec<(&'n Node, OfCustomer)> {
    let fields = reader.fields(node, &CUSTOMER);
    let mut found = Vec::new();
    let mut add = |node: Option<&'n Node>, read: &mut dyn FnMut(&'n Node) -> Option<OfCustomer>| {
        found.extend(node.and_then(|node| Some((node, read(node)?))));
    };
    add(fields.get("issuer-knows"), &mut |node| {
        issuer_knows(reader, node).map(OfCustomer::IssuerKnows)
    });
    add(fields.get("refused"), &mut |node| {
        refused(reader, node).map(OfCustomer::Refused)
    });
    add(fields.get("within"), &mut |node| within(reader, node));
    add(fields.get("card"), &mut |node| {
        reader
            .word(node, "an end of a card", CardEnd::WORDS)
            .map(OfCustomer::Card)
    });
    add(fields.get("cards"), &mut |node| {
        reader.count(node, 0..=u32::MAX).map(OfCustomer::Cards)
    });
    add(fields.get("screen"), &mut |node| {
        reader
            .word(node, "a screen", Screen::WORDS)
            .map(OfCustomer::Screen)
    });
    add(fields.get("code"), &mut |node| {
        let text = reader.text(node, "a production code")?;
        let code = ProductionCode::ALL
            .iter()
            .find(|code| code.as_str() == text);
        if code.is_none() {
            let words: Vec<&str> = ProductionCode::ALL
                .iter()
                .map(|code| code.as_str())
                .collect();
            reader.not_a_word(node, text, "a production code", &words);
        }
        code.copied().map(OfCustomer::Code)
    });
    add(fields.get("happens"), &mut |node| {
        let items = reader.items(node, "a list of moments");
        let moments: Vec<Option<Milestone>> = items
            .iter()
            .map(|item| faults::moment(reader, item))
            .collect();
        let moments: Option<Vec<Milestone>> = moments.into_iter().collect();
        moments.map(OfCustomer::Happens)
    });
    let counted = fields.get("calls").map(|node| calls(reader, node));
    let of_calls = |(node, link, count)| (node, OfCustomer::Calls(link, count));
    found.extend(counted.into_iter().flatten().map(of_calls));
    found
}

fn of_station<'n>(reader: &mut Reader, node: &'n Node) -> Vec<(&'n Node, StationCount, u32)> {
    let fields = reader.fields(node, &STATION);
    let counts = StationCount::WORDS.iter().filter_map(|(word, what)| {
        let node = fields.get(word)?;
        Some((node, *what, reader.count(node, 0..=u32::MAX)?))
    });
    counts.collect()
}

fn issuer_knows(reader: &mut Reader, node: &Node) -> Option<Vec<ProductionStatus>> {
    let mut statuses: Vec<ProductionStatus> = Vec::new();
    let items = reader.items(node, "a list of statuses");
    let before = items.len();
    for item in items {
        let Some(text) = reader.text(item, "a production status") else {
            continue;
        };
        let status = ProductionStatus::from(text);
        if matches!(&status, ProductionStatus::Unknown(word) if word != UNKNOWN) {
            reader.not_a_word(item, text, "a production status", STATUSES);
        } else {
            statuses.push(status);
        }
    }
    (statuses.len() == before).then_some(statuses)
}

fn refused(reader: &mut Reader, node: &Node) -> Option<Refused> {
    let text = reader.text(node, "a refusal")?;
    if let Some(status) = text
        .parse()
        .ok()
        .filter(|status| (400..500).contains(status))
    {
        return Some(Refused::Status(status));
    }
    let (code, field) = match text.split_once(' ') {
        Some((code, field)) => (code, Some(field.to_owned())),
        None => (text, None),
    };
    let known = code.parse::<ErrorCode>().ok();
    if known.is_none() {
        let words: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        let what = "an error code of D1 or a status from 400 to 499";
        reader.not_a_word(node, code, what, &words);
    }
    known.map(|code| Refused::Code(code, field))
}

fn within(reader: &mut Reader, node: &Node) -> Option<OfCustomer> {
    let text = reader.text(node, "a limit")?;
    let parts = text.split_once(" of ").and_then(|(limit, since)| {
        let since = Since::WORDS.iter().find(|(word, _)| *word == since)?.1;
        Some((limit.parse::<Span>().ok()?, since))
    });
    if parts.is_none() {
        reader.wrong(
            node,
            "a limit",
            "a duration and its beginning, `4m of arrival` or `2m of order`",
        );
    }
    parts.map(|(limit, since)| OfCustomer::Within(limit, since))
}
