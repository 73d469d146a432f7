//! The inventory book against the physical count.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_contract::ids::PersoStation;
use persotwin_kernel::event::{Belief, Book, Disturbance, Event, News, Physical};
use persotwin_kernel::{Moment, Record};
use persotwin_link::{Place, Serial};

use crate::cards::{Cards, blanks, place, station};
use crate::orders::{belief, truth};
use crate::{Breach, Law, Setup};

const NAME: &str = "books-agree";

/// The inventory book equals the physical count, or the difference is reported.
///
/// Folds the agent's `book` (its last one) and the hardware's `loaded` and `moved`. Declared, picked, given out, and spoiled with
/// captured must each equal what really happened; a difference between declared and loaded is allowed as far as the world was set up
/// with it.
///
/// A blank that no job picked, like that of a test print, may be in the book: when a call for a blank was never answered, an agent
/// that counts the feeder's turns cannot tell whose turn it was.
///
/// A card that the agent called `spoiled` or lost track of counts as if it lay in the reject bin already: its path may be blocked, or the
/// printer without power, until somebody helps.
///
/// What people do by hand is in no agent's book (ours: nobody tells it): blanks that an operator loads later, and a blank that
/// no job picked, like that of a test print, are not counted. Nor must a blank be in it that came behind another one and that people
/// threw away, before the printer showed it to anybody: a feeder counts its turns. The same with what was thrown away
/// before a printer was replaced: its counters went with it.
///
/// It does not say which of these cards were spoiled and which captured: after a crash nobody can know. A station that never picked a
/// blank needs no book.
#[derive(Debug, Default)]
pub(crate) struct BooksAgree {
    setup: Setup,
    cards: Cards,
    /// What each hopper was loaded with first.
    loaded: BTreeMap<(PersoStation, u8), i64>,
    books: BTreeMap<PersoStation, Book>,
    given_up: BTreeSet<Serial>,
    paths: BTreeMap<PersoStation, Path>,
}

/// A path, and what came onto it together.
#[derive(Debug, Default)]
struct Path {
    cards: BTreeSet<Serial>,
    /// Blanks that came to the feeder while another one lay on the path.
    behind: BTreeSet<Serial>,
    /// Blanks that people threw away before any machine need have seen them.
    hidden: BTreeSet<Serial>,
    /// What ever left it for the reject bin, and when last.
    out: BTreeMap<Serial, Moment>,
}

impl Path {
    fn see(&mut self, serial: &Serial, from: &Place, to: &Place, now: Moment) {
        let is_fed = matches!((from, to), (Place::Hopper(_), Place::Path(_)));
        if is_fed && !self.cards.is_empty() {
            self.behind.insert(serial.clone());
        }
        if matches!((from, to), (Place::Path(_), Place::RejectBin)) {
            // Only hands are so quick as to throw two away in one instant.
            let by_hand = self.out.values().any(|when| *when == now);
            if by_hand && self.behind.contains(serial) {
                self.hidden.insert(serial.clone());
            }
            self.out.insert(serial.clone(), now);
        }
        match to {
            Place::Path(_) => self.cards.insert(serial.clone()),
            _ => self.cards.remove(serial),
        };
    }

    /// Somebody has mended something, and threw away what lay in the way in that instant.
    fn cleared(&mut self, now: Moment) {
        let by_hand = self.out.iter().filter(|(_, when)| **when == now);
        let unseen = by_hand.filter(|(serial, _)| self.behind.contains(*serial));
        self.hidden.extend(unseen.map(|(serial, _)| serial.clone()));
    }

    /// The printer was replaced, and what it had counted is gone with it: nobody learns of a blank any more that was thrown away unseen.
    fn replaced(&mut self, given_up: &BTreeSet<Serial>) {
        let unseen = self.out.keys().filter(|serial| !given_up.contains(*serial));
        self.hidden.extend(unseen.cloned());
    }
}

/// What a book should say, by counting plastic.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    picked: i64,
    in_hands: i64,
    wasted: i64,
    /// How many of them nobody but people saw.
    hidden: i64,
    /// How many more left a hopper for nobody's order.
    for_nobody: i64,
}

impl BooksAgree {
    pub(crate) fn new(setup: &Setup) -> Self {
        Self {
            setup: setup.clone(),
            ..Self::default()
        }
    }

    fn counts(&self) -> BTreeMap<PersoStation, Count> {
        let mut counts = BTreeMap::<_, Count>::new();
        for (serial, card) in self.cards.iter() {
            let (Some(station), Some(place)) = (&card.station, &card.place) else {
                continue;
            };
            let count = counts.entry(station.clone()).or_default();
            if card.operation.is_none() {
                count.for_nobody += 1;
                continue;
            }
            count.picked += 1;
            let path = self.paths.get(station);
            count.hidden += i64::from(path.is_some_and(|path| path.hidden.contains(serial)));
            count.in_hands += i64::from(matches!(place, Place::Hand(_)));
            count.wasted += i64::from(match place {
                // Somebody may have fed it again, and a blank is used once.
                Place::RejectBin | Place::Hopper(_) => true,
                Place::Path(_) | Place::Exit => self.given_up.contains(serial),
                Place::Hand(_) => false,
            });
        }
        counts
    }

