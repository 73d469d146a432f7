//! `run`: stories, verdicts, seeds, and which of them are run.

use persotwin_tests::command::{Folder, Staying, command, ended, run};
use persotwin_tests::{library, root};

use crate::{GOOD, PUBLIC_KEYS, WRONG};

#[test]
fn one_scenario_is_told_as_a_story() {
    let told = run(&["run", GOOD]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let first = told.stdout.lines().next().unwrap();
    assert!(first.ends_with("seed 1, loopback"), "{first}");
    for step in [
        "\n1 ", "\n2 ", "\n3 ", "\n4 ", "\n5 ", "\n6a ", "\n6b ", "\n6c ",
    ] {
        assert!(told.stdout.contains(step), "step {step:?} is told");
    }
    assert!(told.stdout.contains("done, not in hand: 0"));
    assert_eq!(told.stdout.lines().last(), Some("ok"));
    assert_eq!(told.stderr, "");
}

#[test]
fn every_story_of_the_library_fits_into_80_columns() {
    for path in library() {
        let path = path
            .strip_prefix(root())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let told = run(&["run", &path, "--wire", "in-process"]);
        assert_eq!(told.code, Some(0), "{path}");
        let long = told.stdout.lines().find(|line| line.chars().count() > 80);
        assert_eq!(long, None, "{path}");
    }
}

#[test]
fn many_scenarios_have_a_line_each_and_a_sum() {
    let folder = Folder::new("many");
    folder.write(
        "a/good.yaml",
        &std::fs::read_to_string(root().join(GOOD)).unwrap(),
    );
    folder.write("b/wrong.yaml", WRONG);
    folder.write("b/not-one.txt", "no scenario");
    folder.write(".hidden/broken.yaml", "no scenario");
    folder.write(
        "tenant.yaml",
        &format!("persotwin-tenant: 1\n{PUBLIC_KEYS}"),
    );
    let told = run(&["run", folder.path().to_str().unwrap()]);
    assert_eq!(told.code, Some(1));
    assert!(
        told.stdout
            .starts_with("2 scenarios, seed: each its own, wire: loopback\n\nok "),
        "{}",
        told.stdout
    );
    assert!(
        told.stdout.contains("\n2 scenarios: 1 ok, 1 failed, in "),
        "{}",
        told.stdout
    );
    assert!(
        told.stdout.contains("wrong.yaml:5:31"),
        "the place of what failed: {}",
        told.stdout
    );
}

#[test]
fn a_broken_expectation_ends_with_1_and_the_command_that_repeats_it() {
    let folder = Folder::new("repeat");
    let path = folder.write("it's wrong.yaml", WRONG);
    let told = run(&["run", &path]);
    assert_eq!(told.code, Some(1));
    assert!(told.stdout.contains("found taken"), "{}", told.stdout);
    let again = told.stdout.lines().last().unwrap();
    let again = again
        .strip_prefix("persotwin ")
        .unwrap_or_else(|| panic!("{again}"));
    let mut shell = std::process::Command::new("bash");
    let line = format!("{} {again}", persotwin_tests::persotwin().display());
    let second = ended(shell.args(["-c", &line]).current_dir(root()));
    assert_eq!(second.code, Some(1), "{}", second.stderr);
    assert_eq!(second.stdout, told.stdout);
}

#[test]
fn a_random_seed_is_named_and_can_be_repeated() {
    let folder = Folder::new("random");
    let path = folder.write("wrong.yaml", WRONG);
    let told = run(&["run", &path, "--seed", "random", "--wire", "in-process"]);
    let (first, last) = (
        told.stdout.lines().next().unwrap(),
        told.stdout.lines().last().unwrap(),
    );
    let seed = last
        .split("--seed ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    assert!(
        first.ends_with(&format!("seed {seed}, in-process")),
        "{first}"
    );
    let second = run(&["run", &path, "--seed", seed, "--wire", "in-process"]);
    assert_eq!(second.stdout, told.stdout);
    let other = run(&["run", &path, "--seed", "random", "--wire", "in-process"]);
    assert_ne!(other.stdout, told.stdout, "another seed each time");
}

#[test]
fn jobs_change_nothing_but_the_time() {
    let story = |jobs: &str| {
        let told = run(&[
            "run",
            "scenarios/journeys",
            "scenarios/2-order",
            "--jobs",
            jobs,
        ]);
        assert_eq!(told.code, Some(0));
        let mut lines: Vec<String> = told.stdout.lines().map(str::to_owned).collect();
        let sum = lines.pop().unwrap();
        assert!(sum.contains(" ok, in "), "{sum}");
        lines
    };
    assert_eq!(story("1"), story("2"));
}

#[test]
fn fail_fast_stops_at_the_first_failure() {
    let folder = Folder::new("fail-fast");
    for name in ["a", "b", "c"] {
        folder.write(&format!("{name}.yaml"), WRONG);
    }
    let path = folder.path().to_str().unwrap().to_owned();
    let all = run(&["run", &path]);
    assert!(
        all.stdout.contains("3 scenarios: 0 ok, 3 failed"),
        "{}",
        all.stdout
    );
    let first = run(&["run", &path, "--fail-fast"]);
    assert_eq!(first.code, Some(1));
    assert!(
        first.stdout.contains("1 scenario: 0 ok, 1 failed"),
        "{}",
        first.stdout
    );
    assert!(!first.stdout.contains("b.yaml"));
}

#[test]
fn a_filter_looks_at_paths_and_names() {
    let by_path = run(&["run", "scenarios", "--filter", "several-kiosks"]);
    assert!(
        by_path
            .stdout
            .lines()
            .next()
            .unwrap()
            .ends_with("seed 1, loopback"),
        "one scenario: its story"
    );
    let by_name = run(&["run", "scenarios", "--filter", "blank is gone"]);
    assert!(
        by_name.stdout.contains("bob: no card"),
        "{}",
        by_name.stdout
    );
    let none = run(&["run", "scenarios", "--filter", "no such thing"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(2), ""));
    assert!(
        none.stderr
            .contains("no scenario has `no such thing` in its path or name"),
        "{}",
        none.stderr
    );
}

#[test]
fn a_file_that_is_named_twice_is_run_once() {
    let told = run(&[
        "run",
        GOOD,
        "scenarios/journeys/../journeys/happy-path.yaml",
    ]);
    assert_eq!(
        told.stdout.lines().last(),
        Some("ok"),
        "one scenario: its story"
    );
}

#[test]
fn twice_compares_two_runs() {
    for (wire, said) in [
        ("in-process", "the same journal"),
        ("loopback", "the same stories"),
    ] {
        let told = run(&["run", GOOD, "--twice", "--wire", wire]);
        assert_eq!(told.code, Some(0));
        assert!(
            told.stdout.lines().last().unwrap().contains(said),
            "{}",
            told.stdout
        );
    }
}

#[test]
fn wrong_input_ends_with_2_and_runs_nothing() {
    let folder = Folder::new("wrong-input");
    let empty = folder.at("empty");
    std::fs::create_dir(&empty).unwrap();
    let mistaken = folder.write(
        "mistaken.yaml",
        "persotwin: 1\nname: x\ncustomers: { alice: { arives: 0s } }\n",
    );
    let cases: [(&[&str], &str); 9] = [
        (
            &["run", "no/such/file.yaml"],
            "there is no file or folder `no/such/file.yaml`",
        ),
        (
            &["run", &empty],
            "no scenario found: scenarios are files that end in .yaml or .yml",
        ),
        (&["run", GOOD, &mistaken], "did you mean `arrives`?"),
        (
            &["run", GOOD, "--no-such-flag"],
            "unexpected argument '--no-such-flag'",
        ),
        (&["run", GOOD, "--seed", "x"], "a seed is a whole number"),
        (
            &["run", GOOD, "--jobs", "0"],
            "a whole number from 1 to 65535",
        ),
        (
            &["run", GOOD, "--format", "xml"],
            "possible values: pretty, json, github",
        ),
        (&["run"], "<PATH>..."),
        (&["rum", GOOD], "a similar subcommand exists: 'run'"),
    ];
    for (args, said) in cases {
        let ended = run(args);
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(2), ""),
            "{args:?}"
        );
        assert!(ended.stderr.contains(said), "{args:?}: {}", ended.stderr);
    }
}

