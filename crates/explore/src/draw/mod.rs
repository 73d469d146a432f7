//! A seed draws a world: who wants a card, where it is made, how long everybody waits, and what goes wrong.
//!
//! Each aspect is drawn under its own name and never from one stream, so an aspect that is added changes no other aspect of any seed.
//!
//! | part | draws |
//! |---|---|
//! | `dice` | by name |
//! | `stations` | stations, their stock and timings; branches and their staff |
//! | `customers` | who wants a card, when and where |
//! | `surroundings` | rules, products, time-outs, latencies |
//! | `theme` | what a bad day is about |
//! | `faults` | a subset of the catalogue: which, how hard, on whom |
//! | `instants` | when |
//! | `params` | the parameters of faults and actions, from what the catalogue says of them |
//! | `repairs` | what operators and staff do |

mod customers;
mod dice;
mod faults;
mod instants;
mod params;
mod repairs;
mod stations;
mod surroundings;
mod theme;

use persotwin_faults::Behaviour;

use crate::draft::{Draft, names};
pub(crate) use dice::Dice;

/// Who is in a drawn world, for whatever is aimed at them.
#[derive(Debug, Clone)]
pub(crate) struct Cast {
    pub(crate) stations: Vec<String>,
    pub(crate) customers: Vec<String>,
    /// When, in seconds, each customer asks.
    pub(crate) arrivals: Vec<u32>,
}

/// The world of a seed, with machines that lack these protections.
pub fn draw(seed: u64, behaviour: &[Behaviour]) -> Draft {
    let dice = Dice::of(seed);
    let mut draft = Draft::empty(seed);
    draft.behaviour = behaviour.to_vec();
    stations::draw(&dice, &mut draft);
    let arrivals = customers::draw(&dice, &mut draft);
    surroundings::draw(&dice, &mut draft);
    let cast = Cast {
        stations: names(&draft.stations),
        customers: names(&draft.customers),
        arrivals,
    };
    faults::draw(&dice, &cast, &mut draft);
    repairs::draw(&dice, &cast, &mut draft);
    draft
}

#[cfg(test)]
mod tests;
