//! What a machine writes down, so that its next life knows it.
//!
//! Three things can happen to it, all from outside. It can be **full**: whoever must write waits until there is room
//! ([`Ledger::append`]), and whoever may refuse offers ([`Ledger::offer`]). A write can be **torn** by a crash: nobody was told of that entry yet, and the next life
//! drops what lies there half written. And the machine can come back on a copy that **lost the last seconds**, as after a failover.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::life::Life;

/// Where the encoded entries lie. Survives every life of its machine; cloning gives another handle on the same bytes.
#[derive(Debug, Clone, Default)]
pub struct Store(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    entries: Mutex<Vec<Written>>,
    full: AtomicBool,
    room: Notify,
    /// The next write is torn.
    tears: AtomicBool,
    torn: Notify,
    spared: Notify,
}

/// No write was torn: somebody would not have it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the next entry is to stay whole")]
pub struct Spared;

/// An entry, and when it was written.
#[derive(Debug)]
struct Written {
    at: Instant,
    bytes: Vec<u8>,
}

impl Store {
    /// A store with these entries, as another process left them.
    pub fn from_entries(entries: Vec<Vec<u8>>) -> Self {
        let store = Self::default();
        for bytes in entries {
            store.push(bytes);
        }
        store
    }

    /// All entries in the order they were written.
    pub fn entries(&self) -> Vec<Vec<u8>> {
        let entries = self.lock();
        entries.iter().map(|entry| entry.bytes.clone()).collect()
    }

    /// It takes nothing more until there is room.
    pub fn fill(&self) {
        self.0.full.store(true, Ordering::Relaxed);
    }

    /// It takes entries again.
    pub fn make_room(&self) {
        self.0.full.store(false, Ordering::Relaxed);
        self.0.room.notify_waiters();
    }

    /// The next write is cut in half, and its machine stops in it. Waits until that has happened; the machine is then to be crashed.
    ///
    /// # Errors
    /// [`Spared`].
    pub async fn tear_next(&self) -> Result<(), Spared> {
        let (torn, spared) = (self.0.torn.notified(), self.0.spared.notified());
        self.0.tears.store(true, Ordering::Relaxed);
        match select(pin!(torn), pin!(spared)).await {
            Either::Left(_) => Ok(()),
            Either::Right(_) => Err(Spared),
        }
    }

    /// The next write stays whole after all.
    pub fn spare_next(&self) {
        self.0.tears.store(false, Ordering::Relaxed);
        self.0.spared.notify_waiters();
    }

    /// Everything that was written in the last so much is lost. Returns how many entries that were.
    pub fn lose_last(&self, lost: Duration) -> usize {
        let since = Instant::now().checked_sub(lost);
        let mut entries = self.lock();
        let before = entries.len();
        entries.retain(|entry| since.is_some_and(|since| entry.at <= since));
        before - entries.len()
    }

    fn is_full(&self) -> bool {
        self.0.full.load(Ordering::Relaxed)
    }

