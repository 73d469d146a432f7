//! `explore --meta`: each seed in two processes, whose journals must be the same bytes.

use std::io::{self, BufRead, BufReader};
use std::pin::pin;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use futures_util::future::{Either, select};
use persotwin_explore::report::{Compared, Differs, Line, Says};
use persotwin_explore::{Ended, Seeds};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::args::ListFormat;
use crate::exit::{Exit, Stop};
use crate::explore::crew::Crew;
use crate::explore::{End, hear, interrupted, runtime};
use crate::output;

/// The line behind each seed's journal.
pub(crate) const END: &str = "end\n";
/// How many seeds a pair of processes takes at once.
const BLOCK: u64 = 100;

/// What a pair of processes has to tell.
enum News {
    /// A seed's journals are the same, and have so many bytes.
    Same(u64),
    /// They are not.
    Differ(Differs),
    /// A process failed.
    Failed(String),
}

/// Compares all, several pairs of processes at once.
pub(crate) fn compare(format: ListFormat, crew: &Crew<'_>) -> Result<Exit, Stop> {
    let runtime = runtime()?;
    let mut interrupted = pin!(interrupted());
    hear(&runtime, interrupted.as_mut());
    if format == ListFormat::Pretty {
        output::print(&format!("{crew}\n"));
    }
    let mut compared = Compared {
        share: crew.share(0, Ended::Done),
        bytes: 0,
        differ: Vec::new(),
    };
    let begun = now();
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let (tell, mut told) = unbounded_channel();
    let end = std::thread::scope(|scope| {
        for _ in 0..crew.jobs.div_ceil(2) {
            let (next, stop, tell) = (&next, &stop, tell.clone());
            scope.spawn(move || work(crew, next, stop, &tell));
        }
        drop(tell);
        let end = runtime.block_on(async {
            loop {
                match select(interrupted.as_mut(), pin!(told.recv())).await {
                    Either::Left(_) => return End::Interrupted,
                    Either::Right((None, _)) => return End::Done,
                    Either::Right((Some(News::Failed(why)), _)) => return End::Failed(why),
                    Either::Right((Some(news), _)) => hear_of(&mut compared, &news),
                }
                if crew.time.is_some_and(|time| begun.elapsed() >= time.get()) {
                    return End::Done;
                }
            }
        });
        stop.store(true, Ordering::Relaxed);
        while let Some(news) = told.blocking_recv() {
            hear_of(&mut compared, &news);
        }
        end
    });
    compared.share.ended = end.told(crew, compared.share.lived);
    compared.differ.sort();
    tell_all(format, &compared);
    match end {
        End::Failed(why) => Err(Stop::twin(format!(
            "a process that ran seeds failed: {why}"
        ))),
        End::Interrupted => Ok(Exit::Interrupted),
        End::Done if compared.differ.is_empty() => Ok(Exit::Ok),
        End::Done => Ok(Exit::Differs),
    }
}

fn hear_of(compared: &mut Compared, news: &News) {
    match news {
        News::Same(bytes) => compared.bytes += bytes,
        News::Differ(differs) => compared.differ.push(*differs),
        News::Failed(_) => return,
    }
    compared.share.lived += 1;
}

fn tell_all(format: ListFormat, compared: &Compared) {
    output::print(&match format {
        ListFormat::Json => Line::new(Says::Compared(compared.clone())).to_json(),
        ListFormat::Pretty => compared.to_string(),
    });
}

/// Takes block after block, until there is none or it is told to stop.
fn work(crew: &Crew<'_>, next: &AtomicU64, stop: &AtomicBool, tell: &UnboundedSender<News>) {
    while !stop.load(Ordering::Relaxed) {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let Some(block) = block(crew, n) else {
            return;
        };
        let seeds = (0..).map_while(|n| block.nth(crew.shard, n));
        let pair = journals(crew, block).and_then(|one| Pair::begin(one, journals(crew, block)?));
        if let Err(error) = pair.and_then(|pair| pair.compare(seeds, stop, tell)) {
            let _ = tell.send(News::Failed(error.to_string()));
            return;
        }
    }
}

/// The `n`-th block of seeds, which has so many of the share, from the share's own seed on.
fn block(crew: &Crew<'_>, n: u64) -> Option<Seeds> {
    let of_share = |n: u64| crew.seeds.nth(crew.shard, n);
    let first = of_share(n.checked_mul(BLOCK)?)?;
    let skipped = of_share(0)? - crew.seeds.first;
    let behind = n.checked_add(1)?.checked_mul(BLOCK).and_then(of_share);
    Some(Seeds {
        first: first - skipped,
        end: behind.map(|behind| behind - skipped).or(crew.seeds.end),
    })
}

