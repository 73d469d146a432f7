//! `persotwin run`: scenarios, their verdicts, and what people and programs read of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use persotwin_report::{Broken, Color, Coverage, ReportDir, Spot, Style, Title, Verdict};
use persotwin_scenario::{Diagnostic, Plan, render};
use persotwin_world::{Options, Told, WireKind};

use crate::args::{self, Format, Seed};
use crate::exit::{Exit, Stop};
use crate::runner::{Course, Outcome, Second, Task, run_all};
use crate::{cards, find, output, targets};

/// Runs what was asked for.
pub(crate) fn run(args: &args::Run) -> Result<Exit, Stop> {
    let tasks: Arc<[Task]> = tasks(args)?.into();
    targets::check(args, &tasks)?;
    let wire = match args.wire {
        args::WireKind::Loopback => WireKind::Loopback,
        args::WireKind::InProcess => WireKind::InProcess,
    };
    let options = Options {
        wire,
        seed: args.seed.map(Seed::number),
    };
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = args.jobs.map_or_else(cores, |jobs| jobs.get().into());
    let mut desk = Desk::new(args, &tasks, options);
    #[expect(
        clippy::disallowed_methods,
        reason = "how long the computer took, for people"
    )]
    let begun = Instant::now();
    let course = run_all(&tasks, options, args.twice, jobs, |outcome| {
        desk.take(&outcome)
    });
    let course = course.map_err(|error| Stop::twin(format!("cannot listen: {error}")))?;
    desk.close(begun.elapsed(), course)
}

/// Reads every scenario before any is run: a mistake in one of them stops them all.
fn tasks(args: &args::Run) -> Result<Vec<Task>, Stop> {
    let found = find::scenarios(&args.paths, args.filter.as_deref())?;
    let of = found.len();
    let style = output::diagnostic_style();
    let (mut tasks, mut mistakes) = (Vec::new(), Vec::new());
    for found in found {
        match find::read(&found.path, style).and_then(|plan| can_sign(plan, style)) {
            Ok(plan) => tasks.push(Task {
                path: found.path,
                name: found.name,
                plan: if args.without_faults {
                    plan.without_faults()
                } else {
                    plan
                },
            }),
            Err(stop) => mistakes.push(stop),
        }
    }
    if !mistakes.is_empty() {
        return Err(find::all_mistakes(&mistakes, of));
    }
    Ok(tasks)
}

/// In virtual time the issuer is the mock one, and it must sign.
fn can_sign(plan: Plan, style: persotwin_scenario::Style) -> Result<Plan, Stop> {
    let Some(place) = plan.issuer_keys.clone() else {
        return Ok(plan);
    };
    let title = "this issuer signs with keys of its own, so only `up` can have it";
    let mistake = Diagnostic::new(
        Arc::clone(&plan.source),
        place,
        title,
        "only public keys here",
    )
    .note("`run` plays every machine, the issuer too, and has no key to sign with")
    .help("start `persotwin up` with this file, or leave `issuer-keys:` away");
    Err(Stop::input(render(&[mistake], style)))
}

/// Takes outcomes one by one, prints them as asked, and remembers the worst.
struct Desk<'a> {
    args: &'a args::Run,
    tasks: &'a [Task],
    options: Options,
    outcomes: Vec<persotwin_report::Outcome>,
    coverage: Coverage,
    exit: Exit,
    stop: Option<Stop>,
}

impl<'a> Desk<'a> {
    fn new(args: &'a args::Run, tasks: &'a [Task], options: Options) -> Self {
        let desk = Self {
            args,
            tasks,
            options,
            outcomes: Vec::new(),
            coverage: Coverage::default(),
            exit: Exit::Ok,
            stop: None,
        };
        if tasks.len() > 1 {
            let seed = options
                .seed
                .map_or("each its own".to_owned(), |seed| seed.to_string());
            desk.say(&format!(
                "{} scenarios, seed: {seed}, wire: {}\n\n",
                tasks.len(),
                options.wire.word()
            ));
        }
        desk
    }

