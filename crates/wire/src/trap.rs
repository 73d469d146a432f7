//! A fault of the catalogue that waits for its messages.

use persotwin_faults::FaultId;
use persotwin_faults::value::Percent;
use persotwin_kernel::event::Exchange;
use persotwin_kernel::{Chance, Moment};
use persotwin_link::{CustomerName, Face, Link, Machine};
use rand::RngExt;

use crate::fault::{Fault, Strike};

/// What a fault is called, for whoever reads of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// In its scenario.
    pub id: FaultId,
    /// In the catalogue.
    pub fault: &'static str,
}

/// Which messages a trap is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aim {
    /// Those to a face, of one caller or of all.
    Face(Face, Option<Machine>),
    /// Those of a link, of one caller or of all.
    Link(Link, Option<Machine>),
    /// Whatever one machine says to another, this way.
    Between {
        /// The caller.
        from: Machine,
        /// The callee.
        to: Machine,
    },
}

/// A fault that waits for its messages.
#[derive(Debug, Clone)]
pub struct Trap {
    /// Its name; none in a machine's own tests.
    pub cause: Option<Cause>,
    /// Which messages.
    pub aim: Aim,
    /// Only what is about this customer's card.
    pub customer: Option<CustomerName>,
    /// Let so many pass first.
    pub skip: u32,
    /// Then strike so many; all without.
    pub times: Option<u32>,
    /// Only until then.
    pub until: Option<Moment>,
    /// How likely each of them is struck, drawn by its key.
    pub chance: Percent,
    /// With this.
    pub fault: Fault,
}

/// What strikes a message.
#[derive(Debug)]
pub(crate) struct Caught {
    pub(crate) cause: Option<Cause>,
    pub(crate) fault: Fault,
}

/// A message that passes by.
pub(crate) struct Message<'a> {
    pub(crate) exchange: &'a Exchange,
    pub(crate) customer: Option<&'a CustomerName>,
    /// How many went the same way before it.
    pub(crate) nth: u64,
    pub(crate) now: Moment,
}

impl Aim {
    fn is_at(&self, exchange: &Exchange) -> bool {
        let Exchange {
            from,
            to,
            method,
            path,
            ..
        } = exchange;
        // Nobody but the issuer calls from outside.
        let is = |caller: &Machine| {
            caller == from || (*from == Machine::Stranger && *caller == Machine::Issuer)
        };
        let by = |caller: &Option<Machine>| caller.as_ref().is_none_or(is);
        match self {
            Self::Face(face, caller) => face == to && by(caller),
            Self::Link(link, caller) => link.carries(to, method, path) && by(caller),
            Self::Between {
                from: caller,
                to: callee,
            } => is(caller) && *callee == to.machine(),
        }
    }
}

impl Trap {
    /// Whether it has this name.
    pub(crate) fn is_of(&self, id: &FaultId) -> bool {
        self.cause.as_ref().is_some_and(|cause| cause.id == *id)
    }

    /// Whether it strikes nothing any more.
    pub(crate) fn is_over(&self, now: Moment) -> bool {
        self.until.is_some_and(|until| now >= until) || self.times == Some(0)
    }

