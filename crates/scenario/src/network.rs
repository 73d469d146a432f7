//! `clocks:` and `link-latency:`: machines whose clocks are wrong, and messages that take their time.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use persotwin_contract::ids::PersoStation;
use persotwin_link::setup::Station;
use persotwin_link::{Latencies, Latency, Machine, Span};

use crate::grammar::{Field, Section, Shape};
use crate::machines;
use crate::node::{Node, Value};
use crate::reader::Reader;

/// `clocks:`.
pub(crate) const CLOCKS: Shape = Shape::Names {
    what: "machine",
    pattern: "^(issuer|d1|agent/[A-Za-z0-9_-]{1,64})$",
    value: &Shape::Form("a deviation", "^.+ (ahead|behind)$"),
};

const LATENCY: Shape = Shape::Any(&[Shape::Duration, Shape::Section(&LINK)]);

pub(crate) static LATENCIES: Section = Section {
    name: "`link-latency:`",
    doc: "How long messages travel, by kind of link. All defaults are ours.",
    fields: &[
        Field::default(
            "kiosk",
            LATENCY,
            "{ base: 8ms, jitter: 8ms }",
            "Kiosk or app to the issuer.",
        ),
        Field::default(
            "internet",
            LATENCY,
            "{ base: 20ms, jitter: 15ms }",
            "Between issuer and D1.",
        ),
        Field::default(
            "branch",
            LATENCY,
            "{ base: 25ms, jitter: 20ms }",
            "Between D1 and a station.",
        ),
        Field::default(
            "device",
            LATENCY,
            "{ base: 1ms, jitter: 0s }",
            "Inside a station.",
        ),
    ],
};

static LINK: Section = Section {
    name: "a latency",
    doc: "How long a message travels on a link. A duration alone is a latency without jitter.",
    fields: &[
        Field::required("base", Shape::Duration, "At least this long."),
        Field::default(
            "jitter",
            Shape::Duration,
            "0s",
            "At most this much longer, drawn from the seed.",
        ),
    ],
};

/// Reads `clocks:`.
pub(crate) fn read_clocks(
    reader: &mut Reader,
    node: &Node,
    stations: &BTreeMap<PersoStation, Station>,
) -> BTreeMap<Machine, SignedDuration> {
    let mut clocks = BTreeMap::new();
    for (key, value) in reader.entries(node, "the clocks") {
        let ahead = deviation(reader, value);
        let machine = machines::with_clock(reader, &key.text, &key.span, stations);
        if let (Some(machine), Some(ahead)) = (machine, ahead) {
            clocks.insert(machine, ahead);
        }
    }
    clocks
}

fn deviation(reader: &mut Reader, node: &Node) -> Option<SignedDuration> {
    let text = reader.text(node, "a clock's deviation")?;
    let ahead = text.strip_suffix(" ahead").map(|span| (span, 1));
    let behind = text.strip_suffix(" behind").map(|span| (span, -1));
    let found = ahead.or(behind).and_then(|(span, sign)| {
        let span = SignedDuration::try_from(span.parse::<Span>().ok()?.get()).ok()?;
        span.checked_mul(sign)
    });
    if found.is_none() {
        reader.wrong(
            node,
            "a clock's deviation",
            "a duration and a direction, `5m behind` or `2s ahead`",
        );
    }
    found
}

/// Reads `link-latency:`.
pub(crate) fn read_latencies(reader: &mut Reader, node: &Node) -> Latencies {
    if let Value::Scalar(..) = node.value {
        return reader
            .word(node, "a set of latencies", &[("none", Latencies::NONE)])
            .unwrap_or_default();
    }
    let mut latencies = Latencies::default();
    let fields = reader.fields(node, &LATENCIES);
    for (name, target) in [
        ("kiosk", &mut latencies.kiosk),
        ("internet", &mut latencies.internet),
        ("branch", &mut latencies.branch),
        ("device", &mut latencies.device),
    ] {
        if let Some(latency) = fields.get(name).and_then(|node| latency(reader, node)) {
            *target = latency;
        }
    }
    latencies
}

fn latency(reader: &mut Reader, node: &Node) -> Option<Latency> {
    if let Value::Scalar(..) = node.value {
        return reader.duration(node).map(|base| Latency {
            base,
            jitter: Span::ZERO,
        });
    }
    let fields = reader.fields(node, &LINK);
    let mut latency = Latency::NONE;
    reader.set_duration(&fields, "base", &mut latency.base);
    reader.set_duration(&fields, "jitter", &mut latency.jitter);
    Some(latency)
}
