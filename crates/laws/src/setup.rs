//! What a fold over the journal cannot know by itself.

use std::collections::BTreeMap;

use persotwin_contract::ids::PersoStation;
use persotwin_contract::rules::DoneWhen;
use persotwin_link::setup::{Present, Station};

/// The world as it was set up.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// The stations: what was really loaded, what the book was told, how cards are handed out, which work a card needs.
    pub stations: BTreeMap<PersoStation, Station>,
    /// What `CARD_PROD_DONE` waits for.
    pub done_when: DoneWhen,
    /// Whether an order may end in doubt.
    pub in_doubt: InDoubt,
    /// When the issuer asks for what nobody tells it.
    pub asks: Asks,
}

/// When the issuer asks for what nobody tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Asks {
    /// Within the time that the world waits for it.
    #[default]
    InTime,
    /// Later: it relies on being told.
    TooLate {
        /// How often D1 tries to tell before it leaves it to the issuer to ask.
        attempts: u32,
    },
}

/// Whether an order may still be in doubt when all is quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InDoubt {
    /// It counts as broken.
    #[default]
    Broken,
    /// The scenario says `in doubt`.
    Allowed,
}

impl Setup {
    /// A world of these stations, with every default.
    pub fn of(stations: impl IntoIterator<Item = Station>) -> Self {
        Self {
            stations: stations
                .into_iter()
                .map(|station| (station.id.clone(), station))
                .collect(),
            ..Self::default()
        }
    }

    /// How a station hands out cards; as a kiosk does if nobody says.
    pub(crate) fn present(&self, station: Option<&PersoStation>) -> Present {
        station
            .and_then(|id| self.stations.get(id))
            .map_or(Present::OnRelease, |station| station.present)
    }
}
