//! How several outcomes become one exit code.

use clap::Parser;
use persotwin_scenario::{CardEnd, Expectation, OfCustomer, Source, Wanted};

use super::*;
use crate::args::{Cli, Command};

fn arguments() -> args::Run {
    let cli = Cli::parse_from(["persotwin", "run", "x.yaml", "--twice", "--format", "json"]);
    let Command::Run(args) = cli.command else {
        unreachable!("that is `run`")
    };
    args
}

fn task(expected: &str) -> Task {
    let text = format!(
        "persotwin: 1\nname: x\ncustomers: {{ alice: {{}} }}\nexpect: {{ customers: {{ alice: {{ card: {expected} }} }} }}\n"
    );
    let none = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    let plan = persotwin_scenario::parse("x.yaml", &text, &none).unwrap();
    Task {
        path: "x.yaml".into(),
        name: "x".into(),
        plan,
    }
}

const OPTIONS: Options = Options {
    wire: WireKind::InProcess,
    seed: None,
};

fn outcome(task: &Task, second: Second) -> Outcome {
    Outcome {
        index: 0,
        told: persotwin_world::run(&task.plan, &OPTIONS).map_err(|error| error.to_string()),
        second: Some(second),
        wall: Duration::ZERO,
    }
}

fn differs() -> Second {
    Second::Differs("the journals differ from line 3".to_owned())
}

#[test]
fn two_runs_that_differ_end_with_4_and_count_as_failed() {
    let (args, tasks) = (arguments(), [task("taken")]);
    let outcome = outcome(&tasks[0], differs());
    let summary = summarise(&tasks[0], &outcome, OPTIONS);
    assert_eq!(summary.verdict.word(), "failed");
    assert_eq!(summary.verdict.broken()[0].what, "twice");
    let mut desk = Desk::new(&args, &tasks, OPTIONS);
    desk.worsen(&outcome, &summary.verdict);
    assert!(desk.repeat(&summary).ends_with(" --twice\n"));
    assert_eq!(
        desk.close(Duration::ZERO, Course::Ended).unwrap(),
        Exit::Differs
    );
}

#[test]
fn the_worst_outcome_decides() {
    let (args, good, wrong) = (arguments(), [task("taken")], task("captured"));
    let failed = Outcome {
        index: 0,
        told: Err("no socket left".to_owned()),
        second: None,
        wall: Duration::ZERO,
    };
    let mut desk = Desk::new(&args, &good, OPTIONS);
    for (task, outcome, exit) in [
        (&good[0], outcome(&good[0], Second::Same), Exit::Ok),
        (&wrong, outcome(&wrong, Second::Same), Exit::Broken),
        (&good[0], outcome(&good[0], differs()), Exit::Differs),
        (&wrong, outcome(&wrong, Second::Same), Exit::Differs),
        (&good[0], failed, Exit::Twin),
        (&good[0], outcome(&good[0], differs()), Exit::Twin),
    ] {
        let summary = summarise(task, &outcome, OPTIONS);
        desk.worsen(&outcome, &summary.verdict);
        assert_eq!(desk.exit, exit);
    }
}

#[test]
fn a_failed_expectation_says_what_was_expected_and_what_was_found() {
    let source = Arc::new(Source::new("a.yaml", "card: captured\n"));
    let wanted = Wanted::Customer(
        "alice".parse().unwrap(),
        OfCustomer::Card(CardEnd::Captured),
    );
    let broken = unmet(
        &Expectation {
            span: 6..14,
            wanted,
        }
        .failed(&source, "taken"),
    );
    assert_eq!(broken.what, "customers.alice.card");
    assert_eq!(broken.how, "expected captured, found taken");
    assert_eq!(broken.spot.unwrap().to_string(), "a.yaml:1:7");
}
