//! Without what has a default.

use super::Search;
use crate::draft::Draft;
use crate::value::{Settings, Value};

/// A place in a draft: a section, then keys.
pub(super) type Path = Vec<String>;

/// Every map of a draft that stands in it: the world's settings, and each entry and item.
pub(super) fn roots(draft: &Draft) -> Vec<Root> {
    let mut roots = vec![Root::World];
    let named = [
        (&draft.stations, Section::Stations),
        (&draft.customers, Section::Customers),
        (&draft.staff, Section::Staff),
    ];
    for (section, which) in named {
        roots.extend(section.keys().map(|key| Root::Entry(which, key.to_owned())));
    }
    roots.extend((0..draft.faults.len()).map(Root::Fault));
    roots.extend((0..draft.operator.len()).map(Root::Action));
    roots
}

/// A map of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Root {
    World,
    Entry(Section, String),
    Fault(usize),
    Action(usize),
}

/// A part with names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Stations,
    Customers,
    Staff,
}

impl Root {
    /// The map in a draft; none once it is gone.
    pub(super) fn of<'a>(&self, draft: &'a mut Draft) -> Option<&'a mut Settings> {
        match self {
            Self::World => Some(&mut draft.settings),
            Self::Entry(section, name) => {
                let section = match section {
                    Section::Stations => &mut draft.stations,
                    Section::Customers => &mut draft.customers,
                    Section::Staff => &mut draft.staff,
                };
                crate::draft::entry(section, name)
            }
            Self::Fault(n) => draft.faults.get_mut(*n),
            Self::Action(n) => draft.operator.get_mut(*n),
        }
    }
}

/// The paths of all keys below a map, outer ones before inner ones.
pub(super) fn paths(settings: &Settings) -> Vec<Path> {
    let mut all = Vec::new();
    for (key, value) in settings.iter() {
        all.push(vec![key.to_owned()]);
        if let Value::Map(inner) = value {
            let below = paths(inner).into_iter();
            all.extend(below.map(|path| [vec![key.to_owned()], path].concat()));
        }
    }
    all
}

/// The map that holds the last key of a path.
pub(super) fn holder<'a>(settings: &'a mut Settings, path: &[String]) -> Option<&'a mut Settings> {
    match path {
        [] => None,
        [_] => Some(settings),
        [first, rest @ ..] => match settings.get_mut(first)? {
            Value::Map(inner) => holder(inner, rest),
            Value::Scalar(_) | Value::List(_) => None,
        },
    }
}

/// What makes an item what it is.
const STAYS: [&str; 2] = ["fault", "does"];

/// Leaves away one key after the other, and maps that have become empty.
pub(super) fn shrink(search: &mut Search<'_>) {
    for root in roots(&search.best) {
        let all = root.of(&mut search.best).map(|map| paths(map));
        for path in all.unwrap_or_default() {
            let Some(key) = path.last().filter(|key| !STAYS.contains(&key.as_str())) else {
                continue;
            };
            let mut candidate = search.best.clone();
            let held = root
                .of(&mut candidate)
                .and_then(|map| holder(map, &path))
                .map(|map| map.remove(key));
            if held.is_some() {
                search.tries(candidate);
            }
        }
    }
}
