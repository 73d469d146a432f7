//! What a bad day is about.
//!
//! Where faults strike independently of each other, two of them rarely meet in one card's story, and what takes two is never found. On
//! real bad days trouble stays in one place: a line is bad all day, a machine dies again and again, one station is in bad shape. So some
//! days have a theme, and several faults strike there, harder and longer than usual, now and then the one because of the other.
//!
//! A theme is a place of the world and never a list of faults: which faults fit it, the catalogue says.

use std::collections::BTreeSet;

use persotwin_faults::entry::Aim;
use persotwin_faults::{Entry, Place, catalogue};
use persotwin_link::{Door, Step};

use crate::draw::{Cast, Dice};

/// Where the faults of a day may strike.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    places: &'static [Place],
    /// At these doors.
    doors: Vec<Door>,
    /// Only these machines; any without.
    pub(super) machines: Vec<String>,
    /// At one of these stations.
    pub(super) stations: Vec<String>,
    /// One of these customers.
    pub(super) customers: Vec<String>,
    /// Only this step; any without.
    step: Option<Step>,
    /// How likely a message is struck only when it is about a customer, in percent.
    pub(super) of_customer: u32,
}

const MESSAGES: &[Place] = &[Place::Wire, Place::Evolution];
const ISSUER: &[Place] = &[
    Place::Wire,
    Place::Machine,
    Place::Calendar,
    Place::Issuer,
    Place::Evolution,
];
const D1: &[Place] = &[
    Place::Wire,
    Place::Machine,
    Place::Calendar,
    Place::D1,
    Place::Notification,
];
const AGENT: &[Place] = &[
    Place::Wire,
    Place::Machine,
    Place::Calendar,
    Place::Agent,
    Place::Region,
];
const HARDWARE: &[Place] = &[
    Place::Wire,
    Place::Machine,
    Place::Stock,
    Place::Printer,
    Place::Chip,
    Place::Region,
];
const STATION: &[Place] = &[
    Place::Wire,
    Place::Machine,
    Place::Agent,
    Place::Stock,
    Place::Printer,
    Place::Chip,
    Place::Region,
];
const CUSTOMER: &[Place] = &[
    Place::Customer,
    Place::Wire,
    Place::Issuer,
    Place::D1,
    Place::Notification,
];

impl Reach {
    /// Everywhere.
    pub(crate) fn everywhere(cast: &Cast) -> Self {
        Self {
            places: Place::ALL,
            doors: Door::ALL.to_vec(),
            machines: Vec::new(),
            stations: cast.stations.clone(),
            customers: cast.customers.clone(),
            step: None,
            of_customer: 20,
        }
    }

    /// What this day is about.
    pub(crate) fn drawn(dice: &Dice, cast: &Cast) -> Self {
        let all = Self::everywhere(cast);
        match dice.between("kind", 0, 99) {
            0..28 => all.on_a_line(dice),
            28..54 => all.at_a_machine(dice),
            54..67 => all.at_a_station(dice),
            67..81 => all.of_a_customer(dice),
            _ => all.at_a_step(dice),
        }
    }

    /// The messages at one door, or all between the same two machines, whichever of them calls.
    fn on_a_line(self, dice: &Dice) -> Self {
        let door = dice.pick("door", &by_traffic(Door::ALL)).copied();
        let whole = dice.likely("whole", 65);
        let station = self.stations.first().and_then(|id| id.parse().ok());
        let ends = |door: Door| {
            let (caller, answers) = door.ends(station.as_ref()?);
            Some(BTreeSet::from([caller, answers]))
        };
        let on_it = |other: &Door| {
            Some(*other) == door || whole && door.is_some_and(|door| ends(door) == ends(*other))
        };
        Self {
            places: MESSAGES,
            doors: self.doors.into_iter().filter(on_it).collect(),
            ..self
        }
    }

    fn at_a_machine(self, dice: &Dice) -> Self {
        let station = dice.pick("station", &self.stations).cloned();
        let station = station.unwrap_or_default();
        let (machine, places) = match dice.between("machine", 0, 3) {
            0 => ("issuer".to_owned(), ISSUER),
            1 => ("d1".to_owned(), D1),
            2 => (format!("agent/{station}"), AGENT),
            _ => (format!("station/{station}"), HARDWARE),
        };
        let at = |door: &Door| {
            station.parse().is_ok_and(|station| {
                let (caller, answers) = door.ends(&station);
                caller.to_string() == machine || answers.to_string() == machine
            })
        };
        Self {
            places,
            doors: self.doors.into_iter().filter(at).collect(),
            stations: match places {
                AGENT | HARDWARE => vec![station],
                _ => self.stations,
            },
            machines: vec![machine],
            ..self
        }
    }

