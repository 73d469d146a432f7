//! `persotwin explore`: seeds, what their worlds came to, and what is told of it.

mod crew;
mod desk;
mod meta;

use std::path::Path;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use futures_util::future::{Either, select};
use persotwin_explore::report::{Report, Small};
use persotwin_explore::{Seeds, Shard, draw, live};
use persotwin_link::Span;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::args::{self, ListFormat, Seed};
use crate::exit::{Exit, Stop};
use crate::explore::crew::{Crew, News};
use crate::explore::desk::Desk;
use crate::output;

/// The report's name in its folder.
pub(crate) const REPORT: &str = "report.jsonl";

/// How long it explores where nobody says.
const MINUTE: persotwin_link::Span = persotwin_link::Span::from_secs(60);

/// Explores, or shows a world.
pub(crate) fn explore(args: &args::Explore) -> Result<Exit, Stop> {
    if let Some(seed) = args.show {
        output::print(&draw(seed, &args.behaviour).to_text());
        return Ok(Exit::Ok);
    }
    let shard = shard(args)?;
    let seeds = args.seeds.unwrap_or_else(|| Seeds {
        first: Seed::Random.number(),
        end: None,
    });
    if args.time.is_some_and(|time| time == Span::ZERO) {
        return Err(Stop::input(
            "`--time 0s` leaves no time for any seed; `--time 60s` is a minute",
        ));
    }
    if args.journals {
        return journals(args, seeds, shard);
    }
    let time = args.time.or(seeds.end.is_none().then_some(MINUTE));
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = args.jobs.map_or_else(cores, usize::from);
    let crew = Crew {
        seeds,
        shard,
        behaviour: &args.behaviour,
        jobs,
        time,
    };
    if args.meta {
        return meta::compare(&crew);
    }
    if let Some(folder) = &args.report {
        std::fs::create_dir_all(folder).map_err(|error| {
            Stop::twin(format!(
                "cannot make the folder {}: {error}",
                folder.display()
            ))
        })?;
    }
    search(args, &crew)
}

/// The share that is written, or that a batch system gives.
fn shard(args: &args::Explore) -> Result<Shard, Stop> {
    if let Some(shard) = args.shard {
        return Ok(shard);
    }
    if args.seeds.is_none() {
        // Fresh seeds are nobody else's.
        return Ok(Shard::WHOLE);
    }
    let found = Shard::of_environment(|name| std::env::var(name).ok());
    found
        .map(|shard| shard.unwrap_or(Shard::WHOLE))
        .map_err(|error| Stop::input(error.to_string()))
}

/// Why an exploration ended.
enum End {
    /// It came to its end.
    Done,
    /// Ctrl-C.
    Interrupted,
    /// The computer failed.
    Failed(String),
}

/// Lets worlds live until seeds or time are used up, and shrinks one world for each way of going wrong.
fn search(args: &args::Explore, crew: &Crew<'_>) -> Result<Exit, Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Stop::twin(format!("cannot start a runtime: {error}")))?;
    // From the first line on, and between searching and shrinking too, Ctrl-C is heard.
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    runtime.block_on(std::future::poll_fn(|context| {
        let _ = interrupted.as_mut().poll(context);
        Poll::Ready(())
    }));
    let mut desk = Desk::open(args, crew);
    let stop = AtomicBool::new(false);
    let (tell, mut told) = unbounded_channel();
    let end = std::thread::scope(|scope| {
        crew.begin(scope, &stop, &tell);
        drop(tell);
        let end = runtime.block_on(listen(&mut desk, &mut told, crew, interrupted.as_mut()));
        stop.store(true, Ordering::Relaxed);
        // Those that still live may tell of it, so that nothing found is lost.
        while let Some(news) = told.blocking_recv() {
            desk.hear(&news);
        }
        end
    });
    let end = match end {
        End::Done => shrink(&mut desk, crew, &runtime, interrupted.as_mut()),
        other => other,
    };
    let report = desk.close();
    if let Some(folder) = &args.report {
        write(folder, &report)?;
    }
    tell_all(args, &report);
    match end {
        End::Failed(why) => Err(Stop::twin(why)),
        End::Interrupted => Ok(Exit::Interrupted),
        End::Done if report.is_good() => Ok(Exit::Ok),
        End::Done => Ok(Exit::Broken),
    }
}

async fn listen(
    desk: &mut Desk,
    told: &mut UnboundedReceiver<News>,
    crew: &Crew<'_>,
    mut interrupted: Pin<&mut impl Future>,
) -> End {
    loop {
        let news = match select(&mut interrupted, pin!(told.recv())).await {
            Either::Left(_) => return End::Interrupted,
            Either::Right((None, _)) => return End::Done,
            Either::Right((Some(news), _)) => news,
        };
        if let News::Failed(why) = news {
            return End::Failed(why);
        }
        desk.hear(&news);
        if crew.time.is_some_and(|time| desk.took() >= time.get()) {
            return End::Done;
        }
    }
}

/// Shrinks the shortest story of each way of going wrong, several at once.
fn shrink(
    desk: &mut Desk,
    crew: &Crew<'_>,
    runtime: &tokio::runtime::Runtime,
    mut interrupted: Pin<&mut impl Future>,
) -> End {
    let stop = AtomicBool::new(false);
    let (tell, mut told) = unbounded_channel();
    let all = desk.worth_shrinking();
    std::thread::scope(|scope| {
        crew.shrink(scope, &all, &stop, &tell);
        drop(tell);
        let end = runtime.block_on(async {
            loop {
                match select(&mut interrupted, pin!(told.recv())).await {
                    Either::Left(_) => return End::Interrupted,
                    Either::Right((None, _)) => return End::Done,
                    Either::Right((Some(small), _)) => desk.shrunk(small),
                }
            }
        });
        stop.store(true, Ordering::Relaxed);
        end
    })
}

/// The report, and a file for each world that was shrunk.
fn write(folder: &Path, report: &Report) -> Result<(), Stop> {
    let write = |name: String, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text)
            .map_err(|error| Stop::twin(format!("{}: {error}", path.display())))
    };
    write(REPORT.to_owned(), &report.to_lines())?;
    for Small {
        wrong,
        seed,
        scenario,
        ..
    } in &report.shrunk
    {
        write(format!("{wrong}-{seed}.yaml"), scenario)?;
    }
    Ok(())
}

fn tell_all(args: &args::Explore, report: &Report) {
    output::print(&match args.format {
        ListFormat::Json => report.to_lines(),
        ListFormat::Pretty => report.to_string(),
    });
}

/// The journal of each seed on standard output.
fn journals(args: &args::Explore, seeds: Seeds, shard: Shard) -> Result<Exit, Stop> {
    for n in 0.. {
        let Some(seed) = seeds.nth(shard, n) else {
            break;
        };
        let lived = live(&draw(seed, &args.behaviour));
        let lived = lived.map_err(|error| Stop::twin(error.to_string()))?;
        let mut text = format!("{}{seed}\n", meta::SEED);
        for record in lived.told.iter().flat_map(|told| &told.records) {
            text.push_str(&serde_json::to_string(&**record).unwrap_or_default());
            text.push('\n');
        }
        if let Some(finding) = lived.finding {
            text.push_str(&finding.how);
            text.push('\n');
        }
        output::print(&text);
    }
    Ok(Exit::Ok)
}
