//! `persotwin check`: reads scenarios and runs none.

use crate::args::Check;
use crate::exit::{Exit, Stop};
use crate::{find, output};

/// Every mistake of every file.
pub(crate) fn check(args: &Check) -> Result<Exit, Stop> {
    let found = find::scenarios(&args.paths, None)?;
    let style = output::diagnostic_style();
    let mistaken: Vec<Stop> = found
        .iter()
        .filter_map(|found| find::check(&found.path, style).err())
        .collect();
    if mistaken.is_empty() {
        let files = if found.len() == 1 {
            "file is"
        } else {
            "files are"
        };
        output::print(&format!("{} {files} good\n", found.len()));
        return Ok(Exit::Ok);
    }
    Err(find::all_mistakes(&mistaken, found.len()))
}
