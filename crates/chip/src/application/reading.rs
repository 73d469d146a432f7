//! What a terminal reads from an application, and what the application reads in itself.

use std::collections::BTreeMap;

use persotwin_emv::afl::{Afl, Aip, RecordId};
use persotwin_emv::card_view::{CardView, ReadError, read_card};
use persotwin_emv::cryptogram::IssuerApplicationData;
use persotwin_emv::dgi::DgiId;
use persotwin_emv::dol::Dol;
use persotwin_emv::keys::KeySet;
use persotwin_emv::oda::credentials::key_of_groupings;
use persotwin_emv::oda::rsa::KeyError;
use persotwin_emv::oda::{Method, PrivateKey};
use persotwin_emv::perso;
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::TlvWriter;

use super::Application;
use crate::grouping::{self, Grouping, INTERNAL};
use crate::status::Status;
use crate::tlv;

impl Application {
    /// Every record, as READ RECORD answers it.
    pub fn records(&self) -> BTreeMap<RecordId, &[u8]> {
        let record = |(id, value)| match Grouping::of(id) {
            Some(Grouping::Record(record)) => Some((record, value)),
            _ => None,
        };
        self.store.iter().filter_map(record).collect()
    }

    /// The application label, once it is loaded.
    pub fn label(&self) -> Option<&[u8]> {
        tlv::find(self.select_template()?, Tag::APPLICATION_LABEL)
    }

    /// What a terminal finds on a personalised card when it reads everything; nothing before
    /// personalisation. It is the truth about the card: no command is counted.
    ///
    /// # Errors
    /// A [`ReadError`] for a card whose data do not agree with each other. That a card is complete
    /// is all that the chip itself looks after.
    pub fn view(&self) -> Option<Result<CardView, ReadError>> {
        let owned = |(record, value): (RecordId, &[u8])| (record, value.to_vec());
        let records = self.records().into_iter().map(owned).collect();
        let read = || read_card(&records, &self.select_answer(), &self.options_answer());
        self.is_personalised().then(read)
    }

    /// The entry for a directory: `61{4F, 50, 87}`.
    pub(crate) fn write_directory_entry(&self, directory: TlvWriter) -> TlvWriter {
        let template = self.select_template().unwrap_or_default();
        let entry = [Tag::APPLICATION_LABEL, Tag::PRIORITY].into_iter().fold(
            TlvWriter::new().put(Tag::AID_IN_DIRECTORY, self.aid.as_bytes()),
            |entry, tag| entry.put_some(tag, tlv::find(template, tag)),
        );
        directory.nest(Tag::DIRECTORY_ENTRY, entry)
    }

    /// The language preference of the SELECT answer.
    pub(crate) fn languages(&self) -> Option<&[u8]> {
        tlv::find(self.select_template()?, Tag::LANGUAGE_PREFERENCE)
    }

    /// The content of `A5` in grouping 9102.
    fn select_template(&self) -> Option<&[u8]> {
        tlv::sole(self.store.get(DgiId::SELECT_ANSWER)?, Tag::FCI_PROPRIETARY)
    }

    /// What SELECT answers: `6F{84, A5}`, with an empty `A5` before personalisation (ours).
    pub(crate) fn select_answer(&self) -> Vec<u8> {
        let loaded = self.store.get(DgiId::SELECT_ANSWER);
        let template = loaded
            .filter(|_| self.is_personalised())
            .unwrap_or(&[0xA5, 0x00]);
        perso::select_answer(&self.aid, template).unwrap_or_default()
    }

    /// The list of what GPO is to be told (tag 9F38), empty if there is none.
    pub(crate) fn options_list(&self) -> Dol {
        let template = self.select_template().unwrap_or_default();
        let list = tlv::find(template, Tag::PDOL).unwrap_or_default();
        // It was read when it was loaded.
        Dol::parse(list).unwrap_or_default()
    }

    /// What GPO answers: `77{82, 94}`.
    pub(crate) fn options_answer(&self) -> Vec<u8> {
        perso::processing_options_answer(self.options()).unwrap_or_default()
    }

    fn options(&self) -> &[u8] {
        let loaded = self.store.get(DgiId::PROCESSING_OPTIONS);
        loaded.unwrap_or_default()
    }

    /// The file locator of the GPO answer.
    pub(super) fn locator(&self) -> Option<Afl> {
        Afl::parse(tlv::find(self.options(), Tag::FILE_LOCATOR)?).ok()
    }

