//! GENERATE AC, the first and the second of a transaction.

use persotwin_emv::afl::Capability;
use persotwin_emv::authorisation::{CryptogramType, IssuerAuthentication};
use persotwin_emv::cryptogram::{IssuerApplicationData, TerminalData, application_cryptogram};
use persotwin_emv::results::{CardResults, Finding};
use persotwin_emv::status_update::{Order, StatusUpdate};
use persotwin_emv::tag::Tag;
use persotwin_emv::tdes::Block;
use persotwin_emv::tlv::TlvWriter;

use super::authenticate::open_answer;
use super::risk::{self, Return};
use super::signature::{Signed, Signer};
use super::{Asked, Issuer, Scripts, Stage, Transaction};
use crate::apdu::Apdu;
use crate::application::{Access, Application, Lasting, Standing};
use crate::chip::Chip;
use crate::dispatch::{CardFate, Decision, Effect, Outcome};
use crate::session::{Activity, Session};
use crate::status::Status;
use crate::tlv;

/// Bit 5 of P1: a combined signature is wanted.
const COMBINED: u8 = 0x10;

/// What one GENERATE AC asks, and whom.
struct Asking<'a> {
    application: &'a Application,
    transaction: &'a Transaction,
    signer: Option<&'a Signer>,
    wanted: CryptogramType,
    data: &'a [u8],
}

/// What one GENERATE AC comes to.
struct Given {
    answer: Vec<u8>,
    application: Application,
    stage: Stage,
    card: CardFate,
}

impl Chip {
    /// GENERATE AC: P1 says which cryptogram is wanted, the data answer the list of tag 8C the
    /// first time, of tag 8D the second.
    ///
    /// Bit 5 of P1 asks for a signature over the cryptogram: an approval or a request comes within
    /// one then, a refusal does not (documented). It is `6A86` where the interchange profile does
    /// not offer it (ours). Data of another length than the list asks for are `6700`; a list that leaves out
    /// what the cryptogram is computed over is `6985` (ours).
    pub(crate) fn generate_ac(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        let Some((index, Activity::Paying(transaction))) = session.application() else {
            return Err(Status::ConditionsNotSatisfied);
        };
        if apdu.p1 & 0x2F != 0 || apdu.p2 != 0 {
            return Err(Status::WrongP1P2);
        }
        let wanted = CryptogramType::from_bits(apdu.p1).ok_or(Status::WrongP1P2)?;
        let application = self.application(index)?;
        let signer = self.signer(index, Capability::CombinedAuthentication)?;
        let signer = match (apdu.p1 & COMBINED, signer) {
            (0, _) => None,
            (_, None) => return Err(Status::WrongP1P2),
            (_, signer) => signer,
        };
        let asking = Asking {
            application,
            transaction,
            signer: signer.as_ref(),
            wanted,
            data: apdu.data,
        };
        let given = match &transaction.stage {
            Stage::Begun => first(&asking)?,
            Stage::Asked(asked) => second(&asking, asked)?,
            Stage::Ended(_) => return Err(Status::ConditionsNotSatisfied),
        };
        let activity = Activity::Paying(transaction.at(given.stage));
        Ok(Outcome::done(
            given.answer,
            Effect::Change {
                index,
                application: Box::new(given.application),
                activity,
                card: given.card,
            },
        ))
    }
}

