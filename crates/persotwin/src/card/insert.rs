//! `persotwin card insert`: a card in a PC/SC reader, until somebody takes it out.

use std::cell::Cell;
use std::io::ErrorKind;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{Either, select};
use persotwin_reader::words::{Show, line};
use persotwin_reader::{Card, hold};

use super::file::{KeepError, Kept};
use crate::args::CardInsert;
use crate::exit::{Exit, Stop};
use crate::output;

/// How long a reader may take for its first look at a card, which it takes every 400 ms, before we wonder.
const FIRST_LOOK: Duration = Duration::from_secs(2);

/// Holds the card in the reader. Ctrl-C is the ordinary end of that, so it is no interruption: exit code 0.
pub(super) fn insert(args: &CardInsert) -> Result<Exit, Stop> {
    let mut card = InReader {
        kept: Kept::read(&args.file)?,
        reader: &args.reader,
        show: args.reveal.show(),
        seen: Rc::default(),
    };
    let address = address(&args.reader)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime
        .map_err(|error| Stop::twin(error.to_string()))?
        .block_on(async {
            let taken_out = pin!(tokio::signal::ctrl_c());
            match select(taken_out, pin!(stay(&mut card, address))).await {
                Either::Left((Ok(()), _)) => {
                    output::note("the card is out of the reader\n");
                    Ok(Exit::Ok)
                }
                Either::Left((Err(error), _)) => {
                    Err(Stop::twin(format!("cannot listen for Ctrl-C: {error}")))
                }
                Either::Right((ended, _)) => ended,
            }
        })
}

/// The address of a reader. Where a name has several, IPv4 comes first: vpcd listens there.
fn address(reader: &str) -> Result<SocketAddr, Stop> {
    let found = reader.to_socket_addrs().map_err(|error| {
        Stop::input(format!(
            "`{reader}` is no address of a reader: {error}; one looks like 127.0.0.1:35963"
        ))
    })?;
    found
        .min_by_key(SocketAddr::is_ipv6)
        .ok_or_else(|| Stop::input(format!("`{reader}` is no address")))
}

async fn stay(card: &mut InReader<'_>, address: SocketAddr) -> Result<Exit, Stop> {
    let reader = card.reader;
    let stream = persotwin_wire::dial(address).await.map_err(|error| {
        Stop::twin(match error.kind() {
            ErrorKind::ConnectionRefused => format!(
                "no reader at {reader}: nobody listens there; pcscd does, with vsmartcard-vpcd installed"
            ),
            _ => format!("no reader at {reader}: {error}"),
        })
    })?;
    let seen = card.seen.clone();
    let held = pin!(hold(stream, card));
    #[expect(
        clippy::disallowed_methods,
        reason = "a reader of another process, in real time"
    )]
    let first_look = pin!(tokio::time::sleep(FIRST_LOOK));
    let ended = match select(held, first_look).await {
        Either::Left((ended, _)) => ended,
        Either::Right(((), held)) => {
            if !seen.get() {
                output::note(&format!(
                    "the reader at {reader} does not look at the card: perhaps there is another one in it\n"
                ));
            }
            held.await
        }
    };
    match ended {
        Ok(()) => {
            output::note(&format!(
                "the reader at {reader} closed: the card is out of it\n"
            ));
            Ok(Exit::Ok)
        }
        Err(error) => Err(Stop::twin(format!(
            "the card is out of the reader at {reader}: {error}"
        ))),
    }
}

/// The card, told on standard output what is done to it.
struct InReader<'a> {
    kept: Kept,
    reader: &'a str,
    show: Show,
    /// Whether the reader has looked at it.
    seen: Rc<Cell<bool>>,
}

impl Card for InReader<'_> {
    type Trouble = KeepError;

    fn atr(&mut self) -> Option<Vec<u8>> {
        // The reader looks several times a second; only the first time is news.
        if !self.seen.replace(true) {
            let (serial, reader) = (self.kept.card.serial(), self.reader);
            output::note(&format!(
                "{serial} is in the reader at {reader}; Ctrl-C takes it out\n"
            ));
        }
        self.kept.card.atr()
    }

    fn power_on(&mut self) {
        output::print(if self.kept.card.chip().is_powered() {
            "reset\n"
        } else {
            "power on\n"
        });
        if self.kept.card.power_on().is_none() {
            output::print("the chip does not answer\n");
        }
    }

    fn power_off(&mut self) {
        if self.kept.card.chip().is_powered() {
            output::print("power off\n");
        }
        self.kept.card.power_off();
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Option<Vec<u8>>, KeepError> {
        let answer = self.kept.card.transmit(command);
        // What the chip remembers is on the disk before anybody hears of it: a kill loses nothing.
        self.kept.keep()?;
        output::print(&format!(
            "{}\n",
            line(command, answer.as_deref().unwrap_or_default(), self.show)
        ));
        Ok(answer)
    }
}
