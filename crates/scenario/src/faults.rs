//! `faults:`: what goes wrong. The names, their parameters and what they strike come from the catalogue.

mod arguments;
pub(crate) mod behaviour;
pub(crate) mod operator;
mod section;
pub(crate) mod tables;
mod target;
pub(crate) mod underway;
mod when;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use persotwin_contract::ids::PersoStation;
use persotwin_faults::place::stock::StockFault;
use persotwin_faults::place::wire::WireFault;
use persotwin_faults::value::{Parameter, Percent};
use persotwin_faults::{Entry, Fault, FaultId, Onset, Place, When, catalogue, entry};
use persotwin_link::Span;
use persotwin_link::card_stock::CardStock;
use persotwin_link::setup::Station;
use persotwin_link::stock::StockName;

use crate::faults::arguments::Written;
pub(crate) use crate::faults::section::FAULTS;
pub(crate) use crate::faults::target::link_of;
pub(crate) use crate::faults::when::moment;
use crate::grammar::canonical;
use crate::node::{Key, Node, Value};
use crate::plan::{Absence, Customer, PlannedAction, PlannedFault};
use crate::reader::{Reader, shorten};
use crate::stocks;

/// Who and what can be named.
pub(crate) struct Cast<'a> {
    pub(crate) stations: &'a BTreeMap<PersoStation, Station>,
    pub(crate) customers: &'a [Customer],
    pub(crate) stocks: &'a BTreeMap<StockName, CardStock>,
    pub(crate) unsaid: Unsaid,
}

/// What it means when nobody says when something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsaid {
    /// That somebody forgot: the story has not begun.
    Forgotten,
    /// That it happens now, so long after the start.
    Now(Span),
}

/// The ids of a file, and who waits for which.
#[derive(Default)]
pub(crate) struct Ids {
    taken: BTreeSet<FaultId>,
    awaited: Vec<(Range<usize>, FaultId)>,
}

/// Keys with their values, as they are written.
pub(crate) type Keys<'n> = BTreeMap<String, (&'n Key, &'n Node)>;

/// Reads `faults:` and `operator:`, which may wait for each other.
pub(crate) fn read(
    reader: &mut Reader,
    faults: Option<&Node>,
    actions: Option<&Node>,
    cast: &Cast<'_>,
) -> (Vec<PlannedFault>, Vec<PlannedAction>) {
    let mut ids = Ids::default();
    let items = |reader: &mut Reader, node: Option<&Node>, what| match node {
        Some(node) if node.value != Value::Empty => reader.items(node, what).to_vec(),
        _ => Vec::new(),
    };
    let faults = items(reader, faults, "a list of faults")
        .iter()
        .filter_map(|item| fault(reader, item, cast, &mut ids))
        .collect();
    let actions = items(reader, actions, "a list of actions")
        .iter()
        .filter_map(|item| operator::read(reader, item, cast, &mut ids))
        .collect();
    ids.all_known(reader);
    (faults, actions)
}

impl Ids {
    /// Ids beside others that are taken.
    pub(crate) fn beside(taken: &BTreeSet<FaultId>) -> Self {
        Self {
            taken: taken.clone(),
            ..Self::default()
        }
    }

    /// Whoever is waited for must be there.
    pub(crate) fn all_known(&self, reader: &mut Reader) {
        let known: Vec<String> = self.taken.iter().map(ToString::to_string).collect();
        for (span, id) in &self.awaited {
            if !self.taken.contains(id) {
                reader.unknown_name(span, "fault or action", id.as_ref(), &known);
            }
        }
    }

    /// The id that is written, or one made of the name.
    pub(crate) fn take(
        &mut self,
        reader: &mut Reader,
        node: Option<&Node>,
        name: &str,
    ) -> Option<FaultId> {
        if let Some(node) = node {
            let id: FaultId = reader.parsed(node, "an id")?;
            if !self.taken.insert(id.clone()) {
                let title = format!("`{id}` is the id of two");
                reader.conflict(&node.span, title, "again here", "give each its own id");
            }
            return Some(id);
        }
        let numbered = (2..).map(|n| format!("{name}-{n}"));
        let mut ids = std::iter::once(name.to_owned()).chain(numbered);
        let id: FaultId =
            ids.find_map(|id| id.parse().ok().filter(|id| !self.taken.contains(id)))?;
        self.taken.insert(id.clone());
        Some(id)
    }

    /// Somebody waits for this one.
    pub(crate) fn await_one(&mut self, span: &Range<usize>, id: &FaultId) {
        self.awaited.push((span.clone(), id.clone()));
    }
}

/// The keys of an item, whatever they are called.
pub(crate) fn keys<'n>(reader: &mut Reader, node: &'n Node, what: &str) -> Keys<'n> {
    let entries = reader.entries(node, what).into_iter();
    entries
        .map(|(key, value)| (canonical(&key.text), (key, value)))
        .collect()
}