    /// Whether this strikes a message; counts it if it is one of its own.
    pub(crate) fn catches(&mut self, message: &Message<'_>, chance: &Chance) -> Option<Caught> {
        if !self.is_for(message, chance) {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        self.times = self.times.map(|times| times - 1);
        Some(Caught {
            cause: self.cause.clone(),
            fault: self.fault.clone(),
        })
    }

    /// Counts a message that another trap has caught.
    fn misses(&mut self, message: &Message<'_>, chance: &Chance) {
        if self.skip > 0 && self.is_for(message, chance) {
            self.skip -= 1;
        }
    }

    /// Whether a message is one of those that it is about, now.
    fn is_for(&self, message: &Message<'_>, chance: &Chance) -> bool {
        let about = self.customer.is_none() || self.customer.as_ref() == message.customer;
        !self.is_over(message.now)
            && about
            && self.aim.is_at(message.exchange)
            && self.is_drawn(message, chance)
    }

    /// Whether chance picks a message. Keyed by what it is, so that no other message changes it.
    fn is_drawn(&self, message: &Message<'_>, chance: &Chance) -> bool {
        let Some(cause) = self.cause.as_ref().filter(|_| self.chance != Percent::ALL) else {
            return true;
        };
        let Exchange {
            from,
            to,
            method,
            path,
            about,
            ..
        } = message.exchange;
        let mut draw = chance.draw(
            "strike",
            &[
                &cause.id,
                from,
                to,
                method,
                path,
                &about.key(),
                &message.nth,
            ],
        );
        draw.random_range(0..100) < self.chance.get()
    }
}

/// What the first of these traps makes of a message. Each counts every message of its own, whoever catches it.
pub(crate) fn first(traps: &mut [Trap], message: &Message<'_>, chance: &Chance) -> Option<Caught> {
    let mut caught = None;
    for trap in traps {
        if caught.is_none() {
            caught = trap.catches(message, chance);
        } else {
            trap.misses(message, chance);
        }
    }
    caught
}

impl From<Strike> for Trap {
    fn from(strike: Strike) -> Self {
        let Strike {
            from,
            to,
            skip,
            times,
            fault,
        } = strike;
        Self {
            cause: None,
            aim: Aim::Face(to, from),
            customer: None,
            skip,
            times: Some(times),
            until: None,
            chance: Percent::ALL,
            fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use persotwin_kernel::event::{About, Failure, Phase};

    fn exchange(path: &str) -> Exchange {
        Exchange {
            exchange: 0,
            from: Machine::Issuer,
            to: Face::Orders,
            method: "POST".to_owned(),
            path: path.to_owned(),
            about: About::nothing(),
            phase: Phase::Sent { bytes: 0 },
        }
    }

    fn trap(chance: &str) -> Trap {
        use persotwin_faults::value::Parameter;
        Trap {
            cause: Some(Cause {
                id: "a".parse().unwrap(),
                fault: "time-out",
            }),
            aim: Aim::Link("d1.orders".parse().unwrap(), None),
            customer: None,
            skip: 0,
            times: None,
            until: Some(Moment::from_millis(1000)),
            chance: Percent::read(chance).unwrap(),
            fault: Fault::Before(crate::Lost::Failure(Failure::TimedOut)),
        }
    }

    fn catches(trap: &mut Trap, exchange: &Exchange, nth: u64, now: u64) -> bool {
        let message = Message {
            exchange,
            customer: None,
            nth,
            now: Moment::from_millis(now),
        };
        trap.catches(&message, &Chance::new(1)).is_some()
    }

    #[test]
    fn it_strikes_in_its_time_and_as_often_as_it_says() {
        let mut trap = trap("100%");
        (trap.skip, trap.times) = (1, Some(2));
        let one = exchange("/a");
        let hits: Vec<bool> = (0..4).map(|nth| catches(&mut trap, &one, nth, 0)).collect();
        assert_eq!(hits, [false, true, true, false]);
        trap.times = None;
        assert!(catches(&mut trap, &one, 5, 999));
        assert!(!catches(&mut trap, &one, 6, 1000));
    }

    #[test]
    fn each_counts_what_another_one_catches() {
        let mut traps = [trap("100%"), trap("100%")];
        (traps[0].times, traps[1].skip) = (Some(1), 1);
        traps[1].times = Some(1);
        let one = exchange("/a");
        let mut hits = (0..3).map(|nth| {
            let message = Message {
                exchange: &one,
                customer: None,
                nth,
                now: Moment::from_millis(0),
            };
            first(&mut traps, &message, &Chance::new(1)).is_some()
        });
        assert!(hits.next().unwrap() && hits.next().unwrap() && !hits.next().unwrap());
    }

    #[test]
    fn chance_picks_messages_by_what_they_are() {
        let one = exchange("/a");
        let hits = |skipped: u64| -> Vec<bool> {
            let mut trap = trap("30%");
            (skipped..200)
                .map(|nth| catches(&mut trap, &one, nth, 0))
                .collect()
        };
        let all = hits(0);
        assert_eq!(all[50..], hits(50), "who came before changes nothing");
        let struck = all.iter().filter(|hit| **hit).count();
        assert!((30..90).contains(&struck), "{struck} of 200");
    }
}
