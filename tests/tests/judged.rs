//! The library judges itself: every fault has a story that is about it, no story is told twice, every way of going wrong happens at every
//! step, and every production code is seen.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use persotwin_contract::production::ProductionCode;
use persotwin_faults::catalogue;
use persotwin_kernel::event::News;
use persotwin_kernel::{Event, Record};
use persotwin_report::Coverage;
use persotwin_scenario::{Plan, PlannedFault};
use persotwin_tests::{complaints, each, library, plan_of, told};
use persotwin_world::WireKind;

/// A story of the library, and what is looked at of its journal.
struct Story {
    path: PathBuf,
    plan: Plan,
    /// The types of its events, in their order.
    types: Vec<String>,
    codes: BTreeSet<ProductionCode>,
    coverage: Coverage,
}

impl Story {
    fn read(path: &Path) -> Self {
        let plan = plan_of(path);
        let told = told(&plan, WireKind::InProcess);
        let mut coverage = Coverage::default();
        coverage.count(&told.records);
        Self {
            path: path.to_owned(),
            plan,
            types: told.records.iter().map(|record| type_of(record)).collect(),
            codes: told
                .records
                .iter()
                .filter_map(|record| code(record))
                .collect(),
            coverage,
        }
    }
}

/// Whether a story is as it says.
fn is_good(plan: &Plan) -> bool {
    complaints(&told(plan, WireKind::InProcess)).is_empty()
}

/// The whole library, run once.
fn stories() -> &'static [Story] {
    static STORIES: OnceLock<Vec<Story>> = OnceLock::new();
    STORIES.get_or_init(|| each(&library(), |path| Story::read(path)))
}

/// Who says it, what kind of fact it is, and its own word for it; neither when, nor about whom, nor with which values.
fn type_of(record: &Record) -> String {
    let value = serde_json::to_value(record).unwrap();
    let word = ["phase", "news", "kind", "what", "condition"]
        .iter()
        .find_map(|key| value[*key].as_str())
        .unwrap_or_default();
    let machine = record.machine.to_string();
    let machine = machine.split('/').next().unwrap_or_default();
    format!("{machine} {} {word}", value["event"].as_str().unwrap())
}

/// The code with which D1 ends an order.
fn code(record: &Record) -> Option<ProductionCode> {
    match &record.event {
        Event::Order(belief) => match &belief.news {
            News::StatusIs { code, .. } => *code,
            _ => None,
        },
        _ => None,
    }
}

#[test]
fn every_fault_has_a_story_that_ends_otherwise_without_it() {
    /// Nobody shall notice these, and their stories show that nobody does: each has trouble beside it that somebody notices.
    const UNNOTICED: [&str; 7] = [
        "new-member",
        "new-status-code",
        "new-header",
        "reworded-error",
        "same-card-number",
        "counters-slip",
        "beside-another",
    ];
    let entries: Vec<_> = catalogue().collect();
    assert!(entries.len() >= 120, "only {} faults", entries.len());
    each(&entries, |entry| {
        let names_it = |story: &&Story| story.plan.fault_names().contains(entry.name);
        let about: Vec<&Story> = stories().iter().filter(names_it).collect();
        assert!(!about.is_empty(), "no story has {}", entry.name);
        let needs_it = |story: &&Story| {
            let is_it = |planned: &PlannedFault| planned.fault.name() == entry.name;
            !is_good(&story.plan.without(is_it))
        };
        let needed = about.iter().any(needs_it);
        let unnoticed = UNNOTICED.contains(&entry.name);
        assert_ne!(needed, unnoticed, "{}: needed: {needed}", entry.name);
    });
}

/// A story that is about what goes wrong expects what does not happen when nothing goes wrong.
#[test]
fn every_story_with_trouble_fails_without_it() {
    /// What D1 and issuer bear without anybody noticing; that nobody notices is what these stories tell.
    const BORNE: [&str; 3] = [
        "2-order/issuers-clock-is-a-little-slow.yaml",
        "2-order/effective-tomorrow.yaml",
        "1-request/taps-twice.yaml",
    ];
    each(stories(), |story| {
        let without = story.plan.without_faults();
        let had_trouble = !story.plan.faults.is_empty()
            || without.customers != story.plan.customers
            || without.clocks != story.plan.clocks
            || without.staff != story.plan.staff;
        let borne = BORNE.iter().any(|path| story.path.ends_with(path));
        let as_it_says = had_trouble && is_good(&without);
        assert_eq!(as_it_says, borne, "{}", story.path.display());
    });
}

#[test]
fn no_two_stories_have_the_same_sequence_of_event_types() {
    assert!(stories().len() >= 130, "only {} stories", stories().len());
    let mut told: BTreeMap<&[String], Vec<String>> = BTreeMap::new();
    for story in stories() {
        let path = story.path.display().to_string();
        told.entry(&story.types).or_default().push(path);
    }
    let copies: Vec<_> = told.values().filter(|paths| paths.len() > 1).collect();
    assert!(copies.is_empty(), "{copies:#?}");
}

#[test]
fn every_step_goes_wrong_in_every_way() {
    let missing: Vec<_> = Coverage::cells()
        .filter(|cell| {
            stories()
                .iter()
                .all(|story| story.coverage.scenarios(*cell) == 0)
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_production_code_is_seen_or_out_of_scope() {
    let fidelity = include_str!("../../crates/contract/FIDELITY.md");
    let (_, out_of_scope) = fidelity
        .split_once("## Production codes that no scenario shows")
        .expect("the section is there");
    // What stands before the colon of a row.
    let listed = |code: ProductionCode| {
        let rows = out_of_scope.lines().filter_map(|row| row.split_once(": "));
        rows.into_iter()
            .any(|(codes, _)| codes.contains(&format!("`{code}`")))
    };
    for code in ProductionCode::ALL {
        let seen = stories().iter().any(|story| story.codes.contains(code));
        assert_ne!(seen, listed(*code), "{code}: seen: {seen}");
    }
}