fn fault(reader: &mut Reader, node: &Node, cast: &Cast<'_>, ids: &mut Ids) -> Option<PlannedFault> {
    let keys = keys(reader, node, "a fault");
    let get = |name: &str| keys.get(name).map(|(_, value)| *value);
    let Some(name) = get("fault") else {
        if matches!(node.value, Value::Map(_) | Value::Empty) {
            let start = node.span.start..node.span.start;
            let mistake =
                reader.mistake(&start, "a fault needs `fault:`", "`fault:` is missing here");
            reader.report(mistake.note("its name in the catalogue; `persotwin faults` lists them"));
        }
        return None;
    };
    let entry = known(reader, name)?;
    section::check_keys(reader, &keys, entry);
    let id = ids.take(reader, get("id"), entry.name);
    let aim = target::read(reader, node, &keys, entry.place.aim(), cast);
    let mut written = Written::new(reader, &keys);
    // Without a target its parameters are read all the same, for their mistakes.
    let target = aim
        .clone()
        .unwrap_or_else(|| target::any(entry.place.aim()));
    let fault = Fault::read(entry, target, &mut written);
    let when = strikes_when(reader, node, get("when"), entry, cast, ids);
    let times = get("times").map(|node| reader.count(node, 1..=u32::MAX));
    let lasts = get("for").map(|node| reader.duration(node));
    let chance = get("chance").map(|node| chance(reader, node));
    let absence = get("may-miss").map(|node| absence(reader, node));
    let fault = fault.filter(|_| aim.is_some())?;
    if let Fault::Stock(_, StockFault::OtherBlanks { stock, .. }) = &fault {
        let node = get("stock").unwrap_or(name);
        stocks::known_as(reader, &node.span, stock, cast.stocks)?;
    }
    let lasts = lasts.map_or(Some(None), |lasts| lasts.map(Some))?;
    let goes_on = lasts.is_some() || matches!(fault, Fault::Wire(_, WireFault::Partition { .. }));
    Some(PlannedFault {
        id: id?,
        span: name.span.clone(),
        fault,
        when: when?,
        times: match times {
            Some(times) => Some(times?),
            None => (!goes_on).then_some(1),
        },
        lasts,
        chance: chance.map_or(Some(Percent::ALL), |chance| chance)?,
        absence: absence.unwrap_or(Absence::Fails),
    })
}

/// The entry of a name.
fn known(reader: &mut Reader, node: &Node) -> Option<&'static Entry> {
    let text = reader.text(node, "a fault's name")?;
    let found = entry(text);
    if found.is_none() {
        let names: Vec<String> = catalogue().map(|entry| entry.name.to_owned()).collect();
        let title = format!("there is no fault `{}`", shorten(text));
        let mistake = reader.mistake(&node.span, title, "unknown fault");
        let nearest = crate::nearest::nearest(text, names.iter().map(String::as_str));
        reader.report(match nearest {
            Some(name) => mistake.help(format!("did you mean `{name}`?")),
            None => mistake.note("`persotwin faults` lists them all"),
        });
    }
    found
}

/// When it strikes: outer none after a mistake, inner none for what is there from the start.
#[expect(
    clippy::option_option,
    reason = "a mistake is not the absence of an instant"
)]
fn strikes_when(
    reader: &mut Reader,
    node: &Node,
    when: Option<&Node>,
    entry: &Entry,
    cast: &Cast<'_>,
    ids: &mut Ids,
) -> Option<Option<When>> {
    let strikes_messages = matches!(entry.place, Place::Wire | Place::Evolution);
    match (entry.onset, when) {
        (Onset::FromTheStart, None) if cast.unsaid == Unsaid::Forgotten => Some(None),
        (Onset::FromTheStart, None) => {
            let title = format!("`{}` is there from the start", entry.name);
            let help = "write it under `faults:` and start anew";
            let label = "only a scenario's file can have it";
            reader.conflict(&node.span, title, label, help);
            None
        }
        (Onset::FromTheStart, Some(when)) => {
            let title = format!("`{}` is there from the start", entry.name);
            reader.conflict(
                &when.span,
                title,
                "not at a later instant",
                "leave `when:` away",
            );
            None
        }
        (Onset::Live, Some(when)) => {
            let own = if strikes_messages {
                when::Own::Messages
            } else {
                when::Own::Nothing
            };
            when::read(reader, when, own, cast, ids).map(Some)
        }
        (Onset::Live, None) if strikes_messages => Some(Some(When::OwnCall(1))),
        (Onset::Live, None) => {
            if let Unsaid::Now(now) = cast.unsaid {
                return Some(Some(When::At(now)));
            }
            let start = node.span.start..node.span.start;
            let title = format!("`{}` needs `when:`", entry.name);
            let mistake = reader.mistake(&start, title, "`when:` is missing here");
            reader.report(mistake.help("write `when: { at: 30s }`, or name a moment or a stage"));
            None
        }
    }
}

fn chance(reader: &mut Reader, node: &Node) -> Option<Percent> {
    let text = reader.text(node, "a chance")?;
    let chance = Percent::read(text).filter(|chance| *chance > Percent::NONE);
    if chance.is_none() {
        reader.wrong(node, "a chance", "a share from 1% to 100%");
    }
    chance
}

/// `true` or `false`.
pub(crate) fn absence(reader: &mut Reader, node: &Node) -> Absence {
    let words = [("true", Absence::Allowed), ("false", Absence::Fails)];
    reader
        .word(node, "yes or no", &words)
        .unwrap_or(Absence::Fails)
}
