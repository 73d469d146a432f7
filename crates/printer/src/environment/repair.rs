//! What operators do about it.

use persotwin_link::device::{Counters, Hatch};
use persotwin_link::stock::Ribbon;
use persotwin_link::{PathStation, Place};

use crate::action::Memory;
use crate::blank::Blank;
use crate::face::{Face, Laid, Side};
use crate::mechanics::count;
use crate::parts::{Head, Pace, Part, Parts, Room};
use crate::people::NoSuchHopper;
use crate::printer::{Power, Printer};

/// Something that an operator does to the machine. Each takes no time (ours: the story says when it is done).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// Takes every card out of the path, for destruction.
    ClearJam,
    /// Closes the cover.
    CloseCover,
    /// Locks the printer.
    Lock,
    /// Closes the door of the output.
    CloseDoor,
    /// Ends a pause.
    Resume,
    /// Puts in another ribbon.
    ChangeRibbon(Ribbon),
    /// Puts blanks into a hopper.
    Refill {
        /// Which, from 1.
        hopper: u8,
        /// How many.
        blanks: u32,
    },
    /// Turns what lies upside down in a hopper, exchanges what is of another stock, and takes out used cards, for destruction. The
    /// exchanged blanks keep their numbers: a blank in a hopper is only a number yet.
    PutBlanksRight {
        /// Which, from 1.
        hopper: u8,
    },
    /// Empties the reject bin, of whatever fills it.
    EmptyBin,
    /// Takes out of the exit what is no card.
    ClearExit,
    /// Makes the mouth of the bezel move again.
    FreeBezel,
    /// Cleans print head, stripe heads, contacts and camera. Uses no blank but a card made for it.
    Clean,
    /// Prints a page of tests on the front of a blank, which goes to the reject bin: a blank less that no agent knows of.
    TestPrint {
        /// From which hopper, from 1.
        hopper: u8,
    },
    /// Puts in another chip reader.
    ReplaceReader,
    /// Puts in another printer, with power, the old one's hoppers, bin and ribbon. Cards on the path go to destruction, a card in
    /// the exit stays there; the counters of the new printer start from nothing, and it knows no action, but whose cards lie in the bin.
    ReplacePrinter,
}

/// Why an operator cannot do that. Nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotMend {
    /// The printer has no hopper of that number.
    #[error(transparent)]
    NoSuchHopper(#[from] NoSuchHopper),
    /// Something moves.
    #[error("the printer is moving a card")]
    Moving,
    /// The printer cannot print a test page as it stands.
    #[error("the printer is not ready")]
    NotReady,
}

impl Printer {
    /// An operator does something about it. What is not broken stays as it is.
    ///
    /// # Errors
    /// [`CannotMend`].
    pub fn repair(&mut self, repair: Repair) -> Result<(), CannotMend> {
        match repair {
            Repair::CloseCover => self.parts.cover = Hatch::Closed,
            Repair::Lock => self.parts.lock = Hatch::Closed,
            Repair::CloseDoor => self.parts.door = Hatch::Closed,
            Repair::Resume => self.parts.pace = Pace::Working,
            Repair::ClearExit => self.parts.exit = Room::Free,
            Repair::FreeBezel => self.parts.bezel = Part::Works,
            Repair::ReplaceReader => self.parts.reader = Part::Works,
            Repair::ChangeRibbon(ribbon) => self.change_ribbon(ribbon),
            Repair::EmptyBin => drop(self.empty_bin()),
            Repair::Refill { hopper, blanks } => drop(self.refill(hopper, blanks)?),
            Repair::PutBlanksRight { hopper } => self.put_blanks_right(hopper)?,
            Repair::Clean => self.clean(),
            Repair::ClearJam | Repair::ReplacePrinter if self.running.is_some() => {
                return Err(CannotMend::Moving);
            }
            Repair::ClearJam => self.take_out(),
            Repair::TestPrint { hopper } => self.test_print(hopper)?,
            Repair::ReplacePrinter => self.replace(),
        }
        self.settle();
        Ok(())
    }

    fn clean(&mut self) {
        let parts = &mut self.parts;
        (parts.writing, parts.reading) = (Head::Good, Head::Good);
        (parts.camera, parts.contacts) = (Part::Works, Part::Works);
        count(&mut self.counters.cleanings);
        self.counters.since_cleaning = 0;
    }

    fn put_blanks_right(&mut self, number: u8) -> Result<(), NoSuchHopper> {
        let hopper = self.hopper_mut(number).ok_or(NoSuchHopper(number))?;
        for card in hopper.put_right() {
            self.tell_move(&card, Place::Hopper(number), Place::RejectBin);
            self.emptied.push(card);
        }
        Ok(())
    }

    /// The new printer's parts are good; what lies in the old one moves over.
    fn replace(&mut self) {
        self.take_out();
        self.presenting = None;
        let exit = self.parts.exit;
        self.parts = Parts {
            exit,
            bin: self.parts.bin,
            ..Parts::default()
        };
        self.counters = Counters::default();
        self.memory = Memory::default();
        self.finished.forget();
        self.heat = self.heat.cold();
        self.power = Power::On;
    }

    fn test_print(&mut self, number: u8) -> Result<(), CannotMend> {
        let hopper = self.hopper(number).ok_or(NoSuchHopper(number))?;
        let ready = self.power == Power::On
            && self.running.is_none()
            && self.path.is_none()
            && hopper.left() > 0
            && self.stopper().is_none()
            && self.ribbon_trouble(Side::Front).is_none()
            && !self.bin_is_full();
        if !ready {
            return Err(CannotMend::NotReady);
        }
        let picked = self
            .hopper_mut(number)
            .and_then(crate::hopper::Hopper::pick);
        let Some((mut blank, lies)) = picked else {
            return Ok(());
        };
        let side = lies.really(Side::Front);
        let panels = self.use_ribbon(Side::Front);
        let laid = Laid::whole(panels);
        self.heat.print(&laid);
        *blank.face_mut(side) = Some(Face::new(test_page(), laid));
        count(&mut self.counters.picked);
        count(&mut self.counters.rejected);
        let at = Place::Path(PathStation::Feeder);
        self.tell_move(&blank, Place::Hopper(number), at.clone());
        self.tell_move(&blank, at, Place::RejectBin);
        self.bin.push(blank);
        Ok(())
    }

    /// The job of a card that went to the bin is over.
    pub(crate) fn abort_job_of(&mut self, blank: &Blank) {
        if let Some(job) = blank.job() {
            let state = persotwin_link::device::JobState::Aborted;
            self.finished.note(job, state);
        }
    }
}

fn test_page() -> persotwin_link::jobs::Layout {
    persotwin_link::jobs::Layout {
        artwork: "test-page".into(),
        pan: String::new(),
        expiry: String::new(),
        name: String::new(),
        second_name: None,
        custom_lines: Vec::new(),
        cvv2: String::new(),
    }
}
