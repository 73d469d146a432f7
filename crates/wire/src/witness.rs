//! What strangers say to machines of ours, written into the journal like any other exchange.
//!
//! The net writes down what our own machines say to each other. A stranger's message comes in at a door, so it is the door that
//! notices it: who calls is [`Machine::Stranger`], and a caller that is hung up on has no answer.

use std::net::SocketAddr;

use http::{HeaderMap, Method, Request, Uri, header};
use persotwin_kernel::Moment;
use persotwin_kernel::event::{About, Exchange, Phase};
use persotwin_link::{Face, Machine};

use crate::mask::without_numbers;
use crate::net::Net;

/// Watches the door of one machine.
#[derive(Debug, Clone)]
pub(crate) struct Witness {
    net: Net,
    machine: Machine,
}

/// A stranger's exchange that waits for its answer.
pub(crate) struct Watched {
    net: Net,
    exchange: Exchange,
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
        let exchange = Exchange {
            exchange: self.net.number(),
            from: Machine::Stranger,
            to: face,
            method: method(request.method()),
            path: path(request.uri()),
            about: About::nothing(),
            phase: Phase::Sent {
                bytes: length(request.headers()),
            },
        };
        Some(Watched {
            net: self.net.clone(),
            exchange,
            sent: self.net.now(),
        })
    }
}

impl Watched {
    /// Writes the question down.
    pub(crate) async fn asked(&self) {
        self.net.note(self.exchange.clone()).await;
    }

    /// Writes the answer down.
    pub(crate) async fn answered(self, status: u16, bytes: usize) {
        let took = self.net.now().since(self.sent);
        let phase = Phase::Answered {
            status,
            bytes,
            took,
        };
        self.net
            .note(Exchange {
                phase,
                ..self.exchange
            })
            .await;
    }
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
