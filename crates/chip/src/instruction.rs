//! The instructions that the chip knows, each with the class that it is sent in.
//!
//! This is the one list of them: [`Chip::transmit`](crate::Chip::transmit) matches it exhaustively,
//! so that a new instruction cannot be forgotten there.

use crate::apdu::Apdu;
use crate::status::Status;

/// What a command asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instruction {
    /// Choose an application or a payment environment.
    Select,
    /// Read a record of the selected file.
    ReadRecord,
    /// Begin a transaction.
    GetProcessingOptions,
    /// Read one data object.
    GetData,
    /// Load data groupings.
    StoreData,
}

impl Instruction {
    /// The instruction of this code.
    pub const fn of(ins: u8) -> Option<Self> {
        match ins {
            0xA4 => Some(Self::Select),
            0xB2 => Some(Self::ReadRecord),
            0xA8 => Some(Self::GetProcessingOptions),
            0xCA => Some(Self::GetData),
            0xE2 => Some(Self::StoreData),
            _ => None,
        }
    }

    /// The instruction that a command asks for, on the basic channel and in the clear.
    ///
    /// # Errors
    /// [`Status::UnknownInstruction`] before everything about the class (ours).
    pub(crate) fn of_command(apdu: &Apdu<'_>) -> Result<Self, Status> {
        let instruction = Self::of(apdu.ins).ok_or(Status::UnknownInstruction)?;
        let class = instruction.class();
        match apdu.cla ^ class {
            0x00 => Ok(instruction),
            0x01..=0x03 => Err(Status::NoLogicalChannels),
            0x04..=0x0F => Err(Status::NoSecureMessaging),
            0x10..=0x1F => Err(Status::NoChaining),
            _ => Err(Status::UnknownClass),
        }
    }

    /// The class byte without channel and secure messaging (documented: EMV Book 3).
    const fn class(self) -> u8 {
        match self {
            Self::Select | Self::ReadRecord => 0x00,
            Self::GetProcessingOptions | Self::GetData | Self::StoreData => 0x80,
        }
    }

    /// As specifications write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::ReadRecord => "READ RECORD",
            Self::GetProcessingOptions => "GET PROCESSING OPTIONS",
            Self::GetData => "GET DATA",
            Self::StoreData => "STORE DATA",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cla: u8, ins: u8) -> Result<Instruction, Status> {
        Instruction::of_command(&Apdu::parse(&[cla, ins, 0, 0]).unwrap())
    }

    #[test]
    fn a_class_is_told_apart_from_an_instruction() {
        assert_eq!(of(0x00, 0xA4), Ok(Instruction::Select));
        assert_eq!(of(0x80, 0xE2), Ok(Instruction::StoreData));
        assert_eq!(of(0x01, 0xA4), Err(Status::NoLogicalChannels));
        assert_eq!(of(0x84, 0xE2), Err(Status::NoSecureMessaging));
        assert_eq!(of(0x90, 0xE2), Err(Status::NoChaining));
        assert_eq!(of(0x80, 0xA4), Err(Status::UnknownClass));
        assert_eq!(of(0x00, 0xE2), Err(Status::UnknownClass));
    }

    #[test]
    fn what_comes_later_is_unknown_now() {
        // INITIALIZE UPDATE, EXTERNAL AUTHENTICATE, VERIFY, GENERATE AC, GET CHALLENGE.
        for (cla, ins) in [
            (0x80, 0x50),
            (0x84, 0x82),
            (0x00, 0x20),
            (0x80, 0xAE),
            (0x00, 0x84),
        ] {
            assert_eq!(of(cla, ins), Err(Status::UnknownInstruction));
        }
    }
}
