//! What goes wrong: a random subset of the catalogue, each kind with its own intensity.
//!
//! A subset, because where everything fails at once nothing deep is ever reached. On most days first some places are drawn, then faults
//! of these places, anywhere; on the others several faults strike where the day's [theme](super::theme) is. What a fault strikes, its
//! steps and its parameters are those that the catalogue lists: a new entry is drawn without a line here.

use persotwin_faults::entry::{Aim, Onset};
use persotwin_faults::{Entry, Milestone, Place, catalogue};
use persotwin_link::{Door, Span};

use crate::draft::Draft;
use crate::draw::theme::{Reach, by_traffic};
use crate::draw::{Cast, Dice, instants, params};
use crate::value::Settings;

/// How hard faults strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Force {
    /// Mostly once.
    Usual,
    /// Mostly again and again, or for long.
    Lasting,
}

/// Draws faults.
pub(super) fn draw(dice: &Dice, cast: &Cast, draft: &mut Draft) {
    let dice = dice.about("faults");
    if dice.likely("themed", 45) {
        themed(&dice.about("theme"), cast, draft);
    } else {
        scattered(&dice, cast, draft);
    }
}

fn scattered(dice: &Dice, cast: &Cast, draft: &mut Draft) {
    let reach = Reach::everywhere(cast);
    for entry in catalogue() {
        let place = dice.about(entry.place);
        if !place.likely("drawn", likely_place(entry.place)) {
            continue;
        }
        let dice = dice.about(entry.name);
        if dice.rarely("drawn", permille(&place, entry.onset))
            && let Some(fault) = fault(&dice, cast, &reach, entry, Force::Usual)
        {
            draft.faults.push(fault);
        }
    }
}

/// Several faults where the day's theme is: any, or first a place of the catalogue, so that places with many faults are not all there is.
fn themed(dice: &Dice, cast: &Cast, draft: &mut Draft) {
    let reach = Reach::drawn(dice, cast);
    let fitting: Vec<&Entry> = catalogue().filter(|entry| reach.fits(entry)).collect();
    let mut places: Vec<Place> = fitting.iter().map(|entry| entry.place).collect();
    places.dedup();
    let mut before: Option<String> = None;
    for n in 1..=dice.between("count", 3, 10) {
        let dice = dice.about(n);
        let place = dice.pick("place", &places).copied();
        let place = place.filter(|_| dice.likely("by-place", 65));
        let meant = |entry: &&Entry| place.is_none_or(|place| entry.place == place);
        let meant: Vec<&Entry> = fitting.iter().copied().filter(meant).collect();
        let Some(entry) = dice.pick("entry", &meant) else {
            continue;
        };
        // What is there from the start mostly ends an order before anything else can happen to it.
        if entry.onset == Onset::FromTheStart && !dice.likely("from-the-start", 30) {
            continue;
        }
        let Some(mut fault) = fault(&dice, cast, &reach, entry, Force::Lasting) else {
            continue;
        };
        let is_taken = |id: &str| draft.fault_ids().any(|other| other == id);
        if is_taken(entry.name) {
            fault.set("id", format!("{}-{n}", entry.name));
        }
        if let Some(before) = before.take_if(|_| dice.likely("because", 15))
            && entry.onset == Onset::Live
        {
            fault.set("when", because(&dice, &before));
        }
        before = fault.text("id").map(str::to_owned);
        draft.faults.push(fault);
    }
}

/// Soon after another fault.
fn because(dice: &Dice, before: &str) -> Settings {
    let when = Settings::new().with("after", before);
    match dice
        .word("wait", &["0s", "0s", "500ms", "2s", "10s", "30s"])
        .parse()
    {
        Ok(Span::ZERO) | Err(_) => when,
        Ok(wait) => when.with("wait", wait),
    }
}

/// How likely faults of a place are drawn at all, in percent.
const fn likely_place(place: Place) -> u32 {
    match place {
        Place::Issuer => 50,
        // Rarely one that is drawn has a chip, a head or a film to strike: there is one such moment for each card.
        Place::Printer | Place::Chip => 95,
        // What D1 says to who asks strikes only where somebody asks.
        Place::D1 => 75,
        _ => 60,
    }
}

