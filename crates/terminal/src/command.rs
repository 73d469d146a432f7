//! The commands that a terminal sends (EMV Books 1 and 3, documented), as bytes for T=0 and T=1.

use std::fmt;

use persotwin_emv::afl::RecordId;
use persotwin_emv::authorisation::CryptogramType;
use persotwin_emv::pin::PinBlock;
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::{TlvError, TlvWriter};
use zeroize::Zeroizing;

/// A command. `Debug` shows its name: what it carries may be a PIN.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Command {
    name: CommandName,
    header: [u8; 4],
    data: Zeroizing<Vec<u8>>,
    expects: Expects,
}

/// Whether an answer has data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    Data,
    StatusOnly,
    Exactly(u8),
}

/// How a cryptogram is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seal {
    /// As it is.
    None,
    /// Within a combined signature.
    Signature,
}

/// What a command asks of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum CommandName {
    Select,
    ReadRecord,
    GetProcessingOptions,
    GetData,
    Verify,
    GenerateAc,
    InternalAuthenticate,
    ExternalAuthenticate,
    GetResponse,
}

impl fmt::Display for CommandName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Select => "SELECT",
            Self::ReadRecord => "READ RECORD",
            Self::GetProcessingOptions => "GET PROCESSING OPTIONS",
            Self::GetData => "GET DATA",
            Self::Verify => "VERIFY",
            Self::GenerateAc => "GENERATE AC",
            Self::InternalAuthenticate => "INTERNAL AUTHENTICATE",
            Self::ExternalAuthenticate => "EXTERNAL AUTHENTICATE",
            Self::GetResponse => "GET RESPONSE",
        })
    }
}

impl Command {
    fn new(name: CommandName, header: [u8; 4], data: Vec<u8>, expects: Expects) -> Self {
        Self {
            name,
            header,
            data: Zeroizing::new(data),
            expects,
        }
    }

    /// SELECT by name, the first occurrence.
    pub(crate) fn select(name: &[u8]) -> Self {
        let header = [0x00, 0xA4, 0x04, 0x00];
        Self::new(CommandName::Select, header, name.to_vec(), Expects::Data)
    }

    /// READ RECORD.
    pub(crate) fn read_record(id: RecordId) -> Self {
        let header = [0x00, 0xB2, id.record, id.read_record_p2()];
        Self::new(CommandName::ReadRecord, header, Vec::new(), Expects::Data)
    }

    /// GET PROCESSING OPTIONS with the answer to the card's data object list.
    pub(crate) fn get_processing_options(list_data: &[u8]) -> Result<Self, TlvError> {
        let data = TlvWriter::new()
            .put(Tag::COMMAND_TEMPLATE, list_data)
            .finish()?;
        let header = [0x80, 0xA8, 0x00, 0x00];
        let name = CommandName::GetProcessingOptions;
        Ok(Self::new(name, header, data, Expects::Data))
    }

    /// GET DATA of a tag of two bytes.
    pub(crate) fn get_data(tag: Tag) -> Self {
        let [.., p1, p2] = tag.number().to_be_bytes();
        let header = [0x80, 0xCA, p1, p2];
        Self::new(CommandName::GetData, header, Vec::new(), Expects::Data)
    }

    /// VERIFY with a PIN in the clear.
    pub(crate) fn verify(block: &PinBlock) -> Self {
        let (header, data) = ([0x00, 0x20, 0x00, 0x80], block.expose().to_vec());
        Self::new(CommandName::Verify, header, data, Expects::StatusOnly)
    }

    /// GENERATE AC.
    pub(crate) fn generate_ac(wanted: CryptogramType, seal: Seal, list_data: &[u8]) -> Self {
        let combined = match seal {
            Seal::None => 0x00,
            Seal::Signature => 0x10,
        };
        let header = [0x80, 0xAE, wanted.bits() | combined, 0x00];
        let data = list_data.to_vec();
        Self::new(CommandName::GenerateAc, header, data, Expects::Data)
    }

