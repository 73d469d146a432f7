//! `persotwin merge`: one report of several.

use std::fmt::Write;
use std::io::ErrorKind;
use std::path::Path;

use persotwin_explore::report::{Named, NotAReport, Report, merge as put_together, read};

use crate::args::{self, ListFormat};
use crate::exit::{Exit, Stop};
use crate::explore::REPORT;
use crate::output;

/// Reads all reports and prints one, and what is missing in it.
pub(crate) fn merge(args: &args::Merge) -> Result<Exit, Stop> {
    let (mut reports, mut unread) = (Vec::new(), Vec::new());
    for file in &args.files {
        match reports_of(file) {
            Ok(found) => reports.extend(found),
            Err(why) => unread.push(why),
        }
    }
    // Whoever was killed leaves no report or a part of one; what the others found is told all the same.
    let is_wrong = unread.iter().any(|why| matches!(why, Unread::Wrong(_)));
    let unread: Vec<String> = unread.into_iter().map(Unread::into_sentence).collect();
    if is_wrong || reports.is_empty() {
        return Err(all(&unread));
    }
    let merged = put_together(reports);
    let merged = merged.map_err(|unfit| {
        let unfit: Vec<String> = unfit.iter().map(ToString::to_string).collect();
        all(&unfit)
    })?;
    let mut remarks = String::new();
    for remark in &merged.remarks {
        // A string takes all that is written.
        let _ = writeln!(remarks, "{remark}");
    }
    for why in &unread {
        let _ = writeln!(remarks, "{why}; it is left out");
    }
    match args.format {
        ListFormat::Pretty => output::print(&format!("{}{remarks}", merged.report)),
        ListFormat::Json => {
            output::print(&merged.to_lines());
            output::note(&remarks);
        }
    }
    Ok(
        match (
            merged.report.is_good(),
            merged.is_whole() && unread.is_empty(),
        ) {
            (false, _) => Exit::Broken,
            (true, true) => Exit::Ok,
            // Like a machine that failed: worth another try.
            (true, false) => Exit::Twin,
        },
    )
}

/// Why there is no report to be read.
enum Unread {
    /// Whoever should write it was stopped.
    Cut(String),
    /// It is not what is asked for.
    Wrong(String),
}

impl Unread {
    fn into_sentence(self) -> String {
        match self {
            Self::Cut(why) | Self::Wrong(why) => why,
        }
    }
}

/// The reports of a file, or of the folder of `explore --report`.
fn reports_of(file: &Path) -> Result<Vec<Named>, Unread> {
    if file == Path::new("-") {
        return Err(Unread::Wrong(
            "`-`: merge reads files, of which each is a report; give them by their names"
                .to_owned(),
        ));
    }
    let in_folder = file.join(REPORT);
    let lines = if file.is_dir() { &in_folder } else { file };
    let name = lines.display().to_string();
    let text = std::fs::read_to_string(lines).map_err(|error| {
        if file.is_dir() && error.kind() == ErrorKind::NotFound {
            Unread::Cut(format!("{}: there is no {REPORT}", file.display()))
        } else {
            Unread::Wrong(format!("{name}: {error}"))
        }
    })?;
    let reports = read(&text).map_err(|why| {
        let sentence = format!("{name}: {why}");
        match why {
            NotAReport::Empty | NotAReport::NoSummary => Unread::Cut(sentence),
            _ => Unread::Wrong(sentence),
        }
    })?;
    let several = reports.len() > 1;
    let named = |(n, report): (usize, Report)| Named {
        name: if several {
            format!("{name} (report {})", n + 1)
        } else {
            name.clone()
        },
        report: seen(report, lines),
    };
    Ok(reports.into_iter().enumerate().map(named).collect())
}

/// A report with its files as they are seen from here, not from where it stands.
fn seen(mut report: Report, lines: &Path) -> Report {
    let folder = lines.parent().unwrap_or(Path::new(""));
    for small in &mut report.shrunk {
        *small = small.clone().seen_from(folder);
    }
    report
}

/// All mistakes, a line each.
fn all(mistakes: &[String]) -> Stop {
    Stop::input(mistakes.join("\nerror: "))
}
