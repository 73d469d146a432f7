//! One application: selectable, then personalised, and what it remembers then.

mod lasting;
mod reading;

use std::fmt;

use persotwin_emv::aid::Aid;
use persotwin_emv::dgi::DgiId;
use persotwin_emv::kcv::Kcv;
use persotwin_emv::pin::{Pin, PinBlock};
use persotwin_emv::tag::Tag;

use crate::grouping::{self, PinTries};
use crate::status::Status;
use crate::store::Store;
use crate::tlv;

pub use lasting::{Access, Lasting, Standing};

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
    Personalised(Lasting),
}

impl fmt::Debug for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Selectable => f.write_str("Selectable"),
            Self::Personalised(lasting) => write!(f, "Personalised({lasting:?})"),
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
        matches!(self.life, Life::Personalised(_))
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

    /// The store, as long as it may still be written.
    pub(crate) fn open_store(&self) -> Result<&Store, Status> {
        match self.life {
            Life::Selectable => Ok(&self.store),
            Life::Personalised(_) => Err(Status::ConditionsNotSatisfied),
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
    /// GPO answers, keys with their check values, a PIN for a PIN counter, every record that the
    /// file locator names, and every part of a private RSA key where there is one or the
    /// interchange profile promises signatures. That the parts fit together is not seen (ours): a
    /// terminal sees it.
    pub(crate) fn completed(self) -> Result<Self, Status> {
        let has = |id| self.store.get(id).is_some();
        let needed = [
            DgiId::SELECT_ANSWER,
            DgiId::PROCESSING_OPTIONS,
            DgiId::KEY_CHECK_VALUES,
        ];
        let whole = needed.into_iter().all(has)
            && has(DgiId::PIN_TRIES) == has(DgiId::PIN_BLOCK)
            && self.has_key_for_its_profile()
            && self.locator().is_some_and(|locator| {
                let there = self.records();
                locator.records().all(|record| there.contains_key(&record))
            });
        if !whole {
            return Err(Status::WrongP1P2);
        }
        let counter = |tag| {
            let value = self.internal(tag).and_then(|value| value.try_into().ok());
            u16::from_be_bytes(value.unwrap_or_default())
        };
        let transactions = counter(Tag::TRANSACTION_COUNTER);
        let lasting = Lasting {
            transactions,
            last_online: counter(Tag::LAST_ONLINE_COUNTER).min(transactions),
            pin_tries: self.pin_limits().map(|tries| tries.left),
            access: Access::Open,
            standing: Standing::default(),
        };
        Ok(self.with_lasting(lasting))
    }

    /// What a personalised application remembers.
    ///
    /// # Errors
    /// [`Status::ConditionsNotSatisfied`] before personalisation.
    pub(crate) fn lasting(&self) -> Result<Lasting, Status> {
        match self.life {
            Life::Selectable => Err(Status::ConditionsNotSatisfied),
            Life::Personalised(lasting) => Ok(lasting),
        }
    }

    /// The personalised application with another memory.
    pub(crate) fn with_lasting(self, lasting: Lasting) -> Self {
        Self {
            life: Life::Personalised(lasting),
            ..self
        }
    }

    /// The personalised application with another value for a data object that its grouping of
    /// limits holds, of the same length; `None` if it does not hold it.
    pub(crate) fn with_limit(self, tag: Tag, value: &[u8]) -> Option<Self> {
        let store = self.store.with_object(grouping::LIMITS, tag, value)?;
        Some(Self { store, ..self })
    }

    /// How many bytes the data object has that [`Self::with_limit`] can replace.
    pub(crate) fn limit_len(&self, tag: Tag) -> Option<usize> {
        let limits = self.store.get(grouping::LIMITS)?;
        tlv::find(limits, tag).map(<[u8]>::len)
    }

    /// The personalised application with another reference PIN.
    pub(crate) fn with_pin(self, pin: &Pin) -> Self {
        let mut store = self.store;
        store.replace(DgiId::PIN_BLOCK, PinBlock::format_2(pin).expose());
        Self { store, ..self }
    }

    /// The reference PIN.
    pub(crate) fn reference_pin(&self) -> Option<Pin> {
        let bytes: [u8; 8] = self.store.get(DgiId::PIN_BLOCK)?.try_into().ok()?;
        let block = PinBlock::new(bytes);
        block
            .read_format_2()
            .or_else(|_| block.read_format_1())
            .ok()
    }

    /// PIN tries as grouping 9010 brought them.
    pub(crate) fn pin_limits(&self) -> Option<PinTries> {
        self.store.get(DgiId::PIN_TRIES).and_then(PinTries::parse)
    }

    /// The application as it goes on, for one that is read from a file.
    ///
    /// # Errors
    /// [`Status::WrongP1P2`] if it is not complete, [`Status::WrongData`] for a state that it
    /// cannot come into.
    pub(crate) fn at(self, lasting: Option<Lasting>) -> Result<Self, Status> {
        let Some(lasting) = lasting else {
            return Ok(self);
        };
        let completed = self.completed()?;
        let tries = completed.pin_limits().map(|tries| tries.limit);
        let possible = lasting.last_online <= lasting.transactions
            && lasting.pin_tries.is_some() == tries.is_some()
            && lasting.pin_tries <= tries;
        if possible {
            Ok(completed.with_lasting(lasting))
        } else {
            Err(Status::WrongData)
        }
    }
}
