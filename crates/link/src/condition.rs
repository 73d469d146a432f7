//! What a printer, its stripe encoder or its chip reader reports when something is not as it should be.
//!
//! One table (ours) maps each condition to its severity, to the IPP `printer-state-reasons` keyword and to the issuer-facing
//! production code. Keywords are those of RFC 8011 and of the registry that extends it (inferred where printers of paper have no
//! such part). An embosser and a laminator are not modelled.

use std::fmt;

use persotwin_contract::production::ProductionCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad a condition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Work goes on.
    Warning,
    /// The printer waits until somebody helps; the card, if one is in the path, is not lost.
    Stopped,
    /// The card in the path is spoiled.
    CardLost,
}

macro_rules! conditions {
    ($($(#[$doc:meta])+ $name:ident = $text:literal, $severity:ident, $ipp:literal, $code:expr;)+) => {
        /// A condition of the station's hardware.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum Condition {
            $($(#[$doc])+ $name,)+
        }

        impl Condition {
            /// Every condition, for catalogues and tests.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The IPP keyword, with its severity suffix.
            pub fn ipp(self) -> &'static str {
                match self { $(Self::$name => $ipp,)+ }
            }

            /// The code that the issuer sees if an order fails because of it; none where it never fails an order by itself.
            pub fn code(self) -> Option<ProductionCode> {
                use ProductionCode as Code;
                match self { $(Self::$name => $code,)+ }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)+ }
            }

            /// As written in journals and scenarios.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

conditions! {
    /// No blank of the stock that the job needs.
    MediaEmpty = "media-empty", Stopped, "media-empty-error", Some(Code::PrdFeederEmpty);
    /// Few blanks left.
    MediaLow = "media-low", Warning, "media-low-warning", None;
    /// A blank did not feed, or two did.
    FeedJam = "feed-jam", CardLost, "media-jam-error", Some(Code::PrdFeederJam);
    /// A card is stuck on the path.
    PathJam = "path-jam", CardLost, "media-jam-error", Some(Code::PrdHopperJam);
    /// Few panel sets left.
    RibbonLow = "ribbon-low", Warning, "marker-supply-low-warning", None;
    /// No panel set left.
    RibbonEnded = "ribbon-ended", Stopped, "marker-supply-empty-error", Some(Code::PrtRibbonEnded);
    /// No ribbon in the printer.
    RibbonMissing = "ribbon-missing", Stopped, "marker-supply-missing-error", Some(Code::PrtRibbonMissing);
    /// A ribbon that the printer is not set up for.
    RibbonWrong = "ribbon-wrong", Stopped, "other-error", Some(Code::PrtRibbon);
    /// The ribbon tore.
    RibbonBroken = "ribbon-broken", CardLost, "marker-failure-error", Some(Code::PrtRibbon);
    /// The cover is open.
    CoverOpen = "cover-open", Stopped, "cover-open-error", Some(Code::PrtCoverOpen);
    /// The lock is open.
    Unlocked = "unlocked", Stopped, "interlock-open-error", Some(Code::PrtLockError);
    /// The door of the output is open.
    DoorOpen = "door-open", Stopped, "door-open-error", Some(Code::PrdHopperDoor);
    /// Paused by an operator.
    Paused = "paused", Stopped, "paused", Some(Code::PrtPaused);
    /// The print head cools down.
    HeadHot = "head-hot", Warning, "other-warning", Some(Code::PrtHeadTooHot);
    /// The head has printed so many cards that it wants to be cleaned.
    CleaningDue = "cleaning-due", Warning, "other-warning", None;
    /// The stripe could not be written, or did not read back.
    StripeFailed = "stripe-failed", CardLost, "other-error", Some(Code::PrdMagstripe);
    /// The chip does not answer.
    ChipMute = "chip-mute", CardLost, "other-error", Some(Code::PrdSmartcardCardNotInReader);
    /// The chip refused a personalisation command.
    ChipRefused = "chip-refused", CardLost, "other-error", Some(Code::PrdSmartcard);
    /// The chip reader does not answer.
    ReaderGone = "reader-gone", Stopped, "other-error", Some(Code::PrdSmartcardCardNotInReader);
    /// The final check does not pass what is printed.
    PrintSpoiled = "print-spoiled", CardLost, "other-error", Some(Code::PrdFinalValidationNok);
    /// The reject bin is full.
    RejectFull = "reject-full", Stopped, "output-area-full-error", Some(Code::PrdRejectFull);
    /// Something still lies in the exit.
    ExitBlocked = "exit-blocked", Stopped, "output-area-full-error", Some(Code::PrdHopperFull);
    /// The mouth of the exit does not move.
    BezelStuck = "bezel-stuck", Stopped, "media-jam-error", Some(Code::PrdHopperJam);
    /// The card was not taken in time.
    NotTaken = "not-taken", Stopped, "output-area-full-error", None;
    /// No power.
    PowerOff = "power-off", CardLost, "timed-out-error", Some(Code::PrtNotReachable);
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_written_as_it_is_read() {
        for condition in Condition::ALL {
            let json = serde_json::to_value(condition).unwrap();
            assert_eq!(json, condition.as_str());
        }
    }

    #[test]
    fn what_stops_the_printer_has_a_code_and_an_error_keyword() {
        for condition in Condition::ALL {
            let warns = condition.severity() == Severity::Warning;
            assert_eq!(condition.ipp().ends_with("-warning"), warns, "{condition}");
            // Nobody's order fails of a card that nobody took: it has its own outcome.
            let codeless = condition.code().is_none();
            assert!(
                !codeless || warns || *condition == Condition::NotTaken,
                "{condition}"
            );
        }
    }
}
