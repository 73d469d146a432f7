//! What each mishap does to the machine, and to the card in it.

use persotwin_link::device::{Counters, Hatch, Outcome};
use persotwin_link::{Condition, PathStation, Place};

use crate::action::Running;
use crate::environment::armed::Due;
use crate::environment::{Mishap, Slip, TroubleId};
use crate::parts::{Head, Pace, Part, Room};
use crate::printer::{OnPath, Printer};
use crate::progress::Progress;

impl Printer {
    /// The mishap happens. What it does to the movement that it stops is in [`Printer::break_off`]; what spoils a card that is
    /// being worked on, in the mechanics.
    pub(crate) fn apply(&mut self, id: TroubleId, what: &Mishap) {
        self.tell_struck(id);
        let parts = &mut self.parts;
        match what {
            Mishap::CardJams => {
                if self.path.is_some() {
                    parts.path = Part::Fails;
                }
            }
            Mishap::RibbonTears => {
                if let Some(spool) = &mut self.ribbon {
                    spool.tear();
                }
            }
            Mishap::RibbonTaken => self.ribbon = None,
            Mishap::RibbonSwapped(ribbon) => self.put_in(*ribbon),
            Mishap::RibbonEnds { .. } => {
                if let Some(spool) = &mut self.ribbon {
                    spool.end();
                }
            }
            Mishap::CoverOpens => parts.cover = Hatch::Open,
            Mishap::LockOpens => parts.lock = Hatch::Open,
            Mishap::DoorOpens => parts.door = Hatch::Open,
            Mishap::Pauses => parts.pace = Pace::Paused,
            Mishap::HeadOverheats => self.heat.overheat(),
            Mishap::BinFills => parts.bin = Room::Blocked,
            Mishap::ExitBlocks => parts.exit = Room::Blocked,
            Mishap::BezelSticks => parts.bezel = Part::Fails,
            Mishap::StripeWritesWeakly(lasting) => parts.writing = Head::Bad(*lasting),
            Mishap::StripeReadsWrong(lasting) => parts.reading = Head::Bad(*lasting),
            Mishap::CameraBlind => parts.camera = Part::Fails,
            Mishap::ContactsDirty => parts.contacts = Part::Fails,
            Mishap::ReaderGone => parts.reader = Part::Fails,
            Mishap::CountersSlip(slip) => slip_counters(&mut self.counters, *slip),
            Mishap::OtherBlanks {
                hopper,
                stock,
                count,
            } => {
                let profile = self.profile_of(stock);
                let stripe = self.stripe_of(stock);
                if let (Some(profile), Some(hopper)) = (profile, self.hopper_mut(*hopper)) {
                    hopper.mix_in(stock, &profile, stripe, *count);
                }
            }
            Mishap::BlanksUpsideDown { hopper, count } => {
                if let Some(hopper) = self.hopper_mut(*hopper) {
                    hopper.turn_over(*count);
                }
            }
            Mishap::CardFedAgain { hopper } => self.feed_again(*hopper),
            Mishap::ChipDefect(defect) => {
                if let Some(card) = &mut self.path {
                    card.blank.ail(*defect);
                }
            }
            // These are of one movement, and done when it is.
            Mishap::FeedFails | Mishap::DoubleFeed | Mishap::PrintSpoils(_) => {}
        }
    }

    /// A movement ends before its time, when it had come so far, for a reason.
    pub(crate) fn break_off(
        &mut self,
        running: &Running,
        at: Progress,
        (id, what): (TroubleId, Mishap),
    ) -> Outcome {
        let condition = what.stops(running.movement.stage);
        self.strike_all(&running.due);
        if let Some(mut card) = self.path.take() {
            self.interrupt(running, &mut card, at);
            self.path = Some(card);
        }
        self.apply(id, &what);
        let outcome = Outcome::Failed {
            condition: condition.unwrap_or(Condition::PathJam),
            serial: self.path.as_ref().map(|card| card.blank.serial().clone()),
        };
        self.memory
            .note(&running.id, &running.request, outcome.clone());
        outcome
    }

    /// The last card of the bin comes on top of a hopper.
    fn feed_again(&mut self, number: u8) {
        if self.hopper(number).is_none() {
            return;
        }
        let Some(card) = self.bin.pop() else { return };
        self.tell_move(&card, Place::RejectBin, Place::Hopper(number));
        if let Some(hopper) = self.hopper_mut(number) {
            hopper.put_on_top(card);
        }
    }

    /// The blank behind the card, that a double feed brought, comes to the front.
    pub(crate) fn draw_up(&mut self) {
        if self.path.is_none()
            && let Some((blank, lies)) = self.behind.take()
        {
            self.path = Some(OnPath::fed(blank, lies));
        }
    }

    /// People take whatever lies on the path out of the machine, for destruction.
    pub(crate) fn take_out(&mut self) {
        let behind = self.behind.take();
        let path = self.path.take();
        let path = path.map(|card| (card.blank, card.at));
        let behind = behind.map(|(blank, _)| (blank, PathStation::Feeder));
        for (blank, at) in path.into_iter().chain(behind) {
            self.tell_move(&blank, Place::Path(at), Place::RejectBin);
            self.abort_job_of(&blank);
            self.emptied.push(blank);
        }
        self.parts.path = Part::Works;
    }

    /// What a movement brings with it that does not stop it.
    pub(crate) fn strike_all(&mut self, due: &[Due]) {
        for Due { id, what, .. } in due {
            self.apply(*id, what);
        }
    }
}

fn slip_counters(counters: &mut Counters, slip: Slip) {
    match slip {
        Slip::Lost => *counters = Counters::default(),
        Slip::Picked(by) => counters.picked = counters.picked.saturating_add(by),
        Slip::Taken(by) => counters.taken = counters.taken.saturating_add(by),
    }
}

impl Running {
    /// How far the movement has come, of all that it would be, when so much of its announced time is over.
    pub(crate) fn reached(&self, done: Progress) -> Progress {
        match &self.stop {
            Some(stop) => done.of_share(stop.at),
            None => done,
        }
    }

    /// What had not struck yet when the movement had come so far.
    pub(crate) fn not_before(&mut self, at: Progress) -> Vec<(persotwin_link::Stage, Due)> {
        let stage = self.movement.stage;
        let all = std::mem::take(&mut self.due)
            .into_iter()
            .chain(self.stop.take());
        // A second blank comes with the first instant, whenever sensors would tell.
        let is_missed = |due: &Due| due.at >= at && due.what != Mishap::DoubleFeed;
        let (missed, struck) = all.partition(is_missed);
        self.due = struck;
        let missed: Vec<Due> = missed;
        missed.into_iter().map(|due| (stage, due)).collect()
    }
}
