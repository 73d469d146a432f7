//! Stations, their stock and how long they take; branches and the people in them.

use persotwin_link::timings::Timings;

use crate::draft::Draft;
use crate::draw::Dice;
use crate::value::{Settings, Value};

/// The orders of work that are no default.
const SEQUENCES: [[&str; 3]; 3] = [
    ["print", "chip", "stripe"],
    ["stripe", "chip", "print"],
    ["chip", "print", "stripe"],
];

/// Draws one to three stations.
pub(super) fn draw(dice: &Dice, draft: &mut Draft) {
    let dice = dice.about("stations");
    let count = match dice.between("count", 0, 99) {
        0..60 => 1,
        60..90 => 2,
        _ => 3,
    };
    for n in 1..=count {
        let dice = dice.about(n);
        let is_branch = dice.likely("branch", 25);
        let name = if is_branch {
            format!("BRANCH-{n}")
        } else {
            format!("KIOSK-{n}")
        };
        let station = station(&dice, is_branch);
        if is_branch && let Some(staff) = staff(&dice) {
            draft.staff.set(&name, staff);
        }
        draft.stations.set(&name, station);
    }
}

fn station(dice: &Dice, is_branch: bool) -> Settings {
    let mut station = Settings::new();
    if is_branch {
        station.set("kind", "branch");
    }
    stock(dice, &mut station);
    if dice.likely("has-zone", 10) {
        station.set(
            "zone",
            dice.word("zone", &["Europe/Paris", "Asia/Tokyo", "America/New_York"]),
        );
    }
    if !is_branch && dice.likely("at-once", 8) {
        station.set("present", "at-once");
    }
    if !is_branch && dice.likely("has-leftover", 30) {
        station.set("leftover", dice.word("leftover", &["draw-in", "reject"]));
    }
    if dice.likely("has-sequence", 20)
        && let Some(sequence) = dice.pick("sequence", &SEQUENCES)
    {
        let sequence = sequence.iter().map(Value::of).collect();
        station.set("sequence", Value::List(sequence));
    }
    if dice.likely("has-attempts", 40) {
        station.set("attempts", dice.between("attempts", 1, 4));
    }
    if dice.likely("has-help-limit", 35) {
        station.set(
            "help-limit",
            dice.word("help-limit", &["20s", "2m", "5m", "20m"]),
        );
    }
    if dice.likely("has-hold-limit", 25) {
        station.set(
            "hold-limit",
            dice.word("hold-limit", &["2s", "5s", "10s", "60s"]),
        );
    }
    if dice.likely("has-timings", 20) {
        station.set("timings", timings(&dice.about("timings")));
    }
    station
}

fn stock(dice: &Dice, station: &mut Settings) {
    if dice.likely("short", 30) {
        station.set("blanks", dice.between("blanks", 1, 6));
    }
    if dice.likely("small-ribbon", 8) {
        station.set(
            "ribbon",
            format!("{} panel sets", dice.between("ribbon", 1, 6)),
        );
    }
    if dice.likely("small-bin", 15) {
        station.set("reject-bin", dice.between("reject-bin", 1, 3));
    }
}

/// Some movements take longer or shorter.
fn timings(dice: &Dice) -> Settings {
    let usual = Timings::default();
    let movements = [
        ("feed", usual.feed),
        ("move-to-chip", usual.move_to_chip),
        ("apdu", usual.apdu),
        ("stripe", usual.stripe),
        ("print-front", usual.print_front),
        ("flip", usual.flip),
        ("print-back", usual.print_back),
        ("check", usual.check),
        ("present", usual.present),
        ("reject", usual.reject),
        ("bezel", usual.bezel),
    ];
    let mut timings = Settings::new();
    for (name, usual) in movements {
        if dice.about(name).likely("changed", 25) {
            timings.set(name, dice.stretched(name, usual.get()));
        }
    }
    timings
}

fn staff(dice: &Dice) -> Option<Settings> {
    let dice = dice.about("staff");
    let mut staff = Settings::new();
    if dice.likely("slow", 30) {
        staff.set("looks-for", dice.word("looks-for", &["500ms", "20s", "2m"]));
    }
    if dice.likely("reject", 25) {
        staff.set(
            "rejects",
            Value::List(vec![dice.between("rejects", 1, 2).into()]),
        );
    }
    (!staff.is_empty()).then_some(staff)
}