fn first(asking: &Asking<'_>) -> Result<Given, Status> {
    let Asking {
        application,
        transaction,
        wanted,
        data,
        ..
    } = *asking;
    let values = Values::split(application, Tag::CDOL1, data)?;
    let terminal = TerminalData::collect(|tag| values.find(tag));
    let terminal = terminal.ok_or(Status::ConditionsNotSatisfied)?;
    let mut lasting = application.lasting()?;
    let told = risk::findings(application, lasting, transaction.pin);
    let kind = risk::first(wanted, lasting.access, told);
    let results = CardResults::first(kind).and(told);
    let lists = [transaction.begun_with.as_slice(), data];
    let (cryptogram, answer) = compute(asking, kind, terminal, results, &lists)?;
    let scripts = Scripts::after(cryptogram);
    let stage = if kind == CryptogramType::Request {
        lasting.standing = lasting.standing.with(Finding::LastOnlineUnfinished);
        Stage::Asked(Box::new(Asked {
            list: data.to_vec(),
            cryptogram,
            terminal,
            told,
            issuer: Issuer::Unheard,
            scripts,
        }))
    } else {
        Stage::Ended(scripts)
    };
    Ok(Given {
        answer,
        application: application.clone().with_lasting(lasting),
        stage,
        card: CardFate::Unchanged,
    })
}

fn second(asking: &Asking<'_>, asked: &Asked) -> Result<Given, Status> {
    let Asking {
        application,
        transaction,
        wanted,
        data,
        ..
    } = *asking;
    if wanted == CryptogramType::Request {
        return Err(Status::ConditionsNotSatisfied);
    }
    let values = Values::split(application, Tag::CDOL2, data)?;
    let first = asked.terminal;
    // What the second list leaves out is as it was at the first.
    let terminal = TerminalData::collect(|tag| values.find(tag)).unwrap_or(first);
    let back = Return::of(values.find(Tag::RESPONSE_CODE));
    let issuer = issuer_of(application, asked, values.find(Tag::ISSUER_AUTHENTICATION))?;
    let lasting = application.lasting()?;
    let kind = risk::second(wanted, application, lasting.access, back, &issuer);
    let this_time = this_time(application, &values, back, &issuer);
    let results = CardResults::second(kind).and(asked.told).and(this_time);
    let lists = [transaction.begun_with.as_slice(), &asked.list, data];
    let (_, answer) = compute(asking, kind, terminal, results, &lists)?;
    let lasting = remembered(lasting, asked.scripts, back, &issuer, this_time);
    let (lasting, card) = obeyed(application, lasting, &issuer);
    Ok(Given {
        answer,
        application: application.clone().with_lasting(lasting),
        stage: Stage::Ended(asked.scripts),
        card,
    })
}

/// The issuer's answer: as EXTERNAL AUTHENTICATE brought it, else as the list does. A terminal
/// that has none fills the list up with zeros (documented).
fn issuer_of(
    application: &Application,
    asked: &Asked,
    data: Option<&[u8]>,
) -> Result<Issuer, Status> {
    let given = data.filter(|data| data.iter().any(|byte| *byte != 0));
    match (&asked.issuer, given) {
        (Issuer::Unheard, Some(data)) => open_answer(application, asked.cryptogram, data),
        (heard, _) => Ok(heard.clone()),
    }
}

/// What the second results tell of this transaction.
fn this_time(
    application: &Application,
    values: &Values<'_>,
    back: Return,
    issuer: &Issuer,
) -> CardResults {
    let none = CardResults::default();
    let expected = application
        .interchange_profile()
        .has(Capability::IssuerAuthentication)
        || values.find(Tag::ISSUER_AUTHENTICATION).is_some();
    match (back, issuer) {
        (_, Issuer::Forged) => none.with(Finding::IssuerAuthenticationFailed),
        (Return::Alone, Issuer::Unheard) => none.with(Finding::UnableToGoOnline),
        (Return::Online, Issuer::Unheard) if expected => {
            none.with(Finding::IssuerAuthenticationMissing)
        }
        (_, Issuer::Genuine(_)) | (Return::Online, Issuer::Unheard) => none,
    }
}

