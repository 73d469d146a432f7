//! A perso station as a world builds it: where it stands, what is loaded, how it hands out cards.

use persotwin_contract::ids::PersoStation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stage::Work;
use crate::stock::{Load, Ribbon};
use crate::time::Span;
use crate::timings::Timings;

/// Where the station stands. On D1's API there is no difference (inferred: branch and kiosk share one flow).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Self-service: the exit is a bezel that can take the card back.
    Kiosk,
    /// Staffed: the exit is a tray, and staff hand the card over.
    Branch,
}

/// When a finished card leaves the machine (ours).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Present {
    /// Only after D1 has answered "release": the default of a kiosk. No ghost cards.
    OnRelease,
    /// As soon as it is finished. Ghost cards can happen, and can be rehearsed.
    AtOnce,
    /// Onto the tray after release, where staff look at it: the default of a branch.
    ByStaff,
}

/// One perso station, complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Station {
    /// Its `persoStation` id.
    pub id: PersoStation,
    /// Kiosk or branch.
    pub kind: Kind,
    /// Its time zone, an IANA name; dates printed and encoded are those of this zone.
    pub zone: jiff::tz::TimeZone,
    /// The hoppers, from number 1.
    pub hoppers: Vec<Load>,
    /// What the inventory book says was loaded; as really loaded when nobody says otherwise.
    pub declared: u32,
    /// The ribbon.
    pub ribbon: Ribbon,
    /// How many cards the reject bin holds.
    pub reject_bin: u32,
    /// The movements' times.
    pub timings: Timings,
    /// When a finished card leaves.
    pub present: Present,
    /// The order of work on a card.
    pub sequence: Vec<Work>,
    /// How long a finished card waits inside for D1's decision before the agent captures it.
    pub hold_limit: Span,
    /// How many fresh blanks the agent tries for one card.
    pub attempts: u32,
}

impl Station {
    /// A well-stocked kiosk with every default.
    pub fn kiosk(id: PersoStation) -> Self {
        Self {
            id,
            kind: Kind::Kiosk,
            zone: jiff::tz::TimeZone::UTC,
            hoppers: vec![Load {
                stock: crate::stock::StockName::default(),
                blanks: 100,
            }],
            declared: 100,
            ribbon: Ribbon::default(),
            reject_bin: 20,
            timings: Timings::default(),
            present: Present::OnRelease,
            sequence: vec![Work::Chip, Work::Stripe, Work::Print],
            hold_limit: Span::from_secs(20),
            attempts: 2,
        }
    }

    /// A well-stocked branch desk with every default.
    pub fn branch(id: PersoStation) -> Self {
        Self {
            kind: Kind::Branch,
            present: Present::ByStaff,
            ..Self::kiosk(id)
        }
    }
}
