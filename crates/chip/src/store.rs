//! The groupings that an application holds, and the rules of their order.

use std::collections::BTreeMap;
use std::fmt;

use persotwin_emv::dgi::DgiId;
use persotwin_emv::kcv::Kcv;
use persotwin_emv::keys::KeySet;
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::{TlvReader, TlvWriter};
use zeroize::Zeroizing;

use crate::grouping::Grouping;
use crate::status::Status;

/// Bytes of groupings that an application has room for (ours).
pub(crate) const MEMORY: usize = 16 * 1024;

/// Data groupings by id. It holds keys: `Debug` shows ids and lengths.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Store(BTreeMap<DgiId, Zeroizing<Vec<u8>>>);

impl Store {
    /// Takes a grouping in; one that is there already is replaced.
    ///
    /// # Errors
    /// [`Status::ReferenceNotFound`] for an unknown grouping, [`Status::WrongData`] for a content
    /// that cannot be (a wrong check value too), [`Status::ConditionsNotSatisfied`] for a grouping
    /// that comes before the one it needs (ours), [`Status::MemoryFull`].
    pub(crate) fn put(&mut self, id: DgiId, value: &[u8]) -> Result<(), Status> {
        let grouping = Grouping::of(id).ok_or(Status::ReferenceNotFound)?;
        grouping.check(value)?;
        self.check_order(grouping, value)?;
        if self.len_without(id) + value.len() > MEMORY {
            return Err(Status::MemoryFull);
        }
        if grouping == Grouping::Keys {
            // Check values prove the keys that they came after, no others.
            self.0.remove(&DgiId::KEY_CHECK_VALUES);
        }
        self.0.insert(id, Zeroizing::new(value.to_vec()));
        Ok(())
    }

    fn check_order(&self, grouping: Grouping, value: &[u8]) -> Result<(), Status> {
        match grouping {
            Grouping::KeyCheckValues => {
                let keys = self
                    .key_check_values()
                    .ok_or(Status::ConditionsNotSatisfied)?;
                let expected = keys.map(Kcv::bytes);
                if expected.as_flattened() == value {
                    Ok(())
                } else {
                    Err(Status::WrongData)
                }
            }
            Grouping::Pin if self.get(DgiId::PIN_TRIES).is_none() => {
                Err(Status::ConditionsNotSatisfied)
            }
            _ => Ok(()),
        }
    }

    fn len_without(&self, id: DgiId) -> usize {
        self.0
            .iter()
            .filter(|(other, _)| **other != id)
            .map(|(_, value)| value.len())
            .sum()
    }

    /// Replaces the content of a grouping by one that is as good; it was checked where it was made.
    pub(crate) fn replace(&mut self, id: DgiId, value: &[u8]) {
        self.0.insert(id, Zeroizing::new(value.to_vec()));
    }

    /// The store with another value for an object of a grouping, of the same length; `None` if the
    /// grouping holds no such object.
    pub(crate) fn with_object(&self, id: DgiId, tag: Tag, value: &[u8]) -> Option<Self> {
        let mut found = false;
        let mut written = TlvWriter::new();
        for object in TlvReader::new(self.get(id)?) {
            let object = object.ok()?;
            let replaced = !found && object.tag == tag && object.value.len() == value.len();
            found |= replaced;
            written = written.put(object.tag, if replaced { value } else { object.value });
        }
        let mut store = self.clone();
        store.replace(id, &written.finish().ok()?);
        found.then_some(store)
    }

    /// The content of a grouping.
    pub(crate) fn get(&self, id: DgiId) -> Option<&[u8]> {
        self.0.get(&id).map(|value| value.as_slice())
    }

    /// Every grouping, in the order of ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (DgiId, &[u8])> {
        self.0.iter().map(|(id, value)| (*id, value.as_slice()))
    }

    /// The check values of the keys, if they were loaded.
    pub(crate) fn key_check_values(&self) -> Option<[Kcv; 3]> {
        let keys = KeySet::from_grouping(self.get(DgiId::CARD_KEYS)?).ok()?;
        Some(keys.check_values())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|(id, value)| (id, value.len())))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys and check values of a public personalisation script.
    const KEYS: &str = "112233440066778811223344550077888B4F854F0831FBF2635A212E4DDDB92A\
                        11220044556677881122330055667788";
    const CHECK_VALUES: &str = "97DCB0CE4E2CB37DF3";

    fn put(store: &mut Store, id: u16, value: &str) -> Result<(), Status> {
        store.put(DgiId(id), &hex::decode(value).unwrap())
    }

    #[test]
    fn check_values_agree_with_the_keys_before_them() {
        let mut store = Store::default();
        assert_eq!(
            put(&mut store, 0x9000, CHECK_VALUES),
            Err(Status::ConditionsNotSatisfied)
        );
        put(&mut store, 0x8000, KEYS).unwrap();
        assert_eq!(
            put(&mut store, 0x9000, "97DCB0CE4E2CB37DF4"),
            Err(Status::WrongData)
        );
        put(&mut store, 0x9000, CHECK_VALUES).unwrap();
        assert_eq!(store.key_check_values().unwrap()[1].to_string(), "CE4E2C");
    }

    #[test]
    fn new_keys_need_new_check_values() {
        let mut store = Store::default();
        put(&mut store, 0x8000, KEYS).unwrap();
        put(&mut store, 0x9000, CHECK_VALUES).unwrap();
        put(&mut store, 0x8000, &"01".repeat(48)).unwrap();
        assert_eq!(store.get(DgiId::KEY_CHECK_VALUES), None);
        assert_eq!(
            put(&mut store, 0x9000, CHECK_VALUES),
            Err(Status::WrongData)
        );
    }

    #[test]
    fn a_pin_comes_after_its_counter() {
        let mut store = Store::default();
        let block = "241234FFFFFFFFFF";
        assert_eq!(
            put(&mut store, 0x8010, block),
            Err(Status::ConditionsNotSatisfied)
        );
        put(&mut store, 0x9010, "0303").unwrap();
        put(&mut store, 0x8010, block).unwrap();
    }

    #[test]
    fn memory_ends_and_replacing_needs_no_more_of_it() {
        let mut store = Store::default();
        let half = "00".repeat(MEMORY / 2);
        put(&mut store, 0x7FFF, &half).unwrap();
        put(&mut store, 0x0062, &half).unwrap();
        assert_eq!(put(&mut store, 0x3000, "9F3600"), Err(Status::MemoryFull));
        put(&mut store, 0x0062, &half).unwrap();
    }

    #[test]
    fn one_object_is_replaced_by_another_of_its_length() {
        let mut store = Store::default();
        put(
            &mut store,
            0x0D01,
            "9F140103 9F230105".replace(' ', "").as_str(),
        )
        .unwrap();
        let tag = Tag::new(0x9F23).unwrap();
        let changed = store.with_object(DgiId(0x0D01), tag, &[9]).unwrap();
        let limits = hex::encode_upper(changed.get(DgiId(0x0D01)).unwrap());
        assert_eq!(limits, "9F1401039F230109");
        assert_eq!(store.with_object(DgiId(0x0D01), tag, &[9, 9]), None);
        assert_eq!(store.with_object(DgiId(0x0D01), Tag::PAN, &[9]), None);
        assert_eq!(store.with_object(DgiId(0x0E01), tag, &[9]), None);
    }

    #[test]
    fn a_store_does_not_show_its_keys() {
        let mut store = Store::default();
        put(&mut store, 0x8000, KEYS).unwrap();
        assert_eq!(format!("{store:?}"), "{DgiId(8000): 48}");
    }
}
