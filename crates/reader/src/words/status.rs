//! Status words in words (meanings documented: ISO/IEC 7816-4, EMV Book 3, GlobalPlatform).

/// A status word and what it says; for 9000, which is on most lines, the word alone.
///
/// ```
/// use persotwin_reader::words::status;
/// assert_eq!(status(0x9000), "9000");
/// assert_eq!(status(0x6A83), "6A83 record not found");
/// assert_eq!(status(0x6C1C), "6C1C asks for a length of 28");
/// ```
pub fn status(word: u16) -> String {
    match (word, meaning(word)) {
        (0x9000, _) => "9000".to_owned(),
        (_, Some(meaning)) => format!("{word:04X} {meaning}"),
        (_, None) => format!("{word:04X}"),
    }
}

fn meaning(word: u16) -> Option<String> {
    let [first, second] = word.to_be_bytes();
    let said = match (first, second) {
        (0x61, more) => return Some(format!("{} bytes more to fetch", length(more))),
        (0x6C, exact) => return Some(format!("asks for a length of {}", length(exact))),
        (0x63, 0xC0) => "wrong, no try left",
        (0x63, 0xC1) => "wrong, 1 try left",
        (0x63, tries @ 0xC2..=0xCF) => return Some(format!("wrong, {} tries left", tries & 0x0F)),
        (0x62, 0x83) => "selected, but blocked",
        (0x63, 0x00) => "authentication failed",
        (0x65, 0x81) => "memory failure",
        (0x67, 0x00) => "wrong length",
        (0x68, 0x81) => "no logical channels",
        (0x68, 0x82) => "no secure messaging",
        (0x68, 0x84) => "no command chaining",
        (0x69, 0x82) => "security status not satisfied",
        (0x69, 0x83) => "blocked",
        (0x69, 0x84) => "reference data not usable",
        (0x69, 0x85) => "conditions of use not satisfied",
        (0x69, 0x86) => "not allowed",
        (0x69, 0x87) => "secure messaging data missing",
        (0x69, 0x88) => "secure messaging data wrong",
        (0x6A, 0x80) => "wrong data",
        (0x6A, 0x81) => "not supported",
        (0x6A, 0x82) => "not found",
        (0x6A, 0x83) => "record not found",
        (0x6A, 0x84) => "memory full",
        (0x6A, 0x86) => "wrong P1 or P2",
        (0x6A, 0x88) => "referenced data not found",
        (0x6B, 0x00) => "wrong offset",
        (0x6D, 0x00) => "unknown instruction",
        (0x6E, 0x00) => "unknown class",
        (0x6F, 0x00) => "failure",
        _ => return None,
    };
    Some(said.to_owned())
}

/// A length of one byte, in which 00 stands for 256.
fn length(byte: u8) -> u16 {
    if byte == 0 { 256 } else { u16::from(byte) }
}

#[cfg(test)]
mod tests {
    use persotwin_chip::Status;

    use super::*;

    #[test]
    fn a_number_in_a_word_is_told() {
        for (word, said) in [
            (0x6110, "6110 16 bytes more to fetch"),
            (0x6C00, "6C00 asks for a length of 256"),
            (0x63C3, "63C3 wrong, 3 tries left"),
            (0x63C1, "63C1 wrong, 1 try left"),
            (0x63C0, "63C0 wrong, no try left"),
            (0x6999, "6999"),
        ] {
            assert_eq!(status(word), said);
        }
    }

    #[test]
    fn what_the_chip_answers_has_words() {
        for answered in [
            Status::WrongLength,
            Status::NoLogicalChannels,
            Status::NoSecureMessaging,
            Status::NoChaining,
            Status::SecurityNotSatisfied,
            Status::ConditionsNotSatisfied,
            Status::WrongData,
            Status::FileNotFound,
            Status::RecordNotFound,
            Status::MemoryFull,
            Status::WrongP1P2,
            Status::ReferenceNotFound,
            Status::WrongLe(3),
            Status::UnknownInstruction,
            Status::UnknownClass,
        ] {
            assert!(meaning(answered.code()).is_some(), "{answered}");
        }
    }
}
