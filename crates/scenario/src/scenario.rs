//! A scenario's file, from the top.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use persotwin_contract::ids::{CardProductId, PersoStation};
use persotwin_link::Span;
use persotwin_link::setup::Station;
use persotwin_link::tenant::{AssertionKeys, Tenant};

use crate::customers::Surroundings;
use crate::diagnostic::Diagnostic;
use crate::grammar::{Field, Section, Shape};
use crate::node::{Node, Value};
use crate::plan::Plan;
use crate::reader::{Fields, Reader, shorten};
use crate::source::Source;
use crate::tenant::{TENANT, TenantFile};
use crate::{
    customers, expect, faults, network, products, rules, staff, stations, stocks, tenant, timing,
    yaml,
};

/// The language's version that this program reads.
const VERSION: &str = "1";
/// What to write into an empty file.
const EXAMPLE: &str =
    "persotwin: 1\nname: A customer gets a card\ncustomers:\n  alice: { arrives: 0s }";
/// The seed of a scenario that names none.
const SEED: u64 = 1;
/// A Wednesday in mid-month, during shop hours.
const STARTS: &str = "2026-06-17T10:00:00Z";
/// The longest story that is no mistake.
const HORIZON: Span = Span::from_secs(2 * 60 * 60);

pub(crate) static SCENARIO: Section = Section {
    name: "a scenario",
    doc: "One file, one story: who wants a card, where it is made, what happens, and what shall be true in the end.",
    fields: &[
        Field::required(
            "persotwin",
            Shape::Word(&["1"]),
            "The version of this language.",
        ),
        Field::required("name", Shape::Text, "The title of the story."),
        Field::optional("about", Shape::Text, "The story in a sentence or two."),
        Field::default("seed", Shape::Count, "1", "Where all chance comes from."),
        Field::default(
            "starts",
            Shape::Form("a date or an instant", r"^\d{4}-\d{2}-\d{2}(T.+)?$"),
            STARTS,
            "When the world begins, from 2000 to 2089: an instant, or a date, which means ten o'clock UTC.",
        ),
        Field::default(
            "horizon",
            Shape::Duration,
            "2h",
            "How long the story may take before it counts as hanging.",
        ),
        Field::optional(
            "tenant",
            Shape::Any(&[
                Shape::Form("the path of a tenant's file", r"\S"),
                Shape::Section(&TENANT),
            ]),
            "Another tenant than the built-in one: a file's path, seen from this file, or the tenant itself.",
        ),
        Field::optional(
            "products",
            products::PRODUCTS,
            "Card products, besides those of the tenant or instead of them.",
        ),
        Field::optional(
            "d1_rules",
            Shape::Section(&rules::D1_RULES),
            "D1's rules in this story.",
        ),
        Field::optional(
            "d1",
            Shape::Section(&timing::D1),
            "D1's patience and persistence in this story.",
        ),
        Field::optional(
            "issuer",
            Shape::Section(&timing::ISSUER),
            "The issuer's patience and persistence in this story.",
        ),
        Field::optional(
            "clocks",
            network::CLOCKS,
            "Machines whose clocks are wrong: `issuer: 5m behind`, `agent/KIOSK-PS-101: 2s ahead`.",
        ),
        Field::optional(
            "link-latency",
            Shape::Any(&[Shape::Word(&["none"]), Shape::Section(&network::LATENCIES)]),
            "How long messages travel. `none` is no time at all.",
        ),
        Field::optional(
            "stations",
            stations::STATIONS,
            "Where cards are made. Without it: the tenant's stations, else one kiosk KIOSK-PS-101.",
        ),
        Field::required("customers", customers::CUSTOMERS, "Who wants a card."),
        Field::optional(
            "staff",
            staff::STAFFS,
            "Who looks at the cards in each branch. Branches without an entry have staff with every default.",
        ),
        Field::optional("faults", faults::FAULTS, "What goes wrong."),
        Field::optional(
            "operator",
            faults::operator::ACTIONS,
            "What operators and staff do, besides their daily work.",
        ),
        Field::optional(
            "behaviour",
            faults::behaviour::BEHAVIOUR,
            "Machines without one of their protections, by the names that `persotwin naive` lists.",
        ),
        Field::optional(
            "expect",
            Shape::Section(&expect::EXPECT),
            "What shall be true when the story has ended.",
        ),
    ],
};

/// The station of a scenario that has none.
pub(crate) fn default_station() -> PersoStation {
    fixed("KIOSK-PS-101")
}

/// The product of a customer who asks for none.
pub(crate) fn default_product() -> CardProductId {
    fixed("VISA-CLASSIC")
}

#[expect(
    clippy::expect_used,
    reason = "constants of this file, which every test reads"
)]
fn fixed<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a constant of the language")
}

