//! FIDELITY.md says what to trust; this holds it against the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use persotwin_contract::mark::Mark;
use persotwin_contract::rules::D1Rules;

struct Row {
    behaviour: String,
    mark: Mark,
    test: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("FIDELITY.md"))
        .expect("FIDELITY.md is readable");
    text.lines()
        .filter(|line| line.starts_with('|') && !line.starts_with("|---"))
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(str::trim)
                .collect::<Vec<_>>()
        })
        .filter(|cells| cells[0] != "behaviour")
        .map(|cells| {
            let [behaviour, mark, name] = cells[..] else {
                panic!("not three cells: {cells:?}")
            };
            Row {
                behaviour: behaviour.to_owned(),
                mark: mark.parse().unwrap_or_else(|_| panic!("no mark: {mark}")),
                test: name.trim_matches('`').to_owned(),
            }
        })
        .collect()
}

fn sources(folder: &Path, text: &mut String) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("a folder is readable").path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            text.push_str(&fs::read_to_string(&path).expect("a source is readable"));
        }
    }
}

/// The sources of a crate, or of the end-to-end package `tests`.
fn sources_of(name: &str) -> String {
    let mut text = String::new();
    if name == "tests" {
        sources(&root().join("tests"), &mut text);
    } else {
        for folder in ["src", "tests"] {
            sources(&root().join("crates").join(name).join(folder), &mut text);
        }
    }
    text
}

#[test]
fn every_named_test_exists() {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut missing = Vec::new();
    for row in rows() {
        let (package, _) = row.test.split_once("::").expect("crate::path::test");
        let (_, name) = row.test.rsplit_once("::").expect("crate::path::test");
        let text = known
            .entry(package.to_owned())
            .or_insert_with(|| sources_of(package));
        if !text.contains(&format!("fn {name}(")) {
            missing.push(row.test);
        }
    }
    assert!(
        missing.is_empty(),
        "FIDELITY.md names tests that do not exist: {missing:#?}"
    );
}

#[test]
fn every_switch_stands_there_with_its_mark() {
    let rows = rows();
    for line in D1Rules::default().list() {
        let needle = format!("switch `{}`", line.name);
        let row = rows.iter().find(|row| row.behaviour.contains(&needle));
        let row = row.unwrap_or_else(|| panic!("FIDELITY.md has no row for {needle}"));
        assert_eq!(row.mark, line.mark, "{needle}");
    }
}

#[test]
fn rows_are_told_once() {
    let mut seen = BTreeSet::new();
    for row in rows() {
        assert!(
            seen.insert(row.behaviour.clone()),
            "twice: {}",
            row.behaviour
        );
    }
    assert!(seen.len() > 50);
}
