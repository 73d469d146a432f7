//! Judges what a scenario expects, on the journal.

use std::time::Duration;

use persotwin_kernel::Moment;
use persotwin_link::kiosk::RequestState;
use persotwin_link::{CustomerName, Place};
use persotwin_scenario::Diagnostic;
use persotwin_scenario::Plan;
use persotwin_scenario::{
    CardEnd, Expectation, OfCustomer, Refused, Screen, Since, StationCount, Wanted,
};

use crate::fold::{CustomerStory, Fold};

/// The expectations that were not met, each as it is shown at its line.
pub(crate) fn unmet(plan: &Plan, fold: &Fold) -> Vec<Diagnostic> {
    let judge = |expectation: &Expectation| {
        let found = found_instead(plan, fold, &expectation.wanted)?;
        Some(expectation.failed(&plan.source, &found))
    };
    plan.expectations.iter().filter_map(judge).collect()
}

/// What was found, if it is not what was wanted.
fn found_instead(plan: &Plan, fold: &Fold, wanted: &Wanted) -> Option<String> {
    match wanted {
        Wanted::Customer(name, wanted) => of_customer(plan, fold, name, wanted),
        Wanted::Station(station, count, wanted) => {
            let none = crate::fold::StationStory::default();
            let story = fold.stations.get(station).unwrap_or(&none);
            let found = match count {
                StationCount::Taken => story.taken,
                StationCount::Rejected => story.rejected,
                StationCount::Captured => story.captured,
                StationCount::Presented => story.presented,
                StationCount::BlanksLeft => story.loaded - story.picked,
            };
            differs(*wanted, found)
        }
        Wanted::Notifications(wanted) => differs(*wanted, fold.notifications),
        Wanted::OrdersAccepted(wanted) => differs(*wanted, fold.orders_accepted),
        Wanted::OrdersRefused(wanted) => differs(*wanted, fold.orders_refused),
        Wanted::DoneNotInHand(wanted) => differs(
            *wanted,
            u32::try_from(fold.done_not_in_hand()).unwrap_or(u32::MAX),
        ),
    }
}

fn differs(wanted: u32, found: u32) -> Option<String> {
    (wanted != found).then(|| found.to_string())
}

fn of_customer(
    plan: &Plan,
    fold: &Fold,
    name: &CustomerName,
    wanted: &OfCustomer,
) -> Option<String> {
    let none = CustomerStory::default();
    let story = fold.customers.get(name).unwrap_or(&none);
    match wanted {
        OfCustomer::IssuerKnows(wanted) => (story.issuer_knows != *wanted).then(|| {
            let known: Vec<String> = story.issuer_knows.iter().map(ToString::to_string).collect();
            format!("[{}]", known.join(", "))
        }),
        OfCustomer::Refused(wanted) => refused(story, wanted),
        OfCustomer::Within(limit, since) => within(plan, story, name, limit.get(), *since),
        OfCustomer::Card(wanted) => {
            let found = card_end(fold, name);
            (found != *wanted).then(|| found.to_string())
        }
        OfCustomer::Cards(wanted) => differs(
            *wanted,
            u32::try_from(fold.cards_in_hand(name)).unwrap_or(u32::MAX),
        ),
        OfCustomer::Screen(wanted) => {
            let shown = story.screen.map(screen);
            (shown != Some(*wanted))
                .then(|| shown.map_or_else(|| "no screen".to_owned(), |s| s.to_string()))
        }
    }
}

fn refused(story: &CustomerStory, wanted: &Refused) -> Option<String> {
    let Some(found) = &story.refused else {
        return Some("no refusal".to_owned());
    };
    let met = match wanted {
        Refused::Status(status) => found.status == *status,
        Refused::Code(code, field) => {
            found.code.as_deref() == Some(&code.to_string())
                && field
                    .as_ref()
                    .is_none_or(|field| found.error.as_ref() == Some(field))
        }
    };
    let show = || {
        let code = found.code.as_deref().unwrap_or("no errorCode");
        let error = found.error.as_deref().unwrap_or("no error");
        format!("{}: {code}, {error}", found.status)
    };
    (!met).then(show)
}

fn within(
    plan: &Plan,
    story: &CustomerStory,
    name: &CustomerName,
    limit: Duration,
    since: Since,
) -> Option<String> {
    let arrival = || {
        let customer = plan
            .customers
            .iter()
            .find(|customer| customer.name == *name)?;
        Some(Moment::START + customer.arrives.get())
    };
    let start = match since {
        Since::Arrival => arrival(),
        Since::Order => story.ordered,
    };
    match (start, story.over) {
        (Some(start), Some(over)) => {
            let took = over.since(start);
            (took > limit).then(|| persotwin_link::Span::from(took).to_string())
        }
        (None, _) => Some("that it never began".to_owned()),
        (_, None) => Some("that it never ended".to_owned()),
    }
}

fn card_end(fold: &Fold, customer: &CustomerName) -> CardEnd {
    if fold.cards_in_hand(customer) > 0 {
        return CardEnd::Taken;
    }
    match fold.finished_cards(customer).last() {
        Some(Place::RejectBin) => CardEnd::Captured,
        Some(Place::Exit) => CardEnd::InTray,
        _ => CardEnd::None,
    }
}

fn screen(state: RequestState) -> Screen {
    match state {
        RequestState::Waiting => Screen::Waiting,
        RequestState::Printing => Screen::Printing,
        RequestState::TakeYourCard => Screen::TakeYourCard,
        RequestState::Sorry => Screen::Sorry,
    }
}
