//! Judges what a scenario expects, on the journal.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use persotwin_contract::notification::ProductionStatus;
use persotwin_faults::{Law, Milestone};
use persotwin_kernel::Moment;
use persotwin_laws::{Blame, Breach, InDoubt};
use persotwin_link::kiosk::RequestState;
use persotwin_link::{CustomerName, Place};
use persotwin_scenario::Diagnostic;
use persotwin_scenario::Plan;
use persotwin_scenario::{
    Absence, CardEnd, Expectation, OfCustomer, Refused, Screen, Since, StationCount, Wanted,
};

use crate::fold::{CustomerStory, Fold};

/// The expectations that were not met, each as it is shown at its line.
pub(crate) fn unmet(plan: &Plan, fold: &Fold) -> Vec<Diagnostic> {
    let judge = |expectation: &Expectation| {
        let found = found_instead(plan, fold, &expectation.wanted)?;
        Some(expectation.failed(&plan.source, &found))
    };
    let unmet = plan.expectations.iter().filter_map(judge);
    unmet.chain(never(plan, fold)).collect()
}

/// What was declared and never happened.
fn never(plan: &Plan, fold: &Fold) -> Vec<Diagnostic> {
    let show = |span: &Range<usize>, title: String, label: &str| {
        let diagnostic = Diagnostic::new(Arc::clone(&plan.source), span.clone(), title, label);
        diagnostic.help("if that is meant, write `may-miss: true` beside it")
    };
    let faults = plan
        .faults
        .iter()
        .filter(|planned| planned.absence == Absence::Fails && !fold.happened(&planned.id))
        .map(|planned| {
            let title = format!("the fault `{}` never struck", planned.id);
            show(&planned.span, title, "nothing was struck by this")
        });
    let actions = plan
        .actions
        .iter()
        .filter(|planned| planned.absence == Absence::Fails && !fold.happened(&planned.id))
        .map(|planned| {
            let title = format!("the action `{}` was never done", planned.id);
            show(
                &planned.span,
                title,
                "nobody did this, or it was impossible",
            )
        });
    faults.chain(actions).collect()
}

/// The laws that a scenario expects to be broken.
fn broken_laws(plan: &Plan) -> impl Iterator<Item = (&Expectation, Law)> {
    let law = |expectation: &Expectation| match expectation.wanted {
        Wanted::LawBroken(law) => Some(law),
        _ => None,
    };
    let all = plan.expectations.iter();
    all.filter_map(move |expectation| Some((expectation, law(expectation)?)))
}

/// Whether a scenario expects this breach, or allows it: what may break, a fault may break, and no machine.
pub(crate) fn expects(plan: &Plan, breach: &Breach) -> bool {
    let mut all = plan.expectations.iter();
    all.any(|expectation| match &expectation.wanted {
        Wanted::LawBroken(law) => law.word() == breach.law,
        Wanted::LawMayBreak(law) => law.word() == breach.law && breach.by == Blame::AFault,
        _ => false,
    })
}

/// The breaches that a scenario expects, and the others.
pub(crate) fn as_expected(plan: &Plan, breaches: Vec<Breach>) -> (Vec<Breach>, Vec<Breach>) {
    breaches
        .into_iter()
        .partition(|breach| expects(plan, breach))
}

/// The laws that held although they should not.
pub(crate) fn unbroken(plan: &Plan, broken: &[Breach]) -> Vec<Diagnostic> {
    let held =
        broken_laws(plan).filter(|(_, law)| broken.iter().all(|breach| breach.law != law.word()));
    held.map(|(expectation, _)| expectation.failed(&plan.source, "that it holds"))
        .collect()
}

/// The machines that were repaired and still have work, after all the time that they may take.
pub(crate) fn restless(plan: &Plan, fold: &Fold) -> Option<Diagnostic> {
    let mut work = fold.work().peekable();
    work.peek()?;
    let first_line = plan.source.text().lines().next().map_or(0, str::len);
    let title = "the machines never come to rest";
    let label = "an hour after everything was repaired somebody still has work";
    let diagnostic = Diagnostic::new(Arc::clone(&plan.source), 0..first_line, title, label);
    let note =
        |diagnostic: Diagnostic, (what, operation)| diagnostic.note(format!("{operation}: {what}"));
    Some(work.fold(diagnostic, note))
}

/// Whether a scenario allows doubts.
pub(crate) fn in_doubt(plan: &Plan) -> InDoubt {
    let expected = plan.expectations.iter().any(|expectation| {
        matches!(&expectation.wanted, Wanted::InDoubt(names) if !names.is_empty())
            || expectation.wanted == Wanted::AnyDoubt
    });
    if expected {
        InDoubt::Allowed
    } else {
        InDoubt::Broken
    }
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
                StationCount::BlanksLeft => story.loaded + story.put_back - story.picked,
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
        Wanted::DeadLetters(wanted) => differs(*wanted, fold.dead_letters),
        Wanted::InDoubt(wanted) => {
            let found = fold.in_doubt();
            let names: Vec<String> = found.iter().map(ToString::to_string).collect();
            (found != *wanted).then(|| format!("[{}]", names.join(", ")))
        }
        Wanted::Calls(link, wanted) => differs(*wanted, fold.calls(link, None)),
        // Judged when all is quiet, with the laws.
        Wanted::LawBroken(_) | Wanted::LawMayBreak(_) | Wanted::AnyDoubt => None,
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
        OfCustomer::IssuerKnows(wanted) => {
            (!same_statuses(&story.issuer_knows, wanted)).then(|| {
                let known: Vec<String> =
                    story.issuer_knows.iter().map(ToString::to_string).collect();
                format!("[{}]", known.join(", "))
            })
        }
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
        OfCustomer::Code(wanted) => (story.code.as_deref() != Some(wanted.as_str()))
            .then(|| story.code.clone().unwrap_or_else(|| "no code".to_owned())),
        OfCustomer::Calls(link, wanted) => differs(*wanted, fold.calls(link, Some(name))),
        OfCustomer::Happens(wanted) => happens(story, wanted),
        OfCustomer::Screen(wanted) => {
            let shown = story.screen.map(screen);
            (shown != Some(*wanted))
                .then(|| shown.map_or_else(|| "no screen".to_owned(), |s| s.to_string()))
        }
    }
}

/// Whether these are the expected statuses; one that no document lists is as good as another.
fn same_statuses(found: &[ProductionStatus], wanted: &[ProductionStatus]) -> bool {
    let same = |(found, wanted): (&ProductionStatus, &ProductionStatus)| match (found, wanted) {
        (ProductionStatus::Unknown(_), ProductionStatus::Unknown(_)) => true,
        _ => found == wanted,
    };
    found.len() == wanted.len() && found.iter().zip(wanted).all(same)
}

/// The first moment that is missing, or out of its order.
fn happens(story: &CustomerStory, wanted: &[Milestone]) -> Option<String> {
    let mut moments = story.moments.iter();
    let missing = wanted
        .iter()
        .find(|wanted| !moments.any(|found| found == *wanted))?;
    let somewhere = story.moments.contains(missing);
    Some(if somewhere {
        format!("that `{missing}` comes earlier")
    } else {
        format!("no `{missing}`")
    })
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
