//! `stations:`: where cards are made.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use persotwin_contract::ids::PersoStation;
use persotwin_link::Span;
use persotwin_link::card_stock::CardStock;
use persotwin_link::setup::{HeadLimits, Kind, Leftover, Present, Station};
use persotwin_link::stage::Work;
use persotwin_link::stock::{Coercivity, Load, Ribbon, RibbonKind, StockName};
use persotwin_link::timings::Timings;

use crate::grammar::{Field, Section, Shape};
use crate::nearest::nearest;
use crate::node::{Node, Value};
use crate::reader::{Fields, Reader, shorten};
use crate::stocks;

const KINDS: &[(&str, Kind)] = &[("kiosk", Kind::Kiosk), ("branch", Kind::Branch)];
const PRESENTS: &[(&str, Present)] = &[
    ("on-release", Present::OnRelease),
    ("at-once", Present::AtOnce),
    ("by-staff", Present::ByStaff),
];
const RIBBONS: &[(&str, RibbonKind)] =
    &[("ymcko", RibbonKind::Ymcko), ("ymckok", RibbonKind::Ymckok)];
const STRIPES: &[(&str, Coercivity)] = &[("loco", Coercivity::Loco), ("hico", Coercivity::Hico)];
const LEFTOVERS: &[(&str, Leftover)] = &[
    ("leave", Leftover::Leave),
    ("draw-in", Leftover::DrawIn),
    ("reject", Leftover::Reject),
];
const WORKS: &[(&str, Work)] = &[
    ("chip", Work::Chip),
    ("stripe", Work::Stripe),
    ("print", Work::Print),
];

/// `stations:`.
pub(crate) const STATIONS: Shape = Shape::Names {
    what: "perso station",
    pattern: "^[A-Za-z0-9_-]{1,64}$",
    value: &Shape::Section(&STATION),
};

/// The stocks that there are.
type Stocks = BTreeMap<StockName, CardStock>;

/// A stock of blanks.
pub(crate) const STOCK: Shape = Shape::Form("a stock's name", "^[a-z0-9-]{1,32}$");

static STATION: Section = Section {
    name: "a station",
    doc: "A perso station: an agent, a card printer and a chip reader.",
    fields: &[
        Field::default(
            "kind",
            Shape::Word(&["kiosk", "branch"]),
            "kiosk",
            "A kiosk's exit is a bezel that can take the card back; a branch's exit is a tray.",
        ),
        Field::default(
            "zone",
            Shape::Form("a time zone", "^[A-Za-z0-9_+/-]+$"),
            "UTC",
            "The IANA time zone of the place, like `Europe/Paris`: dates on the card are of this zone.",
        ),
        Field::default(
            "blanks",
            Shape::Count,
            "100",
            "How many blanks lie in the one hopper. Write `hoppers:` for several, or for another stock.",
        ),
        Field::optional(
            "hoppers",
            Shape::List(&Shape::Section(&HOPPER)),
            "What lies in each hopper, from number 1. Instead of `blanks:`.",
        ),
        Field::optional(
            "declared",
            Shape::Count,
            "How many blanks the inventory book says were loaded. Without it the book is right.",
        ),
        Field::default(
            "ribbon",
            Shape::Any(&[
                Shape::Form("panel sets", "^[0-9]+ panel sets?$"),
                Shape::Section(&RIBBON),
            ]),
            "500 panel sets",
            "The colour ribbon. One panel set prints one side of a card, or both sides with a `ymckok` ribbon.",
        ),
        Field::optional(
            "head",
            Shape::Section(&HEAD),
            "At which temperatures the print head stops and goes on.",
        ),
        Field::default(
            "encoder",
            Shape::Word(&["loco", "hico"]),
            "hico",
            "For which stripes the encoder is set: low or high coercivity. Another stripe does not read back.",
        ),
        Field::default(
            "leftover",
            Shape::Word(&["leave", "draw-in", "reject"]),
            "leave",
            "What a bezel does by itself with a card that nobody took in time: nothing, until the agent has it drawn in; draws it in; draws it in and drops it into the reject bin.",
        ),
        Field::default(
            "reject-bin",
            Shape::Count,
            "20",
            "How many cards the reject bin holds.",
        ),
        Field::optional(
            "timings",
            Shape::Section(&TIMINGS),
            "How long movements of the hardware take.",
        ),
        Field::optional(
            "present",
            Shape::Word(&["on-release", "at-once", "by-staff"]),
            "When a finished card leaves the machine: after D1's release (a kiosk without this key), as soon as it is finished, or onto the tray where staff look at it (a branch without this key).",
        ),
        Field::default(
            "sequence",
            Shape::List(&Shape::Word(&["chip", "stripe", "print"])),
            "[chip, stripe, print]",
            "The order of the work on a card.",
        ),
        Field::default(
            "hold-limit",
            Shape::Duration,
            "20s",
            "How long a finished card waits inside for D1's decision before the agent captures it.",
        ),
        Field::default(
            "attempts",
            Shape::Count,
            "2",
            "How many blanks the agent tries for one card.",
        ),
        Field::default(
            "help-limit",
            Shape::Duration,
            "0s",
            "How long a job waits for an operator when printer or reader need one, before it fails.",
        ),
    ],
};

