//! The keys of faults and actions, as the catalogue decides them: for reader, schema and reference alike.

use std::sync::OnceLock;

use persotwin_faults::action::{ActionEntry, actions};
use persotwin_faults::entry::{Aim, Entry, Param};
use persotwin_faults::value::Kind;
use persotwin_faults::{Place, catalogue};

use crate::faults::{Keys, target, when};
use crate::grammar::{Field, NAME, Section, Shape, canonical};
use crate::machines::MACHINE;
use crate::nearest::nearest;
use crate::reader::{Reader, shorten};

/// `faults:`.
pub(crate) const FAULTS: Shape = Shape::List(&Shape::Catalogue(of_fault));

const ID: Shape = Shape::Form("an id", "^[A-Za-z0-9_-]{1,64}$");
const TARGETS: [Field; 5] = [
    Field::optional(
        "link",
        Shape::Form("a link", r"^\S+( \S+)?$"),
        "For faults of messages: on which link, `d1.orders`, `agent.jobs/KIOSK-PS-101`, or only some of its messages, `d1.orders poll`.",
    ),
    Field::optional(
        "from",
        Shape::Form("a machine", MACHINE),
        "For faults of messages: only what this machine says.",
    ),
    Field::optional(
        "machine",
        Shape::Form("a machine", MACHINE),
        "For faults of machines: `issuer`, `d1`, `agent/KIOSK-PS-101` or `station/KIOSK-PS-101`; where there is one station, `agent` and `station`.",
    ),
    Field::optional(
        "station",
        Shape::Form("a perso station's id", "^[A-Za-z0-9_-]{1,64}$"),
        "For faults of a station: which. Without it: the only one.",
    ),
    Field::optional(
        "customer",
        Shape::Form("a customer's name", NAME),
        "Whose card, order or behaviour. Faults of messages without it strike anybody's.",
    ),
];

/// What may be written for any fault, beside its target.
const COMMON: [&str; 7] = ["fault", "id", "when", "times", "for", "chance", "may-miss"];
/// What may be written for any action, beside its target.
const ACTION: [&str; 7] = ["does", "id", "at", "after", "wait", "when", "may-miss"];

/// A fault's section: every key that any of them has.
pub(crate) fn of_fault() -> &'static Section {
    static SECTION: OnceLock<&'static Section> = OnceLock::new();
    SECTION.get_or_init(|| {
        let names: Vec<&'static str> = catalogue().map(|entry| entry.name).collect();
        let mut fields = vec![
            Field::required(
                "fault",
                Shape::Word(names.leak()),
                "Its name in the catalogue, which `persotwin faults` prints.",
            ),
            Field::optional("id", ID, "A name by which others wait for it. Without it: the fault's own."),
            Field::optional(
                "when",
                Shape::Section(&when::WHEN),
                "When it strikes. Without it, a fault of messages strikes the first one.",
            ),
            Field::default(
                "times",
                Shape::Count,
                "1",
                "How often it strikes; without it and with `for:`, as often as it can.",
            ),
            Field::optional("for", Shape::Duration, "For how long."),
            Field::default(
                "chance",
                Shape::Form("a share", "^[0-9]{1,3}%$"),
                "100%",
                "How likely it strikes each time, drawn from the seed.",
            ),
            Field::default(
                "may-miss",
                Shape::Word(&["true", "false"]),
                "false",
                "Whether the scenario may be good although it never strikes.",
            ),
        ];
        fields.extend(TARGETS);
        let params = catalogue().flat_map(|entry| entry.params.iter().map(|param| (param, entry.name)));
        add_params(&mut fields, params);
        Box::leak(Box::new(Section {
            name: "a fault",
            doc: "Something that goes wrong. Besides these keys each fault has the parameters of its own that the catalogue lists, and no others.",
            fields: fields.leak(),
        }))
    })
}

