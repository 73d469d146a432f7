//! Stories of one customer in which somebody strikes messages and crashes machines.

use std::time::Duration;

use persotwin_contract::ids::PersoStation;
use persotwin_kernel::event::{Belief, Event, News, Physical};
use persotwin_link::kiosk::RequestState;
use persotwin_link::{Machine, Place};
use persotwin_world::{Direction, Hands, Options, Told, WireKind, run_directed};

use crate::read;

const ONE: &str = "persotwin: 1\nname: One customer\ncustomers: { alice: {} }\n";

/// How a customer's story ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With one card in the hand.
    Card,
    /// Without one, and the screen said so.
    Sorry,
}

/// The news in an event, if it is one.
pub fn news(event: &Event) -> Option<&News> {
    match event {
        Event::Order(Belief { news, .. }) => Some(news),
        _ => None,
    }
}

/// How many such events a journal has.
pub fn count(told: &Told, wanted: impl Fn(&Event) -> bool) -> usize {
    told.records
        .iter()
        .filter(|record| wanted(&record.event))
        .count()
}

/// How many cards came into hands.
pub fn taken(told: &Told) -> usize {
    count(told, |event| match event {
        Event::Card(truth) => matches!(
            truth.what,
            Physical::Moved {
                to: Place::Hand(_),
                ..
            }
        ),
        _ => false,
    })
}

/// How many orders D1 accepted.
pub fn accepted(told: &Told) -> usize {
    count(told, |event| {
        matches!(news(event), Some(News::OrderAccepted { .. }))
    })
}

/// The end of the only customer's story, which must be one of two.
pub fn end(told: &Told, what: &str) -> End {
    assert!(
        told.is_ok(),
        "{what}, seed {}: {:#?}",
        told.seed,
        told.breaches
    );
    assert_eq!(
        told.direction,
        Direction::Followed,
        "{what}, seed {}: it never happened",
        told.seed
    );
    assert!(
        accepted(told) <= 1,
        "{what}, seed {}: {} operations",
        told.seed,
        accepted(told)
    );
    let mut screens = told
        .records
        .iter()
        .filter_map(|record| match news(&record.event) {
            Some(News::Screen { state }) => Some(*state),
            _ => None,
        });
    match (taken(told), screens.next_back()) {
        (1, _) => End::Card,
        (0, Some(RequestState::Sorry)) => End::Sorry,
        (cards, screen) => panic!(
            "{what}, seed {}: {cards} cards, and the screen says {screen:?}",
            told.seed
        ),
    }
}

/// Tells the story of one customer while somebody does something to it.
pub fn directed(seed: u64, direct: impl AsyncFnOnce(Hands)) -> Told {
    let options = Options {
        wire: WireKind::InProcess,
        seed: Some(seed),
    };
    run_directed(&read("one.yaml", ONE), &options, direct).unwrap()
}

/// The one kiosk.
pub fn station() -> PersoStation {
    "KIOSK-PS-101".parse().unwrap()
}

/// Its agent.
pub fn agent() -> Machine {
    Machine::Agent(station())
}

/// A machine crashes as soon as something is seen, and is back three seconds later.
pub async fn crash_at(hands: &Hands, machine: &Machine, is_it: impl Fn(&Event) -> bool) {
    hands.seen(is_it).await;
    hands.crash(machine).await.unwrap();
    hands.clock().sleep(Duration::from_secs(3)).await;
    hands.start(machine).await.unwrap();
}

/// Whether an event is such news.
pub fn is_news(wanted: impl Fn(&News) -> bool) -> impl Fn(&Event) -> bool {
    move |event| news(event).is_some_and(&wanted)
}
