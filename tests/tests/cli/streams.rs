//! What programs read, what people read, and what happens when nobody does.

use std::process::{Command, Stdio};

use persotwin_tests::command::{Folder, command, ended, run};
use persotwin_tests::{persotwin, root};
use serde_json::Value;

use crate::{GOOD, WRONG};

#[test]
fn json_lines_stand_alone_on_standard_output() {
    let folder = Folder::new("json");
    let wrong = folder.write("wrong.yaml", WRONG);
    let told = run(&["run", &wrong, GOOD, "--format", "json"]);
    assert_eq!(told.code, Some(1));
    let lines: Vec<Value> = told
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    for line in &lines {
        for key in [
            "version",
            "scenario",
            "verdict",
            "seed",
            "virtual_ms",
            "wall_ms",
            "broken",
        ] {
            assert!(line.get(key).is_some(), "{key} in {line}");
        }
    }
    assert_eq!(
        (&lines[0]["version"], &lines[0]["verdict"]),
        (&1.into(), &"failed".into())
    );
    assert_eq!(lines[0]["scenario"], wrong);
    assert_eq!(
        lines[0]["broken"],
        serde_json::json!(["customers.alice.card"])
    );
    assert_eq!(
        (&lines[1]["scenario"], &lines[1]["verdict"]),
        (&GOOD.into(), &"ok".into())
    );
    assert!(
        lines[1]["virtual_ms"].as_u64().unwrap() > 10_000,
        "{}",
        lines[1]
    );
    assert!(
        told.stderr.contains("2 scenarios: 1 ok, 1 failed"),
        "people read the other stream: {}",
        told.stderr
    );
}

#[test]
fn annotations_for_github_stand_alone_on_standard_output() {
    let folder = Folder::new("github");
    let wrong = folder.write("wrong.yaml", WRONG);
    let told = run(&["run", &wrong, GOOD, "--format", "github"]);
    assert_eq!(told.code, Some(1));
    let lines: Vec<&str> = told.stdout.lines().collect();
    assert_eq!(lines.len(), 1, "{}", told.stdout);
    assert!(
        lines[0].starts_with(&format!("::error file={wrong},line=5,col=31,title=")),
        "{}",
        lines[0]
    );
    assert!(told.stderr.contains("found taken"), "{}", told.stderr);
}

/// Runs a shell's line on a terminal; what the terminal shows.
fn on_a_terminal(line: &str) -> String {
    let mut script = Command::new("script");
    script
        .args(["-qefc", line, "/dev/null"])
        .current_dir(root())
        .stdin(Stdio::null())
        .env_remove("NO_COLOR");
    ended(&mut script).stdout
}

#[test]
fn colours_are_for_terminals_and_no_color_is_respected() {
    let persotwin = persotwin().display();
    let colourful = on_a_terminal(&format!("{persotwin} run {GOOD}"));
    assert!(colourful.contains("\u{1b}["), "{colourful}");
    for line in [
        format!("NO_COLOR=1 {persotwin} run {GOOD}"),
        format!("{persotwin} run {GOOD} | cat"),
        format!("NO_COLOR=1 {persotwin} run no/such/file"),
        format!("NO_COLOR=1 {persotwin} check Cargo.toml"),
    ] {
        let shown = on_a_terminal(&line);
        assert!(
            !shown.is_empty() && !shown.contains('\u{1b}'),
            "{line}: {shown}"
        );
    }
}

#[test]
fn a_reader_that_has_gone_away_is_no_error() {
    for args in [
        &["run", "scenarios/2-order"][..],
        &["schema"],
        &["completions", "bash"],
        &["--help"],
    ] {
        let mut child = command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8(ended.stderr).unwrap(), "", "{args:?}");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::File::create("/dev/full").unwrap();
    let output = command(&["schema"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("error: cannot write to standard output: "),
        "{said}"
    );
}

#[test]
fn the_log_tells_each_exchange_and_no_secret_when_it_is_asked_for() {
    assert_eq!(run(&["run", GOOD]).stderr, "", "off by default");
    let logged = |filter: &str| {
        ended(command(&["run", GOOD, "--format", "json"]).env("PERSOTWIN_LOG", filter))
    };
    let debug = logged("debug");
    assert_eq!(
        debug.stdout.lines().count(),
        1,
        "standard output stays as it is"
    );
    let order = debug
        .stderr
        .lines()
        .find(|line| line.contains("operations:production"))
        .unwrap();
    for part in [
        "DEBUG",
        ": answered ",
        "from=issuer",
        "to=d1.orders",
        "method=\"POST\"",
        "status=202",
        "at=0:00.",
    ] {
        assert!(order.contains(part), "{part}: {order}");
    }
    assert!(!debug.stderr.contains(": sent "), "that is for trace");
    let trace = logged("trace");
    let count = |text: &str, word: &str| text.lines().filter(|line| line.contains(word)).count();
    assert_eq!(
        count(&trace.stderr, ": sent "),
        count(&trace.stderr, ": answered "),
        "nothing was lost"
    );
    for secret in ["4111", "Bearer", "eyJ", "ALICE"] {
        assert!(!trace.stderr.contains(secret), "{secret}");
    }
    assert!(
        !logged("persotwin_kernel=trace").stderr.contains("answered"),
        "it is a filter"
    );
    let wrong = logged("a=b=c");
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(2), ""));
    assert!(
        wrong.stderr.contains("`PERSOTWIN_LOG=a=b=c` is no filter"),
        "{}",
        wrong.stderr
    );
}
