//! Who is who: EXTERNAL AUTHENTICATE, GET CHALLENGE and INTERNAL AUTHENTICATE.

use persotwin_emv::afl::Capability;
use persotwin_emv::authorisation::IssuerAuthentication;
use persotwin_emv::cryptogram::CryptogramVersion;
use persotwin_emv::results::Finding;
use persotwin_emv::status_update::StatusUpdate;
use persotwin_emv::tag::Tag;
use persotwin_emv::tdes::{Block, TdesKey};
use persotwin_emv::tlv::TlvWriter;

use super::{Asked, Issuer, Stage};
use crate::apdu::Apdu;
use crate::application::{Application, Lasting};
use crate::chip::Chip;
use crate::dispatch::{Decision, Effect, Outcome};
use crate::session::{Activity, Session};
use crate::status::Status;
use crate::tlv;

impl Chip {
    /// EXTERNAL AUTHENTICATE: the issuer's answer (tag 91) to the request, once in a transaction,
    /// where the interchange profile offers it (documented). A forged one is `6300`.
    pub(crate) fn external_authenticate(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        if (apdu.p1, apdu.p2) != (0, 0) {
            return Err(Status::WrongP1P2);
        }
        let Some((index, Activity::Paying(transaction))) = session.application() else {
            return Err(Status::ConditionsNotSatisfied);
        };
        let application = self.application(index)?;
        let profile = application.interchange_profile();
        let Stage::Asked(asked) = &transaction.stage else {
            return Err(Status::ConditionsNotSatisfied);
        };
        if !matches!(asked.issuer, Issuer::Unheard)
            || !profile.has(Capability::IssuerAuthentication)
        {
            return Err(Status::ConditionsNotSatisfied);
        }
        if !(8..=16).contains(&apdu.data.len()) {
            return Err(Status::WrongLength);
        }
        let issuer = open_answer(application, asked.cryptogram, apdu.data)?;
        let mut lasting = application.lasting()?;
        let status = if matches!(issuer, Issuer::Forged) {
            let failed = Finding::LastIssuerAuthenticationFailed;
            lasting.standing = lasting.standing.with(failed);
            Status::NotAuthenticated
        } else {
            Status::Done
        };
        let heard = Stage::Asked(Box::new(Asked {
            issuer,
            ..Asked::clone(asked)
        }));
        let application = application.clone().with_lasting(lasting);
        let activity = Activity::Paying(transaction.at(heard));
        Ok(Outcome {
            answer: Vec::new(),
            status,
            effect: Effect::change(index, application, activity),
        })
    }

    /// GET CHALLENGE: 8 bytes that come once in the life of the chip.
    ///
    /// They come from a counter enciphered under the serial number, so that the same commands
    /// always give the same answers (ours). Nobody must take them for chance.
    pub(crate) fn get_challenge(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        if (apdu.p1, apdu.p2) != (0, 0) {
            return Err(Status::WrongP1P2);
        }
        if !apdu.data.is_empty() {
            return Err(Status::WrongLength);
        }
        let (index, _) = session
            .application()
            .ok_or(Status::ConditionsNotSatisfied)?;
        self.application(index)?.lasting()?;
        let challenge = self.enciphered(u64::from(self.challenges));
        Ok(Outcome::done(challenge.to_vec(), Effect::Challenge))
    }

    /// A number under the serial number of the chip.
    pub(super) fn enciphered(&self, number: u64) -> Block {
        let serial = self.serial().0;
        let key = [serial, serial.map(|byte| !byte)].as_flattened().try_into();
        let key = TdesKey::new(key.unwrap_or_default());
        key.encrypt_block(number.to_be_bytes())
    }

    /// INTERNAL AUTHENTICATE: a signature over the terminal's data, before the first GENERATE AC
    /// (documented), where the interchange profile offers it; else `6985`. Data of another length
    /// than the list of tag 9F49 asks for are `6700`.
    pub(crate) fn internal_authenticate(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        if (apdu.p1, apdu.p2) != (0, 0) {
            return Err(Status::WrongP1P2);
        }
        let Some((index, Activity::Paying(transaction))) = session.application() else {
            return Err(Status::ConditionsNotSatisfied);
        };
        let signer = self.signer(index, Capability::DynamicAuthentication)?;
        let (Some(signer), Stage::Begun) = (signer, &transaction.stage) else {
            return Err(Status::ConditionsNotSatisfied);
        };
        let list = self.application(index)?.dynamic_list();
        let fits = list.is_none_or(|list| list.data_len() == apdu.data.len());
        if apdu.data.is_empty() || !fits {
            return Err(Status::WrongLength);
        }
        let signature = signer.sign(apdu.data, None)?;
        let objects = TlvWriter::new().put(Tag::SIGNED_DYNAMIC_DATA, &signature);
        let answer = tlv::written(TlvWriter::new().nest(Tag::ANSWER_FORMAT_2, objects));
        Ok(Outcome::done(answer, Effect::Nothing))
    }
}

/// Checks issuer authentication data against the cryptogram that they answer.
pub(super) fn open_answer(
    application: &Application,
    cryptogram: Block,
    data: &[u8],
) -> Result<Issuer, Status> {
    let version = application.issuer_data()?.version;
    let Lasting { transactions, .. } = application.lasting()?;
    let card_key = application.keys()?.ac;
    let answer = IssuerAuthentication::parse(version, without_filler(version, data));
    let atc = transactions.to_be_bytes();
    let genuine = answer.filter(|answer| answer.answers(&card_key, atc, cryptogram));
    Ok(genuine.map_or(Issuer::Forged, Issuer::Genuine))
}

/// A terminal fills an answer that is shorter than its place in the list up with zeros. Only a
/// status update that says so is followed by data.
fn without_filler(version: CryptogramVersion, data: &[u8]) -> &[u8] {
    let Some((head, rest)) = data.split_at_checked(8) else {
        return data;
    };
    let announced = match (version, head) {
        (CryptogramVersion::Cvn10, _) => return data.get(..10).unwrap_or(data),
        (CryptogramVersion::Cvn18, [_, _, _, _, a, b, c, d]) => {
            StatusUpdate([*a, *b, *c, *d]).has_proprietary_data()
        }
        (CryptogramVersion::Cvn18, _) => true,
    };
    if !announced && rest.iter().all(|byte| *byte == 0) {
        head
    } else {
        data
    }
}
