//! Blanks, and the book of them.
//!
//! Where the stock itself can be what is wrong, the world begins with it; what people do to it happens at its time.

use std::num::NonZeroU32;

faults! {
    /// What is wrong with the stock.
    StockFault at Stock {
        /// Fewer blanks were loaded than the book says.
        "blanks-miscounted" = Miscounted { missing: NonZeroU32 = "2", "How many fewer." }
        => [Produce] start, "CARD_PROD_EXCEPTION with PRD_FEEDER_EMPTY sooner than the book says.";
        /// The hopper runs out after some cards.
        "hopper-runs-out" = RunsOut { left: u32 = "0", "How many blanks are left." }
        => [Produce] start, "CARD_PROD_EXCEPTION with PRD_FEEDER_EMPTY when nobody refills it in time.";
        /// The ribbon runs out after some sides.
        "ribbon-runs-out" = RibbonRunsOut { left: u32 = "0", "How many panel sets are left." }
        => [Produce] start, "CARD_PROD_EXCEPTION with PRT_RIBBON_ENDED when nobody puts in another in time.";
        /// The blanks have stripes of low coercivity, for which the encoder is not set.
        "soft-stripes" = SoftStripes
        => [Produce] start, "CARD_PROD_EXCEPTION with PRD_MAGSTRIPE, for every card.";
        /// The chips of the stock are under the next transport key, which the station does not know yet.
        "lot-under-another-key" = AnotherKey
        => [Produce] start, "CARD_PROD_EXCEPTION with PRD_SMARTCARD, for every card.";
        /// The top blanks of a hopper are of another stock than its label says.
        "other-blanks" = OtherBlanks { hopper: u32 = "1", "Which hopper, from 1."; stock: String = "secure-dual-128", "What they are."; count: NonZeroU32 = "1", "How many." }
        => [Produce] live, "A delay when it is one blank; CARD_PROD_EXCEPTION with PRD_SMARTCARD when no attempt is left.";
        /// The top blanks of a hopper lie upside down: no chip is under the contacts.
        "blanks-upside-down" = UpsideDown { hopper: u32 = "1", "Which hopper, from 1."; count: NonZeroU32 = "1", "How many." }
        => [Produce] live, "A delay when it is one blank; CARD_PROD_EXCEPTION with PRD_SMARTCARD_CARD_NOT_IN_READER when no attempt is left.";
        /// Somebody puts the last card of the reject bin on top of a hopper.
        "card-fed-again" = FedAgain { hopper: u32 = "1", "Which hopper, from 1." }
        => [Produce] live breaks [ViewsAgree TheCardWorks], "A delay, for a chip that is personalised takes no other card's data.";
    }
}
