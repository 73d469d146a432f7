//! INSTALL and SET STATUS: personalisation through the security domain (GlobalPlatform card
//! specification), which some scripts prefer to STORE DATA of the selected application alone.
//!
//! ```text
//!   SELECT domain ─▶ channel ─▶ INSTALL [for personalization] ─▶ STORE DATA … ─▶ last block
//!                                                                      └──────▶ SET STATUS
//! ```

use crate::apdu::Apdu;
use crate::application::Application;
use crate::chip::Chip;
use crate::dispatch::{Decision, Effect, Outcome};
use crate::loader::Run;
use crate::session::{Activity, Selected, Session};
use crate::status::Status;

/// P1 of INSTALL: for personalisation.
const FOR_PERSONALIZATION: u8 = 0x20;

/// P1 of SET STATUS: of an application.
const OF_APPLICATION: u8 = 0x40;

/// P2 of SET STATUS: personalised.
const PERSONALIZED: u8 = 0x0F;

impl Chip {
    /// INSTALL [for personalization]: the STORE DATA commands that follow are for this application.
    ///
    /// Every other INSTALL is `6A86`: the stock's applications are installed already. No such
    /// application is `6A88` (documented), one that is personalised `6985`.
    pub(crate) fn install(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        self.domain().ok_or(Status::UnknownInstruction)?;
        if (apdu.p1, apdu.p2) != (FOR_PERSONALIZATION, 0x00) {
            return Err(Status::WrongP1P2);
        }
        self.loading(session)?;
        let Some(Selected::Domain(_)) = session.selected else {
            return Err(Status::ConditionsNotSatisfied);
        };
        let name = installed_name(apdu.data).ok_or(Status::WrongData)?;
        let index = self.named(name).ok_or(Status::ReferenceNotFound)?;
        self.application(index)?.open_store()?;
        let selected = Selected::Domain(Some((index, Run::default())));
        Ok(Outcome::done(Vec::new(), Effect::Continue(selected)))
    }

    /// SET STATUS of an application to PERSONALIZED: the other way to end personalisation, for
    /// scripts that mark no block as the last. The data are its name.
    ///
    /// An incomplete application, or a grouping that is half sent, is `6985`.
    pub(crate) fn set_status(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        self.domain().ok_or(Status::UnknownInstruction)?;
        if (apdu.p1, apdu.p2) != (OF_APPLICATION, PERSONALIZED) {
            return Err(Status::WrongP1P2);
        }
        self.loading(session)?;
        let index = self.named(apdu.data).ok_or(Status::ReferenceNotFound)?;
        let (is_within, selected) = match &session.selected {
            Some(Selected::Domain(forwarding)) => (
                forwarding.as_ref().is_some_and(|(_, run)| run.is_within()),
                Selected::Domain(None),
            ),
            Some(Selected::Application(own, activity)) if *own == index => (
                matches!(activity, Activity::Loading(run) if run.is_within()),
                Selected::Application(index, Activity::Fresh),
            ),
            _ => return Err(Status::ConditionsNotSatisfied),
        };
        let application = self.application(index)?;
        let application = application.with_store(application.open_store()?.clone());
        let completed = application.completed();
        match completed {
            Ok(application) if !is_within => {
                let effect = Effect::Load(index, Box::new(application), selected);
                Ok(Outcome::done(Vec::new(), effect))
            }
            _ => Err(Status::ConditionsNotSatisfied),
        }
    }

    /// The application of this whole name.
    fn named(&self, name: &[u8]) -> Option<usize> {
        let mut aids = self.applications.iter().map(Application::aid);
        aids.position(|aid| aid.as_bytes() == name)
    }
}

/// The name in the data of INSTALL: two empty fields, the name with its length, three empty fields
/// (documented). Scripts that leave out the first two exist, and are understood (inferred).
fn installed_name(data: &[u8]) -> Option<&[u8]> {
    let named = data.strip_prefix(&[0, 0]).unwrap_or(data);
    let (len, rest) = named.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*len))?;
    (rest == [0, 0, 0] && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_between_empty_fields() {
        let name = [0xA0, 0, 0, 0, 3];
        let field = [&[5], &name[..], &[0, 0, 0]].concat();
        assert_eq!(installed_name(&field), Some(&name[..]));
        assert_eq!(
            installed_name(&[&[0, 0], &field[..]].concat()),
            Some(&name[..])
        );
        for wrong in [&[][..], &[0], &[0, 0, 0, 0, 0, 0], &field[..8], &[9, 1]] {
            assert_eq!(installed_name(wrong), None);
        }
    }
}
