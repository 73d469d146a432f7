//! Machines by name, as they stand in a file.

use std::collections::BTreeMap;
use std::ops::Range;

use persotwin_contract::ids::PersoStation;
use persotwin_link::Machine;
use persotwin_link::setup::Station;

use crate::reader::Reader;

type Stations = BTreeMap<PersoStation, Station>;

/// Any machine that can fail: `issuer`, `d1`, `agent/KIOSK-PS-101`, `station/KIOSK-PS-101`.
pub(crate) const MACHINE: &str = "^(issuer|d1|(agent|station)(/[A-Za-z0-9_-]{1,64})?)$";

/// A machine with a clock of its own.
pub(crate) fn with_clock(
    reader: &mut Reader,
    text: &str,
    span: &Range<usize>,
    stations: &Stations,
) -> Option<Machine> {
    let agents = stations.keys().cloned().map(Machine::Agent);
    let known = [Machine::Issuer, Machine::D1].into_iter().chain(agents);
    find(
        reader,
        text,
        span,
        "machine with a clock",
        &known.collect::<Vec<_>>(),
    )
}

/// Any machine that can fail. Where there is but one station, its id may be left away.
pub(crate) fn any(
    reader: &mut Reader,
    text: &str,
    span: &Range<usize>,
    stations: &Stations,
) -> Option<Machine> {
    if let (1, Some(only)) = (stations.len(), stations.keys().next()) {
        match text {
            "agent" => return Some(Machine::Agent(only.clone())),
            "station" => return Some(Machine::Station(only.clone())),
            _ => {}
        }
    }
    let agents = stations.keys().cloned().map(Machine::Agent);
    let hardware = stations.keys().cloned().map(Machine::Station);
    let known = [Machine::Issuer, Machine::D1].into_iter();
    find(
        reader,
        text,
        span,
        "machine",
        &known.chain(agents).chain(hardware).collect::<Vec<_>>(),
    )
}

fn find(
    reader: &mut Reader,
    text: &str,
    span: &Range<usize>,
    what: &str,
    machines: &[Machine],
) -> Option<Machine> {
    let found = machines.iter().find(|machine| machine.to_string() == text);
    if found.is_none() {
        let known: Vec<String> = machines.iter().map(ToString::to_string).collect();
        reader.unknown_name(span, what, text, &known);
    }
    found.cloned()
}
