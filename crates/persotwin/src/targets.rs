//! Where `run` writes: tried before anything runs, so that no result is lost afterwards.

use std::collections::BTreeMap;
use std::fs::{OpenOptions, create_dir_all};
use std::io;
use std::path::Path;

use crate::args;
use crate::exit::Stop;
use crate::runner::Task;

/// Whatever shall be written must be writable, and no report may take another's place.
pub(crate) fn check(args: &args::Run, tasks: &[Task]) -> Result<(), Stop> {
    if let Some(folder) = &args.report {
        one_folder_each(tasks)?;
        create_dir_all(folder).map_err(|error| unwritable(folder, &error, "--report"))?;
    }
    if let Some(file) = &args.junit {
        try_file(file).map_err(|error| unwritable(file, &error, "--junit"))?;
    }
    Ok(())
}

/// Two scenarios of one name would write over each other's report.
fn one_folder_each(tasks: &[Task]) -> Result<(), Stop> {
    let mut folders = BTreeMap::new();
    for task in tasks {
        if let Some(other) = folders.insert(&task.name, &task.path) {
            let (one, two, name) = (other.display(), task.path.display(), task.name.display());
            return Err(Stop::input(format!(
                "`{one}` and `{two}` would both be reported under `{name}`: name the folder that holds both, or run them one by one"
            )));
        }
    }
    Ok(())
}

/// An earlier report there stays until the new one is written.
fn try_file(file: &Path) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        create_dir_all(folder)?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .map(drop)
}

fn unwritable(path: &Path, error: &io::Error, flag: &str) -> Stop {
    let shown = path.display();
    let reason = match error.kind() {
        io::ErrorKind::AlreadyExists if path.is_file() => "it is a file, not a folder".to_owned(),
        _ => error.to_string(),
    };
    Stop::twin(format!(
        "cannot write `{shown}`: {reason}; name another place with {flag}"
    ))
}
