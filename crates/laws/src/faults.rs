//! Which breaches a fault explains by itself, whatever machines did about it.
//!
//! Which laws those are says the catalogue: `breaks` of its entry. About what, is known here:
//!
//! | what struck | about |
//! |---|---|
//! | a machine forgot the end of its ledger (`failover`, `deployment-forgets`) | the orders of which it forgot something, their cards, and the book of an agent |
//! | `handed-to-another` | the card that was handed over |
//! | `camera-blind` | the card on the path of that station and those that went through it since, and their orders |
//! | `card-fed-again` | plastic that went from the reject bin into a hopper, and the orders that it was used for |
//! | `counters-slip` | the book of that station's agent, which counts what it did not see by them; cards that went through that station since, and their orders |
//! | `chip-falls-silent` | the card that it struck: after its last command in the station nobody there can notice |
//!
//! Nothing else is explained: another card of the same world must be as it should.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_contract::ids::{OperationId, PersoStation};
use persotwin_faults::{Entry, catalogue};
use persotwin_kernel::event::{About, Belief, Disturbance, Event, Exchange, News, Phase, Physical};
use persotwin_kernel::{Moment, Record};
use persotwin_link::jobs::JobStatus;
use persotwin_link::{Face, Machine, Place, Serial};

use crate::breach::{Blame, Breach};
use crate::cards::{Cards, place, station};
use crate::orders::{Orders, belief};

/// A fold over the journal: what faults struck, and what they explain.
#[derive(Debug, Default)]
pub struct Faults {
    orders: Orders,
    cards: Cards,
    /// Whose data a piece of plastic was ever used for.
    used: BTreeMap<Serial, BTreeSet<OperationId>>,
    /// What each machine wrote down of orders, and when.
    written: BTreeMap<Machine, Vec<(Moment, About)>>,
    /// Of which something was forgotten.
    forgotten: Vec<About>,
    /// Whose agents forgot something.
    forgetful: BTreeSet<PersoStation>,
    /// The card that went into a hand last.
    last_taken: Option<Serial>,
    handed: BTreeSet<Serial>,
    blind: BTreeSet<PersoStation>,
    unseen: BTreeSet<Serial>,
    fed_again: BTreeSet<Serial>,
    silent: BTreeSet<Serial>,
    miscounted: BTreeSet<PersoStation>,
    /// What went through a station since its counters lied.
    uncounted: BTreeSet<Serial>,
}

