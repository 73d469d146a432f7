//! A card file on disk: read whole or refused, and replaced whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use persotwin_printer::{Blank, CardFile};
use serde_json::error::Category;
use zeroize::Zeroizing;

use crate::exit::Stop;

/// A card, and the file that it came from.
pub(super) struct Kept {
    /// Where the file really is: a link to it stays a link.
    path: PathBuf,
    /// What is in the file.
    written: Zeroizing<Vec<u8>>,
    /// The card as it is in the file.
    before: Blank,
    /// The card as it is now.
    pub(super) card: Blank,
}

/// Why a card's new state is not in its file.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeepError {
    /// The disk, or rights.
    #[error("cannot write `{}`: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// Somebody else wrote it: two readers would make two cards of one.
    #[error("`{}` was changed by somebody else, so what this chip did since is not in it", .0.display())]
    Changed(PathBuf),
}

impl Kept {
    /// Reads a card file.
    pub(super) fn read(path: &Path) -> Result<Self, Stop> {
        let unreadable =
            |error: io::Error| Stop::input(format!("cannot read `{}`: {error}", path.display()));
        let written = Zeroizing::new(fs::read(path).map_err(unreadable)?);
        let file: CardFile = serde_json::from_slice(&written).map_err(|error| {
            Stop::input(format!(
                "`{}` is no card: {}; `persotwin run … --report DIR` writes cards",
                path.display(),
                reason(&error)
            ))
        })?;
        let card = file.into_card();
        Ok(Self {
            path: fs::canonicalize(path).map_err(unreadable)?,
            written,
            before: card.clone(),
            card,
        })
    }

    /// Writes the card, if it has become another one. Whoever reads the file finds the old card or the new one, never half of one.
    pub(super) fn keep(&mut self) -> Result<(), KeepError> {
        if self.card == self.before {
            return Ok(());
        }
        let failed = |source| KeepError::Write {
            path: self.path.clone(),
            source,
        };
        if *fs::read(&self.path).map_err(failed)? != **self.written {
            return Err(KeepError::Changed(self.path.clone()));
        }
        let content = content(&self.card).map_err(failed)?;
        replace(&self.path, &content).map_err(failed)?;
        self.written = content;
        self.before = self.card.clone();
        Ok(())
    }
}

/// The file as reports write it.
fn content(card: &Blank) -> io::Result<Zeroizing<Vec<u8>>> {
    let value = serde_json::to_value(CardFile::of(card.clone()))?;
    let mut content = Zeroizing::new(serde_json::to_vec_pretty(&value)?);
    content.push(b'\n');
    Ok(content)
}

/// Puts the new content beside the file, then in its place.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let written = File::create(&beside).and_then(|mut file| {
        file.set_permissions(fs::metadata(path)?.permissions())?;
        file.write_all(content)?;
        file.sync_all()
    });
    let replaced = written.and_then(|()| fs::rename(&beside, path));
    if replaced.is_err() {
        // The trouble itself is what is told.
        let _ = fs::remove_file(&beside);
    }
    replaced
}

/// What is wrong with a file, without a value out of it: it may be a key.
fn reason(error: &serde_json::Error) -> String {
    let line = error.line();
    match error.classify() {
        Category::Eof => format!("it ends at line {line}, in the middle"),
        Category::Syntax | Category::Io => format!("it is no JSON at line {line}"),
        Category::Data => {
            let text = error.to_string();
            // Where it stands says nothing of what is missing, or of the file as a whole.
            let said = text.split(" at line ").next().unwrap_or(&text);
            if let Some(member) = said.strip_prefix("missing field ") {
                format!("{member} is missing")
            } else if !said.contains('"') && !said.contains('`') {
                // serde quotes what it did not expect.
                said.to_owned()
            } else if line == 0 {
                "it holds what no card file does".to_owned()
            } else {
                format!("line {line} holds what no card file does")
            }
        }
    }
}
