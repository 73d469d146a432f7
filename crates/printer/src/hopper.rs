//! Hoppers: blanks that exist as a number until one is picked.

use std::collections::BTreeMap;
use std::ops::Range;

use persotwin_chip::Profile;
use persotwin_contract::ids::PersoStation;
use persotwin_link::Serial;
use persotwin_link::stock::{Coercivity, Load, StockName};

use crate::blank::Blank;
use crate::face::Side;
use crate::stripe::Stripe;

/// How a blank lies in the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Lies {
    /// As it should: the chip is up.
    #[default]
    Right,
    /// With the chip down.
    UpsideDown,
}

impl Lies {
    /// Which side is really up when the mechanics would have this one up.
    pub(crate) fn really(self, side: Side) -> Side {
        match self {
            Self::Right => side,
            Self::UpsideDown => side.turned(),
        }
    }
}

/// What a kind of blank is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kind {
    stock: StockName,
    profile: Profile,
    stripe: Coercivity,
}

/// A hopper with blanks of one stock, one lot, as its label says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hopper {
    kind: Kind,
    /// `STATION` and lot letter of every serial number.
    station: PersoStation,
    lot: String,
    /// Blanks picked so far: the number of the blank on top is one more.
    picked: u32,
    /// Blanks still in it.
    left: u32,
    /// Cards that somebody put on top of the blanks, the last one uppermost.
    fed_again: Vec<Blank>,
    /// Numbers of blanks that are of another kind than the label says.
    others: Vec<(Range<u32>, Kind)>,
    /// Numbers of blanks that lie upside down.
    turned: Vec<Range<u32>>,
}

impl Hopper {
    /// The hopper of this number, from 1.
    pub(crate) fn new(station: PersoStation, number: u8, load: &Load, profile: Profile) -> Self {
        Self {
            kind: Kind {
                stock: load.stock.clone(),
                profile,
                stripe: load.stripe,
            },
            station,
            lot: lot(number),
            picked: 0,
            left: load.blanks,
            fed_again: Vec::new(),
            others: Vec::new(),
            turned: Vec::new(),
        }
    }

    /// What its label says.
    pub(crate) fn stock(&self) -> &StockName {
        &self.kind.stock
    }

    /// Which stripe its blanks have.
    pub(crate) fn stripe(&self) -> Coercivity {
        self.kind.stripe
    }

    /// How many pieces of plastic lie in it.
    pub(crate) fn left(&self) -> u32 {
        let again = u32::try_from(self.fed_again.len()).unwrap_or(u32::MAX);
        self.left.saturating_add(again)
    }

    /// Takes what lies on top.
    pub(crate) fn pick(&mut self) -> Option<(Blank, Lies)> {
        if let Some(card) = self.fed_again.pop() {
            return Some((card, Lies::Right));
        }
        self.left = self.left.checked_sub(1)?;
        self.picked += 1;
        let lies = if self.turned.iter().any(|range| range.contains(&self.picked)) {
            Lies::UpsideDown
        } else {
            Lies::Right
        };
        Some((self.blank(self.picked), lies))
    }

    /// Puts more blanks in, under the others; returns how many really, for numbers end somewhere.
    pub(crate) fn refill(&mut self, blanks: u32) -> u32 {
        let room = u32::MAX - self.picked - self.left;
        let added = blanks.min(room);
        self.left += added;
        added
    }

    /// A card that left it comes back.
    pub(crate) fn put_on_top(&mut self, card: Blank) {
        self.fed_again.push(card);
    }

    /// The top blanks are of another kind.
    pub(crate) fn mix_in(
        &mut self,
        stock: &StockName,
        profile: &Profile,
        stripe: Coercivity,
        count: u32,
    ) {
        let kind = Kind {
            stock: stock.clone(),
            profile: profile.clone(),
            stripe,
        };
        self.others.push((self.top(count), kind));
    }

    /// The top blanks lie upside down.
    pub(crate) fn turn_over(&mut self, count: u32) {
        self.turned.push(self.top(count));
    }

    /// Everything is as the label says; returns the cards that had been put on top.
    pub(crate) fn put_right(&mut self) -> Vec<Blank> {
        self.others.clear();
        self.turned.clear();
        std::mem::take(&mut self.fed_again)
    }

