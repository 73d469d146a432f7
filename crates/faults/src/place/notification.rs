//! What D1 tells the issuer.

use persotwin_link::Span;

faults! {
    /// What is wrong with notifications.
    NotificationFault at Notification {
        /// No notification arrives any more.
        "never-comes" = NeverComes
        => [Notify] live, "Nothing, until it asks for the production status.";
        /// A notification arrives long after it was sent.
        "held-back" = HeldBack { by: Span = "1h", "How long." }
        => [Notify] live, "D1's repetitions first, and the held one when the customer has long left.";
        /// The issuer's side refuses a notification for good.
        "refused-for-good" = RefusedForGood { status: u32 = "400", "With this status." }
        => [Notify] live, "Nothing more: D1 takes it for a dead letter, and only the production status tells how it ended.";
        /// Another operation stands before the one that matters, and is of a kind that the issuer does not know.
        "beside-another" = BesideAnother
        => [Notify] live, "Two operations in one notification; one of them is none of its business.";
        /// One operation of a notification is none at all.
        "beside-nonsense" = BesideNonsense
        => [Notify] live, "A notification of which it can read only a part.";
    }
}
