//! Where reports are written: one folder a scenario.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::ops::Deref;
use std::path::{Component, Path, PathBuf};

use persotwin_kernel::Record;
use persotwin_link::{CustomerName, Serial};
use persotwin_wire::Tapped;
use serde_json::Value;

use crate::{har, journal_lines};

/// The folder of `--report DIR`.
///
/// `DIR/<scenario path without ending>/` holds `journal.jsonl`, `wire.har` and, for each card, `cards/<customer>.card.json` with its pictures
/// beside it. What lies there from an earlier run is overwritten, and cards of an earlier run are removed.
#[derive(Debug, Clone)]
pub struct ReportDir(PathBuf);

/// The report of one scenario, to which its cards are added one by one: with its pictures a card is large.
#[derive(Debug)]
pub struct ScenarioFolder {
    path: PathBuf,
    /// How many cards there are of a name.
    cards: BTreeMap<String, u32>,
}

/// A card as it was produced, for `cards/`: the one place where card data stand in the clear, as they do on a real card.
#[derive(Clone)]
pub struct CardFile {
    /// Which.
    pub whose: Whose,
    /// The card, for `.card.json`.
    pub content: Value,
    /// What it looks like.
    pub pictures: Vec<CardPicture>,
}

/// A picture of a card.
#[derive(Clone)]
pub struct CardPicture {
    /// How its file's name ends: `front.png`.
    pub ending: String,
    /// The file's content.
    pub content: Vec<u8>,
}

/// What the files of a card are called after. The second card of one name is `<name>-2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// `<customer>`: it was finished for a customer.
    Customer(CustomerName),
    /// `rejected-<serial>`: it never became anybody's. The slashes of a serial number are hyphens here.
    Rejected(Serial),
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(name) => write!(f, "{name}"),
            Self::Rejected(serial) => write!(f, "rejected-{}", serial.as_str().replace('/', "-")),
        }
    }
}

impl fmt::Debug for CardFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardFile({})", self.whose)
    }
}

impl fmt::Debug for CardPicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardPicture({})", self.ending)
    }
}

impl ScenarioFolder {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a card and its pictures.
    pub fn add(&mut self, card: &CardFile) -> Result<(), ReportError> {
        let folder = self.path.join("cards");
        make(&folder)?;
        let mut name = card.whose.to_string();
        let count = self.cards.entry(name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            name = format!("{name}-{count}");
        }
        to_file(&folder.join(format!("{name}.card.json")), |file| {
            json(file, &card.content)
        })?;
        for picture in &card.pictures {
            let path = folder.join(format!("{name}.{}", picture.ending));
            to_file(&path, |file| file.write_all(&picture.content))?;
        }
        Ok(())
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

    /// Writes the report of one scenario, and gives its folder, as yet without cards. `scenario` is the scenario's path below the folder that the user gave,
    /// without its ending: `journeys/happy-path`.
    pub fn write<R: Deref<Target = Record>>(
        &self,
        scenario: &Path,
        journal: impl IntoIterator<Item = R>,
        tapped: &[Tapped],
    ) -> Result<ScenarioFolder, ReportError> {
        let folder = self.folder(scenario)?;
        make(&folder)?;
        remove(&folder.join("cards"))?;
        to_file(&folder.join("journal.jsonl"), |file| {
            journal_lines(journal, file)
        })?;
        to_file(&folder.join("wire.har"), |file| json(file, &har(tapped)))?;
        Ok(ScenarioFolder {
            path: folder,
            cards: BTreeMap::new(),
        })
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

    fn card(whose: Whose) -> CardFile {
        CardFile {
            whose,
            content: serde_json::json!({"serial": "KIOSK-PS-101/A/00001"}),
            pictures: vec![CardPicture {
                ending: "front.png".to_owned(),
                content: b"picture".to_vec(),
            }],
        }
    }

    fn of(customer: &str) -> CardFile {
        card(Whose::Customer(customer.parse().unwrap()))
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_scenario_has_its_folder() {
        let root = temporary("folder");
        let reports = ReportDir::new(&root);
        let scenario = Path::new("journeys/happy-path");
        let mut first = reports.write(scenario, nothing(), &[]).unwrap();
        let folder = first.path().to_owned();
        assert_eq!(folder, root.join("journeys/happy-path"));
        assert!(!folder.join("cards").exists(), "no card, no folder");
        first.add(&of("alice")).unwrap();
        assert_eq!(
            fs::read_to_string(folder.join("journal.jsonl")).unwrap(),
            ""
        );
        assert!(
            fs::read_to_string(folder.join("wire.har"))
                .unwrap()
                .contains("\"1.2\"")
        );
        let cards = folder.join("cards");
        assert_eq!(names(&cards), ["alice.card.json", "alice.front.png"]);
        assert_eq!(fs::read(cards.join("alice.front.png")).unwrap(), b"picture");
        let mut second = reports.write(scenario, nothing(), &[]).unwrap();
        second.add(&of("bob")).unwrap();
        assert_eq!(
            names(&cards),
            ["bob.card.json", "bob.front.png"],
            "an earlier run's cards are gone"
        );
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn every_card_has_a_name_of_its_own() {
        let root = temporary("names");
        let reports = ReportDir::new(&root);
        let mut folder = reports.write(Path::new("a"), nothing(), &[]).unwrap();
        let rejected = Whose::Rejected(Serial::new("KIOSK-PS-101", "A", 7));
        for card in [of("alice"), of("alice"), card(rejected)] {
            folder.add(&card).unwrap();
        }
        let names: Vec<String> = names(&folder.path().join("cards"))
            .into_iter()
            .filter(|name| name.ends_with("json"))
            .collect();
        assert_eq!(
            names,
            [
                "alice-2.card.json",
                "alice.card.json",
                "rejected-KIOSK-PS-101-A-00007.card.json"
            ]
        );
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn an_error_names_the_path_and_a_way_out() {
        let root = temporary("file");
        ReportDir::write_file(&root, "not a folder").unwrap();
        let error = ReportDir::new(&root).write(Path::new("a"), nothing(), &[]);
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
            let error = ReportDir::new("reports").write(Path::new(path), nothing(), &[]);
            assert!(matches!(error, Err(ReportError::Outside { .. })), "{path}");
        }
    }
}
