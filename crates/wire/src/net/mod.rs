//! The net: it knows who listens where, and carries every message in a task of its own.

mod message;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use bytes::Bytes;
use http::Response;
use persotwin_faults::FaultId;
use persotwin_kernel::event::{Exchange, Failure, Phase};
use persotwin_kernel::{Calendar, Chance, Clock, Event, Journal, Life, Moment, Outstanding, Pen};
use persotwin_link::{Face, Latencies, Machine};
use tokio::io::DuplexStream;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::call::{Call, Reply};
use crate::door::{Door, accept};
use crate::io::{
    Io, Listener, Medium, Reserved, connect, connect_to_stranger, listen, pipe, reserve,
};
use crate::log;
use crate::pool::Pool;
use crate::tap::Tap;
use crate::trap::{Caught, Message as Passing, Trap};
use crate::witness::Witness;
use message::Message;

type Answer = Result<Response<Bytes>, Failure>;

/// The network of a world.
#[derive(Debug, Clone)]
pub struct Net(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    medium: Medium,
    latencies: Latencies,
    life: Life,
    clock: Clock,
    calendar: Calendar,
    chance: Chance,
    pen: Pen,
    tap: Option<Tap>,
    pool: Pool,
    books: Mutex<Books>,
    listening: Notify,
    /// Messages that are held up on their way. Who has long given up does not call a message back: it will arrive.
    delayed: Outstanding,
}

#[derive(Debug, Default)]
struct Books {
    sites: BTreeMap<Machine, Site>,
    exchanges: u64,
    /// How many messages went along a path about an order.
    counts: BTreeMap<(Face, String), u64>,
    traps: Vec<Trap>,
    held: BTreeMap<(Machine, Face), Vec<oneshot::Sender<()>>>,
    /// Where our own machines' connections come from, as long as they last.
    own: BTreeSet<SocketAddr>,
    /// Who has listened since the world began.
    listened: BTreeSet<Machine>,
}

impl Books {
    fn everybody_listens(&self) -> bool {
        let ours = self
            .sites
            .iter()
            .filter(|(_, site)| !matches!(site, Site::Foreign(..)));
        ours.map(|(machine, _)| machine)
            .all(|machine| self.listened.contains(machine))
    }
}

/// Where a machine can be reached.
#[derive(Debug)]
enum Site {
    /// Ours, on a socket.
    Socket(Reserved),
    /// Ours, in memory; listening or not.
    Pipes(Option<mpsc::UnboundedSender<DuplexStream>>),
    /// A stranger's, and what stands before every path there.
    Foreign(SocketAddr, String),
}

/// Why the net could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// No socket there.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Port {
        /// The port that was asked for; 0 for any.
        port: u16,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// Nobody reserved a place for this machine.
    #[error("{0} has no place on the net")]
    NoPlace(Machine),
}

/// What a net is made of.
pub(crate) struct Parts {
    pub(crate) medium: Medium,
    pub(crate) latencies: Latencies,
    pub(crate) life: Life,
    pub(crate) clock: Clock,
    pub(crate) calendar: Calendar,
    pub(crate) chance: Chance,
    pub(crate) pen: Pen,
    pub(crate) tap: Option<Tap>,
}

