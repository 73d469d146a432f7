//! STORE DATA: from commands to data groupings (EMV CPS; what is documented and what is ours is
//! said at each rule).
//!
//! What a run of commands has brought so far and is no whole grouping yet is lost at power off and
//! at the next SELECT; whole groupings stay (ours: the memory of a real chip keeps them too).

use persotwin_emv::store_data::{Position, Reassembly, ReassemblyError};

use crate::apdu::Apdu;
use crate::chip::Chip;
use crate::dispatch::{Decision, Effect, Outcome};
use crate::session::{Activity, Session};
use crate::status::Status;
use crate::store::Store;

impl Chip {
    /// STORE DATA to the selected application, as long as it is not personalised.
    pub(crate) fn store_data(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        let fresh = Reassembly::new();
        let (index, run) = match session.application() {
            Some((index, Activity::Fresh)) => (index, &fresh),
            Some((index, Activity::Loading(run))) => (index, run),
            Some((_, Activity::Paying(_))) | None => return Err(Status::ConditionsNotSatisfied),
        };
        let application = self.application(index)?;
        let (run, store, position) = take(run, apdu, application.open_store()?)?;
        let application = application.with_store(store);
        let application = match position {
            Position::More => application,
            Position::Last => application.completed()?,
        };
        let effect = Effect::change(index, application, Activity::Loading(run));
        Ok(Outcome::done(Vec::new(), effect))
    }
}

/// Takes one command: what the store holds afterwards, and how the run goes on.
///
/// # Errors
/// [`Status::WrongP1P2`] for another block number than the next (documented as allowed, and always
/// done here), [`Status::WrongLength`] for an empty block that is not the last,
/// [`Status::WrongData`] when the last block ends within a grouping, and those of [`Store::put`].
fn take(
    run: &Reassembly,
    apdu: &Apdu<'_>,
    store: &Store,
) -> Result<(Reassembly, Store, Position), Status> {
    let position = position(apdu.p1)?;
    if apdu.data.is_empty() && position == Position::More {
        return Err(Status::WrongLength);
    }
    let (mut run, mut store) = (run.clone(), store.clone());
    for grouping in run.push(apdu.p1, apdu.p2, apdu.data).map_err(status_of)? {
        store.put(grouping.id(), grouping.value())?;
    }
    Ok((run, store, position))
}

/// Reads P1: bit 8 is the last block, bits 7 and 6 say which groupings are encrypted, bit 1 asks
/// for a response (documented). Encrypted groupings need the session key of a secure channel;
/// other bits are the forms of another standard.
fn position(p1: u8) -> Result<Position, Status> {
    match p1 {
        p1 if p1 & 0x1E != 0 => Err(Status::WrongP1P2),
        p1 if p1 & 0x60 != 0 => Err(Status::SecurityNotSatisfied),
        p1 => Ok(Position::from_p1(p1)),
    }
}

fn status_of(error: ReassemblyError) -> Status {
    match error {
        ReassemblyError::Complete => Status::ConditionsNotSatisfied,
        ReassemblyError::Block { .. } => Status::WrongP1P2,
        ReassemblyError::Unfinished { .. } => Status::WrongData,
        ReassemblyError::TooMuch => Status::MemoryFull,
    }
}

#[cfg(test)]
mod tests {
    use persotwin_emv::dgi::DgiId;

    use super::*;
    use crate::apdu::Le;

    type Taken = Result<(Reassembly, Store), Status>;

    fn send(run: &Reassembly, store: &Store, p1: u8, p2: u8, data: &str) -> Taken {
        let data = hex::decode(data).unwrap();
        let apdu = Apdu {
            cla: 0x80,
            ins: 0xE2,
            p1,
            p2,
            data: &data,
            le: Le::Absent,
        };
        take(run, &apdu, store).map(|(run, store, _)| (run, store))
    }

    fn fresh(p1: u8, data: &str) -> Taken {
        send(&Reassembly::new(), &Store::default(), p1, 0, data)
    }

    #[test]
    fn any_length_form_and_several_groupings_in_a_command() {
        let (_, store) = fresh(0x00, "7FFF02AABB0062FF0003010203").unwrap();
        assert_eq!(store.get(DgiId(0x7FFF)), Some(&[0xAA, 0xBB][..]));
        assert_eq!(store.get(DgiId(0x0062)), Some(&[1, 2, 3][..]));
    }

    #[test]
    fn a_grouping_may_be_cut_anywhere() {
        let whole = "7FFFFF0003AABBCC";
        for cut in 1..whole.len() / 2 {
            let (head, tail) = whole.split_at(cut * 2);
            let (run, store) = fresh(0x00, head).unwrap();
            assert_eq!(store.get(DgiId(0x7FFF)), None, "{cut}");
            let (_, store) = send(&run, &store, 0x80, 1, tail).unwrap();
            assert_eq!(
                store.get(DgiId(0x7FFF)),
                Some(&[0xAA, 0xBB, 0xCC][..]),
                "{cut}"
            );
        }
    }

    #[test]
    fn parameters_and_ends() {
        for (p1, data, status) in [
            (0x10, "7FFF00", Status::WrongP1P2),
            (0x60, "7FFF00", Status::SecurityNotSatisfied),
            (0x00, "", Status::WrongLength),
            (0x80, "7FFF", Status::WrongData),
            (0x80, "7FFF0201", Status::WrongData),
            (0x00, "A00100", Status::ReferenceNotFound),
        ] {
            assert_eq!(fresh(p1, data).unwrap_err(), status, "{p1:02X} {data}");
        }
        assert!(fresh(0x80, "").is_ok());
        assert!(fresh(0x01, "7FFF00").is_ok());
    }

    #[test]
    fn blocks_are_counted() {
        let (run, store) = fresh(0x00, "7FFF00").unwrap();
        for wrong in [0, 2, 255] {
            assert_eq!(
                send(&run, &store, 0x00, wrong, "7FFF00").unwrap_err(),
                Status::WrongP1P2
            );
        }
        assert!(send(&run, &store, 0x00, 1, "7FFF00").is_ok());
    }
}