/// How likely a fault of a drawn place is drawn, in thousandths: on hard days more goes wrong. What is there from the start strikes
/// nearly always, and mostly ends an order before anything else can happen to it; what waits for its instant often misses it.
fn permille(place: &Dice, onset: Onset) -> u32 {
    match (onset, place.likely("hard", 25)) {
        (Onset::FromTheStart, false) => 40,
        (Onset::FromTheStart, true) => 90,
        (Onset::Live, false) => 120,
        (Onset::Live, true) => 300,
    }
}

/// A fault of this kind somewhere in this world; none where nothing is there to be struck.
pub(super) fn fault(
    dice: &Dice,
    cast: &Cast,
    reach: &Reach,
    entry: &Entry,
    force: Force,
) -> Option<Settings> {
    let mut fault = Settings::new()
        .with("fault", entry.name)
        .with("id", entry.name);
    let aim = entry.place.aim();
    let customer = dice.pick("customer", &reach.customers).map(String::as_str);
    let station = dice.pick("station", &reach.stations)?;
    match aim {
        Aim::Link => {
            fault.set("link", link(dice, reach, entry, station));
            if dice.likely("of-customer", reach.of_customer)
                && let Some(customer) = customer
            {
                fault.set("customer", customer);
            }
        }
        Aim::Machine => fault.set("machine", machine(dice, reach, entry, station)),
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
                Some((moment, often)) if dice.likely("telling", often) => {
                    instants::at_moment(moment)
                }
                _ => instants::of_steps(dice, cast, &reach.steps(entry), customer),
            }),
        };
        if let Some(when) = when {
            fault.set("when", when);
        }
        intensity(dice, entry, force, &mut fault);
    }
    params::draw(&dice.about("params"), entry.params, &mut fault);
    fault.set("may-miss", "true");
    Some(fault)
}

/// The moment at which a fault finds something to strike that it hardly finds at others, and how often it is drawn there, in percent.
fn telling_moment(name: &str) -> Option<(Milestone, u32)> {
    match name {
        "handed-to-another" => Some((Milestone::Presented, 90)),
        "client-key-ends" => Some((Milestone::Requested, 60)),
        "status-lags" => Some((Milestone::OrderAccepted, 60)),
        "stripe-reads-wrong" => Some((Milestone::ChipDone, 40)),
        "print-spoiled" => Some((Milestone::StripeDone, 70)),
        _ => None,
    }
}

/// How often, for how long, how likely.
fn intensity(dice: &Dice, entry: &Entry, force: Force, fault: &mut Settings) {
    let goes_on = !matches!(entry.place, Place::Machine | Place::Calendar);
    let drawn = match force {
        Force::Usual => dice.between("intensity", 0, 99),
        Force::Lasting => dice.between("intensity", 20, 119),
    };
    match drawn {
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
        100.. if goes_on => fault.set("for", dice.word("long", &["30s", "1m", "2m", "10m"])),
        45..65 | 100.. => fault.set("times", dice.between("times", 2, 5)),
        _ => {}
    }
}

/// A link that carries messages of the entry's steps, or some of its messages.
fn link(dice: &Dice, reach: &Reach, entry: &Entry, station: &str) -> String {
    // The most telling step stands first.
    let telling = if dice.likely("telling", 50) {
        reach.doors(&entry.steps[..1.min(entry.steps.len())])
    } else {
        Vec::new()
    };
    let doors = if telling.is_empty() {
        reach.doors(entry.steps)
    } else {
        telling
    };
    let door = dice.pick("door", &by_traffic(&doors)).copied();
    let door = door.unwrap_or(Door::Orders);
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

/// A machine; hardware has no clock of its own.
fn machine(dice: &Dice, reach: &Reach, entry: &Entry, station: &str) -> String {
    let hardware = format!("station/{station}");
    let mut all = reach.machines.clone();
    if all.is_empty() {
        all = vec![
            "issuer".to_owned(),
            "d1".to_owned(),
            format!("agent/{station}"),
        ];
        all.push(hardware.clone());
    }
    all.retain(|machine| entry.place == Place::Machine || *machine != hardware);
    dice.pick("machine", &all).cloned().unwrap_or_default()
}
