//! Commands in words (codes documented: ISO/IEC 7816-4, EMV Book 3, EMV CPS, GlobalPlatform).

use persotwin_chip::apdu::Apdu;
use persotwin_emv::afl::RecordId;

use super::{Show, hidden, name};

/// What an answer to a command is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answers {
    /// Data objects.
    Objects,
    /// Bytes with a meaning of their own.
    Bytes,
}

/// A command in words. Only commands that name what they want show it: a name, a record, a tag.
///
/// ```
/// use persotwin_reader::words::{Show, command};
/// assert_eq!(command(&[0x80, 0xCA, 0x9F, 0x36, 0x00], Show::Masked), "GET DATA 9F36");
/// ```
pub fn command(bytes: &[u8], show: Show) -> String {
    let (named, _) = asked(bytes);
    match (named, Apdu::parse(bytes)) {
        (Named::Malformed, _) | (_, Err(_)) => {
            format!("malformed command, {}", hidden(bytes, show))
        }
        (Named::Whole(text), _) => text,
        (Named::WithData(text), Ok(apdu)) if apdu.data.is_empty() => text,
        (Named::WithData(text), Ok(apdu)) => format!("{text}, {}", hidden(apdu.data, show)),
    }
}

/// How much of a command its name tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// Everything.
    Whole(String),
    /// Everything but its data field.
    WithData(String),
    /// Its lengths do not fit.
    Malformed,
}

/// What a command asks for, and what its answer will be made of.
pub(super) fn asked(bytes: &[u8]) -> (Named, Answers) {
    use Answers::{Bytes, Objects};
    let Ok(apdu) = Apdu::parse(bytes) else {
        return (Named::Malformed, Bytes);
    };
    let with_data = |text: &str| Named::WithData(text.to_owned());
    let reference = u16::from_be_bytes([apdu.p1, apdu.p2]);
    match apdu.ins {
        0xA4 => (Named::Whole(select(&apdu)), Objects),
        0xB2 => (Named::Whole(read_record(&apdu)), Objects),
        0xCA | 0xCB => (
            Named::Whole(format!("GET DATA {}", tag(reference))),
            Objects,
        ),
        0xA8 => (with_data("GET PROCESSING OPTIONS"), Objects),
        0xAE => (with_data(&generate_ac(apdu.p1)), Objects),
        0x88 => (with_data("INTERNAL AUTHENTICATE"), Objects),
        0x84 => (with_data("GET CHALLENGE"), Bytes),
        0x20 => (with_data(verify(apdu.p2)), Bytes),
        0x82 => (with_data("EXTERNAL AUTHENTICATE"), Bytes),
        0x50 => (with_data("INITIALIZE UPDATE"), Bytes),
        0xE2 => (with_data(&store_data(&apdu)), Bytes),
        0xE6 => (with_data("INSTALL"), Bytes),
        0xF0 => (with_data("SET STATUS"), Bytes),
        0xF2 => (with_data("GET STATUS"), Objects),
        0xDA => (with_data(&format!("PUT DATA {}", tag(reference))), Bytes),
        0x1E => (with_data("APPLICATION BLOCK"), Bytes),
        0x18 => (with_data("APPLICATION UNBLOCK"), Bytes),
        0x16 => (with_data("CARD BLOCK"), Bytes),
        0x24 => (with_data("PIN CHANGE/UNBLOCK"), Bytes),
        0xB0 => (with_data("READ BINARY"), Bytes),
        // What is left of the answer to another command: most are data objects.
        0xC0 => (with_data("GET RESPONSE"), Objects),
        _ => (with_data(&unknown(&apdu)), Bytes),
    }
}

fn select(apdu: &Apdu<'_>) -> String {
    let what = match apdu.p1 {
        0x04 => name(apdu.data),
        _ => format!("file {}", hex::encode_upper(apdu.data)),
    };
    match (what.as_str(), apdu.p2 & 0x03) {
        ("", 0x02) => "SELECT, next".to_owned(),
        ("", _) => "SELECT".to_owned(),
        (_, 0x02) => format!("SELECT {what}, next"),
        _ => format!("SELECT {what}"),
    }
}

