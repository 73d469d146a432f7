//! Every blank with its place, and their sum.

use persotwin_link::{CustomerName, PathStation, Place, Serial};

use crate::blank::Blank;
use crate::printer::Printer;

/// How many blanks lie where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// In each hopper, from number 1.
    pub hoppers: Vec<u32>,
    /// On the path: none or one, or two after a double feed.
    pub path: u64,
    /// In the exit: none or one.
    pub exit: u64,
    /// In hands.
    pub hands: u64,
    /// In the reject bin, and taken out of it by operators.
    pub rejected: u64,
    /// Really loaded, at first and by operators.
    pub loaded: u64,
}

impl Census {
    /// Every blank that is somewhere.
    pub fn total(&self) -> u64 {
        let hoppers: u64 = self.hoppers.iter().copied().map(u64::from).sum();
        hoppers + self.path + self.exit + self.hands + self.rejected
    }

    /// Whether no blank is lost and none came from nowhere.
    pub fn adds_up(&self) -> bool {
        self.total() == self.loaded
    }
}

impl Printer {
    /// Counts every blank.
    pub fn census(&self) -> Census {
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Census {
            hoppers: self
                .hoppers
                .iter()
                .map(crate::hopper::Hopper::left)
                .collect(),
            path: u64::from(self.path.is_some()) + u64::from(self.behind.is_some()),
            exit: u64::from(self.exit.is_some()),
            hands: count(self.hands.len()),
            rejected: count(self.bin.len() + self.emptied.len()),
            loaded: self.loaded,
        }
    }

    /// Every blank with its place: hoppers first. One in a hopper is only a number yet; one that
    /// an operator took out of the reject bin is still listed there.
    pub fn places(&self) -> impl Iterator<Item = (Serial, Place)> {
        let hoppers = self.numbered_hoppers().flat_map(|(number, hopper)| {
            hopper
                .serials()
                .map(move |serial| (serial, Place::Hopper(number)))
        });
        hoppers.chain(
            self.cards()
                .map(|(blank, place)| (blank.serial().clone(), place)),
        )
    }

    /// Every blank that left its hopper, with its place: path, exit, hands, reject bin.
    pub fn cards(&self) -> impl Iterator<Item = (&Blank, Place)> {
        let path = self
            .path
            .iter()
            .map(|card| (&card.blank, Place::Path(card.at)));
        let behind = self
            .behind
            .iter()
            .map(|(blank, _)| (blank, Place::Path(PathStation::Feeder)));
        let exit = self.exit.iter().map(|blank| (blank, Place::Exit));
        let hands = self
            .hands
            .iter()
            .map(|(who, blank)| (blank, Place::Hand(who.clone())));
        let bin = self
            .emptied
            .iter()
            .chain(&self.bin)
            .map(|blank| (blank, Place::RejectBin));
        path.chain(behind).chain(exit).chain(hands).chain(bin)
    }

    /// The cards in somebody's hand.
    pub fn in_hand_of(&self, who: &CustomerName) -> impl Iterator<Item = &Blank> {
        self.hands
            .iter()
            .filter(move |(holder, _)| holder == who)
            .map(|(_, blank)| blank)
    }

    /// Where a blank lies.
    pub fn place_of(&self, serial: &Serial) -> Option<Place> {
        let hoppers = self.numbered_hoppers();
        let mut inside = hoppers.filter(|(_, hopper)| hopper.look(serial).is_some());
        let card = || self.cards().find(|(blank, _)| blank.serial() == serial);
        inside
            .next()
            .map(|(number, _)| Place::Hopper(number))
            .or_else(|| card().map(|(_, place)| place))
    }

    /// A blank as it is, wherever it lies.
    pub fn blank(&self, serial: &Serial) -> Option<Blank> {
        let card = self.cards().find(|(blank, _)| blank.serial() == serial);
        card.map(|(blank, _)| blank.clone())
            .or_else(|| self.hoppers.iter().find_map(|hopper| hopper.look(serial)))
    }
}