    /// Words for people: on standard output, unless that belongs to a program.
    fn say(&self, text: &str) {
        match self.args.format {
            Format::Pretty => output::print(text),
            Format::Json | Format::Github => output::note(text),
        }
    }

    fn style(&self) -> Style {
        let colours = match self.args.format {
            Format::Pretty => output::stdout_colours(),
            Format::Json | Format::Github => output::stderr_colours(),
        };
        Style {
            color: if colours { Color::Ansi } else { Color::Plain },
            ..Style::default()
        }
    }

    /// Returns whether to go on.
    fn take(&mut self, outcome: &Outcome) -> bool {
        let task = &self.tasks[outcome.index];
        let summary = summarise(task, outcome, self.options);
        self.worsen(outcome, &summary.verdict);
        self.print(task, outcome, &summary);
        let bad = !matches!(summary.verdict, Verdict::Ok) || self.stop.is_some();
        self.outcomes.push(summary);
        if let Ok(told) = &outcome.told {
            self.coverage.count(&told.records);
        }
        if let (Ok(told), Some(folder)) = (&outcome.told, &self.args.report)
            && let Err(stop) = report(folder, task, told)
        {
            self.stop = Some(stop);
            return false;
        }
        !(bad && self.args.fail_fast)
    }

    fn worsen(&mut self, outcome: &Outcome, verdict: &Verdict) {
        let differs = matches!(outcome.second, Some(Second::Differs(_)));
        let exit = match verdict {
            Verdict::Error(_) => Exit::Twin,
            _ if differs => Exit::Differs,
            Verdict::Failed(_) => Exit::Broken,
            Verdict::Ok => Exit::Ok,
        };
        let rank = |exit: Exit| match exit {
            Exit::Twin => 3,
            Exit::Differs => 2,
            Exit::Broken => 1,
            _ => 0,
        };
        if rank(exit) > rank(self.exit) {
            self.exit = exit;
        }
    }

    fn print(&self, task: &Task, outcome: &Outcome, summary: &persotwin_report::Outcome) {
        match self.args.format {
            Format::Json => output::print(&format!("{}\n", persotwin_report::json_line(summary))),
            Format::Github => output::print(&persotwin_report::github(summary)),
            Format::Pretty => {}
        }
        let style = self.style();
        let ok = matches!(summary.verdict, Verdict::Ok);
        if self.tasks.len() > 1 {
            self.say(&format!(
                "{}\n",
                persotwin_report::one_line(summary, &style)
            ));
        }
        if self.tasks.len() == 1 || !ok {
            self.tell(task, outcome, summary, &style);
        }
        match &outcome.second {
            Some(Second::Same) if self.tasks.len() == 1 => self.say(match self.options.wire {
                WireKind::InProcess => "run twice: the same journal\n",
                WireKind::Loopback => {
                    "run twice: the same stories (--wire in-process compares whole journals)\n"
                }
            }),
            Some(Second::Differs(how)) => self.say(&format!("run twice: {how}\n")),
            _ => {}
        }
        if !ok {
            self.say(&self.repeat(summary));
        }
    }

    /// The command that shows a failure again.
    fn repeat(&self, failed: &persotwin_report::Outcome) -> String {
        let again =
            persotwin_report::repeat(&failed.scenario, failed.seed, self.options.wire.word());
        let without = if self.args.without_faults {
            " --without-faults"
        } else {
            ""
        };
        let twice = if self.args.twice { " --twice" } else { "" };
        format!("{again}{without}{twice}\n")
    }

