//! From a command to its answer: first decided, then done.
//!
//! ```text
//!   bytes ─▶ Apdu ─▶ Instruction ─▶ decide: only reads ─▶ Outcome ─▶ fits Le? ─▶ apply: one Effect
//!              │          │              │                              │
//!            6700     6D00 6E00 68xx   refused                        6Cxx
//! ```
//!
//! What is refused on the way changes nothing, but that the answer which waited is lost.

use crate::apdu::Apdu;
use crate::application::{Access, Application};
use crate::chip::Chip;
use crate::instruction::Instruction;
use crate::session::{Activity, Power, Selected, Session, Target};
use crate::status::Status;
use crate::transport::{self, Reply};

/// What a command brings about when it is done.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The answer's data.
    pub(crate) answer: Vec<u8>,
    /// [`Status::Done`], or a warning: what was asked for was not done and yet has an effect.
    pub(crate) status: Status,
    pub(crate) effect: Effect,
}

/// The one thing that a command changes.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Nothing.
    Nothing,
    /// Something else is selected.
    Select(Target),
    /// The application at this index becomes another, and so does what is done with it; perhaps
    /// the card is blocked.
    Change {
        index: usize,
        application: Box<Application>,
        activity: Activity,
        card: CardFate,
    },
    /// A challenge was given out.
    Challenge,
}

/// What becomes of the card as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CardFate {
    Unchanged,
    Blocked,
}

impl Effect {
    /// A change to one application.
    pub(crate) fn change(index: usize, application: Application, activity: Activity) -> Self {
        Self::Change {
            index,
            application: Box::new(application),
            activity,
            card: CardFate::Unchanged,
        }
    }
}

/// An outcome, or a refusal.
pub(crate) type Decision = Result<Outcome, Status>;

impl Outcome {
    /// Data were asked for, and nothing changes.
    pub(crate) fn read(answer: Vec<u8>) -> Self {
        Self::done(answer, Effect::Nothing)
    }

    /// Data and an effect.
    pub(crate) fn done(answer: Vec<u8>, effect: Effect) -> Self {
        Self {
            answer,
            status: Status::Done,
            effect,
        }
    }
}

impl Chip {
    /// Answers a command: data and two status bytes. A chip without power answers nothing at all.
    pub fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        let Power::On(session) = &self.power else {
            return Vec::new();
        };
        let (reply, effect) = match self.answer(session, command) {
            Ok(answered) => answered,
            Err(status) => {
                self.lose_waiting(command);
                return status.bytes().to_vec();
            }
        };
        self.apply(effect);
        let mut bytes = reply.now;
        bytes.extend(reply.status.bytes());
        self.set_waiting(reply.waiting);
        bytes
    }

    fn answer(&self, session: &Session, command: &[u8]) -> Result<(Reply, Effect), Status> {
        let apdu = Apdu::parse(command).map_err(|_| Status::WrongLength)?;
        let instruction = Instruction::of_command(&apdu)?;
        if instruction == Instruction::GetResponse {
            let reply = transport::get_response(session.waiting.as_ref(), &apdu)?;
            return Ok((reply, Effect::Nothing));
        }
        let outcome = self.decide(session, instruction, &apdu)?;
        let reply = transport::present(outcome.answer, outcome.status, &apdu)?;
        Ok((reply, outcome.effect))
    }

    fn decide(&self, session: &Session, instruction: Instruction, apdu: &Apdu<'_>) -> Decision {
        match instruction {
            Instruction::Select => self.select(session, apdu),
            Instruction::ReadRecord => self.read_record(session, apdu),
            Instruction::GetProcessingOptions => self.get_processing_options(session, apdu),
            Instruction::GetData => self.get_data(session, apdu),
            Instruction::StoreData => self.store_data(session, apdu),
            Instruction::Verify => self.verify(session, apdu),
            Instruction::GetChallenge => self.get_challenge(session, apdu),
            Instruction::ExternalAuthenticate => self.external_authenticate(session, apdu),
            Instruction::InternalAuthenticate => Self::internal_authenticate(session, apdu),
            Instruction::GenerateAc => self.generate_ac(session, apdu),
            Instruction::Script(script) => self.script(session, apdu, script),
            // Answered before anything is decided.
            Instruction::GetResponse => Err(Status::ConditionsNotSatisfied),
        }
    }

    fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Nothing => {}
            Effect::Select(target) => self.choose(Selected::fresh(target)),
            Effect::Challenge => self.challenges = self.challenges.wrapping_add(1),
            Effect::Change {
                index,
                application,
                activity,
                card,
            } => {
                if card == CardFate::Blocked {
                    self.access = Access::Blocked;
                }
                if let Some(place) = self.applications.get_mut(index) {
                    *place = *application;
                }
                self.choose(Selected::Application(index, activity));
            }
        }
    }

    fn choose(&mut self, selected: Selected) {
        if let Power::On(session) = &mut self.power {
            session.selected = Some(selected);
        }
    }

    /// Every command but GET RESPONSE gives up the answer that waits.
    fn lose_waiting(&mut self, command: &[u8]) {
        let Ok(apdu) = Apdu::parse(command) else {
            return self.set_waiting(None);
        };
        if Instruction::of_command(&apdu) != Ok(Instruction::GetResponse) {
            self.set_waiting(None);
        }
    }

    fn set_waiting(&mut self, waiting: Option<transport::Waiting>) {
        if let Power::On(session) = &mut self.power {
            session.waiting = waiting;
        }
    }
}
