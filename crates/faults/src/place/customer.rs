//! Who wants a card, at the kiosk and in the app.

faults! {
    /// What a customer does that nobody planned.
    CustomerFault at Customer {
        /// The customer walks away and takes nothing.
        "walks-away" = WalksAway
        => [Produce Request] live, "CARD_PROD_DONE, and then from its kiosk that the card was captured.";
    }
}
