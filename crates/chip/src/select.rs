//! SELECT: what can be selected, and how a name finds it.

use crate::apdu::Apdu;
use crate::application::{Access, Application};
use crate::chip::Chip;
use crate::directory::Directory;
use crate::dispatch::{Decision, Effect, Outcome};
use crate::domain::Domain;
use crate::session::{Session, Target};
use crate::status::Status;

fn status_of(application: &Application) -> Status {
    match application.lasting() {
        Ok(lasting) if lasting.access == Access::Blocked => Status::ApplicationBlocked,
        _ => Status::Done,
    }
}

impl Chip {
    /// SELECT by name: P1 `04`; P2 `00` for the first, `02` for the next occurrence (documented).
    ///
    /// A blocked application is selected with the warning `6283`; on a blocked card nothing is,
    /// `6A81` (documented).
    pub(crate) fn select(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        let after = match (apdu.p1, apdu.p2) {
            (0x04, 0x00) => None,
            (0x04, 0x02) => session.target(),
            _ => return Err(Status::WrongP1P2),
        };
        if self.access == Access::Blocked {
            return Err(Status::CardBlocked);
        }
        let target = self.find(apdu.data, after)?;
        let (answer, status) = match target {
            Target::Directory(directory) => {
                (directory.select_answer(self.directory()), Status::Done)
            }
            Target::Domain => (Domain::select_answer(), Status::Done),
            Target::Application(index) => {
                let application = self.application(index)?;
                (application.select_answer(), status_of(application))
            }
        };
        Ok(Outcome {
            answer,
            status,
            effect: Effect::Select(target),
        })
    }

    /// The first target whose name is, or begins with, `name`; behind `after`, if that is given.
    ///
    /// The order is PSE, PPSE, the applications as delivered, the security domain (ours). An empty
    /// name finds the security domain (documented), if there is one.
    ///
    /// # Errors
    /// [`Status::FileNotFound`].
    fn find(&self, name: &[u8], after: Option<Target>) -> Result<Target, Status> {
        if name.len() > 16 {
            return Err(Status::WrongLength);
        }
        if name.is_empty() {
            let domain = self.domain().map(|_| Target::Domain);
            return domain.ok_or(Status::FileNotFound);
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
            .chain(self.domain().map(|_| (Target::Domain, &Domain::NAME[..])))
    }
}
