//! What holds for the whole world: D1's rules, products, time-outs, latencies.

use std::time::Duration;

use persotwin_link::Span;
use persotwin_link::tenant::{D1Timing, IssuerTiming};

use crate::draft::Draft;
use crate::draw::Dice;
use crate::value::Settings;

/// Longer than every wait of a drawn world together: who meets it goes on for ever.
const HORIZON: &str = "3d";

/// D1's switches that are no default, each with how likely it is so, in percent.
const RULES: [(&str, &str, u32); 9] = [
    ("card_data_checks", "in-preparation", 12),
    ("missing_channel", "thales", 5),
    ("unknown_members", "strict", 5),
    ("issuer_request_id", "operation", 6),
    ("error_codes", "absent", 6),
    ("changed_request", "conflict", 6),
    ("canceled_status", "successful", 10),
    ("unauthorized_body", "message-only", 6),
    ("done_when", "taken", 12),
];

/// Draws it all.
pub(super) fn draw(dice: &Dice, draft: &mut Draft) {
    draft.settings.set("horizon", HORIZON);
    let parts = [
        ("d1_rules", rules(&dice.about("d1-rules"))),
        ("d1", d1(dice)),
        ("issuer", issuer(dice)),
        ("products", products(&dice.about("products"))),
        ("link-latency", latencies(dice)),
    ];
    for (name, part) in parts {
        if !part.is_empty() {
            draft.settings.set(name, part);
        }
    }
}

fn rules(dice: &Dice) -> Settings {
    let drawn = RULES
        .iter()
        .filter(|(name, _, percent)| dice.likely(name, *percent));
    drawn
        .map(|(name, value, _)| ((*name).to_owned(), (*value).into()))
        .collect()
}

/// Time-outs, shrunk and stretched.
fn times(dice: &Dice, usual: &[(&str, Duration)]) -> Settings {
    let mut times = Settings::new();
    if dice.likely("changed", 40) {
        for (name, usual) in usual {
            if dice.about(name).likely("changed", 40) {
                times.set(name, dice.stretched(name, *usual));
            }
        }
    }
    times
}

fn d1(world: &Dice) -> Settings {
    let dice = &world.about("d1");
    let usual = D1Timing::default();
    let mut d1 = times(
        dice,
        &[
            ("preparation", usual.preparation.get()),
            ("patience", usual.patience.get()),
            ("backoff", usual.backoff.get()),
            ("backoff-max", usual.backoff_max.get()),
            ("dispatch-limit", usual.dispatch_limit.get()),
            ("production-limit", usual.production_limit.get()),
            ("pin-limit", usual.pin_limit.get()),
        ],
    );
    outlasts_the_way(world, dice, usual.patience, &mut d1);
    if dice.likely("few-attempts", 10) {
        d1.set(
            "notification-attempts",
            dice.between("notification-attempts", 1, 5),
        );
    }
    d1
}

fn issuer(world: &Dice) -> Settings {
    let dice = &world.about("issuer");
    let usual = IssuerTiming::default();
    let mut issuer = times(
        dice,
        &[
            ("patience", usual.patience.get()),
            ("backoff", usual.backoff.get()),
            ("backoff-max", usual.backoff_max.get()),
            ("poll-after", usual.poll_after.get()),
        ],
    );
    outlasts_the_way(world, dice, usual.patience, &mut issuer);
    if dice.likely("few-attempts", 15) {
        issuer.set("attempts", dice.between("attempts", 1, 3));
    }
    if dice.likely("curious", 33) {
        issuer.set("poll-after", dice.word("often", &["3s", "10s", "20s"]));
    } else if dice.likely("trusting", 6) {
        // It relies on being told.
        issuer.set("poll-after", dice.word("seldom", &["1h", "6h", "1d"]));
    }
    issuer
}

/// Who hangs up before an answer can be there learns nothing, whatever else is well.
fn outlasts_the_way(world: &Dice, dice: &Dice, usual: Span, times: &mut Settings) {
    if times.get("patience").is_some() {
        let patience = dice.stretched("patience", usual.get()).get();
        let patience = patience.max(round_trip(world, "internet"));
        times.set("patience", Span::from(patience));
    }
}

fn products(dice: &Dice) -> Settings {
    let mut products = Settings::new();
    for name in ["VISA-CLASSIC", "MASTERCARD-DEBIT"] {
        let dice = dice.about(name);
        let mut product = Settings::new();
        if dice.likely("has-pin", 20) {
            product.set("pin", dice.word("pin", &["in-order", "fetched"]));
        }
        if dice.likely("has-oda", 6) {
            product.set("oda", dice.word("oda", &["dda", "cda"]));
        }
        if !product.is_empty() {
            products.set(name, product);
        }
    }
    products
}

/// The links, each with its usual latency and the most that chance adds to it, in milliseconds.
const LINKS: [(&str, u64, u64); 4] = [
    ("kiosk", 8, 100),
    ("internet", 20, 1500),
    ("branch", 25, 1500),
    ("device", 1, 20),
];

/// Latencies and their jitter: the larger the jitter, the more often messages overtake each other.
fn latencies(world: &Dice) -> Settings {
    let mut latencies = Settings::new();
    for (name, ..) in LINKS {
        if let Some((base, jitter)) = latency(world, name) {
            let latency = Settings::new().with("base", base).with("jitter", jitter);
            latencies.set(name, latency);
        }
    }
    latencies
}

/// The latency of a link and its jitter, where they are not the usual ones.
fn latency(world: &Dice, link: &str) -> Option<(Span, Span)> {
    let (name, base, jitter) = LINKS.into_iter().find(|(name, ..)| *name == link)?;
    let dice = world.about("latency").about(name);
    dice.likely("changed", 40).then(|| {
        let base = dice.stretched("base", Duration::from_millis(base));
        let jitter = dice.span("jitter", Duration::ZERO, Duration::from_millis(jitter));
        (base, jitter)
    })
}

/// The longest that a question and its answer travel on a link.
fn round_trip(world: &Dice, link: &str) -> Duration {
    let (base, jitter) = latency(world, link).unwrap_or_default();
    2 * (base.get() + jitter.get())
}
