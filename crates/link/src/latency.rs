//! How long a message is under way. All figures are ours; without jitter only one interleaving would ever be tried.

use crate::names::Face;
use crate::time::Span;

/// How long a message travels on one kind of link, one way: the base, and up to the jitter more, drawn from the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    /// At least this long.
    pub base: Span,
    /// At most this much longer.
    pub jitter: Span,
}

impl Latency {
    /// No time at all: the real world has its own.
    pub const NONE: Self = Self {
        base: Span::ZERO,
        jitter: Span::ZERO,
    };

    const fn millis(base: u64, jitter: u64) -> Self {
        Self {
            base: Span::from_millis(base),
            jitter: Span::from_millis(jitter),
        }
    }
}

/// The latencies of a world by kind of link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latencies {
    /// Kiosk or app to the issuer.
    pub kiosk: Latency,
    /// Between issuer and D1, over the internet.
    pub internet: Latency,
    /// Between D1 and a branch.
    pub branch: Latency,
    /// Inside a station; a cable has no jitter.
    pub device: Latency,
}

impl Default for Latencies {
    fn default() -> Self {
        Self {
            kiosk: Latency::millis(8, 8),
            internet: Latency::millis(20, 15),
            branch: Latency::millis(25, 20),
            device: Latency::millis(1, 0),
        }
    }
}

impl Latencies {
    /// No time at all, on every link.
    pub const NONE: Self = Self {
        kiosk: Latency::NONE,
        internet: Latency::NONE,
        branch: Latency::NONE,
        device: Latency::NONE,
    };

    /// The latency of the link that leads to a face.
    pub fn of(&self, face: &Face) -> Latency {
        match face {
            Face::Kiosk | Face::Control => self.kiosk,
            Face::Token | Face::Orders | Face::Notifications | Face::IssuerToken | Face::Pins => {
                self.internet
            }
            Face::Stations | Face::Jobs(_) => self.branch,
            Face::Printer(_) | Face::Chip(_) => self.device,
        }
    }
}