fn read_record(apdu: &Apdu<'_>) -> String {
    match RecordId::from_read_record(apdu.p1, apdu.p2) {
        Some(RecordId { sfi, record }) => {
            format!("READ RECORD SFI {} record {record}", sfi.number())
        }
        None => format!("READ RECORD {:02X} {:02X}", apdu.p1, apdu.p2),
    }
}

/// The tag that P1 and P2 are; one byte of zeros in front is none of it.
fn tag(reference: u16) -> String {
    match reference {
        0x00..=0xFF => format!("{reference:02X}"),
        _ => format!("{reference:04X}"),
    }
}

fn generate_ac(p1: u8) -> String {
    let wanted = match p1 & 0xC0 {
        0x00 => "AAC (decline)",
        0x40 => "TC (approve)",
        0x80 => "ARQC (go online)",
        _ => "an unknown cryptogram",
    };
    let signed = if p1 & 0x10 == 0 { "" } else { ", signed (CDA)" };
    format!("GENERATE AC for {wanted}{signed}")
}

fn verify(p2: u8) -> &'static str {
    match p2 {
        0x80 => "VERIFY plain PIN",
        0x88 => "VERIFY enciphered PIN",
        _ => "VERIFY",
    }
}

fn store_data(apdu: &Apdu<'_>) -> String {
    let last = if apdu.p1 & 0x80 == 0 { "" } else { " (last)" };
    format!("STORE DATA block {}{last}", apdu.p2)
}

fn unknown(apdu: &Apdu<'_>) -> String {
    let Apdu {
        cla, ins, p1, p2, ..
    } = apdu;
    format!("unknown command {cla:02X} {ins:02X} {p1:02X} {p2:02X}")
}

#[cfg(test)]
mod tests {
    use persotwin_chip::instruction::Instruction;

    use super::*;

    fn masked(sent: &str) -> String {
        command(&hex::decode(sent.replace(' ', "")).unwrap(), Show::Masked)
    }

    #[test]
    fn each_command_says_what_it_wants() {
        for (sent, said) in [
            (
                "00A40400 0E 315041592E5359532E4444463031 00",
                "SELECT 1PAY.SYS.DDF01",
            ),
            ("00A40402 05 A000000003 00", "SELECT A000000003, next"),
            ("00A40000 02 3F00", "SELECT file 3F00"),
            ("00A4040000", "SELECT"),
            ("00B2010C00", "READ RECORD SFI 1 record 1"),
            ("00B2000000", "READ RECORD 00 00"),
            ("80A80000 04 83020840 00", "GET PROCESSING OPTIONS, 4 bytes"),
            ("80CA9F3600", "GET DATA 9F36"),
            ("80CA006600", "GET DATA 66"),
            (
                "80AE8000 02 0000 00",
                "GENERATE AC for ARQC (go online), 2 bytes",
            ),
            (
                "80AE5000 02 0000 00",
                "GENERATE AC for TC (approve), signed (CDA), 2 bytes",
            ),
            ("0084000000", "GET CHALLENGE"),
            ("80E28005 03 000000", "STORE DATA block 5 (last), 3 bytes"),
            ("80F20000 00", "GET STATUS"),
            ("00FF1234", "unknown command 00 FF 12 34"),
            ("00A4", "malformed command, 2 bytes"),
        ] {
            assert_eq!(masked(sent), said);
        }
    }

    #[test]
    fn every_instruction_of_the_chip_has_words() {
        for (cla, ins) in [0x00, 0x80, 0x84]
            .into_iter()
            .flat_map(|cla| (0..=u8::MAX).map(move |ins| (cla, ins)))
        {
            if Instruction::of(cla, ins).is_some() {
                let said = command(&[cla, ins, 0, 0], Show::Masked);
                assert!(!said.starts_with("unknown"), "{cla:02X} {ins:02X}");
            }
        }
    }
}
