//! Offline data authentication: does the card prove to the terminal alone that its issuer made it (EMV Book 2 sections 5 and 6,
//! Book 3 section 10.3, documented).
//!
//! A terminal that knows authorities takes CDA from a card that offers it, else DDA. With CDA the keys are recovered here and the
//! signature comes with the cryptogram. SDA is taken from nobody (ours).

use persotwin_emv::afl::Capability;
use persotwin_emv::authorisation::CryptogramType;
use persotwin_emv::oda::chain::card_key;
use persotwin_emv::oda::credentials::DYNAMIC_LIST;
use persotwin_emv::oda::{Fault, Method, PublicKey, signature};
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::TlvReader;

use crate::card::{Card, done};
use crate::command::Command;
use crate::cryptogram::Signer;
use crate::error::{Error, ListFault};
use crate::findings::{Finding, Findings};
use crate::read::Reading;
use crate::terminal::{Objects, Purchase, Terminal};

/// How data authentication went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataAuthentication {
    /// The card offers none.
    NotOffered,
    /// The card offers one that this terminal cannot check, or with CDA refused the payment before it signed anything.
    NotPerformed,
    /// The card is genuine: authority and issuer vouch for it, and it signed.
    Genuine(Method),
    /// It is not, or its data are not what its issuer vouched for.
    Failed(Method, Fault),
}

/// How it stands before the first GENERATE AC.
pub(crate) enum Prospect {
    /// It is over.
    Known(DataAuthentication),
    /// With this key the cryptograms are to be signed.
    Combined(PublicKey),
}

impl Prospect {
    /// What checks the signature over a cryptogram, where one is to come.
    pub(crate) fn signer<'a>(
        &'a self,
        purchase: &Purchase,
        lists: &'a [&'a [u8]],
    ) -> Option<Signer<'a>> {
        match self {
            Self::Known(_) => None,
            Self::Combined(key) => Some(Signer {
                key,
                unpredictable_number: purchase.unpredictable_number,
                lists,
            }),
        }
    }

    /// How it went, after a first cryptogram of this kind that was taken for good.
    pub(crate) fn came_true(&self, first: CryptogramType) -> DataAuthentication {
        match (self, first) {
            (Self::Known(known), _) => *known,
            (Self::Combined(_), CryptogramType::Refusal) => DataAuthentication::NotPerformed,
            (Self::Combined(_), CryptogramType::Request | CryptogramType::Approval) => {
                DataAuthentication::Genuine(Method::Cda)
            }
        }
    }
}

/// Authenticates the card's data, if card and terminal can.
///
/// # Errors
/// An [`Error`] of the INTERNAL AUTHENTICATE command, or of its list.
pub(crate) async fn authenticate<C: Card>(
    card: &mut C,
    reading: &Reading,
    terminal: &Terminal,
    purchase: &Purchase,
    findings: &mut Findings,
) -> Result<Prospect, Error<C::Trouble>> {
    let view = &reading.view;
    let has = |capability| view.interchange_profile.has(capability);
    let method = match (
        has(Capability::CombinedAuthentication),
        has(Capability::DynamicAuthentication),
    ) {
        (true, _) => Some(Method::Cda),
        (false, true) => Some(Method::Dda),
        (false, false) => None,
    };
    let Some(method) = method.filter(|_| !terminal.authorities.is_empty()) else {
        findings.note(Finding::NoDataAuthentication);
        return Ok(Prospect::Known(
            if method.is_some() || has(Capability::StaticAuthentication) {
                DataAuthentication::NotPerformed
            } else {
                DataAuthentication::NotOffered
            },
        ));
    };
    let key = card_key(&reading.answers, view, &terminal.authorities, terminal.date);
    let signed = match (key, method) {
        (Err(fault), _) => Err(fault),
        (Ok(key), Method::Cda) => return Ok(Prospect::Combined(key)),
        (Ok(key), Method::Dda) => challenge(card, reading, &key, terminal, purchase).await?,
    };
    Ok(Prospect::Known(match signed {
        Ok(()) => DataAuthentication::Genuine(method),
        Err(fault) => {
            note(method, fault, findings);
            DataAuthentication::Failed(method, fault)
        }
    }))
}

/// INTERNAL AUTHENTICATE with what the card's list asks for, or where it has none with the terminal's own (documented).
async fn challenge<C: Card>(
    card: &mut C,
    reading: &Reading,
    key: &PublicKey,
    terminal: &Terminal,
    purchase: &Purchase,
) -> Result<Result<(), Fault>, Error<C::Trouble>> {
    let tag = Tag::DYNAMIC_LIST;
    let list = reading.view.object(tag).unwrap_or(DYNAMIC_LIST);
    let data = Objects::new(terminal, purchase).answer(list);
    let data = data.map_err(|why| Error::List { tag, why })?;
    if data.is_empty() {
        let why = ListFault::Missing;
        return Err(Error::List { tag, why });
    }
    let answer = done(card, &Command::internal_authenticate(&data)).await?;
    Ok(match signature_in(&answer) {
        Some(signature) => signature::recover(key, signature, &data).map(drop),
        None => Err(Fault::Missing(Tag::SIGNED_DYNAMIC_DATA)),
    })
}

/// The signature of an answer of either format.
fn signature_in(answer: &[u8]) -> Option<&[u8]> {
    let template = TlvReader::new(answer).next()?.ok()?;
    match template.tag {
        Tag::ANSWER_FORMAT_1 => Some(template.value),
        Tag::ANSWER_FORMAT_2 => template.children().find(Tag::SIGNED_DYNAMIC_DATA).ok()?,
        _ => None,
    }
}

fn note(method: Method, fault: Fault, findings: &mut Findings) {
    findings.note(match method {
        Method::Dda => Finding::DynamicFailed,
        Method::Cda => Finding::CombinedFailed,
    });
    if matches!(fault, Fault::Missing(_)) {
        findings.note(Finding::CardDataMissing);
    }
}
