//! Card data to data groupings: what is loaded into the chip of one card.
//!
//! | grouping | holds |
//! |---|---|
//! | 0101 | record 1 of file 1: tags 57, 5F20, 9F1F |
//! | 0201 | record 1 of file 2: everything else that a terminal reads |
//! | 9102 | template A5 of the SELECT answer |
//! | 9104 | tags 82 and 94 of the GET PROCESSING OPTIONS answer |
//! | 9200 | tag 9F10, where the product has one |
//! | 8000, 9000 | the card's keys in the clear, and their check values |
//! | 0202 | with offline data authentication: tags 8F, 90, 92, 9F32 |
//! | 0203 | with it: tags 9F46, 9F48, 9F47, 9F49, 9F4A |
//! | 8201 to 8205, or 8101 and 8103 | with it: the card's private key |
//! | 9010, 8010 | PIN tries and reference PIN, only where there is a PIN |
//!
//! Groupings and order are documented for common personalisation scripts; the spread of tags over
//! two records is that of a card that a third-party kernel accepted. The file locator is computed
//! from the records, so the two cannot disagree. With offline data authentication the card's
//! certificate vouches for record 1 of file 2 and the interchange profile (ours).

use zeroize::Zeroizing;

use crate::afl::{Afl, AflEntry, Aip, RecordId, Sfi};
use crate::aid::Aid;
use crate::bcd;
use crate::cryptogram::IssuerApplicationData;
use crate::dgi::{Dgi, DgiError, DgiId};
use crate::digits::Digits;
use crate::expiry::{CardDate, Expiry};
use crate::keys::KeySet;
use crate::name::EncodedName;
use crate::oda::credentials::{CardCredentials, key_groupings};
use crate::oda::{Certificate, Fault, Method};
use crate::pan::{Pan, PanSequence};
use crate::pin::{Pin, PinBlock};
use crate::profile::{ApplicationProfile, OFFLINE_PIN};
use crate::service_code::ServiceCode;
use crate::tag::Tag;
use crate::tlv::{TlvError, TlvWriter};
use crate::track::{Track2, TrackError};

/// The longest record: READ RECORD answers at most 256 bytes, and 254 are safe everywhere (ours).
pub const MAX_RECORD: usize = 254;

/// What is this card's own. `Debug` masks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardValues {
    /// Tags 5A and 57.
    pub pan: Pan,
    /// Tag 5F34.
    pub psn: PanSequence,
    /// Tags 57 and 5F24.
    pub expiry: Expiry,
    /// Tag 5F25. Not later than today, which only the caller knows.
    pub effective: CardDate,
    /// Tag 5F20.
    pub name: EncodedName,
    /// In tag 57: the real service code, whatever entered the verification value.
    pub service_code: ServiceCode,
    /// Tag 9F1F: the pattern of track 1 filled with the chip's value (iCVV).
    pub track1_discretionary: Digits,
    /// In tag 57: the pattern of track 2 filled with the chip's value (iCVV).
    pub track2_discretionary: Digits,
    /// Tag 9F24.
    pub account_reference: Option<AccountReference>,
}

/// A payment account reference (tag 9F24): 29 capitals and digits (documented by EMV).
#[derive(Clone, PartialEq, Eq)]
pub struct AccountReference(String);

impl AccountReference {
    /// Parses the 29 characters; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
        (text.len() == 29 && text.bytes().all(allowed)).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for AccountReference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccountReference(***)")
    }
}

/// A PIN to be loaded into the chip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChipPin {
    /// The PIN.
    pub pin: Pin,
    /// How often it may be tried: counter and limit.
    pub tries: u8,
}

/// Everything that goes into the chip of one card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationData {
    /// The product's configuration.
    pub profile: ApplicationProfile,
    /// What is the card's own.
    pub card: CardValues,
    /// The card's keys, derived from the issuer's.
    pub keys: KeySet,
    /// The PIN, if the product has one in the chip.
    pub pin: Option<ChipPin>,
    /// Tag 9F10 before the first transaction, if the product has one.
    pub issuer_data: Option<IssuerApplicationData>,
    /// With what the card proves itself offline, if the product does.
    pub authentication: Option<CardCredentials>,
}

