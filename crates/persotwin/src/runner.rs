//! Runs scenarios, several at once, and gives them back in their order.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use persotwin_scenario::Plan;
use persotwin_world::{Options, RunError, Told, WireKind};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// A scenario that is ready to run.
#[derive(Debug)]
pub(crate) struct Task {
    /// The file, as shown to people.
    pub(crate) path: PathBuf,
    /// Its place below the folder that was named, without ending.
    pub(crate) name: PathBuf,
    /// What it says.
    pub(crate) plan: Plan,
}

/// What became of a scenario.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Its place in the order.
    pub(crate) index: usize,
    /// The story, or why the twin failed.
    pub(crate) told: Result<Told, String>,
    /// What the second run was like, if there was one.
    pub(crate) second: Option<Second>,
    /// Wall time of the first run.
    pub(crate) wall: Duration,
}

/// The second run of one seed against the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Second {
    /// The same bytes, or over sockets the same stories.
    Same,
    /// Not the same; where.
    Differs(String),
}

/// How a run came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    /// By itself, or because somebody had seen enough.
    Ended,
    /// By Ctrl-C: what was under way then is not told.
    Interrupted,
}

/// Runs all, `jobs` at once; hands each outcome over in the order of the tasks, and on Ctrl-C those that there are. `each` says
/// whether to begin more.
pub(crate) fn run_all(
    tasks: &Arc<[Task]>,
    options: Options,
    twice: bool,
    jobs: usize,
    mut each: impl FnMut(Outcome) -> bool,
) -> io::Result<Course> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (next, (tell, mut told)) = (Arc::new(AtomicUsize::new(0)), unbounded_channel());
    for _ in 0..jobs.min(tasks.len()) {
        let (tasks, tell, next) = (Arc::clone(tasks), tell.clone(), Arc::clone(&next));
        // Nobody waits for one that is in the middle of a scenario when the run is over.
        std::thread::spawn(move || work(&tasks, options, twice, &next, &tell));
    }
    drop(tell);
    let mut early = BTreeMap::new();
    let mut due = 0;
    runtime.block_on(async {
        // Listens all the while: what is pressed between two outcomes counts too.
        let mut pressed = pin!(tokio::signal::ctrl_c());
        loop {
            let outcome: Outcome = match select(pressed.as_mut(), pin!(told.recv())).await {
                Either::Right((Some(outcome), _)) => outcome,
                Either::Right((None, _)) => return Ok(Course::Ended),
                Either::Left((pressed, _)) => {
                    pressed?;
                    std::mem::take(&mut early).into_values().all(&mut each);
                    return Ok(Course::Interrupted);
                }
            };
            early.insert(outcome.index, outcome);
            while let Some(outcome) = early.remove(&due) {
                due += 1;
                if !each(outcome) {
                    next.store(tasks.len(), Ordering::Relaxed);
                    return Ok(Course::Ended);
                }
            }
        }
    })
}

fn work(
    tasks: &[Task],
    options: Options,
    twice: bool,
    next: &AtomicUsize,
    tell: &UnboundedSender<Outcome>,
) {
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(task) = tasks.get(index) else { return };
        let outcome = one(index, &task.plan, options, twice);
        if tell.send(outcome).is_err() {
            return;
        }
    }
}

fn one(index: usize, plan: &Plan, options: Options, twice: bool) -> Outcome {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long the computer took, for people"
    )]
    let begun = Instant::now();
    let told = run(plan, options);
    let wall = begun.elapsed();
    let second = match (&told, twice) {
        (Ok(first), true) => Some(match run(plan, options) {
            Ok(second) => compare(first, &second),
            Err(error) => Second::Differs(format!("the second run failed: {error}")),
        }),
        _ => None,
    };
    Outcome {
        index,
        told,
        second,
        wall,
    }
}

fn run(plan: &Plan, options: Options) -> Result<Told, String> {
    let caught = catch_unwind(AssertUnwindSafe(|| persotwin_world::run(plan, &options)));
    match caught {
        Ok(told) => told.map_err(|error: RunError| error.to_string()),
        Err(_) => Err("the twin panicked".to_owned()),
    }
}

