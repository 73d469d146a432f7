//! The clock guard: holds virtual time while the operating system still owes somebody bytes.
//!
//! A paused clock jumps as soon as no task is ready. Over in-memory pipes that is exact. Over loopback sockets a byte may be under
//! way in the kernel while every task waits, and time would jump over its arrival. But both ends of each connection are ours, so we
//! can count what was written and what was read: as long as something is *owed that somebody waits for*, a task keeps yielding, the
//! runtime never idles, and time stands.
//!
//! What counts as owed, for one direction of a connection from a writer to a reader:
//!
//! | owed | when |
//! |---|---|
//! | bytes | more were written than read, and the reader waits to read |
//! | the end | the writer has closed, the reader has not seen it and waits to read |
//! | room | the writer waits to write, and the reader waits to read or is gone |
//! | a connect | somebody connects and has no answer yet |
//! | an accept | somebody is connected, and the door waits to accept |
//!
//! A reader that does not wait (it is busy, or frozen without power) is owed nothing: then time may pass, and callers run into their
//! time-outs as they should.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::life::LifeId;

/// Which end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one that connected.
    Client,
    /// The one that accepted.
    Server,
}

/// The books of all connections of a world.
#[derive(Debug, Clone, Default)]
pub struct Guard(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    books: Mutex<Books>,
    owing: Notify,
}

#[derive(Debug, Default)]
struct Books {
    /// By client and server address; both ends look it up.
    pairs: BTreeMap<(SocketAddr, SocketAddr), Pair>,
    doors: BTreeMap<SocketAddr, DoorBook>,
    connecting: usize,
    asleep: BTreeSet<LifeId>,
    /// How many pairs and doors owe something now.
    owing: usize,
}

#[derive(Debug, Default)]
struct Pair {
    client: EndBook,
    server: EndBook,
    accepted: bool,
    owes: bool,
}

/// One end: what it wrote, what it read, what it waits for.
#[derive(Debug, Default)]
struct EndBook {
    owner: Option<LifeId>,
    wrote: u64,
    read: u64,
    waits_to_read: bool,
    waits_to_write: bool,
    closed: bool,
    saw_end: bool,
    gone: bool,
}

#[derive(Debug, Default)]
struct DoorBook {
    owner: Option<LifeId>,
    waits: bool,
    backlog: BTreeSet<SocketAddr>,
    owes: bool,
}

impl Pair {
    fn compute(&self, asleep: &BTreeSet<LifeId>) -> bool {
        let awake = |end: &EndBook| end.owner.is_none_or(|life| !asleep.contains(&life));
        let direction = |writer: &EndBook, reader: &EndBook| {
            let reads = reader.waits_to_read && awake(reader) && !reader.gone;
            let bytes = writer.wrote > reader.read;
            let end = writer.closed && !reader.saw_end;
            let blocked = writer.waits_to_write && awake(writer) && !writer.gone;
            (reads && (bytes || end)) || (blocked && (reads || reader.gone))
        };
        direction(&self.client, &self.server) || direction(&self.server, &self.client)
    }
}

impl Books {
    fn settle_pair(&mut self, key: (SocketAddr, SocketAddr)) {
        let Some(pair) = self.pairs.get_mut(&key) else {
            return;
        };
        let owes = pair.compute(&self.asleep);
        match (pair.owes, owes) {
            (false, true) => self.owing += 1,
            (true, false) => self.owing -= 1,
            _ => {}
        }
        pair.owes = owes;
        if pair.client.gone && pair.server.gone {
            self.pairs.remove(&key);
        }
    }

    fn settle_door(&mut self, address: SocketAddr) {
        let Some(door) = self.doors.get_mut(&address) else {
            return;
        };
        let awake = door.owner.is_none_or(|life| !self.asleep.contains(&life));
        let owes = door.waits && awake && !door.backlog.is_empty();
        match (door.owes, owes) {
            (false, true) => self.owing += 1,
            (true, false) => self.owing -= 1,
            _ => {}
        }
        door.owes = owes;
    }

    fn anything_owed(&self) -> bool {
        self.owing > 0 || self.connecting > 0
    }
}

impl Guard {
    /// Holds time while anything is owed. Runs for as long as the world.
    pub async fn watch(&self) {
        loop {
            let owing = self.0.owing.notified();
            if self.books(|books| books.anything_owed()) {
                tokio::task::yield_now().await;
            } else {
                owing.await;
            }
        }
    }

    /// Whether time must stand now.
    pub fn anything_owed(&self) -> bool {
        self.books(|books| books.anything_owed())
    }

