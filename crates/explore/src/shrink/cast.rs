//! Without customers and stations.

use super::Search;
use crate::draft::{Draft, names};
use crate::value::{Settings, Value};

/// Leaves away customers and stations, with all that hangs on them; else what hangs on one goes to another.
pub(super) fn shrink(search: &mut Search<'_>) {
    for name in names(&search.best.customers).into_iter().rev() {
        if !search.tries(search.best.without(&name)) {
            for other in names(&search.best.customers) {
                if other != name && search.tries(given(&search.best, &name, &other)) {
                    break;
                }
            }
        }
    }
    for name in names(&search.best.stations).into_iter().rev() {
        if !search.tries(search.best.without(&name)) {
            for other in names(&search.best.stations) {
                if other != name && search.tries(given(&search.best, &name, &other)) {
                    break;
                }
            }
        }
    }
    for name in names(&search.best.staff) {
        let mut candidate = search.best.clone();
        candidate.staff.remove(&name);
        search.tries(candidate);
    }
}

/// Without one, whose part another takes.
fn given(draft: &Draft, from: &str, to: &str) -> Draft {
    let mut draft = draft.clone();
    for section in [&mut draft.customers, &mut draft.stations, &mut draft.staff] {
        section.remove(from);
    }
    renamed(&draft, from, to)
}

/// The same with every mention of a name as another; entries of that name too.
pub(super) fn renamed(draft: &Draft, from: &str, to: &str) -> Draft {
    let mut draft = draft.clone();
    for section in [&mut draft.customers, &mut draft.stations, &mut draft.staff] {
        *section = section
            .iter()
            .map(|(key, entry)| {
                let key = if key == from { to } else { key };
                (key.to_owned(), value(entry, from, to))
            })
            .collect();
    }
    for item in draft.faults.iter_mut().chain(&mut draft.operator) {
        *item = settings(item, from, to);
    }
    draft.settings = settings(&draft.settings, from, to);
    draft
}

fn settings(all: &Settings, from: &str, to: &str) -> Settings {
    all.iter()
        .map(|(key, one)| (key.to_owned(), value(one, from, to)))
        .collect()
}

fn value(one: &Value, from: &str, to: &str) -> Value {
    match one {
        Value::Scalar(text) => {
            let words = text.split(' ').map(|word| {
                let parts = word.split('/');
                let parts: Vec<&str> = parts
                    .map(|part| if part == from { to } else { part })
                    .collect();
                parts.join("/")
            });
            Value::Scalar(words.collect::<Vec<_>>().join(" "))
        }
        Value::List(items) => Value::List(items.iter().map(|item| value(item, from, to)).collect()),
        Value::Map(all) => Value::Map(settings(all, from, to)),
    }
}
