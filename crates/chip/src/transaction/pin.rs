//! VERIFY: the chip compares a PIN in the clear with its own.

use persotwin_emv::pin::PinBlock;

use super::{PinCheck, Stage, Transaction};
use crate::apdu::Apdu;
use crate::application::Lasting;
use crate::chip::Chip;
use crate::dispatch::{Decision, Effect, Outcome};
use crate::session::{Activity, Session};
use crate::status::Status;

impl Chip {
    /// VERIFY: P2 `80`, a PIN block of format 2 in the clear (documented). An enciphered PIN
    /// (`88`) is `6A86`: the chip has no key for it.
    ///
    /// A wrong PIN is `63Cx` with the tries that are left, which is the one refusal that changes
    /// something; without tries `6983`, without a reference PIN `6984`. A block that no PIN makes
    /// is `6A80` and costs no try (ours). It is taken after SELECT too, not only within a
    /// transaction, but not behind the first GENERATE AC (ours).
    pub(crate) fn verify(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        if (apdu.p1, apdu.p2) != (0x00, 0x80) {
            return Err(Status::WrongP1P2);
        }
        let (index, activity) = session
            .application()
            .ok_or(Status::ConditionsNotSatisfied)?;
        let application = self.application(index)?;
        let lasting = application.lasting()?;
        if !may_verify(activity) {
            return Err(Status::ConditionsNotSatisfied);
        }
        let (Some(reference), Some(tries), Some(limits)) = (
            application.reference_pin(),
            lasting.pin_tries,
            application.pin_limits(),
        ) else {
            return Err(Status::ReferenceUnusable);
        };
        let left = tries.checked_sub(1).ok_or(Status::PinBlocked)?;
        let block = apdu.data.try_into().map_err(|_| Status::WrongLength)?;
        let given = PinBlock::new(block).read_format_2();
        let given = given.map_err(|_| Status::WrongData)?;
        let (status, tries, check) = if given == reference {
            (Status::Done, limits.limit, PinCheck::Right)
        } else {
            (Status::TriesLeft(left), left, PinCheck::Wrong)
        };
        let lasting = Lasting {
            pin_tries: Some(tries),
            ..lasting
        };
        let application = application.clone().with_lasting(lasting);
        Ok(Outcome {
            answer: Vec::new(),
            status,
            effect: Effect::change(index, application, after(activity, check)),
        })
    }
}

fn may_verify(activity: &Activity) -> bool {
    match activity {
        Activity::Fresh => true,
        Activity::Paying(transaction) => matches!(transaction.stage, Stage::Begun),
        Activity::Loading(_) => false,
    }
}

/// The same, with what was found.
fn after(activity: &Activity, check: PinCheck) -> Activity {
    match activity {
        Activity::Paying(transaction) => Activity::Paying(Transaction {
            pin: check,
            ..transaction.clone()
        }),
        other => other.clone(),
    }
}
