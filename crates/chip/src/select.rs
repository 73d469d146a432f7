//! What can be selected, what is, and how a name finds it.

use persotwin_emv::store_data::Reassembly;

use crate::chip::Chip;
use crate::directory::Directory;
use crate::status::Status;

/// Something with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Directory(Directory),
    /// The application at this index.
    Application(usize),
}

/// What is selected, and what has been done with it since.
#[derive(Debug, Clone)]
pub(crate) enum Selected {
    Directory(Directory),
    /// Nothing yet.
    Application(usize),
    /// STORE DATA has begun.
    Loading(usize, Reassembly),
    /// GPO was answered.
    Transacting(usize),
}

impl Selected {
    pub(crate) fn fresh(target: Target) -> Self {
        match target {
            Target::Directory(directory) => Self::Directory(directory),
            Target::Application(index) => Self::Application(index),
        }
    }

    pub(crate) fn target(&self) -> Target {
        match self {
            Self::Directory(directory) => Target::Directory(*directory),
            Self::Application(index) | Self::Loading(index, _) | Self::Transacting(index) => {
                Target::Application(*index)
            }
        }
    }
}

impl Chip {
    /// The first target whose name is, or begins with, `name`; behind `after`, if that is given.
    ///
    /// The order is PSE, PPSE, then the applications as delivered (ours).
    ///
    /// # Errors
    /// [`Status::FileNotFound`], also for an empty name: there is no default application yet.
    pub(crate) fn find(&self, name: &[u8], after: Option<Target>) -> Result<Target, Status> {
        if name.len() > 16 {
            return Err(Status::WrongLength);
        }
        if name.is_empty() {
            return Err(Status::FileNotFound);
        }
        let behind = self
            .targets()
            .position(|(target, _)| Some(target) == after)
            .map_or(0, |position| position + 1);
        let mut rest = self.targets().skip(behind);
        let found = rest.find(|(_, full)| full.starts_with(name));
        found.map(|(target, _)| target).ok_or(Status::FileNotFound)
    }

    /// Everything that can be selected now, with its name.
    fn targets(&self) -> impl Iterator<Item = (Target, &[u8])> {
        let directories = Directory::ALL
            .into_iter()
            .filter(|_| self.personalised().is_some());
        let applications = self.applications.iter().enumerate();
        directories
            .map(|directory| (Target::Directory(directory), directory.name()))
            .chain(applications.map(|(index, application)| {
                (Target::Application(index), application.aid().as_bytes())
            }))
    }
}
