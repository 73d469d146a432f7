//! The instructions that the chip knows, each with the class that it is sent in.
//!
//! This is the one list of them: `Chip::decide` matches it exhaustively, so that a new instruction
//! cannot be forgotten there.

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
    /// Fetch the answer that waits since the last command.
    GetResponse,
    /// Begin a secure channel.
    InitializeUpdate,
    /// Prove the host, and open the secure channel.
    AuthenticateHost,
    /// Name the application that data are for.
    Install,
    /// Load data groupings.
    StoreData,
    /// Change the life cycle of an application.
    SetStatus,
    /// Compare a PIN.
    Verify,
    /// Get bytes that come once.
    GetChallenge,
    /// Check the issuer's answer to a request.
    ExternalAuthenticate,
    /// Sign the terminal's data.
    InternalAuthenticate,
    /// Compute a cryptogram.
    GenerateAc,
    /// Do what the issuer says.
    Script(ScriptInstruction),
}

/// The instructions that come as issuer scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScriptInstruction {
    /// Refuse every transaction from now on.
    BlockApplication,
    /// Do so no longer.
    UnblockApplication,
    /// Let nothing be selected any more.
    BlockCard,
    /// Count PIN tries from the beginning, perhaps of another PIN.
    ChangePin,
    /// Replace a data object.
    PutData,
}

/// How an instruction is written.
struct Written {
    class: u8,
    code: u8,
    name: &'static str,
}

impl Instruction {
    /// Every instruction.
    pub const ALL: [Self; 20] = [
        Self::Select,
        Self::ReadRecord,
        Self::GetProcessingOptions,
        Self::GetData,
        Self::GetResponse,
        Self::InitializeUpdate,
        Self::Install,
        Self::StoreData,
        Self::SetStatus,
        Self::Verify,
        Self::GetChallenge,
        Self::ExternalAuthenticate,
        Self::AuthenticateHost,
        Self::InternalAuthenticate,
        Self::GenerateAc,
        Self::Script(ScriptInstruction::BlockApplication),
        Self::Script(ScriptInstruction::UnblockApplication),
        Self::Script(ScriptInstruction::BlockCard),
        Self::Script(ScriptInstruction::ChangePin),
        Self::Script(ScriptInstruction::PutData),
    ];

