//! Data objects and their values in words.

use persotwin_emv::bcd;
use persotwin_emv::pan::Pan;
use persotwin_emv::tag::{Form, Tag};
use persotwin_emv::tlv::{Tlv, TlvReader};
use zeroize::Zeroizing;

use super::{Show, are_objects, hidden, name};

/// How deep templates are looked into (ours; payment cards need four).
const DEPTH: u8 = 8;

/// The data objects that hold values, in the order in which they stand; templates are looked into. None if the bytes are no data objects.
pub fn leaves(bytes: &[u8]) -> Option<Vec<Tlv<'_>>> {
    let mut found = Vec::new();
    collect(bytes, DEPTH, &mut found).then_some(found)
}

fn collect<'a>(bytes: &'a [u8], depth: u8, found: &mut Vec<Tlv<'a>>) -> bool {
    if !are_objects(bytes) {
        return false;
    }
    TlvReader::new(bytes).flatten().all(|object| {
        if object.tag.form() == Form::Constructed && depth > 0 {
            return collect(object.value, depth - 1, found);
        }
        found.push(object);
        true
    })
}

/// What may be known of a card by whoever sees the screen: what it is and how it works, nothing that says whose it is.
fn is_public(tag: Tag) -> bool {
    matches!(
        tag.number(),
        0x4F | 0x50 | 0x82 | 0x84 | 0x87 | 0x88 | 0x8C | 0x8D | 0x8E | 0x8F | 0x94
            | 0x5F28 | 0x5F2D | 0x5F30 | 0x5F34
            | 0x9F07 | 0x9F08 | 0x9F0D..=0x9F0F | 0x9F11..=0x9F14 | 0x9F17 | 0x9F23 | 0x9F27
            | 0x9F32 | 0x9F36 | 0x9F38 | 0x9F42 | 0x9F44 | 0x9F4A | 0x9F4D | 0x9F4F
    )
}

fn is_text(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::APPLICATION_LABEL
            | Tag::CARDHOLDER_NAME
            | Tag::LANGUAGE_PREFERENCE
            | Tag::PREFERRED_NAME
            | Tag::DF_NAME
    )
}

/// The value of a data object: text where it is text, else hexadecimal. Masked, a card number keeps its first six and last four digits,
/// and other values that belong to the cardholder keep their length.
///
/// ```
/// use persotwin_emv::tag::Tag;
/// use persotwin_reader::words::{Show, value};
/// let pan = [0x41, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11];
/// assert_eq!(value(Tag::PAN, &pan, Show::Masked), "411111******1111");
/// assert_eq!(value(Tag::EXPIRATION_DATE, &[0x29, 0x12, 0x31], Show::Masked), "3 bytes");
/// ```
pub fn value(tag: Tag, bytes: &[u8], show: Show) -> String {
    match show {
        Show::Masked if tag == Tag::PAN => {
            number(bytes).map_or_else(|| hidden(bytes, show), |pan| pan.masked())
        }
        Show::Masked if !is_public(tag) => hidden(bytes, show),
        Show::InFull if tag == Tag::PAN => {
            number(bytes).map_or_else(|| hidden(bytes, show), |pan| pan.as_str().to_owned())
        }
        _ if is_text(tag) => name_or_text(bytes),
        _ => hex::encode_upper(bytes),
    }
}

fn number(bytes: &[u8]) -> Option<Pan> {
    let digits = Zeroizing::new(bcd::unpack_compressed(bytes)?);
    Pan::parse(&digits).ok()
}

/// Printable text with spaces, or hexadecimal.
fn name_or_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.bytes().all(|byte| (0x20..0x7F).contains(&byte)) => text.to_owned(),
        _ => name(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(text: &str) -> Option<Vec<String>> {
        let bytes = hex::decode(text.replace(' ', "")).unwrap();
        leaves(&bytes).map(|all| all.iter().map(|object| object.tag.to_string()).collect())
    }

    #[test]
    fn templates_are_looked_into() {
        let answer = "6F 1A 84 0E 315041592E5359532E4444463031 A5 08 88 01 01 5F2D 02 656E";
        assert_eq!(tags(answer).unwrap(), ["84", "88", "5F2D"]);
        assert_eq!(tags(""), Some(vec![]));
        assert_eq!(tags("70 03 5A 08 41"), None);
        assert_eq!(tags("5A 01"), None);
    }

    #[test]
    fn templates_within_templates_have_an_end() {
        let deep = (0..40).fold(vec![0x50, 0x00], |inner: Vec<u8>, _| {
            let length = u8::try_from(inner.len()).unwrap();
            [&[0x70, length][..], &inner].concat()
        });
        let found = leaves(&deep).unwrap();
        assert_eq!((found.len(), found[0].tag), (1, Tag::RECORD));
    }

    #[test]
    fn values_are_shown_as_they_are_read() {
        for (tag, bytes, masked, whole) in [
            (
                Tag::APPLICATION_LABEL,
                &b"VISA CLASSIC"[..],
                "VISA CLASSIC",
                "VISA CLASSIC",
            ),
            (
                Tag::CARDHOLDER_NAME,
                b"MARTIN/ALICE",
                "12 bytes",
                "MARTIN/ALICE",
            ),
            (Tag::TRANSACTION_COUNTER, &[0, 7], "0007", "0007"),
            (Tag::PAN, &[0x41, 0x0A], "2 bytes", "410A"),
            (Tag::TRACK_2_EQUIVALENT, &[0x41], "1 byte", "41"),
            (
                Tag::DF_NAME,
                &[0xA0, 0, 0, 0, 3],
                "A000000003",
                "A000000003",
            ),
        ] {
            assert_eq!(value(tag, bytes, Show::Masked), masked, "{tag}");
            assert_eq!(value(tag, bytes, Show::InFull), whole, "{tag}");
        }
    }
}
