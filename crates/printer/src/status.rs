//! What the printer says of itself.

use persotwin_link::condition::Severity;
use persotwin_link::device::{
    CardAt, JobAt, JobState, Level, Mouth, PrinterState, PrinterStatus, RibbonLeft, Sensors,
};

use crate::conditions::MEDIA_LOW;
use crate::hopper::Hopper;
use crate::parts::Room;
use crate::printer::Printer;

impl Printer {
    /// What the printer says of itself. A printer without power says nothing: that the driver
    /// keeps silent then is its own matter.
    pub fn status(&self) -> PrinterStatus {
        let conditions = self.conditions();
        let stops = conditions
            .iter()
            .any(|condition| condition.severity() != Severity::Warning);
        let state = if self.running.is_some() {
            PrinterState::Processing
        } else if stops {
            PrinterState::Stopped
        } else if self.presenting.is_some() {
            PrinterState::Processing
        } else {
            PrinterState::Idle
        };
        PrinterStatus {
            state,
            conditions: conditions.into_iter().collect(),
            sensors: self.sensors(),
            path: self.path.as_ref().map(|card| CardAt {
                serial: card.blank.serial().clone(),
                at: card.at,
            }),
            exit: self.exit.as_ref().map(|blank| blank.serial().clone()),
            counters: self.counters,
            ribbon: self.ribbon.as_ref().map(|spool| RibbonLeft {
                kind: spool.kind(),
                panel_sets: spool.sets(),
            }),
            jobs: self.jobs(state),
        }
    }

    fn sensors(&self) -> Sensors {
        let hopper = |hopper: &Hopper| match hopper.left() {
            0 => Level::Empty,
            1..=MEDIA_LOW => Level::NearEmpty,
            _ => Level::Filled,
        };
        let reject_bin = if self.bin_is_full() {
            Level::Full
        } else if self.bin.is_empty() {
            Level::Empty
        } else {
            Level::Filled
        };
        let exit = if self.exit.is_some() {
            Mouth::Card
        } else {
            match self.parts.exit {
                Room::Free => Mouth::Clear,
                Room::Blocked => Mouth::Object,
            }
        };
        Sensors {
            cover: self.parts.cover,
            lock: self.parts.lock,
            door: self.parts.door,
            hoppers: self.hoppers.iter().map(hopper).collect(),
            reject_bin,
            exit,
            head: self.heat.celsius(),
        }
    }

    fn jobs(&self, state: PrinterState) -> Vec<JobAt> {
        let path = self.path.as_ref().and_then(|card| card.blank.job());
        let path = path.map(|job| JobAt {
            job: job.clone(),
            state: match state {
                PrinterState::Stopped => JobState::ProcessingStopped,
                PrinterState::Idle | PrinterState::Processing => JobState::Processing,
            },
        });
        let exit = self.exit.as_ref().and_then(|blank| blank.job());
        let exit = exit.map(|job| JobAt {
            job: job.clone(),
            state: match self.presenting {
                Some(_) => JobState::Processing,
                None => JobState::ProcessingStopped,
            },
        });
        let mut jobs: Vec<JobAt> = path.into_iter().chain(exit).collect();
        let over = self.finished.but(&jobs);
        jobs.extend(over);
        jobs
    }
}
