//! GET PROCESSING OPTIONS: the beginning of a transaction.

use crate::apdu::Apdu;
use crate::chip::Chip;
use crate::dispatch::{Decision, Effect, Outcome};
use crate::session::{Activity, Session};
use crate::status::Status;

impl Chip {
    /// GET PROCESSING OPTIONS, once after each SELECT.
    pub(crate) fn get_processing_options(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        if (apdu.p1, apdu.p2) != (0, 0) {
            return Err(Status::WrongP1P2);
        }
        let Some((index, Activity::Fresh)) = session.application() else {
            return Err(Status::ConditionsNotSatisfied);
        };
        let mut application = self.application(index)?.clone();
        let answer = application.processing_options(apdu.data)?;
        application.count_transaction();
        let effect = Effect::Change(index, Box::new(application), Activity::Paying);
        Ok(Outcome::done(answer, effect))
    }
}
