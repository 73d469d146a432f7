//! What a machine writes down, so that its next life knows it.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::life::Life;

/// Where the encoded entries lie. Survives every life of its machine; cloning gives another handle on the same bytes.
#[derive(Debug, Clone, Default)]
pub struct Store(Arc<Mutex<Vec<Vec<u8>>>>);

impl Store {
    /// A store with these entries, as another process left them.
    pub fn from_entries(entries: Vec<Vec<u8>>) -> Self {
        Self(Arc::new(Mutex::new(entries)))
    }

    /// All entries in the order they were written.
    pub fn entries(&self) -> Vec<Vec<u8>> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why the ledger did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// An entry cannot be encoded.
    #[error("entry cannot be encoded")]
    Encode(#[source] serde_json::Error),
    /// An entry on replay is not one of this machine's.
    #[error("entry {0} cannot be read")]
    Decode(usize, #[source] serde_json::Error),
}

/// A machine's ledger: append only, replay the only way in.
///
/// Entries are JSON and hold no secrets: card data stay inside their JWE or are told apart by digest.
#[derive(Debug, Clone)]
pub struct Ledger {
    life: Life,
    store: Store,
}

impl Ledger {
    /// The ledger of one life on a store.
    pub fn new(life: Life, store: Store) -> Self {
        Self { life, store }
    }

    /// Writes an entry down. When this returns, it survives a crash.
    pub async fn append<E: Serialize + Sync>(&self, entry: &E) -> Result<(), LedgerError> {
        self.life.alive().await;
        let bytes = serde_json::to_vec(entry).map_err(LedgerError::Encode)?;
        self.store.lock().push(bytes);
        // The caller may go on only in the same life in which it wrote.
        self.life.alive().await;
        Ok(())
    }

    /// All that earlier lives wrote, in order.
    pub fn replay<E: DeserializeOwned>(&self) -> Result<Vec<E>, LedgerError> {
        let entries = self.store.lock();
        let read = |(n, bytes): (usize, &Vec<u8>)| {
            serde_json::from_slice(bytes).map_err(|error| LedgerError::Decode(n, error))
        };
        entries.iter().enumerate().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::Alarm;
    use persotwin_link::Machine;

    #[tokio::test(start_paused = true)]
    async fn the_next_life_reads_what_this_one_wrote() {
        let store = Store::default();
        let life = Life::first(Machine::D1, Alarm::default());
        Ledger::new(life.clone(), store.clone())
            .append(&(1, "accepted"))
            .await
            .unwrap();
        life.crash().await;
        let again = Ledger::new(
            life.beside(Machine::D1),
            Store::from_entries(store.entries()),
        );
        assert_eq!(
            again.replay::<(u8, String)>().unwrap(),
            [(1, "accepted".to_owned())]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_strange_entry_is_an_error_that_names_it() {
        let life = Life::first(Machine::D1, Alarm::default());
        let ledger = Ledger::new(
            life,
            Store::from_entries(vec![b"1".to_vec(), b"torn".to_vec()]),
        );
        assert_eq!(
            ledger.replay::<u8>().unwrap_err().to_string(),
            "entry 1 cannot be read"
        );
    }
}
