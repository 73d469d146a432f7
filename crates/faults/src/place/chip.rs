//! The chip, its contacts and its reader.
//!
//! A defect is one chip's: that of the next card that comes under the contacts. `times: 2` is two chips.

use std::num::NonZeroU32;

faults! {
    /// What is wrong with a chip.
    ChipFault at Chip {
        /// The chip never answers.
        "chip-mute" = Mute
        => [Produce] live, "A delay when it is one chip; CARD_PROD_EXCEPTION with PRD_SMARTCARD_CARD_NOT_IN_READER when no attempt is left.";
        /// What the chip says at reset is no answer to reset.
        "chip-resets-strangely" = ResetsStrangely
        => [Produce] live, "A delay when it is one chip; CARD_PROD_EXCEPTION with PRD_SMARTCARD_CARD_NOT_IN_READER when no attempt is left.";
        /// The chip takes many times as long for everything.
        "chip-slow" = Slow { factor: NonZeroU32 = "20", "How many times as long." }
        => [Produce] live, "A delay.";
        /// The chip was locked by its issuer: it selects nothing.
        "chip-locked" = Locked
        => [Produce] live, "A delay when it is one chip; CARD_PROD_EXCEPTION with PRD_SMARTCARD when no attempt is left.";
        /// The chip's sequence counter is at its end: it opens no channel any more.
        "chip-counter-exhausted" = CounterExhausted
        => [Produce] live, "A delay when it is one chip; CARD_PROD_EXCEPTION with PRD_SMARTCARD when no attempt is left.";
        /// The chip proves its keys with a wrong cryptogram: it is of another lot, or forged.
        "chip-cryptogram-wrong" = WrongCryptogram
        => [Produce] live, "A delay when it is one chip; CARD_PROD_EXCEPTION with PRD_SMARTCARD when no attempt is left.";
        /// The chip was personalised before, and takes no data.
        "chip-closed" = Closed
        => [Produce] live, "A delay when it is one chip; CARD_PROD_EXCEPTION with PRD_SMARTCARD when no attempt is left.";
        /// From the n-th STORE DATA on the chip's memory fails.
        "chip-memory-fails" = MemoryFails { nth: NonZeroU32 = "1", "At which STORE DATA, from 1." }
        => [Produce] live, "A delay when it is one chip; CARD_PROD_EXCEPTION with PRD_SMARTCARD when no attempt is left.";
        /// The chip refuses the data of the n-th STORE DATA: a key with a wrong check value, a PIN that it does not take.
        "chip-refuses-data" = RefusesData { nth: NonZeroU32 = "1", "At which STORE DATA, from 1." }
        => [Produce] live, "A delay when it is one chip; CARD_PROD_EXCEPTION with PRD_SMARTCARD when no attempt is left.";
        /// After the n-th command the chip answers no more.
        "chip-falls-silent" = FallsSilent { nth: NonZeroU32 = "4", "After which command, from 1." }
        => [Produce] live breaks [TheCardWorks], "A delay when it is one chip; CARD_PROD_EXCEPTION with PRD_SMARTCARD_CARD_NOT_IN_READER when no attempt is left.";
        /// A record of the chip reads otherwise than it was stored.
        "chip-reads-wrong" = ReadsWrong
        => [Produce] live, "A delay when it is one chip; CARD_PROD_EXCEPTION with PRD_SMARTCARD when no attempt is left.";
        /// The contacts are dirty: no chip answers before somebody cleans them.
        "contacts-dirty" = ContactsDirty
        => [Produce] live, "CARD_PROD_EXCEPTION with PRD_SMARTCARD_CARD_NOT_IN_READER, for every card.";
        /// The chip reader does not answer any more.
        "reader-gone" = ReaderGone
        => [Produce] live, "CARD_PROD_EXCEPTION with PRD_SMARTCARD_CARD_NOT_IN_READER, for every card until there is another reader.";
    }
}
