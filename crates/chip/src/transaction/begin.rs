//! GET PROCESSING OPTIONS: the beginning of a transaction.

use persotwin_emv::tag::Tag;

use super::Transaction;
use crate::apdu::Apdu;
use crate::application::Lasting;
use crate::chip::Chip;
use crate::dispatch::{Decision, Effect, Outcome};
use crate::session::{Activity, Session};
use crate::status::Status;
use crate::tlv;

impl Chip {
    /// GET PROCESSING OPTIONS, once after each SELECT: data for the list of tag 9F38, in template
    /// `83`.
    ///
    /// Refused with `6985` when the transaction counter is at its end (ours).
    pub(crate) fn get_processing_options(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        if (apdu.p1, apdu.p2) != (0, 0) {
            return Err(Status::WrongP1P2);
        }
        let Some((index, Activity::Fresh)) = session.application() else {
            return Err(Status::ConditionsNotSatisfied);
        };
        let application = self.application(index)?;
        let lasting = application.lasting()?;
        let given = tlv::sole(apdu.data, Tag::COMMAND_TEMPLATE).ok_or(Status::WrongData)?;
        if given.len() != application.options_list().data_len() {
            return Err(Status::WrongData);
        }
        let transactions = lasting.transactions.checked_add(1);
        let counted = Lasting {
            transactions: transactions.ok_or(Status::ConditionsNotSatisfied)?,
            ..lasting
        };
        let answer = application.options_answer();
        let application = application.clone().with_lasting(counted);
        let activity = Activity::Paying(Transaction::begun(given));
        Ok(Outcome::done(
            answer,
            Effect::change(index, application, activity),
        ))
    }
}
