//! Why a terminal stops.

use std::fmt;

use persotwin_emv::card_view::ReadError;
use persotwin_emv::dol::DolError;
use persotwin_emv::oda::Fault;
use persotwin_emv::tag::Tag;

use crate::command::CommandName;

/// Why a terminal gives a card back. No card data are in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error<T> {
    /// The card gave no answer at all.
    #[error("the card does not answer")]
    Card(T),
    /// An answer without a status word.
    #[error("the answer to {0} has no status word")]
    NoStatus(CommandName),
    /// An answer that is announced again and again.
    #[error("the answer to {0} does not end")]
    Endless(CommandName),
    /// A command that must be done was refused.
    #[error("the card answers {command} with {status:04X}")]
    Refused {
        /// Which.
        command: CommandName,
        /// The status word.
        status: u16,
    },
    /// The card has no application that this terminal can use.
    #[error("no application for this terminal")]
    NoApplication,
    /// What was read makes no card.
    #[error("{0}")]
    Read(#[from] ReadError),
    /// A list of what the card wants to know is missing or cannot be read, or asks for more than fits a command.
    #[error("data object list {tag}: {why}")]
    List {
        /// Which list.
        tag: Tag,
        /// What is wrong with it.
        why: ListFault,
    },
    /// The list of verification methods cannot be read.
    #[error("the list of verification methods cannot be read")]
    CvmList,
    /// The answer to GENERATE AC cannot be read.
    #[error("the answer to GENERATE AC cannot be read")]
    Cryptogram,
    /// The signature over the cryptogram does not verify. A terminal refuses such a payment whatever the action codes say
    /// (documented), and here ends it at once, without a second GENERATE AC (ours).
    #[error("combined {0}")]
    Signature(Fault),
    /// The card gives more than was asked for.
    #[error("the card approves more than it was asked to")]
    Exceeded,
}

/// What is wrong with a data object list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListFault {
    /// It is not on the card.
    Missing,
    /// It cannot be read.
    Unreadable(DolError),
    /// It asks for more bytes than a command carries.
    TooLong,
}

impl fmt::Display for ListFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::Unreadable(error) => error.fmt(f),
            Self::TooLong => f.write_str("asks for too much"),
        }
    }
}
