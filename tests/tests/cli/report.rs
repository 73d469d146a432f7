//! Files that `run` writes.

use std::fs;

use persotwin_tests::command::{Folder, run};
use serde_json::Value;

use crate::{GOOD, WRONG};

#[test]
fn a_report_has_exactly_the_files_that_it_is_said_to_have() {
    let folder = Folder::new("report");
    let told = run(&[
        "run",
        "scenarios",
        "--filter",
        "happy-path.yaml",
        "--report",
        &folder.at("out"),
    ]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let place = "out/journeys/happy-path";
    let files = [
        format!("{place}/cards/alice.back.png"),
        format!("{place}/cards/alice.back.svg"),
        format!("{place}/cards/alice.card.json"),
        format!("{place}/cards/alice.front.png"),
        format!("{place}/cards/alice.front.svg"),
        format!("{place}/journal.jsonl"),
        format!("{place}/wire.har"),
    ];
    assert_eq!(folder.files(), files);
    for line in fs::read_to_string(folder.at(&files[5])).unwrap().lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        for key in ["seq", "at", "machine", "event"] {
            assert!(record.get(key).is_some(), "{key} in {line}");
        }
    }
    let har: Value =
        serde_json::from_str(&fs::read_to_string(folder.at(&files[6])).unwrap()).unwrap();
    assert!(har["log"]["entries"].as_array().unwrap().len() > 10);
    let card: Value =
        serde_json::from_str(&fs::read_to_string(folder.at(&files[2])).unwrap()).unwrap();
    assert_eq!(card["version"], 1);
}

#[test]
fn a_report_of_one_file_is_in_a_folder_of_its_name_and_no_card_makes_no_folder() {
    let folder = Folder::new("report-one");
    let told = run(&[
        "run",
        "scenarios/2-order/unknown-station.yaml",
        "--report",
        &folder.at("out"),
    ]);
    assert_eq!(told.code, Some(0));
    assert_eq!(
        folder.files(),
        [
            "out/unknown-station/journal.jsonl",
            "out/unknown-station/wire.har"
        ]
    );
}

#[test]
fn two_scenarios_of_one_name_would_report_to_one_place() {
    let folder = Folder::new("report-same");
    let (a, b) = (
        folder.write("a/same.yaml", WRONG),
        folder.write("b/same.yaml", WRONG),
    );
    let told = run(&["run", &a, &b, "--report", &folder.at("out")]);
    assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""));
    assert!(
        told.stderr.contains(&a) && told.stderr.contains(&b),
        "{}",
        told.stderr
    );
    assert_eq!(
        run(&["run", &a, &b]).code,
        Some(1),
        "without a report they do not meet"
    );
}

#[test]
fn what_cannot_be_written_ends_with_3_and_says_what_to_do() {
    let folder = Folder::new("unwritable");
    let file = folder.write("file", "not a folder");
    for flag in ["--report", "--junit"] {
        let told = run(&["run", GOOD, flag, &format!("{file}/out")]);
        assert_eq!(
            (told.code, told.stdout.as_str()),
            (Some(3), ""),
            "{flag}: nothing was run"
        );
        assert!(
            told.stderr.contains(&format!("another place with {flag}")),
            "{}",
            told.stderr
        );
        assert!(
            told.stderr
                .starts_with(&format!("error: cannot write `{file}/out`: ")),
            "{}",
            told.stderr
        );
    }
}

#[test]
fn junit_reads_what_was_run() {
    let folder = Folder::new("junit");
    let wrong = folder.write("wrong <&> \"quoted\".yaml", WRONG);
    let slow = folder.write(
        "slow.yaml",
        "persotwin: 1\nname: x\nhorizon: 10s\ncustomers: { alice: {} }\n",
    );
    let xml = folder.at("deep/junit.xml");
    let told = run(&["run", &wrong, &slow, GOOD, "--junit", &xml, "--seed", "5"]);
    assert_eq!(told.code, Some(3), "the twin's own failure counts most");
    let report =
        quick_junit::Report::deserialize_from_str(&fs::read_to_string(&xml).unwrap()).unwrap();
    assert_eq!((report.tests, report.failures, report.errors), (3, 1, 1));
    let suite = &report.test_suites[0];
    let names: Vec<&str> = suite
        .test_cases
        .iter()
        .map(|case| case.name.as_str())
        .collect();
    assert_eq!(names, [wrong.as_str(), &slow, GOOD]);
    let properties = &suite.test_cases[0].properties;
    assert!(
        properties
            .iter()
            .any(|property| property.name.as_str() == "seed" && property.value.as_str() == "5")
    );
}