impl Net {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
            medium,
            latencies,
            life,
            clock,
            calendar,
            chance,
            pen,
            tap,
        } = parts;
        if let Medium::Loopback(guard) = &medium {
            let guard = guard.clone();
            life.spawn(async move { guard.watch().await });
        }
        let (pool, books, listening) = (Pool::default(), Mutex::default(), Notify::new());
        let delayed = Outstanding::default();
        Self(Arc::new(Shared {
            medium,
            latencies,
            life,
            clock,
            calendar,
            chance,
            pen,
            tap,
            pool,
            books,
            listening,
            delayed,
        }))
    }

    /// Reserves a place for a machine; port 0 means any. Until it serves, calls to it are refused.
    pub fn reserve(&self, machine: Machine, port: u16) -> Result<(), NetError> {
        let site = match &self.0.medium {
            Medium::InProcess => Site::Pipes(None),
            Medium::Loopback(_) | Medium::RealTime(_) => {
                Site::Socket(reserve(port).map_err(|source| NetError::Port { port, source })?)
            }
        };
        self.books().sites.insert(machine, site);
        Ok(())
    }

    /// Waits until no message about an order is held up on its way: all that were late have arrived.
    pub async fn all_arrived(&self) {
        self.0.delayed.none_left().await;
    }

    /// Calls to a machine go to a stranger from now on; `base` stands before every path, like `/sandbox`, or is empty.
    pub fn replace(&self, machine: Machine, address: SocketAddr, base: &str) {
        let base = base.trim_end_matches('/').to_owned();
        self.books()
            .sites
            .insert(machine, Site::Foreign(address, base));
    }

    /// The address of a machine, if it has one.
    pub fn address(&self, machine: &Machine) -> Option<SocketAddr> {
        match self.books().sites.get(machine)? {
            Site::Socket(reserved) => Some(reserved.address),
            Site::Foreign(address, _) => Some(*address),
            Site::Pipes(_) => None,
        }
    }

    /// The URL of a path at a face, if its machine has an address.
    pub fn url(&self, face: &Face, path: &str) -> Option<String> {
        match self.books().sites.get(&face.machine())? {
            Site::Socket(reserved) => Some(format!("http://{}{path}", reserved.address)),
            Site::Foreign(address, base) => Some(format!("http://{address}{base}{path}")),
            Site::Pipes(_) => None,
        }
    }

    /// Waits until every machine that has a place of its own has listened there.
    pub async fn everybody_listens(&self) {
        loop {
            let listening = self.0.listening.notified();
            if self.books().everybody_listens() {
                return;
            }
            listening.await;
        }
    }

    /// Lets a fault wait for its messages: a [`Trap`], or a nameless [`Strike`](crate::Strike).
    pub fn arm(&self, trap: impl Into<Trap>) {
        self.books().traps.push(trap.into());
    }

    /// Whether something waits by this name, and will strike yet.
    pub fn is_armed(&self, id: &FaultId) -> bool {
        let now = self.0.clock.now();
        let books = self.books();
        let mut own = books.traps.iter().filter(|trap| trap.is_of(id));
        own.any(|trap| !trap.is_over(now))
    }

    /// Takes away what waits by this name.
    pub fn disarm(&self, id: &FaultId) {
        self.books().traps.retain(|trap| !trap.is_of(id));
    }

    /// Takes away all that waits: nothing is struck any more.
    pub fn disarm_all(&self) {
        self.books().traps.clear();
    }

    /// A machine's own handle on the net.
    pub fn wire(&self, life: Life, clock: Clock, calendar: Calendar) -> Wire {
        Wire {
            net: self.clone(),
            life,
            clock,
            calendar,
        }
    }

    /// A machine has lost its power: its sockets stay open and unread.
    pub(crate) fn put_to_sleep(&self, life: &Life) {
        if let Medium::Loopback(guard) = &self.0.medium {
            guard.put_to_sleep(life.id());
        }
    }

    fn listener(&self, life: &Life) -> Result<Listener, NetError> {
        let machine = life.machine();
        let mut books = self.books();
        books.listened.insert(machine.clone());
        self.0.listening.notify_waiters();
        match books.sites.get_mut(machine) {
            Some(Site::Socket(reserved)) => {
                let address = reserved.address;
                let failed = |source| NetError::Port {
                    port: address.port(),
                    source,
                };
                let listener = listen(address).map_err(failed)?;
                Ok(match &self.0.medium {
                    Medium::Loopback(guard) => {
                        Listener::Guarded(listener, guard.door(address, life.id()))
                    }
                    Medium::RealTime(_) | Medium::InProcess => Listener::Socket(listener),
                })
            }
            Some(Site::Pipes(sender)) => {
                let (tell, told) = mpsc::unbounded_channel();
                *sender = Some(tell);
                Ok(Listener::Pipes(told))
            }
            Some(Site::Foreign(..)) | None => Err(NetError::NoPlace(machine.clone())),
        }
    }

    /// Takes a message from a caller. From here on it goes its way whatever becomes of the caller.
    fn take(&self, from: Machine, call: Call) -> (Exchange, oneshot::Receiver<Answer>) {
        let Call {
            face,
            about,
            request,
            ..
        } = call;
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned();
        let exchange = Exchange {
            exchange: self.number(),
            from,
            to: face,
            method: request.method().to_string(),
            path,
            about,
            phase: Phase::Sent {
                bytes: request.body().len(),
            },
        };
        let (nth, caught) = self.sets_out(&exchange);
        let (tell, told) = oneshot::channel();
        let message = Message {
            net: self.clone(),
            exchange: exchange.clone(),
            request,
            nth,
        };
        self.0
            .life
            .spawn(async move { message.travel(caught, tell).await });
        (exchange, told)
    }

    /// Counts a message that sets out: how many went the same way before it, and what strikes it.
    pub(crate) fn sets_out(&self, exchange: &Exchange) -> (u64, Option<Caught>) {
        let customer = self.journal().customer_about(&exchange.about);
        let way = format!("{} {}", exchange.about.key(), exchange.path);
        let mut books = self.books();
        let count = books.counts.entry((exchange.to.clone(), way)).or_default();
        let nth = *count;
        *count += 1;
        let passing = Passing {
            exchange,
            customer: customer.as_ref(),
            nth,
            now: self.0.clock.now(),
        };
        let chance = &self.0.chance;
        let caught = crate::trap::first(&mut books.traps, &passing, chance);
        (nth, caught)
    }

    /// A fresh connection, and the address that it comes from where strangers could be mistaken for it.
    async fn connect(&self, machine: &Machine) -> Result<(Io, Option<SocketAddr>), Failure> {
        let mut machine_is_foreign = false;
        let address = match self.books().sites.get(machine) {
            None => return Err(Failure::Refused),
            Some(Site::Pipes(sender)) => {
                let (ours, theirs) = pipe();
                let sent = sender
                    .as_ref()
                    .is_some_and(|sender| sender.send(theirs).is_ok());
                return if sent {
                    Ok((Io::Pipe(ours), None))
                } else {
                    Err(Failure::Refused)
                };
            }
            Some(Site::Socket(Reserved { address, .. })) => *address,
            Some(Site::Foreign(address, _)) => {
                machine_is_foreign = true;
                *address
            }
        };
        if machine_is_foreign {
            let io = connect_to_stranger(address).await;
            return io.map(|io| (io, None)).map_err(|_| Failure::Refused);
        }
        let mut own = None;
        let note = |address| {
            own = Some(address);
            self.books().own.insert(address);
        };
        let io = connect(&self.0.medium, address, note).await;
        io.map(|io| (io, own)).map_err(|_| {
            self.forget(own);
            Failure::Refused
        })
    }

    /// A connection of ours is over; its address may become a stranger's.
    fn forget(&self, own: Option<SocketAddr>) {
        if let Some(address) = own {
            self.books().own.remove(&address);
        }
    }

    /// The number of the next exchange.
    pub(crate) fn number(&self) -> u64 {
        let mut books = self.books();
        let number = books.exchanges;
        books.exchanges += 1;
        number
    }

    /// Whether a connection from this address is one of our own machines'.
    pub(crate) fn is_own(&self, address: SocketAddr) -> bool {
        self.books().own.contains(&address)
    }

    /// The journal that exchanges are written in.
    pub(crate) fn journal(&self) -> &Journal {
        self.0.pen.journal()
    }

    /// The world's clock.
    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The world's time.
    pub(crate) fn now(&self) -> Moment {
        self.0.clock.now()
    }

    /// Writes into journal and log how far an exchange has come.
    pub(crate) async fn note(&self, exchange: Exchange) {
        log::exchange(self.0.clock.now(), &exchange);
        let caller = exchange.from.clone();
        self.0.pen.write_as(caller, Event::Exchange(exchange)).await;
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A machine's handle on the net: it calls and serves through nothing else.
#[derive(Debug, Clone)]
pub struct Wire {
    net: Net,
    life: Life,
    clock: Clock,
    calendar: Calendar,
}

impl Wire {
    /// Calls a face and waits for the answer, no longer than the call's patience.
    ///
    /// The message goes its way even if the caller stops waiting, or dies.
    pub async fn call(&self, call: Call) -> Result<Reply, Failure> {
        self.life.alive().await;
        let patience = call.patience;
        let (exchange, told) = self.net.take(self.life.machine().clone(), call);
        match self.clock.within(patience, told).await {
            Ok(Ok(answer)) => answer.map(Reply),
            Ok(Err(_net_is_gone)) => Err(Failure::Closed),
            Err(_) => {
                let phase = Phase::Failed {
                    why: Failure::TimedOut,
                    took: patience,
                };
                self.net.note(Exchange { phase, ..exchange }).await;
                Err(Failure::TimedOut)
            }
        }
    }

    /// Answers at this machine's place with a router, for as long as its life runs.
    pub async fn serve(&self, router: Router) -> Result<(), NetError> {
        self.life.alive().await;
        let listener = self.net.listener(&self.life)?;
        let strangers_come = matches!(self.net.0.medium, Medium::RealTime(_));
        let witness = || Witness::new(self.net.clone(), self.life.machine().clone());
        let door = Door {
            router,
            life: self.life.clone(),
            calendar: self.calendar.clone(),
            witness: strangers_come.then(witness),
        };
        self.life.spawn(accept(listener, door));
        Ok(())
    }

    /// The net behind it.
    pub fn net(&self) -> &Net {
        &self.net
    }
}
