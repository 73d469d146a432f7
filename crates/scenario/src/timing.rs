//! The patience and persistence of D1 and of the issuer.

use persotwin_link::tenant::{D1Timing, IssuerTiming};

use crate::grammar::{Field, Section, Shape};
use crate::node::Node;
use crate::reader::Reader;

pub(crate) static D1: Section = Section {
    name: "D1's timing",
    doc: "How long D1 takes, and how patient and persistent it is. All defaults are ours.",
    fields: &[
        Field::default(
            "preparation",
            Shape::Duration,
            "300ms",
            "How long the preparation of production data takes.",
        ),
        Field::default(
            "patience",
            Shape::Duration,
            "10s",
            "How long D1 waits for the answer to a job or a notification.",
        ),
        Field::default(
            "backoff",
            Shape::Duration,
            "1s",
            "The first pause before a repeated call; it doubles, with jitter.",
        ),
        Field::default("backoff-max", Shape::Duration, "60s", "The longest pause."),
        Field::default(
            "dispatch-limit",
            Shape::Duration,
            "120s",
            "How long D1 tries to reach a station before it fails the order.",
        ),
        Field::default(
            "production-limit",
            Shape::Duration,
            "10m",
            "How long production may take, from dispatch to the agent's outcome.",
        ),
        Field::default(
            "pin-limit",
            Shape::Duration,
            "30s",
            "How long D1 tries to fetch a PIN from the issuer before preparation fails.",
        ),
        Field::default(
            "notification-attempts",
            Shape::Count,
            "20",
            "How often D1 tries one notification before it becomes a dead letter.",
        ),
    ],
};

pub(crate) static ISSUER: Section = Section {
    name: "the issuer's timing",
    doc: "How patient and persistent the twin's own issuer is. All defaults are ours.",
    fields: &[
        Field::default(
            "patience",
            Shape::Duration,
            "10s",
            "How long it waits for one answer of D1.",
        ),
        Field::default(
            "backoff",
            Shape::Duration,
            "1s",
            "The first pause before it orders again; it doubles, with jitter.",
        ),
        Field::default("backoff-max", Shape::Duration, "30s", "The longest pause."),
        Field::default(
            "attempts",
            Shape::Count,
            "8",
            "How often it orders before it tells the customer sorry.",
        ),
        Field::default(
            "poll-after",
            Shape::Duration,
            "90s",
            "After how long a silence it asks for the production status.",
        ),
    ],
};

/// Reads D1's timing over the present one.
pub(crate) fn read_d1(reader: &mut Reader, node: &Node, timing: &mut D1Timing) {
    let fields = reader.fields(node, &D1);
    reader.set_duration(&fields, "preparation", &mut timing.preparation);
    reader.set_duration(&fields, "patience", &mut timing.patience);
    reader.set_duration(&fields, "backoff", &mut timing.backoff);
    reader.set_duration(&fields, "backoff-max", &mut timing.backoff_max);
    reader.set_duration(&fields, "dispatch-limit", &mut timing.dispatch_limit);
    reader.set_duration(&fields, "production-limit", &mut timing.production_limit);
    reader.set_duration(&fields, "pin-limit", &mut timing.pin_limit);
    reader.set_count(
        &fields,
        "notification-attempts",
        1..=u32::MAX,
        &mut timing.notification_attempts,
    );
}

/// Reads the issuer's timing over the present one.
pub(crate) fn read_issuer(reader: &mut Reader, node: &Node, timing: &mut IssuerTiming) {
    let fields = reader.fields(node, &ISSUER);
    reader.set_duration(&fields, "patience", &mut timing.patience);
    reader.set_duration(&fields, "backoff", &mut timing.backoff);
    reader.set_duration(&fields, "backoff-max", &mut timing.backoff_max);
    reader.set_count(&fields, "attempts", 1..=u32::MAX, &mut timing.attempts);
    reader.set_duration(&fields, "poll-after", &mut timing.poll_after);
}
