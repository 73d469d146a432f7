//! Short forms of the TLV functions, for data that the chip checked when it took them.

use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::{TlvReader, TlvWriter};

/// Whether `bytes` are data objects from end to end.
pub(crate) fn is_well_formed(bytes: &[u8]) -> bool {
    TlvReader::new(bytes).all(|object| object.is_ok())
}

/// The value of the one object that fills `bytes`, if it has this tag.
pub(crate) fn sole(bytes: &[u8], tag: Tag) -> Option<&[u8]> {
    let mut objects = TlvReader::new(bytes);
    let first = objects.next()?.ok().filter(|object| object.tag == tag)?;
    objects.next().is_none().then_some(first.value)
}

/// The value of the first object with this tag, at the top level of `bytes`.
pub(crate) fn find(bytes: &[u8], tag: Tag) -> Option<&[u8]> {
    TlvReader::new(bytes).find(tag).ok().flatten()
}

/// What was written. It is whole: nothing that the chip holds is too long for a TLV length.
pub(crate) fn written(writer: TlvWriter) -> Vec<u8> {
    writer.finish().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sole_object_has_no_neighbour() {
        assert_eq!(
            sole(&[0x83, 0x01, 0xAA], Tag::COMMAND_TEMPLATE),
            Some(&[0xAA][..])
        );
        assert_eq!(
            sole(&[0x83, 0x01, 0xAA, 0x82, 0x00], Tag::COMMAND_TEMPLATE),
            None
        );
        assert_eq!(sole(&[0x83, 0x02, 0xAA], Tag::COMMAND_TEMPLATE), None);
        assert_eq!(sole(&[], Tag::COMMAND_TEMPLATE), None);
    }
}