    /// The instruction of these first two bytes, if the chip knows it in just that class.
    pub fn of(cla: u8, ins: u8) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|it| it.written().code == ins && it.written().class == cla)
    }

    /// The instruction that a command asks for, on the basic channel.
    ///
    /// # Errors
    /// [`Status::UnknownInstruction`] before everything about the class (ours). One instruction
    /// code may have several classes; the first in [`Self::ALL`] says what is wrong with another.
    pub(crate) fn of_command(apdu: &Apdu<'_>) -> Result<Self, Status> {
        if let Some(known) = Self::of(apdu.cla, apdu.ins) {
            return Ok(known);
        }
        let mut all = Self::ALL.into_iter();
        let same_code = all.find(|it| it.written().code == apdu.ins);
        Err(same_code.map_or(Status::UnknownInstruction, |it| it.refuse_class(apdu.cla)))
    }

    /// What is wrong with a class that is not this instruction's (documented: ISO/IEC 7816-4).
    fn refuse_class(self, cla: u8) -> Status {
        let class = self.written().class;
        match cla ^ class {
            _ if cla == 0xFF => Status::UnknownClass,
            0x01..=0x03 => Status::NoLogicalChannels,
            0x04 if class == 0x84 => Status::NotSecured,
            0x04..=0x0F => Status::NoSecureMessaging,
            0x10..=0x1F => Status::NoChaining,
            // Interindustry classes of the channels 4 to 19.
            0x40..=0x7F if class == 0x00 => Status::NoLogicalChannels,
            _ => Status::UnknownClass,
        }
    }

    /// Whether it is taken without protection while a secure channel is open: it ends the channel,
    /// or fetches what came through it.
    pub(crate) fn goes_beside_a_channel(self) -> bool {
        matches!(
            self,
            Self::Select | Self::GetResponse | Self::InitializeUpdate
        )
    }

    /// The instruction of these first two bytes, be it secured or not.
    pub fn of_either(cla: u8, ins: u8) -> Option<Self> {
        Self::of(cla, ins).or_else(|| Self::of(cla & !Apdu::SECURED, ins))
    }

    /// As specifications write it.
    pub const fn name(self) -> &'static str {
        self.written().name
    }

    /// Class without a channel, code and name (documented: ISO/IEC 7816-4, EMV Book 3,
    /// GlobalPlatform card specification).
    const fn written(self) -> Written {
        let (class, code, name) = match self {
            Self::Select => (0x00, 0xA4, "SELECT"),
            Self::ReadRecord => (0x00, 0xB2, "READ RECORD"),
            Self::GetProcessingOptions => (0x80, 0xA8, "GET PROCESSING OPTIONS"),
            Self::GetData => (0x80, 0xCA, "GET DATA"),
            Self::GetResponse => (0x00, 0xC0, "GET RESPONSE"),
            Self::InitializeUpdate => (0x80, 0x50, "INITIALIZE UPDATE"),
            Self::AuthenticateHost => (0x84, 0x82, "EXTERNAL AUTHENTICATE"),
            Self::Install => (0x80, 0xE6, "INSTALL"),
            Self::StoreData => (0x80, 0xE2, "STORE DATA"),
            Self::SetStatus => (0x80, 0xF0, "SET STATUS"),
            Self::Verify => (0x00, 0x20, "VERIFY"),
            Self::GetChallenge => (0x00, 0x84, "GET CHALLENGE"),
            Self::ExternalAuthenticate => (0x00, 0x82, "EXTERNAL AUTHENTICATE"),
            Self::InternalAuthenticate => (0x00, 0x88, "INTERNAL AUTHENTICATE"),
            Self::GenerateAc => (0x80, 0xAE, "GENERATE AC"),
            Self::Script(script) => script.written(),
        };
        Written { class, code, name }
    }
}

impl ScriptInstruction {
    const fn written(self) -> (u8, u8, &'static str) {
        match self {
            Self::BlockApplication => (0x84, 0x1E, "APPLICATION BLOCK"),
            Self::UnblockApplication => (0x84, 0x18, "APPLICATION UNBLOCK"),
            Self::BlockCard => (0x84, 0x16, "CARD BLOCK"),
            Self::ChangePin => (0x84, 0x24, "PIN CHANGE/UNBLOCK"),
            Self::PutData => (0x84, 0xDA, "PUT DATA"),
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
        for (cla, ins, status) in [
            (0x01, 0xA4, Status::NoLogicalChannels),
            (0x43, 0xA4, Status::NoLogicalChannels),
            (0x84, 0xE2, Status::NoSecureMessaging),
            (0x0C, 0xA4, Status::NoSecureMessaging),
            (0x90, 0xE2, Status::NoChaining),
            (0x80, 0xA4, Status::UnknownClass),
            (0x00, 0xE2, Status::UnknownClass),
            (0xFF, 0xA4, Status::UnknownClass),
            (0xC0, 0xE2, Status::UnknownClass),
            (0x80, 0x1E, Status::NotSecured),
            (0x80, 0x20, Status::UnknownClass),
            (0x00, 0x00, Status::UnknownInstruction),
            (0xFF, 0x00, Status::UnknownInstruction),
        ] {
            assert_eq!(of(cla, ins), Err(status), "{cla:02X} {ins:02X}");
        }
    }

    #[test]
    fn each_instruction_is_found_by_what_is_written() {
        for instruction in Instruction::ALL {
            let Written { class, code, .. } = instruction.written();
            assert_eq!(of(class, code), Ok(instruction));
        }
    }
}