    fn at_a_station(self, dice: &Dice) -> Self {
        let station = dice.pick("station", &self.stations).cloned();
        let station = station.unwrap_or_default();
        Self {
            places: STATION,
            doors: self
                .doors
                .into_iter()
                .filter(|door| door.has_stations())
                .collect(),
            machines: vec![format!("agent/{station}"), format!("station/{station}")],
            stations: vec![station],
            ..self
        }
    }

    fn of_a_customer(self, dice: &Dice) -> Self {
        let customer = dice.pick("customer", &self.customers).cloned();
        Self {
            places: CUSTOMER,
            customers: customer.into_iter().collect(),
            of_customer: 100,
            ..self
        }
    }

    fn at_a_step(self, dice: &Dice) -> Self {
        let steps: BTreeSet<Step> = catalogue().flat_map(|entry| entry.steps).copied().collect();
        let steps: Vec<Step> = steps.into_iter().collect();
        Self {
            step: dice.pick("step", &steps).copied(),
            ..self
        }
    }

    /// The doors at which messages of these steps arrive.
    pub(super) fn doors(&self, steps: &[Step]) -> Vec<Door> {
        let meant = |step: &Step| steps.contains(step) && self.is_meant(*step);
        let carries = |door: &&Door| steps_at(**door).iter().any(meant);
        self.doors.iter().filter(carries).copied().collect()
    }

    fn is_meant(&self, step: Step) -> bool {
        self.step.is_none_or(|only| only == step)
    }

    /// Of the steps of an entry, those that are meant.
    pub(super) fn steps(&self, entry: &Entry) -> Vec<Step> {
        let steps = entry.steps.iter().copied();
        steps.filter(|step| self.is_meant(*step)).collect()
    }

    /// Whether a fault can strike there.
    pub(crate) fn fits(&self, entry: &Entry) -> bool {
        let has_target = match entry.place.aim() {
            Aim::Link => !self.doors(entry.steps).is_empty(),
            Aim::Machine | Aim::Station | Aim::Customer | Aim::Orders => true,
        };
        self.places.contains(&entry.place) && has_target && !self.steps(entry).is_empty()
    }
}

/// Doors, each so often as it counts: through some of them hardly one message goes for a card.
pub(super) fn by_traffic(doors: &[Door]) -> Vec<Door> {
    let often = |door: Door| match door {
        Door::Token | Door::IssuerToken | Door::Pins => 1,
        _ => 4,
    };
    let all = doors.iter();
    all.flat_map(|door| std::iter::repeat_n(*door, often(*door)))
        .collect()
}

/// The steps to which messages at a door belong.
const fn steps_at(door: Door) -> &'static [Step] {
    match door {
        Door::Kiosk => &[Step::Request],
        Door::Notifications | Door::IssuerToken => &[Step::Notify],
        // No fault of messages is one of preparations, and yet a PIN may not come.
        Door::Pins => &[Step::Prepare, Step::Order],
        Door::Token => &[Step::Order],
        Door::Orders => &[Step::Order, Step::Notify],
        Door::Stations => &[Step::Dispatch, Step::Produce],
        Door::Jobs => &[Step::Dispatch],
        Door::Printer | Door::Chip => &[Step::Produce],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cast() -> Cast {
        Cast {
            stations: vec!["KIOSK-1".to_owned(), "BRANCH-2".to_owned()],
            customers: vec!["alice".to_owned()],
            arrivals: vec![0],
        }
    }

    #[test]
    fn everywhere_is_everything() {
        let all = Reach::everywhere(&cast());
        assert!(catalogue().all(|entry| all.fits(entry)));
    }

    #[test]
    fn whatever_a_day_is_about_something_can_strike_there() {
        for seed in 0..500 {
            let reach = Reach::drawn(&Dice::of(seed), &cast());
            let fits = catalogue().filter(|entry| reach.fits(entry)).count();
            assert!((3..120).contains(&fits), "{seed}: {fits}, {reach:?}");
        }
    }

    /// Every fault has days on which it does not come alone.
    #[test]
    fn every_entry_fits_some_theme() {
        let all: Vec<Reach> = (0..500)
            .map(|seed| Reach::drawn(&Dice::of(seed), &cast()))
            .collect();
        for entry in catalogue() {
            assert!(all.iter().any(|reach| reach.fits(entry)), "{}", entry.name);
        }
    }
}
