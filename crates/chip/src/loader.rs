//! STORE DATA: from commands to data groupings (EMV CPS; what is documented and what is ours is
//! said at each rule).
//!
//! What a run of commands has brought so far and is no whole grouping yet is lost at power off and
//! at the next SELECT; whole groupings stay (ours: the memory of a real chip keeps them too).

use persotwin_emv::dgi::Dgi;
use persotwin_emv::scp::CardSession;
use persotwin_emv::store_data::{Encipherment, Position, Reassembly, ReassemblyError};

use crate::apdu::Apdu;
use crate::channel::Channel;
use crate::chip::Chip;
use crate::dispatch::{Decision, Effect, Outcome};
use crate::session::{Activity, Selected, Session};
use crate::status::Status;
use crate::store::Store;

/// A run of STORE DATA commands.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    groupings: Reassembly,
    /// What the last command said of its groupings, the unfinished one too.
    mark: Encipherment,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            groupings: Reassembly::new(),
            mark: Encipherment::None,
        }
    }
}

impl Run {
    /// Whether a grouping has begun and not ended.
    pub(crate) fn is_within(&self) -> bool {
        self.groupings.is_within()
    }
}

/// How groupings may come.
#[derive(Clone, Copy)]
pub(crate) enum Loading<'a> {
    /// From anybody, in the clear.
    Free,
    /// Through this channel, the secret ones enciphered.
    Secured(&'a CardSession),
}

impl Chip {
    /// STORE DATA to the selected application, or through the security domain to the one that
    /// INSTALL named, as long as it is not personalised.
    ///
    /// A personalised application says so, channel or not (ours): `6985`, as documented.
    /// Without INSTALL the domain knows no application for the data: `6A88` (documented).
    pub(crate) fn store_data(&self, session: &Session, apdu: &Apdu<'_>) -> Decision {
        if let Some((index, _)) = session.application() {
            self.application(index)?.open_store()?;
        }
        let loading = self.loading(session)?;
        let (index, run) = match &session.selected {
            Some(Selected::Application(index, Activity::Fresh)) => (*index, &Run::default()),
            Some(
                Selected::Application(index, Activity::Loading(run))
                | Selected::Domain(Some((index, run))),
            ) => (*index, run),
            Some(Selected::Domain(None)) => return Err(Status::ReferenceNotFound),
            _ => return Err(Status::ConditionsNotSatisfied),
        };
        let application = self.application(index)?;
        let (run, store, position) = take(run, apdu, application.open_store()?, loading)?;
        let application = application.with_store(store);
        let application = match position {
            Position::More => application,
            Position::Last => application.completed()?,
        };
        let selected = match &session.selected {
            Some(Selected::Domain(_)) => Selected::Domain(Some((index, run))),
            _ => Selected::Application(index, Activity::Loading(run)),
        };
        let effect = Effect::Load(index, Box::new(application), selected);
        Ok(Outcome::done(Vec::new(), effect))
    }

    /// Whether data may be loaded now: a chip that has a security domain takes them in a channel
    /// of its least level; one without takes them as they come.
    ///
    /// # Errors
    /// [`Status::SecurityNotSatisfied`].
    pub(crate) fn loading<'a>(&self, session: &'a Session) -> Result<Loading<'a>, Status> {
        match (self.domain(), &session.channel) {
            (None, _) => Ok(Loading::Free),
            (Some(domain), Channel::Open(open)) if open.level().covers(domain.level()) => {
                Ok(Loading::Secured(open))
            }
            (Some(_), _) => Err(Status::SecurityNotSatisfied),
        }
    }
}

/// Takes one command: what the store holds afterwards, and how the run goes on.
///
/// # Errors
/// [`Status::WrongP1P2`] for another block number than the next (documented as allowed, and always
/// done here), [`Status::WrongLength`] for an empty block that is not the last,
/// [`Status::WrongData`] when the last block ends within a grouping or one grouping comes partly
/// enciphered, and those of [`put`].
fn take(
    run: &Run,
    apdu: &Apdu<'_>,
    store: &Store,
    loading: Loading<'_>,
) -> Result<(Run, Store, Position), Status> {
    let (position, mark) = parameters(apdu.p1)?;
    if apdu.data.is_empty() && position == Position::More {
        return Err(Status::WrongLength);
    }
    if run.is_within() && run.mark != mark {
        return Err(Status::WrongData);
    }
    let (mut groupings, mut store) = (run.groupings.clone(), store.clone());
    let whole = groupings.push(apdu.p1, apdu.p2, apdu.data);
    for grouping in whole.map_err(status_of)? {
        put(&mut store, &grouping, mark, loading)?;
    }
    Ok((Run { groupings, mark }, store, position))
}

/// Takes a grouping in, deciphered if it came so.
///
/// # Errors
/// [`Status::SecurityNotSatisfied`] for an enciphered grouping without a channel, and for a secret
/// one in the clear through a channel (inferred), [`Status::WrongData`] for one that is not
/// enciphered well, and those of [`Store::put`].
fn put(
    store: &mut Store,
    grouping: &Dgi,
    mark: Encipherment,
    loading: Loading<'_>,
) -> Result<(), Status> {
    match (mark, loading) {
        (Encipherment::None, Loading::Secured(_)) if grouping.id().is_secret() => {
            Err(Status::SecurityNotSatisfied)
        }
        (Encipherment::None, _) => store.put(grouping.id(), grouping.value()),
        (Encipherment::All, Loading::Free) => Err(Status::SecurityNotSatisfied),
        (Encipherment::All, Loading::Secured(channel)) => {
            let value = channel.decrypt_sensitive(grouping.value());
            let value = value.map_err(|_| Status::WrongData)?;
            // Only values that do not fill whole blocks are padded: the grouping's own rule tells
            // which of the two this one is.
            match (store.put(grouping.id(), value.whole()), value.unpadded()) {
                (Err(Status::WrongData), Some(value)) => store.put(grouping.id(), value),
                (put, _) => put,
            }
        }
    }
}

/// Reads P1: bit 8 is the last block, bits 7 and 6 say which groupings are enciphered, bit 1 asks
/// for a response (documented). Of bits 7 and 6 the values `01`, which depends on the application,
/// and `10`, reserved, are refused; other bits are the forms of another standard.
fn parameters(p1: u8) -> Result<(Position, Encipherment), Status> {
    let mark = Encipherment::from_p1(p1).filter(|_| p1 & 0x1E == 0);
    let mark = mark.ok_or(Status::WrongP1P2)?;
    Ok((Position::from_p1(p1), mark))
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

    type Taken = Result<(Run, Store), Status>;

    fn send(run: &Run, store: &Store, p1: u8, p2: u8, data: &str) -> Taken {
        let data = hex::decode(data).unwrap();
        let apdu = Apdu {
            cla: 0x80,
            ins: 0xE2,
            p1,
            p2,
            data: &data,
            le: Le::Absent,
        };
        take(run, &apdu, store, Loading::Free).map(|(run, store, _)| (run, store))
    }

    fn fresh(p1: u8, data: &str) -> Taken {
        send(&Run::default(), &Store::default(), p1, 0, data)
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
            (0x20, "7FFF00", Status::WrongP1P2),
            (0x40, "7FFF00", Status::WrongP1P2),
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