    /// Somebody begins to connect from one address to another; returns the client's end, which owes an answer until it is told
    /// [`End::connected`] or dropped.
    pub fn connecting(&self, client: SocketAddr, server: SocketAddr) -> End {
        self.books(|books| {
            books.connecting += 1;
            books.pairs.insert((client, server), Pair::default());
        });
        End {
            guard: self.clone(),
            key: (client, server),
            side: Side::Client,
            connecting: true,
        }
    }

    /// A machine's listener.
    pub fn door(&self, address: SocketAddr, owner: LifeId) -> Door {
        let book = DoorBook {
            owner: Some(owner),
            ..DoorBook::default()
        };
        self.books(|books| books.doors.insert(address, book));
        Door {
            guard: self.clone(),
            address,
            owner,
        }
    }

    /// A life has lost its power: nothing is owed to it any more.
    pub fn put_to_sleep(&self, life: LifeId) {
        self.books(|books| {
            books.asleep.insert(life);
            let keys: Vec<_> = books.pairs.keys().copied().collect();
            keys.into_iter().for_each(|key| books.settle_pair(key));
            let doors: Vec<_> = books.doors.keys().copied().collect();
            doors.into_iter().for_each(|door| books.settle_door(door));
        });
    }

    fn books<T>(&self, change: impl FnOnce(&mut Books) -> T) -> T {
        let mut books = self.0.books.lock().unwrap_or_else(PoisonError::into_inner);
        let before = books.anything_owed();
        let out = change(&mut books);
        let after = books.anything_owed();
        drop(books);
        if after && !before {
            self.0.owing.notify_waiters();
            self.0.owing.notify_one();
        }
        out
    }
}

/// A listener's side of the books.
#[derive(Debug)]
pub struct Door {
    guard: Guard,
    address: SocketAddr,
    owner: LifeId,
}

impl Door {
    /// The door waits for somebody to accept.
    pub fn waits(&self) {
        self.change(|door| door.waits = true);
    }

    /// Somebody came in: their end on this side. The client may be a stranger whom nobody announced.
    pub fn accepted(&self, client: SocketAddr) -> End {
        let key = (client, self.address);
        self.guard.books(|books| {
            let pair = books.pairs.entry(key).or_default();
            pair.accepted = true;
            pair.server.owner = Some(self.owner);
            if let Some(door) = books.doors.get_mut(&self.address) {
                door.waits = false;
                door.backlog.remove(&client);
            }
            books.settle_door(self.address);
        });
        End {
            guard: self.guard.clone(),
            key,
            side: Side::Server,
            connecting: false,
        }
    }

    fn change(&self, change: impl FnOnce(&mut DoorBook)) {
        self.guard.books(|books| {
            if let Some(door) = books.doors.get_mut(&self.address) {
                change(door);
            }
            books.settle_door(self.address);
        });
    }
}

impl Drop for Door {
    /// Whoever was connected and never let in is cut off by the operating system.
    fn drop(&mut self) {
        self.guard.books(|books| {
            let Some(door) = books.doors.remove(&self.address) else {
                return;
            };
            if door.owes {
                books.owing -= 1;
            }
            for client in door.backlog {
                let key = (client, self.address);
                if let Some(pair) = books.pairs.get_mut(&key) {
                    pair.server.closed = true;
                    pair.server.gone = true;
                }
                books.settle_pair(key);
            }
        });
    }
}

/// One end of a connection, as its owner tells what it does.
#[derive(Debug)]
pub struct End {
    guard: Guard,
    key: (SocketAddr, SocketAddr),
    side: Side,
    connecting: bool,
}

impl End {
    /// The connect was answered.
    pub fn connected(&mut self) {
        if !std::mem::take(&mut self.connecting) {
            return;
        }
        let (client, server) = self.key;
        self.guard.books(|books| {
            books.connecting -= 1;
            let waiting = books
                .pairs
                .get(&self.key)
                .is_some_and(|pair| !pair.accepted);
            if let Some(door) = books.doors.get_mut(&server)
                && waiting
            {
                door.backlog.insert(client);
            }
            books.settle_door(server);
        });
    }

    /// Bytes went out.
    pub fn wrote(&self, bytes: usize) {
        self.change(|end| {
            end.wrote += bytes as u64;
            end.waits_to_write = false;
        });
    }

    /// Bytes came in; none means the end of the stream.
    pub fn read(&self, bytes: usize) {
        self.change(|end| {
            end.read += bytes as u64;
            end.saw_end |= bytes == 0;
            end.waits_to_read = false;
        });
    }

    /// Nothing to read yet.
    pub fn waits_to_read(&self) {
        self.change(|end| end.waits_to_read = true);
    }