/// What the application remembers of the issuer after a transaction. As long as it was not heard,
/// or only by a forged answer, everything still stands.
fn remembered(
    lasting: Lasting,
    scripts: Scripts,
    back: Return,
    issuer: &Issuer,
    this_time: CardResults,
) -> Lasting {
    let still = lasting.standing;
    match (back, issuer) {
        (_, Issuer::Forged) => Lasting {
            standing: still.with(Finding::LastIssuerAuthenticationFailed),
            ..lasting
        },
        (Return::Alone, Issuer::Unheard) => lasting,
        (_, Issuer::Genuine(_)) | (Return::Online, Issuer::Unheard) => {
            let missing = Finding::IssuerAuthenticationMissing;
            let now = [
                (Finding::ScriptFailed, scripts.have_failed()),
                (missing, this_time.has(missing)),
            ];
            let now = now.into_iter().filter(|(_, is_so)| *is_so);
            let none = Standing::after_scripts(scripts.count);
            Lasting {
                last_online: lasting.transactions,
                standing: now.fold(none, |standing, (finding, _)| standing.with(finding)),
                ..lasting
            }
        }
    }
}

/// What the issuer's status update asks for.
fn obeyed(application: &Application, lasting: Lasting, issuer: &Issuer) -> (Lasting, CardFate) {
    let Issuer::Genuine(IssuerAuthentication::Method2 {
        card_status_update, ..
    }) = issuer
    else {
        return (lasting, CardFate::Unchanged);
    };
    let update = StatusUpdate(*card_status_update);
    let limit = application.pin_limits().map(|tries| tries.limit);
    let set = limit.filter(|_| update.asks(Order::SetPinTries));
    let blocks = update.asks(Order::BlockApplication) || update.asks(Order::BlockCard);
    let lasting = Lasting {
        pin_tries: set
            .map(|limit| update.pin_tries().min(limit))
            .or(lasting.pin_tries),
        access: if blocks {
            Access::Blocked
        } else {
            lasting.access
        },
        ..lasting
    };
    let card = if update.asks(Order::BlockCard) {
        CardFate::Blocked
    } else {
        CardFate::Unchanged
    };
    (lasting, card)
}

/// The cryptogram, and the answer that carries it: `77{9F27, 9F36, 9F26, 9F10}`, or one that is
/// signed.
fn compute(
    asking: &Asking<'_>,
    kind: CryptogramType,
    terminal: TerminalData,
    results: CardResults,
    lists: &[&[u8]],
) -> Result<(Block, Vec<u8>), Status> {
    let application = asking.application;
    let issuer_data = IssuerApplicationData {
        results: results.0,
        ..application.issuer_data()?
    };
    let counter = application.lasting()?.transactions.to_be_bytes();
    let cryptogram = application_cryptogram(
        &application.keys()?.ac,
        &terminal.to_bytes(),
        application.interchange_profile().0,
        counter,
        issuer_data,
    );
    let issuer_data = issuer_data.to_bytes();
    if let Some(signer) = asking.signer.filter(|_| kind != CryptogramType::Refusal) {
        let answer = signer.answer(&Signed {
            kind,
            counter,
            cryptogram,
            issuer_data: &issuer_data,
            lists,
            unpredictable_number: terminal.unpredictable_number,
        })?;
        return Ok((cryptogram, answer));
    }
    let objects = TlvWriter::new()
        .put(Tag::CRYPTOGRAM_INFORMATION, &[kind.bits()])
        .put(Tag::TRANSACTION_COUNTER, &counter)
        .put(Tag::CRYPTOGRAM, &cryptogram)
        .put(Tag::ISSUER_APPLICATION_DATA, &issuer_data);
    let answer = tlv::written(TlvWriter::new().nest(Tag::ANSWER_FORMAT_2, objects));
    Ok((cryptogram, answer))
}

/// The terminal's data, cut as a list of the application asks.
struct Values<'a>(Vec<(Tag, &'a [u8])>);

impl<'a> Values<'a> {
    fn split(application: &Application, list: Tag, data: &'a [u8]) -> Result<Self, Status> {
        let list = application.risk_list(list)?;
        let values = list.split(data).map_err(|_| Status::WrongLength)?;
        Ok(Self(values))
    }

    fn find(&self, tag: Tag) -> Option<&'a [u8]> {
        let mut values = self.0.iter();
        values.find(|(found, _)| *found == tag).map(|it| it.1)
    }
}