/// Reads a scenario's text; `load` reads a file that it names, by its path from where `path` counts from.
///
/// # Errors
/// Every mistake of the file, and of the tenant's file that it names.
pub fn parse(
    path: &str,
    text: &str,
    load: &dyn Fn(&Path) -> io::Result<String>,
) -> Result<Plan, Vec<Diagnostic>> {
    let source = Arc::new(Source::new(path, text));
    let node = yaml::read(&source).map_err(|mistake| vec![mistake])?;
    let mut reader = Reader::new(&source);
    if node.value == Value::Empty {
        reader.empty_file(EXAMPLE);
        return Err(reader.into_mistakes());
    }
    if node.begins_with("persotwin-tenant") {
        reader.other_file(
            &node,
            "this is a tenant's file, not a scenario",
            "give it to `persotwin up --tenant FILE`, or name it under `tenant:` in a scenario",
        );
        return Err(reader.into_mistakes());
    }
    if let Some(node) = node.child("persotwin")
        && !reader.version(node, "persotwin", VERSION)
    {
        // What another version means by the rest nobody here knows.
        return Err(reader.into_mistakes());
    }
    let plan = read(&mut reader, &node, load);
    let mistakes = reader.into_mistakes();
    if mistakes.is_empty() {
        Ok(plan)
    } else {
        Err(mistakes)
    }
}

fn read(reader: &mut Reader, node: &Node, load: &dyn Fn(&Path) -> io::Result<String>) -> Plan {
    let fields = reader.fields(node, &SCENARIO);
    let mut file = tenant_of(reader, &fields, load);
    change_tenant(reader, &fields, &mut file);
    let starts = fields
        .get("starts")
        .and_then(|node| instant(reader, node))
        .unwrap_or_else(|| fixed(STARTS));
    let horizon = match fields.get("horizon") {
        Some(node) => horizon(reader, node),
        None => Some(HORIZON),
    };
    let stations = stations_of(reader, &fields, file.stations, &file.tenant);
    let around = Surroundings {
        stations: &stations,
        tenant: &file.tenant,
        starts,
        horizon,
    };
    let customers = fields
        .get("customers")
        .map(|node| customers::read(reader, node, &around))
        .unwrap_or_default();
    let cast = faults::Cast {
        stations: &stations,
        customers: &customers,
        stocks: &file.tenant.stocks,
        unsaid: faults::Unsaid::Forgotten,
    };
    let (faults, actions) =
        faults::read(reader, fields.get("faults"), fields.get("operator"), &cast);
    let expectations = fields
        .get("expect")
        .map(|node| expect::read(reader, node, &customers, &stations))
        .unwrap_or_default();
    Plan {
        source: Arc::clone(reader.source()),
        name: fields
            .get("name")
            .and_then(|node| reader.text(node, "a title"))
            .unwrap_or_default()
            .to_owned(),
        about: fields
            .get("about")
            .and_then(|node| reader.text(node, "text"))
            .map(str::to_owned),
        seed: fields
            .get("seed")
            .and_then(|node| seed(reader, node))
            .unwrap_or(SEED),
        starts,
        horizon: horizon.unwrap_or(HORIZON),
        link_latency: fields
            .get("link-latency")
            .map(|node| network::read_latencies(reader, node))
            .unwrap_or_default(),
        clocks: fields
            .get("clocks")
            .map(|node| network::read_clocks(reader, node, &stations))
            .unwrap_or_default(),
        issuer_keys: issuer_keys(&fields, &file.tenant),
        tenant: file.tenant,
        issuer_signs_with: None,
        issuer_url: file.issuer_url,
        staff: staff::read(reader, fields.get("staff"), &stations),
        protections: faults::behaviour::read(reader, fields.get("behaviour")),
        stations,
        customers,
        faults,
        actions,
        expectations,
    }
}

/// The built-in tenant, one in the file, or one in a file of its own.
fn tenant_of(
    reader: &mut Reader,
    fields: &Fields<'_>,
    load: &dyn Fn(&Path) -> io::Result<String>,
) -> TenantFile {
    let empty = Node {
        span: 0..0,
        value: Value::Empty,
    };
    let Some(node) = fields.get("tenant") else {
        return tenant::read(reader, &empty);
    };
    let Value::Scalar(name, _) = &node.value else {
        return tenant::read(reader, node);
    };
    let folder = Path::new(reader.source().path())
        .parent()
        .unwrap_or(Path::new(""));
    let path = folder.join(name);
    match load(&path) {
        Err(error) => {
            let title = format!("the tenant's file `{}` cannot be read", shorten(name));
            let mistake = reader
                .mistake(&node.span, title, error.to_string())
                .help("the path is seen from this scenario's folder");
            reader.report(mistake);
        }
        Ok(text) => match tenant::parse_tenant(&path.to_string_lossy(), &text) {
            Ok(file) => return file,
            Err(mistakes) => reader.adopt(mistakes),
        },
    }
    tenant::read(reader, &empty)
}

