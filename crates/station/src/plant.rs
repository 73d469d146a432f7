//! The printer with what is noted beside it, and how what happened becomes events.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use persotwin_chip::Profile;
use persotwin_contract::ids::OperationId;
use persotwin_faults::{Behaviour, Protections};
use persotwin_kernel::event::{
    About, CardSide, Change, ConditionChange, Event, Physical as What, Truth,
};
use persotwin_kernel::{Chance, Moment};
use persotwin_link::condition::Condition;
use persotwin_link::device::PrinterState;
use persotwin_link::setup::{Kind, Station};
use persotwin_link::stock::StockName;
use persotwin_link::{PathStation, Serial};
use persotwin_printer::{
    Counting, Exit, Fact, NoContact, Printer, Progress, Setup, Side, TroubleId,
};

use crate::{essence, shown};

/// All that stands at the place of a station.
#[derive(Debug)]
pub(crate) struct Plant {
    pub(crate) printer: Printer,
    /// Since when the mechanics move, and how long they need.
    pub(crate) moving: Option<(Moment, Duration)>,
    /// How often the electronics were started.
    pub(crate) starts: u32,
    /// What each hopper holds, from number 1.
    stocks: Vec<StockName>,
    /// What the journal says the printer's state is.
    state: PrinterState,
    /// Every trouble that has struck.
    pub(crate) struck: BTreeSet<TroubleId>,
    /// Events that the printer's facts do not hold.
    noted: Vec<Event>,
    chance: Chance,
}

impl Plant {
    pub(crate) fn new(
        station: &Station,
        chips: BTreeMap<StockName, Profile>,
        protections: &Protections,
        chance: Chance,
    ) -> Self {
        let counting = if protections.lack(Behaviour::LosesCounters) {
            Counting::Volatile
        } else {
            Counting::Lasting
        };
        let exit = match station.kind {
            Kind::Kiosk => Exit::Bezel,
            Kind::Branch => Exit::Tray,
        };
        let printer = Printer::new(Setup {
            station: station.id.clone(),
            exit,
            hoppers: station.hoppers.clone(),
            chips,
            ribbon: station.ribbon,
            head: station.head,
            encoder: station.encoder,
            leftover: station.leftover,
            reject_bin: station.reject_bin,
            timings: station.timings.clone(),
            counting,
        });
        let loads = station.hoppers.iter().zip(1..);
        let noted = loads.map(|(load, hopper)| {
            let stock = load.stock.clone();
            let count = load.blanks;
            truth(
                About::nothing(),
                What::Loaded {
                    hopper,
                    stock,
                    count,
                },
            )
        });
        Self {
            noted: noted.collect(),
            state: PrinterState::Idle,
            printer,
            moving: None,
            starts: 0,
            struck: BTreeSet::new(),
            stocks: station
                .hoppers
                .iter()
                .map(|load| load.stock.clone())
                .collect(),
            chance,
        }
    }

    /// How far the movement in progress has come.
    pub(crate) fn progress(&self, now: Moment) -> Progress {
        self.moving.map_or(Progress::NONE, |(since, whole)| {
            Progress::of(now.since(since), whole)
        })
    }

    /// The chip under the contacts wakes up, or is reset.
    pub(crate) fn reset_chip(&mut self) -> Result<Vec<u8>, NoContact> {
        let atr = self.printer.reset_chip()?;
        if let Some((about, serial)) = self.card_in_reader() {
            self.noted.push(truth(about, What::ChipReset { serial }));
        }
        Ok(atr)
    }

