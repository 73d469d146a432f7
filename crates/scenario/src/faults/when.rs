//! `when:`: the instant at which something strikes or is done.

use persotwin_faults::value::{Parameter, Percent};
use persotwin_faults::{FaultId, Milestone, When};
use persotwin_link::{Span, Stage};

use crate::faults::{Cast, Ids, target};
use crate::grammar::{Field, NAME, Section, Shape};
use crate::node::Node;
use crate::reader::{Fields, Reader};

pub(crate) const STAGES: &[(&str, Stage)] = &[
    ("pick", Stage::Pick),
    ("chip", Stage::Chip),
    ("stripe", Stage::Stripe),
    ("print-front", Stage::PrintFront),
    ("flip", Stage::Flip),
    ("print-back", Stage::PrintBack),
    ("check", Stage::Check),
    ("present", Stage::Present),
    ("reject", Stage::Reject),
];

pub(crate) static WHEN: Section = Section {
    name: "an instant",
    doc: "When something strikes or is done: `at:`, `moment:`, `stage:`, `call:` or `after:`, one of them.",
    fields: &[
        Field::optional("at", Shape::Duration, "So long after the start."),
        Field::optional(
            "moment",
            Shape::Word(Milestone::WORDS),
            "At a named moment; the table of moments stands below.",
        ),
        Field::optional(
            "stage",
            Shape::Word(&[
                "pick",
                "chip",
                "stripe",
                "print-front",
                "flip",
                "print-back",
                "check",
                "present",
                "reject",
            ]),
            "In the middle of work on a card.",
        ),
        Field::default(
            "progress",
            Shape::Form("a share", "^[0-9]{1,3}%$"),
            "0%",
            "With `stage:`: how far the work has come.",
        ),
        Field::optional(
            "call",
            Shape::Count,
            "When the n-th call is made, counted from 1: on the fault's own link, or on `link:`.",
        ),
        Field::optional(
            "link",
            Shape::Form("a link", r"^\S+( \S+)?$"),
            "With `call:`: on which link.",
        ),
        Field::optional(
            "customer",
            Shape::Form("a customer's name", NAME),
            "With `moment:`, `stage:` and `call:`: only where it is about this customer's card.",
        ),
        Field::default(
            "nth",
            Shape::Count,
            "1",
            "With `moment:` and `stage:`: at the n-th time, counted from 1.",
        ),
        Field::optional(
            "after",
            Shape::Form("an id", "^[A-Za-z0-9_-]{1,64}$"),
            "After the first strike of another fault, or after an action.",
        ),
        Field::default(
            "wait",
            Shape::Duration,
            "0s",
            "So much later than all that.",
        ),
    ],
};

/// Whether `call:` can mean the fault's own messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Own {
    /// It strikes messages.
    Messages,
    /// It does not.
    Nothing,
}

/// Reads `when:`.
pub(crate) fn read(
    reader: &mut Reader,
    node: &Node,
    own: Own,
    cast: &Cast<'_>,
    ids: &mut Ids,
) -> Option<When> {
    let fields = reader.fields(node, &WHEN);
    let ways = ["at", "moment", "stage", "call", "after"];
    let written: Vec<&str> = ways
        .into_iter()
        .filter(|way| fields.get(way).is_some())
        .collect();
    match written.as_slice() {
        [_one] => {}
        [] => {
            let help = "write one of `at:`, `moment:`, `stage:`, `call:`, `after:`";
            reader.conflict(
                &node.span,
                "this is no instant",
                "nothing to wait for",
                help,
            );
        }
        [first, second, ..] => {
            let title = format!("`{first}:` and `{second}:` are two instants");
            reader.conflict(
                &node.span,
                title,
                "one of them too many",
                "keep one of the two",
            );
        }
    }
    let at = fields.get("at").map(|node| reader.duration(node));
    let moment = fields.get("moment").map(|node| moment(reader, node));
    let stage = fields
        .get("stage")
        .map(|node| reader.word(node, "a stage", STAGES));
    let call = fields
        .get("call")
        .map(|node| reader.count(node, 1..=u32::MAX));
    let after = fields.get("after").map(|node| awaited(reader, node, ids));
    let link = fields
        .get("link")
        .map(|node| target::link(reader, node, cast));
    let progress = fields.get("progress").map(|node| share(reader, node));
    let customer = fields
        .get("customer")
        .map(|node| target::customer(reader, node, cast));
    let nth = nth(reader, &fields);
    let wait = fields
        .get("wait")
        .map_or(Some(Span::ZERO), |node| reader.duration(node));
    if written.len() != 1 {
        return None;
    }
    // Inner none: a mistake was reported.
    let customer = customer.map_or(Some(None), |customer| customer.map(Some))?;
    let (nth, wait) = (nth?, wait?);
    Some(match (at, moment, stage, call, after) {
        (Some(at), ..) => When::At(Span::from(at?.get() + wait.get())),
        (_, Some(moment), ..) => When::Moment {
            moment: moment?,
            customer,
            nth,
            wait,
        },
        (_, _, Some(stage), ..) => When::Stage {
            stage: stage?,
            progress: progress.map_or(Some(Percent::NONE), |progress| progress)?,
            customer,
            nth,
        },
        (_, _, _, Some(call), _) => match (link, own) {
            (None, Own::Messages) => When::OwnCall(call?),
            (Some(link), _) => When::Call {
                link: link?,
                customer,
                nth: call?,
                wait,
            },
            (None, Own::Nothing) => {
                let help = "write `link:` beside it, like `link: d1.orders`";
                reader.conflict(&node.span, "on which link?", "`call:` needs `link:`", help);
                return None;
            }
        },
        (_, _, _, _, Some(after)) => When::After { id: after?, wait },
        _ => return None,
    })
}

/// A named moment.
pub(crate) fn moment(reader: &mut Reader, node: &Node) -> Option<Milestone> {
    let text = reader.text(node, "a moment")?;
    let found = Milestone::of(text);
    if found.is_none() {
        let known: Vec<String> = Milestone::WORDS.iter().map(ToString::to_string).collect();
        reader.unknown_name(&node.span, "moment", text, &known);
    }
    found
}

/// The id that is waited for.
pub(crate) fn awaited(reader: &mut Reader, node: &Node, ids: &mut Ids) -> Option<FaultId> {
    let id: FaultId = reader.parsed(node, "an id")?;
    ids.await_one(&node.span, &id);
    Some(id)
}

fn nth(reader: &mut Reader, fields: &Fields<'_>) -> Option<u32> {
    fields
        .get("nth")
        .map_or(Some(1), |node| reader.count(node, 1..=u32::MAX))
}

fn share(reader: &mut Reader, node: &Node) -> Option<Percent> {
    let text = reader.text(node, "a share")?;
    let share = Percent::read(text).filter(|share| *share < Percent::ALL);
    if share.is_none() {
        reader.wrong(node, "a share", "how far the work has come, from 0% to 99%");
    }
    share
}