    fn push(&self, bytes: Vec<u8>) {
        let at = Instant::now();
        self.lock().push(Written { at, bytes });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Written>> {
        self.0
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why the ledger did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It takes nothing more for now.
    #[error("it is full")]
    Full,
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

    /// Whether it takes nothing more for now.
    pub fn is_full(&self) -> bool {
        self.store.is_full()
    }

    /// Waits until it takes entries. Whoever must write under a lock waits here before taking the lock.
    pub async fn room(&self) {
        loop {
            let room = self.store.0.room.notified();
            self.life.alive().await;
            if !self.store.is_full() {
                return;
            }
            room.await;
        }
    }

    /// Writes an entry down, as soon as there is room. When this returns, it survives a crash.
    pub async fn append<E: Serialize + Sync>(&self, entry: &E) -> Result<(), LedgerError> {
        let bytes = serde_json::to_vec(entry).map_err(LedgerError::Encode)?;
        self.room().await;
        self.write(bytes).await;
        Ok(())
    }

    /// As [`Ledger::append`], but a full ledger is an error: for what may be refused.
    pub async fn offer<E: Serialize + Sync>(&self, entry: &E) -> Result<(), LedgerError> {
        let bytes = serde_json::to_vec(entry).map_err(LedgerError::Encode)?;
        self.life.alive().await;
        if self.store.is_full() {
            return Err(LedgerError::Full);
        }
        self.write(bytes).await;
        Ok(())
    }

    async fn write(&self, bytes: Vec<u8>) {
        if self.store.0.tears.swap(false, Ordering::Relaxed) {
            let half = bytes.len() / 2;
            self.store.push(bytes[..half].to_vec());
            self.store.0.torn.notify_waiters();
            return std::future::pending().await;
        }
        self.store.push(bytes);
        // The caller may go on only in the same life in which it wrote.
        self.life.alive().await;
    }

    /// All that earlier lives wrote, in order. A last entry that a crash has torn is dropped: nobody was told of it.
    pub fn replay<E: DeserializeOwned>(&self) -> Result<Vec<E>, LedgerError> {
        let mut entries = self.store.lock();
        let mut read = Vec::with_capacity(entries.len());
        for (n, entry) in entries.iter().enumerate() {
            match serde_json::from_slice(&entry.bytes) {
                Ok(entry) => read.push(entry),
                Err(error) if error.is_eof() && n + 1 == entries.len() => {}
                Err(error) => return Err(LedgerError::Decode(n, error)),
            }
        }
        entries.truncate(read.len());
        Ok(read)
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

    #[tokio::test(start_paused = true)]
    async fn who_must_write_waits_for_room() {
        let store = Store::default();
        let life = Life::first(Machine::D1, Alarm::default());
        let ledger = Ledger::new(life.clone(), store.clone());
        store.fill();
        let refused = ledger.offer(&0).await;
        assert!(matches!(refused, Err(LedgerError::Full)));
        let writer = ledger.clone();
        life.spawn(async move { writer.append(&1).await.unwrap() });
        tokio::task::yield_now().await;
        assert!(store.entries().is_empty());
        store.make_room();
        tokio::task::yield_now().await;
        assert_eq!(store.entries(), [b"1"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_torn_entry_was_never_written() {
        let store = Store::default();
        let life = Life::first(Machine::D1, Alarm::default());
        let ledger = Ledger::new(life.clone(), store.clone());
        ledger.append(&"whole").await.unwrap();
        let writer = ledger.clone();
        let of_writer = life.clone();
        let torn = async {
            of_writer.spawn(async move { writer.append(&"half").await.unwrap() });
            store.tear_next().await
        };
        torn.await.unwrap();
        life.crash().await;
        assert_eq!(store.entries().len(), 2);
        let next = Ledger::new(life.beside(Machine::D1), store.clone());
        assert_eq!(next.replay::<String>().unwrap(), ["whole"]);
        next.append(&"after").await.unwrap();
        assert_eq!(next.replay::<String>().unwrap(), ["whole", "after"]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_entry_that_is_spared_is_whole() {
        let store = Store::default();
        let life = Life::first(Machine::D1, Alarm::default());
        let ledger = Ledger::new(life, store.clone());
        let spared = async {
            tokio::task::yield_now().await;
            store.spare_next();
            ledger.append(&"whole").await.unwrap();
        };
        let (torn, ()) = tokio::join!(store.tear_next(), spared);
        assert_eq!(torn, Err(Spared));
        assert_eq!(ledger.replay::<String>().unwrap(), ["whole"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failover_loses_the_last_seconds() {
        let store = Store::default();
        let ledger = Ledger::new(Life::first(Machine::D1, Alarm::default()), store.clone());
        ledger.append(&1).await.unwrap();
        tokio::time::advance(Duration::from_secs(3)).await;
        ledger.append(&2).await.unwrap();
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(store.lose_last(Duration::from_secs(2)), 1);
        assert_eq!(ledger.replay::<u8>().unwrap(), [1]);
    }
}
