//! Cards of this world in PC/SC readers: somebody who holds a card puts it into a reader that really listens, on loopback.
//!
//! ```text
//!                 insert                    the reader closes, or remove
//!   in a hand ─────────────▶ in the reader ─────────────────────────────▶ in a hand
//!       409: not in a hand        409: in a reader already
//!       502: no reader there
//! ```
//!
//! What is done to the card stays on it: the card in the reader is the card in the hand.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::Router;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use futures_util::future::select;
use persotwin_contract::ids::PersoStation;
use persotwin_link::{Place, Serial};
use persotwin_printer::Blank;
use persotwin_reader::words::{Show, line};
use persotwin_reader::{Card, FIRST_SLOT, hold};
use persotwin_station::Physical;
use persotwin_wire::{Host, Refused, dial};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::twin::Twin;

/// How many lines about a card in a reader are kept.
const LINES: usize = 100;

/// Which card is in which reader. Clones are handles on the same.
#[derive(Debug, Clone)]
pub(crate) struct Readers {
    host: Host,
    cards: Arc<Mutex<BTreeMap<Serial, Seat>>>,
}

/// A card's place in a reader.
#[derive(Debug)]
struct Seat {
    reader: SocketAddr,
    /// What was done to it, in words, the last of it.
    said: VecDeque<String>,
    /// Somebody takes it out.
    taken_out: Arc<Notify>,
}

impl Readers {
    /// No card is in a reader yet. `host` keeps those that come.
    pub(crate) fn new(host: Host) -> Self {
        Self {
            host,
            cards: Arc::default(),
        }
    }

    /// The reader that a card is in, and what it has asked and heard there.
    pub(crate) fn of(&self, serial: &Serial) -> Option<Value> {
        let cards = self.cards();
        let seat = cards.get(serial)?;
        Some(json!({ "at": seat.reader.to_string(), "said": seat.said }))
    }

    fn cards(&self) -> MutexGuard<'_, BTreeMap<Serial, Seat>> {
        self.cards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody else can put the card into a reader from now on.
    fn sit(&self, serial: &Serial, reader: SocketAddr) -> Option<Arc<Notify>> {
        let mut cards = self.cards();
        if cards.contains_key(serial) {
            return None;
        }
        let taken_out = Arc::<Notify>::default();
        let seat = Seat {
            reader,
            said: VecDeque::new(),
            taken_out: taken_out.clone(),
        };
        cards.insert(serial.clone(), seat);
        Some(taken_out)
    }

    fn leave(&self, serial: &Serial) {
        self.cards().remove(serial);
    }

    fn note(&self, serial: &Serial, line: String) {
        if let Some(Seat { said, .. }) = self.cards().get_mut(serial) {
            if said.len() == LINES {
                said.pop_front();
            }
            said.push_back(line);
        }
    }

    async fn insert(
        &self,
        physical: &Physical,
        serial: Serial,
        reader: SocketAddr,
    ) -> Result<(), Refused> {
        let taken_out = self.sit(&serial, reader).ok_or(IN_A_READER)?;
        let stream = match dial(reader).await {
            Ok(stream) => stream,
            Err(error) => {
                self.leave(&serial);
                let sentence = format!("no reader at {reader}: {error}");
                return Err(Refused::telling(StatusCode::BAD_GATEWAY, sentence));
            }
        };
        let mut card = InReader {
            readers: self.clone(),
            physical: physical.clone(),
            serial,
        };
        self.host.life.spawn(async move {
            // However it ends, the card is out then, and what was done to it is on it.
            select(pin!(hold(stream, &mut card)), pin!(taken_out.notified())).await;
            card.power_off();
            card.readers.leave(&card.serial);
        });
        Ok(())
    }
}

/// A card in somebody's hand, in a reader.
struct InReader {
    readers: Readers,
    physical: Physical,
    serial: Serial,
}

/// The card is in nobody's hand any more.
struct Gone;

impl Card for InReader {
    type Trouble = Gone;

    fn atr(&mut self) -> Option<Vec<u8>> {
        let atr = self.physical.card_in_hand(&self.serial, |card| card.atr());
        atr.flatten()
    }

    fn power_on(&mut self) {
        self.physical.card_in_hand(&self.serial, Blank::power_on);
    }