    fn top(&self, count: u32) -> Range<u32> {
        let first = self.picked.saturating_add(1);
        first..first.saturating_add(count.min(self.left))
    }

    /// The serial numbers of the blanks in it, from the top; those of cards fed again come first.
    pub(crate) fn serials(&self) -> impl Iterator<Item = Serial> {
        let again = self
            .fed_again
            .iter()
            .rev()
            .map(|card| card.serial().clone());
        let blanks = self.picked..self.picked + self.left;
        again.chain(blanks.map(|before| self.serial(before + 1)))
    }

    /// A look at a blank that is in it.
    pub(crate) fn look(&self, serial: &Serial) -> Option<Blank> {
        if let Some(card) = self.fed_again.iter().find(|card| card.serial() == serial) {
            return Some(card.clone());
        }
        let (_, count) = serial.as_str().rsplit_once('/')?;
        let count: u32 = count.parse().ok()?;
        let inside = count > self.picked && count - self.picked <= self.left;
        (inside && self.serial(count) == *serial).then(|| self.blank(count))
    }

    fn blank(&self, count: u32) -> Blank {
        let mut others = self.others.iter().rev();
        let other = others.find(|(range, _)| range.contains(&count));
        let kind = other.map_or(&self.kind, |(_, kind)| kind);
        Blank::fresh(self.serial(count), kind.stock.clone(), &kind.profile)
            .with_stripe(Stripe::bare(kind.stripe))
    }

    fn serial(&self, count: u32) -> Serial {
        Serial::new(self.station.as_str(), &self.lot, count)
    }
}

/// Which chips each stock has.
pub(crate) type Chips = BTreeMap<StockName, Profile>;

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
        let load = Load::of(StockName::default(), blanks);
        Hopper::new(
            "KIOSK-PS-101".parse().unwrap(),
            1,
            &load,
            Profile::generic(),
        )
    }

    fn picked(hopper: &mut Hopper) -> Blank {
        hopper.pick().unwrap().0
    }

    #[test]
    fn blanks_are_numbered_in_the_order_of_picking() {
        let mut hopper = hopper(2);
        let all: Vec<Serial> = hopper.serials().collect();
        assert_eq!(
            picked(&mut hopper).serial().as_str(),
            "KIOSK-PS-101/A/00001"
        );
        assert_eq!(picked(&mut hopper).serial(), &all[1]);
        assert!(hopper.pick().is_none());
        assert_eq!(hopper.refill(1), 1);
        assert_eq!(
            picked(&mut hopper).serial().as_str(),
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
        hopper.turn_over(u32::MAX);
        assert_eq!(hopper.pick().unwrap().1, Lies::UpsideDown);
    }

    #[test]
    fn the_label_may_be_wrong_for_the_blanks_on_top() {
        let mut hopper = hopper(3);
        let metal: StockName = "metal".parse().unwrap();
        hopper.mix_in(&metal, &Profile::generic(), Coercivity::Loco, 2);
        hopper.turn_over(1);
        let (first, lies) = hopper.pick().unwrap();
        assert_eq!((first.stock(), lies), (&metal, Lies::UpsideDown));
        assert_eq!(hopper.stock(), &StockName::default());
        assert_eq!(hopper.pick().unwrap().1, Lies::Right);
        assert_eq!(picked(&mut hopper).stock(), &StockName::default());
    }

    #[test]
    fn a_card_fed_again_comes_first() {
        let mut hopper = hopper(2);
        let card = picked(&mut hopper);
        hopper.put_on_top(card.clone());
        assert_eq!((hopper.left(), hopper.serials().count()), (2, 2));
        assert_eq!(hopper.look(card.serial()), Some(card.clone()));
        assert_eq!(picked(&mut hopper), card);
        hopper.put_on_top(card.clone());
        assert_eq!(hopper.put_right(), [card]);
        assert_eq!(hopper.left(), 1);
    }

    #[test]
    fn lots_have_letters() {
        assert_eq!(
            (lot(1), lot(26), lot(27)),
            ("A".into(), "Z".into(), "27".into())
        );
    }
}
