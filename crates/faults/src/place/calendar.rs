//! Clocks and days.

use persotwin_link::Span;

use crate::value::Direction;

faults! {
    /// What is wrong with a machine's calendar.
    CalendarFault at Calendar {
        /// A machine's clock is wrong from the start.
        "clock-wrong" = Wrong { by: Span = "1h", "How far."; direction: Direction = "behind", "Which way." }
        => [Order Prepare Produce Notify] start, "Assertions that D1 finds too old or too new, or notifications whose times are in its future.";
        /// A machine's clock jumps.
        "clock-jumps" = Jumps { by: Span = "1h", "How far."; direction: Direction = "behind", "Which way." }
        => [Order Prepare Produce Notify] live, "Assertions that D1 finds too old or too new, or notifications whose times go backwards.";
        /// The key of the issuer's assertions ends: D1 takes none of them any more.
        "client-key-ends" = ClientKeyEnds
        => [Order Notify] live, "400 invalid_client at the token service; the token that it holds serves until it ends.";
        /// The key to which card data are sealed ends: D1 opens no more of them.
        "jwe-key-ends" = JweKeyEnds
        => [Order] live, "400 CRYPTO_ERROR for orders sealed to it; orders that were taken go on.";
        /// The key that signs access tokens ends: tokens of it are no longer taken.
        "token-key-ends" = TokenKeyEnds
        => [Order Notify] live, "401 with a token that should still live; a fresh one is taken.";
    }
}
