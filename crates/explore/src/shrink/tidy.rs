//! Plain names, the first seed, and nothing written that goes without saying.

use persotwin_kernel::event::{Disturbance, Event};

use super::Search;
use super::cast::renamed;
use crate::draft::{Draft, names};
use crate::life::Lived;
use crate::value::{Settings, Value};

/// Who stands there when nobody is named.
const STATION: &str = "KIOSK-PS-101";
/// How customers are called.
const CUSTOMERS: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// Tries the names and the seed that a file has without words.
pub(super) fn shrink(search: &mut Search<'_>) {
    let first = Draft {
        seed: 1,
        ..search.best.clone()
    };
    search.tries(first);
    for (name, plain) in names(&search.best.customers).iter().zip(CUSTOMERS) {
        if search.best.customers.get(plain).is_none() {
            search.tries(renamed(&search.best, name, plain));
        }
    }
    if let [station] = names(&search.best.stations).as_slice() {
        let mut candidate = renamed(&search.best, station, STATION);
        if candidate.stations.get(STATION) == Some(&Value::Map(Settings::new())) {
            candidate.stations.remove(STATION);
        }
        search.tries(candidate);
    }
}

/// Takes away what the story proves: that something struck need not be allowed to miss, and a name that nobody uses is none.
pub(super) fn what_happened(draft: &mut Draft, lived: &Lived) {
    let Some(told) = &lived.told else { return };
    let happened: Vec<&str> = told
        .records
        .iter()
        .filter_map(|record| match &record.event {
            Event::Disturbance(Disturbance::Fault { id, .. } | Disturbance::Action { id, .. }) => {
                Some(id.as_str())
            }
            _ => None,
        })
        .collect();
    for fault in &mut draft.faults {
        if fault.text("id").is_some_and(|id| happened.contains(&id)) {
            fault.remove("may-miss");
        }
        if fault.text("id") == fault.text("fault") {
            fault.remove("id");
        }
    }
    let word = |action: &Settings| {
        let id = action.text("id").or(action.text("does"));
        id.map(str::to_owned)
    };
    let words: Vec<_> = draft.operator.iter().map(word).collect();
    for (action, id) in draft.operator.iter_mut().zip(&words) {
        // Of several with one word the journal does not say which it was: all were, or all may miss.
        let alike = words.iter().filter(|other| *other == id).count();
        let times = happened.iter().filter(|one| Some(**one) == id.as_deref());
        if times.count() >= alike {
            action.remove("may-miss");
        }
    }
}
