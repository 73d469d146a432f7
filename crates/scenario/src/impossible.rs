//! Expectations that no run can meet are mistakes of the file, not findings of a run.

use std::collections::BTreeMap;
use std::ops::Range;

use persotwin_contract::ids::PersoStation;
use persotwin_link::setup::{Kind, Present, Station};
use persotwin_link::{CustomerName, Span};

use crate::expectation::{CardEnd, Expectation, OfCustomer, Screen, Since, StationCount, Wanted};
use crate::plan::{Customer, Ordering, Taking};
use crate::reader::Reader;

/// What the expectations are held against.
pub(crate) struct World<'a> {
    pub(crate) customers: &'a [Customer],
    pub(crate) stations: &'a BTreeMap<PersoStation, Station>,
    pub(crate) horizon: Span,
}

/// Reports every expectation that cannot come true.
pub(crate) fn check(reader: &mut Reader, expectations: &[Expectation], world: &World<'_>) {
    for customer in world.customers {
        let of_this = expectations
            .iter()
            .filter_map(|expectation| match &expectation.wanted {
                Wanted::Customer(name, wanted) if *name == customer.name => {
                    Some((&expectation.span, wanted))
                }
                _ => None,
            });
        let all: Vec<_> = of_this.collect();
        for (span, wanted) in &all {
            if let Some((title, label)) = impossible_alone(customer, wanted, world) {
                impossible(reader, span, title, label);
            }
        }
        contradictions(reader, &customer.name, &all);
    }
    for station in world.stations.values() {
        check_station(reader, station, expectations);
    }
    for expectation in expectations {
        if let Wanted::DoneNotInHand(count) = expectation.wanted
            && count as usize > world.customers.len()
        {
            let label = format!("customers in this file: {}", world.customers.len());
            impossible(
                reader,
                &expectation.span,
                "not so many cards can be done".to_owned(),
                label,
            );
        }
    }
}

fn impossible(reader: &mut Reader, span: &Range<usize>, title: String, label: String) {
    let mistake = reader
        .mistake(span, title, label)
        .note("this can never come true");
    reader.report(mistake);
}

/// Why one expectation contradicts what the customer does, or where.
fn impossible_alone(
    customer: &Customer,
    wanted: &OfCustomer,
    world: &World<'_>,
) -> Option<(String, String)> {
    let name = &customer.name;
    let kind = world
        .stations
        .get(&customer.station)
        .map(|station| station.kind);
    match wanted {
        OfCustomer::Card(CardEnd::Taken) | OfCustomer::Cards(1..) if takes_none(customer) => {
            Some((
                format!("`{name}` takes no card"),
                "contradicts `takes:`".to_owned(),
            ))
        }
        OfCustomer::Cards(2..) => Some((
            format!("`{name}` asks for one card"),
            "expected 0 or 1".to_owned(),
        )),
        OfCustomer::Card(CardEnd::InTray) if kind == Some(Kind::Kiosk) => Some((
            format!("`{}` has no tray", customer.station),
            "a kiosk has a bezel, which takes the card back".to_owned(),
        )),
        OfCustomer::Within(limit, _) if *limit > world.horizon => Some((
            "the story is over before that".to_owned(),
            format!("`horizon:` is {}", world.horizon),
        )),
        OfCustomer::Within(limit, Since::Arrival) => too_soon(customer, *limit, world),
        _ => None,
    }
}

fn takes_none(customer: &Customer) -> bool {
    matches!(customer.takes, Taking::Never | Taking::WalksAway(_))
}

/// A customer who fetches the card later is not done before that.
fn too_soon(customer: &Customer, limit: Span, world: &World<'_>) -> Option<(String, String)> {
    let Ordering::InApp { fetches_at } = customer.orders else {
        return None;
    };
    let waits_for_customer = world.stations.get(&customer.station)?.present == Present::ByStaff;
    let waits = fetches_at.get().saturating_sub(customer.arrives.get());
    (waits_for_customer && limit.get() < waits).then(|| {
        (
            format!("`{}` comes later than that", customer.name),
            format!("`fetches-at:` is {} after the arrival", Span::from(waits)),
        )
    })
}

/// Expectations of one customer that exclude each other.
fn contradictions(reader: &mut Reader, name: &CustomerName, all: &[(&Range<usize>, &OfCustomer)]) {
    let refused = all
        .iter()
        .any(|(_, wanted)| matches!(wanted, OfCustomer::Refused(_)));
    let card = all.iter().find_map(|(_, wanted)| match wanted {
        OfCustomer::Card(end) => Some(*end),
        _ => None,
    });
    for (span, wanted) in all {
        let of_refused = match wanted {
            OfCustomer::Card(CardEnd::Taken | CardEnd::Captured | CardEnd::InTray)
            | OfCustomer::Cards(1..) => Some("there is no card"),
            OfCustomer::IssuerKnows(statuses) if !statuses.is_empty() => {
                Some("D1 notifies nothing")
            }
            OfCustomer::Screen(Screen::Printing | Screen::TakeYourCard) => {
                Some("the screen says sorry")
            }
            _ => None,
        };
        if let (true, Some(label)) = (refused, of_refused) {
            impossible(
                reader,
                span,
                format!("the order of `{name}` is expected to be refused"),
                label.to_owned(),
            );
        }
        let of_card = match (wanted, card) {
            (OfCustomer::Cards(0), Some(CardEnd::Taken)) => {
                Some("`card: taken` is one card in the hand")
            }
            (OfCustomer::Cards(1..), Some(CardEnd::Captured | CardEnd::InTray | CardEnd::None)) => {
                Some("then there is none in the hand")
            }
            _ => None,
        };
        if let (false, Some(label)) = (refused, of_card) {
            impossible(
                reader,
                span,
                format!("`card:` and `cards:` of `{name}` contradict each other"),
                label.to_owned(),
            );
        }
    }
}

/// A station cannot count more cards than blanks were loaded.
fn check_station(reader: &mut Reader, station: &Station, expectations: &[Expectation]) {
    let loaded: u64 = station
        .hoppers
        .iter()
        .map(|load| u64::from(load.blanks))
        .sum();
    let mut counts: BTreeMap<&'static str, (u64, &Range<usize>)> = BTreeMap::new();
    for expectation in expectations {
        if let Wanted::Station(id, what, count) = &expectation.wanted
            && *id == station.id
        {
            counts.insert(what.key(), (u64::from(*count), &expectation.span));
        }
    }
    for (count, span) in counts.values() {
        if *count > loaded {
            impossible(
                reader,
                span,
                format!("`{}` has fewer blanks", station.id),
                format!("{loaded} are loaded"),
            );
            return;
        }
    }
    let of = |what: StationCount| counts.get(what.key()).copied();
    let parts = [
        StationCount::Taken,
        StationCount::Rejected,
        StationCount::BlanksLeft,
    ]
    .map(of);
    let sum: u64 = parts.iter().flatten().map(|(count, _)| *count).sum();
    if let (true, Some((_, span))) = (sum > loaded, parts.iter().flatten().last()) {
        let label = format!("together {sum} cards and blanks, but {loaded} blanks are loaded");
        impossible(
            reader,
            span,
            format!("the cards of `{}` do not add up", station.id),
            label,
        );
    }
    for (part, whole) in [
        (StationCount::Captured, StationCount::Rejected),
        (StationCount::Taken, StationCount::Presented),
    ] {
        if let (Some((few, span)), Some((many, _))) = (of(part), of(whole))
            && few > many
        {
            impossible(
                reader,
                span,
                format!("more cards are `{part}` than `{whole}`"),
                format!("`{whole}:` is {many}"),
            );
        }
    }
}
