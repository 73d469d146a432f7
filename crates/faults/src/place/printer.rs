//! The card printer: its parts break, and operators mend them.
//!
//! What is torn, open, dirty or stuck stays so until an action mends it; what `for:` says is then how long nobody comes.

use crate::value::{Blemish, Film, Miscount, Until};

faults! {
    /// What is wrong with a printer.
    PrinterFault at Printer {
        /// The roller slips, and no blank leaves the hopper; the next pick may do.
        "feed-fails" = FeedFails
        => [Produce] live, "A delay; CARD_PROD_EXCEPTION with PRD_FEEDER_JAM when it happens too often for one card.";
        /// Two blanks leave the hopper together, and both are lost.
        "double-feed" = DoubleFeed
        => [Produce] live, "A delay, for the next blank is taken; CARD_PROD_EXCEPTION with PRD_FEEDER_JAM when no attempt is left.";
        /// The card jams where it moves, and nothing moves it any more.
        "card-jams" = CardJams
        => [Produce] live, "CARD_PROD_EXCEPTION with PRD_HOPPER_JAM, or PRD_FEEDER_JAM at the feeder, when nobody clears it in time; a jam after DONE leaves DONE and a card that was captured.";
        /// The film tears while a side is printed.
        "ribbon-tears" = RibbonTears
        => [Produce] live, "CARD_PROD_EXCEPTION with PRT_RIBBON when nobody puts in another in time.";
        /// Somebody takes the ribbon out.
        "ribbon-taken" = RibbonTaken
        => [Produce] live, "CARD_PROD_EXCEPTION with PRT_RIBBON_MISSING when nobody puts one in in time.";
        /// Somebody puts in a ribbon of the other kind.
        "ribbon-swapped" = RibbonSwapped
        => [Produce] live, "CARD_PROD_EXCEPTION with PRT_RIBBON when nobody puts in the right one in time.";
        /// The film ends where a panel should begin.
        "ribbon-ends" = RibbonEnds { panel: Film = "black", "The first panel that is not there." }
        => [Produce] live, "CARD_PROD_EXCEPTION with PRT_RIBBON_ENDED when nobody puts in another in time.";
        /// Somebody opens the cover: whatever moves stops.
        "cover-opens" = CoverOpens
        => [Produce] live, "CARD_PROD_EXCEPTION with PRT_COVER_OPEN when nobody closes it in time.";
        /// Somebody opens the lock: whatever moves stops.
        "lock-opens" = LockOpens
        => [Produce] live, "CARD_PROD_EXCEPTION with PRT_LOCK_ERROR when nobody locks it in time.";
        /// Somebody opens the door of the output: cards can neither leave nor be rejected.
        "door-opens" = DoorOpens
        => [Produce] live, "CARD_PROD_EXCEPTION with PRD_HOPPER_DOOR when a blank must be rejected meanwhile; else CARD_PROD_DONE, and a card that comes late or is captured.";
        /// Somebody pauses the printer: what moves comes to its end, nothing new begins.
        "printer-paused" = Paused
        => [Produce] live, "CARD_PROD_EXCEPTION with PRT_PAUSED when nobody resumes in time.";
        /// The head gets far too hot, and prints nothing before it has cooled.
        "head-overheats" = HeadOverheats
        => [Produce] live, "CARD_PROD_EXCEPTION with PRT_HEAD_TOO_HOT when it stops a print, a delay when it only waits.";
        /// Something that is no card fills the reject bin.
        "bin-fills" = BinFills
        => [Produce] live, "CARD_PROD_EXCEPTION with PRD_REJECT_FULL when nobody empties it in time.";
        /// Something that is no card sticks in the exit.
        "exit-blocks" = ExitBlocks
        => [Produce] live, "CARD_PROD_DONE, and a card that is captured: done, not in hand.";
        /// The mouth of a bezel does not move.
        "bezel-sticks" = BezelSticks
        => [Produce] live, "CARD_PROD_DONE, and a card that is captured: done, not in hand.";
        /// The encoder writes too weakly: the stripe does not read back.
        "stripe-writes-weakly" = StripeWritesWeakly { until: Until = "once", "Until when." }
        => [Produce] live, "A delay when it happens once; CARD_PROD_EXCEPTION with PRD_MAGSTRIPE when no attempt is left.";
        /// The encoder reads back something else than was written.
        "stripe-reads-wrong" = StripeReadsWrong { until: Until = "once", "Until when." }
        => [Produce] live, "A delay when it happens once; CARD_PROD_EXCEPTION with PRD_MAGSTRIPE when no attempt is left.";
        /// A side is printed, but badly; the final check looks at it.
        "print-spoiled" = PrintSpoiled { blemish: Blemish = "dead-line", "What is wrong with it." }
        => [Produce] live, "A delay when it happens once; CARD_PROD_EXCEPTION with PRD_FINAL_VALIDATION_NOK when no attempt is left.";
        /// The camera of the final check passes everything.
        "camera-blind" = CameraBlind
        => [Produce] live breaks [DoneIsReal TheCardWorks], "Nothing by itself; a card that is spoiled then is called done, and the customer comes back with it.";
        /// The printer's counters say something that never happened.
        "counters-slip" = CountersSlip { counters: Miscount = "lost", "What they say." }
        => [Produce] live breaks [BooksAgree ViewsAgree NoLiveLeftovers], "Nothing: the agent's book is its own.";
    }
}