    /// How many more were declared than loaded, as the world was set up.
    fn misdeclared(&self, id: &PersoStation) -> i64 {
        self.setup.stations.get(id).map_or(0, |station| {
            let loaded: i64 = station
                .hoppers
                .iter()
                .map(|load| i64::from(load.blanks))
                .sum();
            i64::from(station.declared) - loaded
        })
    }

    fn difference(&self, id: &PersoStation, count: Count) -> Option<String> {
        let Some(book) = self.books.get(id) else {
            return Some(format!(
                "{id} has used {} and has no book",
                blanks(count.picked)
            ));
        };
        let here = self.loaded.iter().filter(|((station, _), _)| station == id);
        let loaded: i64 = here.map(|(_, blanks)| blanks).sum();
        let picked = i64::from(book.picked);
        // Nobody need know of the hidden; whoever does, for the feeder counted them, is right too. So is who takes one for its own.
        let unknown = (count.picked - picked).clamp(-count.for_nobody, count.hidden);
        let rows = [
            (
                "declared",
                book.declared.into(),
                loaded + self.misdeclared(id),
            ),
            ("picked", picked, count.picked - unknown),
            ("given out", book.given_out.into(), count.in_hands),
            (
                "spoiled or captured",
                i64::from(book.spoiled) + i64::from(book.captured),
                count.wasted - unknown,
            ),
        ];
        rows.into_iter().find_map(|(what, says, really)| {
            (says != really)
                .then(|| format!("the book of {id} says {says} {what}, the count says {really}"))
        })
    }
}

