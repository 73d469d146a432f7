//! READ RECORD and GET DATA: what anybody may read.

use persotwin_emv::afl::RecordId;
use persotwin_emv::tag::Tag;

use crate::apdu::Apdu;
use crate::chip::Chip;
use crate::directory::Directory;
use crate::dispatch::{Decision, Outcome};
use crate::session::{Session, Target};
use crate::status::Status;

impl Chip {
    /// READ RECORD: P1 is the record, P2 the file and `100`, "P1 is a record number".
    pub(crate) fn read_record(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        let record = RecordId::from_read_record(apdu.p1, apdu.p2).ok_or(Status::WrongP1P2)?;
        if !apdu.data.is_empty() {
            return Err(Status::WrongLength);
        }
        let answer = match session.target() {
            None => return Err(Status::ConditionsNotSatisfied),
            Some(Target::Application(index)) => self.application(index)?.record(record)?.to_vec(),
            Some(Target::Directory(Directory::Pse)) if record.sfi == Directory::FILE => {
                if record.record != 1 {
                    return Err(Status::RecordNotFound);
                }
                Directory::record(self.directory())
            }
            Some(Target::Directory(_) | Target::Domain) => return Err(Status::FileNotFound),
        };
        Ok(Outcome::read(answer))
    }

    /// GET DATA of the selected application or security domain: P1 and P2 are the tag.
    pub(crate) fn get_data(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        if !apdu.data.is_empty() {
            return Err(Status::WrongLength);
        }
        let tag = Tag::new(u32::from_be_bytes([0, 0, apdu.p1, apdu.p2]));
        let tag = tag.map_err(|_| Status::WrongP1P2)?;
        let object = match (session.target(), self.domain()) {
            (Some(Target::Application(index)), _) => self.application(index)?.data_object(tag)?,
            (Some(Target::Domain), Some(domain)) => domain.data_object(tag)?,
            _ => return Err(Status::ConditionsNotSatisfied),
        };
        Ok(Outcome::read(object))
    }
}
