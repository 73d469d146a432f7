//! What operators and staff do: they come after faults, and now and then without one.

use persotwin_faults::action::{ActionEntry, actions};
use persotwin_faults::entry::Aim;
use persotwin_link::Span;

use crate::draft::Draft;
use crate::draw::{Cast, Dice, instants, params};
use crate::value::Settings;

/// Draws actions.
pub(super) fn draw(dice: &Dice, cast: &Cast, draft: &mut Draft) {
    let dice = dice.about("repairs");
    let mut all = Vec::new();
    for fault in &draft.faults {
        let (Some(id), Some(station)) = (fault.text("id"), station_of(fault)) else {
            continue;
        };
        // Somebody comes, looks, and does something about it; what they do need not help.
        let dice = dice.about(id);
        if !dice.likely("somebody-comes", 55) {
            continue;
        }
        // At once, or when somebody has time.
        let waits = [1, 2, 5, 10, 20, 45, 90, 180];
        let wait = dice.pick("wait", &waits).copied().unwrap_or(1);
        let wait = Span::from_secs(wait);
        let likely = |entry: &&ActionEntry| {
            entry.aim == Aim::Station && dice.about(entry.name).likely("done", 22)
        };
        for entry in actions().filter(likely).take(3) {
            let action = Settings::new()
                .with("does", entry.name)
                .with("station", station)
                .with("after", id)
                .with("wait", wait);
            all.push(finished(&dice.about(entry.name), entry, action));
        }
    }
    for entry in actions() {
        let dice = dice.about(entry.name);
        if dice.rarely("unasked", 25)
            && let Some(action) = unasked(&dice, cast, entry)
        {
            all.push(action);
        }
    }
    draft.operator = all;
}

/// The station at which a fault strikes: its agent and its hardware stand there, too.
fn station_of(fault: &Settings) -> Option<&str> {
    let of_machine = || fault.text("machine")?.split_once('/');
    fault
        .text("station")
        .or_else(|| of_machine().map(|(_, station)| station))
}

fn unasked(dice: &Dice, cast: &Cast, entry: &ActionEntry) -> Option<Settings> {
    let mut action = Settings::new().with("does", entry.name);
    let station = dice.pick("station", &cast.stations)?;
    match entry.aim {
        Aim::Station => action.set("station", station.as_str()),
        Aim::Machine => {
            let all = [
                "issuer".to_owned(),
                "d1".to_owned(),
                format!("agent/{station}"),
                format!("station/{station}"),
            ];
            action.set("machine", dice.pick("machine", &all)?.as_str());
        }
        Aim::Customer => {
            let customer = dice.pick("customer", &cast.customers)?;
            action.set("customer", customer.as_str());
        }
        Aim::Link | Aim::Orders => return None,
    }
    action.set("when", instants::by_clock(dice, cast));
    Some(finished(dice, entry, action))
}

fn finished(dice: &Dice, entry: &ActionEntry, mut action: Settings) -> Settings {
    params::draw(&dice.about("params"), entry.params, &mut action);
    action.with("may-miss", "true")
}
