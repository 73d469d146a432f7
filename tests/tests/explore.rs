//! `explore` and `merge`, as a user or a batch system starts them.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

use persotwin_tests::command::{Folder, Staying, command, ended, run};
use persotwin_tests::{persotwin, root};
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
    let (story, hint) = scenario
        .rsplit_once("# For a library of scenarios, ")
        .unwrap();
    let (_, expect) = hint.split_once(": ").unwrap();
    let story = story.lines().filter(|line| !line.starts_with("expect:"));
    let story: Vec<&str> = story.collect();
    let copy = format!("{}\n{expect}", story.join("\n"));
    let copy = folder.write("copy.yaml", &copy);
    assert_eq!(run(&["run", &copy]).code, Some(0));
    let way = &of_kind(&all, "summary")[0]["ways"][0];
    assert_eq!(way["wrong"], small["wrong"]);
    assert_eq!(way["manner"], small["manner"]);
}

/// Explores a shard of a few seeds as a batch system does, into a folder.
fn shard(index: u64, report: &str) {
    let mut shard = command(&["explore", "--seeds", "1..9", "--report", report]);
    shard.env("JOB_COMPLETION_INDEX", index.to_string());
    shard.env("PERSOTWIN_SHARDS", "2");
    let told = ended(&mut shard);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let says = format!(
        "seeds 1..9, shard {}/2 by JOB_COMPLETION_INDEX, ",
        index + 1
    );
    assert!(told.stdout.starts_with(&says), "{}", told.stdout);
}

#[test]
fn shards_make_one_report() {
    let folder = Folder::new("explore-shards");
    let (one, two) = (folder.at("1"), folder.at("2"));
    shard(0, &one);
    let lacks = run(&["merge", &one]);
    assert_eq!(lacks.code, Some(3), "{}", lacks.stdout);
    assert!(
        lacks
            .stdout
            .ends_with("\nshard 2/2 of seeds 1..9 is missing\n"),
        "{}",
        lacks.stdout
    );
    shard(1, &two);
    // A folder and its report are the same.
    let again = format!("{one}/report.jsonl");
    let merged = run(&["merge", &one, &two, &again, "--format", "json"]);
    assert_eq!(merged.code, Some(0));
    assert!(
        merged.stderr.contains("is the same report as"),
        "{}",
        merged.stderr
    );
    let all = lines(&merged.stdout);
    let summary = of_kind(&all, "summary")[0];
    assert_eq!(summary["census"]["seeds"], 8);
    assert_eq!(summary["shares"][1]["shard"], "2/2");
    assert_eq!(summary["shares"][1]["lived"], 4);
    assert_eq!(summary["shares"][1]["ended"], "done");
    let whole = folder.at("whole");
    run(&["explore", "--seeds", "1..9", "--report", &whole]);
    let twice = run(&["merge", &one, &whole]);
    assert_eq!(twice.code, Some(2), "{}", twice.stdout);
    for says in [&one, &whole, "both tell of seed 1 "] {
        assert!(twice.stderr.contains(says), "{}", twice.stderr);
    }
}

#[test]
fn what_cannot_be_merged_is_told_all_at_once() {
    let folder = Folder::new("explore-merge-wrong");
    let cut = folder.write("cut.jsonl", "");
    let other = folder.write("other.yaml", "persotwin: 1\n");
    let told = run(&["merge", "no-such-file", &cut, &other, "scenarios"]);
    assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""));
    for says in [
        "error: no-such-file: No such file",
        "cut.jsonl: it is empty",
        "other.yaml: line 1 is no line of an explore report",
        "error: scenarios: there is no report.jsonl",
    ] {
        assert!(told.stderr.contains(says), "{says}: {}", told.stderr);
    }
}

#[test]
fn who_was_killed_does_not_hide_what_others_found() {
    let folder = Folder::new("explore-merge-killed");
    let killed = folder.write("killed.jsonl", "");
    for (seeds, alone, code) in [("4", 0, 3), ("5", 1, 1)] {
        let out = folder.at(seeds);
        let naive = ["--behaviour", "naive-done-too-early"];
        let search = ["explore", "--seeds", seeds, "--report", &out];
        assert_eq!(run(&[&search[..], &naive].concat()).code, Some(alone));
        let merged = run(&["merge", &killed, &out]);
        assert_eq!(merged.code, Some(code), "{}", merged.stderr);
        let left_out = "killed.jsonl: it is empty: whoever should write the report was stopped before; it is left out\n";
        assert!(merged.stdout.ends_with(left_out), "{}", merged.stdout);
    }
    assert_eq!(run(&["merge", &killed]).code, Some(2), "there is nothing");
}

