//! The chip: what lasts, what a power cycle forgets, and the one door for commands.
//!
//! A command is first decided and then done: `Chip::decide` only reads, and returns the answer
//! with the one `Effect` that it has. So a command that is refused changes nothing.

use std::fmt;

use persotwin_emv::afl::RecordId;
use persotwin_emv::store_data::{Position, Reassembly};
use persotwin_emv::tag::Tag;

use crate::apdu::{Apdu, Le};
use crate::application::Application;
use crate::directory::Directory;
use crate::instruction::Instruction;
use crate::loader;
use crate::profile::Profile;
use crate::select::{Selected, Target};
use crate::status::Status;

/// A chip serial number: eight bytes, the last four of which go into key data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChipSerial(pub [u8; 8]);

impl fmt::Display for ChipSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode_upper(self.0))
    }
}

impl fmt::Debug for ChipSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChipSerial({self})")
    }
}

/// A payment card's chip. `Debug` shows no key and no card data.
///
/// Two chips are equal when they hold the same; power and what is selected do not count.
#[derive(Debug, Clone)]
pub struct Chip {
    serial: ChipSerial,
    key_version: u8,
    pub(crate) applications: Vec<Application>,
    power: Power,
}

/// What a power cycle forgets.
#[derive(Debug, Clone, Default)]
enum Power {
    #[default]
    Off,
    On(Option<Selected>),
}

/// The one thing that a command changes.
#[derive(Debug)]
enum Effect {
    /// Nothing.
    Nothing,
    /// Something else is selected.
    Select(Target),
    /// The application at this index holds more, and perhaps is complete.
    Load(usize, Application, Reassembly),
    /// A transaction of the application at this index has begun.
    Begin(usize),
}

type Decision = Result<(Vec<u8>, Effect), Status>;

impl Chip {
    /// The chip of a fresh blank, without power.
    pub fn blank(serial: ChipSerial, profile: &Profile) -> Self {
        let applications = profile
            .aids()
            .iter()
            .cloned()
            .map(Application::installed)
            .collect();
        Self {
            serial,
            key_version: profile.key_version(),
            applications,
            power: Power::Off,
        }
    }

    pub(crate) fn from_parts(
        serial: ChipSerial,
        key_version: u8,
        applications: Vec<Application>,
    ) -> Self {
        Self {
            serial,
            key_version,
            applications,
            power: Power::Off,
        }
    }

    /// Its serial number.
    pub fn serial(&self) -> ChipSerial {
        self.serial
    }

    /// Version of the keys that a secure channel would be opened with.
    pub fn key_version(&self) -> u8 {
        self.key_version
    }

    /// Every application, in the order of delivery: the truth about the chip, without asking it.
    pub fn applications(&self) -> &[Application] {
        &self.applications
    }

    /// The first personalised application.
    pub fn personalised(&self) -> Option<&Application> {
        self.applications
            .iter()
            .find(|application| application.is_personalised())
    }

    /// Whether keys of a card lie on it, be it personalised or not.
    pub fn holds_keys(&self) -> bool {
        self.applications.iter().any(Application::holds_keys)
    }

    /// Switches power on, or resets the chip when it is on. Returns the ATR.
    pub fn power_on(&mut self) -> Vec<u8> {
        self.power = Power::On(None);
        Profile::ATR.to_vec()
    }

    /// Switches power off: selection, transaction and a half-sent grouping are forgotten.
    pub fn power_off(&mut self) {
        self.power = Power::Off;
    }

    /// Whether it has power.
    pub fn is_powered(&self) -> bool {
        matches!(self.power, Power::On(_))
    }

