//! Where every card really is, whose it is and what is on it: a fold over the hardware's truths.

use std::collections::BTreeMap;
use std::fmt::Display;

use persotwin_contract::ids::{OperationId, PersoStation};
use persotwin_kernel::Record;
use persotwin_kernel::event::{CardSide, Essence, Physical};
use persotwin_link::{CustomerName, Machine, Place, Serial};

use crate::orders::truth;

/// A blank that was picked, and all that became of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Card {
    /// The station it was loaded at.
    pub(crate) station: Option<PersoStation>,
    /// The job whose data it carries; before that the first one that it was used for.
    pub(crate) operation: Option<OperationId>,
    /// Whose card that job makes.
    pub(crate) customer: Option<CustomerName>,
    /// Where it lies.
    pub(crate) place: Option<Place>,
    /// Whether live keys are on the chip.
    pub(crate) keys: Keys,
    /// What is on the chip, once it is personalised.
    pub(crate) chip: Option<Essence>,
    /// What is on the stripe.
    pub(crate) stripe: Option<Essence>,
    /// What can be read on the front.
    pub(crate) front: Option<Essence>,
}

/// Whether a chip could pay, or be made to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Keys {
    /// It holds none.
    #[default]
    None,
    /// It holds those of a card.
    Live,
}

impl Card {
    /// Whether somebody holds it.
    pub(crate) fn in_hand(&self) -> bool {
        matches!(self.place, Some(Place::Hand(_)))
    }
}

/// Every card that was touched.
#[derive(Debug, Default)]
pub(crate) struct Cards(BTreeMap<Serial, Card>);

impl Cards {
    /// Learns what a record tells; gives the card that it tells of.
    pub(crate) fn learn<'a>(&'a mut self, record: &'a Record) -> Option<(&'a Serial, &'a Card)> {
        let truth = truth(record)?;
        let serial = serial(&truth.what)?;
        let card = self.0.entry(serial.clone()).or_default();
        // A blank that was rejected untouched may be fed again, and become another's card.
        let becomes = matches!(truth.what, Physical::Personalised { .. });
        if card.operation.is_none() || becomes {
            card.operation.clone_from(&truth.about.operation);
            card.customer.clone_from(&record.customer);
        }
        if card.station.is_none() {
            card.station = station(&record.machine).cloned();
        }
        match &truth.what {
            Physical::Moved { to, .. } => card.place = Some(to.clone()),
            Physical::KeysLoaded { .. } => card.keys = Keys::Live,
            Physical::Personalised { essence, .. } => {
                card.keys = Keys::Live;
                card.chip = Some(essence.clone());
            }
            Physical::Encoded { essence, .. } => card.stripe = Some(essence.clone()),
            Physical::Printed {
                side: CardSide::Front,
                essence: Some(essence),
                ..
            } => card.front = Some(essence.clone()),
            _ => {}
        }
        Some((serial, card))
    }

    /// A card by its serial number.
    pub(crate) fn get(&self, serial: &Serial) -> Option<&Card> {
        self.0.get(serial)
    }

    /// Every card, by serial number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Serial, &Card)> {
        self.0.iter()
    }
}

/// The plastic that a truth is about.
fn serial(what: &Physical) -> Option<&Serial> {
    match what {
        Physical::Moved { serial, .. }
        | Physical::ChipReset { serial }
        | Physical::Apdu { serial, .. }
        | Physical::KeysLoaded { serial }
        | Physical::Personalised { serial, .. }
        | Physical::Encoded { serial, .. }
        | Physical::Printed { serial, .. }
        | Physical::Examined { serial, .. } => Some(serial),
        Physical::Loaded { .. } | Physical::Printer { .. } => None,
    }
}

/// The station that a machine belongs to.
pub(crate) fn station(machine: &Machine) -> Option<&PersoStation> {
    match machine {
        Machine::Agent(station) | Machine::Station(station) | Machine::Staff(station) => {
            Some(station)
        }
        _ => None,
    }
}

/// The station that something was done to, from `station/KIOSK-PS-101`.
pub(crate) fn place(on: &str) -> Option<PersoStation> {
    on.split_once('/').and_then(|(_, id)| id.parse().ok())
}

/// Where a place is, for sentences: `in hopper 1`, `at the flipper`, `in the hand of alice`.
pub(crate) fn spot(place: &Place) -> String {
    match place {
        Place::Hopper(number) => format!("in hopper {number}"),
        Place::Path(_) => format!("at the {place}"),
        Place::Exit | Place::Hand(_) | Place::RejectBin => format!("in the {place}"),
    }
}

/// So many blanks: `1 blank`, `2 blanks`.
pub(crate) fn blanks(count: impl Display + PartialEq + From<u8> + Copy) -> String {
    let noun = if count == 1.into() { "blank" } else { "blanks" };
    format!("{count} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_counts_have_their_grammar() {
        let hand = Place::Hand("alice".parse().unwrap());
        let flipper = Place::Path(persotwin_link::PathStation::Flipper);
        let places = [Place::Hopper(1), flipper, hand, Place::RejectBin];
        let spots = [
            "in hopper 1",
            "at the flipper",
            "in the hand of alice",
            "in the reject bin",
        ];
        assert_eq!(places.map(|place| spot(&place)), spots);
        assert_eq!(
            [0_u32, 1, 2].map(blanks),
            ["0 blanks", "1 blank", "2 blanks"]
        );
    }
}
