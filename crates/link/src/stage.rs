//! The stages of producing a card, in the words that scenarios, timings and journals use.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A stretch of the agent's work on one card.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// A blank is picked from the hopper.
    Pick,
    /// The chip is personalised and read back.
    Chip,
    /// The magnetic stripe is written and verified.
    Stripe,
    /// The front is printed.
    PrintFront,
    /// The card is turned over.
    Flip,
    /// The back is printed.
    PrintBack,
    /// The camera looks at both sides of the finished card.
    Check,
    /// The finished card waits inside for D1's decision.
    Hold,
    /// The card moves to the exit and waits for its customer.
    Present,
    /// The card moves to the reject bin.
    Reject,
}

impl Stage {
    /// Those in which hardware moves: all but the wait inside.
    pub const MOVEMENTS: [Self; 9] = [
        Self::Pick,
        Self::Chip,
        Self::Stripe,
        Self::PrintFront,
        Self::Flip,
        Self::PrintBack,
        Self::Check,
        Self::Present,
        Self::Reject,
    ];
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pick => "pick",
            Self::Chip => "chip",
            Self::Stripe => "stripe",
            Self::PrintFront => "print-front",
            Self::Flip => "flip",
            Self::PrintBack => "print-back",
            Self::Check => "check",
            Self::Hold => "hold",
            Self::Present => "present",
            Self::Reject => "reject",
        })
    }
}

/// What an agent does to a card, in the order of its station's `sequence:`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// Personalise the chip and read it back.
    Chip,
    /// Write the stripe and verify it.
    Stripe,
    /// Print both sides.
    Print,
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Chip => "chip",
            Self::Stripe => "stripe",
            Self::Print => "print",
        })
    }
}