    fn tell(
        &self,
        task: &Task,
        outcome: &Outcome,
        summary: &persotwin_report::Outcome,
        style: &Style,
    ) {
        match &outcome.told {
            Ok(told) => {
                let title = Title {
                    name: task.plan.name.clone(),
                    about: task.plan.about.clone(),
                    seed: told.seed,
                    wire: told.wire.word().to_owned(),
                };
                self.say(&persotwin_report::story(&told.records, &title, style));
                if !told.unmet.is_empty() {
                    let diagnostics = match style.color {
                        Color::Ansi => persotwin_scenario::Style::Color,
                        Color::Plain => persotwin_scenario::Style::Plain,
                    };
                    self.say(&format!("\n{}", render(&told.unmet, diagnostics)));
                }
            }
            Err(why) => self.say(&format!("error: {}: {why}\n", summary.scenario)),
        }
    }

    fn close(self, wall: Duration, course: Course) -> Result<Exit, Stop> {
        if self.tasks.len() > 1 {
            if matches!(self.args.format, Format::Pretty) {
                self.say(&format!("\n{}\n", self.coverage));
            }
            self.say(&format!(
                "\n{}\n",
                persotwin_report::summary(&self.outcomes, wall)
            ));
            if let Some(failed) = self
                .outcomes
                .iter()
                .find(|outcome| !matches!(outcome.verdict, Verdict::Ok))
            {
                self.say(&self.repeat(failed));
            }
        }
        if let Some(file) = &self.args.junit {
            let xml = persotwin_report::junit(&self.outcomes)
                .map_err(|error| Stop::twin(error.to_string()))?;
            ReportDir::write_file(file, &xml).map_err(|error| Stop::twin(error.to_string()))?;
        }
        if let Some(stop) = self.stop {
            return Err(stop);
        }
        if course == Course::Interrupted {
            let (ended, of) = (self.outcomes.len(), self.tasks.len());
            output::note(&format!("interrupted: {ended} of {of} had ended\n"));
            return Ok(Exit::Interrupted);
        }
        Ok(self.exit)
    }
}

fn summarise(task: &Task, outcome: &Outcome, options: Options) -> persotwin_report::Outcome {
    let (seed, virtual_time, verdict) = match &outcome.told {
        Ok(told) => (told.seed, told.took, verdict(told, outcome.second.as_ref())),
        Err(why) => (
            options.seed.unwrap_or(task.plan.seed),
            Duration::ZERO,
            Verdict::Error(why.clone()),
        ),
    };
    persotwin_report::Outcome {
        scenario: task.path.to_string_lossy().replace('\\', "/"),
        name: task.plan.name.clone(),
        seed,
        virtual_time,
        wall: outcome.wall,
        verdict,
    }
}

fn verdict(told: &Told, second: Option<&Second>) -> Verdict {
    let laws = told.breaches.iter().map(|breach| Broken {
        what: breach.law.to_owned(),
        how: breach.how.clone(),
        spot: None,
    });
    let second = second.and_then(|second| match second {
        Second::Same => None,
        Second::Differs(how) => Some(Broken {
            what: "twice".to_owned(),
            how: how.clone(),
            spot: None,
        }),
    });
    let unmet = told.unmet.iter().map(unmet);
    let broken: Vec<Broken> = laws.chain(unmet).chain(second).collect();
    if broken.is_empty() {
        Verdict::Ok
    } else {
        Verdict::Failed(broken)
    }
}

/// A failed expectation: what the file says at its place, and what was found.
fn unmet(unmet: &Diagnostic) -> Broken {
    let place = unmet.position();
    Broken {
        what: unmet
            .title
            .trim_start_matches("expectation failed: expect.")
            .to_owned(),
        how: format!("expected {}, {}", unmet.underlined(), unmet.label),
        spot: Some(Spot {
            file: unmet.source.path().to_owned(),
            line: place.line,
            column: place.column,
        }),
    }
}

fn report(folder: &std::path::Path, task: &Task, told: &Told) -> Result<(), Stop> {
    let place = ReportDir::new(folder);
    let folder = place.write(&task.name, told.records.iter().cloned(), &told.tapped);
    folder
        .map_err(|error| Stop::twin(error.to_string()))
        .and_then(|mut folder| cards::add(&mut folder, told))
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