    fn power_off(&mut self) {
        self.physical.card_in_hand(&self.serial, Blank::power_off);
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Option<Vec<u8>>, Gone> {
        let answer = self
            .physical
            .card_in_hand(&self.serial, |card| card.transmit(command))
            .ok_or(Gone)?;
        self.readers.note(
            &self.serial,
            line(command, answer.as_deref().unwrap_or_default(), Show::Masked),
        );
        Ok(answer)
    }
}

const UNKNOWN: Refused = Refused::new(StatusCode::NOT_FOUND, "no such card left its hopper");
const NO_SERIAL: Refused = Refused::new(
    StatusCode::NOT_FOUND,
    "a serial number looks like KIOSK-PS-101/A/00001",
);
const NOT_IN_A_HAND: Refused = Refused::new(
    StatusCode::CONFLICT,
    "only somebody who holds a card can put it into a reader",
);
const IN_A_READER: Refused = Refused::new(StatusCode::CONFLICT, "the card is in a reader already");
const NOT_IN_A_READER: Refused = Refused::new(StatusCode::CONFLICT, "the card is in no reader");
const NOT_LOOPBACK: Refused = Refused::new(
    StatusCode::BAD_REQUEST,
    "`reader` is an address on loopback, such as 127.0.0.1:35963",
);

/// The calls of the control face that are about readers.
pub(crate) fn routes() -> Router<Twin> {
    Router::new()
        .route(
            "/twin/v1/cards/{station}/{lot}/{count}/insert",
            post(insert),
        )
        .route(
            "/twin/v1/cards/{station}/{lot}/{count}/remove",
            post(remove),
        )
        // The same serial number as one segment, its slashes as %2F.
        .route("/twin/v1/cards/{serial}/insert", post(insert_by_serial))
        .route("/twin/v1/cards/{serial}/remove", post(remove_by_serial))
}

/// What `insert` is told; the first slot of a vpcd on this machine without it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inserted {
    #[serde(default = "first_slot")]
    reader: String,
}

fn first_slot() -> String {
    format!("127.0.0.1:{FIRST_SLOT}")
}

type CardPath = (String, String, u32);

async fn insert(
    twin: State<Twin>,
    path: Result<Path<CardPath>, PathRejection>,
    body: Result<Json<Inserted>, JsonRejection>,
) -> Result<StatusCode, Refused> {
    put_in(twin, path?.0, body).await
}

async fn insert_by_serial(
    twin: State<Twin>,
    path: Result<Path<String>, PathRejection>,
    body: Result<Json<Inserted>, JsonRejection>,
) -> Result<StatusCode, Refused> {
    put_in(twin, segments(&path?.0)?, body).await
}

async fn put_in(
    State(twin): State<Twin>,
    path: CardPath,
    body: Result<Json<Inserted>, JsonRejection>,
) -> Result<StatusCode, Refused> {
    let (physical, serial) = find(&twin, path)?;
    let Json(Inserted { reader }) = body?;
    let reader: SocketAddr = reader.parse().map_err(|_| NOT_LOOPBACK)?;
    if !reader.ip().is_loopback() {
        return Err(NOT_LOOPBACK);
    }
    match physical.look(|printer| printer.place_of(&serial)) {
        Some(Place::Hand(_)) => {}
        Some(Place::Path(_) | Place::Exit | Place::RejectBin) => return Err(NOT_IN_A_HAND),
        Some(Place::Hopper(_)) | None => return Err(UNKNOWN),
    }
    twin.readers.insert(&physical, serial, reader).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(
    twin: State<Twin>,
    path: Result<Path<CardPath>, PathRejection>,
) -> Result<StatusCode, Refused> {
    take_out(twin, path?.0)
}

async fn remove_by_serial(
    twin: State<Twin>,
    path: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Refused> {
    take_out(twin, segments(&path?.0)?)
}

fn take_out(State(twin): State<Twin>, path: CardPath) -> Result<StatusCode, Refused> {
    let (_, serial) = find(&twin, path)?;
    let cards = twin.readers.cards();
    let seat = cards.get(&serial).ok_or(NOT_IN_A_READER)?;
    seat.taken_out.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

/// The segments of a serial number.
fn segments(serial: &str) -> Result<CardPath, Refused> {
    let mut parts = serial.split('/');
    let path = (parts.next(), parts.next(), parts.next(), parts.next());
    let (Some(station), Some(lot), Some(count), None) = path else {
        return Err(NO_SERIAL);
    };
    let count = count.parse().map_err(|_| NO_SERIAL)?;
    Ok((station.to_owned(), lot.to_owned(), count))
}

fn find(twin: &Twin, (station, lot, count): CardPath) -> Result<(Physical, Serial), Refused> {
    let id: PersoStation = station.parse().map_err(|_| UNKNOWN)?;
    let physical = twin.physicals.get(&id).ok_or(UNKNOWN)?;
    Ok((physical.clone(), Serial::new(&station, &lot, count)))
}
