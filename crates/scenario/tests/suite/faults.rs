//! `faults:`, `operator:`, `behaviour:` and what is expected of them.

use persotwin_faults::place::machine::MachineFault;
use persotwin_faults::place::wire::WireFault;
use persotwin_faults::value::{Back, Percent};
use persotwin_faults::{Behaviour, Fault, Law, Milestone, When};
use persotwin_link::{Machine, Span, Stage};
use persotwin_scenario::{Absence, OfCustomer, Plan, PlannedFault, Style, Wanted, render};

use crate::common::{mistakes, plan};

fn story(lines: &str) -> Plan {
    plan(&format!(
        "persotwin: 1\nname: x\ncustomers: {{ alice: {{}}, bob: {{}} }}\n{lines}\n"
    ))
}

fn fault(written: &str) -> PlannedFault {
    story(&format!("faults: [{written}]")).faults.remove(0)
}

#[test]
fn a_fault_of_messages_strikes_the_first_one() {
    let planned = fault("{ fault: late, link: d1.orders poll, customer: alice, by: 3s }");
    assert_eq!(planned.id.to_string(), "late");
    assert_eq!(planned.when, Some(When::OwnCall(1)));
    assert_eq!((planned.times, planned.lasts), (Some(1), None));
    assert_eq!(
        (planned.chance, planned.absence),
        (Percent::ALL, Absence::Fails)
    );
    let Fault::Wire(traffic, WireFault::Late { by }) = planned.fault else {
        panic!("another fault")
    };
    assert_eq!(
        (traffic.link.to_string().as_str(), by),
        ("d1.orders poll", Span::from_secs(3))
    );
    assert_eq!(
        traffic.customer.map(|name| name.to_string()).as_deref(),
        Some("alice")
    );
}

#[test]
fn a_fault_of_a_machine_waits_for_its_instant() {
    let planned = fault(
        "{ fault: crash, machine: agent, back-after: never, when: { moment: printed, customer: bob, nth: 2, wait: 1s } }",
    );
    let crash = MachineFault::Crash {
        back_after: Back::Never,
    };
    assert_eq!(
        planned.fault,
        Fault::Machine(Machine::Agent("KIOSK-PS-101".parse().unwrap()), crash)
    );
    let Some(When::Moment {
        moment, nth, wait, ..
    }) = planned.when
    else {
        panic!("another instant")
    };
    assert_eq!(
        (moment, nth, wait),
        (Milestone::Printed, 2, Span::from_secs(1))
    );
    let planned = fault(
        "{ fault: power-cut, machine: station, when: { stage: print-front, progress: 50% } }",
    );
    let Some(When::Stage {
        stage, progress, ..
    }) = planned.when
    else {
        panic!("another instant")
    };
    assert_eq!((stage, progress.get()), (Stage::PrintFront, 50));
}

