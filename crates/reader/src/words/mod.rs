//! Commands, answers and data objects in words. Pure, and safe to show unless it is asked for in full.
//!
//! ```text
//! SELECT 1PAY.SYS.DDF01 → 9000, 84 88 5F2D
//! READ RECORD SFI 2 record 1 → 9000, 5A 5F24 5F34
//! VERIFY plain PIN → 63C2 wrong, 2 tries left
//! ```

mod command;
mod object;
mod status;

use persotwin_emv::tlv::TlvReader;

pub use command::command;
pub use object::{leaves, value};
pub use status::status;

use crate::words::command::{Answers, asked};

/// How much is shown of card data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Show {
    /// No value that a thief could use: tags, lengths, counters, a masked card number.
    #[default]
    Masked,
    /// Every value.
    InFull,
}

/// A command and its answer, on one line.
///
/// ```
/// use persotwin_reader::words::{Show, line};
/// let record = [0x70, 0x07, 0x5F, 0x34, 0x01, 0x00, 0x57, 0x01, 0x41, 0x90, 0x00];
/// let line = line(&[0x00, 0xB2, 0x01, 0x14, 0x00], &record, Show::Masked);
/// assert_eq!(line, "READ RECORD SFI 2 record 1 → 9000, 5F34 57");
/// ```
pub fn line(sent: &[u8], answered: &[u8], show: Show) -> String {
    format!("{} → {}", command(sent, show), answer(sent, answered, show))
}

/// An answer to a command: its status word in words, and which data objects came, or how many bytes.
pub fn answer(sent: &[u8], answered: &[u8], show: Show) -> String {
    let Some((data, word)) = answered.split_last_chunk() else {
        return match answered.len() {
            0 => "no answer".to_owned(),
            _ => "no status word".to_owned(),
        };
    };
    let mut text = status(u16::from_be_bytes(*word));
    if !data.is_empty() {
        text.push_str(", ");
        text.push_str(&content(asked(sent).1, data, show));
    }
    text
}

fn content(answers: Answers, data: &[u8], show: Show) -> String {
    let objects = match answers {
        Answers::Objects => leaves(data),
        Answers::Bytes => None,
    };
    match (objects, show) {
        (Some(objects), Show::Masked) => {
            let tags: Vec<String> = objects
                .iter()
                .map(|object| object.tag.to_string())
                .collect();
            tags.join(" ")
        }
        (Some(objects), Show::InFull) => {
            let whole = objects
                .iter()
                .map(|object| format!("{}={}", object.tag, value(object.tag, object.value, show)));
            whole.collect::<Vec<_>>().join(" ")
        }
        (None, Show::Masked) => bytes(data.len()),
        (None, Show::InFull) => hex::encode_upper(data),
    }
}

/// A number of bytes.
fn bytes(count: usize) -> String {
    match count {
        1 => "1 byte".to_owned(),
        _ => format!("{count} bytes"),
    }
}

/// Bytes that are to be shown in full or not at all.
fn hidden(data: &[u8], show: Show) -> String {
    match show {
        Show::Masked => bytes(data.len()),
        Show::InFull => hex::encode_upper(data),
    }
}

/// A name of a file: letters if it has only those, else hexadecimal.
fn name(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) => {
            text.to_owned()
        }
        _ => hex::encode_upper(bytes),
    }
}

/// Whether the bytes are data objects from end to end.
fn are_objects(bytes: &[u8]) -> bool {
    TlvReader::new(bytes).all(|object| object.is_ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(sent: &str, answered: &str) -> String {
        said(sent, answered, Show::Masked)
    }

    fn said(sent: &str, answered: &str, show: Show) -> String {
        let bytes = |text: &str| hex::decode(text.replace(' ', "")).unwrap();
        line(&bytes(sent), &bytes(answered), show)
    }

    const RECORD: &str = "70 19 5A 08 4111111111111111 5F24 03 291231 5F34 01 00 9F07 02 FF80 9000";

    #[test]
    fn a_record_is_told_by_its_tags() {
        assert_eq!(
            masked("00B2011400", RECORD),
            "READ RECORD SFI 2 record 1 → 9000, 5A 5F24 5F34 9F07"
        );
        assert_eq!(
            said("00B2011400", RECORD, Show::InFull),
            "READ RECORD SFI 2 record 1 → 9000, 5A=4111111111111111 5F24=291231 5F34=00 9F07=FF80"
        );
    }

    #[test]
    fn an_answer_without_objects_is_told_by_its_length() {
        assert_eq!(
            masked("0084000000", "0102030405060708 9000"),
            "GET CHALLENGE → 9000, 8 bytes"
        );
        assert_eq!(
            masked("00B2011400", "70 05 5A 08 41 9000"),
            "READ RECORD SFI 2 record 1 → 9000, 5 bytes"
        );
        assert_eq!(
            masked("00B2011400", ""),
            "READ RECORD SFI 2 record 1 → no answer"
        );
        assert_eq!(
            masked("00B2011400", "90"),
            "READ RECORD SFI 2 record 1 → no status word"
        );
    }

    #[test]
    fn a_pin_is_told_in_full_only() {
        let command = "00200080 08 241234FFFFFFFFFF";
        assert_eq!(
            masked(command, "63C2"),
            "VERIFY plain PIN, 8 bytes → 63C2 wrong, 2 tries left"
        );
        assert_eq!(
            said(command, "9000", Show::InFull),
            "VERIFY plain PIN, 241234FFFFFFFFFF → 9000"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_line(sent in proptest::collection::vec(any::<u8>(), 0..40), answered in proptest::collection::vec(any::<u8>(), 0..40)) {
            for show in [Show::Masked, Show::InFull] {
                let line = line(&sent, &answered, show);
                prop_assert!(!line.contains('\n') && line.contains(" → "));
            }
        }

        /// A card number, wherever it stands in a record, is not in the masked line.
        #[test]
        fn a_masked_line_has_no_card_number(tag in prop::sample::select(vec![0x57_u8, 0x5A, 0x81, 0xC1])) {
            let record = [&[0x70, 0x0A, tag, 0x08][..], &[0x41, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11], &[0x90, 0x00]].concat();
            let line = line(&[0x00, 0xB2, 0x01, 0x14, 0x00], &record, Show::Masked);
            prop_assert!(!line.contains("1111"), "{}", line);
        }
    }
}
