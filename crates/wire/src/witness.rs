//! What strangers say to machines of ours, written into the journal like any other exchange.
//!
//! The net writes down what our own machines say to each other. A stranger's message comes in at a door, so it is the door that
//! notices it: who calls is [`Machine::Stranger`], and a caller that is hung up on has no answer. What strikes such a message is
//! suffered there too; a stranger stands for the issuer, for nobody else calls D1 from outside.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, HttpBody};
use http::{HeaderMap, Method, Request, Uri, header};
use persotwin_kernel::Moment;
use persotwin_kernel::event::{About, Exchange, Failure, Phase};
use persotwin_link::{Face, Machine};
use tower::ServiceExt;

use crate::ambush::{Heard, suffer};
use crate::mask::without_numbers;
use crate::net::Net;
use crate::trap::Caught;

/// Watches the door of one machine.
#[derive(Debug, Clone)]
pub(crate) struct Witness {
    net: Net,
    machine: Machine,
}

/// Who calls whom.
pub(crate) type Link = (Machine, Face);

/// A stranger's exchange that waits for its answer.
pub(crate) struct Watched {
    net: Net,
    exchange: Exchange,
    caught: Option<Caught>,
    sent: Moment,
}

impl Witness {
    pub(crate) fn new(net: Net, machine: Machine) -> Self {
        Self { net, machine }
    }

    /// Whether a connection comes from one of our own machines.
    pub(crate) fn knows(&self, peer: Option<SocketAddr>) -> bool {
        peer.is_none_or(|peer| self.net.is_own(peer))
    }

    /// Notices what a stranger asks; nothing for what no face knows.
    pub(crate) fn notices<B>(&self, request: &Request<B>) -> Option<Watched> {
        let face = Face::at(&self.machine, request.uri().path())?;
        let about = about(&face, request.uri().path());
        if is_order(&face, request) {
            self.net.journal().cast(&about);
        }
        let exchange = Exchange {
            exchange: self.net.number(),
            from: Machine::Stranger,
            to: face,
            method: method(request.method()),
            path: path(request.uri()),
            about,
            phase: Phase::Sent {
                bytes: length(request.headers()),
            },
        };
        let (_, caught) = self.net.sets_out(&exchange);
        Some(Watched {
            net: self.net.clone(),
            exchange,
            caught,
            sent: self.net.now(),
        })
    }
}

impl Watched {
    /// Writes the question down, lets it suffer what strikes it, and writes the answer down.
    pub(crate) async fn answered_by(self, router: Router, request: Request<Body>) -> Heard {
        let Self {
            net,
            exchange,
            caught,
            sent,
        } = self;
        net.note(exchange.clone()).await;
        let link = (exchange.from.clone(), exchange.to.clone());
        let heard = match caught {
            None => match router.oneshot(request).await {
                Ok(response) => Heard::Answer(response),
                Err(never) => match never {},
            },
            Some(caught) => {
                let fault = net.struck_by(&exchange, caught).await;
                suffer(&net, &link, fault, router, request).await
            }
        };
        net.let_others_pass(&link);
        let took = net.now().since(sent);
        let failed = |why| Phase::Failed { why, took };
        let phase = match &heard {
            Heard::Answer(response) => {
                let bytes = response.body().size_hint().exact();
                let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok());
                Phase::Answered {
                    status: response.status().as_u16(),
                    bytes: bytes.unwrap_or_default(),
                    took,
                }
            }
            Heard::Silence => failed(Failure::TimedOut),
            Heard::End => failed(Failure::Closed),
        };
        net.note(Exchange { phase, ..exchange }).await;
        heard
    }
}

/// Whether it is an order of production.
fn is_order<B>(face: &Face, request: &Request<B>) -> bool {
    let path = request.uri().path();
    *face == Face::Orders
        && *request.method() == Method::POST
        && path.ends_with("/operations:production")
}

/// The card that a call of D1's is about, unless its id may be a card number.
fn about(face: &Face, path: &str) -> About {
    let mut rest = path.split('/').skip_while(|part| *part != "physicalCards");
    let id = rest.nth(1).filter(|_| *face == Face::Orders);
    let id = id.filter(|id| without_numbers(id) == **id);
    id.and_then(|id| id.parse().ok())
        .map_or_else(About::nothing, |card| About::card(&card))
}

/// The documented ones by name; whatever else a stranger makes up is not repeated.
fn method(method: &Method) -> String {
    let known = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
        Method::PATCH,
    ];
    if known.contains(method) {
        method.to_string()
    } else {
        "OTHER".to_owned()
    }
}

/// The path without what may be a card number: strangers put all kinds of things there.
fn path(uri: &Uri) -> String {
    without_numbers(uri.path_and_query().map_or("/", |path| path.as_str()))
}

fn length(headers: &HeaderMap) -> usize {
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok());
    length
        .and_then(|length| length.parse().ok())
        .unwrap_or_default()
}