#[test]
fn a_tenant_with_public_keys_only_cannot_be_run_and_is_told_so_at_its_place() {
    let folder = Folder::new("public-keys");
    let block: String = PUBLIC_KEYS
        .lines()
        .flat_map(|line| ["  ", line, "\n"])
        .collect();
    let inside = folder.write(
        "inside.yaml",
        &format!("persotwin: 1\nname: x\ntenant:\n{block}customers: {{ alice: {{}} }}\n"),
    );
    folder.write("bank.yaml", &format!("persotwin-tenant: 1\n{PUBLIC_KEYS}"));
    let beside = folder.write(
        "beside.yaml",
        "persotwin: 1\nname: x\ntenant: bank.yaml\ncustomers: { alice: {} }\n",
    );
    for (path, place, shown) in [
        (&inside, "4:3", "^^^^^^^^^^^"),
        (&beside, "3:9", "^^^^^^^^^"),
    ] {
        assert_eq!(run(&["check", path]).code, Some(0), "`up` can have it");
        let ended = run(&["run", path]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
        for said in [
            &format!("{path}:{place}"),
            shown,
            "only public keys here",
            "persotwin up",
        ] {
            assert!(ended.stderr.contains(said), "{said}: {}", ended.stderr);
        }
    }
}

#[test]
fn a_story_that_does_not_end_is_a_failure_of_the_twin() {
    let folder = Folder::new("horizon");
    let path = folder.write(
        "slow.yaml",
        "persotwin: 1\nname: x\nhorizon: 10s\ncustomers: { alice: {} }\n",
    );
    let told = run(&["run", &path]);
    assert_eq!(told.code, Some(3));
    assert!(
        told.stdout.contains("did not end within its horizon"),
        "{}",
        told.stdout
    );
    assert!(
        told.stdout
            .lines()
            .last()
            .unwrap()
            .starts_with("persotwin run ")
    );
    let line = run(&["run", &path, "--format", "json"]);
    let line: serde_json::Value = serde_json::from_str(&line.stdout).unwrap();
    assert_eq!(line["verdict"], "error");
}

#[test]
fn the_environment_stands_in_for_flags_and_flags_win() {
    let with = |name: &str, value: &str, args: &[&str]| {
        ended(command(&["run", GOOD]).args(args).env(name, value))
    };
    let first = |told: &str| told.lines().next().unwrap_or_default().to_owned();
    assert!(first(&with("PERSOTWIN_SEED", "7", &[]).stdout).ends_with("seed 7, loopback"));
    assert!(
        first(&with("PERSOTWIN_SEED", "7", &["--seed", "8"]).stdout).ends_with("seed 8, loopback")
    );
    assert!(
        first(&with("PERSOTWIN_WIRE", "in-process", &[]).stdout).ends_with("seed 1, in-process")
    );
    assert!(
        with("PERSOTWIN_FORMAT", "json", &[])
            .stdout
            .starts_with("{\"version\":1,")
    );
    assert_eq!(with("PERSOTWIN_JOBS", "none", &[]).code, Some(2));
}

#[test]
fn ctrl_c_ends_a_run_with_the_report_so_far() {
    let folder = Folder::new("interrupted");
    let good = std::fs::read_to_string(root().join(GOOD)).unwrap();
    for n in 0..400 {
        folder.write(&format!("stories/{n}.yaml"), &good);
    }
    let (stories, junit) = (folder.at("stories"), folder.at("junit.xml"));
    let args = [
        "run",
        &stories,
        "--jobs",
        "1",
        "--wire",
        "in-process",
        "--junit",
        &junit,
    ];
    let mut running = Staying::start(&mut command(&args));
    running.until("ok ");
    let ended = running.interrupt();
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(
        ended.stderr.starts_with("interrupted: "),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.ends_with(" of 400 had ended\n"),
        "{}",
        ended.stderr
    );
    let sum = ended.stdout.lines().last().unwrap();
    assert!(sum.contains(" ok, in "), "{sum}");
    let junit = std::fs::read_to_string(junit).unwrap();
    let cases = junit.matches("<testcase").count();
    assert!((1..400).contains(&cases), "{cases} cases");
}
