//! `staff:`: who looks at the cards in a branch.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_contract::ids::PersoStation;
use persotwin_link::setup::{Kind, Station};

use crate::grammar::{Field, Section, Shape};
use crate::node::{Key, Node};
use crate::plan::Staff;
use crate::reader::Reader;

/// `staff:`.
pub(crate) const STAFFS: Shape = Shape::Names {
    what: "branch",
    pattern: "^[A-Za-z0-9_-]{1,64}$",
    value: &Shape::Section(&STAFF),
};

static STAFF: Section = Section {
    name: "staff",
    doc: "The people in a branch. They look at each card on the tray, then hand it over to its customer, or reject it.",
    fields: &[
        Field::default(
            "looks-for",
            Shape::Duration,
            "5s",
            "How long they look at a card.",
        ),
        Field::default(
            "rejects",
            Shape::List(&Shape::Count),
            "[]",
            "Which cards they find not good enough, counted from 1 as they come to the tray. They hand over all others.",
        ),
    ],
};

/// Reads `staff:`; branches without an entry have staff with every default.
pub(crate) fn read(
    reader: &mut Reader,
    node: Option<&Node>,
    stations: &BTreeMap<PersoStation, Station>,
) -> BTreeMap<PersoStation, Staff> {
    let branches = || {
        stations
            .values()
            .filter(|station| station.kind == Kind::Branch)
    };
    let mut staff: BTreeMap<_, _> = branches()
        .map(|station| (station.id.clone(), Staff::default()))
        .collect();
    let entries = node
        .map(|node| reader.entries(node, "the staff"))
        .unwrap_or_default();
    for (key, value) in entries {
        let people = people(reader, value);
        if let Some(id) = branch(reader, key, stations) {
            staff.insert(id, people);
        }
    }
    staff
}

fn branch(
    reader: &mut Reader,
    key: &Key,
    stations: &BTreeMap<PersoStation, Station>,
) -> Option<PersoStation> {
    match stations
        .values()
        .find(|station| station.id.as_str() == key.text)
    {
        Some(station) if station.kind == Kind::Branch => Some(station.id.clone()),
        Some(_) => {
            reader.conflict(
                &key.span,
                "a kiosk has no staff",
                "this station is a kiosk",
                "write `kind: branch` at the station",
            );
            None
        }
        None => {
            let known: Vec<String> = stations.keys().map(ToString::to_string).collect();
            reader.unknown_name(&key.span, "station", &key.text, &known);
            None
        }
    }
}

fn people(reader: &mut Reader, node: &Node) -> Staff {
    let mut staff = Staff::default();
    let fields = reader.fields(node, &STAFF);
    reader.set_duration(&fields, "looks-for", &mut staff.looks_for);
    if let Some(node) = fields.get("rejects") {
        let items = reader.items(node, "a list of cards");
        staff.rejects = items
            .iter()
            .filter_map(|item| reader.count(item, 1..=u32::MAX))
            .collect::<BTreeSet<_>>();
    }
    staff
}
