//! Where news of worlds come together: the report so far, and how far it is.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use persotwin_explore::Finding;
use persotwin_explore::report::{Found, Line, Progress, Report, Says, Small, Way};
use persotwin_link::Span;

use crate::args::{self, ListFormat};
use crate::explore::crew::{Crew, News, World};
use crate::output;

/// How often a line says how far it is, where nobody sees a bar.
const EVERY: Duration = Duration::from_secs(10);

/// Hears news and keeps the report.
pub(crate) struct Desk {
    report: Report,
    /// The shortest story of each way of going wrong.
    shortest: BTreeMap<Way, (usize, u64, Finding)>,
    begun: Instant,
    bar: ProgressBar,
    /// When a line said last how far it is.
    told: Duration,
    shows: Shows,
    jobs: usize,
}

/// How people or programs see how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// A bar on the terminal.
    Bar,
    /// JSON lines, on standard output where that belongs to a program.
    Lines(ListFormat),
}

impl Desk {
    /// Opens with the line that says which seeds.
    pub(crate) fn open(args: &args::Explore, crew: &Crew<'_>) -> Self {
        if args.format == ListFormat::Pretty {
            let time = crew.time.map(|time| format!(" for {time}"));
            output::print(&format!(
                "seeds {}, shard {}{}, {} at once\n",
                crew.seeds,
                crew.shard,
                time.unwrap_or_default(),
                crew.jobs
            ));
        }
        let shows = if io::stderr().is_terminal() {
            Shows::Bar
        } else {
            Shows::Lines(args.format)
        };
        Self {
            report: Report {
                behaviour: crew.behaviour.iter().map(ToString::to_string).collect(),
                ..Report::default()
            },
            shortest: BTreeMap::new(),
            begun: now(),
            bar: bar(crew, shows),
            told: Duration::ZERO,
            shows,
            jobs: crew.jobs,
        }
    }

    /// For how long it has been open.
    pub(crate) fn took(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Takes news of a world.
    pub(crate) fn hear(&mut self, news: &News) {
        let News::Lived(world) = news else { return };
        let World {
            seed,
            census,
            events,
            finding,
        } = &**world;
        self.report.census.add(census.clone());
        if let Some(finding) = finding {
            let found = Found::new(*seed, *events, finding);
            let shortest = self
                .shortest
                .entry(found.way())
                .or_insert_with(|| (*events, *seed, finding.clone()));
            if (*events, *seed) < (shortest.0, shortest.1) {
                *shortest = (*events, *seed, finding.clone());
            }
            self.report.find(found);
        }
        self.show();
    }

    /// Which worlds shall be shrunk. The figures are those of the search, so the clock stops here.
    pub(crate) fn worth_shrinking(&mut self) -> Vec<(u64, Finding)> {
        self.stop_the_clock();
        let shortest = self.shortest.values();
        let all: Vec<_> = shortest
            .map(|(_, seed, finding)| (*seed, finding.clone()))
            .collect();
        if !all.is_empty() {
            self.bar.set_message(format!("shrinking {}", all.len()));
        }
        all
    }

    /// Takes a world that was shrunk.
    pub(crate) fn shrunk(&mut self, small: Small) {
        self.report.shrunk.push(small);
        self.report
            .shrunk
            .sort_by(|a, b| (&a.wrong, a.seed).cmp(&(&b.wrong, b.seed)));
    }

    /// The report.
    pub(crate) fn close(mut self) -> Report {
        self.stop_the_clock();
        self.bar.finish_and_clear();
        self.report
    }

    fn stop_the_clock(&mut self) {
        if self.report.core_ms == 0 {
            let cores = u64::try_from(self.jobs).unwrap_or(1);
            self.report.core_ms = millis(self.took()) * cores;
        }
    }

    fn show(&mut self) {
        let progress = self.progress();
        match self.shows {
            Shows::Bar => {
                self.bar.set_position(progress.seeds);
                self.bar.set_message(words(&progress));
            }
            Shows::Lines(format) => {
                if self.took() < self.told + EVERY {
                    return;
                }
                self.told = self.took();
                let line = Line::new(Says::Progress(progress)).to_json();
                match format {
                    ListFormat::Json => output::print(&line),
                    ListFormat::Pretty => output::note(&line),
                }
            }
        }
    }

    fn progress(&self) -> Progress {
        let census = &self.report.census;
        let per_minute = (census.seeds * 60_000).checked_div(millis(self.took()));
        Progress {
            seeds: census.seeds,
            seeds_per_minute: per_minute.unwrap_or_default(),
            virtual_ms: census.virtual_ms,
            strikes: census.strikes(),
            cells: census.cells.len() as u64,
            findings: self.report.findings(),
        }
    }
}

fn bar(crew: &Crew<'_>, shows: Shows) -> ProgressBar {
    let target = match shows {
        Shows::Bar => ProgressDrawTarget::stderr(),
        Shows::Lines(_) => ProgressDrawTarget::hidden(),
    };
    let (bar, template) = match crew.seeds.count(crew.shard) {
        Some(count) => (
            ProgressBar::with_draw_target(Some(count), target),
            "{bar:20} {pos}/{len} seeds, {msg}",
        ),
        None => (
            ProgressBar::with_draw_target(None, target),
            "{spinner} {pos} seeds, {msg}",
        ),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn words(progress: &Progress) -> String {
    let virtual_time = Span::from_secs(progress.virtual_ms / 60_000 * 60);
    format!(
        "{} a second, {virtual_time} of virtual time, {} faults, {} cells, {} findings",
        progress.seeds_per_minute / 60,
        progress.strikes,
        progress.cells,
        progress.findings
    )
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long the computer took, and how long it may take: for people"
)]
fn now() -> Instant {
    Instant::now()
}