    /// No room to write yet.
    pub fn waits_to_write(&self) {
        self.change(|end| end.waits_to_write = true);
    }

    /// The connection failed under this end.
    pub fn failed(&self) {
        self.change(|end| {
            end.saw_end = true;
            end.waits_to_read = false;
            end.waits_to_write = false;
        });
    }

    /// This end writes no more.
    pub fn closed(&self) {
        self.change(|end| end.closed = true);
    }

    fn change(&self, change: impl FnOnce(&mut EndBook)) {
        self.guard.books(|books| {
            let Some(pair) = books.pairs.get_mut(&self.key) else {
                return;
            };
            change(match self.side {
                Side::Client => &mut pair.client,
                Side::Server => &mut pair.server,
            });
            books.settle_pair(self.key);
        });
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if std::mem::take(&mut self.connecting) {
            // The connect failed, or nobody waits for it any more: there is no connection.
            self.guard.books(|books| {
                books.connecting -= 1;
                if let Some(pair) = books.pairs.get_mut(&self.key) {
                    pair.server.gone = true;
                }
            });
        }
        self.change(|end| {
            end.closed = true;
            end.gone = true;
        });
        if self.side == Side::Client {
            // A connection that was never let in keeps its place in the backlog only as long as its client.
            let (client, server) = self.key;
            self.guard.books(|books| {
                let left = books
                    .doors
                    .get_mut(&server)
                    .is_some_and(|door| door.backlog.remove(&client));
                if left && let Some(pair) = books.pairs.get_mut(&self.key) {
                    pair.server.gone = true;
                }
                books.settle_pair(self.key);
                books.settle_door(server);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(guard: &Guard) -> (End, End, Door) {
        let (client, server) = (
            "127.0.0.1:1".parse().unwrap(),
            "127.0.0.1:2".parse().unwrap(),
        );
        let door = guard.door(server, LifeIdForTests::one());
        let mut end = guard.connecting(client, server);
        assert!(guard.anything_owed(), "a connect is owed an answer");
        end.connected();
        door.waits();
        assert!(guard.anything_owed(), "an accept is owed");
        let other = door.accepted(client);
        assert!(!guard.anything_owed());
        (end, other, door)
    }

    struct LifeIdForTests;
    impl LifeIdForTests {
        fn one() -> LifeId {
            crate::Life::first(persotwin_link::Machine::D1, crate::Alarm::default()).id()
        }
    }

    #[tokio::test]
    async fn bytes_are_owed_only_to_one_who_waits() {
        let guard = Guard::default();
        let (client, server, _door) = pair(&guard);
        client.wrote(5);
        assert!(!guard.anything_owed());
        server.waits_to_read();
        assert!(guard.anything_owed());
        server.read(5);
        assert!(!guard.anything_owed());
    }

    #[tokio::test]
    async fn the_end_is_owed_until_it_is_seen() {
        let guard = Guard::default();
        let (client, server, _door) = pair(&guard);
        client.waits_to_read();
        drop(server);
        assert!(guard.anything_owed());
        client.read(0);
        assert!(!guard.anything_owed());
        drop(client);
        assert!(guard.books(|books| books.pairs.is_empty()));
    }

    #[tokio::test]
    async fn a_blocked_writer_is_owed_room_while_its_reader_reads() {
        let guard = Guard::default();
        let (client, server, _door) = pair(&guard);
        client.waits_to_write();
        assert!(
            !guard.anything_owed(),
            "a reader that does not read may let time pass"
        );
        server.waits_to_read();
        assert!(guard.anything_owed());
        client.wrote(100);
        assert!(guard.anything_owed());
        server.read(100);
        assert!(!guard.anything_owed());
    }

    #[tokio::test]
    async fn nothing_is_owed_to_a_sleeper() {
        let guard = Guard::default();
        let (client, server, door) = pair(&guard);
        server.waits_to_read();
        client.wrote(1);
        assert!(guard.anything_owed());
        guard.put_to_sleep(door.owner);
        assert!(!guard.anything_owed());
    }

    #[tokio::test]
    async fn a_door_that_goes_away_cuts_off_whoever_was_not_let_in() {
        let guard = Guard::default();
        let (client, server): (SocketAddr, SocketAddr) = (
            "127.0.0.1:1".parse().unwrap(),
            "127.0.0.1:2".parse().unwrap(),
        );
        let door = guard.door(server, LifeIdForTests::one());
        let mut end = guard.connecting(client, server);
        end.connected();
        end.waits_to_read();
        assert!(!guard.anything_owed());
        drop(door);
        assert!(guard.anything_owed());
        end.failed();
        assert!(!guard.anything_owed());
    }
}