#[test]
fn actions_wait_for_faults_and_faults_for_actions() {
    let plan = story(
        "faults:\n  - { fault: twice, link: d1.orders, id: one, may-miss: true }\n  - { fault: twice, link: d1.orders, when: { after: fill } }\n\
         operator:\n  - { does: refill, id: fill, blanks: 3, after: one, wait: 90s }\n  - { does: empty-bin, at: 5m }",
    );
    assert_eq!(plan.faults[1].id.to_string(), "twice");
    assert_eq!(plan.faults[0].absence, Absence::Allowed);
    let wait = |nth: usize| match &plan.actions[nth].when {
        When::After { id, wait } => format!("{id} {wait}"),
        When::At(at) => at.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!((wait(0).as_str(), wait(1).as_str()), ("one 1m 30s", "5m"));
    let quiet = plan.without_faults();
    assert!(quiet.faults.is_empty());
    assert_eq!(
        quiet.actions.len(),
        1,
        "whoever waits for a fault does nothing"
    );
}

#[test]
fn behaviours_and_expectations_have_their_types() {
    let plan = story(
        "behaviour: [naive-never-polls, naive-no-outbox]\nexpect:\n  laws: { one-card: broken }\n  in-doubt: [bob]\n  dead-letters: 1\n  calls: { d1.orders order: 2 }\n\
         \x20 customers:\n    alice: { happens: [ordering, taken], code: PRD_FEEDER_EMPTY, calls: { d1.orders: 3 } }",
    );
    assert!(
        plan.protections.lack(Behaviour::NeverPolls) && !plan.protections.lack(Behaviour::NoLedger)
    );
    let wanted: Vec<String> = plan
        .expectations
        .iter()
        .map(|one| one.wanted.to_string())
        .collect();
    let paths = [
        "expect.laws.one-card",
        "expect.in-doubt",
        "expect.dead-letters",
        "expect.calls.d1.orders order",
        "expect.customers.alice.happens",
        "expect.customers.alice.code",
        "expect.customers.alice.calls.d1.orders",
    ];
    assert_eq!(wanted, paths);
    assert_eq!(plan.expectations[0].wanted, Wanted::LawBroken(Law::OneCard));
    let Wanted::Customer(_, OfCustomer::Happens(moments)) = &plan.expectations[4].wanted else {
        panic!("another expectation")
    };
    assert_eq!(moments, &[Milestone::Ordering, Milestone::Taken]);
}

/// Eleven mistakes, each with its line and what was probably meant.
#[test]
fn every_mistake_is_shown_at_its_line() {
    let text = "persotwin: 1\nname: x\ncustomers: { alice: {} }\nbehaviour: naive-never-pols\nfaults:\n\
        \x20 - { fault: answer-lots, link: d1.orders }\n\
        \x20 - { fault: late, link: d1.order, by: 3s }\n\
        \x20 - { fault: late, link: d1.orders, by: 3 }\n\
        \x20 - { fault: crash, machine: agnet/KIOSK-PS-101, when: { at: 1s } }\n\
        \x20 - { fault: crash, machine: d1, when: { moment: order-acepted } }\n\
        \x20 - { fault: crash, machine: d1, by: 3s, when: { at: 1s } }\n\
        \x20 - { fault: crash, machine: d1 }\n\
        \x20 - { fault: twice, link: d1.orders, customer: alise }\n\
        \x20 - { fault: twice, link: d1.orders, when: { after: nobody } }\n\
        \x20 - { fault: twice, link: d1.orders, chance: 120% }\n\
        operator:\n\
        \x20 - { does: refil, at: 1m }\n";
    let found: Vec<(usize, String)> = mistakes(text)
        .iter()
        .map(|one| (one.position().line, one.help.clone().unwrap_or_default()))
        .collect();
    let wanted = [
        (4, "did you mean `naive-never-polls`?"),
        (6, "did you mean `answer-lost`?"),
        (7, "did you mean `d1.orders`?"),
        (8, "did you mean `3s`?"),
        (9, "did you mean `agent/KIOSK-PS-101`?"),
        (10, "did you mean `order-accepted`?"),
        (11, ""),
        (12, "write `when: { at: 30s }`, or name a moment or a stage"),
        (13, "did you mean `alice`?"),
        (14, ""),
        (15, ""),
        (17, "did you mean `refill`?"),
    ];
    let wanted: Vec<(usize, String)> = wanted
        .iter()
        .map(|(line, help)| (*line, (*help).to_owned()))
        .collect();
    assert_eq!(found, wanted, "{}", render(&mistakes(text), Style::Plain));
}

#[test]
fn what_excludes_each_other_is_said_so() {
    for (written, title) in [
        (
            "{ fault: twice, link: d1.orders, when: { at: 1s, call: 2 } }",
            "`at:` and `call:` are two instants",
        ),
        (
            "{ fault: twice, link: d1.orders, when: {} }",
            "this is no instant",
        ),
        (
            "{ fault: crash, machine: d1, when: { call: 2 } }",
            "on which link?",
        ),
        (
            "{ fault: crash, machine: d1, for: 3s, when: { at: 1s } }",
            "`crash` has no `for:`",
        ),
        ("{ fault: twice }", "this needs `link:`"),
        (
            "{ fault: twice, link: d1.orders, id: a }, { fault: late, link: d1.orders, id: a }",
            "`a` is the id of two",
        ),
        ("{ link: d1.orders }", "a fault needs `fault:`"),
        (
            "{ fault: redirect, link: agent.jobs/KIOSK-PS-1O1 }",
            "there is no station `KIOSK-PS-1O1`",
        ),
    ] {
        let text =
            format!("persotwin: 1\nname: x\ncustomers: {{ alice: {{}} }}\nfaults: [{written}]\n");
        let found = mistakes(&text);
        assert_eq!(
            found.len(),
            1,
            "{written}: {}",
            render(&found, Style::Plain)
        );
        assert_eq!(found[0].title, title);
    }
}

#[test]
fn blanks_of_a_stock_that_nobody_described_are_a_mistake() {
    let write = |stock: &str| {
        format!(
            "persotwin: 1\nname: x\ncustomers: {{ alice: {{}} }}\n\
             faults: [{{ fault: other-blanks, stock: {stock}, when: {{ at: 1s }} }}]\n"
        )
    };
    let found = mistakes(&write("secure-dual-12"));
    let [mistake] = found.as_slice() else {
        panic!("one mistake: {found:?}")
    };
    assert_eq!(mistake.title, "there is no stock `secure-dual-12`");
    assert_eq!(mistake.underlined(), "secure-dual-12");
    assert_eq!(plan(&write("secure-dual-128")).faults.len(), 1);
}
