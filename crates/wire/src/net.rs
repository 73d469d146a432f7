//! The net: it knows who listens where, and carries every message in a task of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use persotwin_kernel::event::{Disturbance, Exchange, Failure, Phase};
use persotwin_kernel::{Calendar, Chance, Clock, Event, Life, Moment, Pen};
use persotwin_link::{Face, Latencies, Machine};
use tokio::io::DuplexStream;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::call::{Call, Reply};
use crate::distort::{Distorted, Distortion};
use crate::door::{OpenTo, accept};
use crate::fault::{Fault, Lost, Strike};
use crate::io::{Io, Listener, Medium, Reserved, connect, listen, pipe, reserve};
use crate::log;
use crate::pool::{Pool, SendError, open, send};
use crate::tap::Tap;

/// How long a message that waits for the next one to overtake it waits at most.
const OVERTAKEN_WITHIN: Duration = Duration::from_mins(1);

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
}

#[derive(Debug, Default)]
struct Books {
    sites: BTreeMap<Machine, Site>,
    exchanges: u64,
    /// How many messages went along a path about an order.
    counts: BTreeMap<(Face, String), u64>,
    strikes: Vec<Strike>,
    held: BTreeMap<(Machine, Face), Vec<oneshot::Sender<()>>>,
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
        }))
    }

    /// Reserves a place for a machine; port 0 means any. Until it serves, calls to it are refused.
    pub fn reserve(&self, machine: Machine, port: u16) -> Result<(), NetError> {
        let site = match &self.0.medium {
            Medium::InProcess => Site::Pipes(None),
            Medium::Loopback(_) | Medium::RealTime => {
                Site::Socket(reserve(port).map_err(|source| NetError::Port { port, source })?)
            }
        };
        self.books().sites.insert(machine, site);
        Ok(())
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

    /// Lets a fault wait for its messages.
    pub fn arm(&self, strike: Strike) {
        self.books().strikes.push(strike);
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
                    Medium::RealTime | Medium::InProcess => Listener::Socket(listener),
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
        let mut books = self.books();
        let number = books.exchanges;
        books.exchanges += 1;
        let count = books
            .counts
            .entry((face.clone(), format!("{} {path}", about.key())))
            .or_default();
        let nth = *count;
        *count += 1;
        let exchange = Exchange {
            exchange: number,
            from,
            to: face,
            method: request.method().to_string(),
            path,
            about,
            phase: Phase::Sent {
                bytes: request.body().len(),
            },
        };
        let fault = books
            .strikes
            .iter_mut()
            .find_map(|strike| strike.hits(&exchange));
        drop(books);
        let (tell, told) = oneshot::channel();
        let message = Message {
            net: self.clone(),
            exchange: exchange.clone(),
            request,
            nth,
        };
        self.0
            .life
            .spawn(async move { message.travel(fault, tell).await });
        (exchange, told)
    }

    async fn connect(&self, machine: &Machine) -> Result<Io, Failure> {
        let address = match self.books().sites.get(machine) {
            None => return Err(Failure::Refused),
            Some(Site::Pipes(sender)) => {
                let (ours, theirs) = pipe();
                let sent = sender
                    .as_ref()
                    .is_some_and(|sender| sender.send(theirs).is_ok());
                return if sent {
                    Ok(Io::Pipe(ours))
                } else {
                    Err(Failure::Refused)
                };
            }
            Some(Site::Socket(Reserved { address, .. }) | Site::Foreign(address, _)) => *address,
        };
        connect(&self.0.medium, address)
            .await
            .map_err(|_| Failure::Refused)
    }

    /// Writes into journal and log how far an exchange has come.
    async fn note(&self, exchange: Exchange) {
        log::exchange(self.0.clock.now(), &exchange);
        let caller = exchange.from.clone();
        self.0.pen.write_as(caller, Event::Exchange(exchange)).await;
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A message on its way.
struct Message {
    net: Net,
    exchange: Exchange,
    request: Request<Bytes>,
    nth: u64,
}

impl Message {
    async fn travel(self, fault: Option<Fault>, mut tell: oneshot::Sender<Answer>) {
        let sent = self.net.0.clock.now();
        self.note(self.exchange.phase.clone()).await;
        if let Some(fault) = &fault {
            let (exchange, fault) = (self.exchange.exchange, fault.name().to_owned());
            let event = Event::Disturbance(Disturbance::Wire { exchange, fault });
            self.net
                .0
                .pen
                .write_as(self.exchange.from.clone(), event)
                .await;
        }
        let key = self.exchange.about.key();
        let (there, back) = crate::latency::draw(
            &self.net.0.latencies,
            &self.net.0.chance,
            &self.exchange.to,
            &format!("{key} {}", self.exchange.path),
            self.nth,
        );
        let answer = self.suffer(fault, there).await;
        let Some(answer) = answer else {
            // Silence: the caller's own patience ends it.
            tell.closed().await;
            self.tap(sent, None);
            return;
        };
        self.pause(back).await;
        self.let_others_pass();
        self.arrive(answer, sent, tell).await;
    }

    /// The way to the handler and its answer, or what a fault makes of it; none for silence.
    async fn suffer(&self, fault: Option<Fault>, there: Duration) -> Option<Answer> {
        match fault {
            None => {
                self.pause(there).await;
                Some(self.deliver(None).await)
            }
            Some(Fault::Before(lost)) => {
                self.pause(there).await;
                lost.answer()
            }
            Some(Fault::After(lost)) => {
                self.pause(there).await;
                let _unheard = self.deliver(None).await;
                lost.answer()
            }
            Some(Fault::Twice) => {
                self.pause(there).await;
                let first = self.deliver(None).await;
                let _second = self.deliver(None).await;
                Some(first)
            }
            Some(Fault::Late(by)) => {
                self.pause(there + by).await;
                Some(self.deliver(None).await)
            }
            Some(Fault::OutOfOrder) => {
                self.wait_to_be_overtaken().await;
                Some(self.deliver(None).await)
            }
            Some(Fault::Stream(distortion)) => {
                self.pause(there).await;
                Some(self.deliver(Some(distortion)).await)
            }
        }
    }

    /// The exchange itself, over a kept connection or a fresh one. A stream that suffers is always a fresh one.
    async fn deliver(&self, distortion: Option<Distortion>) -> Answer {
        let net = &self.net.0;
        let key = (self.exchange.from.clone(), self.exchange.to.machine());
        if distortion.is_none()
            && let Some(sender) = net.pool.take(&key)
        {
            match send(Some((&net.pool, &key)), sender, self.request_for(&key.1)).await {
                Ok(response) => return Ok(response),
                Err(SendError::Failed(failure)) => return Err(failure),
                Err(SendError::NotSent) => {}
            }
        }
        let io = self.net.connect(&key.1).await?;
        let outcome = match distortion {
            None => {
                send(
                    Some((&net.pool, &key)),
                    open(&net.life, io).await?,
                    self.request_for(&key.1),
                )
                .await
            }
            Some(distortion) => {
                let sender = open(&net.life, Distorted::new(io, distortion)).await?;
                send(None, sender, self.request_for(&key.1)).await
            }
        };
        outcome.map_err(|error| match error {
            SendError::Failed(failure) => failure,
            SendError::NotSent => Failure::Closed,
        })
    }

    fn request_for(&self, machine: &Machine) -> Request<Bytes> {
        let mut request = self.request.clone();
        if let Some(Site::Foreign(_, base)) = self.net.books().sites.get(machine)
            && let Ok(uri) = format!("{base}{}", self.exchange.path).parse()
        {
            *request.uri_mut() = uri;
        }
        let host = self
            .net
            .address(machine)
            .map_or_else(|| "twin".to_owned(), |address| address.to_string());
        if let Ok(host) = HeaderValue::from_str(&host) {
            request.headers_mut().insert(header::HOST, host);
        }
        request
    }

    async fn arrive(&self, answer: Answer, sent: Moment, tell: oneshot::Sender<Answer>) {
        let took = self.tap(sent, answer.as_ref().ok());
        let phase = match &answer {
            Ok(response) if tell.is_closed() => Phase::Unheard {
                status: response.status().as_u16(),
            },
            Ok(response) => Phase::Answered {
                status: response.status().as_u16(),
                bytes: response.body().len(),
                took,
            },
            Err(_) if tell.is_closed() => return,
            Err(why) => Phase::Failed { why: *why, took },
        };
        self.note(phase).await;
        let _ = tell.send(answer);
    }

    /// Lets the tap hear the exchange, which is over now; how long it took.
    fn tap(&self, sent: Moment, answer: Option<&Response<Bytes>>) -> Duration {
        let took = self.net.0.clock.now().since(sent);
        if let Some(tap) = &self.net.0.tap {
            let now = self.net.0.calendar.now();
            let at = now.saturating_sub(took).unwrap_or_default();
            tap.hear(&self.exchange, (at, took), &self.request, answer);
        }
        took
    }

    async fn note(&self, phase: Phase) {
        self.net
            .note(Exchange {
                phase,
                ..self.exchange.clone()
            })
            .await;
    }

    async fn pause(&self, duration: Duration) {
        if !duration.is_zero() {
            self.net.0.clock.sleep(duration).await;
        }
    }

    fn link(&self) -> (Machine, Face) {
        (self.exchange.from.clone(), self.exchange.to.clone())
    }

    async fn wait_to_be_overtaken(&self) {
        let (tell, told) = oneshot::channel();
        self.net
            .books()
            .held
            .entry(self.link())
            .or_default()
            .push(tell);
        let _ = self.net.0.clock.within(OVERTAKEN_WITHIN, told).await;
    }

    fn let_others_pass(&self) {
        for held in self
            .net
            .books()
            .held
            .remove(&self.link())
            .unwrap_or_default()
        {
            let _ = held.send(());
        }
    }
}

impl Lost {
    fn answer(self) -> Option<Answer> {
        match self {
            Self::Failure(Failure::TimedOut) => None,
            Self::Failure(failure) => Some(Err(failure)),
            Self::Answer(response) => Some(Ok(*response)),
        }
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
        let open = match self.net.0.medium {
            Medium::RealTime => OpenTo::Strangers,
            Medium::Loopback(_) | Medium::InProcess => OpenTo::World,
        };
        let (life, calendar) = (self.life.clone(), self.calendar.clone());
        self.life
            .spawn(accept(listener, router, life, calendar, open));
        Ok(())
    }

    /// The net behind it.
    pub fn net(&self) -> &Net {
        &self.net
    }
}
