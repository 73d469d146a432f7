//! Where news of worlds come together: the report so far, and how far it is.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use persotwin_explore::report::{Found, Line, Progress, Report, Says, Small, Way, many};
use persotwin_explore::{Ended, Finding};

use crate::args::ListFormat;
use crate::explore::crew::{Crew, News, World};
use crate::output;

/// How often a line says how far it is, where nobody sees a bar.
const EVERY: Duration = Duration::from_secs(10);
/// How many seeds a line names that are shrunk.
const NAMED: usize = 5;

/// Hears news and keeps the report.
pub(crate) struct Desk<'a> {
    crew: Crew<'a>,
    report: Report,
    /// The shortest story of each way of going wrong.
    shortest: BTreeMap<Way, (usize, u64, Finding)>,
    begun: Instant,
    bar: ProgressBar,
    /// When a line said last how far it is.
    told: Duration,
    shows: Shows,
    /// Seeds whose worlds are not shrunk yet.
    large: BTreeSet<u64>,
}

/// How people or programs see how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// A bar on the terminal.
    Bar,
    /// Now and then a line: JSON on standard output where that belongs to a program, words on standard error otherwise.
    Lines(ListFormat),
}

impl<'a> Desk<'a> {
    /// Opens with the line that says which seeds.
    pub(crate) fn open(format: ListFormat, crew: &Crew<'a>) -> Self {
        if format == ListFormat::Pretty {
            output::print(&format!("{crew}\n"));
        }
        let shows = if io::stderr().is_terminal() {
            Shows::Bar
        } else {
            Shows::Lines(format)
        };
        Self {
            crew: *crew,
            report: Report {
                behaviour: crew.behaviour.iter().map(ToString::to_string).collect(),
                ..Report::default()
            },
            shortest: BTreeMap::new(),
            begun: now(),
            bar: bar(crew, shows),
            told: Duration::ZERO,
            shows,
            large: BTreeSet::new(),
        }
    }

    /// Since when it has been open.
    pub(crate) fn begun(&self) -> Instant {
        self.begun
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
        self.large = all.iter().map(|(seed, _)| *seed).collect();
        match self.shows {
            _ if all.is_empty() => {}
            Shows::Lines(ListFormat::Pretty) => output::note(&format!("{}\n", self.shrinking())),
            _ => self.bar.set_message(self.shrinking()),
        }
        all
    }

    /// Takes a world that was shrunk.
    pub(crate) fn shrunk(&mut self, small: Small) {
        self.large.remove(&small.seed);
        self.bar.set_message(self.shrinking());
        self.report.shrunk.push(small);
        self.report
            .shrunk
            .sort_by(|a, b| (&a.wrong, a.seed).cmp(&(&b.wrong, b.seed)));
    }

    /// "shrinking seeds 5, 17 and 2 others".
    fn shrinking(&self) -> String {
        let mut named: Vec<String> = self.large.iter().take(NAMED).map(u64::to_string).collect();
        let others = self.large.len().saturating_sub(NAMED) as u64;
        if others > 0 {
            named.push(many(others, "other"));
        }
        let noun = if named.len() == 1 { "seed" } else { "seeds" };
        format!("shrinking {noun} {}", named.join(", "))
    }

    /// The report, with how it ended after so many seeds.
    pub(crate) fn close(mut self, ended: impl FnOnce(u64) -> Ended) -> Report {
        self.stop_the_clock();
        let lived = self.report.census.seeds;
        self.report.shares = vec![self.crew.share(lived, ended(lived))];
        self.bar.finish_and_clear();
        self.report
    }

    fn stop_the_clock(&mut self) {
        if self.report.core_ms == 0 {
            let cores = u64::try_from(self.crew.jobs).unwrap_or(1);
            self.report.core_ms = millis(self.took()) * cores;
        }
    }

    fn show(&mut self) {
        let progress = self.progress();
        match self.shows {
            Shows::Bar => {
                self.bar.set_position(progress.seeds);
                self.bar.set_message(progress.to_string());
            }
            Shows::Lines(format) => {
                if self.took() < self.told + EVERY {
                    return;
                }
                self.told = self.took();
                match format {
                    ListFormat::Json => {
                        output::print(&Line::new(Says::Progress(progress)).to_json());
                    }
                    ListFormat::Pretty => {
                        let far = self.crew.share(progress.seeds, Ended::Done).far();
                        output::note(&format!("{far}, {progress}\n"));
                    }
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
