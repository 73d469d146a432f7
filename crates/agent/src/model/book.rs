//! The inventory: every card that the agent ever touched, and what became of it.

use std::collections::BTreeMap;

use persotwin_kernel::event::{Book, News};
use persotwin_link::Serial;

use super::entry::{End, Entry};
use super::job::{Record, State};

/// Every card that left a hopper.
#[derive(Debug, Default)]
pub(super) struct Cards {
    /// Those that the agent saw, by serial number.
    seen: BTreeMap<Serial, Card>,
    /// How many nobody saw, before people threw them away.
    unseen: u32,
}

#[derive(Debug, Clone, Copy)]
struct Card {
    fate: Fate,
    keys: Keys,
}

/// What became of a card, as far as the agent knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is being made, or finished and inside or in the exit.
    Inside,
    /// Spoiled, or nobody knows how far it had come.
    Spoiled,
    /// Finished, and then captured.
    Captured,
    /// Given out.
    Given,
}

/// Whether keys may lie on a card's chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    /// Certainly not.
    None,
    /// Data were sent to it.
    Live,
}

impl Cards {
    pub(super) fn fate(&self, serial: &Serial) -> Option<Fate> {
        self.seen.get(serial).map(|card| card.fate)
    }

    /// Follows an entry about a job, which is in its new state already.
    pub(super) fn apply(&mut self, entry: &Entry, job: &Record, news: &mut Vec<News>) {
        match (entry, &job.state) {
            (Entry::Picked { serial, .. }, _) => {
                let (fate, keys) = (Fate::Inside, Keys::None);
                let new = || Card { fate, keys };
                let card = self.seen.entry(serial.clone()).or_insert_with(new);
                // Somebody fed it again: without keys it is a blank like any other. One with keys is listed already.
                if card.keys == Keys::None {
                    card.fate = Fate::Inside;
                }
            }
            (
                Entry::Loading { .. },
                State::Making {
                    card: Some(serial), ..
                },
            ) => {
                if let Some(card) = self.seen.get_mut(serial) {
                    card.keys = Keys::Live;
                }
            }
            (
                Entry::Spoiled {
                    serial, condition, ..
                },
                _,
            ) => {
                let (serial, condition) = (serial.clone(), *condition);
                let spoiled = News::Spoiled {
                    serial: serial.clone(),
                    condition,
                };
                self.end(&serial, Fate::Spoiled, Some(spoiled), news);
            }
            (Entry::BegunAgain { serial, .. }, _) => {
                if let Some(card) = self.seen.get_mut(serial) {
                    card.fate = Fate::Given;
                }
            }
            (Entry::LostTrack { .. }, _) => self.apply_stray(entry, news),
            (Entry::BlankLost { .. }, _) => self.unseen = self.unseen.saturating_add(1),
            (Entry::Capturing { .. }, State::Capturing { serial, end }) if *end != End::Given => {
                // Listed as soon as it is decided: from here on it must not get into a hand.
                self.end(&serial.clone(), Fate::Captured, None, news);
            }
            (
                Entry::Over {
                    end: End::Given, ..
                },
                _,
            ) => {
                // Whichever card of the job was inside is the one that was taken.
                if let Some(card) = job.card().and_then(|serial| self.seen.get_mut(serial)) {
                    card.fate = Fate::Given;
                }
            }
            _ => {}
        }
    }

    /// Follows an entry about a card of no known job.
    pub(super) fn apply_stray(&mut self, entry: &Entry, news: &mut Vec<News>) {
        if let Entry::LostTrack { serial, .. } = entry {
            let lost = News::LostTrack {
                serial: serial.clone(),
            };
            self.end(serial, Fate::Spoiled, Some(lost), news);
        }
    }

    /// A card of which nothing good will come; once.
    fn end(&mut self, serial: &Serial, fate: Fate, tell: Option<News>, news: &mut Vec<News>) {
        let keys = Keys::None;
        let inside = Card {
            fate: Fate::Inside,
            keys,
        };
        let card = self.seen.entry(serial.clone()).or_insert(inside);
        if card.fate != Fate::Inside {
            return;
        }
        card.fate = fate;
        news.extend(tell);
        if card.keys == Keys::Live {
            let serial = serial.clone();
            news.push(News::ForDestruction { serial });
        }
    }

    /// The cards that are to be destroyed, with what became of them: nothing good comes of them, and keys may lie on their chips.
    pub(super) fn for_destruction(&self) -> impl Iterator<Item = (&Serial, Fate)> {
        let ended = |card: &Card| matches!(card.fate, Fate::Spoiled | Fate::Captured);
        let listed = self.seen.iter();
        let listed = listed.filter(move |(_, card)| ended(card) && card.keys == Keys::Live);
        listed.map(|(serial, card)| (serial, card.fate))
    }

    /// The book's rows, without what was declared.
    pub(super) fn count(&self) -> Book {
        let with = |fate: Fate| {
            let cards = self.seen.values().filter(|card| card.fate == fate);
            u32::try_from(cards.count()).unwrap_or(u32::MAX)
        };
        Book {
            declared: 0,
            picked: u32::try_from(self.seen.len())
                .unwrap_or(u32::MAX)
                .saturating_add(self.unseen),
            given_out: with(Fate::Given),
            spoiled: with(Fate::Spoiled).saturating_add(self.unseen),
            captured: with(Fate::Captured),
        }
    }
}
