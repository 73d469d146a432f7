//! The time that a message takes, drawn by key.

use std::fmt::Display;
use std::time::Duration;

use persotwin_kernel::Chance;
use persotwin_link::{Face, Latencies};
use rand::RngExt;

/// The times there and back of the `nth` message to a face about something.
pub(crate) fn draw(
    latencies: &Latencies,
    chance: &Chance,
    face: &Face,
    key: &str,
    nth: u64,
) -> (Duration, Duration) {
    let latency = latencies.of(face);
    let jitter = u64::try_from(latency.jitter.get().as_millis()).unwrap_or(u64::MAX);
    let one_way = |way: &dyn Display| {
        if jitter == 0 {
            return latency.base.get();
        }
        let more = chance
            .draw("latency", &[face, &key, &nth, way])
            .random_range(0..=jitter);
        latency.base.get() + Duration::from_millis(more)
    };
    (one_way(&"there"), one_way(&"back"))
}