    /// A command to the chip; an empty answer if it has no power.
    pub(crate) fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, NoContact> {
        let chip = self.printer.chip()?;
        let (before, was_live) = (chip.personalised().is_some(), chip.holds_keys());
        let answer = self.printer.transmit(command)?;
        let chip = self.printer.chip()?;
        let is_live_now = !was_live && chip.holds_keys();
        let now = chip.personalised().filter(|_| !before);
        let essence = now.map(|application| {
            // Live keys are on it even if no terminal could read it.
            essence::of_chip(&self.chance, application)
                .unwrap_or_else(|| essence::unreadable(&self.chance))
        });
        let Some((about, serial)) = self.card_in_reader() else {
            return Ok(answer);
        };
        let apdu = What::Apdu {
            serial: serial.clone(),
            command: shown::command(command),
            answer: shown::answer(command, &answer),
        };
        self.noted.push(truth(about.clone(), apdu));
        if is_live_now {
            let serial = serial.clone();
            self.noted
                .push(truth(about.clone(), What::KeysLoaded { serial }));
        }
        if let Some(essence) = essence {
            let personalised = What::Personalised { serial, essence };
            self.noted.push(truth(about, personalised));
        }
        Ok(answer)
    }

    fn card_in_reader(&self) -> Option<(About, Serial)> {
        let card = self.printer.status().path?;
        (card.at == PathStation::ChipContact).then(|| (self.about(&card.serial), card.serial))
    }

    /// What happened since this was last asked, for the journal.
    pub(crate) fn news(&mut self) -> Vec<Event> {
        let facts = self.printer.take_facts();
        self.struck
            .extend(facts.iter().filter_map(|fact| match fact {
                Fact::Struck(id) => Some(*id),
                _ => None,
            }));
        let mut events = std::mem::take(&mut self.noted);
        events.extend(facts.into_iter().filter_map(|fact| self.event(fact)));
        let state = self.printer.status().state;
        if self.state != state {
            self.state = state;
            let job = self
                .printer
                .status()
                .path
                .map(|card| self.about(&card.serial));
            events.push(truth(job.unwrap_or_default(), What::Printer { state }));
        }
        events
    }

    fn event(&self, fact: Fact) -> Option<Event> {
        Some(match fact {
            Fact::Moved {
                serial,
                from,
                to,
                job,
            } => truth(about(job.as_ref()), What::Moved { serial, from, to }),
            Fact::Encoded { serial, .. } => {
                let card = self.printer.blank(&serial)?;
                let essence = essence::of_stripe(&self.chance, card.stripe())?;
                truth(about(card.job()), What::Encoded { serial, essence })
            }
            Fact::Printed { serial, side, .. } => {
                let card = self.printer.blank(&serial)?;
                let (about, side, essence) = match side {
                    Side::Back => (about(card.job()), CardSide::Back, None),
                    Side::Front => {
                        let face = card.face(Side::Front)?;
                        let essence = essence::of_front(&self.chance, face);
                        (about(card.job()), CardSide::Front, essence)
                    }
                };
                truth(
                    about,
                    What::Printed {
                        serial,
                        side,
                        essence,
                    },
                )
            }
            Fact::Refilled { hopper, blanks } => {
                let stock = self
                    .stocks
                    .get(usize::from(hopper).checked_sub(1)?)?
                    .clone();
                let count = blanks;
                truth(
                    About::nothing(),
                    What::Loaded {
                        hopper,
                        stock,
                        count,
                    },
                )
            }
            // Where rejected cards are taken to changes nothing: they stay rejected. A ribbon shows in the conditions that go.
            // Whose fault it was is the story's to tell.
            Fact::BinEmptied { .. } | Fact::RibbonChanged { .. } | Fact::Struck(_) => return None,
            Fact::Raised(condition) => changed(condition, Change::Raised),
            Fact::Cleared(condition) => changed(condition, Change::Resolved),
        })
    }

    fn about(&self, serial: &Serial) -> About {
        let card = self.printer.blank(serial);
        about(card.as_ref().and_then(|card| card.job()))
    }
}

fn about(job: Option<&OperationId>) -> About {
    job.map(About::operation).unwrap_or_default()
}

fn truth(about: About, what: What) -> Event {
    Event::Card(Truth { about, what })
}

fn changed(condition: Condition, change: Change) -> Event {
    Event::Condition(ConditionChange {
        condition,
        ipp: condition.ipp(),
        change,
    })
}
