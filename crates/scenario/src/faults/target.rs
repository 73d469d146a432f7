//! What a fault or an action strikes: `link:`, `machine:`, `station:`, `customer:`.

use persotwin_contract::ids::PersoStation;
use persotwin_faults::Target;
use persotwin_faults::entry::Aim;
use persotwin_faults::fault::{Orders, Traffic};
use persotwin_link::{CustomerName, Door, Link, Machine};

use crate::faults::{Cast, Keys};
use crate::machines;
use crate::nearest::nearest;
use crate::node::Node;
use crate::reader::{Reader, shorten};

/// The keys that name what is struck, the first one always written where there is no other way to know.
pub(crate) const fn keys(aim: Aim) -> &'static [&'static str] {
    match aim {
        Aim::Link => &["link", "from", "customer"],
        Aim::Machine => &["machine"],
        Aim::Station => &["station"],
        Aim::Customer | Aim::Orders => &["customer"],
    }
}

/// Something of that kind, so that the rest of a mistaken item can be read.
pub(crate) fn any(aim: Aim) -> Target {
    let station = crate::scenario::default_station;
    match aim {
        Aim::Link => Target::Link(Traffic {
            link: Link::to(Door::Orders),
            from: None,
            customer: None,
        }),
        Aim::Machine => Target::Machine(Machine::D1),
        Aim::Station => Target::Station(station()),
        Aim::Customer | Aim::Orders => Target::Orders(Orders { customer: None }),
    }
}

/// Reads what is struck.
pub(crate) fn read(
    reader: &mut Reader,
    item: &Node,
    keys: &Keys<'_>,
    aim: Aim,
    cast: &Cast<'_>,
) -> Option<Target> {
    let get = |name: &str| keys.get(name).map(|(_, node)| *node);
    let mut named = |name: &str| match get(name) {
        None => Some(None),
        Some(node) => customer(reader, node, cast).map(Some),
    };
    match aim {
        Aim::Link => {
            let customer = named("customer");
            let from = match get("from") {
                None => Some(None),
                Some(node) => machine(reader, node, cast).map(Some),
            };
            let link = match get("link") {
                Some(node) => link(reader, node, cast),
                None => missing(reader, item, "link", "link: d1.orders"),
            };
            Some(Target::Link(Traffic {
                link: link?,
                from: from?,
                customer: customer?,
            }))
        }
        Aim::Machine => match get("machine") {
            Some(node) => machine(reader, node, cast).map(Target::Machine),
            None => missing(reader, item, "machine", "machine: d1"),
        },
        Aim::Station => match get("station") {
            Some(node) => station(reader, node, cast).map(Target::Station),
            None => only_station(reader, item, cast).map(Target::Station),
        },
        Aim::Customer => match (named("customer")?, cast.customers) {
            (Some(customer), _) => Some(Target::Customer(customer)),
            (None, [only]) => Some(Target::Customer(only.name.clone())),
            (None, _) => missing(reader, item, "customer", "customer: alice"),
        },
        Aim::Orders => named("customer").map(|customer| Target::Orders(Orders { customer })),
    }
}

fn missing<T>(reader: &mut Reader, item: &Node, key: &str, example: &str) -> Option<T> {
    let start = item.span.start..item.span.start;
    let title = format!("this needs `{key}:`");
    let mistake = reader.mistake(&start, title, format!("`{key}:` is missing here"));
    reader.report(mistake.help(format!("write `{example}`")));
    None
}

fn only_station(reader: &mut Reader, item: &Node, cast: &Cast<'_>) -> Option<PersoStation> {
    match (cast.stations.len(), cast.stations.keys().next()) {
        (1, Some(only)) => Some(only.clone()),
        _ => missing(reader, item, "station", "station: KIOSK-PS-101"),
    }
}

/// A station of the file.
fn station(reader: &mut Reader, node: &Node, cast: &Cast<'_>) -> Option<PersoStation> {
    let text = reader.text(node, "a station")?;
    let found = cast.stations.keys().find(|id| id.as_str() == text);
    if found.is_none() {
        let known: Vec<String> = cast.stations.keys().map(ToString::to_string).collect();
        reader.unknown_name(&node.span, "station", text, &known);
    }
    found.cloned()
}

/// A customer of the file.
pub(crate) fn customer(reader: &mut Reader, node: &Node, cast: &Cast<'_>) -> Option<CustomerName> {
    let text = reader.text(node, "a customer")?;
    let mut names = cast.customers.iter().map(|customer| &customer.name);
    let found = names.find(|name| name.as_ref() == text);
    if found.is_none() {
        let names = cast.customers.iter();
        let known: Vec<String> = names.map(|customer| customer.name.to_string()).collect();
        reader.unknown_name(&node.span, "customer", text, &known);
    }
    found.cloned()
}

fn machine(reader: &mut Reader, node: &Node, cast: &Cast<'_>) -> Option<Machine> {
    let text = reader.text(node, "a machine")?;
    machines::any(reader, text, &node.span, cast.stations)
}

/// A link, or some of its messages.
pub(crate) fn link(reader: &mut Reader, node: &Node, cast: &Cast<'_>) -> Option<Link> {
    let text = reader.text(node, "a link")?;
    let link = link_of(reader, text, &node.span)?;
    let unknown = link
        .station
        .as_ref()
        .filter(|id| !cast.stations.contains_key(*id));
    if let Some(id) = unknown {
        let known: Vec<String> = cast.stations.keys().map(ToString::to_string).collect();
        reader.unknown_name(&node.span, "station", id.as_str(), &known);
        return None;
    }
    Some(link)
}

/// A link by its text alone.
pub(crate) fn link_of(
    reader: &mut Reader,
    text: &str,
    span: &std::ops::Range<usize>,
) -> Option<Link> {
    let error = match text.parse::<Link>() {
        Ok(link) => return Some(link),
        Err(error) => error,
    };
    let mistake = reader.mistake(span, shorten(&error.to_string()), "unknown link");
    let known: Vec<String> = all_links().collect();
    let doors: Vec<&str> = Door::ALL.iter().map(|door| door.word()).collect();
    reader.report(match nearest(text, known.iter().map(String::as_str)) {
        Some(name) => mistake.help(format!("did you mean `{name}`?")),
        None => mistake.note(format!("known: {}", doors.join(", "))),
    });
    None
}

fn all_links() -> impl Iterator<Item = String> {
    let whole = Door::ALL.iter().map(|door| door.word().to_owned());
    let parts = Door::ALL.iter().flat_map(|door| {
        let messages = door.messages().iter();
        messages.map(move |message| format!("{door} {message}"))
    });
    whole.chain(parts)
}
