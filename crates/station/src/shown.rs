//! APDUs as a journal may show them: headers and status words always, data only where none can be secret.
//!
//! SELECT and GET PROCESSING OPTIONS are shown whole: application names, terminal data, file locators. So are the two commands that
//! open a secure channel: challenges, cryptograms, key data and key version tell nobody a key. Of everything else the data fields are
//! hidden, in commands (STORE DATA carries keys, be they enciphered) and in answers (READ RECORD carries the card number).

/// SELECT, GET PROCESSING OPTIONS, INITIALIZE UPDATE, EXTERNAL AUTHENTICATE.
const OPEN: [u8; 4] = [0xA4, 0xA8, 0x50, 0x82];

/// Bytes of a status word.
const STATUS: usize = 2;

/// The command: header and `Lc`, then its data or `**`.
pub(crate) fn command(bytes: &[u8]) -> String {
    match bytes {
        [_, ins, ..] if OPEN.contains(ins) => hex::encode_upper(bytes),
        [_, _, _, _, _lc, _, ..] => format!("{}**", hex::encode_upper(&bytes[..5])),
        // A header, or a header and one length byte: nothing to hide.
        _ => hex::encode_upper(bytes),
    }
}

/// The answer to a command: its data or `**`, then the status word.
pub(crate) fn answer(command: &[u8], bytes: &[u8]) -> String {
    let open = command.get(1).is_some_and(|ins| OPEN.contains(ins));
    match bytes.len().checked_sub(STATUS) {
        Some(data @ 1..) if !open => format!("**{}", hex::encode_upper(&bytes[data..])),
        _ => hex::encode_upper(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_records_are_hidden() {
        let store = [0x80, 0xE2, 0x80, 0x01, 3, 0x41, 0x11, 0x11];
        assert_eq!(command(&store), "80E2800103**");
        assert_eq!(answer(&store, &[0x90, 0x00]), "9000");
        let read = [0x00, 0xB2, 0x01, 0x0C, 0x00];
        assert_eq!(command(&read), "00B2010C00");
        assert_eq!(answer(&read, &[0x70, 0x01, 0x41, 0x90, 0x00]), "**9000");
    }

    #[test]
    fn what_has_no_secret_is_shown() {
        let select = [0x00, 0xA4, 0x04, 0x00, 1, 0xA0, 0x00];
        assert_eq!(command(&select), "00A4040001A000");
        assert_eq!(answer(&select, &[0x6F, 0x00, 0x90, 0x00]), "6F009000");
    }

    #[test]
    fn the_opening_of_a_channel_is_shown_and_what_goes_through_it_is_not() {
        let update = [0x80, 0x50, 0x01, 0x00, 2, 0xAA, 0xBB, 0x00];
        assert_eq!(command(&update), "8050010002AABB00");
        assert_eq!(answer(&update, &[0x01, 0x02, 0x90, 0x00]), "01029000");
        let store = [0x84, 0xE2, 0x60, 0x00, 2, 0xAA, 0xBB];
        assert_eq!(command(&store), "84E2600002**");
    }

    #[test]
    fn fragments_are_shown_as_they_are() {
        for bytes in [&[][..], &[0x80], &[0x80, 0xE2, 0x00]] {
            assert_eq!(command(bytes), hex::encode_upper(bytes));
        }
        assert_eq!(answer(&[], &[]), "");
    }
}