impl Faults {
    /// Takes the next record.
    pub fn see(&mut self, record: &Record) {
        self.orders.learn(record);
        self.plastic(record);
        match &record.event {
            // What an agent is answered it writes down, and tells nobody.
            Event::Order(Belief { about, .. })
            | Event::Exchange(Exchange {
                to: Face::Stations,
                phase: Phase::Answered { .. },
                about,
                ..
            }) => self.writes(record, about),
            Event::Disturbance(Disturbance::FailedOver { of, lost_ms }) => {
                let since = record.moment.millis().saturating_sub(*lost_ms);
                self.forgets(of, Moment::from_millis(since));
            }
            Event::Disturbance(Disturbance::Fault { fault, on, .. }) => match *fault {
                "handed-to-another" => self.handed.extend(self.last_taken.clone()),
                "camera-blind" => {
                    // The camera looks last: at the card that lies there too.
                    let there = place(on).and_then(|station| self.on_path_of(&station));
                    self.unseen.extend(there);
                    self.blind.extend(place(on));
                }
                "counters-slip" => self.miscounted.extend(place(on)),
                "chip-falls-silent" => {
                    let there = place(on).and_then(|station| self.on_path_of(&station));
                    self.silent.extend(there);
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn on_path_of(&self, station: &PersoStation) -> Option<Serial> {
        let mut cards = self.cards.iter();
        let (serial, _) = cards.find(|(_, card)| {
            card.station.as_ref() == Some(station) && matches!(card.place, Some(Place::Path(_)))
        })?;
        Some(serial.clone())
    }

    fn plastic(&mut self, record: &Record) {
        let Some((serial, _)) = self.cards.learn(record) else {
            return;
        };
        let serial = serial.clone();
        let Event::Card(truth) = &record.event else {
            return;
        };
        if let Some(operation) = &truth.about.operation {
            let used = self.used.entry(serial.clone()).or_default();
            used.insert(operation.clone());
        }
        if station(&record.machine).is_some_and(|id| self.blind.contains(id)) {
            self.unseen.insert(serial.clone());
        }
        if station(&record.machine).is_some_and(|id| self.miscounted.contains(id)) {
            self.uncounted.insert(serial.clone());
        }
        match &truth.what {
            Physical::Moved {
                to: Place::Hand(_), ..
            } => self.last_taken = Some(serial),
            Physical::Moved {
                from: Place::RejectBin,
                to: Place::Hopper(_),
                ..
            } => {
                self.fed_again.insert(serial);
            }
            _ => {}
        }
    }

    fn writes(&mut self, record: &Record, about: &About) {
        let written = self.written.entry(record.machine.clone()).or_default();
        written.push((record.moment, about.clone()));
        if let Some(Belief {
            news:
                News::ReportHeard {
                    report: JobStatus::Produced { serial },
                },
            about,
        }) = belief(record)
            && let Some(operation) = &about.operation
        {
            let used = self.used.entry(serial.clone()).or_default();
            used.insert(operation.clone());
        }
    }

    fn forgets(&mut self, machine: &Machine, since: Moment) {
        let written = self.written.get(machine).into_iter().flatten();
        let lost = written.filter(|(at, _)| *at > since);
        let lost: Vec<_> = lost.map(|(_, about)| about.clone()).collect();
        if !lost.is_empty() {
            self.forgetful.extend(station(machine).cloned());
        }
        self.forgotten.extend(lost);
    }

    /// The same breach, with who is to blame for it.
    #[must_use]
    pub fn weigh(&self, mut breach: Breach) -> Breach {
        if self.explain(&breach) {
            breach.by = Blame::AFault;
        }
        breach
    }

    fn explain(&self, breach: &Breach) -> bool {
        let reaches = |fault: &str| match fault {
            "failover" => self.is_forgotten(breach) || is_book_of(&self.forgetful, breach),
            "deployment-forgets" => self.is_forgotten(breach),
            "handed-to-another" => on(&self.handed, breach),
            "camera-blind" => self.is_of(&self.unseen, breach),
            "card-fed-again" => self.is_of(&self.fed_again, breach),
            "counters-slip" => {
                is_book_of(&self.miscounted, breach) || self.is_of(&self.uncounted, breach)
            }
            "chip-falls-silent" => on(&self.silent, breach),
            _ => false,
        };
        let breaks = |entry: &Entry| entry.breaks.iter().any(|law| law.word() == breach.law);
        catalogue().any(|entry| breaks(entry) && reaches(entry.name))
    }

    /// Whether it is about an order of which something was forgotten, or about its plastic.
    fn is_forgotten(&self, breach: &Breach) -> bool {
        let mut of_serial = self.operations(breach.about.serial.as_ref());
        let of_order = breach.about.operation.as_ref();
        of_order.is_some_and(|operation| self.has_forgotten(operation))
            || of_serial.any(|operation| self.has_forgotten(operation))
    }

    /// Whether a machine forgot something of an order; the issuer can have forgotten it before it knew D1's name for it.
    fn has_forgotten(&self, operation: &OperationId) -> bool {
        self.forgotten.iter().any(|about| match &about.operation {
            Some(forgotten) => forgotten == operation,
            None => about.card.is_some() && about.card.as_ref() == self.orders.card(operation),
        })
    }

    /// Whether it is about one of these pieces of plastic, or about an order for which one of them was used.
    fn is_of(&self, serials: &BTreeSet<Serial>, breach: &Breach) -> bool {
        let order = breach.about.operation.as_ref();
        let mut all = serials.iter();
        on(serials, breach)
            || order.is_some_and(|order| {
                all.any(|serial| self.operations(Some(serial)).any(|used| used == order))
            })
    }

    fn operations(&self, serial: Option<&Serial>) -> impl Iterator<Item = &OperationId> {
        let used = serial.and_then(|serial| self.used.get(serial));
        used.into_iter().flatten()
    }
}

/// Whether it is about the book of one of these stations.
fn is_book_of(stations: &BTreeSet<PersoStation>, breach: &Breach) -> bool {
    let station = breach.about.station.as_ref();
    station.is_some_and(|station| stations.contains(station))
}

fn on(serials: &BTreeSet<Serial>, breach: &Breach) -> bool {
    let serial = breach.about.serial.as_ref();
    serial.is_some_and(|serial| serials.contains(serial))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use persotwin_kernel::event::Event;
    use persotwin_link::PathStation;

    use super::*;
    use crate::testing::{Story, agent, card, news, operation, serial, setup, station};

    fn blamed(story: &Story) -> Vec<(&'static str, Blame)> {
        let breaches = crate::judge(&setup(), story.records());
        breaches
            .iter()
            .map(|breach| (breach.law, breach.by))
            .collect()
    }

    fn fault(fault: &'static str, on: &str) -> Event {
        Event::Disturbance(Disturbance::Fault {
            id: fault.to_owned(),
            fault,
            on: on.to_owned(),
            exchange: None,
            how: None,
        })
    }

    fn handed_to_bob() -> Story {
        let mut story = Story::begun();
        story.ordered();
        story.produced(1);
        let exit = Place::Path(PathStation::Feeder);
        story.moved(1, exit, Place::Hand(crate::testing::bob()));
        story
    }

    fn of_leftovers(story: &Story) -> Vec<Blame> {
        let all = blamed(story).into_iter();
        all.filter(|(law, _)| *law == "no-live-leftovers")
            .map(|(_, by)| by)
            .collect()
    }

    #[test]
    fn only_a_card_that_was_handed_to_another_may_be_in_a_wrong_hand() {
        let mut story = handed_to_bob();
        assert_eq!(of_leftovers(&story), [Blame::Machines]);
        story.add(Machine::World, fault("handed-to-another", "alice"));
        assert_eq!(of_leftovers(&story), [Blame::AFault]);
        story.picked(2);
        story.personalised(2);
        assert_eq!(of_leftovers(&story), [Blame::AFault, Blame::Machines]);
    }

    #[test]
    fn what_an_agent_forgot_is_wrong_in_its_book_and_nothing_before_it() {
        let forgets = |lost_ms| {
            let no_book = news(|news| matches!(news, News::Book(_)));
            let mut story = Story::happy().without(no_book);
            let of = agent();
            story.add(
                Machine::World,
                Event::Disturbance(Disturbance::FailedOver { of, lost_ms }),
            );
            blamed(&story)
        };
        assert_eq!(
            forgets(0),
            [("books-agree", Blame::Machines)],
            "nothing was lost"
        );
        assert_eq!(forgets(u64::MAX), [("books-agree", Blame::AFault)]);
    }

    #[test]
    fn an_agent_forgets_what_it_was_answered_too() {
        let mut story = Story::begun();
        story.ordered();
        let released = Event::Exchange(Exchange {
            exchange: 7,
            from: agent(),
            to: Face::Stations,
            method: "POST".to_owned(),
            path: String::new(),
            about: About::operation(&operation("op-1")),
            phase: Phase::Answered {
                status: 200,
                bytes: 2,
                took: Duration::from_millis(40),
            },
        });
        story.add(agent(), released);
        let forgets = Disturbance::FailedOver {
            of: agent(),
            lost_ms: 5_000,
        };
        story.add(Machine::World, Event::Disturbance(forgets));
        let mut faults = Faults::default();
        story.records().iter().for_each(|record| faults.see(record));
        let of = |order: &str| {
            let breach = Breach::at_rest("views-agree", String::new());
            faults.weigh(breach.in_order(&operation(order))).by
        };
        assert_eq!(of("op-1"), Blame::AFault);
        assert_eq!(of("op-2"), Blame::Machines);
    }

    #[test]
    fn an_issuer_that_forgot_what_it_ordered_never_hears_of_it() {
        let heard = news(|news| matches!(news, News::Heard { .. } | News::ActedOn { .. }));
        let mut story = Story::happy().without(heard);
        assert_eq!(blamed(&story), [("everyone-hears", Blame::Machines)]);
        let forgets = Disturbance::FailedOver {
            of: Machine::Issuer,
            lost_ms: u64::MAX,
        };
        story.add(Machine::World, Event::Disturbance(forgets));
        assert_eq!(blamed(&story), [("everyone-hears", Blame::AFault)]);
    }

    #[test]
    fn the_card_of_a_forgotten_order_is_no_ghost_and_a_second_may_be_made() {
        let tell = |lost_ms| {
            let mut story = Story::begun();
            story.ordered();
            story.produced(1);
            let of = Machine::D1;
            story.add(
                Machine::World,
                Event::Disturbance(Disturbance::FailedOver { of, lost_ms }),
            );
            story.taken(1);
            let second = About::card(&card()).with_operation(&operation("op-2"));
            story.news(Machine::Issuer, &second, News::Accepted);
            let first = story.records().len();
            story.picked(2);
            story.personalised(2);
            story.taken(2);
            let story = story.changed_from(first, |event| {
                if let Event::Card(truth) = event {
                    truth.about = About::operation(&operation("op-2"));
                }
            });
            let mut all = blamed(&story);
            all.retain(|(law, _)| ["no-ghost", "one-card"].contains(law));
            all
        };
        // The second card is nobody's to give out all the same.
        let told = |by| {
            [
                ("no-ghost", by),
                ("one-card", by),
                ("no-ghost", Blame::Machines),
            ]
        };
        assert_eq!(tell(0), told(Blame::Machines));
        assert_eq!(tell(u64::MAX), told(Blame::AFault));
    }

    #[test]
    fn a_chip_that_fell_silent_may_work_no_more_and_no_other() {
        let mut story = Story::begun();
        story.picked(1);
        let on = format!("station/{}", station());
        story.add(Machine::World, fault("chip-falls-silent", &on));
        let mut faults = Faults::default();
        story.records().iter().for_each(|record| faults.see(record));
        let breach = |law, n| Breach::at_rest(law, String::new()).on(&serial(n));
        assert_eq!(faults.weigh(breach("the-card-works", 1)).by, Blame::AFault);
        let others = [breach("the-card-works", 2), breach("done-is-real", 1)];
        for other in others {
            assert_eq!(faults.weigh(other).by, Blame::Machines);
        }
    }

    #[test]
    fn a_camera_that_went_blind_looks_at_no_card_that_lay_there_or_came_since() {
        let mut story = Story::begun();
        story.picked(1);
        story.moved(1, Place::Path(PathStation::Feeder), Place::RejectBin);
        story.picked(2);
        let on = format!("station/{}", station());
        story.add(Machine::World, fault("camera-blind", &on));
        story.picked(3);
        let mut faults = Faults::default();
        story.records().iter().for_each(|record| faults.see(record));
        let of = |n| faults.weigh(Breach::at_rest("done-is-real", String::new()).on(&serial(n)));
        assert_eq!(
            [1, 2, 3].map(|n| of(n).by == Blame::AFault),
            [false, true, true]
        );
    }

    #[test]
    fn what_counters_lied_about_may_be_wrong_and_nothing_else() {
        let mut faults = Faults::default();
        let on = format!("station/{}", station());
        let mut story = Story::begun();
        story.picked(1);
        story.add(Machine::World, fault("counters-slip", &on));
        story.picked(2);
        story.records().iter().for_each(|record| faults.see(record));
        let breach = |law, at| Breach::at_rest(law, String::new()).at_station(&at);
        let by = |law, at| faults.weigh(breach(law, at)).by;
        assert_eq!(by("books-agree", station()), Blame::AFault);
        assert_eq!(by("done-is-real", station()), Blame::Machines);
        let elsewhere = "KIOSK-PS-999".parse().unwrap();
        assert_eq!(by("books-agree", elsewhere), Blame::Machines);
        let of = |law, n| faults.weigh(Breach::at_rest(law, String::new()).on(&serial(n)));
        assert_eq!(of("views-agree", 1).by, Blame::Machines);
        assert_eq!(of("views-agree", 2).by, Blame::AFault);
        assert_eq!(of("the-card-works", 2).by, Blame::Machines);
    }

    #[test]
    fn plastic_from_the_bin_may_be_anything_and_other_plastic_may_not() {
        let mut faults = Faults::default();
        let mut story = Story::begun();
        story.moved(2, Place::RejectBin, Place::Hopper(1));
        story.records().iter().for_each(|record| faults.see(record));
        let breach = |n| Breach::at_rest("the-card-works", String::new()).on(&serial(n));
        assert_eq!(faults.weigh(breach(2)).by, Blame::AFault);
        assert_eq!(faults.weigh(breach(1)).by, Blame::Machines);
        let station = station();
        let book = Breach::at_rest("books-agree", String::new()).at_station(&station);
        assert_eq!(faults.weigh(book).by, Blame::Machines);
    }
}
