//! Why a production failed: the code that goes into `errorCode` and the sentence that goes into
//! `error` and `details.reason` of a notification.
//!
//! That D1 has members for a machine-readable cause and a short text is documented; which codes
//! they hold is not. The vocabulary here is the public one of a comparable kiosk issuance service,
//! whose families (central base, data preparation, satellite, printer, production, inventory)
//! fit D1's division of labour: inferred. A few situations have no word there; those codes are
//! ours and say so in [`ProductionCode::mark`].

use crate::mark::Mark;
use crate::words::closed_words;

macro_rules! codes {
    ($($mark:ident { $($variant:ident = $text:literal, $sentence:literal;)+ })+) => {
        closed_words! {
            /// The cause of a failed production.
            ProductionCode { $($(#[doc = $sentence] $variant = $text,)+)+ }
        }

        impl ProductionCode {
            /// One sentence for people, without data of any card.
            pub const fn sentence(self) -> &'static str {
                match self { $($(Self::$variant => $sentence,)+)+ }
            }

            /// Whether the code is inferred or ours; none is documented by D1.
            pub const fn mark(self) -> Mark {
                match self { $($(Self::$variant => Mark::$mark,)+)+ }
            }
        }
    };
}

codes! {
    Inferred {
        CbNotAvailable = "CB_NOT_AVAILABLE", "The central system is not available.";
        CbDbNotAvailable = "CB_DB_NOT_AVAILABLE", "The central system's database is not available.";
        CbNetworkNotAvailable = "CB_NETWORK_NOT_AVAILABLE", "The central system's network is not available.";
        CbAuthenticationFailed = "CB_AUTHENTICATION_FAILED", "The central system refused the credentials.";
        CbServiceNotAllowed = "CB_SERVICE_NOT_ALLOWED", "The central system does not allow this service.";
        CbTime = "CB_TIME", "The clocks of the central system and its partner disagree.";
        DpNotAvailable = "DP_NOT_AVAILABLE", "Data preparation is not available.";
        DpIoError = "DP_IO_ERROR", "Data preparation could not read or write its data.";
        DpTimeout = "DP_TIMEOUT", "Data preparation did not finish in time.";
        SatServerNotReachable = "SAT_SERVER_NOT_REACHABLE", "The agent of the station cannot be reached.";
        SatAuthenticationFailed = "SAT_AUTHENTICATION_FAILED", "The agent of the station could not prove who it is.";
        SatNetworkNotAvailable = "SAT_NETWORK_NOT_AVAILABLE", "The network of the station is not available.";
        PrtNotReachable = "PRT_NOT_REACHABLE", "The printer cannot be reached.";
        PrtSetupError = "PRT_SETUP_ERROR", "The printer is not set up correctly.";
        PrtTimeout = "PRT_TIMEOUT", "The printer did not answer in time.";
        PrtRibbon = "PRT_RIBBON", "The ribbon broke or does not fit the printer.";
        PrtLockError = "PRT_LOCK_ERROR", "The printer's lock is open or does not work.";
        PrtRibbonMissing = "PRT_RIBBON_MISSING", "There is no ribbon in the printer.";
        PrtRibbonEnded = "PRT_RIBBON_ENDED", "The ribbon is used up.";
        PrtCoverOpen = "PRT_COVER_OPEN", "The printer's cover is open.";
        PrtPaused = "PRT_PAUSED", "The printer is paused.";
        PrdUnexpectedData = "PRD_UNEXPECTED_DATA", "The production data are not what the station expects.";
        PrdFeederEmpty = "PRD_FEEDER_EMPTY", "There are no blank cards in the feeder.";
        PrdFeederJam = "PRD_FEEDER_JAM", "A card is jammed at the feeder.";
        PrdHopperFull = "PRD_HOPPER_FULL", "The output is full.";
        PrdHopperDoor = "PRD_HOPPER_DOOR", "The door of the output is open.";
        PrdHopperJam = "PRD_HOPPER_JAM", "A card is jammed in the card path.";
        PrdMagstripe = "PRD_MAGSTRIPE", "The magnetic stripe could not be written or verified.";
        PrdSmartcard = "PRD_SMARTCARD", "The chip could not be personalised or verified.";
        PrdEmbosser = "PRD_EMBOSSER", "The embosser failed.";
        PrdTimeout = "PRD_TIMEOUT", "The production did not finish in time.";
        PrdRejectFull = "PRD_REJECT_FULL", "The reject bin is full.";
        PrdSmartcardCardNotInReader = "PRD_SMARTCARD_CARD_NOT_IN_READER", "The chip reader found no chip.";
        PrdFinalValidationNok = "PRD_FINAL_VALIDATION_NOK", "The finished card did not pass its final check.";
        InvNotInitialized = "INV_NOT_INITIALIZED", "The station's inventory has not been set up.";
        UnknownError = "UNKNOWN_ERROR", "The production failed for an unknown reason.";
    }
    Ours {
        DpDataRefused = "DP_DATA_REFUSED", "The card data of the order cannot be produced.";
        SatNoReport = "SAT_NO_REPORT", "The station did not report an outcome in time.";
        SatMemoryLost = "SAT_MEMORY_LOST", "The station lost track of the card and rejected it.";
        PrtHeadTooHot = "PRT_HEAD_TOO_HOT", "The print head is too hot.";
        PrtPowerLost = "PRT_POWER_LOST", "The station lost power while it made the card.";
        PrdCardNotTaken = "PRD_CARD_NOT_TAKEN", "The card was not taken in time and was captured.";
        PrdNotReleased = "PRD_NOT_RELEASED", "No release came in time and the card was captured.";
        PrdQualityRejected = "PRD_QUALITY_REJECTED", "Staff looked at the card and rejected it.";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_one_word_of_its_family_and_reads_back() {
        let mut seen = BTreeSet::new();
        for code in ProductionCode::ALL {
            let text = code.as_str();
            assert!(seen.insert(text));
            assert_eq!(text.parse::<ProductionCode>().unwrap(), *code);
            let family = text.split('_').next().unwrap();
            assert!(
                ["CB", "DP", "SAT", "PRT", "PRD", "INV", "UNKNOWN"].contains(&family),
                "{text}"
            );
            assert!(code.sentence().ends_with('.'));
        }
        assert_eq!(seen.len(), 44);
    }

    #[test]
    fn the_codes_of_this_project_are_marked_so() {
        assert_eq!(ProductionCode::PrdFeederEmpty.mark(), Mark::Inferred);
        assert_eq!(ProductionCode::PrdCardNotTaken.mark(), Mark::Ours);
        assert!(
            ProductionCode::ALL
                .iter()
                .all(|code| code.mark() != Mark::Documented)
        );
    }
}
