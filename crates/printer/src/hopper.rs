//! Hoppers: blanks that exist as a number until one is picked.

use persotwin_chip::Profile;
use persotwin_contract::ids::PersoStation;
use persotwin_link::Serial;
use persotwin_link::stock::{Load, StockName};

use crate::blank::Blank;

/// A hopper with blanks of one stock, one lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hopper {
    stock: StockName,
    profile: Profile,
    /// `STATION` and lot letter of every serial number.
    station: PersoStation,
    lot: String,
    /// Blanks picked so far: the number of the blank on top is one more.
    picked: u32,
    /// Blanks still in it.
    left: u32,
}

impl Hopper {
    /// The hopper of this number, from 1.
    pub(crate) fn new(station: PersoStation, number: u8, load: &Load, profile: Profile) -> Self {
        let lot = lot(number);
        Self {
            stock: load.stock.clone(),
            profile,
            station,
            lot,
            picked: 0,
            left: load.blanks,
        }
    }

    pub(crate) fn stock(&self) -> &StockName {
        &self.stock
    }

    pub(crate) fn left(&self) -> u32 {
        self.left
    }

    /// Takes the blank on top.
    pub(crate) fn pick(&mut self) -> Option<Blank> {
        self.left = self.left.checked_sub(1)?;
        self.picked += 1;
        let serial = self.serial(self.picked);
        Some(Blank::fresh(serial, self.stock.clone(), &self.profile))
    }

    /// Puts more blanks in; returns how many really, for numbers end somewhere.
    pub(crate) fn refill(&mut self, blanks: u32) -> u32 {
        let room = u32::MAX - self.picked - self.left;
        let added = blanks.min(room);
        self.left += added;
        added
    }

    /// The serial numbers of what is in it, from the top.
    pub(crate) fn serials(&self) -> impl Iterator<Item = Serial> {
        (self.picked..self.picked + self.left).map(|before| self.serial(before + 1))
    }

    /// A look at a blank that is in it.
    pub(crate) fn look(&self, serial: &Serial) -> Option<Blank> {
        let (_, count) = serial.as_str().rsplit_once('/')?;
        let count: u32 = count.parse().ok()?;
        let inside = count > self.picked && count - self.picked <= self.left;
        (inside && self.serial(count) == *serial)
            .then(|| Blank::fresh(serial.clone(), self.stock.clone(), &self.profile))
    }

    fn serial(&self, count: u32) -> Serial {
        Serial::new(self.station.as_str(), &self.lot, count)
    }
}

/// `A` for hopper 1 to `Z` for 26, then the number itself.
fn lot(number: u8) -> String {
    match number {
        1..=26 => char::from(b'A' + (number - 1)).to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hopper(blanks: u32) -> Hopper {
        let load = Load {
            stock: StockName::default(),
            blanks,
        };
        Hopper::new(
            "KIOSK-PS-101".parse().unwrap(),
            1,
            &load,
            Profile::generic(),
        )
    }

    #[test]
    fn blanks_are_numbered_in_the_order_of_picking() {
        let mut hopper = hopper(2);
        let all: Vec<Serial> = hopper.serials().collect();
        let first = hopper.pick().unwrap();
        assert_eq!(first.serial().as_str(), "KIOSK-PS-101/A/00001");
        assert_eq!(hopper.pick().unwrap().serial(), &all[1]);
        assert_eq!(hopper.pick(), None);
        assert_eq!(hopper.refill(1), 1);
        assert_eq!(
            hopper.pick().unwrap().serial().as_str(),
            "KIOSK-PS-101/A/00003"
        );
    }

    #[test]
    fn one_can_look_at_what_is_inside_only() {
        let mut hopper = hopper(2);
        let top = Serial::new("KIOSK-PS-101", "A", 1);
        assert_eq!(hopper.look(&top).as_ref().map(Blank::serial), Some(&top));
        hopper.pick();
        assert_eq!(hopper.look(&top), None);
        assert_eq!(hopper.look(&Serial::new("KIOSK-PS-101", "B", 2)), None);
        assert_eq!(hopper.look(&Serial::new("KIOSK-PS-101", "A", 3)), None);
    }

    #[test]
    fn a_hopper_takes_no_more_than_numbers_last() {
        let mut hopper = hopper(u32::MAX - 1);
        assert_eq!(hopper.refill(5), 1);
        assert_eq!(hopper.left(), u32::MAX);
        hopper.pick();
        assert_eq!(hopper.refill(5), 0);
    }

    #[test]
    fn lots_have_letters() {
        assert_eq!(
            (lot(1), lot(26), lot(27)),
            ("A".into(), "Z".into(), "27".into())
        );
    }
}
