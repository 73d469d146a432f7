//! Naive machines: in each of their stories exactly the law breaks that is named for their behaviour, and with the protection all hold.

use std::collections::BTreeSet;

use persotwin_faults::{Behaviour, Protections};
use persotwin_scenario::Plan;
use persotwin_tests::{library, plan_of, told};
use persotwin_world::WireKind;

/// The laws that a story breaks.
fn broken(plan: &Plan) -> BTreeSet<String> {
    // Without its expectations a story shows every breach.
    let plan = Plan {
        expectations: Vec::new(),
        ..plan.clone()
    };
    let told = told(&plan, WireKind::InProcess);
    told.breaches
        .iter()
        .map(|breach| breach.law.to_string())
        .collect()
}

#[test]
fn a_naive_machine_breaks_its_law_and_a_protected_one_keeps_all() {
    let mut told = BTreeSet::new();
    for path in library() {
        let mut plan = plan_of(&path);
        let named: BTreeSet<String> = plan
            .protections
            .behaviours()
            .map(|behaviour| behaviour.breaks().word().to_owned())
            .collect();
        if named.is_empty() {
            continue;
        }
        told.extend(plan.protections.behaviours());
        assert_eq!(broken(&plan), named, "{}", path.display());
        plan.protections = Protections::default();
        let broken = broken(&plan);
        assert!(broken.is_empty(), "{}: {broken:?}", path.display());
    }
    let all: BTreeSet<Behaviour> = Behaviour::ALL.iter().copied().collect();
    assert_eq!(told, all, "a behaviour without a story");
}