/// The place to show when somebody misses the issuer's private key.
fn issuer_keys(fields: &Fields<'_>, tenant: &Tenant) -> Option<Range<usize>> {
    let AssertionKeys::Public(_) = tenant.assertion_keys else {
        return None;
    };
    let node = fields.get("tenant")?;
    let inside = node.entry("issuer-keys").map(|entry| &entry.key.span);
    Some(inside.unwrap_or(&node.span).clone())
}

/// What the scenario changes of its tenant.
fn change_tenant(reader: &mut Reader, fields: &Fields<'_>, file: &mut TenantFile) {
    if let Some(node) = fields.get("products") {
        let tenant = &mut file.tenant;
        let places = products::read(reader, node, &mut tenant.products, &tenant.stocks);
        stocks::have_room(reader, tenant, &stocks::Places::new(), &places);
    }
    if let Some(node) = fields.get("d1_rules") {
        rules::read(reader, node, &mut file.tenant.d1_rules);
    }
    if let Some(node) = fields.get("d1") {
        timing::read_d1(reader, node, &mut file.tenant.d1_timing);
    }
    if let Some(node) = fields.get("issuer") {
        timing::read_issuer(reader, node, &mut file.tenant.issuer_timing);
    }
}

fn stations_of(
    reader: &mut Reader,
    fields: &Fields<'_>,
    of_tenant: BTreeMap<PersoStation, Station>,
    tenant: &Tenant,
) -> BTreeMap<PersoStation, Station> {
    let mut all = match fields.get("stations") {
        Some(node) => stations::read(reader, node, &of_tenant, &tenant.stocks),
        None => of_tenant,
    };
    if all.is_empty() {
        all.insert(default_station(), Station::kiosk(default_station()));
    }
    all
}

fn instant(reader: &mut Reader, node: &Node) -> Option<Timestamp> {
    let text = reader.text(node, "a date or an instant")?;
    let of_date = || {
        text.parse::<Date>()
            .ok()
            .filter(|_| text.len() == "2026-06-17".len())
    };
    let at_ten =
        of_date().and_then(|date| date.at(10, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).ok());
    let found = at_ten
        .map(|zoned| zoned.timestamp())
        .or_else(|| text.parse().ok());
    if found.is_none() {
        reader.wrong(
            node,
            "a date or an instant",
            "`2026-06-17` or `2026-06-17T10:00:00Z`",
        );
    }
    found.filter(|found| has_card_dates(reader, node, *found))
}

/// Whether the dates on cards made then can be told: they have two digits for the year, and lie some years ahead.
fn has_card_dates(reader: &mut Reader, node: &Node, starts: Timestamp) -> bool {
    let year = starts.to_zoned(jiff::tz::TimeZone::UTC).year();
    let known = (2000..=2089).contains(&year);
    if !known {
        let mistake = reader
            .mistake(
                &node.span,
                "no card has dates of that time",
                "expected a day from 2000-01-01 to 2089-12-31",
            )
            .note("dates on cards have two digits for the year");
        reader.report(mistake);
    }
    known
}

fn horizon(reader: &mut Reader, node: &Node) -> Option<Span> {
    let horizon = reader.duration(node)?;
    if horizon == Span::ZERO {
        reader.wrong(node, "a horizon", "some time, like 2h");
        return None;
    }
    Some(horizon)
}

fn seed(reader: &mut Reader, node: &Node) -> Option<u64> {
    let text = reader.text(node, "a seed")?;
    let found = text
        .parse()
        .ok()
        .filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    if found.is_none() {
        reader.wrong(node, "a seed", "a whole number of at most 64 bits");
    }
    found
}

impl Reader {
    /// A file without a word.
    pub(crate) fn empty_file(&mut self, example: &str) {
        let mistake = self.mistake(&(0..0), "this file is empty", "nothing here");
        self.report(mistake.help(format!("begin with these lines:\n{example}")));
    }

    /// A file of the other kind: one mistake, and not one for each of its keys.
    pub(crate) fn other_file(&mut self, node: &Node, title: &str, help: &str) {
        let key = match &node.value {
            Value::Map(entries) => entries.first().map(|entry| entry.key.span.clone()),
            _ => None,
        };
        self.conflict(&key.unwrap_or(0..0), title, "told by this key", help);
    }

    /// Whether this program reads that version; else says who can.
    pub(crate) fn version(&mut self, node: &Node, key: &str, known: &str) -> bool {
        let Some(text) = self.text(node, "a version") else {
            return false;
        };
        if text == known {
            return true;
        }
        let later = text.parse::<u32>().is_ok_and(|version| version > 1);
        let mistake = self.mistake(
            &node.span,
            format!(
                "`{key}: {}` is not a version that this program reads",
                shorten(text)
            ),
            format!("expected {known}"),
        );
        let mistake = if later {
            mistake.help("a later release of persotwin can read it; this one reads version 1")
        } else {
            mistake.help(format!("write `{key}: {known}`"))
        };
        self.report(mistake);
        false
    }
}
