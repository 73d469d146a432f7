//! What can happen to whole messages.
//!
//! A fault strikes **before** the handler (the effect did not happen), **after** it (it happened, and the caller does not know),
//! **twice**, **late** or **out of order**. What happens to the bytes of a stream is a [`Distortion`].

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use persotwin_kernel::event::Failure;
use persotwin_link::{Face, Machine};

use crate::distort::{Distortion, Way};
use crate::rewrite::Rewrite;

/// What the caller gets instead of the true answer.
#[derive(Debug, Clone)]
pub enum Lost {
    /// The call fails like this at once; `TimedOut` means silence until the caller's own patience is over.
    Failure(Failure),
    /// Somebody on the way answers this.
    Answer(Box<Response<Bytes>>),
}

/// What happens to one message.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It never reaches the handler.
    Before(Lost),
    /// The handler did its work; its answer does not come back.
    After(Lost),
    /// It is delivered twice; the caller gets the first answer.
    Twice,
    /// It arrives so much later.
    Late(Duration),
    /// It takes effect at once; its answer arrives so much later.
    AnswerLate(Duration),
    /// It arrives after the next message on the same link.
    OutOfOrder,
    /// Its bytes suffer.
    Stream(Distortion),
    /// It, or its answer, says something else than was said.
    Rewritten(Way, Rewrite),
}

impl Fault {
    /// Whether the message arrives, but later.
    pub(crate) fn holds_up(&self) -> bool {
        match self {
            Self::Late(_) | Self::AnswerLate(_) | Self::OutOfOrder => true,
            Self::Stream(distortion) => distortion.delays(),
            _ => false,
        }
    }

    /// In one word, for journals.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Before(_) => "before",
            Self::After(_) => "after",
            Self::Twice => "twice",
            Self::Late(_) => "late",
            Self::AnswerLate(_) => "answer-late",
            Self::OutOfOrder => "out-of-order",
            Self::Stream(distortion) => distortion.name(),
            Self::Rewritten(..) => "rewritten",
        }
    }
}

/// A fault without a name that waits for its messages, for tests of machines; see [`Trap`](crate::Trap) for all others.
#[derive(Debug, Clone)]
pub struct Strike {
    /// Only messages of this caller, if given.
    pub from: Option<Machine>,
    /// Messages to this face.
    pub to: Face,
    /// Let so many pass first.
    pub skip: u32,
    /// Then strike so many.
    pub times: u32,
    /// With this.
    pub fault: Fault,
}