#[test]
fn one_seed_is_explored_whatever_share_the_environment_gives() {
    let with_shard = |shard: &str, args: &[&str]| {
        let mut command = command(&[&["explore", "--format", "json"], args].concat());
        ended(command.env("PERSOTWIN_SHARD", shard))
    };
    let told = with_shard("2/2", &["--seeds", "6"]);
    assert_eq!(
        of_kind(&lines(&told.stdout), "summary")[0]["census"]["seeds"],
        1
    );
    let told = with_shard("2/2", &["--seeds", "6..8"]);
    assert_eq!(
        of_kind(&lines(&told.stdout), "summary")[0]["census"]["seeds"],
        1
    );
    let told = with_shard("", &["--seeds", "6..8"]);
    assert_eq!(
        of_kind(&lines(&told.stdout), "summary")[0]["census"]["seeds"],
        2
    );
    let told = with_shard("2/2", &["--time", "10ms"]);
    assert!(
        told.stderr.contains("PERSOTWIN_SHARD shares out"),
        "{}",
        told.stderr
    );
}

#[test]
fn a_file_that_somebody_changed_stays() {
    let folder = Folder::new("explore-changed");
    let out = folder.at("out");
    let naive = ["--behaviour", "naive-done-too-early"];
    let search = ["explore", "--seeds", "5", "--report", &out];
    let again = [
        "--behaviour",
        "naive-done-too-early",
        "--behaviour",
        "naive-done-too-early",
    ];
    assert_eq!(run(&[&search[..], &naive].concat()).code, Some(1));
    let first = std::fs::read_to_string(folder.at("out/report.jsonl")).unwrap();
    assert_eq!(run(&[&search[..], &again].concat()).code, Some(1));
    let second = std::fs::read_to_string(folder.at("out/report.jsonl")).unwrap();
    let behaviour = |report: &str| of_kind(&lines(report), "summary")[0]["behaviour"].clone();
    assert_eq!(behaviour(&first), behaviour(&second));
    folder.write("out/done-is-real-5.yaml", "mine");
    let told = run(&search);
    assert_eq!(told.code, Some(2));
    let says = "done-is-real-5.yaml` was changed since it was written";
    assert!(told.stderr.contains(says), "{}", told.stderr);
    let left = std::fs::read_to_string(folder.at("out/done-is-real-5.yaml")).unwrap();
    assert_eq!(left, "mine");
}

#[test]
fn a_report_takes_the_place_of_an_earlier_one_and_of_nothing_else() {
    let folder = Folder::new("explore-report");
    let naive = ["--behaviour", "naive-done-too-early"];
    let out = folder.at("out");
    let search = ["explore", "--seeds", "5", "--report", &out];
    let found = run(&[&search[..], &naive].concat());
    assert_eq!(found.code, Some(1), "{}", found.stderr);
    let file = "out/done-is-real-5.yaml";
    assert_eq!(folder.files(), [file, "out/report.jsonl"]);
    let written = format!("written to {}\n", folder.at(file));
    assert!(found.stdout.contains(&written), "{}", found.stdout);
    let merged = run(&["merge", &out]);
    assert!(merged.stdout.contains(&written), "{}", merged.stdout);
    folder.write("out/notes.txt", "mine");
    assert_eq!(run(&search).code, Some(0));
    assert_eq!(folder.files(), ["out/notes.txt", "out/report.jsonl"]);

    folder.write("out/report.jsonl", "{}");
    let file = folder.write("file", "");
    for (place, says) in [
        (&out, "line 1 is no line of an explore report"),
        (&file, "it is a file, not a folder"),
    ] {
        let told = run(&["explore", "--seeds", "5", "--report", place]);
        assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""));
        assert!(told.stderr.contains(says), "{}", told.stderr);
        assert!(told.stderr.contains("with --report"), "{}", told.stderr);
    }
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
    let told = run(&[
        "explore", "--meta", "--seeds", "1..9", "--shard", "2/3", "--format", "json",
    ]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let compared = &lines(&told.stdout)[0];
    assert_eq!(
        (&compared["kind"], &compared["lived"]),
        (&"compared".into(), &3.into())
    );
}