/// Why data makes no card. Each is a matter of the product's configuration or of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersoError {
    /// The card becomes effective after it has expired.
    #[error("effective date after the expiry")]
    EffectiveAfterExpiry,
    /// Track 2 cannot hold its parts.
    #[error("track 2 equivalent data: {0}")]
    Track2(#[from] TrackError),
    /// A record is longer than READ RECORD can answer.
    #[error("{record} of {found} bytes, more than 254")]
    RecordTooLong {
        /// Which record.
        record: RecordId,
        /// Its length in bytes.
        found: usize,
    },
    /// A data object cannot be written.
    #[error("data object: {0}")]
    Tlv(#[from] TlvError),
    /// A data grouping cannot be written.
    #[error("{0}")]
    Dgi(#[from] DgiError),
    /// The application would have no records.
    #[error("no records")]
    NoRecords,
    /// The card's key cannot be certified.
    #[error("{0}")]
    Authentication(#[from] Fault),
}

impl ApplicationData {
    /// The data groupings in the order in which they are loaded.
    ///
    /// # Errors
    /// Every [`PersoError`].
    pub fn groupings(&self) -> Result<Vec<Dgi>, PersoError> {
        if self.card.effective > self.card.expiry.last_day() {
            return Err(PersoError::EffectiveAfterExpiry);
        }
        let records = self.records()?;
        let afl = self.locator(records.len())?;
        let mut groupings = Vec::new();
        for (record, value) in records {
            match value.len() {
                0..=MAX_RECORD => groupings.push(Dgi::new(DgiId::record(record), value)?),
                found => return Err(PersoError::RecordTooLong { record, found }),
            }
        }
        groupings.push(Dgi::new(DgiId::SELECT_ANSWER, self.select_answer()?)?);
        groupings.push(Dgi::new(
            DgiId::PROCESSING_OPTIONS,
            self.processing_options(&afl)?,
        )?);
        if let Some(data) = self.issuer_data {
            let value = TlvWriter::new().put(Tag::ISSUER_APPLICATION_DATA, &data.to_bytes());
            groupings.push(Dgi::new(DgiId::ISSUER_APPLICATION_DATA, value.finish()?)?);
        }
        groupings.extend(self.key_groupings()?);
        if let Some(credentials) = &self.authentication {
            groupings.extend(key_groupings(&credentials.key)?);
        }
        groupings.extend(self.pin_groupings()?);
        Ok(groupings)
    }

    /// Every record in the order of the file locator: one of file 1, the others of file 2.
    fn records(&self) -> Result<Vec<(RecordId, Vec<u8>)>, PersoError> {
        let content = self.application_record()?;
        let of_file_2 = |record| RecordId {
            sfi: Sfi::TWO,
            record,
        };
        let of_file_1 = RecordId {
            sfi: Sfi::ONE,
            record: 1,
        };
        let mut records = vec![(of_file_1, self.stripe_record()?)];
        let certificate = self.certificate(&content)?;
        let whole = TlvWriter::new().put(Tag::RECORD, &content).finish()?;
        records.push((of_file_2(1), whole));
        if let Some((credentials, certificate)) = certificate {
            let issuer = TlvWriter::new().nest(Tag::RECORD, credentials.issuer_record());
            records.push((of_file_2(2), issuer.finish()?));
            let card = TlvWriter::new().nest(Tag::RECORD, credentials.card_record(&certificate));
            records.push((of_file_2(3), card.finish()?));
        }
        Ok(records)
    }

    /// The issuer vouches for what stands in record 1 of file 2, and for the interchange profile.
    fn certificate(
        &self,
        content: &[u8],
    ) -> Result<Option<(&CardCredentials, Certificate)>, PersoError> {
        let Some(credentials) = &self.authentication else {
            return Ok(None);
        };
        let data = Zeroizing::new([content, &self.interchange_profile().0].concat());
        let certificate = credentials.certify(&self.card.pan, self.card.expiry, &data)?;
        Ok(Some((credentials, certificate)))
    }

    /// The product's interchange profile, with what the card's own key adds.
    fn interchange_profile(&self) -> Aip {
        let method = self.authentication.iter().map(|it| it.method);
        let capabilities = method.flat_map(Method::capabilities);
        let profile = self.profile.interchange_profile;
        capabilities.fold(profile, |profile, capability| profile.with(*capability))
    }

    /// One entry for each file; with offline data authentication the first record of file 2 takes
    /// part.
    fn locator(&self, records: usize) -> Result<Afl, PersoError> {
        let signed = u8::from(self.authentication.is_some());
        let of_file_2 = u8::try_from(records.saturating_sub(1)).unwrap_or(u8::MAX);
        let entries = [
            AflEntry::new(Sfi::ONE, 1, 1, 0),
            AflEntry::new(Sfi::TWO, 1, of_file_2, signed),
        ];
        Afl::new(entries.into_iter().flatten().collect()).ok_or(PersoError::NoRecords)
    }

    /// What the stripe says too, with the chip's own verification value.
    fn stripe_record(&self) -> Result<Vec<u8>, PersoError> {
        let card = &self.card;
        let track2 = Track2::new(
            card.pan.clone(),
            card.expiry,
            card.service_code,
            card.track2_discretionary.clone(),
        )?;
        let equivalent = Zeroizing::new(track2.to_equivalent());
        let discretionary = card.track1_discretionary.as_str().as_bytes();
        let record = TlvWriter::new()
            .put(Tag::TRACK_2_EQUIVALENT, &equivalent)
            .put(Tag::CARDHOLDER_NAME, card.name.as_str().as_bytes())
            .put_some(
                Tag::TRACK_1_DISCRETIONARY,
                (!discretionary.is_empty()).then_some(discretionary),
            );
        Ok(TlvWriter::new().nest(Tag::RECORD, record).finish()?)
    }

    /// What stands in the template of record 1 of file 2.
    fn application_record(&self) -> Result<Vec<u8>, PersoError> {
        let (card, profile) = (&self.card, &self.profile);
        let pan = Zeroizing::new(bcd::pack_compressed(card.pan.digits()));
        let reference = card
            .account_reference
            .as_ref()
            .map(|it| it.as_str().as_bytes());
        let record = TlvWriter::new()
            .put(Tag::PAN, &pan)
            .put(Tag::EXPIRATION_DATE, &card.expiry.last_day().to_bcd())
            .put(Tag::EFFECTIVE_DATE, &card.effective.to_bcd())
            .put(Tag::ISSUER_COUNTRY, &profile.issuer_country.to_bcd())
            .put(Tag::PAN_SEQUENCE, &[card.psn.to_bcd()])
            .put(Tag::USAGE_CONTROL, &profile.usage_control)
            .put(Tag::APPLICATION_VERSION, &profile.version)
            .put(Tag::CDOL1, &profile.cdol1)
            .put(Tag::CDOL2, &profile.cdol2)
            .put(Tag::CVM_LIST, &self.cvm_list())
            .put(Tag::ACTION_CODE_DEFAULT, &profile.action_codes.default)
            .put(Tag::ACTION_CODE_DENIAL, &profile.action_codes.denial)
            .put(Tag::ACTION_CODE_ONLINE, &profile.action_codes.online)
            .put(Tag::APPLICATION_CURRENCY, &profile.currency.to_bcd())
            .put_some(Tag::PAYMENT_ACCOUNT_REFERENCE, reference);
        Ok(record.finish()?)
    }

    /// Two amounts of zero, then the rules; the chip's own PIN first where there is one.
    fn cvm_list(&self) -> Vec<u8> {
        let offline = self.pin.iter().map(|_| OFFLINE_PIN);
        let rules = offline.chain(self.profile.cvm_rules.iter().copied());
        [0; 8].into_iter().chain(rules.flatten()).collect()
    }

    fn select_answer(&self) -> Result<Vec<u8>, PersoError> {
        let profile = &self.profile;
        let pdol = (!profile.pdol.is_empty()).then_some(profile.pdol.as_slice());
        let answer = TlvWriter::new()
            .put(Tag::APPLICATION_LABEL, profile.label.as_str().as_bytes())
            .put(Tag::PRIORITY, &[profile.priority])
            .put_some(Tag::PDOL, pdol)
            .put(
                Tag::LANGUAGE_PREFERENCE,
                profile.languages.as_str().as_bytes(),
            );
        Ok(TlvWriter::new()
            .nest(Tag::FCI_PROPRIETARY, answer)
            .finish()?)
    }

    fn processing_options(&self, afl: &Afl) -> Result<Vec<u8>, PersoError> {
        let answer = TlvWriter::new()
            .put(Tag::INTERCHANGE_PROFILE, &self.interchange_profile().0)
            .put(Tag::FILE_LOCATOR, &afl.to_bytes());
        Ok(answer.finish()?)
    }

    /// The keys in the clear: whoever sends them on enciphers them first.
    fn key_groupings(&self) -> Result<[Dgi; 2], PersoError> {
        let values = self.keys.to_grouping().to_vec();
        let checks = self
            .keys
            .check_values()
            .iter()
            .flat_map(|kcv| kcv.bytes())
            .collect();
        Ok([
            Dgi::new(DgiId::CARD_KEYS, values)?,
            Dgi::new(DgiId::KEY_CHECK_VALUES, checks)?,
        ])
    }

    fn pin_groupings(&self) -> Result<Vec<Dgi>, PersoError> {
        let Some(ChipPin { pin, tries }) = &self.pin else {
            return Ok(Vec::new());
        };
        let block = PinBlock::format_2(pin);
        Ok(vec![
            Dgi::new(DgiId::PIN_TRIES, vec![*tries, *tries])?,
            Dgi::new(DgiId::PIN_BLOCK, block.expose().to_vec())?,
        ])
    }
}

/// The SELECT answer: template 6F with the application's name and what grouping 9102 holds.
///
/// # Errors
/// A [`TlvError`] if `proprietary` is too long to be written.
pub fn select_answer(aid: &Aid, proprietary: &[u8]) -> Result<Vec<u8>, TlvError> {
    let inner = TlvWriter::new()
        .put(Tag::DF_NAME, aid.as_bytes())
        .append(proprietary);
    TlvWriter::new().nest(Tag::FCI, inner).finish()
}

/// The GET PROCESSING OPTIONS answer of format 2: template 77 around what grouping 9104 holds.
///
/// # Errors
/// A [`TlvError`] if `data` is too long to be written.
pub fn processing_options_answer(data: &[u8]) -> Result<Vec<u8>, TlvError> {
    TlvWriter::new().put(Tag::ANSWER_FORMAT_2, data).finish()
}

#[cfg(test)]
#[path = "perso_tests.rs"]
pub(crate) mod tests;
