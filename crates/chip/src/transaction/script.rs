//! Issuer scripts: what the issuer has the chip do to itself (EMV Book 3 section 6.5, documented;
//! MAC and encipherment as [`script`](persotwin_emv::script) says).
//!
//! They are taken from the first GENERATE AC on, before and behind the second, also by a blocked
//! application: that is the way to unblock it. The MAC has 4 to 8 bytes.
//!
//! | command | does |
//! |---|---|
//! | APPLICATION BLOCK | SELECT then answers `6283`; every cryptogram is a refusal |
//! | APPLICATION UNBLOCK | as before |
//! | CARD BLOCK | SELECT then answers `6A81`, for ever |
//! | PIN CHANGE/UNBLOCK, P2 `00` | as many PIN tries as at first |
//! | PIN CHANGE/UNBLOCK, P2 `01`, `02` | the same, and another PIN, sealed with the current one or without |
//! | PUT DATA | another value, of the same length, for an object of grouping `0D01` (ours) |
//!
//! A wrong MAC is `6988`, stands against the next transaction and ends scripts for this one. What
//! is refused before the MAC is looked at changes nothing.

use persotwin_emv::keys::{KeySet, script_key_of_transaction};
use persotwin_emv::pin::{Pin, PinBlock};
use persotwin_emv::results::Finding;
use persotwin_emv::script::{command_mac, decipher};
use persotwin_emv::tag::Tag;
use persotwin_emv::tdes::Block;

use super::{Asked, ScriptState, Scripts, Stage, Transaction};
use crate::apdu::Apdu;
use crate::application::{Access, Application, Lasting};
use crate::chip::Chip;
use crate::dispatch::{CardFate, Decision, Effect, Outcome};
use crate::instruction::ScriptInstruction;
use crate::session::{Activity, Session};
use crate::status::Status;

/// What a command asks for, as far as its header says.
#[derive(Debug, Clone, Copy)]
enum Wish {
    Access(Access),
    BlockCard,
    ResetTries,
    /// Sealed with the current PIN.
    ReplacePin,
    ChangePin,
    Put(Tag),
}

/// Bytes of a sealed PIN block: its length, itself and the padding.
const SEALED_PIN: usize = 16;

impl Scripts {
    pub(super) fn have_failed(self) -> bool {
        matches!(self.state, ScriptState::Refused)
    }
}

impl Chip {
    /// A command of an issuer script.
    pub(crate) fn script(
        &self,
        session: &Session,
        apdu: &Apdu<'_>,
        instruction: ScriptInstruction,
    ) -> Decision {
        let Some((index, Activity::Paying(transaction))) = session.application() else {
            return Err(Status::ConditionsNotSatisfied);
        };
        let scripts = transaction
            .scripts()
            .ok_or(Status::ConditionsNotSatisfied)?;
        let ScriptState::Open { link } = scripts.state else {
            return Err(Status::ConditionsNotSatisfied);
        };
        let application = self.application(index)?;
        let wish = wish(instruction, apdu)?;
        let message = Message::split(apdu, data_len(wish, application)?)?;
        let keys = application.keys()?;
        let atc = application.lasting()?.transactions.to_be_bytes();
        let smi = script_key_of_transaction(&keys.smi, atc);
        let mac = command_mac(&smi, message.header, atc, link, message.data);
        let count = scripts.count.saturating_add(1);
        if !mac.starts_with(message.mac) {
            let state = ScriptState::Refused;
            return failed(index, application, transaction, Scripts { count, state });
        }
        let (application, card) = obey(application.clone(), &keys, wish, message.data)?;
        let scripts = Scripts {
            count,
            state: ScriptState::Open { link: mac },
        };
        let effect = Effect::Change {
            index,
            application: Box::new(counted(application, transaction)?),
            activity: Activity::Paying(transaction.with_scripts(scripts)),
            card,
        };
        Ok(Outcome::done(Vec::new(), effect))
    }
}

/// A wrong MAC.
fn failed(
    index: usize,
    application: &Application,
    transaction: &Transaction,
    scripts: Scripts,
) -> Decision {
    let application = counted(application.clone(), transaction)?;
    let mut lasting = application.lasting()?;
    lasting.standing = lasting.standing.with(Finding::ScriptFailed);
    let activity = Activity::Paying(transaction.with_scripts(scripts));
    Ok(Outcome {
        answer: Vec::new(),
        status: Status::WrongMac,
        effect: Effect::change(index, application.with_lasting(lasting), activity),
    })
}

/// Behind the second GENERATE AC, each command is counted for the next transaction at once; before
/// it, that command will do it.
fn counted(application: Application, transaction: &Transaction) -> Result<Application, Status> {
    let mut lasting = application.lasting()?;
    if matches!(transaction.stage, Stage::Ended(_)) {
        lasting.standing = lasting.standing.with_script();
    }
    Ok(application.with_lasting(lasting))
}

