//! The folder of `--report`: tried before any seed is explored, and never with findings of two explorations in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use persotwin_explore::report::{Report, read};

use crate::exit::Stop;

/// The report's name in its folder.
pub(crate) const REPORT: &str = "report.jsonl";
/// What it is called until it is whole.
const PART: &str = "report.jsonl.part";

/// A folder in which a report can be written, without any earlier one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Folder<'a>(&'a Path);

impl<'a> Folder<'a> {
    /// Makes the folder, or clears it of what an earlier exploration left there.
    ///
    /// # Errors
    /// When nothing can be written there, or when a report lies there that is none of ours.
    pub(crate) fn open(path: &'a Path) -> Result<Self, Stop> {
        let unwritable = |error: &io::Error| Stop::input(unwritable(path, error));
        fs::create_dir_all(path).map_err(|error| unwritable(&error))?;
        let part = path.join(PART);
        fs::write(&part, "")
            .and_then(|()| fs::remove_file(&part))
            .map_err(|error| unwritable(&error))?;
        let folder = Self(path);
        folder.clear()?;
        Ok(folder)
    }

    /// Takes an earlier report away, with the files that it names: what is found there shall be found by who writes there now.
    fn clear(self) -> Result<(), Stop> {
        let path = self.report();
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            text => text.map_err(|error| Stop::input(unwritable(self.0, &error)))?,
        };
        let reports = read(&text).map_err(|why| {
            Stop::input(format!(
                "`{}` is in the way: {why}; take it away, or name another place with --report",
                path.display()
            ))
        })?;
        let shrunk = reports.iter().flat_map(|report| &report.shrunk);
        for small in shrunk.clone() {
            let file = self.0.join(small.file_name());
            if fs::read_to_string(&file).is_ok_and(|text| text != small.scenario) {
                return Err(Stop::input(format!(
                    "`{}` was changed since it was written: move it elsewhere, or name another place with --report",
                    file.display()
                )));
            }
        }
        // The report goes last: as long as it is there, it says what else is to go.
        let names = shrunk.map(persotwin_explore::report::Small::file_name);
        for name in names.chain([REPORT.to_owned()]) {
            match fs::remove_file(self.0.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Stop::input(unwritable(self.0, &error)));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Where the report stands.
    pub(crate) fn report(self) -> PathBuf {
        self.0.join(REPORT)
    }

    /// Writes the report, and a file for each world that was shrunk.
    pub(crate) fn write(self, report: &Report) -> Result<(), Stop> {
        let mut named = report.clone();
        for small in &mut named.shrunk {
            small.file = Some(small.file_name());
        }
        let write = |name: &str, text: &str| fs::write(self.0.join(name), text);
        let report = write(PART, &named.to_lines())
            .and_then(|()| fs::rename(self.0.join(PART), self.report()));
        let mut worlds = named.shrunk.iter();
        report
            .and_then(|()| worlds.try_for_each(|small| write(&small.file_name(), &small.scenario)))
            .map_err(|error| Stop::twin(unwritable(self.0, &error)))
    }

    /// The report as it is told to whoever stands outside of the folder.
    pub(crate) fn told(self, mut report: Report) -> Report {
        for small in &mut report.shrunk {
            small.file = Some(small.file_name());
            *small = small.clone().seen_from(self.0);
        }
        report
    }
}

fn unwritable(path: &Path, error: &io::Error) -> String {
    let reason = match error.kind() {
        io::ErrorKind::AlreadyExists if path.is_file() => "it is a file, not a folder".to_owned(),
        _ => error.to_string(),
    };
    format!(
        "cannot write a report into `{}`: {reason}; name another place with --report",
        path.display()
    )
}
