//! A perso station as a world builds it: where it stands, what is loaded, how it hands out cards.

use persotwin_contract::ids::PersoStation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stage::Work;
use crate::stock::{Coercivity, Load, Ribbon, StockName};
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

/// What a bezel does by itself, when its time is over, with a card that nobody took (inferred: the three behaviours of the trade).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Leftover {
    /// Nothing: the card lies there until the agent has it drawn in.
    #[default]
    Leave,
    /// Draws it in. It lies on the path then, out of everybody's reach.
    DrawIn,
    /// Draws it in and drops it into the reject bin.
    Reject,
}

/// The print head's temperatures in whole degrees Celsius (ours; the head of each printer has its own).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct HeadLimits {
    /// No print begins from here on: the head cools first.
    pub hot: u32,
    /// So far it cools then. At room temperature, 25, or below it never would; then it is as if 25 were written.
    pub resume: u32,
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self {
            hot: 80,
            resume: 60,
        }
    }
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
    /// At which temperatures the print head stops and goes on.
    pub head: HeadLimits,
    /// For which stripes the encoder is set.
    pub encoder: Coercivity,
    /// What the bezel does with a card that nobody took.
    pub leftover: Leftover,
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
    /// How long a job waits for an operator when the hardware needs one, before it fails; not at all by default.
    pub help_limit: Span,
}

impl Station {
    /// A well-stocked kiosk with every default.
    pub fn kiosk(id: PersoStation) -> Self {
        Self {
            id,
            kind: Kind::Kiosk,
            zone: jiff::tz::TimeZone::UTC,
            hoppers: vec![Load::of(StockName::default(), 100)],
            declared: 100,
            ribbon: Ribbon::default(),
            head: HeadLimits::default(),
            encoder: Coercivity::default(),
            leftover: Leftover::default(),
            reject_bin: 20,
            timings: Timings::default(),
            present: Present::OnRelease,
            sequence: vec![Work::Chip, Work::Stripe, Work::Print],
            hold_limit: Span::from_secs(20),
            attempts: 2,
            help_limit: Span::ZERO,
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
