//! What the end-to-end tests share: the library of scenarios, the command, and running worlds.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a helper of tests that fails shall fail its test"
)]

pub mod command;
pub mod directed;
pub mod readme;
pub mod stranger;
pub mod tampered;
pub mod vpcd;

use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use persotwin_scenario::{Plan, Style, parse, render};
use persotwin_world::{Options, Told, WireKind, run};

/// The folder of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Every scenario of the library, in the order of their paths.
pub fn library() -> Vec<PathBuf> {
    let mut files = Vec::new();
    below(&root().join("scenarios"), &mut files);
    files.sort();
    assert!(files.len() > 15, "the library is there");
    files
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            files.push(path);
        }
    }
}

/// Reads a scenario; its mistakes fail the test.
pub fn plan_of(path: &Path) -> Plan {
    read(
        &path.display().to_string(),
        &fs::read_to_string(path).unwrap(),
    )
}

/// Reads a scenario's text; its mistakes fail the test.
pub fn read(path: &str, text: &str) -> Plan {
    let load = |file: &Path| fs::read_to_string(file);
    parse(path, text, &load)
        .unwrap_or_else(|mistakes| panic!("{}", render(&mistakes, Style::Plain)))
}

/// Runs a plan with its own seed; a failure of the twin fails the test.
pub fn told(plan: &Plan, wire: WireKind) -> Told {
    run(plan, &Options { wire, seed: None })
        .unwrap_or_else(|error| panic!("{}: {error}", plan.name))
}

/// Runs a plan in memory with another seed; a failure of the twin fails the test.
pub fn seeded(plan: &Plan, seed: u64) -> Told {
    let options = Options {
        wire: WireKind::InProcess,
        seed: Some(seed),
    };
    run(plan, &options).unwrap_or_else(|error| panic!("{}, seed {seed}: {error}", plan.name))
}

/// Does the same with each of many things, on every core at once; the results are in the order of the things.
pub fn each<T: Sync, R: Send>(things: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let next = AtomicUsize::new(0);
    let some = || {
        let take = || next.fetch_add(1, Ordering::Relaxed);
        let mut done = Vec::new();
        while let Some((nth, thing)) = things.iter().enumerate().nth(take()) {
            done.push((nth, work(thing)));
        }
        done
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(some)).collect();
        let joined = workers.into_iter().map(std::thread::ScopedJoinHandle::join);
        joined
            .flat_map(|done| done.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    });
    done.sort_by_key(|(nth, _)| *nth);
    done.into_iter().map(|(_, result)| result).collect()
}

/// What a story did not keep: laws and expectations, a sentence each.
pub fn complaints(told: &Told) -> Vec<String> {
    let unmet = told.unmet.iter();
    let unmet = unmet.map(|unmet| format!("{}: {}", unmet.title, unmet.label));
    let breaches = told.breaches.iter().map(ToString::to_string);
    breaches.chain(unmet).collect()
}

/// The journal of a story, line by line.
pub fn lines(told: &Told) -> Vec<String> {
    told.records
        .iter()
        .map(|record| serde_json::to_string(&**record).unwrap())
        .collect()
}

/// The command, built if it is not there yet.
pub fn persotwin() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "persotwin"])
            .current_dir(root())
            .status()
            .unwrap();
        assert!(built.success(), "the command cannot be built");
        // target/debug/deps/test-… → target/debug/persotwin
        let folder = std::env::current_exe().unwrap();
        folder.ancestors().nth(2).unwrap().join("persotwin")
    })
}
