//! `faults`, `naive`, and `run --without-faults`.

use std::collections::BTreeSet;

use persotwin_tests::command::{Folder, run};
use persotwin_tests::root;
use serde_json::Value;

fn lines(args: &[&str]) -> Vec<Value> {
    let told = run(args);
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""), "{args:?}");
    let lines = told.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect()
}

#[test]
fn faults_are_listed_with_what_the_issuer_sees_and_who_shows_them() {
    let faults = lines(&["faults", "--format", "json"]);
    let names: BTreeSet<&str> = faults
        .iter()
        .map(|fault| fault["fault"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), faults.len());
    for fault in &faults {
        assert_eq!(fault["version"], 1);
        assert!(
            (1..=6).contains(&fault["step"].as_u64().unwrap()),
            "{fault}"
        );
        assert!(
            fault["place"].is_string() && fault["seen_by_issuer"].as_str().unwrap().ends_with('.')
        );
        for path in fault["scenarios"].as_array().unwrap() {
            let text = std::fs::read_to_string(root().join(path.as_str().unwrap())).unwrap();
            assert!(text.contains(&format!("fault: {}", fault["fault"].as_str().unwrap())));
        }
    }
    let lost = faults
        .iter()
        .find(|fault| fault["fault"] == "answer-lost")
        .unwrap();
    let paths: Vec<&str> = lost["scenarios"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(
        paths.contains(&"scenarios/2-order/answer-to-the-order-is-lost.yaml"),
        "{paths:?}"
    );
    let table = run(&["faults"]).stdout;
    assert!(names.iter().all(|name| table.contains(name)));
}

#[test]
fn a_folder_that_is_not_there_shows_nothing() {
    let faults = lines(&[
        "faults",
        "--format",
        "json",
        "--scenarios",
        "no-such-folder",
    ]);
    assert!(
        faults
            .iter()
            .all(|fault| fault["scenarios"] == serde_json::json!([]))
    );
}

#[test]
fn protections_are_listed_with_the_law_that_breaks() {
    let naive = lines(&["naive", "--format", "json"]);
    assert!(naive.len() >= 12);
    for behaviour in &naive {
        assert!(
            behaviour["behaviour"]
                .as_str()
                .unwrap()
                .starts_with("naive-")
        );
        assert!(persotwin_faults::Law::of(behaviour["breaks"].as_str().unwrap()).is_some());
    }
    assert!(run(&["naive"]).stdout.contains("naive-never-polls"));
}

#[test]
fn without_its_fault_a_scenario_about_it_fails() {
    let path = "scenarios/2-order/d1-is-overloaded.yaml";
    let with = run(&["run", path, "--wire", "in-process"]);
    assert_eq!(with.code, Some(0), "{}", with.stdout);
    let without = run(&["run", path, "--wire", "in-process", "--without-faults"]);
    assert_eq!(without.code, Some(1), "{}", without.stdout);
    assert!(
        without
            .stdout
            .contains("expect.customers.alice.calls.d1.orders order")
    );
}

#[test]
fn a_fault_that_never_strikes_is_shown_at_its_line() {
    let folder = Folder::new("never");
    let path = folder.write(
        "never.yaml",
        "persotwin: 1\nname: x\ncustomers: { alice: {} }\nfaults:\n  - { fault: twice, link: issuer.token }\n",
    );
    let told = run(&["run", &path, "--wire", "in-process"]);
    assert_eq!(told.code, Some(1));
    for said in [
        "the fault `twice` never struck",
        "never.yaml:5:14",
        "may-miss: true",
    ] {
        assert!(told.stdout.contains(said), "{said}: {}", told.stdout);
    }
}
