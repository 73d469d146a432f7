//! Where reports are written: one folder a scenario.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::ops::Deref;
use std::path::{Component, Path, PathBuf};

use persotwin_kernel::Record;
use persotwin_link::CustomerName;
use persotwin_wire::Tapped;
use serde_json::Value;

use crate::{har, journal_lines};

/// The folder of `--report DIR`.
///
/// `DIR/<scenario path without ending>/` holds `journal.jsonl`, `wire.har` and, for each card, `cards/<customer>.card.json`. What lies
/// there from an earlier run is overwritten, and cards of an earlier run are removed.
#[derive(Debug, Clone)]
pub struct ReportDir(PathBuf);

/// A card as it was produced, for `cards/`: the one place where card data stand in the clear, as they do on a real card.
#[derive(Clone)]
pub struct CardFile {
    /// Whose.
    pub customer: CustomerName,
    /// The file's content.
    pub content: Value,
}

impl std::fmt::Debug for CardFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CardFile({})", self.customer)
    }
}

/// A report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file or folder could not be written.
    #[error("cannot write {}: {source}; make room there, or name another folder with --report", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The scenario's path leads out of the report's folder.
    #[error("cannot report on {}: its path must lie below the folder that was given", path.display())]
    Outside {
        /// Which.
        path: PathBuf,
    },
}

impl ReportDir {
    /// The folder; it is made when something is written.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Writes the report of one scenario and gives its folder. `scenario` is the scenario's path below the folder that the user gave,
    /// without its ending: `journeys/happy-path`.
    pub fn write<R: Deref<Target = Record>>(
        &self,
        scenario: &Path,
        journal: impl IntoIterator<Item = R>,
        tapped: &[Tapped],
        cards: &[CardFile],
    ) -> Result<PathBuf, ReportError> {
        let folder = self.folder(scenario)?;
        let card_folder = folder.join("cards");
        make(&folder)?;
        remove(&card_folder)?;
        to_file(&folder.join("journal.jsonl"), |file| {
            journal_lines(journal, file)
        })?;
        to_file(&folder.join("wire.har"), |file| json(file, &har(tapped)))?;
        for card in cards {
            make(&card_folder)?;
            let path = card_folder.join(format!("{}.card.json", card.customer));
            to_file(&path, |file| json(file, &card.content))?;
        }
        Ok(folder)
    }

    /// Writes a file of the whole run, such as JUnit's, wherever it shall be.
    pub fn write_file(path: &Path, content: &str) -> Result<(), ReportError> {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            make(folder)?;
        }
        to_file(path, |file| file.write_all(content.as_bytes()))
    }

    fn folder(&self, scenario: &Path) -> Result<PathBuf, ReportError> {
        let inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if scenario.as_os_str().is_empty() || !scenario.components().all(inside) {
            let path = scenario.to_owned();
            return Err(ReportError::Outside { path });
        }
        Ok(self.0.join(scenario))
    }
}

fn make(folder: &Path) -> Result<(), ReportError> {
    fs::create_dir_all(folder).map_err(|source| failed(folder, source))
}

fn remove(folder: &Path) -> Result<(), ReportError> {
    match fs::remove_dir_all(folder) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(failed(folder, source)),
        _ => Ok(()),
    }
}

fn to_file(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<fs::File>) -> io::Result<()>,
) -> Result<(), ReportError> {
    let written = fs::File::create(path).and_then(|file| {
        let mut file = BufWriter::new(file);
        write(&mut file)?;
        file.flush()
    });
    written.map_err(|source| failed(path, source))
}

fn json(file: &mut impl Write, value: &Value) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *file, value)?;
    file.write_all(b"\n")
}

fn failed(path: &Path, source: io::Error) -> ReportError {
    let path = path.to_owned();
    ReportError::Write { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn temporary(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("persotwin-report-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    fn nothing() -> Vec<std::sync::Arc<Record>> {
        Vec::new()
    }

    fn card(customer: &str) -> CardFile {
        CardFile {
            customer: customer.parse().unwrap(),
            content: serde_json::json!({"serial": "KIOSK-PS-101/A/00001"}),
        }
    }

    #[test]
    fn a_scenario_has_its_folder() {
        let root = temporary("folder");
        let reports = ReportDir::new(&root);
        let scenario = Path::new("journeys/happy-path");
        let folder = reports
            .write(scenario, nothing(), &[], &[card("alice")])
            .unwrap();
        assert_eq!(folder, root.join("journeys/happy-path"));
        assert_eq!(
            fs::read_to_string(folder.join("journal.jsonl")).unwrap(),
            ""
        );
        assert!(
            fs::read_to_string(folder.join("wire.har"))
                .unwrap()
                .contains("\"1.2\"")
        );
        assert!(folder.join("cards/alice.card.json").exists());
        reports
            .write(scenario, nothing(), &[], &[card("bob")])
            .unwrap();
        assert!(
            !folder.join("cards/alice.card.json").exists(),
            "an earlier run's card"
        );
        assert!(folder.join("cards/bob.card.json").exists());
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn an_error_names_the_path_and_a_way_out() {
        let root = temporary("file");
        ReportDir::write_file(&root, "not a folder").unwrap();
        let error = ReportDir::new(&root).write(Path::new("a"), nothing(), &[], &[]);
        let text = error.unwrap_err().to_string();
        assert!(
            text.contains(root.to_str().unwrap()) && text.contains("--report"),
            "{text}"
        );
        fs::remove_file(root).unwrap();
    }

    #[test]
    fn no_scenario_leads_out_of_the_folder() {
        for path in ["../elsewhere", "/etc/elsewhere", "a/../../b", ""] {
            let error = ReportDir::new("reports").write(Path::new(path), nothing(), &[], &[]);
            assert!(matches!(error, Err(ReportError::Outside { .. })), "{path}");
        }
    }
}
