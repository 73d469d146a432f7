//! The library of scenarios: each tells its story, always the same one, on both wires.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

use std::collections::BTreeMap;

use persotwin_link::CustomerName;
use persotwin_tests::{complaints, each, library, lines, plan_of, root, seeded, told};
use persotwin_world::{Told, WireKind};

#[test]
fn one_seed_gives_one_journal() {
    each(&library(), |path| {
        let plan = plan_of(path);
        let (first, second) = (
            told(&plan, WireKind::InProcess),
            told(&plan, WireKind::InProcess),
        );
        assert!(
            lines(&first) == lines(&second),
            "{}: two runs of one seed differ",
            path.display()
        );
    });
}

#[test]
fn twenty_other_seeds_end_as_well() {
    each(&library(), |path| {
        let plan = plan_of(path);
        for seed in 2..=21 {
            let complaints = complaints(&seeded(&plan, seed));
            assert!(
                complaints.is_empty(),
                "{} with seed {seed}: {complaints:#?}",
                path.display()
            );
        }
    });
}

/// What happened to each customer, with virtual times; without what tells exchanges of different customers apart.
fn stories(told: &Told) -> BTreeMap<CustomerName, Vec<String>> {
    let mut stories: BTreeMap<CustomerName, Vec<String>> = BTreeMap::new();
    for record in &told.records {
        let Some(customer) = &record.customer else {
            continue;
        };
        let mut value = serde_json::to_value(&**record).unwrap();
        let members = value.as_object_mut().unwrap();
        members.remove("seq");
        members.remove("exchange");
        stories
            .entry(customer.clone())
            .or_default()
            .push(value.to_string());
    }
    stories.values_mut().for_each(|story| story.sort());
    stories
}

#[test]
fn every_scenario_is_as_it_says_and_tells_one_story_on_both_wires() {
    each(&library(), |path| {
        let plan = plan_of(path);
        let both = [WireKind::Loopback, WireKind::InProcess].map(|wire| {
            let told = told(&plan, wire);
            let complaints = complaints(&told);
            let wire = wire.word();
            assert!(
                complaints.is_empty(),
                "{} over {wire}: {complaints:#?}",
                path.display()
            );
            stories(&told)
        });
        let [loopback, memory] = both;
        assert!(loopback.keys().eq(memory.keys()), "{}", path.display());
        for (customer, story) in &loopback {
            let differing = story.iter().zip(&memory[customer]).find(|(a, b)| a != b);
            assert!(
                differing.is_none() && story.len() == memory[customer].len(),
                "{}, {customer}: {differing:#?}",
                path.display()
            );
        }
    });
}

#[test]
fn every_scenario_names_its_schema_and_tells_its_story() {
    let schema = root()
        .join("scenarios/scenario.schema.json")
        .canonicalize()
        .unwrap();
    for path in library() {
        let text = std::fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap_or_default();
        let named = first
            .strip_prefix("# yaml-language-server: $schema=")
            .unwrap_or_else(|| panic!("{}", path.display()));
        assert_eq!(
            path.parent().unwrap().join(named).canonicalize().unwrap(),
            schema,
            "{}",
            path.display()
        );
    }
}

#[test]
fn the_shipped_schema_is_the_one_that_the_reader_has() {
    let shipped = std::fs::read_to_string(root().join("scenarios/scenario.schema.json")).unwrap();
    let ours = serde_json::to_string_pretty(&persotwin_scenario::schema()).unwrap() + "\n";
    assert!(
        shipped == ours,
        "write it anew: persotwin schema > scenarios/scenario.schema.json"
    );
}

#[test]
fn the_smallest_happy_path_has_five_lines() {
    let text = std::fs::read_to_string(root().join("scenarios/journeys/happy-path.yaml")).unwrap();
    assert_eq!(text.lines().count(), 5);
}
