//! From an authority to the card's key: what a terminal does with the records (EMV Book 2 sections 5.3,
//! 6.3 and 6.4; Book 3 section 10.3, documented).

use super::authority::{Authority, Rid};
use super::certificate::{Certificate, recover_card, recover_issuer};
use super::fault::{Fault, Whose};
use super::rsa::{Exponent, PublicKey};
use crate::card_answers::CardAnswers;
use crate::card_view::CardView;
use crate::expiry::CardDate;
use crate::tag::Tag;
use crate::tlv::TlvReader;

/// The card's public key, if authority and issuer vouch for it on this day.
///
/// # Errors
/// Every [`Fault`] but those of signatures: the first on the way down.
pub fn card_key(
    answers: &CardAnswers,
    view: &CardView,
    authorities: &[Authority],
    today: CardDate,
) -> Result<PublicKey, Fault> {
    let [index] = *need(view, Tag::AUTHORITY_INDEX)? else {
        return Err(Fault::UnknownAuthority);
    };
    let rid = Rid::of(&view.aid);
    let authority = authorities
        .iter()
        .find(|it| (it.rid, it.index) == (rid, index))
        .ok_or(Fault::UnknownAuthority)?;
    let certificate = read(view, Whose::Issuer)?;
    let (issuer, note) = recover_issuer(&authority.key, &certificate, &view.pan)?;
    if today > note.expires.last_day() {
        return Err(Fault::Expired(Whose::Issuer));
    }
    let certificate = read(view, Whose::Card)?;
    let data = signed_data(answers, view)?;
    let (card, note) = recover_card(&issuer, &certificate, &view.pan, &data)?;
    if today > note.expires.last_day() {
        return Err(Fault::Expired(Whose::Card));
    }
    Ok(card)
}

/// The data that the card's certificate vouches for: the records that the file locator marks, of files
/// 1 to 10 without their template, and the interchange profile where tag 9F4A names it.
///
/// # Errors
/// [`Fault::SignedRecord`], [`Fault::StaticTags`].
pub fn signed_data(answers: &CardAnswers, view: &CardView) -> Result<Vec<u8>, Fault> {
    let mut data = Vec::new();
    for id in view.locator.signed_records() {
        let record = answers.records.get(&id).ok_or(Fault::SignedRecord)?;
        if id.sfi.number() > 10 {
            data.extend_from_slice(record);
        } else {
            let content = TlvReader::new(record).find(Tag::RECORD);
            let content = content.ok().flatten().ok_or(Fault::SignedRecord)?;
            data.extend_from_slice(content);
        }
    }
    match view.object(Tag::STATIC_TAGS) {
        None => {}
        Some(tags) if tags.iter().copied().eq(Tag::INTERCHANGE_PROFILE.bytes()) => {
            data.extend(view.interchange_profile.0);
        }
        Some(_) => return Err(Fault::StaticTags),
    }
    Ok(data)
}

fn read(view: &CardView, whose: Whose) -> Result<Certificate, Fault> {
    let (signed, remainder, exponent) = whose.tags();
    let bytes = need(view, exponent)?;
    Ok(Certificate {
        signed: need(view, signed)?.to_vec(),
        remainder: view.object(remainder).unwrap_or_default().to_vec(),
        exponent: Exponent::parse(bytes).ok_or(Fault::Missing(exponent))?,
    })
}

fn need(view: &CardView, tag: Tag) -> Result<&[u8], Fault> {
    view.object(tag).ok_or(Fault::Missing(tag))
}

impl Whose {
    /// The tags of certificate, remainder and exponent.
    pub fn tags(self) -> (Tag, Tag, Tag) {
        match self {
            Self::Issuer => (
                Tag::ISSUER_CERTIFICATE,
                Tag::ISSUER_REMAINDER,
                Tag::ISSUER_EXPONENT,
            ),
            Self::Card => (
                Tag::CARD_CERTIFICATE,
                Tag::CARD_REMAINDER,
                Tag::CARD_EXPONENT,
            ),
        }
    }
}