    /// The interchange profile of the GPO answer.
    pub(crate) fn interchange_profile(&self) -> Aip {
        let profile = tlv::find(self.options(), Tag::INTERCHANGE_PROFILE);
        Aip(profile
            .and_then(|it| it.try_into().ok())
            .unwrap_or_default())
    }

    /// A record.
    pub(crate) fn record(&self, wanted: RecordId) -> Result<&[u8], Status> {
        self.lasting()?;
        let id = DgiId::record(wanted);
        match Grouping::of(id) {
            Some(Grouping::Record(_)) => {}
            _ => return Err(Status::RecordNotFound),
        }
        let has_file = || self.records().keys().any(|record| record.sfi == wanted.sfi);
        self.store.get(id).ok_or_else(|| {
            if has_file() {
                Status::RecordNotFound
            } else {
                Status::FileNotFound
            }
        })
    }

    /// A data object by its tag, whole.
    pub(crate) fn data_object(&self, tag: Tag) -> Result<Vec<u8>, Status> {
        let lasting = self.lasting()?;
        let value = match tag {
            Tag::TRANSACTION_COUNTER => lasting.transactions.to_be_bytes().to_vec(),
            Tag::LAST_ONLINE_COUNTER => lasting.last_online.to_be_bytes().to_vec(),
            Tag::PIN_TRY_COUNTER => vec![lasting.pin_tries.ok_or(Status::ReferenceNotFound)?],
            _ => self
                .internal(tag)
                .ok_or(Status::ReferenceNotFound)?
                .to_vec(),
        };
        Ok(tlv::written(TlvWriter::new().put(tag, &value)))
    }

    /// A data object of the internal groupings, or of the SELECT answer's issuer data.
    pub(crate) fn internal(&self, tag: Tag) -> Option<&[u8]> {
        let own = INTERNAL.into_iter().filter_map(|id| self.store.get(id));
        let issuer = self
            .select_template()
            .and_then(|template| tlv::find(template, Tag::ISSUER_DISCRETIONARY));
        own.chain(issuer)
            .find_map(|objects| tlv::find(objects, tag))
    }

    /// A data object list that the records hold (tags 8C and 8D): what GENERATE AC is to be told.
    ///
    /// # Errors
    /// [`Status::ConditionsNotSatisfied`] if there is none (ours).
    pub(crate) fn risk_list(&self, tag: Tag) -> Result<Dol, Status> {
        let records = self.records().into_values();
        let mut templates = records.filter_map(|record| tlv::sole(record, Tag::RECORD));
        let list = templates.find_map(|template| tlv::find(template, tag));
        let list = list.and_then(|list| Dol::parse(list).ok());
        list.ok_or(Status::ConditionsNotSatisfied)
    }

    /// The card's three keys.
    pub(crate) fn keys(&self) -> Result<KeySet, Status> {
        let keys = self.store.get(DgiId::CARD_KEYS);
        let keys = keys.and_then(|keys| KeySet::from_grouping(keys).ok());
        keys.ok_or(Status::ConditionsNotSatisfied)
    }

    /// The private key that the card signs with, if it has one.
    ///
    /// # Errors
    /// A [`KeyError`] for groupings that are no key.
    pub(crate) fn signing_key(&self) -> Result<Option<PrivateKey>, KeyError> {
        key_of_groupings(|id| self.store.get(id))
    }

    /// Whether parts of a key make one, and there is one where the profile offers signatures.
    pub(super) fn has_key_for_its_profile(&self) -> bool {
        let profile = self.interchange_profile();
        let offers = Method::Cda.capabilities().iter().any(|it| profile.has(*it));
        self.signing_key().is_ok_and(|key| key.is_some() || !offers)
    }

    /// The list of what INTERNAL AUTHENTICATE is to be told (tag 9F49), if the records hold one.
    pub(crate) fn dynamic_list(&self) -> Option<Dol> {
        self.risk_list(Tag::DYNAMIC_LIST).ok()
    }

    /// The issuer application data that grouping 9200 brought: key index and cryptogram version.
    ///
    /// # Errors
    /// [`Status::ConditionsNotSatisfied`] if there are none (ours).
    pub(crate) fn issuer_data(&self) -> Result<IssuerApplicationData, Status> {
        let loaded = self.store.get(DgiId::ISSUER_APPLICATION_DATA);
        loaded
            .and_then(grouping::issuer_data)
            .ok_or(Status::ConditionsNotSatisfied)
    }
}
