//! Who wants a card, at the kiosk and in the app, and the staff who hand it over.

use persotwin_link::Span;

faults! {
    /// What a customer does that nobody planned.
    CustomerFault at Customer {
        /// The customer walks away and takes nothing.
        "walks-away" = WalksAway
        => [Produce Request] live, "CARD_PROD_DONE, and then from its kiosk that the card was captured.";
        /// The customer wants no card any more, goes away, and the bank has the order cancelled.
        "cancels" = Cancels
        => [Request Prepare Dispatch Produce] live, "CARD_PROD_CANCELED while nothing is decided; after that CARD_PROD_DONE, and a card that nobody takes.";
        /// The customer taps twice on the same screen.
        "taps-twice" = TapsTwice
        => [Request] start, "The same request of its kiosk twice.";
        /// The same customer asks at another kiosk too.
        "taps-elsewhere" = TapsElsewhere
        => [Request Produce] live, "Two requests of one customer for two stations, each with a card of its own.";
        /// The customer stands at the exit and does not take the card.
        "does-not-take" = DoesNotTake
        => [Produce Request] start, "CARD_PROD_DONE, and then from its kiosk that the card was captured.";
        /// The customer is slow at the exit.
        "takes-late" = TakesLate { by: Span = "29s", "How long after it was offered." }
        => [Produce Request] start, "CARD_PROD_DONE, and then from its kiosk whether the card was taken in time or captured.";
        /// The customer orders in the app and comes long afterwards.
        "fetches-late" = FetchesLate { by: Span = "30m", "How long after the order the customer stands at the station." }
        => [Request Produce] start, "CARD_PROD_DONE long before anybody comes; a kiosk has captured the card by then.";
        /// Somebody else gets the card: handed over by mistake, or taken from the exit.
        "handed-to-another" = HandedToAnother
        => [Produce] live breaks [NoLiveLeftovers], "CARD_PROD_DONE, and no word that the card is in the wrong hand.";
    }
}
