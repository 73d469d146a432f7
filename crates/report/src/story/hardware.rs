//! The card's way through the printer, told as stretches of work, not as single movements and commands.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_kernel::event::{CardSide, Physical};
use persotwin_link::{PathStation, Place, Serial};

use super::tell::Said;
use super::words;
use crate::style::Tone;

/// Where cards lie, and how many commands their chips have had.
#[derive(Debug, Default)]
pub(super) struct Hardware {
    places: BTreeMap<Serial, Place>,
    /// Cards that have lain in the exit.
    presented: BTreeSet<Serial>,
    commands: BTreeMap<Serial, u32>,
}

impl Hardware {
    /// The line of a truth; a command of a chip is only counted.
    pub(super) fn tell(&mut self, what: &Physical) -> Option<Said> {
        match what {
            Physical::Moved { serial, from, to } => {
                self.places.insert(serial.clone(), to.clone());
                if *to == Place::Exit {
                    self.presented.insert(serial.clone());
                }
                moved(serial, from, to, self.presented.contains(serial))
            }
            Physical::Apdu { serial, .. } => {
                *self.commands.entry(serial.clone()).or_default() += 1;
                None
            }
            Physical::Printed { serial, side, .. } => Some(Said::new(
                self.place(serial),
                match side {
                    CardSide::Front => "front printed",
                    CardSide::Back => "back printed",
                },
            )),
            Physical::Loaded { .. }
            | Physical::Printer { .. }
            | Physical::ChipReset { .. }
            | Physical::KeysLoaded { .. }
            | Physical::Personalised { .. }
            | Physical::Encoded { .. }
            | Physical::Examined { .. } => None,
        }
    }

    /// Where a card lies, in words; nothing if it was never seen to move.
    pub(super) fn place(&self, serial: &Serial) -> String {
        self.places
            .get(serial)
            .map_or("printer".to_owned(), words::place)
    }

    /// How many commands its chip has had.
    pub(super) fn commands(&self, serial: &Serial) -> u32 {
        self.commands.get(serial).copied().unwrap_or_default()
    }
}

fn moved(serial: &Serial, from: &Place, to: &Place, presented: bool) -> Option<Said> {
    let blank = words::blank(serial);
    let where_to = words::place(to);
    Some(match (from, to) {
        (Place::Hopper(_), _) => Said::new(words::place(from), format!("blank {blank} picked")),
        (Place::Exit, Place::Path(_)) => {
            Said::new("exit", format!("card {blank} is drawn back in")).tone(Tone::Trouble)
        }
        (Place::Path(PathStation::PrintHead), Place::Path(PathStation::Flipper)) => {
            // It has only come there: turning takes a while from now on.
            Said::new(where_to, "turns over")
        }
        (_, Place::Path(_)) => return None,
        (_, Place::Exit) => Said::new(where_to, format!("card {blank} comes out")),
        (_, Place::Hand(_)) => Said::new(where_to, format!("takes card {blank}")).tone(Tone::Good),
        (_, Place::RejectBin) => {
            let word = if presented { "captured" } else { "rejected" };
            Said::new(where_to, format!("card {blank} {word}")).tone(Tone::Trouble)
        }
        (_, Place::Hopper(_)) => Said::new(where_to, format!("blank {blank} put back")),
    })
}
