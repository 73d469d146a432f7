//! What an agent is set up with.

use std::collections::BTreeMap;

use persotwin_contract::jose::jwk::PrivateJwk;
use persotwin_emv::scp::Terms;
use persotwin_faults::Protections;
use persotwin_link::Span;
use persotwin_link::card_stock::CardStock;
use persotwin_link::setup::Station;
use persotwin_link::stock::StockName;

/// An agent's set-up.
#[derive(Debug, Clone)]
pub struct Config {
    /// Its station: sequence, attempts, hold limit, how cards leave, what the inventory book starts with.
    pub station: Station,
    /// The station's key for production data; D1 gets the public half.
    pub key: PrivateJwk,
    /// What its SAM knows of the stocks: on what terms their chips are opened.
    pub sam: Sam,
    /// How many jobs may be accepted and not finished. One more is answered 503.
    pub queue: usize,
    /// Patience and persistence.
    pub timing: Timing,
    /// What protects it.
    pub protections: Protections,
}

impl Config {
    /// An agent with every default.
    pub fn new(station: Station, key: PrivateJwk, sam: Sam) -> Self {
        let timing = Timing {
            help_limit: station.help_limit,
            ..Timing::default()
        };
        Self {
            station,
            key,
            sam,
            queue: 50,
            timing,
            protections: Protections::default(),
        }
    }
}

/// A secure access module: transport keys by stock. `Debug` shows check values only.
#[derive(Debug, Clone, Default)]
pub struct Sam(BTreeMap<StockName, Terms>);

impl Sam {
    /// What opens the chips of a stock.
    pub(crate) fn terms(&self, stock: &StockName) -> Option<&Terms> {
        self.0.get(stock)
    }
}

impl From<&BTreeMap<StockName, CardStock>> for Sam {
    /// What was agreed of each stock, whatever was delivered.
    fn from(stocks: &BTreeMap<StockName, CardStock>) -> Self {
        let agreed = |(name, stock): (&StockName, &CardStock)| (name.clone(), stock.terms.clone());
        Self(stocks.iter().map(agreed).collect())
    }
}

/// The agent's patience and persistence. All ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// Between heartbeats.
    pub heartbeat: Span,
    /// How long it waits for one answer of D1.
    pub patience: Span,
    /// The first pause before a repeated call to D1; it doubles, with jitter, up to `backoff_max`.
    pub backoff: Span,
    /// The longest pause.
    pub backoff_max: Span,
    /// How long it waits for one answer of printer or chip, beyond the time of a long poll.
    pub device_patience: Span,
    /// The pause before a call to the printer is repeated. A command to the chip is never repeated.
    pub device_pause: Span,
    /// After how long a silence of the printer a card that is not finished is given up.
    pub device_limit: Span,
    /// How long it waits for an operator when the printer needs help, before the job fails. By default not at all.
    pub help_limit: Span,
    /// How often it looks whether a card that it could not clear away can be cleared away now.
    pub tidy: Span,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            heartbeat: Span::from_secs(30),
            patience: Span::from_secs(10),
            backoff: Span::from_secs(1),
            backoff_max: Span::from_secs(30),
            device_patience: Span::from_secs(10),
            device_pause: Span::from_secs(2),
            device_limit: Span::from_secs(30),
            help_limit: Span::ZERO,
            tidy: Span::from_secs(30),
        }
    }
}
