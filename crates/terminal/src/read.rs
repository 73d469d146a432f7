//! Everything that a terminal reads before it decides anything: application, processing options, records.

use std::collections::BTreeMap;

use persotwin_emv::afl::Afl;
use persotwin_emv::card_answers::CardAnswers;
use persotwin_emv::card_view::CardView;
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::{TlvReader, find_path};
use zeroize::Zeroizing;

use crate::card::{Answer, Card, done, send};
use crate::command::Command;
use crate::error::{Error, ListFault};
use crate::select::{Directory, Selected, select};
use crate::terminal::{Objects, Purchase, Terminal};

/// A card as it was read. Secret: `Debug` masks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Where its application was found.
    pub directory: Directory,
    /// What it answered, byte for byte.
    pub answers: CardAnswers,
    /// What that says.
    pub view: CardView,
    /// What the terminal answered to the list of tag 9F38: a combined signature is over it too.
    pub begun_with: Vec<u8>,
}

/// Reads a card: SELECT, GET PROCESSING OPTIONS, every record of the file locator. It begins a transaction, which the card counts.
///
/// # Errors
/// An [`Error`]; the first command that is refused ends it.
pub async fn read<C: Card>(
    card: &mut C,
    terminal: &Terminal,
    purchase: &Purchase,
) -> Result<Reading, Error<C::Trouble>> {
    let objects = Objects::new(terminal, purchase);
    let mut refused = Vec::new();
    let (selected, (begun_with, options)) = loop {
        let selected = select(card, terminal, &refused).await?;
        match begin(card, &selected, &objects).await? {
            Some(begun) => break (selected, begun),
            None => refused.push(selected.aid),
        }
    };
    let mut answers = CardAnswers {
        select: selected.answer.to_vec(),
        options: options.to_vec(),
        records: BTreeMap::new(),
    };
    // What cannot be read of the locator is found by the view below, which says why.
    for record in locator(&options).iter().flat_map(Afl::records) {
        let content = done(card, &Command::read_record(record)).await?;
        answers.records.insert(record, content.to_vec());
    }
    let view = answers.view()?;
    Ok(Reading {
        directory: selected.directory,
        answers,
        view,
        begun_with,
    })
}

/// What went to the card with GET PROCESSING OPTIONS, and what came back.
type Begun = (Vec<u8>, Zeroizing<Vec<u8>>);

/// GET PROCESSING OPTIONS. None from an application that will not begin: the terminal takes the next one (documented).
async fn begin<C: Card>(
    card: &mut C,
    selected: &Selected,
    objects: &Objects,
) -> Result<Option<Begun>, Error<C::Trouble>> {
    let path = [Tag::FCI, Tag::FCI_PROPRIETARY, Tag::PDOL];
    let list = find_path(&selected.answer, &path).ok().flatten();
    let unreadable = |why| Error::List {
        tag: Tag::PDOL,
        why,
    };
    let told = objects.answer(list.unwrap_or_default());
    let told = told.map_err(unreadable)?;
    let command = Command::get_processing_options(&told);
    let command = command.map_err(|_| unreadable(ListFault::TooLong))?;
    let Answer { data, status } = send(card, &command).await?;
    match status {
        0x9000 => Ok(Some((told, data))),
        0x6985 => Ok(None),
        _ => Err(Error::Refused {
            command: command.name(),
            status,
        }),
    }
}

/// The file locator of either format of the answer.
fn locator(options: &[u8]) -> Option<Afl> {
    let template = TlvReader::new(options).next()?.ok()?;
    let locator = match template.tag {
        Tag::ANSWER_FORMAT_1 => template.value.get(2..)?,
        _ => template.children().find(Tag::FILE_LOCATOR).ok()??,
    };
    Afl::parse(locator).ok()
}
