//! A message on its way: latency, faults, delivery, and what its caller gets to hear.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use persotwin_kernel::event::{About, Disturbance, Exchange, Failure, Phase};
use persotwin_kernel::{Event, Moment};
use persotwin_link::{Face, Machine};
use tokio::sync::oneshot;

use super::{Answer, Net, Site};
use crate::distort::{Distorted, Distortion, Way};
use crate::fault::{Fault, Lost};
use crate::pool::{SendError, open, send};
use crate::rewrite::Rewrite;
use crate::trap::Caught;

/// How long a message that waits for the next one to overtake it waits at most.
const OVERTAKEN_WITHIN: Duration = Duration::from_mins(1);

/// A message on its way.
pub(super) struct Message {
    pub(super) net: Net,
    pub(super) exchange: Exchange,
    pub(super) request: Request<Bytes>,
    /// How many went the same way before it.
    pub(super) nth: u64,
}

impl Message {
    pub(super) async fn travel(self, caught: Option<Caught>, mut tell: oneshot::Sender<Answer>) {
        let sent = self.net.0.clock.now();
        self.note(self.exchange.phase.clone()).await;
        let fault = match caught {
            None => None,
            Some(caught) => Some(self.net.struck_by(&self.exchange, caught).await),
        };
        let key = self.exchange.about.key();
        let (there, back) = crate::latency::draw(
            &self.net.0.latencies,
            &self.net.0.chance,
            &self.exchange.to,
            &format!("{key} {}", self.exchange.path),
            self.nth,
        );
        // Heartbeats go on for ever; what an order needs comes to an end.
        let for_an_order =
            self.exchange.about != About::nothing() || self.exchange.to == Face::Token;
        let held_up = fault.as_ref().is_some_and(Fault::holds_up) && for_an_order;
        let held_up = held_up.then(|| self.net.0.delayed.begin());
        let answer = self.suffer(fault, there).await;
        drop(held_up);
        let Some(answer) = answer else {
            // Silence: the caller's own patience ends it.
            tell.closed().await;
            self.tap(sent, None);
            return;
        };
        self.pause(back).await;
        self.net.let_others_pass(&self.link());
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
            Some(Fault::AnswerLate(by)) => {
                self.pause(there).await;
                let answer = self.deliver(None).await;
                self.pause(by).await;
                Some(answer)
            }
            Some(Fault::Rewritten(way, rewrite)) => {
                self.pause(there).await;
                Some(self.rewritten(way, &rewrite).await)
            }
            Some(Fault::OutOfOrder) => {
                self.net.wait_to_be_overtaken(self.link()).await;
                Some(self.deliver(None).await)
            }
            Some(Fault::Stream(distortion)) => {
                self.pause(there).await;
                let distortion = distortion.in_time_of(&self.net.0.clock);
                Some(self.deliver(Some(distortion)).await)
            }
        }
    }

    /// Delivers something else than was said, in one direction.
    async fn rewritten(&self, way: Way, rewrite: &Rewrite) -> Answer {
        match way {
            Way::Answer => self
                .deliver(None)
                .await
                .map(|answer| rewrite.answer(answer)),
            Way::Request => {
                let other = Self {
                    net: self.net.clone(),
                    exchange: self.exchange.clone(),
                    request: rewrite.request(self.request.clone()),
                    nth: self.nth,
                };
                other.deliver(None).await
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
        let (io, own) = self.net.connect(&key.1).await?;
        let over = {
            let net = self.net.clone();
            move || net.forget(own)
        };
        let outcome = match distortion {
            None => {
                send(
                    Some((&net.pool, &key)),
                    open(&net.life, io, over).await?,
                    self.request_for(&key.1),
                )
                .await
            }
            Some(distortion) => {
                let sender = open(&net.life, Distorted::new(io, distortion), over).await?;
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
}

impl Net {
    /// Writes down what strikes a message.
    pub(crate) async fn struck_by(&self, exchange: &Exchange, caught: Caught) -> Fault {
        let Caught { cause, fault } = caught;
        let number = exchange.exchange;
        let disturbance = match cause {
            None => Disturbance::Wire {
                exchange: number,
                fault: fault.name().to_owned(),
            },
            Some(cause) => Disturbance::Fault {
                id: cause.id.to_string(),
                fault: cause.fault,
                on: exchange.to.to_string(),
                exchange: Some(number),
                how: Some(fault.name()),
            },
        };
        let caller = exchange.from.clone();
        let event = Event::Disturbance(disturbance);
        self.0.pen.write_as(caller, event).await;
        fault
    }

    /// Waits until the next message on a link has passed, but not for ever.
    pub(crate) async fn wait_to_be_overtaken(&self, link: (Machine, Face)) {
        let (tell, told) = oneshot::channel();
        self.books().held.entry(link).or_default().push(tell);
        let _ = self.0.clock.within(OVERTAKEN_WITHIN, told).await;
    }

    /// A message has passed: whoever waits for that goes on.
    pub(crate) fn let_others_pass(&self, link: &(Machine, Face)) {
        for held in self.books().held.remove(link).unwrap_or_default() {
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
