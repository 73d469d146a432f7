//! How long the movements of the hardware take. All defaults are ours: data sheets give throughput, not movements.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::time::Span;

/// One table of every movement's time, of which a scenario may change each by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Timings {
    /// A blank from the hopper onto the path.
    pub feed: Span,
    /// The card to the chip contacts.
    pub move_to_chip: Span,
    /// The chip wakes up and answers to reset.
    pub chip_reset: Span,
    /// One command and its answer at the chip.
    pub apdu: Span,
    /// The stripe written and read back.
    pub stripe: Span,
    /// The front, all panels.
    pub print_front: Span,
    /// The card turned over.
    pub flip: Span,
    /// The back, all panels.
    pub print_back: Span,
    /// The final look at both sides.
    pub check: Span,
    /// The card to the exit.
    pub present: Span,
    /// The card to the reject bin.
    pub reject: Span,
    /// How long the bezel waits for somebody to take the card before it takes it back.
    pub bezel: Span,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            feed: Span::from_secs(2),
            move_to_chip: Span::from_millis(1500),
            chip_reset: Span::from_millis(500),
            apdu: Span::from_millis(25),
            stripe: Span::from_secs(3),
            print_front: Span::from_secs(16),
            flip: Span::from_secs(2),
            print_back: Span::from_secs(6),
            check: Span::from_millis(500),
            present: Span::from_secs(2),
            reject: Span::from_secs(2),
            bezel: Span::from_secs(30),
        }
    }
}
