//! `persotwin merge`: one report of several.

use persotwin_explore::report::Report;

use crate::args::{self, ListFormat};
use crate::exit::{Exit, Stop};
use crate::explore::REPORT;
use crate::output;

/// Reads all reports and prints one.
pub(crate) fn merge(args: &args::Merge) -> Result<Exit, Stop> {
    let mut report = Report::default();
    for file in &args.files {
        let input =
            |error: &dyn std::fmt::Display| Stop::input(format!("{}: {error}", file.display()));
        // The folder of `explore --report` will do, too.
        let in_folder = file.join(REPORT);
        let lines = if file.is_dir() { &in_folder } else { file };
        let text = std::fs::read_to_string(lines).map_err(|error| input(&error))?;
        report.merge(&text).map_err(|error| input(&error))?;
    }
    match args.format {
        ListFormat::Pretty => output::print(&report.to_string()),
        ListFormat::Json => output::print(&report.to_lines()),
    }
    Ok(if report.is_good() {
        Exit::Ok
    } else {
        Exit::Broken
    })
}