impl Law for BooksAgree {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sentence(&self) -> &'static str {
        "The inventory book equals the physical count, or the difference is reported."
    }

    fn see(&mut self, record: &Record) -> Option<Breach> {
        self.cards.learn(record);
        if let Event::Disturbance(Disturbance::Action { does, on, .. }) = &record.event
            && let Some(path) = place(on).and_then(|station| self.paths.get_mut(&station))
        {
            path.cleared(record.moment);
            if *does == "replace-printer" {
                path.replaced(&self.given_up);
            }
        }
        let station = station(&record.machine)?.clone();
        match belief(record).map(|Belief { news, .. }| news) {
            Some(News::Book(book)) => {
                self.books.insert(station, *book);
            }
            Some(
                News::Spoiled { serial, .. }
                | News::LostTrack { serial }
                | News::ForDestruction { serial },
            ) => {
                self.given_up.insert(serial.clone());
            }
            Some(_) => {}
            None => match &truth(record)?.what {
                Physical::Loaded { hopper, count, .. } => {
                    let first = self.loaded.entry((station, *hopper));
                    first.or_insert(i64::from(*count));
                }
                Physical::Moved { serial, from, to } => {
                    let path = self.paths.entry(station).or_default();
                    path.see(serial, from, to, record.moment);
                }
                _ => {}
            },
        }
        None
    }

    fn at_rest(&mut self) -> Vec<Breach> {
        let difference = |(id, count): (PersoStation, Count)| {
            let how = self.difference(&id, count)?;
            Some(Breach::at_rest(NAME, how).at_station(&id))
        };
        let used = |(_, count): &(PersoStation, Count)| count.picked > 0;
        self.counts()
            .into_iter()
            .filter(used)
            .filter_map(difference)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Story, news, retell, serial, setup, station};
    use persotwin_kernel::event::About;
    use persotwin_link::{Condition, Machine, PathStation};

    fn with(change: impl Fn(&mut Book)) -> Story {
        Story::happy().changed(retell(move |news| {
            if let News::Book(book) = news {
                change(book);
            }
        }))
    }

    #[test]
    fn each_row_of_the_book_is_counted() {
        assert_eq!(with(|book| book.declared = 99).broken(), [NAME]);
        assert_eq!(with(|book| book.picked = 2).broken(), [NAME]);
        assert_eq!(with(|book| book.given_out = 0).broken(), [NAME]);
        assert_eq!(with(|book| book.spoiled = 1).broken(), [NAME]);
        assert_eq!(with(|book| book.captured = 1).broken(), [NAME]);
    }

    #[test]
    fn a_station_that_used_a_blank_has_a_book() {
        let story = Story::happy().without(news(|news| matches!(news, News::Book(_))));
        assert_eq!(story.broken(), [NAME]);
        let mut law = BooksAgree::new(&setup());
        let seen = |record| law.see(record).is_none();
        assert!(story.records().iter().all(seen));
        let how = format!("{} has used 1 blank and has no book", station());
        assert_eq!(law.at_rest()[0].how, how);
        assert!(Story::begun().broken().is_empty());
    }

    #[test]
    fn a_spoiled_card_that_cannot_be_moved_counts_as_wasted() {
        let mut story = Story::happy();
        story.picked(2);
        story.agent(News::Book(Book {
            declared: 100,
            picked: 2,
            given_out: 1,
            spoiled: 1,
            captured: 0,
        }));
        assert_eq!(story.broken(), [NAME]);
        story.agent(News::Spoiled {
            serial: serial(2),
            condition: Condition::PathJam,
        });
        assert!(story.broken().is_empty());
    }

    #[test]
    fn a_card_that_was_fed_again_is_used_all_the_same() {
        let feeder = || Place::Path(PathStation::Feeder);
        let mut story = Story::happy();
        story.moved(2, Place::Hopper(1), feeder());
        story.moved(2, feeder(), Place::RejectBin);
        story.agent(News::Book(Book {
            declared: 100,
            picked: 2,
            given_out: 1,
            spoiled: 1,
            captured: 0,
        }));
        assert!(story.broken().is_empty());
        story.moved(2, Place::RejectBin, Place::Hopper(1));
        assert!(story.broken().is_empty());
    }

    #[test]
    fn a_difference_that_the_world_was_set_up_with_is_known() {
        let mut setup = setup();
        setup.stations.get_mut(&station()).unwrap().declared = 120;
        assert!(
            with(|book| book.declared = 120)
                .broken_in(&setup)
                .is_empty()
        );
        assert_eq!(Story::happy().broken_in(&setup), [NAME]);
    }

    #[test]
    fn a_blank_that_only_people_saw_need_be_in_no_book() {
        let feeder = || Place::Path(PathStation::Feeder);
        let mut rejected_one_by_one = Story::happy();
        rejected_one_by_one.moved(2, Place::Hopper(1), feeder());
        rejected_one_by_one.moved(3, Place::Hopper(1), feeder());
        rejected_one_by_one.moved(2, feeder(), Place::RejectBin);
        rejected_one_by_one.moved(3, feeder(), Place::RejectBin);
        let mut both = rejected_one_by_one.clone();
        both.in_one_instant();
        let mut thrown_away = rejected_one_by_one.clone();
        let action = Disturbance::Action {
            id: "a".to_owned(),
            does: "clear-jam",
            on: format!("station/{}", station()),
        };
        thrown_away.add(Machine::World, Event::Disturbance(action));
        thrown_away.in_one_instant();
        let booked = |story: &Story, blanks| {
            let mut story = story.clone();
            story.agent(News::Book(Book {
                declared: 100,
                picked: 1 + blanks,
                given_out: 1,
                spoiled: blanks,
                captured: 0,
            }));
            story.broken()
        };
        for by_hand in [both, thrown_away] {
            assert_eq!(booked(&by_hand, 0), [NAME]);
            assert!(booked(&by_hand, 1).is_empty());
            assert!(booked(&by_hand, 2).is_empty());
            assert_eq!(booked(&by_hand, 3), [NAME]);
        }
        assert_eq!(booked(&rejected_one_by_one, 1), [NAME]);
        assert!(booked(&rejected_one_by_one, 2).is_empty());
    }

    #[test]
    fn what_lay_in_a_printer_that_was_replaced_need_be_in_no_book() {
        let feeder = || Place::Path(PathStation::Feeder);
        let thrown_away = |does| {
            let mut story = Story::happy();
            story.moved(2, Place::Hopper(1), feeder());
            story.moved(2, feeder(), Place::RejectBin);
            let action = Disturbance::Action {
                id: "a".to_owned(),
                does,
                on: format!("station/{}", station()),
            };
            story.add(Machine::World, Event::Disturbance(action));
            story.broken()
        };
        assert_eq!(thrown_away("clear-jam"), [NAME]);
        assert!(thrown_away("replace-printer").is_empty());
    }

    #[test]
    fn what_people_do_by_hand_is_in_no_book() {
        let mut story = Story::happy();
        let about = About::nothing();
        let refill = Physical::Loaded {
            hopper: 1,
            stock: persotwin_link::stock::StockName::default(),
            count: 50,
        };
        story.truth(&about, refill);
        let test_print = |from, to| Physical::Moved {
            serial: serial(2),
            from,
            to,
        };
        let feeder = || Place::Path(PathStation::Feeder);
        story.truth(&about, test_print(Place::Hopper(1), feeder()));
        story.truth(&about, test_print(feeder(), Place::RejectBin));
        assert!(story.broken().is_empty());
        // Who counts a blank of its own by the feeder's turns may take that one for it, and no other.
        let booked = |picked| {
            let mut story = story.clone();
            story.agent(News::Book(Book {
                declared: 100,
                picked,
                given_out: 1,
                spoiled: picked - 1,
                captured: 0,
            }));
            story.broken()
        };
        assert!(booked(2).is_empty());
        assert_eq!(booked(3), [NAME]);
        story.moved(3, Place::Hopper(1), feeder());
        assert_eq!(story.broken(), [NAME]);
    }
}
