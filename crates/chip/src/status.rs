//! Status words: the last two bytes of every answer.

use std::fmt;

/// How a command went (ISO/IEC 7816-4 codes, documented; when the chip uses which is in the
/// modules that answer it).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done.
    Done,
    /// Done; so many bytes wait for GET RESPONSE (`00`: 256 or more).
    Waiting(u8),
    /// A warning: selected, and the application is blocked.
    ApplicationBlocked,
    /// The cryptogram of the issuer, or of the host of a secure channel, is not genuine.
    NotAuthenticated,
    /// The PIN is wrong; so many tries are left.
    TriesLeft(u8),
    /// The length field is wrong, or the command has no such length.
    WrongLength,
    /// A logical channel other than the basic one.
    NoLogicalChannels,
    /// Secure messaging is asked for and there is no secure channel.
    NoSecureMessaging,
    /// Command chaining is asked for.
    NoChaining,
    /// A secure channel or a key would be needed first.
    SecurityNotSatisfied,
    /// No PIN may be tried any more.
    PinBlocked,
    /// No secure channel may be opened any more.
    DomainLocked,
    /// There is no PIN to compare with.
    ReferenceUnusable,
    /// The command does not fit the life cycle or what came before it.
    ConditionsNotSatisfied,
    /// A command that must be secured comes in the clear.
    NotSecured,
    /// A command's MAC is wrong.
    WrongMac,
    /// The data field holds something that cannot be.
    WrongData,
    /// The card is blocked.
    CardBlocked,
    /// No such application or file.
    FileNotFound,
    /// No such record.
    RecordNotFound,
    /// The chip's memory is full.
    MemoryFull,
    /// P1 or P2 is wrong, or the set of data groupings is not complete.
    WrongP1P2,
    /// No such data object or data grouping.
    ReferenceNotFound,
    /// Ask again with this `Le`.
    WrongLe(u8),
    /// No such instruction.
    UnknownInstruction,
    /// The instruction exists in another class.
    UnknownClass,
}

impl Status {
    /// The status word.
    pub const fn code(self) -> u16 {
        match self {
            Self::Done => 0x9000,
            Self::Waiting(bytes) => u16::from_be_bytes([0x61, bytes]),
            Self::ApplicationBlocked => 0x6283,
            Self::NotAuthenticated => 0x6300,
            Self::TriesLeft(tries) => u16::from_be_bytes([0x63, 0xC0 | (tries & 0x0F)]),
            Self::WrongLength => 0x6700,
            Self::NoLogicalChannels => 0x6881,
            Self::NoSecureMessaging => 0x6882,
            Self::NoChaining => 0x6884,
            Self::SecurityNotSatisfied => 0x6982,
            Self::PinBlocked | Self::DomainLocked => 0x6983,
            Self::ReferenceUnusable => 0x6984,
            Self::ConditionsNotSatisfied => 0x6985,
            Self::NotSecured => 0x6987,
            Self::WrongMac => 0x6988,
            Self::WrongData => 0x6A80,
            Self::CardBlocked => 0x6A81,
            Self::FileNotFound => 0x6A82,
            Self::RecordNotFound => 0x6A83,
            Self::MemoryFull => 0x6A84,
            Self::WrongP1P2 => 0x6A86,
            Self::ReferenceNotFound => 0x6A88,
            Self::WrongLe(exact) => u16::from_be_bytes([0x6C, exact]),
            Self::UnknownInstruction => 0x6D00,
            Self::UnknownClass => 0x6E00,
        }
    }

    /// SW1 and SW2.
    pub const fn bytes(self) -> [u8; 2] {
        self.code().to_be_bytes()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.code())
    }
}

/// Whether an answer's last two bytes say that its command was done.
pub fn is_done(answer: &[u8]) -> bool {
    answer.ends_with(&Status::Done.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        assert_eq!(Status::Done.bytes(), [0x90, 0x00]);
        assert_eq!(Status::WrongLe(0x1C).to_string(), "6C1C");
        assert_eq!(Status::Waiting(0x1C).to_string(), "611C");
        assert_eq!(Status::RecordNotFound.to_string(), "6A83");
    }

    #[test]
    fn only_9000_is_done() {
        assert!(is_done(&[0x6F, 0x00, 0x90, 0x00]));
        for answer in [&[][..], &[0x90], &[0x61, 0x10], &[0x90, 0x00, 0x6A, 0x82]] {
            assert!(!is_done(answer), "{answer:02X?}");
        }
    }
}