static HOPPER: Section = Section {
    name: "a hopper",
    doc: "A stack of blanks.",
    fields: &[
        Field::default("stock", STOCK, "generic-dual", "Which blanks."),
        Field::required("blanks", Shape::Count, "How many."),
        Field::default(
            "stripe",
            Shape::Word(&["loco", "hico"]),
            "hico",
            "Their stripe: low or high coercivity.",
        ),
    ],
};

static RIBBON: Section = Section {
    name: "a ribbon",
    doc: "The colour ribbon in the printer.",
    fields: &[
        Field::default(
            "kind",
            Shape::Word(&["ymcko", "ymckok"]),
            "ymcko",
            "With `ymcko` one panel set prints one side in colour; with `ymckok` the front in colour and the back in black.",
        ),
        Field::required(
            "panel-sets",
            Shape::Count,
            "How many sets of panels it has.",
        ),
    ],
};

static HEAD: Section = Section {
    name: "a print head",
    doc: "The print head's temperatures, in whole degrees Celsius. Printing heats it, time cools it down to 25. All defaults are ours.",
    fields: &[
        Field::default(
            "hot",
            Shape::Count,
            "80",
            "From here on no print begins before the head has cooled.",
        ),
        Field::default("resume", Shape::Count, "60", "So far it cools then."),
    ],
};

/// A movement's name, its default and what it is; then how it is set.
macro_rules! timings {
    ($($name:literal $field:ident = $default:literal, $doc:literal;)+) => {
        static TIMINGS: Section = Section {
            name: "`timings:`",
            doc: "How long movements of the hardware take. All defaults are ours.",
            fields: &[$(Field::default($name, Shape::Duration, $default, $doc)),+],
        };

        fn set_timings(reader: &mut Reader, node: &Node, timings: &mut Timings) {
            let fields = reader.fields(node, &TIMINGS);
            $(reader.set_duration(&fields, $name, &mut timings.$field);)+
        }
    };
}

timings! {
    "feed" feed = "2s", "A blank from the hopper onto the path.";
    "move-to-chip" move_to_chip = "1500ms", "The card to the chip contacts.";
    "chip-reset" chip_reset = "500ms", "The chip wakes up and answers to reset.";
    "apdu" apdu = "25ms", "One command and its answer at the chip.";
    "stripe" stripe = "3s", "The stripe written and read back.";
    "print-front" print_front = "16s", "The front, all panels.";
    "flip" flip = "2s", "The card turned over.";
    "print-back" print_back = "6s", "The back, all panels.";
    "check" check = "500ms", "The final look at both sides.";
    "present" present = "2s", "The card to the exit.";
    "reject" reject = "2s", "The card to the reject bin.";
    "bezel" bezel = "30s", "How long the bezel waits for somebody to take the card.";
}

/// Reads `stations:` over the stations of the tenant.
pub(crate) fn read(
    reader: &mut Reader,
    node: &Node,
    base: &BTreeMap<PersoStation, Station>,
    stocks: &Stocks,
) -> BTreeMap<PersoStation, Station> {
    let mut stations = base.clone();
    for (key, value) in reader.entries(node, "the stations") {
        let Ok(id) = key.text.parse::<PersoStation>() else {
            let title = format!("`{}` is no perso station's id", shorten(&key.text));
            let mistake = reader.mistake(
                &key.span,
                title,
                "expected 1 to 64 letters, digits, hyphens or underscores",
            );
            reader.report(mistake);
            continue;
        };
        let station = station(reader, value, &id, base.get(&id), stocks);
        stations.insert(id, station);
    }
    stations
}

