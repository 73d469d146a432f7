//! The named moments of the flow, as the journal shows them.
//!
//! A moment is the instant at which its event is written: a machine that crashes then has written it, and gets no further than its
//! next call, entry or wait.

use persotwin_link::Step;

words! {
    /// A named moment.
    Milestone {
        /// The issuer has the customer's request.
        Requested = "requested",
        /// The issuer gets a request that it has already.
        RequestRepeated = "request-repeated",
        /// The issuer has written the order down, and sends it next.
        Ordering = "ordering",
        /// The order is on its way to D1.
        OrderSent = "order-sent",
        /// D1 has written the order down, and answers next.
        OrderAccepted = "order-accepted",
        /// D1 gets an order that it has already.
        OrderRepeated = "order-repeated",
        /// D1 has refused the order.
        OrderRefused = "order-refused",
        /// The issuer has the 202.
        Accepted = "accepted",
        /// D1 has prepared the production data.
        Prepared = "prepared",
        /// The job is on its way to the agent.
        JobSent = "job-sent",
        /// The agent has written the job down.
        JobTaken = "job-taken",
        /// The agent gets a job that it has already.
        JobRepeated = "job-repeated",
        /// D1 knows that the agent has the job.
        Dispatched = "dispatched",
        /// A blank has left its hopper.
        Picked = "picked",
        /// The chip wakes up.
        ChipStarted = "chip-started",
        /// Live keys are on the chip.
        Personalised = "personalised",
        /// The chip is done and read back.
        ChipDone = "chip-done",
        /// The stripe is done and read back.
        StripeDone = "stripe-done",
        /// A side is printed.
        SidePrinted = "side-printed",
        /// Both sides are printed.
        Printed = "printed",
        /// The agent reports the finished card.
        Produced = "produced",
        /// D1 has heard of the finished card.
        ProducedHeard = "produced-heard",
        /// D1 has decided what becomes of the card, and answers next.
        Decided = "decided",
        /// The card lies in the exit.
        Presented = "presented",
        /// The card is in the hand.
        Taken = "taken",
        /// The card is in the reject bin.
        Rejected = "rejected",
        /// The agent gives a blank up.
        Spoiled = "spoiled",
        /// D1 says that the card is requested.
        StatusRequested = "status-requested",
        /// D1 says that the card is ready to be produced.
        StatusReady = "status-ready",
        /// D1 says that the card is done.
        StatusDone = "status-done",
        /// D1 says that there will be no card.
        StatusFailed = "status-failed",
        /// D1 does not know what became of the card.
        InDoubt = "in-doubt",
        /// A notification is on its way to the issuer.
        NotificationSent = "notification-sent",
        /// The issuer has taken a notification, as D1 knows.
        Notified = "notified",
        /// D1 will not try a notification again.
        DeadLetter = "dead-letter",
        /// The issuer has heard a status for the first time.
        Heard = "heard",
        /// The issuer has heard a status again.
        HeardAgain = "heard-again",
        /// The issuer asks for the production status.
        Polled = "polled",
        /// The issuer has heard how it ends.
        HeardOutcome = "heard-outcome",
        /// The issuer has acted on the outcome.
        ActedOn = "acted-on",
        /// The issuer has given the order up.
        GaveUp = "gave-up",
        /// The screen says sorry.
        Sorry = "sorry",
        /// The screen says take your card.
        TakeYourCard = "take-your-card",
    }
}

impl Milestone {
    /// The machine that writes it, in a word.
    pub const fn machine(self) -> &'static str {
        match self {
            Self::Sorry | Self::TakeYourCard => "kiosk",
            Self::Requested
            | Self::RequestRepeated
            | Self::Ordering
            | Self::OrderSent
            | Self::Accepted
            | Self::Heard
            | Self::HeardAgain
            | Self::Polled
            | Self::HeardOutcome
            | Self::ActedOn
            | Self::GaveUp => "issuer",
            Self::OrderAccepted
            | Self::OrderRepeated
            | Self::OrderRefused
            | Self::Prepared
            | Self::JobSent
            | Self::Dispatched
            | Self::ProducedHeard
            | Self::Decided
            | Self::StatusRequested
            | Self::StatusReady
            | Self::StatusDone
            | Self::StatusFailed
            | Self::InDoubt
            | Self::NotificationSent
            | Self::Notified
            | Self::DeadLetter => "d1",
            Self::JobTaken
            | Self::JobRepeated
            | Self::ChipDone
            | Self::StripeDone
            | Self::Printed
            | Self::Produced
            | Self::Spoiled => "agent",
            Self::Picked
            | Self::ChipStarted
            | Self::Personalised
            | Self::SidePrinted
            | Self::Presented
            | Self::Taken
            | Self::Rejected => "station",
        }
    }

    /// The step that it belongs to.
    pub const fn step(self) -> Step {
        match self {
            Self::Requested | Self::RequestRepeated | Self::Sorry | Self::TakeYourCard => {
                Step::Request
            }
            Self::Ordering
            | Self::OrderSent
            | Self::OrderAccepted
            | Self::OrderRepeated
            | Self::OrderRefused
            | Self::Accepted
            | Self::GaveUp => Step::Order,
            Self::Prepared => Step::Prepare,
            Self::JobSent | Self::JobTaken | Self::JobRepeated | Self::Dispatched => Step::Dispatch,
            Self::Picked
            | Self::ChipStarted
            | Self::Personalised
            | Self::ChipDone
            | Self::StripeDone
            | Self::SidePrinted
            | Self::Printed
            | Self::Produced
            | Self::ProducedHeard
            | Self::Decided
            | Self::Presented
            | Self::Taken
            | Self::Rejected
            | Self::Spoiled
            | Self::InDoubt => Step::Produce,
            Self::StatusRequested
            | Self::StatusReady
            | Self::StatusDone
            | Self::StatusFailed
            | Self::NotificationSent
            | Self::Notified
            | Self::DeadLetter
            | Self::Heard
            | Self::HeardAgain
            | Self::Polled
            | Self::HeardOutcome
            | Self::ActedOn => Step::Notify,
        }
    }
}
