//! From a command to its answer: first decided, then done.
//!
//! ```text
//!   bytes ─▶ Apdu ─▶ Instruction ─▶ decide: only reads ─▶ Outcome ─▶ fits Le? ─▶ apply: one Effect
//!              │          │              │                              │
//!            6700     6D00 6E00 68xx   refused                        6Cxx
//! ```
//!
//! What is refused on the way changes nothing, but that the answer which waited is lost, and a
//! challenge that was not answered. While a secure channel is open, `channel` stands between.

use crate::apdu::Apdu;
use crate::application::{Access, Application};
use crate::channel::Channel;
use crate::chip::Chip;
use crate::domain::Domain;
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
    /// The application at this index becomes another, through what is selected.
    Load(usize, Box<Application>, Selected),
    /// Something else is done with what is selected.
    Continue(Selected),
    /// The security domain becomes another, and so does the channel.
    Channel(Box<Domain>, Channel),
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

    /// Whether data were loaded, and no more can be.
    pub(crate) fn ends_personalisation(&self) -> bool {
        match self {
            Self::Load(_, application, _) => application.is_personalised(),
            _ => false,
        }
    }
}

/// What goes out, and what changes.
pub(crate) struct Answered {
    pub(crate) reply: Reply,
    pub(crate) effect: Effect,
    /// What the channel is afterwards, if the command went through it.
    pub(crate) channel: Option<Channel>,
}

impl Answered {
    /// A refusal that closes the channel.
    pub(crate) fn closing(status: Status) -> Self {
        Self {
            reply: Reply::refusal(status),
            effect: Effect::Nothing,
            channel: Some(Channel::Closed),
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

    /// A refusal as an outcome, for a channel that protects it.
    pub(crate) fn refused(status: Status) -> Self {
        Self {
            answer: Vec::new(),
            status,
            effect: Effect::Nothing,
        }
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
        let Answered {
            reply,
            effect,
            channel,
        } = match self.answer(session, command) {
            Ok(answered) => answered,
            Err(status) => {
                self.lose_waiting(command);
                return status.bytes().to_vec();
            }
        };
        self.apply(effect);
        if let Some(channel) = channel {
            self.set_channel(channel);
        }
        let mut bytes = reply.now;
        bytes.extend(reply.status.bytes());
        self.set_waiting(reply.waiting);
        bytes
    }

    fn answer(&self, session: &Session, command: &[u8]) -> Result<Answered, Status> {
        let apdu = Apdu::parse(command).map_err(|_| Status::WrongLength)?;
        let instruction = Instruction::of_command(&apdu);
        if instruction == Ok(Instruction::GetResponse) {
            let reply = transport::get_response(session.waiting.as_ref(), &apdu)?;
            return Ok(Answered {
                reply,
                effect: Effect::Nothing,
                channel: None,
            });
        }
        if let Channel::Open(open) = &session.channel
            && !instruction.is_ok_and(Instruction::goes_beside_a_channel)
        {
            return self.answer_secured(session, open, &apdu);
        }
        let outcome = self.decide(session, instruction?, &apdu)?;
        let reply = transport::present(outcome.answer, outcome.status, &apdu)?;
        // A challenge waits for the next command only.
        let channel = match (&outcome.effect, &session.channel) {
            (Effect::Channel(..), _) | (_, Channel::Closed | Channel::Open(_)) => None,
            (_, Channel::Challenged(_)) => Some(Channel::Closed),
        };
        Ok(Answered {
            reply,
            effect: outcome.effect,
            channel,
        })
    }

    pub(crate) fn decide(
        &self,
        session: &Session,
        instruction: Instruction,
        apdu: &Apdu<'_>,
    ) -> Decision {
        match instruction {
            Instruction::Select => self.select(session, apdu),
            Instruction::ReadRecord => self.read_record(session, apdu),
            Instruction::GetProcessingOptions => self.get_processing_options(session, apdu),
            Instruction::GetData => self.get_data(session, apdu),
            Instruction::InitializeUpdate => self.initialize_update(session, apdu),
            Instruction::AuthenticateHost => self.authenticate_host(session, apdu),
            Instruction::Install => self.install(session, apdu),
            Instruction::StoreData => self.store_data(session, apdu),
            Instruction::SetStatus => self.set_status(session, apdu),
            Instruction::Verify => self.verify(session, apdu),
            Instruction::GetChallenge => self.get_challenge(session, apdu),
            Instruction::ExternalAuthenticate => self.external_authenticate(session, apdu),
            Instruction::InternalAuthenticate => self.internal_authenticate(session, apdu),
            Instruction::GenerateAc => self.generate_ac(session, apdu),
            Instruction::Script(script) => self.script(session, apdu, script),
            // Answered before anything is decided.
            Instruction::GetResponse => Err(Status::ConditionsNotSatisfied),
        }
    }

    fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Nothing => {}
            Effect::Select(target) => {
                self.choose(Selected::fresh(target));
                self.set_channel(Channel::Closed);
            }
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
                self.replace(index, *application);
                self.choose(Selected::Application(index, activity));
            }
            Effect::Load(index, application, selected) => {
                self.replace(index, *application);
                self.choose(selected);
            }
            Effect::Continue(selected) => self.choose(selected),
            Effect::Channel(domain, channel) => {
                self.set_domain(*domain);
                self.set_channel(channel);
            }
        }
    }

    fn replace(&mut self, index: usize, application: Application) {
        if let Some(place) = self.applications.get_mut(index) {
            *place = application;
        }
    }

    /// A channel that is not open any more takes a half-sent grouping with it.
    fn set_channel(&mut self, channel: Channel) {
        if let Power::On(session) = &mut self.power {
            if !matches!(channel, Channel::Open(_)) {
                session.forget_loading();
            }
            session.channel = channel;
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
            self.lose_challenge();
        }
    }

    /// A challenge that was not answered is gone.
    fn lose_challenge(&mut self) {
        if let Power::On(session) = &mut self.power
            && matches!(session.channel, Channel::Challenged(_))
        {
            session.channel = Channel::Closed;
        }
    }

    fn set_waiting(&mut self, waiting: Option<transport::Waiting>) {
        if let Power::On(session) = &mut self.power {
            session.waiting = waiting;
        }
    }
}
