//! `operator:`: what operators and staff do.

use persotwin_faults::action::{
    Action, ActionEntry, AtStation, ToMachine, ToOrder, action, actions,
};
use persotwin_faults::{Target, When};
use persotwin_link::Span;

use crate::faults::arguments::Written;
use crate::faults::{Cast, Ids, Unsaid, absence, keys, section, target, when};
use crate::grammar::Shape;
use crate::node::{Node, Value};
use crate::plan::{Absence, PlannedAction};
use crate::reader::{Reader, shorten};

/// `operator:`.
pub(crate) const ACTIONS: Shape = Shape::List(&Shape::Catalogue(section::of_action));

/// Reads one action.
pub(crate) fn read(
    reader: &mut Reader,
    node: &Node,
    cast: &Cast<'_>,
    ids: &mut Ids,
) -> Option<PlannedAction> {
    let keys = keys(reader, node, "an action");
    let get = |name: &str| keys.get(name).map(|(_, value)| *value);
    let Some(name) = get("does") else {
        if matches!(node.value, Value::Map(_) | Value::Empty) {
            let start = node.span.start..node.span.start;
            let mistake =
                reader.mistake(&start, "an action needs `does:`", "`does:` is missing here");
            reader.report(mistake.help("write `does: refill`"));
        }
        return None;
    };
    let entry = known(reader, name)?;
    section::check_action_keys(reader, &keys, entry);
    let id = ids.take(reader, get("id"), entry.name);
    let target = target::read(reader, node, &keys, entry.aim, cast);
    let mut written = Written::new(reader, &keys);
    let action = match target {
        Some(Target::Station(station)) => {
            AtStation::read(entry.name, &mut written).map(|does| Action::Station(station, does))
        }
        Some(Target::Machine(machine)) => {
            ToMachine::read(entry.name, &mut written).map(|does| Action::Machine(machine, does))
        }
        Some(Target::Customer(customer)) => {
            ToOrder::read(entry.name, &mut written).map(|does| Action::Order(customer, does))
        }
        Some(Target::Link(_) | Target::Orders(_)) | None => None,
    };
    let when = done_when(reader, node, &keys, cast, ids);
    let absence = get("may-miss").map_or(Absence::Fails, |node| absence(reader, node));
    Some(PlannedAction {
        id: id?,
        span: name.span.clone(),
        action: action?,
        when: when?,
        absence,
    })
}

fn known(reader: &mut Reader, node: &Node) -> Option<&'static ActionEntry> {
    let text = reader.text(node, "an action")?;
    let found = action(text);
    if found.is_none() {
        let title = format!("nobody knows how to `{}`", shorten(text));
        let mistake = reader.mistake(&node.span, title, "unknown action");
        let names: Vec<&str> = actions().map(|entry| entry.name).collect();
        reader.report(match crate::nearest::nearest(text, names.iter().copied()) {
            Some(name) => mistake.help(format!("did you mean `{name}`?")),
            None => mistake.note(format!("known: {}", names.join(", "))),
        });
    }
    found
}

/// `at:`, `after:` with `wait:`, or a whole `when:`.
fn done_when(
    reader: &mut Reader,
    item: &Node,
    keys: &super::Keys<'_>,
    cast: &Cast<'_>,
    ids: &mut Ids,
) -> Option<When> {
    let get = |name: &str| keys.get(name).map(|(_, value)| *value);
    let wait = get("wait").map_or(Some(Span::ZERO), |node| reader.duration(node));
    match (get("at"), get("after"), get("when")) {
        (Some(at), None, None) => {
            let at = reader.duration(at)?;
            Some(When::At(Span::from(at.get() + wait?.get())))
        }
        (None, Some(after), None) => {
            let id = when::awaited(reader, after, ids)?;
            Some(When::After { id, wait: wait? })
        }
        (None, None, Some(when)) => when::read(reader, when, when::Own::Nothing, cast, ids),
        (None, None, None) => {
            if let Unsaid::Now(now) = cast.unsaid {
                return Some(When::At(Span::from(now.get() + wait?.get())));
            }
            let start = item.span.start..item.span.start;
            let mistake = reader.mistake(
                &start,
                "when is it done?",
                "`at:`, `after:` or `when:` is missing here",
            );
            reader.report(mistake.help("write `at: 5m`, or `after:` with the id of a fault"));
            None
        }
        (Some(node), _, _) | (None, Some(node), _) => {
            reader.conflict(
                &node.span,
                "`at:`, `after:` and `when:` exclude each other",
                "one of them too many",
                "keep one of them",
            );
            None
        }
    }
}