/// An action's section: every key that any of them has.
pub(crate) fn of_action() -> &'static Section {
    static SECTION: OnceLock<&'static Section> = OnceLock::new();
    SECTION.get_or_init(|| {
        let names: Vec<&'static str> = actions().map(|entry| entry.name).collect();
        let mut fields = vec![
            Field::required(
                "does",
                Shape::Word(names.leak()),
                "What is done; the table stands below.",
            ),
            Field::optional(
                "id",
                ID,
                "A name by which others wait for it. Without it: the action's own.",
            ),
            Field::optional("at", Shape::Duration, "So long after the start."),
            Field::optional(
                "after",
                ID,
                "After the first strike of a fault, or after another action.",
            ),
            Field::default("wait", Shape::Duration, "0s", "So much later than that."),
            Field::optional("when", Shape::Section(&when::WHEN), "Any other instant."),
            Field::default(
                "may-miss",
                Shape::Word(&["true", "false"]),
                "false",
                "Whether the scenario may be good although it is never done.",
            ),
        ];
        fields.extend(
            TARGETS
                .into_iter()
                .filter(|field| !matches!(field.name, "link" | "from")),
        );
        let params =
            actions().flat_map(|entry| entry.params.iter().map(|param| (param, entry.name)));
        add_params(&mut fields, params);
        Box::leak(Box::new(Section {
            name: "an action",
            doc: "What an operator or somebody of the staff does.",
            fields: fields.leak(),
        }))
    })
}

fn add_params(
    fields: &mut Vec<Field>,
    params: impl Iterator<Item = (&'static Param, &'static str)>,
) {
    let params: Vec<(String, &Param, &str)> =
        params.map(|(param, of)| (param.key(), param, of)).collect();
    for (key, param, _) in &params {
        if fields.iter().any(|field| field.name == key) {
            continue;
        }
        let doc = meanings(
            params
                .iter()
                .filter(|(other, ..)| other == key)
                .map(|(_, param, of)| (param.doc, *of)),
        );
        fields.push(Field::optional(
            key.clone().leak(),
            shape(param.kind),
            doc.leak(),
        ));
    }
}

/// What a key means, for all of whom it means the same.
fn meanings<'a>(told: impl Iterator<Item = (&'static str, &'a str)>) -> String {
    let mut meanings: Vec<(&str, Vec<String>)> = Vec::new();
    for (doc, of) in told {
        let of = format!("`{of}`");
        match meanings.iter_mut().find(|(other, _)| *other == doc) {
            Some((_, owners)) => owners.push(of),
            None => meanings.push((doc, vec![of])),
        }
    }
    let sentences = meanings
        .iter()
        .map(|(doc, owners)| format!("Of {}: {doc}", owners.join(", ")));
    sentences.collect::<Vec<_>>().join(" ")
}

fn shape(kind: Kind) -> Shape {
    match kind {
        Kind::Span => Shape::Duration,
        Kind::Count | Kind::FromOne => Shape::Count,
        Kind::Percent => Shape::Form("a share", "^[0-9]{1,3}%$"),
        Kind::Text => Shape::Text,
        Kind::Words(words) => Shape::Word(words),
        Kind::SpanOr("never") => Shape::Any(&[Shape::Duration, Shape::Word(&["never"])]),
        Kind::SpanOr(_) => Shape::Any(&[Shape::Duration, Shape::Word(&["none"])]),
    }
}

/// Every key must be one that this fault has.
pub(crate) fn check_keys(reader: &mut Reader, keys: &Keys<'_>, entry: &Entry) {
    let aim = entry.place.aim();
    let common = COMMON.into_iter().filter(|key| match entry.place {
        // A machine comes back by `back-after:`, a jump of a clock is over at once.
        Place::Machine | Place::Calendar => *key != "for",
        _ => true,
    });
    check(
        reader,
        keys,
        entry.name,
        common.collect(),
        aim,
        entry.params,
    );
}

/// Every key must be one that this action has.
pub(crate) fn check_action_keys(reader: &mut Reader, keys: &Keys<'_>, entry: &ActionEntry) {
    check(
        reader,
        keys,
        entry.name,
        ACTION.to_vec(),
        entry.aim,
        entry.params,
    );
}

fn check(
    reader: &mut Reader,
    keys: &Keys<'_>,
    name: &str,
    common: Vec<&'static str>,
    aim: Aim,
    params: &[Param],
) {
    let targets = target::keys(aim).iter().map(ToString::to_string);
    let params = params.iter().map(Param::key);
    let common = common.into_iter().map(str::to_owned);
    let known: Vec<String> = common.chain(targets).chain(params).collect();
    for (written, (key, _)) in keys {
        if known.iter().any(|known| canonical(known) == *written) {
            continue;
        }
        let title = format!("`{name}` has no `{}:`", shorten(&key.text));
        let mistake = reader.mistake(&key.span, title, "unknown key");
        reader.report(match nearest(&key.text, known.iter().map(String::as_str)) {
            Some(name) => mistake.help(format!("did you mean `{name}`?")),
            None => mistake.note(format!("known keys: {}", known.join(", "))),
        });
    }
}
