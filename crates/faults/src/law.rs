//! The laws by name, for scenarios that expect one to be broken.

words! {
    /// A law.
    Law {
        /// One customer request never puts two personalised cards into hands.
        OneCard = "one-card",
        /// A card in a hand means that D1 has written "released", or lists the order as in doubt.
        NoGhost = "no-ghost",
        /// What D1 calls done exists and is as ordered.
        DoneIsReal = "done-is-real",
        /// Blanks loaded are blanks found.
        BlanksAddUp = "blanks-add-up",
        /// The inventory book equals the physical count, or the difference is reported.
        BooksAgree = "books-agree",
        /// Every card with live keys is in its customer's hand or listed for destruction.
        NoLiveLeftovers = "no-live-leftovers",
        /// Notifications of an operation follow the legal graph and have one final outcome.
        StatesMoveForward = "states-move-forward",
        /// An accepted order reaches its end, and the issuer learns it.
        EveryoneHears = "everyone-hears",
        /// The issuer acts on one outcome once.
        ActsOnce = "acts-once",
        /// The same request is one operation.
        SameRequest = "same-request-same-operation",
        /// Production data go only to the enrolled station of the order.
        OnlyEnrolled = "only-enrolled",
        /// When all is quiet, everybody tells the same story.
        ViewsAgree = "views-agree",
        /// No secret is where people read.
        NoSecretLeaks = "no-secret-leaks",
        /// The produced card, read as a terminal reads it, gives the order's data.
        TheCardWorks = "the-card-works",
    }
}
