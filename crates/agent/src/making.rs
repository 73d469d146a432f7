//! Work on one card: chip, stripe, print, each verified.

use std::sync::Arc;

use crate::device::Trouble;
use crate::machine::Agent;
use crate::perso::Expected;
use crate::production::Opened;
use persotwin_contract::ids::OperationId;
use persotwin_contract::production::ProductionCode;
use persotwin_emv::scp::Terms;
use persotwin_faults::Behaviour;
use persotwin_kernel::event::{About, News};
use persotwin_link::condition::Severity;
use persotwin_link::device::{Action, Outcome, Tracks};
use persotwin_link::stage::Work;
use persotwin_link::{Condition, Serial};

/// A card on the path, and what it shall become.
pub(crate) struct Bench<'a> {
    pub(crate) id: &'a OperationId,
    pub(crate) names: Names,
    pub(crate) serial: &'a Serial,
    pub(crate) opened: &'a Opened,
    pub(crate) expected: &'a Expected,
    /// On what terms chips of its stock are opened.
    pub(crate) terms: &'a Terms,
}

/// What the actions of one blank are called: job, blank, action. The printer keeps outcomes by these names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names {
    pub(crate) job: usize,
    pub(crate) pick: u32,
}

impl Names {
    pub(crate) fn of(self, action: &str) -> String {
        format!("{}.{}.{action}", self.job, self.pick)
    }
}

/// Why a card did not become good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setback {
    /// It is spoiled; another blank may do.
    Blank(Condition),
    /// The printer needs help; another blank would not do.
    Help(Condition),
    /// The printer does not answer.
    Unreachable,
    /// The printer refuses what should be possible.
    Refused,
}

impl Setback {
    /// What spoiled the card.
    pub(crate) fn condition(self) -> Condition {
        match self {
            Self::Blank(condition) | Self::Help(condition) => condition,
            Self::Unreachable => Condition::PowerOff,
            Self::Refused => Condition::PathJam,
        }
    }

    /// What the job fails with if it fails of this.
    pub(crate) fn code(self) -> ProductionCode {
        let code = self.condition().code();
        code.unwrap_or(ProductionCode::UnknownError)
    }

    /// From a condition that ended an action.
    pub(crate) fn of(condition: Condition) -> Self {
        match condition.severity() {
            Severity::CardLost => Self::Blank(condition),
            Severity::Stopped | Severity::Warning => Self::Help(condition),
        }
    }
}

impl From<Trouble> for Setback {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Impossible => Self::Refused,
            // The path is looked at again before the next blank is asked for.
            Trouble::Outrun => Self::Blank(Condition::FeedJam),
            // The movement stopped half way when the printer lost its memory.
            Trouble::Forgotten => Self::Blank(Condition::PowerOff),
            Trouble::Unreachable => Self::Unreachable,
        }
    }
}

impl Agent {
    /// Everything that makes a blank a card, in the station's sequence.
    pub(crate) async fn work_on(self: &Arc<Self>, bench: &Bench<'_>) -> Result<(), Setback> {
        for work in &self.config.station.sequence {
            match work {
                Work::Chip => self.make_chip(bench).await?,
                Work::Stripe => self.encode_stripe(bench).await?,
                Work::Print => self.print(bench).await?,
            }
            if *work == Work::Print && self.does_not_look() {
                continue;
            }
            let news = News::WorkDone {
                work: *work,
                serial: bench.serial.clone(),
            };
            self.host.pen.news(About::operation(bench.id), news).await;
        }
        Ok(())
    }

    /// Writes the stripe, and compares what the head read back.
    async fn encode_stripe(&self, bench: &Bench<'_>) -> Result<(), Setback> {
        let data = &bench.opened.data;
        let tracks = Tracks {
            track1: data.track1.clone(),
            track2: data.track2.clone(),
            track3: data.track3.clone(),
        };
        let encode = Action::EncodeStripe(tracks.clone());
        let read_back = self.move_card(bench, "stripe", encode).await?;
        (read_back == Some(tracks))
            .then_some(())
            .ok_or(Setback::Blank(Condition::StripeFailed))
    }

    /// Whether the final look at a print is left out.
    fn does_not_look(&self) -> bool {
        self.config.protections.lack(Behaviour::ReportsUnverified)
    }

    /// Prints both sides, and has the camera look at them.
    async fn print(&self, bench: &Bench<'_>) -> Result<(), Setback> {
        let layout = || bench.opened.data.layout.clone();
        let front = Action::PrintFront(layout());
        self.move_card(bench, "print-front", front).await?;
        self.move_card(bench, "flip", Action::Flip).await?;
        let back = Action::PrintBack(layout());
        self.move_card(bench, "print-back", back).await?;
        if !self.does_not_look() {
            self.move_card(bench, "check", Action::Check).await?;
        }
        Ok(())
    }

    /// An action on the card; what was read back of its stripe.
    pub(crate) async fn move_card(
        &self,
        bench: &Bench<'_>,
        name: &str,
        action: Action,
    ) -> Result<Option<Tracks>, Setback> {
        let outcome = self.act(&bench.names.of(name), bench.id, action).await?;
        match outcome {
            Outcome::Done { serial, read_back } if serial == *bench.serial => Ok(read_back),
            Outcome::Failed { condition, .. } => Err(Setback::of(condition)),
            Outcome::Done { .. }
            | Outcome::Running
            | Outcome::Taken { .. }
            | Outcome::NotTaken { .. } => Err(Setback::Refused),
        }
    }
}
