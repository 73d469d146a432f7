//! What goes wrong: a random subset of the catalogue, each kind with its own intensity.
//!
//! A subset, because where everything fails at once nothing deep is ever reached. First some places are drawn, then faults of these
//! places. What a fault strikes, its steps and its parameters are those that the catalogue lists: a new entry is drawn without a line
//! here.

use persotwin_faults::entry::{Aim, Onset};
use persotwin_faults::{Entry, Milestone, Place, catalogue};
use persotwin_link::{Door, Step};

use crate::draft::Draft;
use crate::draw::{Cast, Dice, instants, params};
use crate::value::Settings;

/// Draws faults.
pub(super) fn draw(dice: &Dice, cast: &Cast, draft: &mut Draft) {
    let dice = dice.about("faults");
    for entry in catalogue() {
        let place = dice.about(entry.place);
        if !place.likely("drawn", likely_place(entry.place)) {
            continue;
        }
        let dice = dice.about(entry.name);
        if dice.rarely("drawn", permille(&place, entry.onset))
            && let Some(fault) = fault(&dice, cast, entry)
        {
            draft.faults.push(fault);
        }
    }
}

/// How likely faults of a place are drawn at all, in percent.
const fn likely_place(place: Place) -> u32 {
    match place {
        Place::Issuer => 40,
        // Rarely one that is drawn has a chip, a head or a film to strike: there is one such moment for each card.
        Place::Printer | Place::Chip => 75,
        _ => 60,
    }
}

/// How likely a fault of a drawn place is drawn, in thousandths: on hard days more goes wrong. What is there from the start strikes
/// nearly always, and mostly ends an order before anything else can happen to it; what waits for its instant often misses it.
fn permille(place: &Dice, onset: Onset) -> u32 {
    match (onset, place.likely("hard", 25)) {
        (Onset::FromTheStart, false) => 20,
        (Onset::FromTheStart, true) => 70,
        (Onset::Live, false) => 80,
        (Onset::Live, true) => 240,
    }
}

/// A fault of this kind somewhere in this world; none where nothing is there to be struck.
pub(super) fn fault(dice: &Dice, cast: &Cast, entry: &Entry) -> Option<Settings> {
    let mut fault = Settings::new()
        .with("fault", entry.name)
        .with("id", entry.name);
    let aim = entry.place.aim();
    let customer = dice.pick("customer", &cast.customers).map(String::as_str);
    let station = dice.pick("station", &cast.stations)?;
    match aim {
        Aim::Link => {
            fault.set("link", link(dice, entry, station));
            if dice.likely("of-customer", 20)
                && let Some(customer) = customer
            {
                fault.set("customer", customer);
            }
        }
        Aim::Machine => fault.set("machine", machine(dice, entry, station)),
        Aim::Station => fault.set("station", station.as_str()),
        Aim::Customer => fault.set("customer", customer?),
        Aim::Orders => {
            if dice.likely("one-order", 85) {
                fault.set("customer", customer?);
            }
        }
    }
    if entry.onset == Onset::Live {
        let when = match aim {
            Aim::Link => instants::of_messages(dice, cast),
            _ => Some(match telling_moment(entry.name) {
                Some(moment) if dice.likely("telling", 60) => instants::at_moment(moment),
                _ => instants::of_steps(dice, cast, entry.steps, customer),
            }),
        };
        if let Some(when) = when {
            fault.set("when", when);
        }
        intensity(dice, entry, &mut fault);
    }
    params::draw(&dice.about("params"), entry.params, &mut fault);
    fault.set("may-miss", "true");
    Some(fault)
}

/// The moment at which a fault finds something to strike that it finds at hardly any other.
fn telling_moment(name: &str) -> Option<Milestone> {
    match name {
        "handed-to-another" => Some(Milestone::Presented),
        "client-key-ends" => Some(Milestone::Requested),
        _ => None,
    }
}

/// How often, for how long, how likely.
fn intensity(dice: &Dice, entry: &Entry, fault: &mut Settings) {
    let goes_on = !matches!(entry.place, Place::Machine | Place::Calendar);
    match dice.between("intensity", 0, 99) {
        45..65 => fault.set("times", dice.between("times", 2, 5)),
        65..85 if goes_on => fault.set(
            "for",
            dice.word(
                "for",
                &["1s", "2s", "5s", "10s", "20s", "30s", "1m", "2m", "10m"],
            ),
        ),
        85..95 => {
            fault.set("times", dice.between("times", 2, 20));
            fault.set("chance", format!("{}%", dice.between("chance", 1, 9) * 10));
        }
        _ => {}
    }
}

/// A link that carries messages of the entry's steps, or some of its messages.
fn link(dice: &Dice, entry: &Entry, station: &str) -> String {
    // The most telling step stands first.
    let telling = if dice.likely("telling", 50) {
        &entry.steps[..1.min(entry.steps.len())]
    } else {
        entry.steps
    };
    let doors: Vec<Door> = Door::ALL
        .iter()
        .filter(|door| telling.iter().any(|step| steps(**door).contains(step)))
        .copied()
        .collect();
    let door = dice.pick("door", &doors).copied().unwrap_or(Door::Orders);
    let mut link = door.word().to_owned();
    if door.has_stations() && dice.likely("one-station", 70) {
        link = format!("{link}/{station}");
    }
    if dice.likely("one-message", 40)
        && let Some(message) = dice.pick("message", door.messages())
    {
        link = format!("{link} {message}");
    }
    link
}

/// The steps to which messages at a door belong.
const fn steps(door: Door) -> &'static [Step] {
    match door {
        Door::Kiosk => &[Step::Request],
        Door::Notifications | Door::IssuerToken => &[Step::Notify],
        Door::Pins => &[Step::Prepare],
        Door::Token => &[Step::Order],
        Door::Orders => &[Step::Order, Step::Notify],
        Door::Stations => &[Step::Dispatch, Step::Produce],
        Door::Jobs => &[Step::Dispatch],
        Door::Printer | Door::Chip => &[Step::Produce],
    }
}

/// A machine; hardware has no clock of its own.
fn machine(dice: &Dice, entry: &Entry, station: &str) -> String {
    let mut all = vec![
        "issuer".to_owned(),
        "d1".to_owned(),
        format!("agent/{station}"),
    ];
    if entry.place == Place::Machine {
        all.push(format!("station/{station}"));
    }
    dice.pick("machine", &all).cloned().unwrap_or_default()
}
