//! `persotwin explore`: seeds, what their worlds came to, and what is told of it.

mod crew;
mod desk;
mod folder;
mod meta;

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use futures_util::future::{Either, select};
use persotwin_explore::{Ended, Seeds, Shard, draw, live};
use persotwin_faults::Behaviour;
use persotwin_link::Span;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::args::{self, ListFormat, Seed};
use crate::exit::{Exit, Stop};
use crate::explore::crew::{Crew, News};
use crate::explore::desk::Desk;
use crate::explore::folder::Folder;
pub(crate) use crate::explore::folder::REPORT;
use crate::output;

/// How long it explores where nobody says.
const MINUTE: persotwin_link::Span = persotwin_link::Span::from_secs(60);

/// Explores, or shows a world.
pub(crate) fn explore(args: &args::Explore) -> Result<Exit, Stop> {
    let behaviour = args.behaviour();
    if let Some(seed) = args.show {
        output::print(&draw(seed, &behaviour).to_text());
        return Ok(Exit::Ok);
    }
    let (shard, given_by) = shard(args)?;
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
        return journals(&behaviour, seeds, shard);
    }
    let time = args.time.or(seeds.end.is_none().then_some(MINUTE));
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = args.jobs.map_or_else(cores, |jobs| jobs.get().into());
    let crew = Crew {
        seeds,
        shard,
        given_by,
        behaviour: &behaviour,
        jobs,
        time,
    };
    if args.meta {
        return meta::compare(args.format, &crew);
    }
    let folder = args.report.as_deref().map(Folder::open).transpose()?;
    search(args.format, folder, &crew)
}

/// The share that is written, or that the environment gives, by which variable.
fn shard(args: &args::Explore) -> Result<(Shard, Option<&'static str>), Stop> {
    if let Some(shard) = args.shard {
        return Ok((shard, None));
    }
    // Batch systems hand on variables that have no value.
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let found = Shard::of_environment(variable);
    let Some(seeds) = args.seeds else {
        if let Ok(Some((_, name))) = found {
            output::note(&format!(
                "{name} shares out the range of `--seeds`; these seeds are fresh ones, and nobody else's\n"
            ));
        }
        return Ok((Shard::WHOLE, None));
    };
    if seeds.only().is_some() {
        // Whoever wants to see one seed again means it wherever that is.
        return Ok((Shard::WHOLE, None));
    }
    let found = found.map_err(|error| Stop::input(error.to_string()))?;
    Ok(found.map_or((Shard::WHOLE, None), |(shard, name)| (shard, Some(name))))
}

/// A runtime for whoever waits for news, or for Ctrl-C.
fn runtime() -> Result<Runtime, Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.map_err(|error| Stop::twin(format!("cannot start a runtime: {error}")))
}

/// Ctrl-C, or what a batch system sends to whom it wants to end.
async fn interrupted() {
    let pressed = pin!(tokio::signal::ctrl_c());
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut ended) = signal(SignalKind::terminate()) {
            select(pressed, pin!(ended.recv())).await;
        } else {
            let _ = pressed.await;
        }
    }
    #[cfg(not(unix))]
    let _ = pressed.await;
}

/// From here on Ctrl-C is heard, also where whoever started the program has it ignored.
fn hear(runtime: &Runtime, mut interrupted: Pin<&mut impl Future>) {
    runtime.block_on(std::future::poll_fn(|context| {
        let _ = interrupted.as_mut().poll(context);
        Poll::Ready(())
    }));
}

/// Why an exploration ended.
enum End {
    /// Its seeds or its time were used up.
    Done,
    /// Ctrl-C, or a batch system.
    Interrupted,
    /// The computer failed.
    Failed(String),
}

impl End {
    /// The same, in a report.
    fn told(&self, crew: &Crew<'_>, lived: u64) -> Ended {
        match self {
            Self::Done if crew.seeds.count(crew.shard) == Some(lived) => Ended::Done,
            Self::Done => Ended::TimeUp,
            Self::Interrupted => Ended::Interrupted,
            Self::Failed(_) => Ended::Failed,
        }
    }
}

/// Lets worlds live until seeds or time are used up, and shrinks one world for each way of going wrong.
fn search(format: ListFormat, folder: Option<Folder<'_>>, crew: &Crew<'_>) -> Result<Exit, Stop> {
    let runtime = runtime()?;
    // From the first line on, and between searching and shrinking too.
    let mut interrupted = pin!(interrupted());
    hear(&runtime, interrupted.as_mut());
    let mut desk = Desk::open(format, crew);
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
    let report = desk.close(|lived| end.told(crew, lived));
    let is_good = report.is_good();
    let written = folder.map_or(Ok(()), |folder| folder.write(&report));
    let told = folder.map_or_else(|| report.clone(), |folder| folder.told(report.clone()));
    output::print(&match format {
        ListFormat::Json => told.to_lines(),
        ListFormat::Pretty => told.to_string(),
    });
    written?;
    if let (Some(folder), ListFormat::Pretty) = (folder, format) {
        output::print(&format!("report: {}\n", folder.report().display()));
    }
    match end {
        End::Failed(why) => Err(Stop::twin(why)),
        End::Interrupted => Ok(Exit::Interrupted),
        End::Done if is_good => Ok(Exit::Ok),
        End::Done => Ok(Exit::Broken),
    }
}

async fn listen(
    desk: &mut Desk<'_>,
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
    desk: &mut Desk<'_>,
    crew: &Crew<'_>,
    runtime: &Runtime,
    mut interrupted: Pin<&mut impl Future>,
) -> End {
    let stop = AtomicBool::new(false);
    let (tell, mut told) = unbounded_channel();
    let all = desk.worth_shrinking();
    std::thread::scope(|scope| {
        crew.shrink(scope, &all, desk.begun(), &stop, &tell);
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
        while let Some(small) = told.blocking_recv() {
            desk.shrunk(small);
        }
        end
    })
}

/// The journal of each seed on standard output.
fn journals(behaviour: &[Behaviour], seeds: Seeds, shard: Shard) -> Result<Exit, Stop> {
    for n in 0.. {
        let Some(seed) = seeds.nth(shard, n) else {
            break;
        };
        let lived = live(&draw(seed, behaviour));
        let lived = lived.map_err(|error| Stop::twin(error.to_string()))?;
        let mut text = String::new();
        for record in lived.told.iter().flat_map(|told| &told.records) {
            text.push_str(&serde_json::to_string(&**record).unwrap_or_default());
            text.push('\n');
        }
        if let Some(finding) = lived.finding {
            text.push_str(&finding.how);
            text.push('\n');
        }
        text.push_str(meta::END);
        output::print(&text);
    }
    Ok(Exit::Ok)
}
