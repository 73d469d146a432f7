//! Everything that a terminal reads before it decides anything: application, processing options, records.

use std::collections::BTreeMap;

use persotwin_emv::afl::Afl;
use persotwin_emv::card_answers::CardAnswers;
use persotwin_emv::card_view::CardView;
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::{TlvReader, find_path};

use crate::card::{Card, done};
use crate::command::Command;
use crate::error::{Error, ListFault};
use crate::select::{Directory, select};
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
    let selected = select(card, terminal).await?;
    let objects = Objects::new(terminal, purchase);
    let list = find_path(
        &selected.answer,
        &[Tag::FCI, Tag::FCI_PROPRIETARY, Tag::PDOL],
    );
    let unreadable = |why| Error::List {
        tag: Tag::PDOL,
        why,
    };
    let list = list.ok().flatten().unwrap_or_default();
    let data = objects.answer(list).map_err(unreadable)?;
    let begin = Command::get_processing_options(&data);
    let begin = begin.map_err(|_| unreadable(ListFault::TooLong))?;
    let options = done(card, &begin).await?;
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
    })
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
