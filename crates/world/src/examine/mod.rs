//! Looking at a finished card as others will: a terminal pays with a copy of its chip, a head reads its stripe, somebody reads its faces.
//!
//! The world does it when all is quiet, for the law the-card-works. It knows the tenant, so it plays the issuer too. Nothing of the card
//! itself changes, and nothing that it finds holds card data.

mod chip;
mod surface;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use persotwin_emv::expiry::CardDate;
use persotwin_emv::track::{Track1, Track2};
use persotwin_kernel::Chance;
use persotwin_kernel::event::{About, Content, Defect, Event, Physical as What, Truth};
use persotwin_link::tenant::Tenant;
use persotwin_link::{Machine, Place, Serial};
use persotwin_printer::Blank;
use persotwin_scenario::Plan;

use crate::assemble::Machines;
use crate::fold::Fold;

/// Somebody who knows the issuer's keys and has a terminal, a stripe reader and eyes.
#[derive(Debug, Clone, Copy)]
pub struct Examiner<'a> {
    tenant: &'a Tenant,
    chance: &'a Chance,
    day: Option<CardDate>,
}

/// What was found on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// What is wrong; nothing with a good card.
    pub defects: BTreeSet<Defect>,
    /// What can be read of it.
    pub content: Content,
}

impl<'a> Examiner<'a> {
    /// An examiner of an issuer's cards, on this day.
    pub fn new(tenant: &'a Tenant, chance: &'a Chance, now: Timestamp) -> Self {
        let day = now.to_zoned(TimeZone::UTC).strftime("%y%m%d").to_string();
        // A year that two digits cannot say is beyond every card.
        let day = CardDate::parse(&day).ok();
        Self {
            tenant,
            chance,
            day,
        }
    }

    /// Examines a card; the card itself stays as it is.
    pub fn examine(&self, card: &Blank) -> Examination {
        let mut defects = BTreeSet::new();
        let reading = match chip::read(self, card, &mut defects) {
            Ok(reading) => Some(reading),
            Err(defect) => {
                defects.insert(defect);
                None
            }
        };
        let tracks = card.stripe().read().ok();
        let layout = surface::legible(card);
        surface::check_stripe(card.stripe(), reading.as_ref(), &mut defects);
        surface::check_print(layout.as_ref(), reading.as_ref(), &mut defects);
        let chip = reading.as_ref().map(|reading| reading.answers.to_text());
        let chip = chip.as_ref().map(|text| text.as_str());
        Examination {
            content: Content::of(self.chance, chip, tracks.as_ref(), layout.as_ref()),
            defects,
        }
    }
}

/// Examines every card that lies in a hand or that D1 calls done, unless it is as it was when it was examined last. What is found goes
/// into the journal.
pub(crate) async fn everything(
    plan: &Plan,
    machines: &Machines,
    so_far: &Fold,
    examined: &mut BTreeMap<Serial, Blank>,
) {
    let host = machines.ground.host(Machine::World);
    let done = so_far.done_cards();
    let examiner = Examiner::new(&plan.tenant, &host.chance, host.calendar.now());
    for physical in machines.physicals.values() {
        for (card, place) in physical.cards() {
            let is_finished = matches!(place, Place::Hand(_)) || done.contains(card.serial());
            if !is_finished || examined.get(card.serial()) == Some(&card) {
                continue;
            }
            let Examination { defects, content } = examiner.examine(&card);
            let what = What::Examined {
                serial: card.serial().clone(),
                defects,
                content,
            };
            let about = card.job().map(About::operation).unwrap_or_default();
            host.pen.write(Event::Card(Truth { about, what })).await;
            examined.insert(card.serial().clone(), card);
        }
    }
}

/// Both tracks of a stripe, as far as they can be read.
struct StripeTexts {
    one: Option<Track1>,
    two: Option<Track2>,
}