    /// Answers a command: data and two status bytes. A chip without power answers nothing at all.
    pub fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        let Power::On(selected) = &self.power else {
            return Vec::new();
        };
        match self.decide(selected.as_ref(), command) {
            Ok((mut answer, effect)) => {
                self.apply(effect);
                answer.extend(Status::Done.bytes());
                answer
            }
            Err(status) => status.bytes().to_vec(),
        }
    }

    fn decide(&self, selected: Option<&Selected>, command: &[u8]) -> Decision {
        let apdu = Apdu::parse(command).map_err(|_| Status::WrongLength)?;
        let (answer, effect) = match Instruction::of_command(&apdu)? {
            Instruction::Select => self.select(selected, &apdu),
            Instruction::ReadRecord => self.read_record(selected, &apdu),
            Instruction::GetProcessingOptions => self.get_processing_options(selected, &apdu),
            Instruction::GetData => self.get_data(selected, &apdu),
            Instruction::StoreData => self.store_data(selected, &apdu),
        }?;
        match (apdu.le, u8::try_from(answer.len())) {
            (Le::UpTo(le), Ok(exact)) if le < u32::from(exact) => Err(Status::WrongLe(exact)),
            // Answers have at most 256 bytes, for which the byte is 00.
            (Le::UpTo(..256), Err(_)) => Err(Status::WrongLe(0)),
            _ => Ok((answer, effect)),
        }
    }

    fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Nothing => {}
            Effect::Select(target) => self.power = Power::On(Some(Selected::fresh(target))),
            Effect::Load(index, application, run) => {
                self.replace(index, application);
                self.power = Power::On(Some(Selected::Loading(index, run)));
            }
            Effect::Begin(index) => {
                if let Some(application) = self.applications.get_mut(index) {
                    application.count_transaction();
                }
                self.power = Power::On(Some(Selected::Transacting(index)));
            }
        }
    }

    fn replace(&mut self, index: usize, application: Application) {
        if let Some(place) = self.applications.get_mut(index) {
            *place = application;
        }
    }

    pub(crate) fn directory(&self) -> impl Iterator<Item = &Application> + Clone {
        self.applications
            .iter()
            .filter(|application| application.is_personalised())
    }

    /// SELECT by name: P1 `04`; P2 `00` for the first, `02` for the next occurrence.
    fn select(&self, selected: Option<&Selected>, apdu: &Apdu<'_>) -> Decision {
        let after = match (apdu.p1, apdu.p2) {
            (0x04, 0x00) => None,
            (0x04, 0x02) => selected.map(Selected::target),
            _ => return Err(Status::WrongP1P2),
        };
        let target = self.find(apdu.data, after)?;
        let answer = match target {
            Target::Directory(directory) => directory.select_answer(self.directory()),
            Target::Application(index) => self.application(index)?.select_answer(),
        };
        Ok((answer, Effect::Select(target)))
    }

    /// READ RECORD: P1 is the record, P2 the file and `100`, "P1 is a record number".
    fn read_record(&self, selected: Option<&Selected>, apdu: &Apdu<'_>) -> Decision {
        let record = RecordId::from_read_record(apdu.p1, apdu.p2).ok_or(Status::WrongP1P2)?;
        if !apdu.data.is_empty() {
            return Err(Status::WrongLength);
        }
        let answer = match selected.map(Selected::target) {
            None => return Err(Status::ConditionsNotSatisfied),
            Some(Target::Application(index)) => self.application(index)?.record(record)?.to_vec(),
            Some(Target::Directory(Directory::Pse)) if record.sfi == Directory::FILE => {
                if record.record != 1 {
                    return Err(Status::RecordNotFound);
                }
                Directory::record(self.directory())
            }
            Some(Target::Directory(_)) => return Err(Status::FileNotFound),
        };
        Ok((answer, Effect::Nothing))
    }

    /// GET PROCESSING OPTIONS, once after each SELECT.
    fn get_processing_options(&self, selected: Option<&Selected>, apdu: &Apdu<'_>) -> Decision {
        if (apdu.p1, apdu.p2) != (0, 0) {
            return Err(Status::WrongP1P2);
        }
        let Some(Selected::Application(index)) = selected else {
            return Err(Status::ConditionsNotSatisfied);
        };
        let answer = self.application(*index)?.processing_options(apdu.data)?;
        Ok((answer, Effect::Begin(*index)))
    }

    /// GET DATA of the selected application: P1 and P2 are the tag.
    fn get_data(&self, selected: Option<&Selected>, apdu: &Apdu<'_>) -> Decision {
        if !apdu.data.is_empty() {
            return Err(Status::WrongLength);
        }
        let Some(Target::Application(index)) = selected.map(Selected::target) else {
            return Err(Status::ConditionsNotSatisfied);
        };
        let tag = Tag::new(u32::from_be_bytes([0, 0, apdu.p1, apdu.p2]));
        let tag = tag.map_err(|_| Status::WrongP1P2)?;
        Ok((self.application(index)?.data_object(tag)?, Effect::Nothing))
    }

    /// STORE DATA to the selected application, as long as it is not personalised.
    fn store_data(&self, selected: Option<&Selected>, apdu: &Apdu<'_>) -> Decision {
        let fresh = Reassembly::new();
        let (index, run) = match selected {
            Some(Selected::Application(index)) => (*index, &fresh),
            Some(Selected::Loading(index, run)) => (*index, run),
            Some(Selected::Directory(_) | Selected::Transacting(_)) | None => {
                return Err(Status::ConditionsNotSatisfied);
            }
        };
        let application = self.application(index)?;
        let (run, store, position) = loader::take(run, apdu, application.open_store()?)?;
        let application = application.with_store(store);
        let application = match position {
            Position::More => application,
            Position::Last => application.completed()?,
        };
        Ok((Vec::new(), Effect::Load(index, application, run)))
    }

    fn application(&self, index: usize) -> Result<&Application, Status> {
        self.applications.get(index).ok_or(Status::FileNotFound)
    }
}

impl PartialEq for Chip {
    fn eq(&self, other: &Self) -> bool {
        (self.serial, self.key_version) == (other.serial, other.key_version)
            && self.applications == other.applications
    }
}

impl Eq for Chip {}
