//! Expectations can fail: each one of the library, made wrong, is found at its line.

use std::fs;

use persotwin_contract::notification::ProductionStatus;
use persotwin_contract::production::ProductionCode;
use persotwin_faults::Milestone;
use persotwin_link::Span;
use persotwin_scenario::{CardEnd, Expectation, OfCustomer, Plan, Refused, Screen, Wanted};
use persotwin_tests::{library, plan_of, read, told};
use persotwin_world::WireKind;

/// Nobody of any story.
const STRANGER: &str = "nobody-of-this-story";

/// The same expectation with another value than the one that came true.
fn negated(wanted: &Wanted) -> Wanted {
    match wanted {
        Wanted::Station(station, count, wanted) => {
            Wanted::Station(station.clone(), *count, wanted + 1)
        }
        Wanted::Notifications(count) => Wanted::Notifications(count + 1),
        Wanted::OrdersAccepted(count) => Wanted::OrdersAccepted(count + 1),
        Wanted::OrdersRefused(count) => Wanted::OrdersRefused(count + 1),
        Wanted::DoneNotInHand(count) => Wanted::DoneNotInHand(count + 1),
        Wanted::DeadLetters(count) => Wanted::DeadLetters(count + 1),
        Wanted::InDoubt(_) => Wanted::InDoubt([STRANGER.parse().expect("a name")].into()),
        Wanted::Calls(link, count) => Wanted::Calls(link.clone(), count + 1),
        // It allows and demands nothing.
        Wanted::AnyDoubt => Wanted::AnyDoubt,
        Wanted::LawMayBreak(law) => Wanted::LawMayBreak(*law),
        // A law that holds instead is another story: see the scenarios without their behaviours.
        Wanted::LawBroken(law) => Wanted::LawBroken(*law),
        Wanted::Customer(name, wanted) => Wanted::Customer(name.clone(), of_customer(wanted)),
    }
}

fn of_customer(wanted: &OfCustomer) -> OfCustomer {
    match wanted {
        OfCustomer::IssuerKnows(statuses) => {
            let other = match statuses.split_last() {
                Some((_, fewer)) => fewer.to_vec(),
                None => vec![ProductionStatus::CardProdRequested],
            };
            OfCustomer::IssuerKnows(other)
        }
        OfCustomer::Refused(Refused::Status(status)) => {
            OfCustomer::Refused(Refused::Status(status + 1))
        }
        OfCustomer::Refused(Refused::Code(..)) => OfCustomer::Refused(Refused::Status(499)),
        OfCustomer::Within(_, since) => OfCustomer::Within(Span::from_millis(10), *since),
        OfCustomer::Card(CardEnd::Taken) => OfCustomer::Card(CardEnd::Captured),
        OfCustomer::Card(_) => OfCustomer::Card(CardEnd::Taken),
        OfCustomer::Cards(count) => OfCustomer::Cards(count + 1),
        OfCustomer::Code(ProductionCode::UnknownError) => {
            OfCustomer::Code(ProductionCode::PrdTimeout)
        }
        OfCustomer::Code(_) => OfCustomer::Code(ProductionCode::UnknownError),
        OfCustomer::Calls(link, count) => OfCustomer::Calls(link.clone(), count + 1),
        OfCustomer::Happens(moments) => {
            let never = [Milestone::Requested, Milestone::Requested];
            OfCustomer::Happens(moments.iter().copied().chain(never).collect())
        }
        OfCustomer::Screen(Screen::Sorry) => OfCustomer::Screen(Screen::TakeYourCard),
        OfCustomer::Screen(_) => OfCustomer::Screen(Screen::Sorry),
    }
}

/// All expectations of a plan, each made wrong at once: every single one must be found, at its own place.
fn all_negated(plan: &Plan) -> Plan {
    let negate = |expectation: &Expectation| Expectation {
        span: expectation.span.clone(),
        wanted: negated(&expectation.wanted),
    };
    Plan {
        expectations: plan.expectations.iter().map(negate).collect(),
        ..plan.clone()
    }
}

#[test]
fn every_expectation_of_the_library_can_fail_at_its_line() {
    for path in library() {
        let plan = all_negated(&plan_of(&path));
        let told = told(&plan, WireKind::InProcess);
        let found: Vec<_> = told.unmet.iter().map(|unmet| unmet.span.clone()).collect();
        let wanted: Vec<_> = plan
            .expectations
            .iter()
            .filter(|expectation| {
                !matches!(
                    expectation.wanted,
                    Wanted::LawBroken(_) | Wanted::LawMayBreak(_) | Wanted::AnyDoubt
                )
            })
            .map(|expectation| expectation.span.clone())
            .collect();
        assert_eq!(found, wanted, "{}", path.display());
        assert!(told.breaches.is_empty());
    }
}

#[test]
fn a_scenario_without_expectations_is_still_held_to_the_laws() {
    let text = "persotwin: 1\nname: x\ncustomers: { alice: {} }\n";
    let told = told(&read("x.yaml", text), WireKind::InProcess);
    assert!(told.is_ok());
    assert!(fs::metadata("x.yaml").is_err(), "nothing is written");
}