fn station(
    reader: &mut Reader,
    node: &Node,
    id: &PersoStation,
    base: Option<&Station>,
    stocks: &Stocks,
) -> Station {
    let fields = reader.fields(node, &STATION);
    let kind = fields
        .get("kind")
        .and_then(|node| reader.word(node, "a kind of station", KINDS));
    let mut station = match (base, kind) {
        (Some(base), None) => base.clone(),
        (Some(base), Some(kind)) if base.kind == kind => base.clone(),
        (_, Some(Kind::Branch)) => Station::branch(id.clone()),
        _ => Station::kiosk(id.clone()),
    };
    if let Some(node) = fields.get("zone") {
        station.zone = zone(reader, node).unwrap_or(station.zone);
    }
    stock(reader, &fields, &mut station, stocks);
    if let Some(node) = fields.get("ribbon") {
        station.ribbon = ribbon(reader, node).unwrap_or(station.ribbon);
    }
    if let Some(node) = fields.get("head") {
        head(reader, node, &mut station.head);
    }
    reader.set_word(
        &fields,
        "encoder",
        ("a coercivity", STRIPES),
        &mut station.encoder,
    );
    reader.set_word(
        &fields,
        "leftover",
        ("a way to deal with a leftover card", LEFTOVERS),
        &mut station.leftover,
    );
    reader.set_count(&fields, "reject-bin", 0..=u32::MAX, &mut station.reject_bin);
    if let Some(node) = fields.get("timings") {
        set_timings(reader, node, &mut station.timings);
    }
    present(reader, &fields, &mut station);
    if let Some(node) = fields.get("sequence") {
        station.sequence = sequence(reader, node).unwrap_or(station.sequence);
    }
    reader.set_duration(&fields, "hold-limit", &mut station.hold_limit);
    reader.set_count(&fields, "attempts", 1..=u32::MAX, &mut station.attempts);
    reader.set_duration(&fields, "help-limit", &mut station.help_limit);
    station
}

/// Blanks, hoppers and what the book says of them.
fn stock(reader: &mut Reader, fields: &Fields<'_>, station: &mut Station, stocks: &Stocks) {
    if let Some(node) = fields.get("blanks")
        && let Some(blanks) = reader.count(node, 0..=u32::MAX)
    {
        station.hoppers = vec![Load::of(StockName::default(), blanks)];
    }
    if let Some(node) = fields.get("hoppers") {
        if let Some(key) = fields.key("blanks") {
            reader.conflict(
                &key.span,
                "`blanks:` and `hoppers:` say the same thing twice",
                "not beside `hoppers:`",
                "keep one of the two",
            );
        }
        let items = reader.items(node, "the hoppers");
        station.hoppers = items
            .iter()
            .filter_map(|item| hopper(reader, item, stocks))
            .collect();
        if items.is_empty() && matches!(node.value, Value::List(_)) {
            reader.conflict(
                &node.span,
                "a station needs at least one hopper",
                "no hopper here",
                "write `hoppers: [{ blanks: 100 }]`, or `blanks: 100`",
            );
        }
    }
    if fields.get("blanks").or(fields.get("hoppers")).is_some() {
        station.declared = station
            .hoppers
            .iter()
            .fold(0, |sum, load| sum.saturating_add(load.blanks));
    }
    reader.set_count(fields, "declared", 0..=u32::MAX, &mut station.declared);
}

fn hopper(reader: &mut Reader, node: &Node, stocks: &Stocks) -> Option<Load> {
    let fields = reader.fields(node, &HOPPER);
    let stock = match fields.get("stock") {
        Some(node) => stocks::known(reader, node, stocks),
        None => Some(StockName::default()),
    };
    let blanks = fields
        .get("blanks")
        .and_then(|node| reader.count(node, 0..=u32::MAX));
    let mut load = Load::of(stock?, blanks?);
    reader.set_word(
        &fields,
        "stripe",
        ("a coercivity", STRIPES),
        &mut load.stripe,
    );
    Some(load)
}

