//! Exit codes: an interface like any other.

use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All as expected.
    Ok = 0,
    /// An expectation or a law is broken.
    Broken = 1,
    /// The input is wrong, and nothing was run.
    Input = 2,
    /// The twin itself failed: a port, a disk, a panic.
    Twin = 3,
    /// Two runs of one seed differed.
    Differs = 4,
    /// Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do its work, and how the program ends then.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) exit: Exit,
    pub(crate) text: String,
}

impl Stop {
    /// The input is wrong.
    pub(crate) fn input(text: impl Into<String>) -> Self {
        Self {
            exit: Exit::Input,
            text: text.into(),
        }
    }

    /// The twin itself failed.
    pub(crate) fn twin(text: impl Into<String>) -> Self {
        Self {
            exit: Exit::Twin,
            text: text.into(),
        }
    }
}
