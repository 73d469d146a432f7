//! What happens to messages between two machines, whatever link it is.

use persotwin_link::Span;

use crate::value::{Effect, Half, Percent, Ways};

faults! {
    /// What happens to a message.
    WireFault at Wire {
        /// Nobody listens there.
        "connection-refused" = Refused
        => [Order Request Dispatch Produce Notify] live, "Its own calls fail at once and are made again; where others fail, a delay, or an exception when they give up.";
        /// The connection is reset before the message arrives.
        "reset-before" = ResetBefore
        => [Order Request Dispatch Produce Notify] live, "A closed connection on its own call: nothing has happened, and the same request again is safe.";
        /// The message takes effect, and then the connection is reset.
        "reset-after" = ResetAfter
        => [Order Request Dispatch Produce Notify] live, "A closed connection on its own call, which nevertheless took effect: the same request again gives the same operation.";
        /// The message takes effect, and its answer never comes.
        "answer-lost" = AnswerLost
        => [Order Request Dispatch Produce Notify] live, "Its own time-out, and perhaps a notification of an order of which it does not know that it was accepted.";
        /// The message never arrives, and nothing comes back.
        "time-out" = TimeOut
        => [Order Request Dispatch Produce Notify] live, "Its own time-out; nothing has happened.";
        /// The bytes come a few at a time.
        "slow-drip" = SlowDrip { bytes: u32 = "16", "How many bytes come at a time."; every: Span = "1s", "How much later the next ones come."; half: Half = "answer", "Which half of the exchange." }
        => [Order Request Dispatch Produce Notify] live, "An answer that begins and does not end within its patience.";
        /// The message arrives late.
        "late" = Late { by: Span = "8s", "How much later it arrives." }
        => [Order Request Dispatch Produce Notify] live, "A delay; beyond the caller's patience a time-out, and then the effect of a call that was given up.";
        /// The message takes effect at once, and its answer comes late.
        "answer-late" = AnswerLate { by: Span = "8s", "How much later the answer comes." }
        => [Order Request Dispatch Produce Notify] live, "Notifications of an order whose 202 it does not have yet.";
        /// The message arrives twice.
        "twice" = Twice
        => [Notify Request Order Dispatch Produce] live, "The same notification once more; or nothing, where others get the message twice.";
        /// The message arrives after the next one on its link.
        "out-of-order" = OutOfOrder
        => [Notify Request Order Dispatch Produce] live, "An older status after a newer one.";
        /// The answer is 429, and nothing was done.
        "too-many-requests" = TooManyRequests { retry_after: Option<Span> = "5s", "What the header Retry-After says." }
        => [Order Request Dispatch Produce Notify] live, "429 with Retry-After: nothing has happened, and it may ask again later.";
        /// The answer is 500.
        "internal-error" = InternalError { effect: Effect = "none", "Whether the handler did its work nevertheless." }
        => [Order Request Dispatch Produce Notify] live, "500, which says nothing about whether the call took effect.";
        /// A proxy answers 502.
        "bad-gateway" = BadGateway { effect: Effect = "done", "Whether the handler did its work nevertheless." }
        => [Order Request Dispatch Produce Notify] live, "502 for a call that took effect: the same request again gives the same operation.";
        /// A proxy answers 504.
        "gateway-time-out" = GatewayTimeOut { effect: Effect = "done", "Whether the handler did its work nevertheless." }
        => [Order Request Dispatch Produce Notify] live, "504 for a call that took effect: the same request again gives the same operation.";
        /// The answer is 503, and nothing was done.
        "service-unavailable" = Unavailable { retry_after: Option<Span> = "none", "What the header Retry-After says, if it is there." }
        => [Order Request Dispatch Produce Notify] live, "503: nothing has happened, and it asks again with growing pauses.";
        /// The answer is 401, and nothing was done.
        "unauthorized" = Unauthorized
        => [Order Notify Dispatch Produce Request] live, "401: it gets a fresh token and asks again.";
        /// A firewall answers 403 with a page for people.
        "firewall" = Firewall
        => [Order Request Dispatch Produce Notify] live, "403 with HTML, which no contract knows; repeating does not help, and the customer is told sorry.";
        /// The answer is 404, and nothing was done.
        "not-found" = NotFound
        => [Order Request Dispatch Produce Notify] live, "404 on a path that exists.";
        /// The answer is a redirect.
        "redirect" = Redirect { to: String = "https://login.example/", "What the header Location says." }
        => [Order Request Dispatch Produce Notify] live, "307 to a place where no credentials may be sent.";
        /// A page of some portal comes instead of the answer, with 200.
        "html" = Html { effect: Effect = "none", "Whether the handler did its work nevertheless." }
        => [Order Request Dispatch Produce Notify] live, "200 with HTML where JSON belongs, which is no acceptance.";
        /// A body is not what was sent.
        "garbled-body" = Garbled { half: Half = "answer", "Which half of the exchange." }
        => [Order Request Dispatch Produce Notify] live, "A body that is no JSON.";
        /// A body ends too early.
        "cut-body" = Cut { keep: Percent = "50%", "How much of it arrives."; half: Half = "answer", "Which half of the exchange." }
        => [Order Request Dispatch Produce Notify] live, "A body that ends in the middle.";
        /// A body says that it is something else.
        "wrong-content-type" = WrongContentType { says: String = "text/plain", "What the header Content-Type says."; half: Half = "answer", "Which half of the exchange." }
        => [Order Request Dispatch Produce Notify] live, "JSON that calls itself something else.";
        /// A body is far longer than any honest one.
        "huge-body" = Huge { bytes: u32 = "4000000", "How long it is."; half: Half = "answer", "Which half of the exchange." }
        => [Order Request Dispatch Produce Notify] live, "A body of megabytes, which it must not keep.";
        /// Two machines do not reach each other.
        "partition" = Partition { ways: Ways = "both", "Which directions are cut." }
        => [Dispatch Request Order Produce Notify] live, "Time-outs where it calls; where others are cut off, a delay, or an exception when they give up.";
    }
}
