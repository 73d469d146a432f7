//! How long a message is under way. All figures are ours; without jitter only one interleaving would ever be tried.

use std::time::Duration;

use persotwin_kernel::Chance;
use persotwin_link::Face;
use rand::RngExt;

/// One way of a link: at least `base`, at most `base + jitter`, whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    /// The shortest.
    pub base: Duration,
    /// How much longer it may take.
    pub jitter: Duration,
}

impl Latency {
    /// No time at all: the real world has its own.
    pub const NONE: Self = Self {
        base: Duration::ZERO,
        jitter: Duration::ZERO,
    };

    const fn millis(base: u64, jitter: u64) -> Self {
        Self {
            base: Duration::from_millis(base),
            jitter: Duration::from_millis(jitter),
        }
    }

    fn draw(self, chance: &Chance, purpose: &str, key: &[&dyn std::fmt::Display]) -> Duration {
        let jitter = u64::try_from(self.jitter.as_millis()).unwrap_or(u64::MAX);
        if jitter == 0 {
            return self.base;
        }
        self.base + Duration::from_millis(chance.draw(purpose, key).random_range(0..=jitter))
    }
}

/// The latencies of a world by kind of link.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// No latency on any link.
    pub fn none() -> Self {
        let none = Latency::NONE;
        Self {
            kiosk: none,
            internet: none,
            branch: none,
            device: none,
        }
    }

    fn of(&self, face: &Face) -> Latency {
        match face {
            Face::Kiosk | Face::Control => self.kiosk,
            Face::Token | Face::Orders | Face::Notifications | Face::IssuerToken => self.internet,
            Face::Stations | Face::Jobs(_) => self.branch,
            Face::Printer(_) | Face::Chip(_) => self.device,
        }
    }

    /// The times there and back of the `nth` message on a path about an order.
    pub(crate) fn draw(
        &self,
        chance: &Chance,
        face: &Face,
        key: &str,
        nth: u64,
    ) -> (Duration, Duration) {
        let latency = self.of(face);
        let draw = |way: &str| latency.draw(chance, "latency", &[face, &key, &nth, &way]);
        (draw("there"), draw("back"))
    }
}
