//! The catalogue in a running world: whatever strikes, wherever and whenever, the laws hold; and it strikes exactly there and then.

use persotwin_faults::{Entry, Law, Milestone, Place, catalogue};
use persotwin_kernel::Event;
use persotwin_kernel::event::Disturbance;
use persotwin_link::Door;
use persotwin_tests::{read, told};
use persotwin_world::{Told, WireKind};

fn story(lines: &str) -> Told {
    let text = format!("persotwin: 1\nname: One customer\ncustomers: {{ alice: {{}} }}\n{lines}\n");
    told(&read("one.yaml", &text), WireKind::InProcess)
}

fn struck(told: &Told) -> usize {
    let is_fault = |event: &Event| matches!(event, Event::Disturbance(Disturbance::Fault { .. }));
    told.records
        .iter()
        .filter(|record| is_fault(&record.event))
        .count()
}

#[test]
fn scenarios_name_the_laws_as_laws_name_themselves() {
    for (name, _) in persotwin_laws::catalogue() {
        assert!(Law::of(name).is_some(), "{name}");
    }
}

/// Every fault of messages, on every link, at its first message.
#[test]
fn whatever_befalls_a_message_the_laws_hold() {
    let of_messages = |entry: &&Entry| matches!(entry.place, Place::Wire | Place::Evolution);
    for entry in catalogue().filter(of_messages) {
        for door in Door::ALL {
            let lasts = if entry.name == "partition" {
                ", for: 20s"
            } else {
                ""
            };
            let fault = format!(
                "{{ fault: {}, link: {door}, may-miss: true{lasts} }}",
                entry.name
            );
            let told = story(&format!("faults: [{fault}]"));
            assert!(
                told.is_ok(),
                "{fault}: {:#?} {:#?}",
                told.breaches,
                told.unmet
            );
            let silent = matches!(door, Door::IssuerToken | Door::Pins);
            // Out of the built-in tenant's links, two are not used.
            assert_eq!(
                struck(&told) > 0,
                !silent || entry.name == "partition",
                "{fault}"
            );
        }
    }
}

/// The machine that writes a moment down crashes there, and gets no further.
#[test]
fn whoever_crashes_at_a_moment_gets_no_further() {
    for moment in Milestone::ALL {
        let machine = match moment.machine() {
            "kiosk" => continue,
            name => name,
        };
        let told = story(&format!(
            "faults: [{{ fault: crash, machine: {machine}, back-after: 4s, may-miss: true, when: {{ moment: {moment} }} }}]"
        ));
        assert!(
            told.is_ok(),
            "{moment}: {:#?} {:#?}",
            told.breaches,
            told.unmet
        );
        let crashed =
            |event: &Event| matches!(event, Event::Disturbance(Disturbance::Fault { .. }));
        let Some(at) = told
            .records
            .iter()
            .position(|record| crashed(&record.event))
        else {
            continue;
        };
        let back = |event: &Event| {
            matches!(
                event,
                Event::Disturbance(Disturbance::Start { life: 2, .. })
            )
        };
        let end = told
            .records
            .iter()
            .position(|record| back(&record.event))
            .expect("it starts again");
        let before = &told.records[at - 1];
        for record in &told.records[at..end] {
            // What follows from the same entry of the ledger was written with it; messages are the net's to write down.
            let own = record.machine.to_string().split('/').next() == Some(machine);
            let with_it = record.moment == before.moment;
            assert!(
                !own || with_it
                    || matches!(
                        record.event,
                        Event::Exchange(_) | Event::Card(_) | Event::Condition(_)
                    ),
                "{moment}: {record:?} after {before:?}"
            );
        }
    }
}

#[test]
fn what_never_strikes_fails_its_scenario_at_its_line() {
    let never = "{ fault: crash, machine: d1, when: { moment: dead-letter } }";
    let told = story(&format!(
        "faults:\n  - {never}\noperator:\n  - {{ does: reject-card, at: 1s }}"
    ));
    let found: Vec<(usize, &str)> = told
        .unmet
        .iter()
        .map(|unmet| (unmet.position().line, unmet.title.as_str()))
        .collect();
    let wanted = [
        (5, "the fault `crash` never struck"),
        (7, "the action `reject-card` was never done"),
    ];
    assert_eq!(found, wanted);
    assert!(
        story(&format!(
            "faults: [{}]",
            never.replace("when", "may-miss: true, when")
        ))
        .is_ok()
    );
}

#[test]
fn one_fault_waits_for_another() {
    let told = story(
        "faults:\n  - { fault: late, link: d1.token, id: slow, by: 1s }\n  - { fault: restart, machine: agent, when: { after: slow, wait: 2s } }",
    );
    assert!(told.is_ok(), "{:#?}", told.unmet);
    let moments: Vec<u64> = told
        .records
        .iter()
        .filter(|record| matches!(record.event, Event::Disturbance(Disturbance::Fault { .. })))
        .map(|record| record.moment.millis())
        .collect();
    assert_eq!(moments[1] - moments[0], 2000);
}

#[test]
fn chance_strikes_some_seeds_and_each_seed_always_alike() {
    let text = "persotwin: 1\nname: x\ncustomers: { alice: {} }\nfaults: [{ fault: twice, link: d1.orders, chance: 50%, may-miss: true }]\n";
    let plan = read("x.yaml", text);
    let hits = |seed| struck(&persotwin_tests::seeded(&plan, seed)) > 0;
    let first: Vec<bool> = (1..=12).map(hits).collect();
    assert_eq!(first, (1..=12).map(hits).collect::<Vec<_>>());
    assert!(first.contains(&true) && first.contains(&false));
}

#[test]
fn a_law_that_shall_break_and_holds_is_an_expectation_that_fails() {
    let told = story("expect: { laws: { one-card: broken } }");
    assert_eq!(
        told.unmet[0].title,
        "expectation failed: expect.laws.one-card"
    );
}