#[test]
fn a_share_without_seeds_is_no_mistake() {
    let told = run(&["explore", "--seeds", "1..3", "--shard", "5/8"]);
    assert_eq!(told.code, Some(0));
    assert!(
        told.stdout
            .ends_with("nothing to explore: seeds 1..3, shard 5/8 holds no seed\n"),
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
        ("--show x", no_seed),
        ("--show 1..3", "the world of one seed is shown"),
        ("--show 18446744073709551615", "is too large"),
        ("--seeds ..5", "`0..5` begins with seed 0"),
        ("--seeds -1..3", "`-1` is no seed"),
        ("--seeds 18446744073709551615", "is too large"),
        ("--jobs -1", "a whole number from 1 to 65535"),
        ("--show 3 --format json", "cannot be used with"),
        ("--show 3 --report out", "cannot be used with"),
        ("--meta --report out", "cannot be used with"),
    ] {
        let args: Vec<&str> = ["explore"].into_iter().chain(args.split(' ')).collect();
        let told = run(&args);
        assert_eq!(told.code, Some(2), "{args:?}");
        assert!(told.stderr.contains(says), "{args:?}: {}", told.stderr);
    }
    for (name, value, says) in [
        ("PERSOTWIN_JOBS", "0", "PERSOTWIN_JOBS in the environment"),
        (
            "PERSOTWIN_FORMAT",
            "xml",
            "PERSOTWIN_FORMAT in the environment",
        ),
        ("PERSOTWIN_SHARD", "2", "PERSOTWIN_SHARD says `2`"),
    ] {
        let told = ended(command(&["explore", "--seeds", "1..9"]).env(name, value));
        assert_eq!(told.code, Some(2), "{name}");
        assert!(told.stderr.contains(says), "{name}: {}", told.stderr);
    }
    // Who types it is told so, whatever the environment says; and a world is shown whatever other formats are wanted.
    let typed = ended(command(&["explore", "--jobs", "0"]).env("PERSOTWIN_JOBS", "1"));
    assert!(typed.stderr.contains("'--jobs <N>'"), "{}", typed.stderr);
    let shown = ended(command(&["explore", "--show", "3"]).env("PERSOTWIN_FORMAT", "json"));
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
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
        "explore", "--seeds", "1..90000", "--time", "10m", "--report", &report,
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
    let (said, place) = ended.stdout.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(place, format!("report: {report}/report.jsonl"));
    let stopped = said.lines().last().unwrap();
    assert!(
        stopped.starts_with("interrupted after ") && stopped.ends_with(" of 89999 seeds"),
        "{stopped}"
    );
    let written = std::fs::read_to_string(format!("{report}/report.jsonl")).unwrap();
    let written = lines(&written);
    let share = &of_kind(&written, "summary")[0]["shares"][0];
    assert_eq!(
        (&share["ended"], &share["meant"]),
        (&"interrupted".into(), &89_999.into())
    );
    let merged = run(&["merge", &report]);
    assert_ne!(merged.code, Some(0), "it is not whole");
    assert!(merged.stdout.contains(stopped), "{}", merged.stdout);
}

#[test]
fn a_batch_system_that_ends_it_gets_the_report_so_far() {
    let mut exploring = Staying::start(&mut command(&["explore", "--seeds", "1..90000"]));
    exploring.until("seeds 1..");
    let ended = exploring.signal("TERM");
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(
        ended.stdout.contains("interrupted after "),
        "{}",
        ended.stdout
    );
}

#[test]
fn ctrl_c_ends_a_comparison_with_what_was_compared() {
    let args = ["explore", "--meta", "--seeds", "1..90000"];
    // As in the background of a shell that reads a script: whoever starts it has Ctrl-C ignored.
    let mut shell = std::process::Command::new("bash");
    shell.args(["-c", "trap '' INT; exec \"$0\" \"$@\""]);
    shell.arg(persotwin()).args(args);
    let mut comparing = Staying::start(shell.current_dir(root()));
    comparing.until("seeds 1..");
    let ended = comparing.interrupt();
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    for says in [
        "in two processes each",
        "interrupted after ",
        " of 89999 seeds",
    ] {
        assert!(ended.stdout.contains(says), "{says}: {}", ended.stdout);
    }
}
