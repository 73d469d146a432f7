//! Plastic neither comes from nowhere nor goes there.

use std::collections::BTreeMap;

use persotwin_contract::ids::PersoStation;
use persotwin_kernel::Record;
use persotwin_kernel::event::Physical;
use persotwin_link::{Machine, Place, Serial};

use crate::cards::{blanks, spot, station};
use crate::orders::truth;
use crate::{Breach, Law, Setup};

const NAME: &str = "blanks-add-up";

/// Hoppers + path + exit + hands + reject bin = blanks really loaded.
///
/// Folds the hardware's `loaded` and `moved`: a blank leaves a hopper only if one is in it, and a card moves only from where it lies;
/// then the sum holds at every instant. At rest, no station was loaded with less than it was set up with.
///
/// It does not say what the agent believes to be left (books-agree), nor which place a card may be in.
#[derive(Debug, Default)]
pub(crate) struct BlanksAddUp {
    setup: Setup,
    loaded: BTreeMap<PersoStation, u64>,
    hoppers: BTreeMap<(Machine, u8), u64>,
    places: BTreeMap<Serial, Place>,
}

impl BlanksAddUp {
    pub(crate) fn new(setup: &Setup) -> Self {
        Self {
            setup: setup.clone(),
            ..Self::default()
        }
    }

    fn moved(
        &mut self,
        machine: &Machine,
        serial: &Serial,
        from: &Place,
        to: &Place,
    ) -> Option<String> {
        let lay = self.places.remove(serial);
        let wrong = match (&lay, from) {
            (Some(place), from) if place != from => Some(format!(
                "{serial} lay {} and moved as if it lay {}",
                spot(place),
                spot(from)
            )),
            (None, Place::Hopper(number)) => self.taken_from(machine, *number, serial),
            (None, from) => Some(format!(
                "{serial} was never loaded and moved as if it lay {}",
                spot(from)
            )),
            (Some(_), _) => None,
        };
        match to {
            Place::Hopper(number) => {
                *self.hoppers.entry((machine.clone(), *number)).or_default() += 1;
            }
            place => {
                self.places.insert(serial.clone(), place.clone());
            }
        }
        wrong
    }

    fn taken_from(&mut self, machine: &Machine, number: u8, serial: &Serial) -> Option<String> {
        let left = self.hoppers.entry((machine.clone(), number)).or_default();
        match left.checked_sub(1) {
            Some(fewer) => {
                *left = fewer;
                None
            }
            None => Some(format!(
                "{serial} was picked from hopper {number}, which is empty"
            )),
        }
    }
}

impl Law for BlanksAddUp {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sentence(&self) -> &'static str {
        "Hoppers + path + exit + hands + reject bin = blanks really loaded."
    }

    fn see(&mut self, record: &Record) -> Option<Breach> {
        match &truth(record)?.what {
            Physical::Loaded { hopper, count, .. } => {
                let count = u64::from(*count);
                let key = (record.machine.clone(), *hopper);
                *self.hoppers.entry(key).or_default() += count;
                if let Some(station) = station(&record.machine) {
                    *self.loaded.entry(station.clone()).or_default() += count;
                }
                None
            }
            Physical::Moved { serial, from, to } => {
                let how = self.moved(&record.machine, serial, from, to)?;
                Some(Breach::at(NAME, record, how))
            }
            _ => None,
        }
    }

    fn at_rest(&mut self) -> Vec<Breach> {
        let short = |(id, station): (&PersoStation, &persotwin_link::setup::Station)| {
            let meant: u64 = station
                .hoppers
                .iter()
                .map(|load| u64::from(load.blanks))
                .sum();
            let loaded = self.loaded.get(id).copied().unwrap_or_default();
            (loaded < meant).then(|| {
                let how = format!(
                    "{id} was set up with {} and loaded with {loaded}",
                    blanks(meant)
                );
                Breach::at_rest(NAME, how)
            })
        };
        self.setup.stations.iter().filter_map(short).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Story, setup, truth};
    use persotwin_kernel::Event;

    #[test]
    fn a_card_moves_from_where_it_lies() {
        let story = Story::happy().changed(|event| {
            if let Event::Card(truth) = event
                && let Physical::Moved { to, .. } = &mut truth.what
                && *to == Place::Exit
            {
                *to = Place::RejectBin;
            }
        });
        assert_eq!(story.broken(), [NAME]);
    }

    #[test]
    fn a_missing_movement_is_noticed() {
        let to_exit = truth(|what| {
            matches!(
                what,
                Physical::Moved {
                    to: Place::Exit,
                    ..
                }
            )
        });
        assert_eq!(Story::happy().without(to_exit).broken(), [NAME]);
    }

    #[test]
    fn an_empty_hopper_gives_nothing() {
        let mut law = BlanksAddUp::new(&setup());
        let unloaded =
            Story::happy().without(truth(|what| matches!(what, Physical::Loaded { .. })));
        let found: Vec<_> = unloaded
            .records()
            .iter()
            .filter_map(|r| law.see(r))
            .collect();
        assert!(found[0].how.contains("empty"), "{found:?}");
        assert_eq!(
            law.at_rest().len(),
            1,
            "set up with 100 and loaded with none"
        );
    }
}
