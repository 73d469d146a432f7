//! Finds scenario files and reads them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use persotwin_scenario::{Plan, Style, parse, parse_tenant, render};

use crate::exit::Stop;

/// A scenario file as the user named it.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Where it lies, as shown to people.
    pub(crate) path: PathBuf,
    /// Its place below the folder that was named, without ending.
    pub(crate) name: PathBuf,
}

/// Files and folders to scenario files: folders are searched for `.yaml` and `.yml`, in the order of their paths. A file that is named twice
/// counts once.
pub(crate) fn scenarios(paths: &[PathBuf], filter: Option<&str>) -> Result<Vec<Found>, Stop> {
    let mut search = Search::default();
    for path in paths {
        if path.is_dir() {
            search.below(path, path)?;
        } else if path.is_file() {
            search.file(path, PathBuf::from(path.file_stem().unwrap_or_default()));
        } else {
            return Err(Stop::input(format!(
                "there is no file or folder `{}`",
                path.display()
            )));
        }
    }
    let mut found = search.found;
    if found.is_empty() {
        return Err(Stop::input(
            "no scenario found: scenarios are files that end in .yaml or .yml",
        ));
    }
    if let Some(filter) = filter {
        found.retain(|found| matches(found, filter));
        if found.is_empty() {
            return Err(Stop::input(format!(
                "no scenario has `{filter}` in its path or name"
            )));
        }
    }
    Ok(found)
}

/// A search through folders.
#[derive(Default)]
struct Search {
    found: Vec<Found>,
    /// Where it has been, so that links that lead in a circle do not.
    seen: BTreeSet<PathBuf>,
}

impl Search {
    fn is_new(&mut self, path: &Path) -> bool {
        self.seen
            .insert(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
    }

    fn file(&mut self, path: &Path, name: PathBuf) {
        if self.is_new(path) {
            self.found.push(Found {
                path: path.to_owned(),
                name,
            });
        }
    }

    fn below(&mut self, root: &Path, folder: &Path) -> Result<(), Stop> {
        let unreadable = |error| {
            Stop::input(format!(
                "cannot read the folder `{}`: {error}",
                folder.display()
            ))
        };
        if !self.is_new(folder) {
            return Ok(());
        }
        let entries = std::fs::read_dir(folder).map_err(unreadable)?;
        let mut paths: Vec<PathBuf> = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(unreadable)?;
        paths.sort();
        for path in paths.iter().filter(|path| !is_hidden(path)) {
            if path.is_dir() {
                self.below(root, path)?;
            } else if path
                .extension()
                .is_some_and(|ending| ending == "yaml" || ending == "yml")
                && is_scenario(path)
            {
                self.file(
                    path,
                    path.strip_prefix(root).unwrap_or(path).with_extension(""),
                );
            }
        }
        Ok(())
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// Tenant files may lie beside scenarios; they say so in their first key.
fn is_scenario(path: &Path) -> bool {
    !std::fs::read_to_string(path).is_ok_and(|text| is_tenant(&text))
}

fn is_tenant(text: &str) -> bool {
    text.lines()
        .any(|line| line.starts_with("persotwin-tenant:"))
}

/// Reads a scenario, or a tenant's file, for its mistakes alone.
pub(crate) fn check(path: &Path, style: Style) -> Result<(), Stop> {
    match std::fs::read_to_string(path) {
        Ok(text) if is_tenant(&text) => {
            let mistakes = parse_tenant(&path.display().to_string(), &text).err();
            mistakes.map_or(Ok(()), |mistakes| {
                Err(Stop::input(render(&mistakes, style)))
            })
        }
        _ => read(path, style).map(drop),
    }
}

fn matches(found: &Found, filter: &str) -> bool {
    let in_name = || {
        let text = std::fs::read_to_string(&found.path).unwrap_or_default();
        text.lines().any(|line| {
            line.strip_prefix("name:")
                .is_some_and(|name| name.contains(filter))
        })
    };
    found.path.to_string_lossy().contains(filter) || in_name()
}

/// Reads one scenario; all its mistakes at once, rendered.
pub(crate) fn read(path: &Path, style: Style) -> Result<Plan, Stop> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Stop::input(format!("cannot read `{}`: {error}", path.display())))?;
    let load = |file: &Path| std::fs::read_to_string(file);
    parse(&path.display().to_string(), &text, &load)
        .map_err(|mistakes| Stop::input(render(&mistakes, style)))
}

/// What every mistaken file has, and that nothing was done with the others.
pub(crate) fn all_mistakes(mistaken: &[Stop], of: usize) -> Stop {
    let text: Vec<&str> = mistaken.iter().map(|stop| stop.text.as_str()).collect();
    let text = text.join("\n");
    match (mistaken.len(), of) {
        (_, 1) => Stop::input(text),
        (1, _) => Stop::input(format!("{text}\n1 of {of} files has mistakes")),
        (wrong, _) => Stop::input(format!("{text}\n{wrong} of {of} files have mistakes")),
    }
}
