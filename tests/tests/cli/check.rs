//! Commands that run nothing: `check`, `laws`, `schema`, `completions`, help.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use persotwin_tests::command::{Folder, run};
use persotwin_tests::root;

use crate::GOOD;

#[test]
fn check_shows_all_mistakes_of_all_files_at_once() {
    let folder = Folder::new("check");
    let one = folder.write(
        "one.yaml",
        "persotwin: 1\nname: x\ncustomers: { alice: { arives: 0s, takes: 5 parsecs } }\n",
    );
    let two = folder.write(
        "two.yaml",
        "persotwin: 1\nname: x\ncustomers: { alice: {} }\nstatons: {}\n",
    );
    let told = run(&["check", GOOD, &one, &two]);
    assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""));
    for said in [
        &format!("{one}:3:23"),
        &format!("{one}:3:42"),
        "did you mean `arrives`?",
        &format!("{two}:4:1"),
        "did you mean `stations`?",
        "2 of 3 files have mistakes",
    ] {
        assert!(told.stderr.contains(said), "{said}: {}", told.stderr);
    }
    assert!(!told.stderr.contains('\u{1b}'), "no colours in a pipe");
}

#[test]
fn check_counts_what_is_good() {
    assert_eq!(run(&["check", GOOD]).stdout, "1 file is good\n");
    let all = run(&["check", "scenarios"]);
    assert_eq!(all.code, Some(0));
    assert!(all.stdout.ends_with(" files are good\n"), "{}", all.stdout);
    assert_eq!(run(&["check", "no/such/folder"]).code, Some(2));
}

#[test]
fn laws_are_listed_with_a_sentence_each() {
    let catalogue = persotwin_laws::catalogue();
    let pretty = run(&["laws"]);
    assert_eq!((pretty.code, pretty.stderr.as_str()), (Some(0), ""));
    let lines: Vec<serde_json::Value> = run(&["laws", "--format", "json"])
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), catalogue.len());
    for (line, (law, sentence)) in lines.iter().zip(catalogue) {
        let expected = serde_json::json!({ "version": 1, "law": law, "sentence": sentence });
        assert_eq!(*line, expected);
        let shown = format!("{law}\n    {sentence}\n");
        assert!(pretty.stdout.contains(&shown), "{law}");
    }
}

#[test]
fn schema_is_the_one_that_is_shipped() {
    let shipped = fs::read_to_string(root().join("scenarios/scenario.schema.json")).unwrap();
    assert!(
        run(&["schema"]).stdout == shipped,
        "write it anew: persotwin schema > scenarios/scenario.schema.json"
    );
    let tenant: serde_json::Value =
        serde_json::from_str(&run(&["schema", "--tenant"]).stdout).unwrap();
    assert!(
        tenant
            .pointer("/$defs/tenant/properties/issuer-keys")
            .is_some()
    );
}

#[test]
fn bash_understands_the_completions() {
    let script = run(&["completions", "bash"]).stdout;
    let mut bash = Command::new("bash")
        .arg("-n")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    bash.stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    assert!(bash.wait().unwrap().success());
    let asked = format!(
        "{script}\nCOMP_WORDS=(persotwin run --f); COMP_CWORD=2; _persotwin persotwin --f run; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let output = Command::new("bash").args(["-c", &asked]).output().unwrap();
    let offered = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        offered.lines().collect::<Vec<_>>(),
        ["--filter", "--fail-fast", "--format"]
    );
    for shell in ["elvish", "fish", "powershell", "zsh"] {
        assert!(
            run(&["completions", shell]).stdout.contains("twice"),
            "{shell}"
        );
    }
    assert_eq!(run(&["completions", "nosuchshell"]).code, Some(2));
}

#[test]
fn help_names_everything_and_is_readable() {
    let flags: [(&[&str], &[&str]); 8] = [
        (
            &["--help"],
            &[
                "run",
                "check",
                "up",
                "order",
                "laws",
                "schema",
                "completions",
                "130 interrupted",
                "PERSOTWIN_LOG",
            ],
        ),
        (
            &["run", "--help"],
            &[
                "--report",
                "--junit",
                "--seed",
                "--filter",
                "--jobs",
                "--fail-fast",
                "--format",
                "--wire",
                "--twice",
                "PERSOTWIN_SEED",
            ],
        ),
        (&["check", "--help"], &["PATH"]),
        (
            &["up", "--help"],
            &[
                "SCENARIO",
                "--endpoints",
                "--port-base",
                "--tenant",
                "--issuer",
                "--hardware-speed",
                "--seed",
                "PERSOTWIN_ISSUER",
            ],
        ),
        (
            &["order", "--help"],
            &["--endpoints", "--station", "--print-curl"],
        ),
        (&["laws", "--help"], &["--format", "json"]),
        (&["schema", "--help"], &["--tenant"]),
        (&["completions", "--help"], &["bash", "zsh", "fish"]),
    ];
    for (args, named) in flags {
        let help = run(args);
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "{args:?}");
        for name in named {
            assert!(help.stdout.contains(name), "{args:?} does not name {name}");
        }
        let long = help.stdout.lines().find(|line| line.chars().count() > 100);
        assert_eq!(long, None, "{args:?}");
    }
    let bare = run::<&str>(&[]);
    assert_eq!((bare.code, bare.stdout.as_str()), (Some(2), ""));
    assert!(bare.stderr.contains("Usage: persotwin <COMMAND>"));
    assert_eq!(
        run(&["--version"]).stdout,
        format!("persotwin {}\n", env!("CARGO_PKG_VERSION"))
    );
}
