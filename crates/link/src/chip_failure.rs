//! Why an agent could not make a card's chip, as its journal says it. All ours.
//!
//! A chip that failed is never spoken to again: nobody tries other keys on it, no command is repeated, the blank goes to the reject bin.

use std::fmt;

use serde::Serialize;

use crate::condition::Condition;

/// Why a chip did not become that of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "why")]
pub enum ChipFailure {
    /// It does not answer, or the reader does not: nobody knows whether the last command was done.
    Mute,
    /// Its answer to reset is none.
    StrangeReset,
    /// It has no application of this name: another stock's chip.
    NoApplication,
    /// Its application was personalised before.
    Personalised,
    /// Its keys are locked.
    Locked,
    /// Protocol, option or key version are not those of the stock.
    OtherTerms,
    /// It does not know the keys of the stock: its cryptogram is wrong.
    WrongKeys,
    /// It does not believe that the station knows its keys.
    NotBelieved,
    /// It refused a command with this status word.
    Refused {
        /// The status word.
        status: StatusWord,
    },
    /// An answer that is none, or that somebody has changed.
    Garbled,
    /// The data cannot be cut into commands for its channel.
    Unloadable,
    /// What a terminal reads of it is not what was loaded.
    Differs,
}

impl ChipFailure {
    /// What a refusal of a command means, whichever command it is.
    pub fn of_status(status: [u8; 2]) -> Self {
        match status {
            [0x69 | 0x62, 0x83] | [0x6A, 0x81] => Self::Locked,
            other => Self::Refused {
                status: StatusWord(other),
            },
        }
    }

    /// The condition of the hardware that it is.
    pub fn condition(self) -> Condition {
        match self {
            Self::Mute | Self::StrangeReset => Condition::ChipMute,
            Self::NoApplication
            | Self::Personalised
            | Self::Locked
            | Self::OtherTerms
            | Self::WrongKeys
            | Self::NotBelieved
            | Self::Refused { .. }
            | Self::Garbled
            | Self::Unloadable
            | Self::Differs => Condition::ChipRefused,
        }
    }
}

/// Short, to stand behind "the chip".
impl fmt::Display for ChipFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mute => "does not answer",
            Self::StrangeReset => "answers to reset with something else",
            Self::NoApplication => "has no such application",
            Self::Personalised => "is personalised already",
            Self::Locked => "is locked",
            Self::OtherTerms => "has another protocol or another key version than its stock",
            Self::WrongKeys => "does not know the keys of its stock",
            Self::NotBelieved => "does not believe the station",
            Self::Refused { status } => return write!(f, "refuses with {status}"),
            Self::Garbled => "answers what nobody can trust",
            Self::Unloadable => "has no room for the data",
            Self::Differs => "reads otherwise than it was loaded",
        })
    }
}

/// The two bytes at the end of a chip's answer, as four hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatusWord(pub [u8; 2]);

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b] = self.0;
        write!(f, "{a:02X}{b:02X}")
    }
}

impl Serialize for StatusWord {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_written_by_name_and_read_as_words() {
        let refused = ChipFailure::of_status([0x6A, 0x80]);
        assert_eq!(refused.to_string(), "refuses with 6A80");
        let json = serde_json::to_string(&refused).unwrap();
        assert_eq!(json, r#"{"why":"refused","status":"6A80"}"#);
        let locked = ChipFailure::of_status([0x69, 0x83]);
        assert_eq!(
            serde_json::to_string(&locked).unwrap(),
            r#"{"why":"locked"}"#
        );
    }

    #[test]
    fn silence_and_refusal_are_two_conditions() {
        assert_eq!(ChipFailure::Mute.condition(), Condition::ChipMute);
        assert_eq!(ChipFailure::WrongKeys.condition(), Condition::ChipRefused);
    }
}