/// Two processes that run the same seeds.
struct Pair {
    children: [Child; 2],
    journals: [BufReader<ChildStdout>; 2],
}

impl Pair {
    fn begin(one: Command, other: Command) -> io::Result<Self> {
        let (one, first) = begin(one)?;
        let (other, second) = begin(other)?;
        Ok(Self {
            children: [one, other],
            journals: [first, second],
        })
    }

    /// Reads both, line by line, and tells of each seed.
    fn compare(
        mut self,
        seeds: impl Iterator<Item = u64>,
        stop: &AtomicBool,
        tell: &UnboundedSender<News>,
    ) -> io::Result<()> {
        for seed in seeds {
            let (mut line, mut bytes) = (0, 0);
            let news = loop {
                if stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let (a, b) = (self.line(0)?, self.line(1)?);
                line += 1;
                if a != b {
                    self.skip(0, a)?;
                    self.skip(1, b)?;
                    break News::Differ(Differs { seed, line });
                }
                if a == END.as_bytes() {
                    break News::Same(bytes);
                }
                bytes += a.len() as u64;
            };
            if tell.send(news).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// The next line of one of them. There always is one, unless its process has failed.
    fn line(&mut self, which: usize) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        if self.journals[which].read_until(b'\n', &mut line)? == 0 {
            let status = self.children[which].wait()?;
            return Err(io::Error::other(format!("it ended early, with {status}")));
        }
        Ok(line)
    }

    /// Reads the rest of a journal, behind this line.
    fn skip(&mut self, which: usize, mut line: Vec<u8>) -> io::Result<()> {
        while line != END.as_bytes() {
            line = self.line(which)?;
        }
        Ok(())
    }
}

impl Drop for Pair {
    /// What comes after Ctrl-C is of no use.
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The command that prints the journals of a block.
fn journals(crew: &Crew<'_>, block: Seeds) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["explore", "--journals", "--seeds", &block.to_string()])
        .args(["--shard", &crew.shard.to_string()]);
    for behaviour in crew.behaviour {
        command.args(["--behaviour", behaviour.word()]);
    }
    Ok(command)
}

fn begin(mut command: Command) -> io::Result<(Child, BufReader<ChildStdout>)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    // A terminal's Ctrl-C is for this process, which then ends the others: one of them that ended by itself would look like a failure.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn()?;
    let out = child.stdout.take();
    let out = out.ok_or_else(|| io::Error::other("it has no output"))?;
    Ok((child, BufReader::new(out)))
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long the computer took, and how long it may take: for people"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use persotwin_explore::Shard;

    use super::*;

    /// What comes of comparing two processes that print these lines for seeds 5, 6 and 7.
    fn compared(one: &str, other: &str) -> (io::Result<()>, Vec<String>) {
        let prints = |lines: &str| {
            let mut command = Command::new("bash");
            let script = lines.split(' ').map(|line| format!("echo {line};"));
            command.args(["-c", &script.collect::<String>()]);
            command
        };
        let pair = Pair::begin(prints(one), prints(other)).unwrap();
        let (tell, mut told) = unbounded_channel();
        let ended = pair.compare(5..8, &AtomicBool::new(false), &tell);
        let mut all = Vec::new();
        while let Ok(news) = told.try_recv() {
            all.push(match news {
                News::Same(bytes) => format!("same {bytes}"),
                News::Differ(Differs { seed, line }) => format!("{seed} line {line}"),
                News::Failed(why) => why,
            });
        }
        (ended, all)
    }

    #[test]
    fn journals_are_compared_seed_by_seed() {
        let (ended, told) = compared("a b end end a end", "a c c end end end");
        ended.unwrap();
        assert_eq!(told, ["5 line 2", "same 0", "7 line 1"]);
    }

    #[test]
    fn a_process_that_ends_early_has_failed() {
        let (ended, told) = compared("a end a end a end", "a end a");
        let why = ended.unwrap_err().to_string();
        assert!(why.starts_with("it ended early, with exit "), "{why}");
        assert_eq!(told, ["same 2"]);
    }

    #[test]
    fn blocks_have_all_seeds_of_a_share() {
        let crew = Crew {
            seeds: "3..1000".parse().unwrap(),
            shard: "2/3".parse().unwrap(),
            given_by: None,
            behaviour: &[],
            jobs: 1,
            time: None,
        };
        let all = |seeds: Seeds, shard: Shard| (0..).map_while(move |n| seeds.nth(shard, n));
        let blocks: Vec<Seeds> = (0..).map_while(|n| block(&crew, n)).collect();
        assert_eq!(blocks.len(), 4);
        let of_blocks = blocks.iter().flat_map(|block| all(*block, crew.shard));
        assert!(of_blocks.eq(all(crew.seeds, crew.shard)));
    }
}
