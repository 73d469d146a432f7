//! `explore --meta`: each seed in two processes, whose journals must be the same bytes.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use persotwin_explore::Seeds;

use crate::exit::{Exit, Stop};
use crate::explore::crew::Crew;
use crate::output;

/// What stands before each seed's journal.
pub(crate) const SEED: &str = "seed ";
/// How many seeds a pair of processes takes at once.
const BLOCK: u64 = 100;

/// What was compared so far.
#[derive(Default)]
struct Compared {
    seeds: u64,
    bytes: u64,
    differ: Vec<String>,
    failed: Option<String>,
}

/// Compares all, several pairs of processes at once.
pub(crate) fn compare(crew: &Crew<'_>) -> Result<Exit, Stop> {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long the computer took, for people"
    )]
    let begun = Instant::now();
    let compared = Mutex::new(Compared::default());
    let next = AtomicU64::new(0);
    let all = |compared: &Mutex<Compared>, change: &mut dyn FnMut(&mut Compared)| {
        change(&mut compared.lock().unwrap_or_else(PoisonError::into_inner));
    };
    std::thread::scope(|scope| {
        for _ in 0..crew.jobs.div_ceil(2) {
            scope.spawn(|| {
                while crew.time.is_none_or(|time| begun.elapsed() < time.get()) {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some(block) = block(crew.seeds, n) else {
                        return;
                    };
                    match pair(crew, block) {
                        Ok((seeds, bytes, differ)) => all(&compared, &mut |compared| {
                            compared.seeds += seeds;
                            compared.bytes += bytes;
                            compared.differ.extend(differ.clone());
                        }),
                        Err(error) => {
                            let why = error.to_string();
                            all(&compared, &mut |compared| {
                                compared.failed = Some(why.clone());
                            });
                            return;
                        }
                    }
                }
            });
        }
    });
    let compared = compared
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(why) = compared.failed {
        return Err(Stop::twin(format!(
            "a process that ran seeds failed: {why}"
        )));
    }
    for differs in &compared.differ {
        output::print(&format!("{differs}\n"));
    }
    output::print(&format!(
        "{} seeds in two processes each, {} bytes of journals: {}\n",
        compared.seeds,
        compared.bytes,
        if compared.differ.is_empty() {
            "all the same".to_owned()
        } else {
            format!("{} differ", compared.differ.len())
        }
    ));
    Ok(if compared.differ.is_empty() {
        Exit::Ok
    } else {
        Exit::Differs
    })
}

/// The `n`-th block of seeds.
fn block(seeds: Seeds, n: u64) -> Option<Seeds> {
    let first = seeds.first.checked_add(n.checked_mul(BLOCK)?)?;
    let end = first.checked_add(BLOCK)?;
    let end = seeds.end.map_or(end, |last| last.min(end));
    (first < end).then_some(Seeds {
        first,
        end: Some(end),
    })
}

/// Runs a block of seeds in two processes; how many seeds and bytes, and where they differ first.
fn pair(crew: &Crew<'_>, block: Seeds) -> io::Result<(u64, u64, Option<String>)> {
    let (mut one, mut first) = begin(crew, block)?;
    let (mut other, mut second) = begin(crew, block)?;
    let (mut seed, mut seeds, mut bytes, mut line) = (String::new(), 0, 0, 0);
    let (mut a, mut b) = (Vec::new(), Vec::new());
    let differs = loop {
        a.clear();
        b.clear();
        first.read_until(b'\n', &mut a)?;
        second.read_until(b'\n', &mut b)?;
        if a != b {
            break Some(format!("seed {seed}: the journals differ from line {line}"));
        }
        if a.is_empty() {
            break None;
        }
        line += 1;
        bytes += a.len() as u64;
        if let Some(next) = a.strip_prefix(SEED.as_bytes()) {
            String::from_utf8_lossy(next).trim().clone_into(&mut seed);
            (seeds, line) = (seeds + 1, 1);
        }
    };
    if differs.is_some() {
        // What follows after a difference is of no use.
        let _ = (one.kill(), other.kill());
    }
    for child in [&mut one, &mut other] {
        let status = child.wait()?;
        if differs.is_none() && !status.success() {
            return Err(io::Error::other(format!("it ended with {status}")));
        }
    }
    Ok((seeds, bytes, differs))
}

fn begin(crew: &Crew<'_>, block: Seeds) -> io::Result<(Child, BufReader<ChildStdout>)> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["explore", "--journals", "--seeds", &block.to_string()])
        .args(["--shard", &crew.shard.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    for behaviour in crew.behaviour {
        command.args(["--behaviour", behaviour.word()]);
    }
    let mut child = command.spawn()?;
    let out = child.stdout.take();
    let out = out.ok_or_else(|| io::Error::other("it has no output"))?;
    Ok((child, BufReader::new(out)))
}
