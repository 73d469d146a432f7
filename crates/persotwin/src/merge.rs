//! `persotwin merge`: one report of several.

use std::fmt::Write;
use std::path::Path;

use persotwin_explore::report::{Named, Report, merge as put_together, read};

use crate::args::{self, ListFormat};
use crate::exit::{Exit, Stop};
use crate::explore::REPORT;
use crate::output;

/// Reads all reports and prints one, and what is missing in it.
pub(crate) fn merge(args: &args::Merge) -> Result<Exit, Stop> {
    let (mut reports, mut mistakes) = (Vec::new(), Vec::new());
    for file in &args.files {
        match reports_of(file) {
            Ok(found) => reports.extend(found),
            Err(why) => mistakes.push(why),
        }
    }
    if !mistakes.is_empty() {
        return Err(all(&mistakes));
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
    match args.format {
        ListFormat::Pretty => output::print(&format!("{}{remarks}", merged.report)),
        ListFormat::Json => {
            output::print(&merged.to_lines());
            output::note(&remarks);
        }
    }
    Ok(match (merged.report.is_good(), merged.is_whole()) {
        (false, _) => Exit::Broken,
        (true, true) => Exit::Ok,
        // Like a machine that failed: worth another try.
        (true, false) => Exit::Twin,
    })
}

/// The reports of a file, or of the folder of `explore --report`.
fn reports_of(file: &Path) -> Result<Vec<Named>, String> {
    if file == Path::new("-") {
        return Err(
            "`-`: merge reads files, of which each is one report; give them by their names"
                .to_owned(),
        );
    }
    let in_folder = file.join(REPORT);
    let lines = if file.is_dir() { &in_folder } else { file };
    let name = lines.display().to_string();
    let text = std::fs::read_to_string(lines).map_err(|error| format!("{name}: {error}"))?;
    let reports = read(&text).map_err(|why| format!("{name}: {why}"))?;
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