/// In memory journals must be equal byte for byte; over sockets ties may fall otherwise, so each customer's story is compared.
fn compare(first: &Told, second: &Told) -> Second {
    match first.wire {
        WireKind::InProcess => {
            let (first, second) = (lines(first), lines(second));
            let differing = first.iter().zip(&second).position(|(a, b)| a != b);
            match differing.or((first.len() != second.len()).then(|| first.len().min(second.len())))
            {
                None => Second::Same,
                Some(line) => {
                    Second::Differs(format!("the journals differ from line {}", line + 1))
                }
            }
        }
        WireKind::Loopback => {
            if first.is_ok() != second.is_ok() {
                return Second::Differs("the verdicts differ".to_owned());
            }
            let (first, second) = (stories(first), stories(second));
            match first
                .iter()
                .find(|(customer, story)| second.get(*customer) != Some(story))
            {
                None if first.len() == second.len() => Second::Same,
                None => Second::Differs("the customers differ".to_owned()),
                Some((customer, _)) => Second::Differs(format!("the stories of {customer} differ")),
            }
        }
    }
}

fn lines(told: &Told) -> Vec<String> {
    told.records
        .iter()
        .map(|record| serde_json::to_string(&**record).unwrap_or_default())
        .collect()
}

/// What happened to each customer, without the numbers by which events of different customers are told apart.
fn stories(told: &Told) -> BTreeMap<String, Vec<String>> {
    let mut stories: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in &told.records {
        let Some(customer) = &record.customer else {
            continue;
        };
        let mut value = serde_json::to_value(&**record).unwrap_or_default();
        if let Some(members) = value.as_object_mut() {
            members.remove("seq");
            members.remove("exchange");
        }
        stories
            .entry(customer.to_string())
            .or_default()
            .push(value.to_string());
    }
    stories.values_mut().for_each(|story| story.sort());
    stories
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORY: &str = "persotwin: 1\nname: x\ncustomers: { alice: {}, bob: { arrives: 2m } }\n";

    fn told(wire: WireKind, seed: u64) -> Told {
        let none = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
        let plan = persotwin_scenario::parse("x.yaml", STORY, &none).unwrap();
        let options = Options {
            wire,
            seed: Some(seed),
        };
        persotwin_world::run(&plan, &options).unwrap()
    }

    #[test]
    fn runs_of_one_seed_are_the_same() {
        for wire in [WireKind::InProcess, WireKind::Loopback] {
            assert_eq!(compare(&told(wire, 7), &told(wire, 7)), Second::Same);
        }
    }

    #[test]
    fn a_journal_that_differs_in_one_line_differs_there() {
        let (first, mut second) = (told(WireKind::InProcess, 7), told(WireKind::InProcess, 7));
        second.records.swap(40, 41);
        let line_41 = Second::Differs("the journals differ from line 41".to_owned());
        assert_eq!(compare(&first, &second), line_41);
        let mut short = told(WireKind::InProcess, 7);
        short.records.truncate(40);
        assert_eq!(compare(&first, &short), line_41);
    }

    #[test]
    fn over_sockets_it_is_the_stories_that_differ() {
        let (first, mut second) = (told(WireKind::Loopback, 7), told(WireKind::Loopback, 7));
        let of_bob = |record: &std::sync::Arc<persotwin_kernel::Record>| {
            record
                .customer
                .as_ref()
                .is_some_and(|name| name.to_string() == "bob")
        };
        let place = second.records.iter().position(of_bob).unwrap();
        second.records.remove(place);
        assert_eq!(
            compare(&first, &second),
            Second::Differs("the stories of bob differ".to_owned())
        );
        second.records.retain(|record| !of_bob(record));
        assert!(matches!(compare(&second, &first), Second::Differs(_)));
        assert!(matches!(compare(&first, &second), Second::Differs(_)));
    }
}
