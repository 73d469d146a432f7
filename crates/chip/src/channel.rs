//! The secure channel: opening it, and what comes through it.
//!
//! ```text
//!           INITIALIZE UPDATE          EXTERNAL AUTHENTICATE
//!   Closed ──────────────────▶ Challenged ────────────────▶ Open
//!     ▲                           │                           │
//!     └── any other command ──────┘                           │
//!     └── SELECT, INITIALIZE UPDATE, a command that is not ───┘
//!         protected as it should be (6982), the end of personalisation
//! ```
//!
//! A reset closes it too. When it closes, a half-sent grouping is lost; what is whole stays.

use persotwin_emv::scp::{Authentication, CardSession, Challenged};

use crate::apdu::Apdu;
use crate::chip::Chip;
use crate::dispatch::{Answered, Decision, Effect, Outcome};
use crate::domain::Domain;
use crate::instruction::Instruction;
use crate::session::{Session, Target};
use crate::status::Status;
use crate::transport;

/// The state of the secure channel.
#[derive(Debug, Clone, Default)]
pub(crate) enum Channel {
    #[default]
    Closed,
    /// INITIALIZE UPDATE was answered.
    Challenged(Box<Challenged>),
    Open(Box<CardSession>),
}

impl Chip {
    /// INITIALIZE UPDATE: P1 is the version of the keys, or `00` for any; P2 is `00`.
    pub(crate) fn initialize_update(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        let domain = self.domain().ok_or(Status::UnknownInstruction)?;
        if apdu.p2 != 0 {
            return Err(Status::WrongP1P2);
        }
        let host = apdu.data.try_into().map_err(|_| Status::WrongLength)?;
        let selected = match session.target() {
            Some(Target::Domain) => Domain::aid(),
            Some(Target::Application(index)) => {
                let application = self.application(index)?;
                (!application.is_personalised()).then(|| application.aid().clone())
            }
            Some(Target::Directory(_)) | None => None,
        };
        let selected = selected.ok_or(Status::ConditionsNotSatisfied)?;
        let (domain, challenged, answer) = domain.challenge(apdu.p1, &selected, host)?;
        let channel = Channel::Challenged(Box::new(challenged));
        Ok(Outcome::done(
            answer,
            Effect::Channel(Box::new(domain), channel),
        ))
    }

    /// EXTERNAL AUTHENTICATE of the host, right after INITIALIZE UPDATE: P1 is the level.
    ///
    /// A wrong cryptogram is `6300`, a right one with a wrong MAC `6982`; both cost a try.
    pub(crate) fn authenticate_host(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        let domain = self.domain().ok_or(Status::UnknownInstruction)?;
        let Channel::Challenged(challenged) = &session.channel else {
            return Err(Status::ConditionsNotSatisfied);
        };
        if apdu.p2 != 0 {
            return Err(Status::WrongP1P2);
        }
        let (status, domain, channel) =
            match challenged.clone().authenticate(apdu.header(), apdu.data) {
                Ok(open) => (Status::Done, domain.opened(), Channel::Open(Box::new(open))),
                Err(Authentication::Length) => return Err(Status::WrongLength),
                Err(Authentication::Level) => return Err(Status::WrongP1P2),
                Err(Authentication::Cryptogram) => {
                    (Status::NotAuthenticated, domain.failed(), Channel::Closed)
                }
                Err(Authentication::Mac) => (
                    Status::SecurityNotSatisfied,
                    domain.failed(),
                    Channel::Closed,
                ),
            };
        Ok(Outcome {
            answer: Vec::new(),
            status,
            effect: Effect::Channel(Box::new(domain), channel),
        })
    }

    /// A command while the channel is open: taken out of its protection, decided like any other,
    /// its answer protected.
    ///
    /// # Errors
    /// [`Status::WrongLe`]: the command is not done, and the channel has not seen it.
    pub(crate) fn answer_secured(
        &self,
        session: &Session,
        open: &CardSession,
        apdu: &Apdu<'_>,
    ) -> Result<Answered, Status> {
        let Ok((mut open, data)) = open.clone().command(apdu.header(), apdu.data) else {
            return Ok(Answered::closing(Status::SecurityNotSatisfied));
        };
        let plain = Apdu {
            cla: apdu.cla & !Apdu::SECURED,
            data: &data,
            ..*apdu
        };
        let outcome = Instruction::of_command(&plain)
            .and_then(|instruction| self.decide(session, instruction, &plain));
        let Outcome {
            mut answer,
            status,
            effect,
        } = outcome.unwrap_or_else(Outcome::refused);
        if answer.len() > open.answer_room() {
            return Err(Status::WrongLength);
        }
        let protected = open.answer(&answer, status.bytes());
        // The ciphers pad by themselves and refuse nothing.
        answer = protected.map_err(|_| Status::MemoryFull)?;
        answer.truncate(answer.len().saturating_sub(2));
        let reply = transport::present(answer, status, apdu)?;
        let channel = if effect.ends_personalisation() {
            Channel::Closed
        } else {
            Channel::Open(Box::new(open))
        };
        Ok(Answered {
            reply,
            effect,
            channel: Some(channel),
        })
    }
}
