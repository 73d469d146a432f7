//! The mock issuer backend: the bank's side of instant issuance.
//!
//! It answers kiosks (step 1, a face of our own), orders cards from D1 (step 2), hears D1's notifications and asks for the production
//! status when it hears nothing (step 6). The documented faces are those of D1's public contract; what a bank does behind them is
//! ours, and is said where it is done.
//!
//! | room | holds |
//! |---|---|
//! | `config` | what it is started with |
//! | `model` | orders as the issuer sees them: a pure state machine, with the diagram |
//! | `machine` | the desk: book, ledger and journal, one step at a time |
//! | `follow` | the task of each order: attempts, pauses, polls |
//! | `client` | the issuer as D1's client: tokens, and what an answer means |
//! | `card`, `compose` | what is on a card; the order of it, with a fresh JWE per attempt |
//! | `access` | the issuer's own token door for D1 |
//! | `http` | routes |
//!
//! A restarted issuer reads its ledger, acts on outcomes that it had not acted on, and follows every open order on: under the same
//! `issuerRequestId`, with the same card data. The ledger holds no card number, expiry or name: they are made again by pure functions.

mod access;
mod card;
mod client;
mod compose;
mod config;
mod follow;
mod http;
mod machine;
mod model;
mod quote;

use std::sync::Arc;

use persotwin_wire::Host;

pub use config::{CardPlan, Config, ConfigError};

use config::Setup;
use machine::Desk;
use model::{Book, Page};

/// Starts the issuer: reads the ledger, goes on with what an earlier life began, and serves. Its tasks live on in the host's life.
pub async fn run(host: Host, config: Config) {
    let setup = match Setup::new(config) {
        Ok(setup) => setup,
        Err(error) => return host.give_up(&error).await,
    };
    let book = match host.ledger.replay::<Page>() {
        Ok(pages) => Book::replay(pages.into_iter().map(|Page::One(entry)| entry)),
        Err(error) => return host.give_up(&error).await,
    };
    let desk = Arc::new(Desk::new(host.clone(), setup, book));
    desk.resume().await;
    if let Err(error) = host.wire.serve(http::router(desk)).await {
        host.give_up(&error).await;
    }
}
