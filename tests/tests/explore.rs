//! `explore` and `merge`, as a user or a batch system starts them.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

use persotwin_tests::command::{Folder, Staying, command, ended, run};
use serde_json::Value;

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The lines of this kind.
fn of_kind<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["kind"] == kind).collect()
}

#[test]
fn a_shown_world_is_a_scenario_that_runs() {
    let folder = Folder::new("explore-show");
    let shown = run(&["explore", "--show", "17"]);
    assert_eq!(shown.code, Some(0));
    let file = folder.write("17.yaml", &shown.stdout);
    let told = run(&["run", &file, "--wire", "in-process", "--twice"]);
    assert_eq!(told.code, Some(0), "{}", told.stdout);
}

#[test]
fn a_naive_machine_is_found_and_its_story_repeats() {
    let folder = Folder::new("explore-naive");
    let behaviour = ["--behaviour", "naive-lists-no-rejects"];
    let report = folder.at("report");
    let search = [
        "explore", "--seeds", "1..25", "--report", &report, "--format", "json",
    ];
    let found = run(&[&search[..], &behaviour].concat());
    assert_eq!(found.code, Some(1), "{}", found.stderr);
    let all = lines(&found.stdout);
    assert!(all.iter().all(|line| line["version"] == 1));
    let law = |line: &&&Value| line["wrong"] == "no-live-leftovers";
    let small = of_kind(&all, "shrunk");
    let small = small.iter().find(law).unwrap();
    let scenario = small["scenario"].as_str().unwrap();
    assert!(scenario.lines().count() <= 25, "{scenario}");
    let file = format!("{report}/no-live-leftovers-{}.yaml", small["seed"]);
    let told = run(&["run", &file]);
    assert_eq!(told.code, Some(1), "{}", told.stdout);
    assert!(told.stdout.contains("no-live-leftovers"), "{}", told.stdout);
    // The last line says what a copy expects that stays.
    let (_, expect) = scenario
        .rsplit_once("# In a library of scenarios: ")
        .unwrap();
    let copy = folder.write("copy.yaml", &format!("{scenario}{expect}"));
    assert_eq!(run(&["run", &copy]).code, Some(0));
    let way = &of_kind(&all, "summary")[0]["ways"][0];
    assert_eq!(way["wrong"], small["wrong"]);
    assert_eq!(way["manner"], small["manner"]);
}

#[test]
fn shards_make_one_report() {
    let folder = Folder::new("explore-shards");
    let mut files = Vec::new();
    for index in 0..2 {
        let mut shard = command(&["explore", "--seeds", "1..9", "--format", "json"]);
        shard.env("JOB_COMPLETION_INDEX", index.to_string());
        shard.env("PERSOTWIN_SHARDS", "2");
        let told = ended(&mut shard);
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        files.push(folder.write(&format!("{index}.jsonl"), &told.stdout));
    }
    let merged = run(&["merge", &files[0], &files[1], "--format", "json"]);
    assert_eq!(merged.code, Some(0));
    let all = lines(&merged.stdout);
    let summary = of_kind(&all, "summary")[0];
    assert_eq!(summary["census"]["seeds"], 8);
    assert_eq!(run(&["merge", "no-such-file"]).code, Some(2));
    let cut = folder.write("cut.jsonl", "");
    assert_eq!(run(&["merge", &cut]).code, Some(2));
}

#[test]
fn journals_are_the_same_in_two_processes() {
    let told = run(&["explore", "--meta", "--seeds", "1..9"]);
    assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    assert!(
        told.stdout.contains("8 seeds in two processes each"),
        "{}",
        told.stdout
    );
}

#[test]
fn wrong_input_is_told() {
    let no_seed = "`x` is no seed: seeds are whole numbers, written `1..1000`";
    let no_shard = "there is no shard 3 of 2: they are `1/2` to `2/2`";
    for (args, says) in [
        ("--seeds 9..3", "from 3 on, 9 not meant, is `3..9`"),
        ("--seeds 5..5", "seed 5 alone is `5`"),
        ("--seeds x..y", no_seed),
        ("--shard 1/2", "--seeds <A..B>"),
        ("--seeds 1..3 --shard 3/2", no_shard),
        ("--seeds 1..3 --shard two", "written `2/8`"),
        ("--behaviour naive-optimism", "naive-acts-again, "),
        ("--behaviour naive-no-outbx", "'naive-no-outbox'"),
        ("--time 0s", "`--time 60s` is a minute"),
        ("--time soon", "a duration has a number and a unit"),
        ("--show x", "a seed is a whole number"),
    ] {
        let args: Vec<&str> = ["explore"].into_iter().chain(args.split(' ')).collect();
        let told = run(&args);
        assert_eq!(told.code, Some(2), "{args:?}");
        assert!(told.stderr.contains(says), "{args:?}: {}", told.stderr);
    }
    let mut shard = command(&["explore", "--seeds", "1..9"]);
    shard.env("JOB_COMPLETION_INDEX", "0");
    let told = ended(&mut shard);
    assert_eq!(told.code, Some(2));
    assert!(told.stderr.contains("PERSOTWIN_SHARDS"), "{}", told.stderr);
    shard.env("PERSOTWIN_SHARDS", "many");
    let told = ended(&mut shard);
    assert!(told.stderr.contains("says `many`"), "{}", told.stderr);
}

#[test]
fn ctrl_c_ends_with_the_report_so_far() {
    let folder = Folder::new("explore-interrupted");
    let report = folder.at("report");
    let args = [
        "explore", "--seeds", "1..", "--time", "10m", "--report", &report,
    ];
    let mut exploring = Staying::start(&mut command(&args));
    exploring.until("seeds 1..");
    let ended = exploring.interrupt();
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(
        ended.stdout.contains(" seeds a minute and core"),
        "{}",
        ended.stdout
    );
    let written = std::fs::read_to_string(format!("{report}/report.jsonl")).unwrap();
    assert_eq!(of_kind(&lines(&written), "summary").len(), 1);
}
