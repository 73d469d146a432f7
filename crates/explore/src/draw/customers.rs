//! Who wants a card, when and where.

use persotwin_link::Span;

use crate::draft::{Draft, names};
use crate::draw::Dice;
use crate::value::{Settings, Value};

const NAMES: [&str; 6] = ["alice", "bob", "carol", "dave", "erin", "frank"];

/// Draws one to six customers; returns when each arrives, in seconds.
pub(super) fn draw(dice: &Dice, draft: &mut Draft) -> Vec<u32> {
    let dice = dice.about("customers");
    let count = match dice.between("count", 0, 99) {
        0..40 => 1,
        40..75 => 2,
        75..92 => 3,
        92..97 => 4,
        _ => NAMES.len(),
    };
    // Some days all come at once, on others one after the other.
    let pause = match dice.between("pause", 0, 3) {
        0 => 0,
        1 => 10,
        2 => 45,
        _ => 150,
    };
    let mut arrivals = Vec::new();
    let mut arrives = 0;
    for (n, name) in NAMES.iter().take(count).enumerate() {
        let dice = dice.about(name);
        if n > 0 {
            arrives += dice.between("pause", 0, 2 * pause);
        }
        // Whose card is renewed has asked before.
        let others = NAMES.iter().zip(&arrivals);
        let earlier: Vec<&str> = others
            .filter(|(_, asked)| **asked < arrives)
            .map(|(name, _)| *name)
            .collect();
        let customer = customer(&dice, draft, arrives, &earlier);
        draft.customers.set(name, customer);
        arrivals.push(arrives);
    }
    arrivals
}

fn customer(dice: &Dice, draft: &Draft, arrives: u32, earlier: &[&str]) -> Settings {
    let mut customer = Settings::new();
    if arrives > 0 {
        customer.set("arrives", Span::from_secs(arrives.into()));
    }
    let stations = names(&draft.stations);
    if stations.len() > 1
        && let Some(station) = dice.pick("station", &stations)
    {
        customer.set("station", station.as_str());
    }
    if dice.likely("mastercard", 30) {
        customer.set("product", "MASTERCARD-DEBIT");
    }
    if dice.likely("not-first", 15) {
        customer.set("service", dice.word("service", &["replacement", "renewal"]));
        if dice.likely("of-somebody", 40)
            && let Some(of) = dice.pick("of", earlier)
        {
            customer.set("of", *of);
        }
    }
    if dice.likely("in-app", 15) {
        let wait = dice.between("fetches-at", 5, 300);
        customer.set("orders", "in-app");
        customer.set("fetches-at", Span::from_secs((arrives + wait).into()));
    }
    if dice.likely("taps-twice", 8) {
        customer.set("taps", "twice");
    }
    match dice.between("takes", 0, 99) {
        0..70 => {}
        70..78 => customer.set("takes", "never"),
        78..90 => customer.set(
            "takes",
            Settings::new().with(
                "after",
                dice.word("after", &["0s", "1s", "20s", "29s", "45s"]),
            ),
        ),
        _ => customer.set(
            "takes",
            Settings::new().with(
                "walks-away",
                dice.word("walks-away", &["1s", "10s", "40s", "70s"]),
            ),
        ),
    }
    if dice.likely("sequence-number", 5) {
        customer.set("pan-sequence-number", Value::of("01"));
    }
    customer
}
