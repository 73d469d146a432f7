//! What of a story is left when a real backend stands in the issuer's place.
//!
//! The backend orders, so its orders play the story's customers, one after the other; and what the twin's own issuer would have done,
//! nobody does.

use std::collections::BTreeMap;

use persotwin_faults::action::ToOrder;
use persotwin_faults::place::calendar::CalendarFault;
use persotwin_faults::place::customer::CustomerFault;
use persotwin_faults::protection::Role;
use persotwin_faults::{Action, Fault, FaultId, Milestone, When};
use persotwin_link::{CustomerName, Door, Machine};
use persotwin_scenario::Plan;

const BACKEND: &str = "it is your backend that orders, as it likes";
const MACHINE: &str = "the issuer is your backend: stop and start it yourself";
const TAPS: &str = "nobody taps at a kiosk of the twin's issuer";
const NAIVE: &str = "your backend is as careful as it is";
const NEWS: &str = "it waits for what only the twin's issuer tells";

/// The story's customers in the order in which they come: so they are played.
pub fn roles(plan: &Plan) -> Vec<CustomerName> {
    let mut customers: Vec<_> = plan.customers.iter().collect();
    customers.sort_by_key(|customer| customer.arrives);
    customers
        .into_iter()
        .map(|customer| customer.name.clone())
        .collect()
}

/// What cannot happen in the rehearsal of a story, and why: the names in the file with a reason each.
pub fn out_of_reach(plan: &Plan) -> Vec<(String, &'static str)> {
    let naive = plan.protections.behaviours();
    let naive = naive.filter(|behaviour| behaviour.role() == Role::Issuer);
    let naive = naive.map(|behaviour| (behaviour.word().to_owned(), NAIVE));
    let declared = undone(plan).into_iter();
    declared
        .map(|(id, why)| (id.to_string(), why))
        .chain(naive)
        .collect()
}

/// The faults and actions among that.
fn undone(plan: &Plan) -> Vec<(FaultId, &'static str)> {
    let mut reasons: BTreeMap<&FaultId, &'static str> = BTreeMap::new();
    // Whoever waits for what cannot happen waits in vain, and so on.
    loop {
        let before = reasons.len();
        for planned in &plan.faults {
            let when = planned.when.as_ref();
            let why = of_fault(&planned.fault).or_else(|| of_instant(when?, &reasons));
            if let Some(why) = why {
                reasons.entry(&planned.id).or_insert(why);
            }
        }
        for planned in &plan.actions {
            let why = of_action(&planned.action).or_else(|| of_instant(&planned.when, &reasons));
            if let Some(why) = why {
                reasons.entry(&planned.id).or_insert(why);
            }
        }
        if reasons.len() == before {
            break;
        }
    }
    let reasons = reasons.into_iter();
    reasons.map(|(id, why)| (id.clone(), why)).collect()
}

/// Leaves out what cannot happen: nothing of it may seem to have struck.
pub(super) fn leave_out(plan: &mut Plan) {
    let out = undone(plan);
    let stays = |id: &FaultId| !out.iter().any(|(other, _)| other == id);
    plan.faults.retain(|planned| stays(&planned.id));
    plan.actions.retain(|planned| stays(&planned.id));
}

fn of_fault(fault: &Fault) -> Option<&'static str> {
    match fault {
        Fault::Issuer(..) => Some(BACKEND),
        Fault::Machine(Machine::Issuer, _)
        | Fault::Calendar(
            Machine::Issuer,
            CalendarFault::Wrong { .. } | CalendarFault::Jumps { .. },
        ) => Some(MACHINE),
        Fault::Customer(_, CustomerFault::TapsTwice | CustomerFault::TapsElsewhere) => Some(TAPS),
        Fault::Wire(traffic, _) | Fault::Evolution(traffic, _)
            if traffic.link.door == Door::Kiosk =>
        {
            Some(TAPS)
        }
        _ => None,
    }
}

const fn of_action(action: &Action) -> Option<&'static str> {
    match action {
        Action::Order(_, ToOrder::Reissue) => Some(BACKEND),
        Action::Machine(Machine::Issuer, _) => Some(MACHINE),
        _ => None,
    }
}

fn of_instant(when: &When, reasons: &BTreeMap<&FaultId, &'static str>) -> Option<&'static str> {
    match when {
        When::Moment { moment, .. } => is_the_issuers(*moment).then_some(NEWS),
        When::Call { link, .. } => (link.door == Door::Kiosk).then_some(TAPS),
        When::After { id, .. } => reasons
            .contains_key(id)
            .then_some("it waits for something that cannot happen either"),
        When::At(_) | When::OwnCall(_) | When::Stage { .. } => None,
    }
}

/// Whether only the twin's own issuer, or a screen that asks it, tells of a moment.
const fn is_the_issuers(moment: Milestone) -> bool {
    matches!(
        moment,
        Milestone::Requested
            | Milestone::Ordering
            | Milestone::Accepted
            | Milestone::Heard
            | Milestone::HeardAgain
            | Milestone::HeardOutcome
            | Milestone::ActedOn
            | Milestone::GaveUp
            | Milestone::Sorry
            | Milestone::TakeYourCard
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(faults: &str) -> Plan {
        let text = format!(
            "persotwin: 1\nname: x\ncustomers: {{ bob: {{ arrives: 1m }}, alice: {{}} }}\n{faults}"
        );
        let none = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
        persotwin_scenario::parse("x.yaml", &text, &none).unwrap()
    }

    #[test]
    fn roles_are_played_in_the_order_in_which_they_come() {
        let names: Vec<String> = roles(&plan("")).iter().map(ToString::to_string).collect();
        assert_eq!(names, ["alice", "bob"]);
    }

    #[test]
    fn what_the_issuer_or_its_kiosk_does_is_out_of_reach_and_the_rest_is_not() {
        let told = out_of_reach(&plan(
            "faults:\n\
             - { fault: late, link: issuer.kiosk, id: tap }\n\
             - { fault: crash, machine: issuer, when: { at: 5s } }\n\
             - { fault: card-jams, when: { moment: heard }, id: news }\n\
             - { fault: ribbon-tears, when: { stage: print-front, customer: bob }, id: torn }\n\
             - { fault: twice, link: issuer.notifications, customer: alice }\n\
             - { fault: answer-lost, link: d1.orders order }\n\
             operator:\n\
             - { does: clear-jam, after: news }\n\
             - { does: replace-ribbon, after: torn }\n\
             behaviour: [naive-never-polls, naive-no-ledger]\n",
        ));
        let told: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
        let naive = "naive-never-polls";
        assert_eq!(told, ["clear-jam", "crash", "news", "tap", naive]);
    }
}