fn ribbon(reader: &mut Reader, node: &Node) -> Option<Ribbon> {
    if let Value::Scalar(text, _) = &node.value {
        let sets = text
            .strip_suffix(" panel sets")
            .or(text.strip_suffix(" panel set"));
        let panel_sets = sets
            .filter(|sets| sets.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|sets| sets.parse().ok());
        if panel_sets.is_none() {
            reader.wrong(
                node,
                "a ribbon",
                "a number of panel sets, like `500 panel sets`",
            );
        }
        return panel_sets.map(Ribbon::of);
    }
    let fields = reader.fields(node, &RIBBON);
    let panel_sets = reader.count(fields.get("panel-sets")?, 0..=u32::MAX)?;
    let mut ribbon = Ribbon::of(panel_sets);
    reader.set_word(
        &fields,
        "kind",
        ("a kind of ribbon", RIBBONS),
        &mut ribbon.kind,
    );
    Some(ribbon)
}

fn head(reader: &mut Reader, node: &Node, head: &mut HeadLimits) {
    let fields = reader.fields(node, &HEAD);
    reader.set_count(&fields, "hot", 26..=1000, &mut head.hot);
    reader.set_count(&fields, "resume", 25..=1000, &mut head.resume);
    if head.resume >= head.hot {
        reader.conflict(
            &node.span,
            "the head would never go on",
            "`resume` is not below `hot`",
            "let it cool to some degrees below `hot`",
        );
    }
}

fn present(reader: &mut Reader, fields: &Fields<'_>, station: &mut Station) {
    let Some(node) = fields.get("present") else {
        return;
    };
    let Some(present) = reader.word(node, "a way to present a card", PRESENTS) else {
        return;
    };
    if present == Present::ByStaff && station.kind == Kind::Kiosk {
        reader.conflict(
            &node.span,
            "a kiosk has no staff",
            "only at a branch",
            "write `kind: branch` or another `present:`",
        );
    }
    station.present = present;
}

fn sequence(reader: &mut Reader, node: &Node) -> Option<Vec<Work>> {
    let mut works: Vec<Work> = Vec::new();
    for item in reader.items(node, "a sequence of work") {
        let work = reader.word(item, "work on a card", WORKS)?;
        if works.contains(&work) {
            reader.conflict(
                &item.span,
                format!("`{work}` is done twice"),
                "again here",
                "each kind of work is done once",
            );
        }
        works.push(work);
    }
    if works.len() < WORKS.len() {
        let missing: Vec<String> = WORKS
            .iter()
            .filter(|(_, work)| !works.contains(work))
            .map(|(word, _)| format!("`{word}`"))
            .collect();
        let verb = if missing.len() == 1 { "is" } else { "are" };
        reader.conflict(
            &node.span,
            "a card needs all three kinds of work",
            format!("{} {verb} missing", missing.join(" and ")),
            "write chip, stripe and print in any order",
        );
        return None;
    }
    Some(works)
}

fn zone(reader: &mut Reader, node: &Node) -> Option<TimeZone> {
    let text = reader.text(node, "a time zone")?;
    if let Ok(zone) = TimeZone::get(text) {
        return Some(zone);
    }
    let title = format!("there is no time zone `{}`", shorten(text));
    let mistake = reader.mistake(
        &node.span,
        title,
        "expected an IANA name, like `Europe/Paris`",
    );
    let names: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .collect();
    let mistake = match nearest(text, names.iter().map(String::as_str)) {
        Some(name) => mistake.help(format!("did you mean `{name}`?")),
        None => mistake,
    };
    reader.report(mistake);
    None
}

impl Reader {
    /// Sets a duration where its key is written.
    pub(crate) fn set_duration(&mut self, fields: &Fields<'_>, name: &str, target: &mut Span) {
        if let Some(value) = fields.get(name).and_then(|node| self.duration(node)) {
            *target = value;
        }
    }

    /// Sets a word where its key is written.
    pub(crate) fn set_word<T: Copy>(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
        (what, words): (&str, &[(&'static str, T)]),
        target: &mut T,
    ) {
        if let Some(value) = fields
            .get(name)
            .and_then(|node| self.word(node, what, words))
        {
            *target = value;
        }
    }

    /// Sets a count where its key is written.
    pub(crate) fn set_count(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
        range: std::ops::RangeInclusive<u32>,
        target: &mut u32,
    ) {
        if let Some(value) = fields.get(name).and_then(|node| self.count(node, range)) {
            *target = value;
        }
    }
}