    /// INTERNAL AUTHENTICATE with the answer to the card's dynamic data object list.
    pub(crate) fn internal_authenticate(list_data: &[u8]) -> Self {
        let (header, data) = ([0x00, 0x88, 0x00, 0x00], list_data.to_vec());
        let name = CommandName::InternalAuthenticate;
        Self::new(name, header, data, Expects::Data)
    }

    /// EXTERNAL AUTHENTICATE with the issuer's authentication data.
    pub(crate) fn external_authenticate(authentication: &[u8]) -> Self {
        let (header, data) = ([0x00, 0x82, 0x00, 0x00], authentication.to_vec());
        let name = CommandName::ExternalAuthenticate;
        Self::new(name, header, data, Expects::StatusOnly)
    }

    /// GET RESPONSE for so many bytes; `00` for 256.
    pub(crate) fn get_response(length: u8) -> Self {
        let header = [0x00, 0xC0, 0x00, 0x00];
        let name = CommandName::GetResponse;
        Self::new(name, header, Vec::new(), Expects::Exactly(length))
    }

    pub(crate) fn name(&self) -> CommandName {
        self.name
    }

    /// The bytes, with short lengths. Data that do not fit those are cut; no list of a card that can be read asks for so much.
    pub(crate) fn to_apdu(&self) -> Zeroizing<Vec<u8>> {
        let mut apdu = Zeroizing::new(self.header.to_vec());
        let length = u8::try_from(self.data.len()).unwrap_or(u8::MAX);
        if length > 0 {
            apdu.push(length);
            apdu.extend(self.data.iter().take(usize::from(length)));
        }
        match self.expects {
            Expects::Data => apdu.push(0x00),
            Expects::Exactly(length) => apdu.push(length),
            Expects::StatusOnly => {}
        }
        apdu
    }

    /// The command again, asking for exactly so many bytes.
    pub(crate) fn with_length(apdu: &[u8], length: u8) -> Zeroizing<Vec<u8>> {
        let mut again = Zeroizing::new(apdu.to_vec());
        let data = apdu.get(4).map_or(0, |lc| usize::from(*lc));
        // Header and length byte of a case 2, or header, data and length byte of a case 4.
        if apdu.len() == 5 || apdu.len() == 6 + data {
            again.pop();
        }
        again.push(length);
        again
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use persotwin_emv::afl::Sfi;
    use persotwin_emv::pin::Pin;

    fn hexadecimal(command: &Command) -> String {
        hex::encode_upper(&*command.to_apdu())
    }

    #[test]
    fn commands_are_those_of_the_books() {
        let record = RecordId::new(Sfi::TWO, 1).unwrap();
        let pin = PinBlock::format_2(&Pin::parse("1234").unwrap());
        let options = Command::get_processing_options(&[0x08, 0x40]).unwrap();
        for (command, bytes) in [
            (Command::select(&[0xA0; 7]), "00A4040007A0A0A0A0A0A0A000"),
            (Command::read_record(record), "00B2011400"),
            (options, "80A8000004830208 4000"),
            (Command::get_data(Tag::TRANSACTION_COUNTER), "80CA9F3600"),
            (Command::verify(&pin), "0020008008241234FFFFFFFFFF"),
            (
                Command::generate_ac(CryptogramType::Request, Seal::None, &[1, 2]),
                "80AE800002010200",
            ),
            (Command::external_authenticate(&[9]), "008200000109"),
            (Command::get_response(0x1C), "00C000001C"),
        ] {
            assert_eq!(hexadecimal(&command), bytes.replace(' ', ""));
            assert!(!format!("{command:?}").contains("1234"));
        }
    }

    #[test]
    fn a_length_takes_the_place_of_the_last_byte_or_is_put_behind() {
        for (apdu, again) in [
            ("00B2011400", "00B2011442"),
            ("00B20114", "00B2011442"),
            ("80AE80000201 0200", "80AE80000201 0242"),
            ("0020008002 0102", "0020008002 010242"),
        ] {
            let apdu = hex::decode(apdu.replace(' ', "")).unwrap();
            let found = hex::encode(&*Command::with_length(&apdu, 0x42));
            assert_eq!(found, again.replace(' ', "").to_lowercase());
        }
    }
}