/// What the header asks for.
fn wish(instruction: ScriptInstruction, apdu: &Apdu<'_>) -> Result<Wish, Status> {
    match (instruction, apdu.p1, apdu.p2) {
        (ScriptInstruction::BlockApplication, 0, 0) => Ok(Wish::Access(Access::Blocked)),
        (ScriptInstruction::UnblockApplication, 0, 0) => Ok(Wish::Access(Access::Open)),
        (ScriptInstruction::BlockCard, 0, 0) => Ok(Wish::BlockCard),
        (ScriptInstruction::ChangePin, 0, 0) => Ok(Wish::ResetTries),
        (ScriptInstruction::ChangePin, 0, 1) => Ok(Wish::ReplacePin),
        (ScriptInstruction::ChangePin, 0, 2) => Ok(Wish::ChangePin),
        (ScriptInstruction::PutData, p1, p2) => {
            let tag = Tag::new(u32::from_be_bytes([0, 0, p1, p2]));
            tag.map(Wish::Put).map_err(|_| Status::WrongP1P2)
        }
        _ => Err(Status::WrongP1P2),
    }
}

/// How many bytes stand before the MAC.
fn data_len(wish: Wish, application: &Application) -> Result<usize, Status> {
    let has_pin = application.pin_limits().is_some();
    match wish {
        Wish::ResetTries | Wish::ReplacePin | Wish::ChangePin if !has_pin => {
            Err(Status::ReferenceUnusable)
        }
        Wish::Access(_) | Wish::BlockCard | Wish::ResetTries => Ok(0),
        Wish::ReplacePin | Wish::ChangePin => Ok(SEALED_PIN),
        Wish::Put(tag) => application.limit_len(tag).ok_or(Status::ReferenceNotFound),
    }
}

/// A command cut into what the MAC is computed over, and the MAC.
struct Message<'a> {
    header: [u8; 5],
    data: &'a [u8],
    mac: &'a [u8],
}

impl<'a> Message<'a> {
    fn split(apdu: &Apdu<'a>, len: usize) -> Result<Self, Status> {
        let lc = u8::try_from(apdu.data.len()).map_err(|_| Status::WrongLength)?;
        let (data, mac) = apdu.data.split_at_checked(len).ok_or(Status::WrongLength)?;
        if (4..=8).contains(&mac.len()) {
            let header = [apdu.cla, apdu.ins, apdu.p1, apdu.p2, lc];
            Ok(Self { header, data, mac })
        } else {
            Err(Status::WrongLength)
        }
    }
}

/// Does what is wished. What fails here had the right MAC and is refused as a whole: `6A80` for a
/// PIN that cannot be read.
fn obey(
    application: Application,
    keys: &KeySet,
    wish: Wish,
    data: &[u8],
) -> Result<(Application, CardFate), Status> {
    let lasting = application.lasting()?;
    let limit = application.pin_limits().map(|tries| tries.limit);
    let restored = Lasting {
        pin_tries: limit,
        ..lasting
    };
    let access = |access| Lasting { access, ..lasting };
    match wish {
        Wish::Access(wanted) => Ok((
            application.with_lasting(access(wanted)),
            CardFate::Unchanged,
        )),
        Wish::BlockCard => Ok((
            application.with_lasting(access(Access::Blocked)),
            CardFate::Blocked,
        )),
        Wish::ResetTries => Ok((application.with_lasting(restored), CardFate::Unchanged)),
        Wish::ReplacePin | Wish::ChangePin => {
            let current = match wish {
                Wish::ReplacePin => application.reference_pin(),
                _ => None,
            };
            let atc = lasting.transactions.to_be_bytes();
            let pin = new_pin(keys, atc, current.as_ref(), data)?;
            let changed = application.with_pin(&pin).with_lasting(restored);
            Ok((changed, CardFate::Unchanged))
        }
        Wish::Put(tag) => {
            let changed = application.with_limit(tag, data);
            let changed = changed.ok_or(Status::ReferenceNotFound)?;
            Ok((changed, CardFate::Unchanged))
        }
    }
}

/// The PIN in a sealed block.
fn new_pin(
    keys: &KeySet,
    atc: [u8; 2],
    current: Option<&Pin>,
    sealed: &[u8],
) -> Result<Pin, Status> {
    let smc = script_key_of_transaction(&keys.smc, atc);
    let block = decipher(&smc, sealed).ok_or(Status::WrongData)?;
    let block: Block = block.as_slice().try_into().map_err(|_| Status::WrongData)?;
    let pin = PinBlock::new(block).read_script(current, &keys.ac);
    pin.map_err(|_| Status::WrongData)
}

impl Transaction {
    fn scripts(&self) -> Option<Scripts> {
        match &self.stage {
            Stage::Begun => None,
            Stage::Asked(asked) => Some(asked.scripts),
            Stage::Ended(scripts) => Some(*scripts),
        }
    }

    fn with_scripts(&self, scripts: Scripts) -> Self {
        let stage = match &self.stage {
            Stage::Asked(asked) => Stage::Asked(Box::new(Asked {
                scripts,
                ..Asked::clone(asked)
            })),
            Stage::Begun | Stage::Ended(_) => Stage::Ended(scripts),
        };
        self.at(stage)
    }
}
