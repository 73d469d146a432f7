//! Card stock: the blanks that operators load, and the ribbon that prints them.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of a kind of blank, e.g. `generic-dual`: which chip, which transport keys, which artwork base.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = r"^[a-z0-9-]{1,32}$"))]
pub struct StockName(String);

/// A text that names no stock.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a stock's name has 1 to 32 lower case letters, digits or hyphens")]
pub struct NotAStockName;

impl StockName {
    /// The stock of the built-in products.
    pub const BUILT_IN: &str = "generic-dual";
}

impl Default for StockName {
    fn default() -> Self {
        Self(Self::BUILT_IN.to_owned())
    }
}

impl FromStr for StockName {
    type Err = NotAStockName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=32).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        fits.then(|| Self(text.to_owned())).ok_or(NotAStockName)
    }
}

impl TryFrom<String> for StockName {
    type Error = NotAStockName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<StockName> for String {
    fn from(name: StockName) -> Self {
        name.0
    }
}

impl fmt::Display for StockName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How hard a stripe is to write and to spoil (documented by the stripe standards: low and high coercivity).
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Coercivity {
    /// Easily written, easily wiped by a magnet in a handbag.
    Loco,
    /// What bank cards have (inferred).
    #[default]
    Hico,
}

/// What lies in one hopper when the world starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Load {
    /// Which blanks.
    #[serde(default)]
    pub stock: StockName,
    /// How many really lie in it.
    pub blanks: u32,
    /// Which stripe they have.
    #[serde(default)]
    pub stripe: Coercivity,
}

impl Load {
    /// Blanks with a usual stripe.
    pub fn of(stock: StockName, blanks: u32) -> Self {
        Self {
            stock,
            blanks,
            stripe: Coercivity::default(),
        }
    }
}

/// The layers that a ribbon can lay on a side, in the order of printing: each is one pass of the card under the head.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Panel {
    /// Y.
    Yellow,
    /// M.
    Magenta,
    /// C.
    Cyan,
    /// K: black resin, in which all text is printed.
    Black,
    /// O: the clear layer that protects the others.
    Overlay,
}

impl Panel {
    /// Every panel, in the order of printing.
    pub const ALL: [Self; 5] = [
        Self::Yellow,
        Self::Magenta,
        Self::Cyan,
        Self::Black,
        Self::Overlay,
    ];
}

impl fmt::Display for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Yellow => "yellow",
            Self::Magenta => "magenta",
            Self::Cyan => "cyan",
            Self::Black => "black",
            Self::Overlay => "overlay",
        })
    }
}

/// Which panels one set of a ribbon has (inferred: the two colour ribbons of the trade).
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum RibbonKind {
    /// One set prints one side in colour; the back takes another set.
    #[default]
    Ymcko,
    /// One set prints both sides: the front in colour, the back in black.
    Ymckok,
}

impl RibbonKind {
    /// What a front gets.
    pub fn front(self) -> &'static [Panel] {
        match self {
            Self::Ymcko | Self::Ymckok => &Panel::ALL,
        }
    }

    /// What a back gets.
    pub fn back(self) -> &'static [Panel] {
        match self {
            Self::Ymcko => &Panel::ALL,
            Self::Ymckok => &[Panel::Black],
        }
    }
}

impl fmt::Display for RibbonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ymcko => "ymcko",
            Self::Ymckok => "ymckok",
        })
    }
}

/// A ribbon, as an operator puts it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Ribbon {
    /// Which panels a set has.
    #[serde(default)]
    pub kind: RibbonKind,
    /// Panel sets on it.
    pub panel_sets: u32,
}

impl Ribbon {
    /// A ribbon of the usual kind.
    pub fn of(panel_sets: u32) -> Self {
        Self {
            kind: RibbonKind::default(),
            panel_sets,
        }
    }
}

impl Default for Ribbon {
    fn default() -> Self {
        Self::of(500)
    }
}
