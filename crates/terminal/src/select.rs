//! Which applications a card has, and the choice of one (EMV Book 1 section 12, documented).
//!
//! The contact directory is asked first, then the contactless one, then every application that the terminal knows (the order is ours:
//! a terminal asks the directory of its own interface).

use persotwin_emv::afl::{RecordId, Sfi};
use persotwin_emv::aid::Aid;
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::{TlvReader, find_path};
use zeroize::Zeroizing;

use crate::card::{Card, send};
use crate::command::Command;
use crate::error::Error;
use crate::terminal::Terminal;

/// Status word of a command that was done.
const DONE: u16 = 0x9000;

/// Where a terminal learnt of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directory {
    /// `1PAY.SYS.DDF01`.
    Pse,
    /// `2PAY.SYS.DDF01`.
    Ppse,
    /// The terminal's own list.
    Terminal,
}

/// An application that terminal and card have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    aid: Aid,
    /// The lower half of tag 87: 1 comes first, 0 last.
    priority: u8,
}

/// The application that is selected.
#[derive(Debug)]
pub(crate) struct Selected {
    pub(crate) aid: Aid,
    pub(crate) directory: Directory,
    pub(crate) answer: Zeroizing<Vec<u8>>,
}

/// Selects the first application of the first directory that has one for this terminal; `refused` are those that would not begin.
pub(crate) async fn select<C: Card>(
    card: &mut C,
    terminal: &Terminal,
    refused: &[Aid],
) -> Result<Selected, Error<C::Trouble>> {
    for directory in [Directory::Pse, Directory::Ppse, Directory::Terminal] {
        let mut candidates = match directory {
            Directory::Pse => of_pse(card).await?,
            Directory::Ppse => of_ppse(card).await?,
            Directory::Terminal => of_terminal(card, terminal).await?,
        };
        candidates
            .retain(|Candidate { aid, .. }| is_known(terminal, aid) && !refused.contains(aid));
        candidates.sort_by_key(|candidate| candidate.priority.wrapping_sub(1));
        for Candidate { aid, .. } in candidates {
            let answer = send(card, &Command::select(aid.as_bytes())).await?;
            if answer.status == DONE {
                let answer = answer.data;
                return Ok(Selected {
                    aid,
                    directory,
                    answer,
                });
            }
        }
    }
    Err(Error::NoApplication)
}

fn is_known(terminal: &Terminal, aid: &Aid) -> bool {
    let known = &terminal.applications;
    known.is_empty()
        || known
            .iter()
            .any(|known| aid.is_selected_by(known.as_bytes()))
}

/// The records of the contact directory, until there are no more.
async fn of_pse<C: Card>(card: &mut C) -> Result<Vec<Candidate>, Error<C::Trouble>> {
    let answer = send(card, &Command::select(b"1PAY.SYS.DDF01")).await?;
    let path = [Tag::FCI, Tag::FCI_PROPRIETARY, Tag::DIRECTORY_SFI];
    let file = match find_path(&answer.data, &path) {
        Ok(Some([file])) if answer.status == DONE => Sfi::new(*file),
        _ => None,
    };
    let mut candidates = Vec::new();
    let Some(sfi) = file.filter(|file| file.number() <= 10) else {
        return Ok(candidates);
    };
    for record in (1..=u8::MAX).map_while(|number| RecordId::new(sfi, number)) {
        let answer = send(card, &Command::read_record(record)).await?;
        if answer.status != DONE {
            break;
        }
        let record = TlvReader::new(&answer.data).find(Tag::RECORD);
        candidates.extend(entries(record.ok().flatten().unwrap_or_default()));
    }
    Ok(candidates)
}

/// The contactless directory stands in its SELECT answer.
async fn of_ppse<C: Card>(card: &mut C) -> Result<Vec<Candidate>, Error<C::Trouble>> {
    let answer = send(card, &Command::select(b"2PAY.SYS.DDF01")).await?;
    let path = [Tag::FCI, Tag::FCI_PROPRIETARY, Tag::ISSUER_DISCRETIONARY];
    Ok(match find_path(&answer.data, &path) {
        Ok(Some(directory)) if answer.status == DONE => entries(directory),
        _ => Vec::new(),
    })
}

/// Every application of the terminal that the card has too.
async fn of_terminal<C: Card>(
    card: &mut C,
    terminal: &Terminal,
) -> Result<Vec<Candidate>, Error<C::Trouble>> {
    let mut candidates = Vec::new();
    for known in &terminal.applications {
        let answer = send(card, &Command::select(known.as_bytes())).await?;
        let name = find_path(&answer.data, &[Tag::FCI, Tag::DF_NAME]);
        let name = name.ok().flatten().map(Aid::new);
        if let (DONE, Some(Ok(aid))) = (answer.status, name) {
            let path = [Tag::FCI, Tag::FCI_PROPRIETARY, Tag::PRIORITY];
            let priority = find_path(&answer.data, &path).ok().flatten();
            let priority = priority_of(priority);
            candidates.push(Candidate { aid, priority });
        }
    }
    Ok(candidates)
}

/// The entries of a directory that can be read.
fn entries(directory: &[u8]) -> Vec<Candidate> {
    let objects = TlvReader::new(directory).map_while(Result::ok);
    let entries = objects.filter(|object| object.tag == Tag::DIRECTORY_ENTRY);
    let candidate = |entry: &[u8]| {
        let find = |tag| TlvReader::new(entry).find(tag).ok().flatten();
        let aid = Aid::new(find(Tag::AID_IN_DIRECTORY)?).ok()?;
        let priority = priority_of(find(Tag::PRIORITY));
        Some(Candidate { aid, priority })
    };
    entries.filter_map(|entry| candidate(entry.value)).collect()
}

fn priority_of(value: Option<&[u8]>) -> u8 {
    value.and_then(<[u8]>::first).map_or(0, |byte| byte & 0x0F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_as_far_as_they_can_be() {
        let good = "610C4F07A0000000041010870101";
        let one = hex::decode(good).unwrap();
        assert_eq!(entries(&one).len(), 1);
        assert_eq!(entries(&one)[0].priority, 1);
        let torn = hex::decode(format!("{good}{good}610C4F07")).unwrap();
        assert_eq!(entries(&torn).len(), 2);
        let nameless = hex::decode(format!("6103870101{good}")).unwrap();
        assert_eq!(entries(&nameless).len(), 1);
        assert_eq!(entries(&[]), []);
    }

    #[test]
    fn no_priority_comes_last() {
        let mut order = [0, 3, 1].map(|priority: u8| priority.wrapping_sub(1));
        order.sort_unstable();
        assert_eq!(order, [0, 2, 255]);
    }
}
