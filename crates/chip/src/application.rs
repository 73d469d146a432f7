//! One application: selectable, then personalised, and what a terminal can ask of it then.

use std::collections::BTreeMap;
use std::fmt;

use persotwin_emv::afl::{Afl, RecordId};
use persotwin_emv::aid::Aid;
use persotwin_emv::card_view::{CardView, ReadError, read_card};
use persotwin_emv::dgi::DgiId;
use persotwin_emv::dol::Dol;
use persotwin_emv::kcv::Kcv;
use persotwin_emv::perso;
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::TlvWriter;

use crate::grouping::{Grouping, INTERNAL, PinTries};
use crate::status::Status;
use crate::store::Store;
use crate::tlv;

/// An application that the chip was delivered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    aid: Aid,
    store: Store,
    life: Life,
}

/// The life cycle of an application (documented: EMV CPS; names of GlobalPlatform). It never goes
/// back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Installed; it takes STORE DATA and nothing else.
    Selectable,
    /// Complete; it works, and takes no STORE DATA any more.
    Personalised {
        /// Application transaction counter: how many transactions were begun.
        transactions: u16,
    },
}

impl fmt::Debug for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Selectable => f.write_str("Selectable"),
            Self::Personalised { transactions } => write!(f, "Personalised(ATC {transactions})"),
        }
    }
}

impl Application {
    /// A fresh one.
    pub(crate) fn installed(aid: Aid) -> Self {
        Self {
            aid,
            store: Store::default(),
            life: Life::Selectable,
        }
    }

    /// Its name.
    pub fn aid(&self) -> &Aid {
        &self.aid
    }

    /// Where it is in its life cycle.
    pub fn life(&self) -> Life {
        self.life
    }

    /// Whether it is personalised.
    pub fn is_personalised(&self) -> bool {
        matches!(self.life, Life::Personalised { .. })
    }

    /// Whether keys lie in it, be it personalised or not.
    pub fn holds_keys(&self) -> bool {
        self.store.get(DgiId::CARD_KEYS).is_some()
    }

    /// The check values of its keys: AC, SMI, SMC.
    pub fn key_check_values(&self) -> Option<[Kcv; 3]> {
        self.store.key_check_values()
    }

    /// Every whole data grouping, ordered by id. In the clear: it is what lies on the chip.
    pub fn groupings(&self) -> impl Iterator<Item = (DgiId, &[u8])> {
        self.store.iter()
    }

    /// One data grouping.
    pub fn grouping(&self, id: DgiId) -> Option<&[u8]> {
        self.store.get(id)
    }

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

    /// What GPO answers to these PDOL data: `77{82, 94}`.
    pub(crate) fn processing_options(&self, command_data: &[u8]) -> Result<Vec<u8>, Status> {
        let transactions = self.transactions()?;
        let list = self
            .select_template()
            .and_then(|template| tlv::find(template, Tag::PDOL));
        let wanted = Dol::parse(list.unwrap_or_default()).map_err(|_| Status::WrongData)?;
        let given = tlv::sole(command_data, Tag::COMMAND_TEMPLATE).ok_or(Status::WrongData)?;
        if given.len() != wanted.data_len() {
            return Err(Status::WrongData);
        }
        if transactions == u16::MAX {
            return Err(Status::ConditionsNotSatisfied);
        }
        Ok(self.options_answer())
    }

    fn options_answer(&self) -> Vec<u8> {
        let answer = self
            .store
            .get(DgiId::PROCESSING_OPTIONS)
            .unwrap_or_default();
        perso::processing_options_answer(answer).unwrap_or_default()
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

    /// A record.
    pub(crate) fn record(&self, wanted: RecordId) -> Result<&[u8], Status> {
        self.transactions()?;
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
        let transactions = self.transactions()?;
        let value = match tag {
            Tag::TRANSACTION_COUNTER => transactions.to_be_bytes().to_vec(),
            Tag::PIN_TRY_COUNTER => {
                let tries = self.store.get(DgiId::PIN_TRIES).and_then(PinTries::parse);
                vec![tries.ok_or(Status::ReferenceNotFound)?.left]
            }
            _ => self
                .internal(tag)
                .ok_or(Status::ReferenceNotFound)?
                .to_vec(),
        };
        Ok(tlv::written(TlvWriter::new().put(tag, &value)))
    }

    /// A data object of the internal groupings, or of the SELECT answer's issuer data.
    fn internal(&self, tag: Tag) -> Option<&[u8]> {
        let own = INTERNAL.into_iter().filter_map(|id| self.store.get(id));
        let issuer = self
            .select_template()
            .and_then(|template| tlv::find(template, Tag::ISSUER_DISCRETIONARY));
        own.chain(issuer)
            .find_map(|objects| tlv::find(objects, tag))
    }

    /// The counter of a personalised application.
    fn transactions(&self) -> Result<u16, Status> {
        match self.life {
            Life::Selectable => Err(Status::ConditionsNotSatisfied),
            Life::Personalised { transactions } => Ok(transactions),
        }
    }

    /// The store, as long as it may still be written.
    pub(crate) fn open_store(&self) -> Result<&Store, Status> {
        match self.life {
            Life::Selectable => Ok(&self.store),
            Life::Personalised { .. } => Err(Status::ConditionsNotSatisfied),
        }
    }

    /// The application with other groupings, still selectable.
    pub(crate) fn with_store(&self, store: Store) -> Self {
        Self {
            aid: self.aid.clone(),
            store,
            life: Life::Selectable,
        }
    }

    /// The application after its last block.
    ///
    /// # Errors
    /// [`Status::WrongP1P2`] when something is missing (documented as one of two ways): SELECT and
    /// GPO answers, keys with their check values, a PIN for a PIN counter, and every record that
    /// the file locator names.
    pub(crate) fn completed(self) -> Result<Self, Status> {
        let has = |id| self.store.get(id).is_some();
        let needed = [
            DgiId::SELECT_ANSWER,
            DgiId::PROCESSING_OPTIONS,
            DgiId::KEY_CHECK_VALUES,
        ];
        let whole = needed.into_iter().all(has)
            && has(DgiId::PIN_TRIES) == has(DgiId::PIN_BLOCK)
            && self.locator().is_some_and(|locator| {
                let there = self.records();
                locator.records().all(|record| there.contains_key(&record))
            });
        if !whole {
            return Err(Status::WrongP1P2);
        }
        let first = self
            .internal(Tag::TRANSACTION_COUNTER)
            .and_then(|value| <[u8; 2]>::try_from(value).ok());
        let transactions = u16::from_be_bytes(first.unwrap_or_default());
        Ok(Self {
            life: Life::Personalised { transactions },
            ..self
        })
    }

    /// The file locator of the GPO answer.
    fn locator(&self) -> Option<Afl> {
        let answer = self.store.get(DgiId::PROCESSING_OPTIONS)?;
        Afl::parse(tlv::find(answer, Tag::FILE_LOCATOR)?).ok()
    }

    /// One more transaction.
    pub(crate) fn count_transaction(&mut self) {
        if let Life::Personalised { transactions } = &mut self.life {
            *transactions = transactions.saturating_add(1);
        }
    }

    /// The application at this point of its life, for one that is read from a file.
    pub(crate) fn at(self, transactions: Option<u16>) -> Result<Self, Status> {
        let Some(transactions) = transactions else {
            return Ok(self);
        };
        let completed = self.completed()?;
        Ok(Self {
            life: Life::Personalised { transactions },
            ..completed
        })
    }
}
